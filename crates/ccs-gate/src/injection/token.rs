//! A text as words: where they are, what classes they belong to, what stands between them.

mod letter;
mod reader;

use super::words::{self, Combo};
pub(crate) use letter::is_letter;
pub(crate) use reader::read;

/// One word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Token {
    /// First byte in the view.
    pub(crate) start: u32,
    /// One past the last byte.
    pub(crate) end: u32,
    pub(crate) combo: Combo,
    pub(crate) flags: Flags,
}

/// What is known about a word besides its classes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Flags(pub(crate) u16);

impl Flags {
    /// A sentence, list item, table cell or JSON value begins here: nothing reaches across.
    pub(crate) const BREAK: Self = Self(1);
    /// Begins something: a sentence, a line, a quotation, what follows a colon.
    pub(crate) const FRESH: Self = Self(1 << 1);
    /// An empty line lies before it.
    pub(crate) const PARAGRAPH: Self = Self(1 << 2);
    /// First word of its line.
    pub(crate) const LINE: Self = Self(1 << 3);
    /// In capitals, two letters or more.
    pub(crate) const CAPITALS: Self = Self(1 << 4);
    /// Begins with a capital.
    pub(crate) const CAPITAL: Self = Self(1 << 5);
    /// A colon follows.
    pub(crate) const COLON: Self = Self(1 << 6);
    /// Inside a tag: `<a href=…>`.
    pub(crate) const IN_TAG: Self = Self(1 << 7);
    /// Tied to the word before by `_`, `-`, `.` or `/` alone: part of a name, not of a sentence.
    pub(crate) const TIED: Self = Self(1 << 8);
    /// An opening quotation mark or bracket stands directly before it.
    pub(crate) const QUOTED: Self = Self(1 << 9);
    /// Has a digit in it.
    pub(crate) const DIGIT: Self = Self(1 << 10);
    /// A comma stands before it.
    pub(crate) const COMMA: Self = Self(1 << 11);
    /// The first character of a bracketed remark stands before it: `[`, `(`, `<` or `*`.
    pub(crate) const BRACKET: Self = Self(1 << 12);
    /// In the place of an order: begins something, or follows a word that leads to one.
    pub(crate) const LED: Self = Self(1 << 13);

    pub(crate) const fn has(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    pub(crate) const fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    pub(crate) fn add(&mut self, other: Self) {
        self.0 |= other.0;
    }
}

impl Token {
    pub(crate) fn start(&self) -> usize {
        self.start as usize
    }

    pub(crate) fn end(&self) -> usize {
        self.end as usize
    }

    pub(crate) fn len(&self) -> usize {
        self.end() - self.start()
    }

    pub(crate) fn is(&self, set: &words::Set) -> bool {
        words::is_in(self.combo, set)
    }

    pub(crate) fn is_kind(&self, kinds: u8) -> bool {
        words::is_kind(self.combo, kinds)
    }
}
