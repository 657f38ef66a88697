//! Strings between marks, with code in them or without.

use super::quote::{Holds, Quote, hole, quotes};
use super::{Kind, Language, Lexer};

impl Lexer<'_> {
    /// A string or character, if one begins here.
    pub(super) fn text_token(&mut self) -> bool {
        let rest = self.rest();
        if self.language == Language::Rust && rest[0] == b'\'' {
            return self.rust_character();
        }
        if self.language == Language::Swift && rest.starts_with(b"#\"") {
            return self.raw_text(2, b"\"#");
        }
        if self.language == Language::CSharp && matches!(rest[0], b'$' | b'@') {
            return self.marked_text();
        }
        let known = quotes(self.language).iter();
        let Some(quote) = known.copied().find(|q| rest.starts_with(q.mark.as_bytes())) else {
            return false;
        };
        self.quoted(quote, 0)
    }

    /// A string with a mark of this kind, `prefix` bytes behind this place.
    pub(super) fn quoted(&mut self, quote: Quote, prefix: usize) -> bool {
        let length = quote.mark.len();
        match self.text_end(quote, self.at + prefix + length) {
            Some((end, dynamic)) => {
                self.push(Kind::Text { dynamic }, end, prefix + length, length);
                true
            }
            None => false,
        }
    }

    /// Where a string ends whose content begins at `at`, and whether code stands in it. `None` if
    /// it would go on behind the line and must not.
    fn text_end(&self, quote: Quote, mut at: usize) -> Option<(usize, bool)> {
        let (mark, mut dynamic) = (quote.mark.as_bytes(), false);
        while at < self.text.len() {
            let rest = &self.text[at..];
            if rest.starts_with(mark) {
                return Some((at + mark.len(), dynamic));
            }
            if quote.holds == Holds::Brace && rest.starts_with(b"{{") {
                at += 2; // a brace, and no code
            } else if let Some((open, close)) = hole(quote.holds, rest, self.language) {
                dynamic = true;
                at = self.hole_end(at + open, close);
            } else if rest[0] == b'\\' && quote.escapes {
                at += 2;
            } else if rest[0] == b'\n' && !quote.lines {
                return None;
            } else {
                at += 1;
            }
        }
        quote.lines.then_some((self.text.len(), dynamic))
    }

    /// Behind the code in a string; `close` is what ends it, `None` if it is a name.
    fn hole_end(&self, mut at: usize, close: Option<u8>) -> usize {
        let Some(close) = close else { return at };
        let open = if close == b'}' { b'{' } else { b'(' };
        let mut depth = 1;
        while at < self.text.len() {
            let rest = &self.text[at..];
            if rest[0] == close {
                depth -= 1;
                if depth == 0 {
                    return at + 1;
                }
            } else if rest[0] == open {
                depth += 1;
            } else if matches!(rest[0], b'"' | b'\'' | b'`') {
                let end = self.nested_end(at, rest[0]);
                at = end;
                continue;
            }
            at += 1;
        }
        at
    }

    /// Behind a string within code within a string; behind the quote if it has no other.
    fn nested_end(&self, at: usize, mark: u8) -> usize {
        let line = &self.text[at + 1..self.line_end(at)];
        let mut skip = false;
        for (offset, &byte) in line.iter().enumerate() {
            match byte {
                _ if skip => skip = false,
                b'\\' => skip = true,
                _ if byte == mark => return at + offset + 2,
                _ => {}
            }
        }
        at + 1
    }
}
