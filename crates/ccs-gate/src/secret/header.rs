//! HTTP credentials: `Basic …` and `Bearer …`.

use super::rule::{HEADER_BASIC, HEADER_BEARER, Set};
use super::scan::{Confidence, Scan};
use super::value::{self, Shape};
use super::{check, sham};

const BASE64: Set = Set::URL64.and(Set::of(b"+/="));
const TOKEN: Set = BASE64.and(Set::of(b".~:"));

/// Reads the credentials that begin after `Basic `.
pub(super) fn basic(scan: &mut Scan<'_>, at: usize, end: usize) {
    let Some((start, end)) = token(scan, BASE64, at, end) else {
        return;
    };
    let Some(password) = check::userinfo(&scan.text[start..end]) else {
        return;
    };
    if !value::is_weak(&password) && !sham::is_sham(&password) && password.len() >= 4 {
        scan.add(HEADER_BASIC, start, end, Confidence::High);
    }
}

/// Reads the token that begins after `Bearer `.
pub(super) fn bearer(scan: &mut Scan<'_>, at: usize, end: usize) {
    let Some((start, end)) = token(scan, TOKEN, at, end) else {
        return;
    };
    let secret = &scan.text[start..end];
    let shape = Shape::of(secret);
    if secret.len() >= 16 && (shape.is_random() || shape.is_hex()) && !sham::is_sham(secret) {
        scan.add(HEADER_BEARER, start, end, Confidence::Medium);
    }
}

/// The token after the word at `at..end`, without signs that end a sentence.
fn token(scan: &mut Scan<'_>, set: Set, at: usize, end: usize) -> Option<(usize, usize)> {
    if Set::WORD.has(scan.before(at)) {
        return None;
    }
    let spaces = scan.text[end..]
        .iter()
        .take(4)
        .take_while(|&&b| b == b' ')
        .count();
    let start = end + spaces;
    let mut end = scan.run_end(set, start);
    while end > start && matches!(scan.byte(end - 1), b'.' | b':') {
        end -= 1;
    }
    (end >= start + 8).then_some((start, end))
}
