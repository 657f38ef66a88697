//! `$name` and `${…}`.

use super::ast::{Param, Part, Word};
use super::cursor::{Cursor, is_name};
use super::word::is_special;

/// Operators after the name, longest first.
const OPERATORS: [&str; 22] = [
    ":-", ":=", ":?", ":+", "##", "%%", "//", "/#", "/%", "^^", ",,", "~~", "-", "=", "?", "+",
    "#", "%", "/", "^", ",", ":",
];

impl<'a> Cursor<'a> {
    pub(super) fn plain_param(&mut self, quoted: bool) -> Part<'a> {
        let name = self.param_name(false);
        Part::Param(
            Box::new(Param {
                name,
                ..Param::default()
            }),
            quoted,
        )
    }

    /// `${…}`, with the cursor on the brace.
    pub(super) fn braced_param(&mut self, quoted: bool) -> Part<'a> {
        self.step(1);
        let param = self.nested(|c| c.param_inside(quoted));
        self.eat("}");
        Part::Param(Box::new(param), quoted)
    }

    fn param_inside(&mut self, quoted: bool) -> Param<'a> {
        let length = self.byte() == Some(b'#') && self.peek(1).is_some_and(|b| b != b'}');
        let indirect = self.byte() == Some(b'!') && self.peek(1).is_some_and(|b| b != b'}');
        self.at += usize::from(length || indirect);
        let name = self.param_name(true);
        let index = self.subscript();
        let operator = self.operator();
        let operands = self.operands(operator, quoted);
        Param {
            name,
            indirect,
            length,
            index,
            operator,
            operands,
        }
    }

    fn param_name(&mut self, braced: bool) -> &'a str {
        let start = self.at;
        match self.byte() {
            Some(b) if b.is_ascii_digit() && !braced => self.step(1),
            Some(b) if is_name(b) => self.skip_until(|b| !is_name(b)),
            Some(b) if is_special(b) => self.step(1),
            _ => {}
        }
        self.since(start)
    }

    /// `[…]` after a name, if it is there.
    pub(super) fn subscript(&mut self) -> Option<Word<'a>> {
        if self.byte() != Some(b'[') {
            return None;
        }
        self.step(1);
        let word = self.nested(|c| c.word_until(|b| b == b']'));
        self.eat("]");
        Some(word)
    }

    fn operator(&mut self) -> &'a str {
        let start = self.at;
        if self.byte() == Some(b'@') {
            self.step(1);
        } else {
            let _ = OPERATORS.iter().any(|op| self.eat(op));
        }
        self.since(start)
    }

    fn operands(&mut self, operator: &str, quoted: bool) -> Vec<Word<'a>> {
        let split = match operator {
            "/" | "//" | "/#" | "/%" => Some(b'/'),
            ":" => Some(b':'),
            _ => None,
        };
        let mut operands = Vec::new();
        while self.byte().is_some_and(|b| b != b'}') && self.unread.is_none() {
            let first = operands.is_empty();
            operands.push(self.operand(split.filter(|_| first), quoted));
            if !(first && split.is_some() && self.byte() == split) {
                break;
            }
            self.step(1);
        }
        operands
    }

    fn operand(&mut self, split: Option<u8>, quoted: bool) -> Word<'a> {
        self.nested(|c| {
            if !quoted {
                return c.word_until(move |b| b == b'}' || Some(b) == split);
            }
            c.quoted_operand(split)
        })
    }

    /// Inside double quotes a single quote is an ordinary character.
    fn quoted_operand(&mut self, split: Option<u8>) -> Word<'a> {
        let mut parts = Vec::new();
        while let Some(byte) = self.byte() {
            match byte {
                b'}' => break,
                _ if Some(byte) == split || !self.spend() => break,
                b'"' => self.double_quoted(&mut parts),
                b'\\' => self.escaped(&mut parts),
                b'$' => self.dollar(true, &mut parts),
                b'`' => parts.push(self.backtick(true)),
                _ => {
                    let start = self.at;
                    self.bump();
                    self.skip_until(|b| {
                        matches!(b, b'}' | b'"' | b'\\' | b'$' | b'`') || Some(b) == split
                    });
                    parts.push(Part::Quoted(self.since(start).into()));
                }
            }
        }
        Word { parts }
    }
}
