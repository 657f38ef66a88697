//! Source text to tokens, for every language but the two command languages.
//!
//! One lexer with the languages' differences in [`dialect`], strings in [`quote`] and the
//! constructs only one language has in the modules named after them. It never fails: what is not
//! closed ends with the text, what makes no sense is skipped. Each byte is looked at a bounded
//! number of times.

mod dialect;
mod literal;
mod perl;
mod php;
pub(super) mod quote;
mod ruby;

use super::Language;
use super::budget::Budget;
use dialect::{Dialect, Lines};
pub(super) use quote::Piece;

/// What a token is.
#[derive(Debug, Clone)]
pub(super) enum Kind<'s> {
    /// A name or keyword; variables with their sigil.
    Word(&'s str),
    /// A whole number, if it is one that fits.
    Number(Option<i64>),
    Text(Vec<Piece<'s>>),
    /// Backticks and their kind.
    Shell(Vec<Piece<'s>>),
    /// `qw(…)`, `%w[…]`.
    Words(&'s str),
    Pattern(&'s str),
    /// `s/find/put/flags` or, with `table`, `tr/find/put/`.
    Rewrite {
        find: &'s str,
        put: &'s str,
        flags: &'s str,
        table: bool,
    },
    Op(&'static str),
    Newline,
    /// A piece of the source that is itself unknown.
    Unknown,
    End,
}

/// One token and where it stood.
#[derive(Debug, Clone)]
pub(super) struct Token<'s> {
    pub(super) kind: Kind<'s>,
    /// Bytes from the start of its line.
    pub(super) column: usize,
    /// White space before it.
    pub(super) spaced: bool,
    /// White space after it.
    pub(super) open: bool,
}

/// Reads one source text.
pub(super) struct Lexer<'s> {
    text: &'s str,
    at: usize,
    line: usize,
    spaced: bool,
    brackets: usize,
    /// Where the source goes on after the here-documents that began on this line.
    resume: Option<usize>,
    language: Language,
    dialect: &'static Dialect,
    tokens: Vec<Token<'s>>,
}

/// The tokens of `text`, closed by [`Kind::End`].
pub(super) fn tokens<'s>(language: Language, text: &'s str, budget: &mut Budget) -> Vec<Token<'s>> {
    let mut lexer = Lexer {
        text,
        at: 0,
        line: 0,
        spaced: true,
        brackets: 0,
        resume: None,
        language,
        dialect: dialect::of(language),
        tokens: Vec::new(),
    };
    lexer.start();
    while lexer.at < text.len() && budget.spend(1) {
        lexer.next(budget);
    }
    lexer.push(0, Kind::End);
    lexer.tokens
}

impl<'s> Lexer<'s> {
    fn rest(&self) -> &'s str {
        self.text.get(self.at..).unwrap_or("")
    }

    fn byte(&self, ahead: usize) -> u8 {
        self.text
            .as_bytes()
            .get(self.at + ahead)
            .copied()
            .unwrap_or(0)
    }

    /// Steps over what stands before the first token.
    fn start(&mut self) {
        if self.text.starts_with("#!") {
            self.skip_line();
        }
        if self.language == Language::Php && self.text.contains("<?") {
            self.skip_markup();
        }
    }

    fn next(&mut self, budget: &mut Budget) {
        self.blank();
        let Some(c) = self.rest().chars().next() else {
            return;
        };
        let done = match c {
            '\n' => self.newline(),
            '\0' => self.take(1, Kind::Unknown),
            _ => {
                self.special(c)
                    || self.string(c)
                    || self.number(c)
                    || self.word(c)
                    || self.pattern(c, budget)
                    || self.operator(c)
            }
        };
        if !done {
            self.at += c.len_utf8();
        }
    }

    /// Adds a token that ends here and began at `start`.
    fn push(&mut self, start: usize, kind: Kind<'s>) {
        let open = matches!(self.byte(0), b' ' | b'\t' | b'\n' | b'\r' | 0);
        self.tokens.push(Token {
            kind,
            column: start.saturating_sub(self.line),
            spaced: self.spaced,
            open,
        });
        self.spaced = false;
    }

    /// Adds a token of `len` bytes.
    fn take(&mut self, len: usize, kind: Kind<'s>) -> bool {
        let start = self.at;
        self.at += len;
        self.push(start, kind);
        true
    }

    /// Skips spaces, comments and continued lines.
    fn blank(&mut self) {
        loop {
            let rest = self.rest();
            let trimmed = rest.trim_start_matches([' ', '\t', '\r', '\x0c', '\u{a0}']);
            let mut skip = rest.len() - trimmed.len();
            if trimmed.starts_with("\\\n") {
                skip += 2;
            }
            skip += self.comment(&rest[skip..]);
            if skip == 0 {
                return;
            }
            self.at += skip;
            self.spaced = true;
        }
    }

    /// The length of the comment `rest` starts with.
    fn comment(&self, rest: &str) -> usize {
        for (open, close) in self.dialect.blocks {
            if let Some(body) = rest.strip_prefix(open) {
                let end = body.find(close).map_or(body.len(), |end| end + close.len());
                return open.len() + end;
            }
        }
        let line = self
            .dialect
            .comments
            .iter()
            .any(|open| rest.starts_with(open));
        if line {
            rest.find('\n').unwrap_or(rest.len())
        } else {
            0
        }
    }

    fn skip_line(&mut self) {
        self.at += self.rest().find('\n').unwrap_or(self.rest().len());
    }

    fn newline(&mut self) -> bool {
        let start = self.at;
        self.at = self.resume.take().map_or(start + 1, |at| at.max(start + 1));
        self.line = self.at;
        let means = match self.dialect.lines {
            Lines::Never => false,
            Lines::Outside => self.brackets == 0,
            Lines::Always => true,
        };
        if means {
            self.push(start, Kind::Newline);
        }
        self.spaced = true;
        true
    }

    /// Constructs that only one language has.
    fn special(&mut self, c: char) -> bool {
        match self.language {
            Language::Perl => self.perl(c),
            Language::Ruby => self.ruby(c),
            Language::Php => self.php(c),
            Language::Lua => self.long_bracket(c),
            Language::R if c == '%' => match self.rest()[1..].find(['%', '\n']) {
                Some(end) if self.byte(1 + end) == b'%' => self.take(end + 2, Kind::Op("%%")),
                _ => false,
            },
            _ => false,
        }
    }

    fn word(&mut self, c: char) -> bool {
        if !self.dialect.begins_name(c) {
            return false;
        }
        let rest = self.rest();
        let len = self.dialect.name_len(rest);
        let word = &rest[..len];
        let quoted = matches!(self.byte(len), b'"' | b'\'');
        if quoted && self.dialect.is_prefix(word) && self.quoted(len, word) {
            return true;
        }
        self.take(len, Kind::Word(word))
    }

    /// Whether the last token can be the left side of an operator.
    fn after_operand(&self) -> bool {
        match self.tokens.last().map(|t| &t.kind) {
            None | Some(Kind::Newline) => false,
            Some(Kind::Op(op)) => matches!(*op, ")" | "]" | "}"),
            Some(Kind::Word(word)) => {
                word.starts_with(['$', '@', '%']) || self.language == Language::Ruby
            }
            Some(_) => true,
        }
    }

    fn operator(&mut self, c: char) -> bool {
        let Some(op) = self.dialect.operator(self.rest()) else {
            return false;
        };
        match c {
            '(' | '[' | '{' => self.brackets += 1,
            ')' | ']' | '}' => self.brackets = self.brackets.saturating_sub(1),
            _ => {}
        }
        self.take(op.len(), Kind::Op(op))
    }
}
