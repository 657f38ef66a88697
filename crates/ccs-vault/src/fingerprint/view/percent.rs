//! Words with `%XX` in them.

use super::{Origin, View, hex};
use crate::fingerprint::Form;

pub(super) fn each(text: &[u8], visit: &mut dyn FnMut(&View<'_>)) {
    let (mut bytes, mut places) = (Vec::new(), Vec::new());
    let mut at = 0;
    while let Some(percent) = memchr::memchr(b'%', &text[at..]) {
        let percent = at + percent;
        let start = text[at..percent].iter().rposition(|&byte| ends_word(byte));
        let start = start.map_or(at, |before| at + before + 1);
        let end = text[percent..].iter().position(|&byte| ends_word(byte));
        let end = end.map_or(text.len(), |length| percent + length);
        if decode(&text[start..end], start, &mut bytes, &mut places) {
            let origin = Origin::Places(&places);
            visit(&View {
                form: Form::Percent,
                bytes: &bytes,
                origin,
            });
        }
        at = end;
    }
}

fn ends_word(byte: u8) -> bool {
    byte <= b' ' || b"\"'<>`".contains(&byte)
}

/// Whether anything was to decode.
fn decode(word: &[u8], start: usize, bytes: &mut Vec<u8>, places: &mut Vec<usize>) -> bool {
    bytes.clear();
    places.clear();
    let mut at = 0;
    while at < word.len() {
        let coded = coded(&word[at..]);
        bytes.push(coded.unwrap_or(word[at]));
        places.push(start + at);
        at += if coded.is_some() { 3 } else { 1 };
    }
    places.push(start + at);
    bytes.len() < word.len()
}

fn coded(rest: &[u8]) -> Option<u8> {
    match rest {
        [b'%', high, low, ..] => Some(hex::digit(*high)? << 4 | hex::digit(*low)?),
        _ => None,
    }
}
