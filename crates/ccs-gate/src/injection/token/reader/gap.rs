//! What stands between two words, and what it says about the second.

use super::super::Flags;

/// What stood between the last word and the next.
#[derive(Clone, Copy, Default)]
pub(super) struct Gap {
    pub(super) flags: Flags,
    pub(super) newlines: u32,
    pub(super) bytes: usize,
    /// A quotation mark was there, then a comma, colon, bracket or brace, or the other way round.
    quote: bool,
    pub(super) syntax: bool,
    pub(super) stop: bool,
    pub(super) in_tag: bool,
    /// Where the tag ends.
    pub(super) tag_end: usize,
}

impl Gap {
    pub(super) fn at_start() -> Self {
        Self {
            flags: Flags::BREAK.and(Flags::FRESH).and(Flags::LINE),
            bytes: 2,
            ..Self::default()
        }
    }

    /// A sign that says something by itself.
    pub(super) fn sign(&mut self, sign: u8) {
        match sign {
            b'\n' => {
                self.newlines += 1;
                self.flags.add(Flags::LINE);
            }
            b',' => {
                self.flags.add(Flags::COMMA);
                self.syntax = true;
            }
            b'"' | b'`' => {
                self.quote |= sign == b'"';
                self.flags.add(Flags::QUOTED.and(Flags::FRESH));
            }
            b'\'' if self.bytes > 0 => self.flags.add(Flags::QUOTED.and(Flags::FRESH)),
            b'(' | b'[' | b'{' => {
                self.syntax = true;
                self.flags.add(Flags::BRACKET.and(Flags::FRESH));
            }
            b'}' | b']' => self.syntax = true,
            b'|' => self.stop = true,
            b'*' | b'#' if self.newlines > 0 => self.flags.add(Flags::FRESH),
            b'>' if self.in_tag => self.in_tag = false,
            b'>' if self.newlines > 0 => self.flags.add(Flags::FRESH),
            _ => {}
        }
    }

    /// What the gap says about the word behind it.
    pub(super) fn between(&self, start: usize, bytes: &[u8]) -> Flags {
        let mut flags = Flags::default();
        if self.newlines > 1 {
            flags.add(Flags::PARAGRAPH.and(Flags::BREAK).and(Flags::FRESH));
        }
        if self.stop || (self.quote && self.syntax) {
            flags.add(Flags::BREAK.and(Flags::FRESH));
        }
        if self.in_tag && start <= self.tag_end {
            flags.add(Flags::IN_TAG);
        }
        let tie = start.checked_sub(1).map(|at| bytes[at]);
        if self.bytes == 1 && matches!(tie, Some(b'_' | b'-' | b'.' | b'/')) {
            flags.add(Flags::TIED);
        }
        flags
    }
}
