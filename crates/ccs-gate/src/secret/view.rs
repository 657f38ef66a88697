//! The text as it is, and what its encoded parts stand for: percent and backslash escapes, HTML
//! entities, invisible characters, base64. Places in a decoded part are led back to the text.

use memchr::{memchr, memchr_iter, memrchr};

use super::base64;
use super::rule::Set;
use super::scan::{Candidate, Confidence, Scan};

/// How a secret was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Form {
    /// As it is.
    Plain,
    /// With percent escapes, as in an address.
    Percent,
    /// With backslash escapes, as in JSON.
    Escaped,
    /// With HTML entities.
    Entity,
    /// With invisible characters in it.
    Invisible,
    /// In base64.
    Base64,
}

/// A candidate and how it was written.
#[derive(Clone, Copy, Debug)]
pub(super) struct Seen {
    pub(super) candidate: Candidate,
    pub(super) form: Form,
}

/// How often a part that was decoded is decoded again.
const DEPTH: u8 = 2;

/// All candidates in a text and in what its parts stand for.
pub(super) fn scan(text: &[u8]) -> Vec<Seen> {
    let mut seen = Vec::new();
    look(text, DEPTH, &mut |candidate, form| {
        seen.push(Seen { candidate, form });
    });
    seen
}

fn look(text: &[u8], depth: u8, report: &mut dyn FnMut(Candidate, Form)) {
    for candidate in Scan::new(text).run().found {
        report(candidate, Form::Plain);
    }
    if depth == 0 {
        return;
    }
    for (form, first) in [
        (Form::Percent, b'%'),
        (Form::Escaped, b'\\'),
        (Form::Entity, b'&'),
        (Form::Invisible, 0xe2),
    ] {
        escapes(text, form, first, depth, report);
    }
    encoded(text, depth, report);
}

/// Decodes the lines that have an escape in them.
fn escapes(text: &[u8], form: Form, first: u8, depth: u8, report: &mut dyn FnMut(Candidate, Form)) {
    let mut decoded = Decoded::default();
    let mut done = 0;
    for at in memchr_iter(first, text) {
        if at < done || unescape(form, &text[at..]).is_none() {
            continue;
        }
        let from = memrchr(b'\n', &text[done..at]).map_or(done, |line| done + line + 1);
        let to = memchr(b'\n', &text[at..]).map_or(text.len(), |len| at + len + 1);
        if from > done {
            decoded.text.extend_from_slice(APART);
        }
        decoded.line(form, first, text, (from, at), to);
        done = to;
    }
    if decoded.text.is_empty() {
        return;
    }
    look(&decoded.text, depth - 1, &mut |found, _| {
        let start = decoded.source(found.start);
        let end = decoded.source(found.end);
        report(
            Candidate {
                start,
                end,
                ..found
            },
            form,
        );
    });
}

/// What keeps decoded lines that do not follow each other from being read together.
const APART: &[u8] = b"\n\n\n\n";

/// Decoded lines and where they come from.
#[derive(Default)]
struct Decoded {
    text: Vec<u8>,
    /// From the first place in `text` on, bytes come from the second in the source.
    places: Vec<(usize, usize)>,
}

impl Decoded {
    /// Adds the line at `from..to`, whose first escape stands at `at`.
    fn line(
        &mut self,
        form: Form,
        first: u8,
        source: &[u8],
        (from, at): (usize, usize),
        to: usize,
    ) {
        self.places.push((self.text.len(), from));
        self.text.extend_from_slice(&source[from..at]);
        let mut at = at;
        while at < to {
            if let Some((len, character)) = unescape(form, &source[at..to]) {
                self.places.push((self.text.len(), at));
                if form != Form::Invisible {
                    let mut bytes = [0; 4];
                    self.text
                        .extend_from_slice(character.encode_utf8(&mut bytes).as_bytes());
                }
                at += len;
                self.places.push((self.text.len(), at));
            } else {
                self.text.push(source[at]);
                at += 1;
            }
            let next = memchr(first, &source[at..to]).map_or(to, |len| at + len);
            self.text.extend_from_slice(&source[at..next]);
            at = next;
        }
    }

    /// Where the byte at `at` comes from.
    fn source(&self, at: usize) -> usize {
        let index = self.places.partition_point(|&(place, _)| place <= at) - 1;
        let (place, source) = self.places[index];
        source + (at - place)
    }
}

/// The escape that the text begins with: its length and what it stands for. An invisible
/// character stands for U+200B.
fn unescape(form: Form, text: &[u8]) -> Option<(usize, char)> {
    match form {
        Form::Percent => hex(text.get(1..3)?).map(|code| (3, code)),
        Form::Escaped => backslash(text),
        Form::Entity => entity(text),
        Form::Invisible => {
            let code = [*text.get(1)?, *text.get(2)?];
            matches!(code, [0x80, 0x8b..=0x8f] | [0x81, 0xa0..=0xa4]).then_some((3, '\u{200b}'))
        }
        Form::Plain | Form::Base64 => None,
    }
}

