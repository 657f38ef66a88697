//! Secrets in plain sentences: `the password Gx7… no longer works`, `q8Zk… is my api key`.
//!
//! A sentence ties nothing to its words, so only what nobody would write for anything else counts
//! here: long text that was drawn by chance, or a password of three kinds of characters.

use super::name::{self, Strength};
use super::rule::{GENERIC_KEY, GENERIC_PASSWORD, Set};
use super::scan::{Confidence, Scan};
use super::sham;
use super::value::{self, Shape};

/// How far from its word a secret may stand, in bytes.
const REACH: usize = 96;

/// The shortest key or token that is taken for one.
const SHORTEST: usize = 16;

/// Looks around the word at `at..end`, if it stands in a sentence.
pub(super) fn at(scan: &mut Scan<'_>, at: usize, end: usize) {
    if end <= scan.told || !is_word(scan, at, end) {
        return;
    }
    let word = &scan.text[at..end];
    let Some(named) = std::str::from_utf8(word).ok().and_then(name::read) else {
        return;
    };
    let chosen = named.strength == Strength::Password || sham::has_word(word, &["cred"]);
    let from = scan.line_start(at, REACH);
    let to = scan.line_end(end, REACH);
    scan.work += (to - from) as u64;
    if !is_sentence(&scan.text[from..to], chosen) || is_open(&scan.text[from..at]) {
        return;
    }
    scan.told = to;
    let (mut start, mut before) = (from, &b""[..]);
    while start < to {
        let rest = &scan.text[start..to];
        let len = rest.iter().position(|&b| b == b' ').unwrap_or(rest.len());
        let (open, close) = bare(&rest[..len]);
        let here = &rest[open..close];
        let next = before == word;
        if let Some(rule) = secret(here, before, chosen, next) {
            scan.add(rule, start + open, start + close, Confidence::Low);
        }
        before = here;
        start += len + 1;
    }
}

/// Whether the word is one of a sentence and no part of a name.
fn is_word(scan: &Scan<'_>, at: usize, end: usize) -> bool {
    let next = scan.byte(end);
    let apart = next == b' ' || b",.;:?!)\"\n".contains(&next);
    let rest = &scan.text[at + 1..end];
    let cased = rest.iter().all(u8::is_ascii_lowercase) || rest.iter().all(u8::is_ascii_uppercase);
    cased && apart && matches!(scan.before(at), b' ' | b'(' | b'"' | b'\n')
}

/// Words before a key that opens nothing.
const OPEN: &[&str] = &[
    "public",
    "publishable",
    "primary",
    "foreign",
    "sort",
    "partition",
    "cache",
    "csrf",
    "sample",
    "example",
    "dummy",
    "fake",
    "object",
    "translation",
];

/// Whether the last word makes the next one that of something open.
fn is_open(before: &[u8]) -> bool {
    let last = before
        .trim_ascii_end()
        .rsplit(|&b| b == b' ')
        .next()
        .unwrap_or_default();
    OPEN.iter()
        .any(|word| last.eq_ignore_ascii_case(word.as_bytes()))
}

/// Some words of letters and nothing that only code has. `few` words are enough before a password.
fn is_sentence(line: &[u8], few: bool) -> bool {
    const CODE: &[&str] = &[
        "();", "});", "=> ", " == ", "::", "</", "/*", "*/", " = ", "{ ",
    ];
    let words = || line.split(|&b| b == b' ').filter(|word| !word.is_empty());
    let plain = words().filter(|word| {
        let word = word.strip_suffix(b",").unwrap_or(word);
        word.iter().all(|b| b.is_ascii_alphabetic() || *b == b'\'')
    });
    let plain = plain.count();
    let enough = plain >= 3 || plain >= 2 && words().count() <= 4 || few && plain >= 1;
    enough && !sham::has_word(line, CODE)
}

/// Where a word begins and ends without quotes, brackets and the signs of the sentence.
fn bare(word: &[u8]) -> (usize, usize) {
    const OPEN: Set = Set::of(b"\"'`([<*");
    const CLOSE: Set = Set::of(b"\"'`)]>*.,;:?!");
    let open = word.iter().take_while(|&&b| OPEN.has(b)).count();
    let close = word[open..]
        .iter()
        .rev()
        .take_while(|&&b| CLOSE.has(b))
        .count();
    (open, word.len() - close)
}

/// Words before a value that say that it is something else.
const OTHER: &[&str] = &[
    "id",
    "commit",
    "revision",
    "rev",
    "sha",
    "sha1",
    "sha256",
    "md5",
    "hash",
    "digest",
    "fingerprint",
    "checksum",
    "version",
    "branch",
    "tag",
    "uuid",
    "bucket",
    "object",
    "account",
    "channel",
    "user",
    "public",
];

/// The rule under which a word is a secret. It is a password if one is spoken of (`chosen`), and a
/// hexadecimal key only directly after its name (`next`).
fn secret(word: &[u8], before: &[u8], chosen: bool, next: bool) -> Option<u16> {
    let other = OTHER
        .iter()
        .any(|other| before.eq_ignore_ascii_case(other.as_bytes()));
    let plain = word.iter().all(u8::is_ascii_graphic) && (8..=256).contains(&word.len());
    let place = word.starts_with(b"$") || word.iter().any(|b| b"/@".contains(b));
    if other || !plain || place || value::is_weak(word) || value::is_reference(word) {
        return None;
    }
    let shape = Shape::of(word);
    let joined = word.iter().any(|b| b"_.:".contains(b)) && shape.surprise < 6.8;
    let sure = shape.is_random() && shape.surprise > 6.4 && !joined;
    let drawn = word.len() >= SHORTEST && shape.digits >= 2 && sure;
    let opaque = drawn && !value::is_uuid(word) || next && word.len() >= 32 && shape.is_hex();
    let rule = if chosen {
        GENERIC_PASSWORD
    } else {
        GENERIC_KEY
    };
    let likely = (opaque || chosen && shape.is_mixed()) && !sham::is_sham(word);
    likely.then_some(rule)
}
