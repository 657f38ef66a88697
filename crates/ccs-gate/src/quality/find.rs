//! Patterns over tokens.

use super::code::{Code, closing};
use super::lex::Kind;
use super::pattern::{Place, Step, What};
use super::string;

/// The most tokens a gap stands for.
const GAP: usize = 60;
/// The most steps of one try: no text makes a pattern slow.
const TRIES: u32 = 4_000;

/// The tokens of a match: the first, and the one behind the last.
pub(super) type Span = (usize, usize);

/// How a pattern is looked for.
pub(super) struct Finder<'c, 't> {
    code: &'c Code<'t>,
    /// Whether words count in any case, as in a comment.
    folds: bool,
    sets: &'static [(&'static str, &'static [&'static str])],
}

impl<'c, 't> Finder<'c, 't> {
    pub(super) fn new(code: &'c Code<'t>, folds: bool) -> Self {
        let sets = super::rule::SETS;
        Self { code, folds, sets }
    }

    /// The match that begins with this token.
    pub(super) fn at(&self, steps: &[Step], token: usize) -> Option<Span> {
        let mut tries = TRIES;
        self.tail(steps, token, token, &mut tries)
            .map(|end| (token, end))
    }

    /// Whether the pattern matches anywhere within these tokens.
    pub(super) fn within(&self, steps: &[Step], span: Span) -> bool {
        (span.0..span.1).any(|token| self.at(steps, token).is_some())
    }

    fn tail(&self, steps: &[Step], first: usize, at: usize, tries: &mut u32) -> Option<usize> {
        let Some((step, rest)) = steps.split_first() else {
            return Some(at);
        };
        *tries = tries.checked_sub(1)?;
        match (&step.what, step.place) {
            (_, Place::Before) => {
                let holds = first > 0 && self.one(step, first - 1);
                (holds != step.not).then(|| self.tail(rest, first, at, tries))?
            }
            (_, Place::Ahead) => {
                (self.one(step, at) != step.not).then(|| self.tail(rest, first, at, tries))?
            }
            (What::Gap, _) => self.gap(rest, first, at, tries),
            (What::End, _) => self
                .code
                .ends(at)
                .then(|| self.tail(rest, first, at, tries))?,
            (What::Start, _) => self.begins(at).then(|| self.tail(rest, first, at, tries))?,
            _ => {
                let taken = self.taken(step, at);
                let found = taken.and_then(|next| self.tail(rest, first, next, tries));
                match found {
                    None if step.optional => self.tail(rest, first, at, tries),
                    found => found,
                }
            }
        }
    }

    fn begins(&self, at: usize) -> bool {
        match self.folds {
            // what decorates a comment is no word of it
            true => (0..at)
                .rev()
                .take_while(|&t| !self.code.begins_line(t + 1))
                .all(|t| self.code.sign(t).is_some()),
            false => self.code.begins(at),
        }
    }

    fn gap(&self, rest: &[Step], first: usize, mut at: usize, tries: &mut u32) -> Option<usize> {
        for _ in 0..GAP {
            if let Some(end) = self.tail(rest, first, at, tries) {
                return Some(end);
            }
            match self.code.sign(at) {
                Some(b')' | b']' | b'}' | b';') => return None,
                Some(b'(' | b'[' | b'{') => at = self.code.partner(at)? + 1,
                _ if at >= self.code.tokens.len() => return None,
                _ => at += 1,
            }
            if self.code.language.heeds_lines()
                && self.code.begins_line(at)
                && !self.in_brackets(first, at)
            {
                return self.tail(rest, first, at, tries);
            }
        }
        None
    }

    /// Whether a bracket that was opened since `first` is still open.
    fn in_brackets(&self, first: usize, at: usize) -> bool {
        (first..at).any(|token| {
            matches!(self.code.sign(token), Some(b'(' | b'['))
                && self.code.partner(token).is_none_or(|end| end >= at)
        })
    }

    /// The token behind what the step stands for.
    fn taken(&self, step: &Step, at: usize) -> Option<usize> {
        match step.what {
            What::Group(open) => {
                let end = self
                    .code
                    .partner(at)
                    .filter(|_| self.code.sign(at) == Some(open))?;
                Some(end + 1)
            }
            What::Empty(open) => {
                let is_pair = self.code.sign(at) == Some(open)
                    && self.code.sign(at + 1) == Some(closing(open));
                let range = self.code.tokens.get(at)?.start..self.code.tokens.get(at + 1)?.end;
                (is_pair && !self.code.has_comment(&range)).then_some(at + 2)
            }
            _ => (at < self.code.tokens.len() && self.one(step, at) != step.not).then_some(at + 1),
        }
    }

    /// Whether one token is what the step names, whether or not it is negated.
    fn one(&self, step: &Step, at: usize) -> bool {
        let Some(kind) = self.code.kind(at) else {
            return false;
        };
        let is_text = matches!(kind, Kind::Text { .. });
        let dynamic = kind == Kind::Text { dynamic: true };
        match &step.what {
            What::One(words) => words.iter().any(|word| self.is_word(at, kind, word)),
            What::Any => true,
            What::Word => kind == Kind::Word,
            What::Number => kind == Kind::Number,
            What::Text => is_text,
            What::Dynamic => dynamic,
            What::Plain => is_text && !dynamic,
            What::Literal => {
                kind == Kind::Number
                    || is_text && !dynamic
                    || matches!(
                        self.code.str(at),
                        "true" | "false" | "null" | "None" | "True" | "False" | "nil"
                    )
            }
            What::Says(set) => is_text && self.says(set, self.code.content(at)),
            What::Sql => is_text && string::is_sql(self.code.content(at)),
            What::SqlDynamic => {
                dynamic && string::is_open_sql(self.code.content(at), self.code.language)
            }
            What::SqlFormat => is_text && string::is_formatted_sql(self.code.content(at)),
            What::Group(_) | What::Empty(_) | What::Gap | What::End | What::Start => false,
        }
    }

    fn is_word(&self, at: usize, kind: Kind, word: &str) -> bool {
        if !matches!(kind, Kind::Word | Kind::Punct | Kind::Number) {
            return false;
        }
        let text = self.code.str(at);
        let exact = !self.folds || word.bytes().any(|byte| byte.is_ascii_uppercase());
        text == word || !exact && text.eq_ignore_ascii_case(word)
    }

    fn says(&self, name: &str, content: &str) -> bool {
        let set = self.sets.iter().find(|set| set.0 == name);
        set.is_some_and(|set| set.1.iter().any(|phrase| string::says(content, phrase)))
    }
}