fn hex(digits: &[u8]) -> Option<char> {
    let digits = std::str::from_utf8(digits).ok()?;
    let whole = digits.bytes().all(|b| b.is_ascii_hexdigit());
    whole
        .then(|| {
            u32::from_str_radix(digits, 16)
                .ok()
                .and_then(char::from_u32)
        })
        .flatten()
}

fn backslash(text: &[u8]) -> Option<(usize, char)> {
    Some(match text.get(1)? {
        b'n' => (2, '\n'),
        b'r' => (2, '\r'),
        b't' => (2, '\t'),
        b'u' => (6, hex(text.get(2..6)?)?),
        b'x' => (4, hex(text.get(2..4)?)?),
        sign @ (b'"' | b'\'' | b'/' | b'\\') => (2, char::from(*sign)),
        _ => return None,
    })
}

fn entity(text: &[u8]) -> Option<(usize, char)> {
    if !matches!(text.get(1)?, b'#' | b'q' | b'a' | b'l' | b'g' | b'n') {
        return None;
    }
    let end = text.iter().take(10).position(|&b| b == b';')?;
    let name = std::str::from_utf8(&text[1..end]).ok()?;
    let sign = match name {
        "quot" => '"',
        "apos" => '\'',
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "nbsp" => ' ',
        _ => {
            let number = name.strip_prefix('#')?;
            let code = match number.strip_prefix(['x', 'X']) {
                Some(digits) => u32::from_str_radix(digits, 16).ok()?,
                None => number.parse().ok()?,
            };
            char::from_u32(code)?
        }
    };
    Some((end + 1, sign))
}

const BASE64: Set = Set::URL64.and(Set::of(b"+/"));

/// The same as a table: it is asked at every byte of every text.
static IN_BASE64: [bool; 256] = {
    let (mut table, mut byte) = ([false; 256], 0);
    while byte < 128 {
        table[byte] = BASE64.has(byte as u8);
        byte += 1;
    }
    table
};

fn in_base64(byte: &u8) -> bool {
    IN_BASE64[usize::from(*byte)]
}

/// The shortest base64 that is decoded.
const SHORTEST: usize = 24;

/// A run is looked for in steps of so many bytes: whatever is long enough fills one of them.
const STEP: usize = SHORTEST / 2;

/// Decodes the long runs of base64 that stand for text.
fn encoded(text: &[u8], depth: u8, report: &mut dyn FnMut(Candidate, Form)) {
    let mut at = STEP - 1;
    while let Some(window) = text.get(at + 1 - STEP..=at) {
        // one branch that is seldom taken costs less than a few that nobody could foretell
        if !window.iter().fold(true, |all, byte| all & in_base64(byte)) {
            at += STEP;
            continue;
        }
        let back = text[..at].iter().rev().take_while(|b| in_base64(b)).count();
        let start = at - back;
        let end = run_end(text, start);
        if end - start >= SHORTEST {
            decode(text, start, end, depth, report);
        }
        at = end + STEP;
    }
}

/// The end of a run; lines that are as long as encoders make them go on with the next.
fn run_end(text: &[u8], start: usize) -> usize {
    let mut from = start;
    loop {
        let len = text[from..].iter().take_while(|b| in_base64(b)).count();
        let end = from + len;
        let blank = text[end..]
            .iter()
            .take(32)
            .take_while(|b| b.is_ascii_whitespace())
            .count();
        let more = len >= 56 && text[end..].iter().take(2).any(|&b| b == b'\n');
        if !more || !text.get(end + blank).is_some_and(in_base64) {
            return end;
        }
        from = end + blank;
    }
}

fn decode(
    text: &[u8],
    start: usize,
    end: usize,
    depth: u8,
    report: &mut dyn FnMut(Candidate, Form),
) {
    let printable = |b: &u8| (b' '..0x7f).contains(b) || matches!(b, b'\n' | b'\r' | b'\t');
    let head = base64::decode(&text[start..start + 16]);
    if !head.is_some_and(|head| head.iter().all(printable)) {
        return;
    }
    let whole = start + (end - start) / 4 * 4;
    let bytes = base64::decode(&text[start..end]).or_else(|| base64::decode(&text[start..whole]));
    let Some(bytes) = bytes else { return };
    if bytes.iter().filter(|b| printable(b)).count() * 10 < bytes.len() * 9 {
        return;
    }
    let padding = text[end..]
        .iter()
        .take(2)
        .take_while(|&&b| b == b'=')
        .count();
    look(&bytes, depth - 1, &mut |found, _| {
        if found.confidence >= Confidence::Medium {
            report(
                Candidate {
                    start,
                    end: end + padding,
                    ..found
                },
                Form::Base64,
            );
        }
    });
}
