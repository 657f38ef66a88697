//! Words and the expansions in them.

use super::ast::{Part, Script, Word};
use super::cursor::{Cursor, is_meta, is_name};

/// An extended pattern longer than this is not looked for.
const MAX_PATTERN: usize = 4096;
/// Arithmetic longer than this is not looked for: `((` may be two subshells.
const MAX_ARITHMETIC: usize = 8192;

impl<'a> Cursor<'a> {
    /// A word up to the next unquoted separator. Empty if a separator comes first.
    pub(super) fn word(&mut self) -> Word<'a> {
        self.word_until(is_meta)
    }

    /// A word up to the first unquoted byte that `stop` accepts.
    pub(super) fn word_until(&mut self, stop: impl Fn(u8) -> bool + Copy) -> Word<'a> {
        let mut parts = Vec::new();
        while let Some(byte) = self.byte() {
            if matches!(byte, b'<' | b'>') && self.peek(1) == Some(b'(') {
                parts.push(self.process());
            } else if stop(byte) || !self.spend() {
                break;
            } else {
                self.piece(byte, stop, &mut parts);
            }
        }
        Word { parts }
    }

    fn piece(&mut self, byte: u8, stop: impl Fn(u8) -> bool, parts: &mut Vec<Part<'a>>) {
        match byte {
            b'\'' => parts.push(self.single_quoted()),
            b'"' => self.double_quoted(parts),
            b'\\' => self.escaped(parts),
            b'$' => self.dollar(false, parts),
            b'`' => parts.push(self.backtick(false)),
            _ => parts.push(self.bare(stop)),
        }
    }

    fn bare(&mut self, stop: impl Fn(u8) -> bool) -> Part<'a> {
        let start = self.at;
        self.bump();
        loop {
            self.skip_until(|b| {
                stop(b) || matches!(b, b'\'' | b'"' | b'\\' | b'$' | b'`' | b'<' | b'>' | b'(')
            });
            if !self.extended_pattern() {
                return Part::Bare(self.since(start));
            }
        }
    }

    /// Goes past `(…)` after one of `?*+@!`.
    fn extended_pattern(&mut self) -> bool {
        let bytes = self.source.as_bytes();
        if self.byte() != Some(b'(')
            || !matches!(bytes[self.at - 1], b'?' | b'*' | b'+' | b'@' | b'!')
        {
            return false;
        }
        let end = (self.at + MAX_PATTERN).min(bytes.len());
        let mut open = 0_u32;
        for (offset, &byte) in bytes[self.at..end].iter().enumerate() {
            match byte {
                b'(' => open += 1,
                b')' if open == 1 => {
                    self.at += offset + 1;
                    return true;
                }
                b')' => open -= 1,
                b'\n' | b'\'' | b'"' | b'`' | b'$' => return false,
                _ => {}
            }
        }
        false
    }

    fn process(&mut self) -> Part<'a> {
        let write = self.byte() == Some(b'>');
        self.step(2);
        Part::Process(self.substitution(), write)
    }

    /// The script up to the closing parenthesis, which is eaten.
    fn substitution(&mut self) -> Script<'a> {
        let script = self.nested(|c| c.script(&[")"]));
        self.eat(")");
        script
    }

    /// What a dollar sign begins.
    pub(super) fn dollar(&mut self, quoted: bool, parts: &mut Vec<Part<'a>>) {
        let start = self.at;
        self.step(1);
        match self.byte() {
            Some(b'(') => parts.push(self.parenthesis(quoted)),
            Some(b'{') => parts.push(self.braced_param(quoted)),
            Some(b'[') => parts.push(self.old_arithmetic()),
            Some(b'\'') if !quoted => parts.push(self.ansi_quoted()),
            Some(b'"') if !quoted => self.double_quoted(parts),
            Some(b) if is_name(b) || is_special(b) => parts.push(self.plain_param(quoted)),
            _ => parts.push(Part::Quoted(self.since(start).into())),
        }
    }

    fn parenthesis(&mut self, quoted: bool) -> Part<'a> {
        if self.peek(1) == Some(b'(') && self.may_retry() {
            let start = self.at;
            let heres = (self.bodies.len(), self.pending.len());
            if let Some(word) = self.arithmetic() {
                return Part::Arithmetic(word);
            }
            self.rewind(start, heres);
        }
        self.step(1);
        Part::Command(self.substitution(), quoted)
    }

    /// Goes back to `start`, forgetting the here-documents seen since.
    fn rewind(&mut self, start: usize, (bodies, pending): (usize, usize)) {
        self.at = start;
        self.bodies.truncate(bodies);
        self.pending.truncate(pending);
    }

    /// `((…))`, with the cursor on the first parenthesis; `None` if it does not end that way.
    pub(super) fn arithmetic(&mut self) -> Option<Word<'a>> {
        self.step(2);
        let word = self.nested(|c| c.balanced());
        (self.eat("))")).then_some(word)
    }

    /// Text with its expansions up to a parenthesis that was not opened in it.
    fn balanced(&mut self) -> Word<'a> {
        let mut word = Word::default();
        let mut open = 0_u32;
        let end = self.at + MAX_ARITHMETIC;
        while let Some(byte) = self.byte().filter(|_| self.at < end) {
            match byte {
                b'(' => open += 1,
                b')' if open == 0 => break,
                b')' => open -= 1,
                _ if !self.spend() => break,
                _ => {
                    self.piece(byte, |b| matches!(b, b'(' | b')'), &mut word.parts);
                    continue;
                }
            }
            self.step(1);
        }
        word
    }

    fn old_arithmetic(&mut self) -> Part<'a> {
        self.step(1);
        let word = self.nested(|c| c.word_until(|b| b == b']'));
        self.eat("]");
        Part::Arithmetic(word)
    }
}

/// Parameters whose name is not a word.
pub(super) fn is_special(byte: u8) -> bool {
    matches!(byte, b'@' | b'*' | b'#' | b'?' | b'-' | b'$' | b'!')
}
