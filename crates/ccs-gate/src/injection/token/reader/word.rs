//! One word, letter by letter.

use super::super::super::key;
use super::super::super::words::{self, Beginnings, Combo};
use super::super::Flags;

/// A word being read.
#[derive(Default)]
pub(super) struct Word {
    key: Option<u64>,
    beginnings: Beginnings,
    pub(super) flags: Flags,
    letters: usize,
    capitals: usize,
}

impl Word {
    pub(super) fn byte(&mut self, byte: u8) {
        self.key = Some(key::step(self.key.unwrap_or(key::SEED), byte));
    }

    pub(super) fn ascii(&mut self, byte: u8) {
        self.byte(byte.to_ascii_lowercase());
        if byte.is_ascii_digit() {
            self.flags.add(Flags::DIGIT);
        } else {
            self.letter(byte.is_ascii_uppercase());
        }
        self.beginnings.letter(self.key.unwrap_or(key::SEED));
    }

    pub(super) fn wide(&mut self, letter: char) {
        let mut buffer = [0; 4];
        for small in letter.to_lowercase() {
            for &byte in small.encode_utf8(&mut buffer).as_bytes() {
                self.byte(byte);
            }
        }
        self.letter(letter.is_uppercase());
        self.beginnings.letter(self.key.unwrap_or(key::SEED));
    }

    fn letter(&mut self, capital: bool) {
        if capital && self.letters == 0 {
            self.flags.add(Flags::CAPITAL);
        }
        self.letters += 1;
        self.capitals += usize::from(capital);
        if self.letters == self.capitals && self.letters > 1 {
            self.flags.add(Flags::CAPITALS);
        } else {
            self.flags.0 &= !Flags::CAPITALS.0;
        }
    }

    pub(super) fn combo(&self) -> Combo {
        if self.letters == 0 && self.flags.has(Flags::DIGIT) {
            return words::NUMBER;
        }
        match words::by_key(self.key.unwrap_or(key::SEED)) {
            0 => self.beginnings.combo(),
            combo => combo,
        }
    }
}
