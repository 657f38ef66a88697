//! Strings with letters or signs in front: `f"…"`, `r#"…"#`, `$@"…"`, and characters of Rust.

use super::quote::{Holds, quote, quotes};
use super::{Kind, Language, Lexer};

impl Lexer<'_> {
    /// `'x'`, and not the name of a lifetime.
    pub(super) fn rust_character(&mut self) -> bool {
        let rest = &self.text[self.at + 1..];
        let length = match rest.first() {
            Some(b'\\') => {
                let end = rest[2.min(rest.len())..]
                    .iter()
                    .take(12)
                    .position(|&b| b == b'\'');
                end.map(|end| end + 2)
            }
            Some(&first) => {
                let width = match first {
                    0xf0.. => 4,
                    0xe0.. => 3,
                    0xc0.. => 2,
                    _ => 1,
                };
                (rest.get(width) == Some(&b'\'')).then_some(width)
            }
            None => None,
        };
        let Some(length) = length else { return false };
        self.push(Kind::Text { dynamic: false }, self.at + length + 2, 1, 1);
        true
    }

    /// C#: `$"…{x}…"` and `@"…""…"`.
    pub(super) fn marked_text(&mut self) -> bool {
        let marks = self
            .rest()
            .iter()
            .take(3)
            .take_while(|b| matches!(b, b'$' | b'@'))
            .count();
        let prefix = self.rest()[..marks].to_vec();
        let rest = &self.rest()[marks..];
        if !rest.starts_with(b"\"") {
            return false;
        }
        let verbatim = prefix.contains(&b'@');
        let triple = rest.starts_with(b"\"\"\"");
        let holds = if prefix.contains(&b'$') {
            Holds::Brace
        } else {
            Holds::Nothing
        };
        let mark = if triple { "\"\"\"" } else { "\"" };
        self.quoted(
            quote(mark, !verbatim && !triple, verbatim || triple, holds),
            marks,
        )
    }

    /// A string behind a word that belongs to it, such as `f"…"` or `r#"…"#`.
    pub(super) fn prefixed(&mut self, length: usize) -> bool {
        let (word, rest) = self.rest().split_at(length);
        match self.language {
            Language::Python if length <= 2 => {
                if !word.iter().all(|byte| b"rbfuRBFUtT".contains(byte)) {
                    return false;
                }
                let dynamic = word.iter().any(|byte| b"fFtT".contains(byte));
                let known = quotes(Language::Python).iter();
                let found = known.copied().find(|q| rest.starts_with(q.mark.as_bytes()));
                found.is_some_and(|mut quote| {
                    if dynamic {
                        quote.holds = Holds::Brace;
                    }
                    self.quoted(quote, length)
                })
            }
            Language::Rust if matches!(word, b"r" | b"br" | b"cr") => self.raw(length),
            Language::Rust if matches!(word, b"b" | b"c") && rest.starts_with(b"\"") => {
                self.quoted(quotes(Language::Rust)[0], length)
            }
            Language::C if word.ends_with(b"R") && rest.starts_with(b"\"") => {
                let open = rest.iter().take(20).position(|&byte| byte == b'(');
                let Some(open) = open else { return false };
                let end = [&b")"[..], &rest[1..open], &b"\""[..]].concat();
                self.raw_text(length + open + 1, &end)
            }
            _ => false,
        }
    }

    /// `r"…"`, `r#"…"#`.
    fn raw(&mut self, length: usize) -> bool {
        let rest = &self.rest()[length..];
        let hashes = rest.iter().take_while(|&&byte| byte == b'#').count();
        if rest.get(hashes) != Some(&b'"') {
            return false;
        }
        let end = [&b"\""[..], vec![b'#'; hashes].as_slice()].concat();
        self.raw_text(length + hashes + 1, &end)
    }

    /// A string that begins behind `open` bytes and in which nothing but `end` has a meaning.
    pub(super) fn raw_text(&mut self, open: usize, end: &[u8]) -> bool {
        let stop = self.find(end, self.at + open);
        let stop = stop.map_or(self.text.len(), |at| at + end.len());
        self.push(Kind::Text { dynamic: false }, stop, open, end.len());
        true
    }
}
