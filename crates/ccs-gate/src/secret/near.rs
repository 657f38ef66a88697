//! Tokens without a mark of their own: their form counts only near a word that says whose they
//! are, and only where the text speaks of a key.

use super::form::{self, Match};
use super::rule::{FORMS, Form, Part, RULES, Rule, Set};
use super::scan::{Confidence, Scan};
use super::sham;
use super::surprise::surprise;

/// How far the value may be from the word, in bytes.
const BEFORE: usize = 96;
const AFTER: usize = 200;

/// What was already tried for a form.
#[derive(Debug)]
pub(super) struct Tried {
    form: u16,
    /// Up to here, every place.
    to: usize,
    /// The last matches that only the words around them spoke against.
    unsaid: Vec<Match>,
}

/// How many of them are kept.
const UNSAID: usize = 6;

/// Looks for the form around the word at `at..end`.
pub(super) fn at(scan: &mut Scan<'_>, number: u16, at: usize, end: usize) {
    let form = &FORMS[usize::from(number)];
    let from = scan.line_start(at, BEFORE);
    let to = lines_end(scan, end);
    let mut tried = take(scan, number);
    tried
        .unsaid
        .retain(|&found| found.end > from && !report(scan, form, found, (at, end)));
    let mut start = from.max(tried.to);
    while start < to {
        let found = starts(scan, start, form)
            .then(|| form::from(scan, form, start))
            .flatten();
        scan.work += 1;
        start += 1;
        let Some(found) = found else { continue };
        if plausible(scan, &RULES[usize::from(form.rule)], form, found) {
            if !report(scan, form, found, (at, end)) {
                tried.unsaid.push(found);
            }
            start = start.max(found.end);
        }
    }
    let extra = tried.unsaid.len().saturating_sub(UNSAID);
    tried.unsaid.drain(..extra);
    tried.to = tried.to.max(start);
    scan.tried.push(tried);
}

/// What was tried for the form, taken out of what is known.
fn take(scan: &mut Scan<'_>, form: u16) -> Tried {
    let known = scan.tried.iter().position(|tried| tried.form == form);
    known.map_or(
        Tried {
            form,
            to: 0,
            unsaid: Vec::new(),
        },
        |at| scan.tried.swap_remove(at),
    )
}

/// Reports the match if the text speaks of a key. Only a form with a mark of its own is certain.
fn report(scan: &mut Scan<'_>, form: &Form, found: Match, word: (usize, usize)) -> bool {
    let apart = found.end <= word.0 || found.start >= word.1;
    if !apart || !spoken_of(scan, found, word) {
        return false;
    }
    if let Some(sure) = form::accept(scan, &RULES[usize::from(form.rule)], found) {
        let marked = matches!(form.parts[0], Part::Text(_));
        let sure = if marked {
            sure
        } else {
            sure.min(Confidence::Medium)
        };
        scan.add(form.rule, found.secret.0, found.secret.1, sure);
    }
    true
}

/// The end of the line, or of the second line on if lines are short.
fn lines_end(scan: &Scan<'_>, from: usize) -> usize {
    let mut end = from;
    for _ in 0..3 {
        end = scan.line_end(end + 1, (from + AFTER).saturating_sub(end + 1));
        if end >= from + AFTER {
            break;
        }
    }
    end.min(scan.text.len())
}

/// Whether a token may begin here: a cheap look before the form is tried.
fn starts(scan: &Scan<'_>, at: usize, form: &Form) -> bool {
    let byte = scan.byte(at);
    match &form.parts[0] {
        Part::Text(text) => text.as_bytes()[0] == byte,
        Part::Run { set, .. } => {
            let before = scan.before(at);
            let free = !set.has(before) || before == b'=' || form::escape_before(scan.text, at);
            set.has(byte) && free
        }
    }
}

/// Whether one of the rule's words stands on the lines around the match.
pub(super) fn mentioned(scan: &mut Scan<'_>, rule: &Rule, found: Match) -> bool {
    let from = found.start.saturating_sub(AFTER);
    let to = scan.line_end(found.end, BEFORE);
    scan.work += (to - from) as u64;
    sham::has_word(&scan.text[from..to], rule.near)
}

/// Whether the value itself could be a key: drawn by chance, and no digest.
fn plausible(scan: &Scan<'_>, rule: &Rule, form: &Form, found: Match) -> bool {
    let secret = &scan.text[found.secret.0..found.secret.1];
    let digit = secret.iter().any(u8::is_ascii_digit);
    let hex = secret.iter().all(|b| b.is_ascii_hexdigit() || *b == b'-');
    let draws = |from: u8| {
        let mut runs = form.parts.iter();
        runs.any(|part| matches!(part, Part::Run { set, .. } if set.has(from)))
    };
    let digits = (b'0'..=b'9').any(draws);
    // a form of hexadecimal digits only says nothing through the letters that it draws
    let letters = draws(b'q') || draws(b'Q');
    let fits = match hex {
        true => secret.len() < 20 || !draws(b'q'),
        false => !letters || surprise(secret) > 5.6,
    };
    fits && digit == digits
        && !sham::is_sham(secret)
        && !sham::has_word(secret, rule.stop)
        && !is_digest(scan, found)
}

/// Words before a value that make it a digest, an id or a place.
const DIGEST: &[&str] = &[
    "sha1",
    "sha2",
    "sha3",
    "sha5",
    "sha:",
    "sha=",
    "sha ",
    "md5",
    "commit",
    "checksum",
    "integrity",
    "digest",
    "blob",
    "tree",
    "rev:",
    "rev=",
    "rev ",
    "revision",
    "fingerprint",
    "etag",
    "nonce",
    "trace",
    "span",
    "uuid",
    "guid",
];

/// Whether the text before the value calls it a digest, or it stands in a path or an address.
fn is_digest(scan: &Scan<'_>, found: Match) -> bool {
    let line = scan.line_start(found.start, 32);
    let before = &scan.text[line..found.start];
    let last = before.last().copied().unwrap_or(b'\n');
    let word = before
        .iter()
        .rposition(u8::is_ascii_alphanumeric)
        .map_or(0, |at| at + 1);
    let name = &before[..word];
    matches!(last, b'/' | b'@' | b'#' | b'.')
        || sham::has_word(before, DIGEST)
        || [&b"id"[..], b"hash"]
            .iter()
            .any(|end| name.to_ascii_lowercase().ends_with(end))
}

/// Words that say that a text is about a key.
const KEYISH: &[&str] = &[
    "key",
    "token",
    "secret",
    "pass",
    "pwd",
    "credential",
    "auth",
    "api",
    "access",
    "pat",
    "bearer",
    "login",
    "license",
    "webhook",
    "private",
];

/// Signs that may stand between a word and its value.
const BETWEEN: Set = Set::of(b" \t|:=>\"'`<([{,-");

/// Whether the text around the value speaks of a key, or names only the owner: `| okta | … |`.
fn spoken_of(scan: &mut Scan<'_>, found: Match, (word, word_end): (usize, usize)) -> bool {
    if word_end <= found.start {
        let between = &scan.text[word_end..found.start];
        if between.len() <= 12 && between.iter().all(|&b| BETWEEN.has(b)) {
            return true;
        }
    }
    let from = scan.line_start(word.min(found.start), 48);
    let to = scan.line_end(found.end.max(word_end), 48);
    scan.work += (to - from) as u64;
    sham::has_word(&scan.text[from..found.start], KEYISH)
        || sham::has_word(&scan.text[found.end..to], KEYISH)
}
