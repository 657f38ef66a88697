//! Literals the languages share: strings, numbers, patterns, here-documents.

use super::dialect;
use super::perl::interpolated;
use super::quote::Embed;
use super::{Kind, Lexer, Piece, quote};
use crate::script::Language;
use crate::script::budget::Budget;

/// What a here-document ends with: `TAG`, `"TAG"`, `'TAG'`.
pub(super) struct Tag<'s> {
    pub(super) quote: Option<char>,
    pub(super) name: &'s str,
    /// Where the source goes on.
    pub(super) past: usize,
}

impl<'s> Lexer<'s> {
    /// Lua's `[[…]]` and `[=[…]=]`.
    pub(super) fn long_bracket(&mut self, c: char) -> bool {
        if c != '[' {
            return false;
        }
        let level = self.rest()[1..].bytes().take_while(|b| *b == b'=').count();
        if self.byte(level + 1) != b'[' {
            return false;
        }
        let body = self.at + level + 2;
        let close = format!("]{}]", "=".repeat(level.min(64)));
        let text = &self.text[body..];
        let len = text.find(&close).unwrap_or(text.len());
        let known = text[..len].strip_prefix('\n').unwrap_or(&text[..len]);
        let start = self.at;
        self.at = (body + len + close.len()).min(self.text.len());
        self.push(start, Kind::Text(vec![Piece::Known(known.to_owned())]));
        true
    }

    pub(super) fn string(&mut self, c: char) -> bool {
        if !matches!(c, '"' | '\'' | '`') {
            return false;
        }
        self.quoted(0, "")
    }

    /// A string whose opening quote is `ahead` bytes on, after the letters `prefix`.
    pub(super) fn quoted(&mut self, ahead: usize, prefix: &str) -> bool {
        let start = self.at;
        let Some(style) = self.dialect.style(&self.text[start + ahead..], prefix) else {
            return false;
        };
        let body = start + ahead + style.close.len();
        let (pieces, end) = quote::scan(self.text, body, &style);
        self.at = end;
        let kind = match (self.language, style.close) {
            (Language::Perl | Language::Ruby | Language::Php, "`") => Kind::Shell(pieces),
            (Language::R, "`") => Kind::Word(self.text[body..end].trim_end_matches('`')),
            _ => Kind::Text(pieces),
        };
        self.push(start, kind);
        true
    }

    pub(super) fn number(&mut self, c: char) -> bool {
        if !c.is_ascii_digit() {
            return false;
        }
        let rest = self.rest();
        let mut len = digits(rest);
        let fraction = rest[len..].strip_prefix('.').map_or(0, digits);
        if fraction > 0 {
            len += 1 + fraction;
        }
        let value = if fraction > 0 {
            None
        } else {
            whole(&rest[..len], self.language)
        };
        self.take(len, Kind::Number(value))
    }

    /// A regular expression between slashes, where one can stand.
    pub(super) fn pattern(&mut self, c: char, budget: &mut Budget) -> bool {
        if c != '/' || !self.dialect.slashes || !self.expects_pattern() {
            return false;
        }
        let rest = self.rest();
        let Some(len) = quote::pattern_len(&rest[1..]) else {
            // Looked at up to the end of the line for nothing.
            budget.spend_bytes(rest.find('\n').unwrap_or(rest.len()));
            return false;
        };
        let flags = rest[len + 2..]
            .bytes()
            .take_while(u8::is_ascii_alphabetic)
            .count();
        self.take(len + 2 + flags, Kind::Pattern(&rest[1..=len]))
    }

    /// Whether a slash here opens a pattern and does not divide.
    pub(super) fn expects_pattern(&self) -> bool {
        let Some(last) = self.tokens.last() else {
            return true;
        };
        match &last.kind {
            Kind::Word(word) => match self.language {
                Language::JavaScript => dialect::BEFORE_PATTERN.contains(word),
                Language::Awk => false,
                Language::Perl => !word.starts_with(['$', '@', '%']),
                _ => {
                    dialect::BEFORE_PATTERN.contains(word)
                        || (self.spaced && self.byte(1) != b' ' && !word.starts_with(['$', '@']))
                }
            },
            Kind::Op(op) => !matches!(*op, ")" | "]" | "++" | "--"),
            Kind::Newline => true,
            _ => false,
        }
    }

    /// The tag that `body` begins with; none if there is no name.
    pub(super) fn tag(&self, body: &'s str, quotes: &[char]) -> Option<Tag<'s>> {
        let quote = body.chars().next().filter(|c| quotes.contains(c));
        let body = &body[quote.map_or(0, char::len_utf8)..];
        let (name, rest) = body.split_at(self.dialect.name_len(body));
        let closed = quote.is_some_and(|quote| rest.starts_with(quote));
        let past = self.text.len() - rest.len() + usize::from(closed);
        (!name.is_empty()).then_some(Tag {
            quote,
            name,
            past: past.min(self.text.len()),
        })
    }

    /// The body of a here-document that ends with a line `tag`: read from the next line on,
    /// where the source goes on after it.
    pub(super) fn heredoc(&mut self, tag: &str, indented: bool) -> &'s str {
        let from = self.resume.unwrap_or_else(|| {
            let line = self
                .rest()
                .find('\n')
                .map_or(self.rest().len(), |end| end + 1);
            self.at + line
        });
        let body = &self.text[from..];
        let mut end = 0;
        for line in body.split_inclusive('\n') {
            let bare = line.trim_end_matches(['\n', '\r']);
            let bare = if indented { bare.trim_start() } else { bare };
            let closes = bare.strip_prefix(tag).is_some_and(|after| {
                after.is_empty() || (indented && !after.starts_with(|c: char| c.is_alphanumeric()))
            });
            if closes {
                let past = line.find(tag).unwrap_or(0) + tag.len();
                let whole = bare.len() == tag.len();
                self.resume = Some(from + end + if whole { line.len() } else { past });
                return &body[..end];
            }
            end += line.len();
        }
        self.resume = Some(self.text.len());
        body
    }

    /// The token of a here-document: a command behind a backtick, code in it only if the tag is
    /// not in single quotes.
    pub(super) fn push_heredoc(
        &mut self,
        start: usize,
        quote: Option<char>,
        text: &'s str,
        embed: Embed,
    ) -> bool {
        let pieces = match quote {
            Some('\'') => vec![Piece::Known(text.to_owned())],
            _ => interpolated(text, embed),
        };
        let kind = match quote {
            Some('`') => Kind::Shell(pieces),
            _ => Kind::Text(pieces),
        };
        self.push(start, kind);
        true
    }
}

pub(super) fn digits(text: &str) -> usize {
    let exponent = |b: &u8| b.is_ascii_alphanumeric() || *b == b'_';
    text.bytes().take_while(exponent).count()
}

/// A whole number as the languages write it.
pub(super) fn whole(text: &str, language: Language) -> Option<i64> {
    let bare = text.replace('_', "");
    let lower = bare.to_ascii_lowercase();
    let old_octal = !matches!(language, Language::Python | Language::Lua | Language::R);
    if let Some(hex) = lower.strip_prefix("0x") {
        i64::from_str_radix(hex, 16).ok()
    } else if let Some(octal) = lower.strip_prefix("0o") {
        i64::from_str_radix(octal, 8).ok()
    } else if let Some(binary) = lower.strip_prefix("0b") {
        i64::from_str_radix(binary, 2).ok()
    } else if old_octal && lower.len() > 1 && lower.starts_with('0') {
        i64::from_str_radix(&lower, 8).ok()
    } else {
        lower.trim_end_matches(['l', 'n']).parse().ok()
    }
}
