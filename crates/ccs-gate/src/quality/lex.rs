//! A text as tokens: enough of each language to tell code, strings and comments apart.
//!
//! Nothing here fails: what cannot be made sense of is punctuation. Time is linear.

mod comment;
mod heredoc;
mod mark;
mod quote;
mod regex;
mod string;

use super::language::Language;
use heredoc::Heredoc;

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Word,
    Number,
    /// One byte.
    Punct,
    /// A string or character; `dynamic` if code stands in it.
    Text {
        dynamic: bool,
    },
    /// A regular expression between slashes.
    Regex,
    Comment,
}

/// A piece of a text.
#[derive(Clone, Copy, Debug)]
pub(super) struct Token {
    pub(super) kind: Kind,
    pub(super) start: usize,
    pub(super) end: usize,
    /// How many bytes at both ends are no content: quotes.
    pub(super) open: u8,
    pub(super) close: u8,
}

/// The tokens of a text, comments included.
pub(super) fn lex(text: &str, language: Language) -> Vec<Token> {
    let mut lexer = Lexer {
        text: text.as_bytes(),
        language,
        at: 0,
        tokens: Vec::with_capacity(text.len() / 5),
        heredoc: None,
    };
    if language == Language::Php && text.contains("<?") {
        lexer.skip_page();
    }
    while lexer.at < lexer.text.len() {
        lexer.token();
    }
    lexer.tokens
}

struct Lexer<'t> {
    text: &'t [u8],
    language: Language,
    at: usize,
    tokens: Vec<Token>,
    heredoc: Option<Heredoc>,
}

impl Lexer<'_> {
    fn token(&mut self) {
        let byte = self.text[self.at];
        if byte == b'\n' && self.heredoc.is_some() {
            self.at += 1;
            self.heredoc_text();
        } else if byte.is_ascii_whitespace() {
            self.at += 1;
        } else if let Some(end) = self.comment() {
            self.push(Kind::Comment, end, 0, 0);
        } else if self.language == Language::Php && self.text[self.at..].starts_with(b"?>") {
            self.skip_page();
        } else if self.text_token() || self.regex() {
        } else if is_word(byte) {
            self.word();
        } else {
            self.heredoc_mark();
            self.push(Kind::Punct, self.at + 1, 0, 0);
        }
    }

    fn push(&mut self, kind: Kind, end: usize, open: usize, close: usize) {
        let end = end.min(self.text.len());
        self.tokens.push(Token {
            kind,
            start: self.at,
            end,
            open: open as u8,
            close: close as u8,
        });
        self.at = end;
    }

    fn rest(&self) -> &[u8] {
        &self.text[self.at..]
    }

    fn line_end(&self, from: usize) -> usize {
        let rest = &self.text[from.min(self.text.len())..];
        memchr::memchr(b'\n', rest).map_or(self.text.len(), |end| from + end)
    }

    fn find(&self, needle: &[u8], from: usize) -> Option<usize> {
        let from = from.min(self.text.len());
        memchr::memmem::find(&self.text[from..], needle).map(|at| from + at)
    }

    /// Up to the next `<?`: what stands outside is text of a page.
    fn skip_page(&mut self) {
        self.at = match self.find(b"<?", self.at) {
            Some(at) if self.text[at..].starts_with(b"<?php") => at + 5,
            Some(at) => at + 2,
            None => self.text.len(),
        };
    }

    fn before(&self) -> Option<u8> {
        self.at.checked_sub(1).map(|at| self.text[at])
    }

    fn word(&mut self) {
        let rest = self.rest();
        if rest[0].is_ascii_digit() {
            return self.number();
        }
        let length = rest.iter().take_while(|&&byte| is_word(byte)).count();
        if !self.prefixed(length) {
            self.push(Kind::Word, self.at + length, 0, 0);
        }
    }

    fn number(&mut self) {
        let rest = self.rest();
        let mut length = 0;
        while let Some(&byte) = rest.get(length) {
            let point = byte == b'.' && rest.get(length + 1).is_some_and(u8::is_ascii_digit);
            if !(is_word(byte) || point) {
                break;
            }
            length += 1;
        }
        self.push(Kind::Number, self.at + length, 0, 0);
    }
}

/// Whether a byte can stand in a name. Letters beyond ASCII can.
fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 0x80
}
