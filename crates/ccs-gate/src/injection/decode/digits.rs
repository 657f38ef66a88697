//! Letters as numbers: hexadecimal in one piece, or groups of hexadecimal, binary or decimal
//! digits with something between.

use super::super::token::{Flags, Token};
use super::super::view::{Recovered, View};
use super::{begins_text, text_of};

/// Fewer letters hold no instruction.
const ENOUGH: usize = 12;

pub(super) fn find(text: &str, tokens: &[Token], found: &mut Vec<Recovered>) {
    let mut at = 0;
    while at < tokens.len() {
        let word = &text[tokens[at].start()..tokens[at].end()];
        if !tokens[at].flags.has(Flags::DIGIT) {
            at += 1;
            continue;
        }
        let (read, used) = if word.len() >= 2 * ENOUGH {
            (whole(word), 1)
        } else {
            groups(text, &tokens[at..])
        };
        if let Some(text) = read {
            let (start, end) = (tokens[at].start(), tokens[at + used - 1].end());
            found.push(Recovered {
                text,
                start,
                end,
                view: View::Digits,
            });
        }
        at += used;
    }
}

/// `57726974…`, or `01010111…`.
fn whole(word: &str) -> Option<String> {
    let digits = word.strip_prefix("0x").unwrap_or(word).as_bytes();
    let binary = digits.iter().all(|b| matches!(b, b'0' | b'1'));
    let (width, radix) = if binary { (8, 2) } else { (2, 16) };
    if !digits.len().is_multiple_of(width) {
        return None;
    }
    let read = |digits: &[u8]| -> Option<Vec<u8>> {
        digits
            .chunks(width)
            .map(|group| number(group, radix))
            .collect()
    };
    let head = read(&digits[..digits.len().min(16 * width)])?;
    if !begins_text(&head) {
        return None;
    }
    text_of(read(digits)?)
}

/// Groups of one kind in a row, and how many words they are.
fn groups(text: &str, tokens: &[Token]) -> (Option<String>, usize) {
    let first = &text.as_bytes()[tokens[0].start()..tokens[0].end()];
    let Some(kind) = Kind::of(first) else {
        return (None, 1);
    };
    let mut bytes = Vec::new();
    let mut end = tokens[0].start();
    for token in tokens {
        let group = &text.as_bytes()[token.start()..token.end()];
        let byte = kind.byte(group).filter(|_| token.start() - end <= 4);
        let Some(byte) = byte else {
            break;
        };
        bytes.push(byte);
        end = token.end();
    }
    let used = bytes.len().max(1);
    let is_text = bytes.len() >= ENOUGH && begins_text(&bytes[..ENOUGH]);
    (is_text.then(|| text_of(bytes)).flatten(), used)
}

#[derive(Clone, Copy)]
enum Kind {
    Binary,
    Hex,
    Decimal,
}

impl Kind {
    fn of(group: &[u8]) -> Option<Self> {
        let decimal = group.iter().all(u8::is_ascii_digit);
        match group.len() {
            8 if group.iter().all(|b| matches!(b, b'0' | b'1')) => Some(Self::Binary),
            // Letters from `a` on have three decimal digits, capitals and spaces two: the rest of
            // the row tells them from hexadecimal ones.
            3 if decimal => Some(Self::Decimal),
            2 | 4 if Self::Hex.byte(group).is_some() => Some(if decimal && group.len() == 2 {
                Self::either(group)
            } else {
                Self::Hex
            }),
            _ => None,
        }
    }

    /// A capital letter or a space, in decimal or hexadecimal digits.
    fn either(group: &[u8]) -> Self {
        match number(group, 16) {
            Some(b' ' | b'A'..=b'Z' | b'a'..=b'z') => Self::Hex,
            _ => Self::Decimal,
        }
    }

    fn byte(self, group: &[u8]) -> Option<u8> {
        match self {
            Self::Binary if group.len() == 8 => number(group, 2),
            Self::Hex if group.len() == 2 => number(group, 16),
            Self::Hex if group.len() == 4 && matches!(group, [b'0' | b'x', b'x' | b'0', ..]) => {
                number(&group[2..], 16)
            }
            Self::Decimal if (1..=3).contains(&group.len()) => number(group, 10),
            _ => None,
        }
    }
}

fn number(digits: &[u8], radix: u32) -> Option<u8> {
    let value = digits.iter().try_fold(0_u32, |value, &digit| {
        let value = value * radix + char::from(digit).to_digit(radix)?;
        Some(value).filter(|value| *value <= 0xff)
    });
    value
        .filter(|_| !digits.is_empty())
        .and_then(|value| u8::try_from(value).ok())
}
