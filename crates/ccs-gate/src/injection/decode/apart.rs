//! Letters with something between each two of them.

use super::super::key;
use super::super::token::Token;
use super::super::view::{Recovered, View};
use super::super::words;

/// Fewer single letters are a list or a formula.
const ENOUGH: usize = 10;
/// Known words of three letters or more that must come out.
const WORDS: usize = 3;

pub(super) fn find(text: &str, tokens: &[Token], found: &mut Vec<Recovered>) {
    let mut at = 0;
    while at < tokens.len() {
        let length = run(text, &tokens[at..]);
        if length >= ENOUGH {
            let run = &tokens[at..at + length];
            if !is_uniform(text, run) {
                at += length;
                continue;
            }
            let joined = join(text, run);
            if known_words(&joined) >= WORDS {
                let (start, end) = (run[0].start(), run[length - 1].end());
                found.push(Recovered {
                    text: joined,
                    start,
                    end,
                    view: View::Spaced,
                });
            }
        }
        at += length.max(1);
    }
}

/// How many words from the first on are letters apart. A number or an abbreviation may be among
/// them.
fn run(text: &str, tokens: &[Token]) -> usize {
    let (mut length, mut long) = (0, 0);
    for (at, token) in tokens.iter().enumerate() {
        let single = text[token.start()..token.end()].chars().nth(1).is_none();
        long = if single { 0 } else { long + 1 };
        let far = at > 0 && separator(text, &tokens[at - 1], token).is_none();
        if long > 1 || far || (at == 0 && !single) {
            break;
        }
        if single {
            length = at + 1;
        }
    }
    length
}

/// Whether the letters are kept apart by space or by small signs, and not by the syntax of a
/// program.
fn is_uniform(text: &str, run: &[Token]) -> bool {
    let small = |s: &str| {
        s.bytes().all(|b| {
            b.is_ascii_whitespace() || matches!(b, b'.' | b'-' | b'_' | b'*' | b'~' | b'|' | b'+')
        })
    };
    let odd = run
        .windows(2)
        .filter(|pair| separator(text, &pair[0], &pair[1]).is_none_or(|s| !small(s)))
        .count();
    odd * 5 <= run.len()
}

/// What stands between two words, if that is what sets letters apart.
fn separator<'a>(text: &'a str, a: &Token, b: &Token) -> Option<&'a str> {
    let between = &text[a.end()..b.start()];
    (between.len() <= 24
        && between
            .bytes()
            .all(|b| b.is_ascii_whitespace() || b.is_ascii_punctuation()))
    .then_some(between)
}

/// Puts the letters together. Words end where the separator is wider, or has a space where others
/// have none; if all are alike, where the dictionary says.
fn join(text: &str, run: &[Token]) -> String {
    let separators: Vec<&str> = run
        .windows(2)
        .filter_map(|pair| separator(text, &pair[0], &pair[1]))
        .collect();
    let has_space = |s: &&str| s.bytes().any(|b| b.is_ascii_whitespace());
    let spaceless = separators.iter().filter(|s| !has_space(s)).count() * 2 > separators.len();
    let narrowest = separators
        .iter()
        .filter(|s| has_space(s))
        .map(|s| s.len())
        .min()
        .unwrap_or(1);
    let wide = |s: &&str| {
        if spaceless {
            has_space(s)
        } else {
            s.len() > narrowest + 1 || s.contains('\n')
        }
    };
    let ends = separators.iter().filter(|s| wide(s)).count();
    let mut joined = String::new();
    for (at, token) in run.iter().enumerate() {
        joined.push_str(&text[token.start()..token.end()]);
        let Some(separator) = separators.get(at) else {
            continue;
        };
        let sign = separator.trim_matches(|c: char| {
            c.is_whitespace() || (spaceless && matches!(c, '.' | '-' | '_' | '*'))
        });
        joined.push_str(sign);
        if wide(separator) {
            joined.push(' ');
        }
    }
    if ends * 12 < run.len() {
        segment(&joined)
    } else {
        joined
    }
}

/// Cuts letters into the longest known words.
fn segment(letters: &str) -> String {
    const LONGEST: usize = 14;
    let mut text = String::with_capacity(letters.len() * 2);
    let bytes = letters.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        let inside = bytes[at..].iter().take(LONGEST);
        let inside = inside.take_while(|b| b.is_ascii_alphabetic());
        let (mut word, mut running) = (None, key::SEED);
        for (before, byte) in inside.enumerate() {
            running = key::step(running, byte.to_ascii_lowercase());
            if before > 0 && words::by_key(running) != 0 {
                word = Some(before + 1);
            }
        }
        let length = word.unwrap_or_else(|| letters[at..].chars().next().map_or(1, char::len_utf8));
        if word.is_some() && !text.ends_with(' ') && !text.is_empty() {
            text.push(' ');
        }
        text.push_str(&letters[at..at + length]);
        if word.is_some() {
            text.push(' ');
        }
        at += length;
    }
    text.trim_end().to_owned()
}

fn known_words(text: &str) -> usize {
    text.split(|c: char| !c.is_alphanumeric())
        .filter(|word| word.len() > 2 && words::of(&word.to_lowercase()) != 0)
        .count()
}
