//! Stretches of base64: either alphabet, any of the four offsets, and over line breaks.

use super::{Origin, View};
use crate::fingerprint::{Form, view};

/// The least characters of a line that is taken to go on in the next.
const WRAPPED: usize = 32;

/// No digit of base64.
const NONE: u8 = 0xff;

const DIGITS: [u8; 256] = digits();

const fn digits() -> [u8; 256] {
    let mut table = [NONE; 256];
    let letters = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    let mut value = 0;
    while value < letters.len() {
        table[letters[value] as usize] = value as u8;
        value += 1;
    }
    table[b'+' as usize] = 62;
    table[b'-' as usize] = 62;
    table[b'/' as usize] = 63;
    table[b'_' as usize] = 63;
    table
}

/// One stretch: its digits, and where each of its lines begins.
#[derive(Default)]
pub(super) struct Run {
    digits: Vec<u8>,
    lines: Vec<(usize, usize)>,
}

impl Run {
    /// The place in the text of a digit.
    pub(super) fn place(&self, digit: usize) -> usize {
        let line = self.lines.partition_point(|&(first, _)| first <= digit) - 1;
        let (first, place) = self.lines[line];
        place + (digit - first)
    }

    /// Takes the stretch that begins at `start`; returns where it ends.
    fn read(&mut self, text: &[u8], start: usize) -> usize {
        self.digits.clear();
        self.lines.clear();
        let mut at = start;
        loop {
            let line = &text[at..at + digits_in(&text[at..])];
            self.lines.push((self.digits.len(), at));
            self.digits.extend(line.iter().map(|&byte| digit(byte)));
            at += line.len();
            match next_line(&text[at..]) {
                Some(skipped) if line.len() >= WRAPPED => at += skipped,
                _ => return at,
            }
        }
    }

    fn decode(&self, shift: usize, bytes: &mut Vec<u8>) {
        let digits = &self.digits[shift..];
        bytes.resize(digits.len() * 6 / 8, 0);
        let (groups, rest) = digits.as_chunks::<4>();
        let (threes, last) = bytes.as_chunks_mut::<3>();
        for (three, [a, b, c, d]) in threes.iter_mut().zip(groups) {
            *three = [a << 2 | b >> 4, b << 4 | c >> 2, c << 6 | d];
        }
        match (rest, last) {
            ([a, b], [one]) => *one = a << 2 | b >> 4,
            ([a, b, c], [one, two]) => (*one, *two) = (a << 2 | b >> 4, b << 4 | c >> 2),
            _ => {}
        }
    }
}

fn digit(byte: u8) -> u8 {
    DIGITS[usize::from(byte)]
}

/// How many digits the text begins with.
fn digits_in(text: &[u8]) -> usize {
    let end = text.iter().position(|&byte| digit(byte) == NONE);
    end.unwrap_or(text.len())
}

/// How long the break is after which base64 goes on.
fn next_line(text: &[u8]) -> Option<usize> {
    let rest = text.strip_prefix(b"\r").unwrap_or(text);
    let rest = rest.strip_prefix(b"\n")?;
    let indent = rest.iter().take_while(|byte| b" \t".contains(byte)).count();
    let next = *rest.get(indent)?;
    (digit(next) != NONE).then_some(text.len() - rest.len() + indent)
}

pub(super) fn each(text: &[u8], shortest: usize, visit: &mut dyn FnMut(&View<'_>)) {
    let least = (shortest * 8).div_ceil(6).min(WRAPPED);
    let (mut run, mut bytes) = (Run::default(), Vec::new());
    let mut at = 0;
    while let Some(stretch) = view::stretch(text, at, least, |byte| digit(byte) != NONE) {
        at = run.read(text, stretch.start);
        for shift in 0..4 {
            run.decode(shift, &mut bytes);
            let origin = Origin::Sextets { run: &run, shift };
            visit(&View {
                form: Form::Base64,
                bytes: &bytes,
                origin,
            });
        }
    }
}
