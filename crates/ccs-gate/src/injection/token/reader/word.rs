//! One word, letter by letter.

use super::super::super::key;
use super::super::super::words::{self, Beginnings, Combo};
use super::super::Flags;

/// What an ASCII letter or digit is in lower case; zero for everything else.
static SMALL: [u8; 256] = {
    let mut small = [0; 256];
    let mut byte = 0_u8;
    while byte < 128 {
        if byte.is_ascii_alphanumeric() {
            small[byte as usize] = byte.to_ascii_lowercase();
        }
        byte += 1;
    }
    small
};

/// Letters that are small, or of scripts in which none are: the standard library looks each up in
/// a list.
const fn has_no_case(letter: char) -> bool {
    matches!(letter,
        '\u{430}'..='\u{45f}' | '\u{590}'..='\u{109f}' | '\u{2e80}'..='\u{a63f}'
        | '\u{ac00}'..='\u{d7ff}')
}

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

    /// Takes the ASCII letters and digits at the beginning of `bytes`, and says how many.
    pub(super) fn ascii(&mut self, bytes: &[u8]) -> usize {
        let mut count = 0;
        for &byte in bytes {
            let small = SMALL[usize::from(byte)];
            if small == 0 {
                break;
            }
            self.byte(small);
            if small < b'a' {
                self.digits += 1;
            } else {
                self.letter(small != byte);
            }
            self.beginnings.letter(self.key);
            count += 1;
        }
        count
    }

    pub(super) fn wide(&mut self, letter: char) {
        let mut buffer = [0; 4];
        if has_no_case(letter) {
            for &byte in letter.encode_utf8(&mut buffer).as_bytes() {
                self.byte(byte);
            }
            self.letter(false);
            return self.beginnings.letter(self.key);
        }
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

#[cfg(test)]
mod tests {
    use super::has_no_case;

    #[test]
    fn a_letter_without_case_is_its_own_small_letter() {
        for letter in ('\0'..=char::MAX).filter(|&letter| has_no_case(letter)) {
            assert!(letter.to_lowercase().eq([letter]), "{letter:?}");
        }
    }
}
