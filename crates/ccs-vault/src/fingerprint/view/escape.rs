//! Lines with backslash escapes in them, as JSON and most languages write strings.

use super::{Origin, View, hex};
use crate::fingerprint::Form;

pub(in crate::fingerprint) fn each(text: &[u8], visit: &mut dyn FnMut(&View<'_>)) {
    let (mut bytes, mut places) = (Vec::new(), Vec::new());
    let mut at = 0;
    while let Some(slash) = memchr::memchr(b'\\', &text[at..]) {
        let slash = at + slash;
        let start = memchr::memrchr(b'\n', &text[at..slash]);
        let start = start.map_or(at, |before| at + before + 1);
        let end = memchr::memchr(b'\n', &text[slash..]);
        let end = end.map_or(text.len(), |length| slash + length);
        if decode(&text[start..end], start, &mut bytes, &mut places) {
            let origin = Origin::Places(&places);
            visit(&View {
                form: Form::Escaped,
                bytes: &bytes,
                origin,
            });
        }
        at = end;
    }
}

/// Whether anything was to decode.
fn decode(line: &[u8], start: usize, bytes: &mut Vec<u8>, places: &mut Vec<usize>) -> bool {
    bytes.clear();
    places.clear();
    let mut at = 0;
    while at < line.len() {
        let (character, length) = escaped(&line[at..]).unwrap_or((char::from(0), 0));
        if length == 0 {
            bytes.push(line[at]);
            places.push(start + at);
            at += 1;
            continue;
        }
        let mut utf8 = [0; 4];
        for byte in character.encode_utf8(&mut utf8).bytes() {
            bytes.push(byte);
            places.push(start + at);
        }
        at += length;
    }
    places.push(start + at);
    bytes.len() < line.len()
}

/// What an escape at the beginning stands for, and its length.
fn escaped(rest: &[u8]) -> Option<(char, usize)> {
    let (b'\\', next) = (*rest.first()?, *rest.get(1)?) else {
        return None;
    };
    let simple = match next {
        b'n' => '\n',
        b'r' => '\r',
        b't' => '\t',
        b'b' => '\u{8}',
        b'f' => '\u{c}',
        b'"' | b'\'' | b'\\' | b'/' | b'`' | b'$' => char::from(next),
        b'u' => return unicode(rest),
        b'x' => return Some((char::from_u32(number(rest.get(2..4)?)?)?, 4)),
        _ => return None,
    };
    Some((simple, 2))
}

/// `\uXXXX`, or two of them that are one character.
fn unicode(rest: &[u8]) -> Option<(char, usize)> {
    let first = number(rest.get(2..6)?)?;
    if !(0xd800..0xdc00).contains(&first) {
        return Some((char::from_u32(first)?, 6));
    }
    let second = rest
        .get(6..8)
        .filter(|next| next == b"\\u")
        .and_then(|_| number(rest.get(8..12)?))?;
    let low = second.checked_sub(0xdc00).filter(|low| *low < 0x400)?;
    Some((
        char::from_u32(0x10000 + ((first - 0xd800) << 10) + low)?,
        12,
    ))
}

fn number(digits: &[u8]) -> Option<u32> {
    digits.iter().try_fold(0, |number, &byte| {
        Some(number << 4 | u32::from(hex::digit(byte)?))
    })
}
