//! Stretches of hex digits, in pairs that follow each other or stand one separator apart.

use std::ops::Range;

use super::{Origin, View};
use crate::fingerprint::{Form, view};

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
    while let Some(stretch) = view::stretch(text, at, 2 * shortest, is_digit) {
        for shift in 0..2 {
            let start = stretch.start + shift;
            let pairs = text[start..stretch.end].chunks_exact(2);
            show(pairs, start, 2, &mut bytes, visit);
        }
        at = stretch.end;
    }
    let is_spaced = |byte| is_digit(byte) || is_separator(byte);
    let mut at = 0;
    while let Some(stretch) = view::stretch(text, at, 3 * shortest - 1, is_spaced) {
        spaced(text, stretch.clone(), shortest, &mut bytes, visit);
        at = stretch.end;
    }
}

/// Pairs with the same separator between them.
fn spaced(
    text: &[u8],
    stretch: Range<usize>,
    shortest: usize,
    bytes: &mut Vec<u8>,
    visit: &mut dyn FnMut(&View<'_>),
) {
    let mut start = stretch.start;
    while start < stretch.end {
        let follows = start > 0 && is_digit(text[start - 1]);
        if follows || !is_pair(&text[start..]) {
            start += 1;
            continue;
        }
        let separator = text.get(start + 2).filter(|byte| is_separator(**byte));
        let mut pairs = 1;
        while separator.is_some()
            && text.get(start + 3 * pairs - 1) == separator
            && is_pair(&text[start + 3 * pairs..])
        {
            pairs += 1;
        }
        if pairs >= shortest {
            let groups = text[start..].chunks(3).take(pairs);
            show(groups.map(|group| &group[..2]), start, 3, bytes, visit);
        }
        start += 3 * pairs - 1;
    }
}

/// Two digits, and no third.
fn is_pair(text: &[u8]) -> bool {
    let has_digit = |at: usize| text.get(at).is_some_and(|&byte| is_digit(byte));
    has_digit(0) && has_digit(1) && !has_digit(2)
}

fn is_digit(byte: u8) -> bool {
    DIGITS[usize::from(byte)] != NONE
}

fn is_separator(byte: u8) -> bool {
    b" :-".contains(&byte)
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
