//! Stretches of base64: either alphabet, any of the four offsets, and over line breaks.

use super::{Origin, View};
use crate::fingerprint::Form;

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
            let line = text[at..].iter().map(|&byte| DIGITS[usize::from(byte)]);
            let before = self.digits.len();
            self.lines.push((before, at));
            self.digits.extend(line.take_while(|&digit| digit != NONE));
            let length = self.digits.len() - before;
            at += length;
            match next_line(&text[at..]) {
                Some(skipped) if length >= WRAPPED => at += skipped,
                _ => return at,
            }
        }
    }

    fn decode(&self, shift: usize, bytes: &mut Vec<u8>) {
        bytes.clear();
        let mut groups = self.digits[shift..].chunks_exact(4);
        for group in &mut groups {
            let word = group
                .iter()
                .fold(0, |word, &digit| word << 6 | u32::from(digit));
            bytes.extend_from_slice(&word.to_be_bytes()[1..]);
        }
        let rest = groups.remainder();
        let word = rest
            .iter()
            .fold(0, |word, &digit| word << 6 | u32::from(digit));
        let word = word << (24 - 6 * rest.len());
        bytes.extend_from_slice(&word.to_be_bytes()[1..1 + rest.len() * 6 / 8]);
    }
}

/// How long the break is after which base64 goes on.
fn next_line(text: &[u8]) -> Option<usize> {
    let rest = text.strip_prefix(b"\r").unwrap_or(text);
    let rest = rest.strip_prefix(b"\n")?;
    let indent = rest.iter().take_while(|byte| b" \t".contains(byte)).count();
    let next = *rest.get(indent)?;
    (DIGITS[usize::from(next)] != NONE).then_some(text.len() - rest.len() + indent)
}

pub(super) fn each(text: &[u8], shortest: usize, visit: &mut dyn FnMut(&View<'_>)) {
    let least = (shortest * 8).div_ceil(6);
    let (mut run, mut bytes) = (Run::default(), Vec::new());
    let mut at = 0;
    while at < text.len() {
        let gap = text[at..]
            .iter()
            .take_while(|&&byte| DIGITS[usize::from(byte)] == NONE)
            .count();
        at += gap;
        let length = text[at..]
            .iter()
            .take_while(|&&byte| DIGITS[usize::from(byte)] != NONE)
            .count();
        if length < least.min(WRAPPED) {
            at += length;
            continue;
        }
        at = run.read(text, at);
        for shift in 0..4.min(run.digits.len()) {
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
