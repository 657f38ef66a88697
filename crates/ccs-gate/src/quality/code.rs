//! A file as the matchers see it: tokens that count, brackets that belong together, lines.

use std::ops::Range;

use super::language::Language;
use super::lex::{self, Kind, Token};

/// No bracket answers to this one.
const NONE: u32 = u32::MAX;

/// A file, taken apart.
pub(super) struct Code<'t> {
    pub(super) text: &'t str,
    pub(super) language: Language,
    /// All but comments.
    pub(super) tokens: Vec<Token>,
    pub(super) comments: Vec<Token>,
    /// Where each line begins.
    starts: Vec<usize>,
    /// The line of each token.
    lines: Vec<u32>,
    /// For each bracket the one that answers to it.
    partners: Vec<u32>,
}

impl<'t> Code<'t> {
    pub(super) fn new(text: &'t str, language: Language) -> Self {
        let starts =
            std::iter::once(0).chain(memchr::memchr_iter(b'\n', text.as_bytes()).map(|at| at + 1));
        let starts: Vec<usize> = starts.collect();
        let (comments, tokens): (Vec<Token>, Vec<Token>) = lex::lex(text, language)
            .into_iter()
            .partition(|token| token.kind == Kind::Comment);
        let mut code = Self {
            text,
            language,
            lines: Vec::new(),
            partners: vec![NONE; tokens.len()],
            tokens,
            comments,
            starts,
        };
        code.lines = code
            .tokens
            .iter()
            .map(|token| code.line(token.start) as u32)
            .collect();
        code.pair();
        code
    }

    fn pair(&mut self) {
        let mut open: Vec<usize> = Vec::new();
        for at in 0..self.tokens.len() {
            match self.sign(at) {
                Some(b'(' | b'[' | b'{') => open.push(at),
                Some(close @ (b')' | b']' | b'}')) => {
                    // an angle that does not fit is passed over: the text may be half written
                    if let Some(&last) = open.last()
                        && self.sign(last).map(closing) == Some(close)
                    {
                        open.pop();
                        self.partners[last] = at as u32;
                        self.partners[at] = last as u32;
                    }
                }
                _ => {}
            }
        }
    }

    /// The line of a place, counted from 1.
    pub(super) fn line(&self, at: usize) -> usize {
        self.starts.partition_point(|&start| start <= at)
    }

    /// The text of a line, counted from 1.
    pub(super) fn line_text(&self, line: usize) -> &'t str {
        let start = line
            .checked_sub(1)
            .and_then(|line| self.starts.get(line).copied());
        let Some(start) = start else { return "" };
        let end = self.starts.get(line).copied().unwrap_or(self.text.len());
        self.text
            .get(start..end)
            .unwrap_or_default()
            .trim_end_matches(['\n', '\r'])
    }

    /// Where a line begins.
    pub(super) fn line_start(&self, line: usize) -> usize {
        line.checked_sub(1)
            .and_then(|line| self.starts.get(line).copied())
            .unwrap_or_default()
    }

    /// The line of a token, counted from 1.
    pub(super) fn line_of(&self, token: usize) -> usize {
        self.lines.get(token).map_or(0, |&line| line as usize)
    }

    pub(super) fn str(&self, token: usize) -> &'t str {
        let token = self.tokens.get(token);
        token
            .and_then(|token| self.text.get(token.start..token.end))
            .unwrap_or_default()
    }

    /// What stands between the quotes of a string.
    pub(super) fn content(&self, token: usize) -> &'t str {
        let Some(token) = self.tokens.get(token) else {
            return "";
        };
        let range = token.start + usize::from(token.open)
            ..token.end.saturating_sub(usize::from(token.close));
        self.text.get(range).unwrap_or_default()
    }

    pub(super) fn kind(&self, token: usize) -> Option<Kind> {
        self.tokens.get(token).map(|token| token.kind)
    }

    /// The byte of a token that is punctuation.
    pub(super) fn sign(&self, token: usize) -> Option<u8> {
        let token = self
            .tokens
            .get(token)
            .filter(|token| token.kind == Kind::Punct)?;
        self.text.as_bytes().get(token.start).copied()
    }

    pub(super) fn is(&self, token: usize, text: &str) -> bool {
        matches!(
            self.kind(token),
            Some(Kind::Word | Kind::Punct | Kind::Number)
        ) && self.str(token) == text
    }

    /// The bracket that answers to this one.
    pub(super) fn partner(&self, token: usize) -> Option<usize> {
        let partner = *self.partners.get(token)?;
        (partner != NONE).then_some(partner as usize)
    }

    /// Whether a token is the first of its line.
    pub(super) fn begins_line(&self, token: usize) -> bool {
        token == 0 || self.line_of(token) > self.line_of_end(token - 1)
    }

    fn line_of_end(&self, token: usize) -> usize {
        let Some(one) = self.tokens.get(token) else {
            return 0;
        };
        match one.kind {
            Kind::Text { .. } => self.line(one.end.saturating_sub(1)),
            _ => self.line_of(token),
        }
    }

    /// Whether a statement can begin with this token.
    pub(super) fn begins(&self, token: usize) -> bool {
        token == 0
            || matches!(self.sign(token - 1), Some(b';' | b'{' | b'}'))
            || self.begins_line(token)
            || self.language == Language::Python && self.sign(token - 1) == Some(b':')
    }

    /// Whether a statement has ended before this token.
    pub(super) fn ends(&self, token: usize) -> bool {
        token >= self.tokens.len()
            || matches!(self.sign(token), Some(b';' | b'}'))
            || self.language.heeds_lines() && self.begins_line(token)
            || self.language == Language::JavaScript && self.begins_line(token)
    }

    /// The columns before the first token of the line this token stands on.
    pub(super) fn indent(&self, token: usize) -> usize {
        let line = self.line_text(self.line_of(token));
        line.len() - line.trim_start().len()
    }

    /// Whether a comment stands on the lines of these bytes, or alone right above them.
    pub(super) fn is_explained(&self, range: &Range<usize>) -> bool {
        let (first, last) = (
            self.line(range.start),
            self.line(range.end.saturating_sub(1)),
        );
        self.comments.iter().any(|comment| {
            let begins = self.line(comment.start);
            let above = self.line(comment.end.saturating_sub(1)) + 1 == first;
            (first..=last).contains(&begins) || above && self.stands_alone(comment)
        })
    }

    /// Whether nothing stands before a comment on its line.
    pub(super) fn stands_alone(&self, comment: &Token) -> bool {
        let start = self.line_start(self.line(comment.start));
        self.text
            .get(start..comment.start)
            .is_some_and(|before| before.trim().is_empty())
    }

    /// Whether there is a comment within these bytes.
    pub(super) fn has_comment(&self, range: &Range<usize>) -> bool {
        let at = self
            .comments
            .partition_point(|comment| comment.start < range.start);
        self.comments
            .get(at)
            .is_some_and(|comment| comment.start < range.end)
    }
}

/// The bracket that closes one.
pub(super) fn closing(open: u8) -> u8 {
    match open {
        b'(' => b')',
        b'[' => b']',
        _ => b'}',
    }
}
