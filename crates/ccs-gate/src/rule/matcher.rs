//! Whether arguments fit a pattern, in time linear in both.

use super::argv::{Argv, Word};
use super::pattern::{MAX_WORDS, Patterns, Token, tokens};

/// What a pattern is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Side {
    /// It describes what is risky: an abbreviated option counts.
    Risk,
    /// It describes what is harmless: options must be spelled out.
    Excuse,
}

/// Whether any of the patterns fits.
pub(crate) fn any(patterns: &Patterns, argv: &Argv<'_>, side: Side) -> bool {
    patterns.iter().any(|pattern| fits(pattern, argv, side))
}

/// Whether one pattern fits. What follows its last token does not matter.
pub(crate) fn fits(pattern: &str, argv: &Argv<'_>, side: Side) -> bool {
    if !may_start(pattern, &argv.words) {
        return false;
    }
    let mut shape = Shape::default();
    for token in tokens(pattern) {
        if let Token::Flag { any, value, not } = token {
            let side = if not { Side::Excuse } else { side };
            if argv.has(any, value, side) == not {
                return false;
            }
        } else if !shape.push(token) {
            return false;
        }
    }
    shape.covers(&argv.words)
}

/// A cheap look at the first word, which settles most patterns.
fn may_start(pattern: &str, words: &[Word<'_>]) -> bool {
    let Some(first @ Token::Word { .. }) = tokens(pattern).next() else {
        return true;
    };
    for word in words {
        if accepts(first, *word) {
            return true;
        }
        if !word.skippable {
            return false;
        }
    }
    false
}

fn accepts(token: Token<'_>, word: Word<'_>) -> bool {
    match token {
        Token::Word { any, not } => !word.dashes && one_of(any, word.text) != not,
        Token::Dashes => word.dashes,
        Token::Gap => true,
        Token::End | Token::Flag { .. } => false,
    }
}

/// The tokens of a pattern that stand for words.
#[derive(Default)]
struct Shape<'p> {
    tokens: [Option<Token<'p>>; MAX_WORDS],
    len: usize,
}

impl<'p> Shape<'p> {
    /// Adds a token; false if there are too many.
    fn push(&mut self, token: Token<'p>) -> bool {
        let Some(slot) = self.tokens.get_mut(self.len) else {
            return false;
        };
        *slot = Some(token);
        self.len += 1;
        true
    }

    /// Runs all ways to lay the tokens over the words at once: bit `n` of `live` says that the
    /// first `n` tokens can cover the words so far.
    fn covers(&self, words: &[Word<'_>]) -> bool {
        let mut live = self.closed(1);
        for word in words {
            if live & (1 << self.len) != 0 {
                return true;
            }
            live = self.closed(self.step(live, *word));
            if live == 0 {
                return false;
            }
        }
        let ended = self.len > 0 && self.tokens[self.len - 1] == Some(Token::End);
        live & (1 << self.len) != 0 || ended && live & (1 << (self.len - 1)) != 0
    }

    fn step(&self, live: u32, word: Word<'_>) -> u32 {
        let mut next = if word.skippable { live } else { 0 };
        for at in 0..self.len {
            let Some(token) = self.tokens[at].filter(|_| live & (1 << at) != 0) else {
                continue;
            };
            if accepts(token, word) {
                next |= if token == Token::Gap {
                    1 << at
                } else {
                    2 << at
                };
            }
        }
        next
    }

    /// A gap may also cover nothing.
    fn closed(&self, mut live: u32) -> u32 {
        for at in 0..self.len {
            if live & (1 << at) != 0 && self.tokens[at] == Some(Token::Gap) {
                live |= 2 << at;
            }
        }
        live
    }
}

/// Whether `text` fits one of the globs, `|` between them.
pub(crate) fn one_of(any: &str, text: &str) -> bool {
    let first = text.as_bytes().first().map_or(0, u8::to_ascii_lowercase);
    any.split('|').any(|one| {
        let head = one.as_bytes().first().map_or(0, u8::to_ascii_lowercase);
        (head == first || matches!(head, b'*' | b'?')) && glob(one, text)
    })
}

/// Whether `text` fits the glob `pattern`, in which `*` is any text and `?` any one byte that is
/// known. ASCII case does not count.
fn glob(pattern: &str, text: &str) -> bool {
    let (pattern, text) = (pattern.as_bytes(), text.as_bytes());
    let (mut p, mut t) = (0, 0);
    let mut star = None;
    while t < text.len() {
        if pattern.get(p) == Some(&b'*') {
            star = Some((p + 1, t));
            p += 1;
        } else if pattern.get(p).is_some_and(|byte| same(*byte, text[t])) {
            p += 1;
            t += 1;
        } else if let Some((after, from)) = star {
            star = Some((after, from + 1));
            p = after;
            t = from + 1;
        } else {
            return false;
        }
    }
    pattern[p..].iter().all(|byte| *byte == b'*')
}

fn same(wanted: u8, byte: u8) -> bool {
    wanted.eq_ignore_ascii_case(&byte) || wanted == b'?' && byte != 0
}

#[cfg(test)]
mod tests;
