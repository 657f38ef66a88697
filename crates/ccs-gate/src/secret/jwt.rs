//! JSON web tokens, signed or encrypted.

use super::rule::{Set, TOKEN_JWT};
use super::scan::{Confidence, Scan};
use super::{base64, form, sham};

/// Reads a token whose header begins at `at`.
pub(super) fn at(scan: &mut Scan<'_>, at: usize) {
    if !scan.text[at..].starts_with(b"eyJ") || inside(scan, at) {
        return;
    }
    let header = scan.run_end(Set::URL64, at);
    if scan.byte(header) != b'.' || !is_header(&scan.text[at..header]) {
        return;
    }
    let payload = scan.run_end(Set::URL64, header + 1);
    if payload < header + 9 || scan.byte(payload) != b'.' {
        return;
    }
    let mut end = payload;
    for _ in 0..3 {
        if scan.byte(end) == b'.' && (Set::URL64.has(scan.byte(end + 1)) || end == payload) {
            end = scan.run_end(Set::URL64, end + 1);
        }
    }
    if end > payload + 16 && !sham::is_sham(&scan.text[payload + 1..end]) {
        scan.add(TOKEN_JWT, at, end, Confidence::High);
    }
}

fn inside(scan: &Scan<'_>, at: usize) -> bool {
    let before = scan.before(at);
    (before.is_ascii_alphanumeric() || matches!(before, b'_' | b'+'))
        && !form::escape_before(scan.text, at)
}

/// Whether it stands for the beginning of a JSON object.
fn is_header(text: &[u8]) -> bool {
    let whole = &text[..text.len().min(512) / 4 * 4];
    base64::decode(whole).is_some_and(|json| {
        let plain = json.iter().all(|b| (b' '..0x7f).contains(b));
        plain && json.starts_with(b"{\"") && sham::has_word(&json, &["\":"])
    })
}
