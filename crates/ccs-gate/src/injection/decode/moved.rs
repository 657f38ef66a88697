//! Text written backwards, or with every letter moved by thirteen. The dictionary knows common
//! words in both forms: a few of them near each other show such a text.

use super::super::token::{Flags, Token};
use super::super::view::{Recovered, View};
use super::super::words::kind;
use super::{ceil, floor};

/// Fewer common words are an accident.
const ENOUGH: usize = 3;
/// They lie at most this many words apart.
const APART: usize = 6;
/// How many bytes to either side belong to it.
const AROUND: usize = 96;

pub(super) fn find(text: &str, tokens: &[Token], found: &mut Vec<Recovered>) {
    for (kind, view, turn) in [
        (kind::ROT13, View::Rot13, rot13 as fn(&str) -> String),
        (kind::REVERSED, View::Reversed, reversed),
    ] {
        for (first, last) in stretches(tokens, |token| token.is_kind(kind)) {
            let start = floor(
                text,
                border(tokens, first, -1).max(tokens[first].start().saturating_sub(AROUND)),
            );
            let end = ceil(
                text,
                border(tokens, last, 1).min(tokens[last].end() + AROUND),
            );
            let text = turn(&text[start..end]);
            found.push(Recovered {
                text,
                start,
                end,
                view,
            });
        }
    }
}

/// Where the paragraph of a word begins or ends.
fn border(tokens: &[Token], from: usize, direction: isize) -> usize {
    let mut at = from;
    for _ in 0..40 {
        let Some(next) = at
            .checked_add_signed(direction)
            .filter(|&next| next < tokens.len())
        else {
            break;
        };
        let edge = if direction > 0 { next } else { at };
        if tokens[edge].flags.has(Flags::PARAGRAPH) {
            break;
        }
        at = next;
    }
    if direction > 0 {
        tokens[at].end() + 2
    } else {
        tokens[at].start().saturating_sub(1)
    }
}

/// Stretches with enough words that `counts`, close together: the first and the last such word.
pub(super) fn stretches(tokens: &[Token], counts: impl Fn(&Token) -> bool) -> Vec<(usize, usize)> {
    let mut found = Vec::new();
    let mut open: Option<(usize, usize, usize)> = None;
    for at in (0..tokens.len()).filter(|&at| counts(&tokens[at])) {
        open = match open {
            Some((first, last, count)) if at - last <= APART => Some((first, at, count + 1)),
            other => {
                found.extend(other);
                Some((at, at, 1))
            }
        };
    }
    found.extend(open);
    found
        .into_iter()
        .filter(|&(_, _, count)| count >= ENOUGH)
        .map(|(first, last, _)| (first, last))
        .collect()
}

fn rot13(text: &str) -> String {
    text.chars()
        .map(|letter| match letter {
            'a'..='m' | 'A'..='M' => char::from(letter as u8 + 13),
            'n'..='z' | 'N'..='Z' => char::from(letter as u8 - 13),
            _ => letter,
        })
        .collect()
}

fn reversed(text: &str) -> String {
    text.chars().rev().collect()
}
