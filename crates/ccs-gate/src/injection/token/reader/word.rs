//! One word, letter by letter.

use super::super::super::key;
use super::super::super::words::{self, Beginnings, Combo};
use super::super::Flags;

/// A word being read.
pub(super) struct Word {
    key: u64,
    beginnings: Beginnings,
    letters: u32,
    capitals: u32,
    digits: u32,
    begins_large: bool,
}

impl Word {
    pub(super) const fn new() -> Self {
        Self {
            key: key::SEED,
            beginnings: Beginnings::new(),
            letters: 0,
            capitals: 0,
            digits: 0,
            begins_large: false,
        }
    }

    pub(super) fn byte(&mut self, byte: u8) {
        self.key = key::step(self.key, byte);
    }

    pub(super) fn ascii(&mut self, byte: u8) {
        self.byte(byte.to_ascii_lowercase());
        if byte.is_ascii_digit() {
            self.digits += 1;
        } else {
            self.letter(byte.is_ascii_uppercase());
        }
        self.beginnings.letter(self.key);
    }

    pub(super) fn wide(&mut self, letter: char) {
        let mut buffer = [0; 4];
        let mut large = false;
        for small in letter.to_lowercase() {
            large |= small != letter;
            for &byte in small.encode_utf8(&mut buffer).as_bytes() {
                self.byte(byte);
            }
        }
        self.letter(large);
        self.beginnings.letter(self.key);
    }

    fn letter(&mut self, capital: bool) {
        self.begins_large |= capital && self.letters == 0;
        self.letters += 1;
        self.capitals += u32::from(capital);
    }

    pub(super) fn flags(&self) -> Flags {
        let mut flags = Flags::default();
        if self.digits > 0 {
            flags.add(Flags::DIGIT);
        }
        if self.begins_large {
            flags.add(Flags::CAPITAL);
        }
        if self.letters > 1 && self.letters == self.capitals {
            flags.add(Flags::CAPITALS);
        }
        flags
    }

    pub(super) fn combo(&self) -> Combo {
        if self.letters == 0 && self.digits > 0 {
            return words::NUMBER;
        }
        match words::by_key(self.key) {
            0 => self.beginnings.combo(),
            combo => combo,
        }
    }
}
