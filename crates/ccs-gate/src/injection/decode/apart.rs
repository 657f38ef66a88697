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
    let mut gaps = Vec::new();
    let mut at = 0;
    while at < tokens.len() {
        let length = run(text, &tokens[at..], &mut gaps);
        if length >= ENOUGH && is_uniform(&gaps) {
            let run = &tokens[at..at + length];
            let joined = join(text, run, &gaps);
            if has_known_words(&joined) {
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

/// What stands between two words of a run.
#[derive(Clone, Copy)]
struct Gap {
    /// In bytes.
    length: u8,
    /// Has white space.
    space: bool,
    newline: bool,
    /// Is white space or a small sign, and not the syntax of a program.
    small: bool,
    /// Is nothing but white space.
    blank: bool,
    /// Is nothing but white space and signs that stand for nothing between letters.
    faint: bool,
}

impl Gap {
    const LONGEST: usize = 24;

    /// What stands between two words, if that is what sets letters apart.
    fn between(text: &str, a: &Token, b: &Token) -> Option<Self> {
        let between = &text.as_bytes()[a.end()..b.start()];
        let mut gap = Self {
            length: u8::try_from(between.len()).ok()?,
            space: false,
            newline: false,
            small: true,
            blank: true,
            faint: true,
        };
        if between.len() > Self::LONGEST {
            return None;
        }
        for byte in between {
            match byte {
                b' ' | b'\t' | b'\x0c' | b'\r' => gap.space = true,
                b'\n' => (gap.space, gap.newline) = (true, true),
                b'.' | b'-' | b'_' | b'*' => gap.blank = false,
                b'~' | b'|' | b'+' => (gap.blank, gap.faint) = (false, false),
                _ if byte.is_ascii_punctuation() => {
                    (gap.small, gap.blank, gap.faint) = (false, false, false);
                }
                _ => return None,
            }
        }
        Some(gap)
    }
}

/// How many words from the first on are letters apart, and what stands between them. A number or
/// an abbreviation may be among them.
fn run(text: &str, tokens: &[Token], gaps: &mut Vec<Gap>) -> usize {
    gaps.clear();
    let (mut length, mut long) = (0, 0);
    for (at, token) in tokens.iter().enumerate() {
        let single = is_single(text, token);
        long = if single { 0 } else { long + 1 };
        if long > 1 || (at == 0 && !single) {
            break;
        }
        if at > 0 {
            match Gap::between(text, &tokens[at - 1], token) {
                Some(gap) => gaps.push(gap),
                None => break,
            }
        }
        if single {
            length = at + 1;
        }
    }
    gaps.truncate(length.saturating_sub(1));
    length
}

/// Whether a word is one character.
fn is_single(text: &str, token: &Token) -> bool {
    match token.len() {
        0 | 1 => true,
        2..=4 => text[token.start()..token.end()].chars().nth(1).is_none(),
        _ => false,
    }
}

/// Whether the letters are kept apart by space or by small signs, and not by the syntax of a
/// program.
fn is_uniform(gaps: &[Gap]) -> bool {
    let odd = gaps.iter().filter(|gap| !gap.small).count();
    odd * 5 <= gaps.len() + 1
}

/// Puts the letters together. Words end where the separator is wider, or has a space where others
/// have none; if all are alike, where the dictionary says.
fn join(text: &str, run: &[Token], gaps: &[Gap]) -> String {
    let spaceless = gaps.iter().filter(|gap| !gap.space).count() * 2 > gaps.len();
    let spaces = gaps.iter().filter(|gap| gap.space);
    let narrowest = spaces.map(|gap| gap.length).min().unwrap_or(1);
    let wide = |gap: &Gap| {
        if spaceless {
            gap.space
        } else {
            gap.length > narrowest + 1 || gap.newline
        }
    };
    let ends = gaps.iter().filter(|gap| wide(gap)).count();
    let mut joined = String::with_capacity(run.len() + ends);
    for (at, token) in run.iter().enumerate() {
        match text.as_bytes()[token.start()] {
            byte if token.len() == 1 => joined.push(char::from(byte)),
            _ => joined.push_str(&text[token.start()..token.end()]),
        }
        let Some(gap) = gaps.get(at) else {
            continue;
        };
        if !(gap.blank || (spaceless && gap.faint)) {
            let separator = &text[token.end()..run[at + 1].start()];
            joined.push_str(separator.trim_matches(|c: char| {
                c.is_whitespace() || (spaceless && matches!(c, '.' | '-' | '_' | '*'))
            }));
        }
        if wide(gap) {
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
        let longest = if begins_word(&bytes[at..]) {
            LONGEST
        } else {
            2
        };
        let inside = bytes[at..].iter().take(longest);
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

/// Whether a word of three letters or more begins with these three.
fn begins_word(bytes: &[u8]) -> bool {
    match bytes {
        [a, b, c, ..] => words::begins([a, b, c].map(u8::to_ascii_lowercase)),
        _ => false,
    }
}

/// Whether enough known words are among the letters.
fn has_known_words(text: &str) -> bool {
    let words = text.split(|c: char| !c.is_alphanumeric());
    // no entry is as long as that
    let head = |word: &str| word.chars().take(64).flat_map(char::to_lowercase).collect();
    let is_known = |word: &str| {
        let head: String = head(word);
        words::of(&head) != 0
    };
    let known = words.filter(|word| word.len() > 2 && is_known(word));
    known.take(WORDS).count() == WORDS
}
