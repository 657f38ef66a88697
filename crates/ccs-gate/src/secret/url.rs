//! Passwords in addresses: `scheme://user:password@host`.

use super::rule::{SCHEMES, Set, URL_TOKEN, look_up};
use super::scan::{Confidence, Kind, Scan};
use super::sham;
use super::value::{self, Shape};

/// Where an address ends at the latest.
const LONGEST: usize = 512;

/// Reads the address whose `://` stands at `at`.
pub(super) fn at(scan: &mut Scan<'_>, at: usize) {
    let from = at + 3;
    if scan.is_read(Kind::Address, from) {
        return;
    }
    let end = end(scan, from);
    scan.read(Kind::Address, from, end);
    let text = &scan.text[from..end];
    scan.work += text.len() as u64;
    let Some(host) = userinfo_end(text) else {
        return;
    };
    let userinfo = &text[..host];
    let password = userinfo
        .iter()
        .position(|&b| b == b':')
        .map(|colon| colon + 1);
    let (user, secret) = match password {
        Some(at) => (&userinfo[..at - 1], &userinfo[at..]),
        None => (&b""[..], userinfo),
    };
    if !is_password(user, secret, &text[host + 1..], password.is_some()) {
        return;
    }
    let rule = match password {
        Some(_) => scheme(scan, at),
        None => Some(URL_TOKEN),
    };
    let Some(rule) = rule else { return };
    let start = from + password.unwrap_or(0);
    scan.add(rule, start, from + host, Confidence::Medium);
}

/// The end of what belongs to the address: a space, a quote or a bracket.
fn end(scan: &Scan<'_>, from: usize) -> usize {
    const STOP: Set = Set::of(b" \t\r\n\"'`<>\\|^");
    let rest = scan.text[from..].iter().take(LONGEST);
    from + rest.take_while(|&&b| !STOP.has(b) && b >= b' ').count()
}

/// Where the user's part ends: at the last `@` before the path. A password may have a `/` in it;
/// then a host must follow.
fn userinfo_end(text: &[u8]) -> Option<usize> {
    let path = text.iter().position(|b| matches!(b, b'/' | b'?' | b'#'));
    let authority = &text[..path.unwrap_or(text.len())];
    if let Some(at) = authority.iter().rposition(|&b| b == b'@') {
        return Some(at);
    }
    let colon = authority.iter().position(|&b| b == b':')?;
    let port = &authority[colon + 1..];
    if !port.is_empty() && port.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let at = text.iter().position(|&b| b == b'@')?;
    let host = text[at + 1..]
        .iter()
        .take_while(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-'));
    let plain = !text[..at]
        .iter()
        .any(|b| matches!(b, b'=' | b'&' | b'{' | b',' | b'('));
    (plain && host.count() >= 3).then_some(at)
}

/// Whether it is worth hiding: no placeholder, and on a made-up host not a made-up word either.
fn is_password(user: &[u8], secret: &[u8], host: &[u8], named: bool) -> bool {
    let shape = Shape::of(secret);
    if !named {
        return secret.len() >= 20 && shape.is_random() && !value::is_reference(secret);
    }
    let known =
        secret.eq_ignore_ascii_case(user) || value::is_weak(secret) || sham::is_sham(secret);
    if known || secret.len() < 4 || value::is_reference(secret) {
        return false;
    }
    let sample = [
        "example",
        "localhost",
        "127.0.0.1",
        "0.0.0.0",
        "host",
        "server",
    ];
    let sample = sample.iter().any(|name| {
        host.len() >= name.len()
            && host[..name.len().max(host.len().min(24))]
                .windows(name.len())
                .any(|w| w.eq_ignore_ascii_case(name.as_bytes()))
    });
    if sample {
        shape.is_strong()
    } else {
        shape.is_password() || shape.surprise > 5.6
    }
}

/// The rule for the scheme before `at`; what is not known is taken for a web address.
fn scheme(scan: &Scan<'_>, at: usize) -> Option<u16> {
    let before = scan.text[at.saturating_sub(24)..at].iter().rev();
    let len = before
        .take_while(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'-' | b'.'))
        .count();
    let scheme = String::from_utf8_lossy(&scan.text[at - len..at]).to_ascii_lowercase();
    look_up(SCHEMES, &scheme).or_else(|| look_up(SCHEMES, "http"))
}
