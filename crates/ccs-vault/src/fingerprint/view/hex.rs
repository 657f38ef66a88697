//! Stretches of hex digits, in pairs that follow each other or stand one separator apart.

use super::{Origin, View};
use crate::fingerprint::Form;

const NONE: u8 = 0xff;

const DIGITS: [u8; 256] = digits();

const fn digits() -> [u8; 256] {
    let mut table = [NONE; 256];
    let mut value = 0;
    while value < 16 {
        let lower = b"0123456789abcdef"[value];
        table[lower as usize] = value as u8;
        table[lower.to_ascii_uppercase() as usize] = value as u8;
        value += 1;
    }
    table
}

pub(super) fn each(text: &[u8], shortest: usize, visit: &mut dyn FnMut(&View<'_>)) {
    let mut bytes = Vec::new();
    let mut at = 0;
    while at < text.len() {
        let gap = text[at..]
            .iter()
            .take_while(|&&byte| DIGITS[usize::from(byte)] == NONE)
            .count();
        let start = at + gap;
        let length = text[start..]
            .iter()
            .take_while(|&&byte| DIGITS[usize::from(byte)] != NONE)
            .count();
        at = start + length;
        if length >= 2 * shortest {
            for shift in 0..2 {
                let pairs = text[start + shift..at].chunks_exact(2);
                show(pairs, start + shift, 2, &mut bytes, visit);
            }
        } else if length == 2 {
            at = spaced(text, start, shortest, &mut bytes, visit);
        }
    }
}

/// Pairs with the same separator between them; returns where they end.
fn spaced(
    text: &[u8],
    start: usize,
    shortest: usize,
    bytes: &mut Vec<u8>,
    visit: &mut dyn FnMut(&View<'_>),
) -> usize {
    let separator = text.get(start + 2).filter(|byte| b" :-".contains(byte));
    let mut pairs = 1;
    while separator.is_some()
        && text.get(start + 3 * pairs - 1) == separator
        && is_pair(&text[start + 3 * pairs..])
    {
        pairs += 1;
    }
    if pairs >= shortest {
        let groups = text[start..].chunks(3).take(pairs).map(|group| &group[..2]);
        show(groups, start, 3, bytes, visit);
    }
    start + 3 * pairs - 1
}

/// Two digits, and no third.
fn is_pair(text: &[u8]) -> bool {
    let is_digit = |at: usize| {
        text.get(at)
            .is_some_and(|&byte| DIGITS[usize::from(byte)] != NONE)
    };
    is_digit(0) && is_digit(1) && !is_digit(2)
}

fn show<'a>(
    pairs: impl Iterator<Item = &'a [u8]>,
    start: usize,
    step: usize,
    bytes: &mut Vec<u8>,
    visit: &mut dyn FnMut(&View<'_>),
) {
    let digit = |byte: u8| DIGITS[usize::from(byte)];
    bytes.clear();
    bytes.extend(pairs.map(|pair| digit(pair[0]) << 4 | digit(pair[1])));
    let origin = Origin::Even {
        start,
        width: 2,
        step,
    };
    visit(&View {
        form: Form::Hex,
        bytes,
        origin,
    });
}

/// The value of a hex digit.
pub(super) fn digit(byte: u8) -> Option<u8> {
    Some(DIGITS[usize::from(byte)]).filter(|&digit| digit != NONE)
}
