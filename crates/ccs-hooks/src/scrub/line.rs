//! Where the secrets of a line of JSON are, and what is written over them.
//!
//! The strings are decoded and looked through one by one; what is found is led back to the bytes
//! of the line. So the line keeps every byte that is not part of a secret.

use std::ops::Range;

use crate::prompt;
use crate::prompt::find::{Finder, Hit, Voice, What};

/// A part of a text and what to write over it; both have the same length.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Spot {
    pub(super) range: Range<usize>,
    pub(super) with: Vec<u8>,
}

/// Records of prompts as they were typed, before anything was judged.
const TYPED: [&str; 2] = ["\"type\":\"queue-operation\"", "\"type\":\"last-prompt\""];
/// The value of such a key is checked by the model's provider, and it is no secret.
const SIGNATURE: &str = "signature";

/// The secrets of a line of JSON.
pub(super) fn of_json(finder: &Finder, line: &str, voice: Voice) -> Vec<Spot> {
    let head = line.get(..200).unwrap_or(line);
    let voice = match TYPED.iter().any(|typed| head.contains(typed)) {
        true => Voice::Prompt,
        false => voice,
    };
    let mut spots = Vec::new();
    let mut key = "";
    let mut at = 0;
    while let Some(raw) = next_string(line, at) {
        at = raw.end + 1;
        let text = &line[raw.clone()];
        if line[at..].trim_start().starts_with(':') {
            key = text;
        } else if key != SIGNATURE {
            in_string(finder, line, raw, voice, &mut spots);
        }
    }
    spots
}

/// The secrets of a text.
pub(super) fn of_text(finder: &Finder, text: &str, voice: Voice) -> Vec<Spot> {
    let mut spots = Vec::new();
    for hit in hits(finder, text, voice) {
        spots.extend(spot(text, hit.range, &hit.what));
    }
    spots
}

/// In prompts that were typed, what their writer said is no secret stays.
fn hits(finder: &Finder, text: &str, voice: Voice) -> Vec<Hit> {
    let mut hits = finder.find(text, voice);
    if voice == Voice::Prompt {
        prompt::heed_marks(text, &mut hits);
    }
    hits
}

/// Between the quotes of the next string.
fn next_string(line: &str, from: usize) -> Option<Range<usize>> {
    let start = from + line.get(from..)?.find('"')? + 1;
    let bytes = line.as_bytes();
    let mut at = start;
    loop {
        match bytes.get(at)? {
            b'"' => return Some(start..at),
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
}

fn in_string(finder: &Finder, line: &str, raw: Range<usize>, voice: Voice, spots: &mut Vec<Spot>) {
    let text = &line[raw.clone()];
    if !text.contains('\\') {
        for hit in hits(finder, text, voice) {
            let range = raw.start + hit.range.start..raw.start + hit.range.end;
            spots.extend(spot(line, range, &hit.what));
        }
        return;
    }
    let (decoded, origins) = decoded(text);
    for hit in hits(finder, &decoded, voice) {
        let range = raw.start + origins[hit.range.start]..raw.start + origins[hit.range.end];
        spots.extend(spot(line, range, &hit.what));
    }
}

/// A string without its escapes, and for each of its bytes where it came from; one more for the
/// end. What is no escape is kept as it stands.
fn decoded(raw: &str) -> (String, Vec<usize>) {
    let mut text = String::with_capacity(raw.len());
    let mut origins = Vec::with_capacity(raw.len() + 1);
    let mut at = 0;
    while let Some(letter) = raw[at..].chars().next() {
        let (letter, length) = match letter {
            '\\' => escape(&raw[at..]).unwrap_or(('\\', 1)),
            _ => (letter, letter.len_utf8()),
        };
        origins.resize(origins.len() + letter.len_utf8(), at);
        text.push(letter);
        at += length;
    }
    origins.push(raw.len());
    (text, origins)
}

/// What an escape at the start of a text stands for, and its length.
fn escape(raw: &str) -> Option<(char, usize)> {
    let plain = |letter| Some((letter, 2));
    match raw.as_bytes().get(1)? {
        b'n' => plain('\n'),
        b't' => plain('\t'),
        b'r' => plain('\r'),
        b'b' => plain('\u{8}'),
        b'f' => plain('\u{c}'),
        byte @ (b'"' | b'\\' | b'/') => plain(char::from(*byte)),
        b'u' => unicode(raw),
        _ => None,
    }
}

fn unicode(raw: &str) -> Option<(char, usize)> {
    let code = |at: usize| u32::from_str_radix(raw.get(at..at + 4)?, 16).ok();
    let high = code(2)?;
    if let Some(letter) = char::from_u32(high) {
        return Some((letter, 6));
    }
    let low = raw.get(6..8).filter(|next| *next == "\\u").and(code(8));
    match (high, low) {
        (0xD800..0xDC00, Some(low @ 0xDC00..0xE000)) => {
            let code = 0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00);
            Some((char::from_u32(code)?, 12))
        }
        _ => Some((char::REPLACEMENT_CHARACTER, 6)),
    }
}

/// A mark (`[ccs:NAME]`) and asterisks up to the length, or asterisks alone; `None` if it stands there
/// already. Letters that mean the same in any string of JSON.
fn spot(text: &str, range: Range<usize>, what: &What) -> Option<Spot> {
    let there = &text.as_bytes()[range.clone()];
    let is_ours = |byte: &u8| *byte == b'*';
    let is_mark = there.starts_with(b"[secret:") || there.starts_with(b"[ccs:");
    if is_mark || there.iter().all(is_ours) {
        return None;
    }
    let mark = what.mark();
    let is_plain = mark
        .bytes()
        .all(|byte| matches!(byte, b' '..=b'~') && !b"\"\\".contains(&byte));
    let mut with = vec![b'*'; range.len()];
    if is_plain && mark.len() <= with.len() {
        with[..mark.len()].copy_from_slice(mark.as_bytes());
    }
    Some(Spot { range, with })
}
