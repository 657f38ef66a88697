//! Private keys in armour, however their lines were joined, quoted, indented or escaped.

use super::rule::{LABELS, PRIVATE_KEY_PUTTY, Set, look_up};
use super::scan::{Confidence, Needle, Scan};
use super::sham;

/// The longest key that is read, in bytes: a 16384-bit RSA key with every line escaped.
const LONGEST: usize = 24 * 1024;

/// Reads a block whose dashes begin at `at`.
pub(super) fn at(scan: &mut Scan<'_>, at: usize) {
    let Some((rule, label, body)) = head(scan, at) else {
        return;
    };
    let foot = foot(scan, body, label);
    let limit = foot.map_or((body + LONGEST).min(scan.text.len()), |(start, _)| start);
    let (letters, last) = letters(scan, body, limit);
    let whole = foot.is_some() && letters >= 40;
    if whole || letters >= 80 {
        let end = foot.filter(|_| whole).map_or(last, |(_, end)| end);
        scan.add(rule, at, end, Confidence::High);
    }
}

/// The rule, the label and where the body begins.
fn head<'t>(scan: &Scan<'t>, at: usize) -> Option<(u16, &'t [u8], usize)> {
    let line = &scan.text[at..scan.line_end(at, 96)];
    let from = line
        .windows(6)
        .position(|w| w.eq_ignore_ascii_case(b"begin "))?
        + 6;
    let len = line[from..].windows(4).position(|w| w == b"----")?;
    let label = line[from..from + len].trim_ascii();
    let name = std::str::from_utf8(label).ok()?.to_ascii_uppercase();
    let rule = look_up(LABELS, &name)?;
    let dashes = line[from + len..]
        .iter()
        .take_while(|&&b| b == b'-')
        .count();
    Some((rule, label, at + from + len + dashes))
}

/// Where the closing line begins and ends.
fn foot(scan: &mut Scan<'_>, body: usize, label: &[u8]) -> Option<(usize, usize)> {
    let start = scan.next(Needle::KeyEnd, body, body + LONGEST)?;
    let text = start + b"---END ".len();
    let to = (text + label.len() + 12).min(scan.text.len());
    let closing = scan.text[text..to].iter();
    let len = closing
        .take_while(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || matches!(b, b' ' | b'-'))
        .count();
    Some((start, text + len))
}

/// How many base64 characters there are before anything that cannot be part of a key, and where
/// the last of them ends. None, if they are too alike or say that the key was left out.
fn letters(scan: &mut Scan<'_>, from: usize, to: usize) -> (usize, usize) {
    let (mut count, mut last, mut at) = (0, from, from);
    let (mut line, mut longest) = (0, 0);
    let mut seen = 0_u128;
    while at < to {
        match scan.text[at] {
            b'\\' if matches!(scan.byte(at + 1), b'n' | b'r' | b't') => (line, at) = (0, at + 1),
            b'-' if scan.text[at..].starts_with(b"-----") => break,
            byte if BASE64.has(byte) => {
                (count, line, last) = (count + 1, line + 1, at + 1);
                longest = longest.max(line);
                seen |= 1 << byte;
            }
            byte if !BETWEEN.has(byte) => break,
            _ => line = 0,
        }
        at += 1;
    }
    scan.work += (at - from) as u64;
    let head = &scan.text[from..last.min(from + 120)];
    let left_out = sham::has_word(head, &["your", "redacted", "key here", "snip"]);
    (
        if seen.count_ones() < 16 || longest < 24 || left_out {
            0
        } else {
            count
        },
        last,
    )
}

const BASE64: Set = Set::WORD.and(Set::of(b"+/="));

/// What stands between the lines of a key that was joined, quoted or indented.
const BETWEEN: Set = Set::of(b" \t\r\n\"'\\,:-|%#*.;&()`@>+");

/// Reads a PuTTY key file that begins at `at`.
pub(super) fn putty(scan: &mut Scan<'_>, at: usize) {
    let Some(private) = scan.next(Needle::PuttyLines, at, at + LONGEST) else {
        return;
    };
    let mac = scan.next(Needle::PuttyMac, private, private + LONGEST);
    let last = mac.unwrap_or(private);
    let end = scan.line_end(last, 160);
    scan.add(PRIVATE_KEY_PUTTY, at, end, Confidence::High);
}
