//! Digits and signs in the place of letters.

use super::super::key;
use super::super::token::{Flags, Token};
use super::super::view::{Recovered, View};
use super::super::words::{self, Beginnings};
use super::moved::stretches;

/// Longer words are looked at no closer.
const LONGEST: usize = 20;

pub(super) fn find(text: &str, tokens: &[Token], found: &mut Vec<Recovered>) {
    let is_leet = |token: &Token| {
        let mixed = token.flags.has(Flags::DIGIT) && token.len() <= LONGEST;
        mixed && known(with_signs(text, token))
    };
    for (first, last) in stretches(tokens, is_leet) {
        let digits = tokens[first..=last]
            .iter()
            .filter(|token| token.flags.has(Flags::DIGIT))
            .count();
        if digits * 3 < last - first {
            continue;
        }
        let bytes = text.as_bytes();
        let sign =
            |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'$' | b'@' | b'!' | b'|' | b'+');
        let before = bytes[..tokens[first].start()]
            .iter()
            .rev()
            .take(64)
            .take_while(|b| sign(b) || **b == b' ')
            .count();
        let after = bytes[tokens[last].end()..]
            .iter()
            .take(64)
            .take_while(|b| sign(b) || matches!(b, b' ' | b'.'))
            .count();
        let (start, end) = (tokens[first].start() - before, tokens[last].end() + after);
        let text = plain(&text[start..end]);
        found.push(Recovered {
            text,
            start,
            end,
            view: View::Leet,
        });
    }
}

/// The word with the signs that touch it, some of which stand for letters: `4cc3$$`.
fn with_signs<'a>(text: &'a str, token: &Token) -> &'a str {
    let bytes = text.as_bytes();
    let part = |b: &&u8| b.is_ascii_alphanumeric() || matches!(b, b'$' | b'@' | b'!' | b'|' | b'+');
    let room = LONGEST - token.len().min(LONGEST);
    let before = bytes[..token.start()].iter().rev().take(room);
    let after = bytes[token.end()..].iter().take(room);
    let (before, after) = (
        before.take_while(part).count(),
        after.take_while(part).count(),
    );
    &text[token.start() - before..token.end() + after]
}

/// Whether the word has substitutes among its letters and is a known word without them. A digit
/// at the end is a version.
fn known(word: &str) -> bool {
    let word = word.trim_end_matches('!');
    let head = word.trim_end_matches(|c: char| c.is_ascii_digit());
    let inside = head.bytes().any(|b| b.is_ascii_digit())
        || (head.len() > 1 && word.len() == head.len() + 1);
    let letters = word.bytes().filter(u8::is_ascii_alphabetic).count();
    inside
        && letters > 0
        && word.len() > 2
        && (is_word(word, 'i') || (word.contains(['1', '|']) && is_word(word, 'l')))
}

/// The word without substitutes, if that is a word.
fn resolve(word: &str) -> Option<String> {
    let one = ['i', 'l'].into_iter().find(|one| is_word(word, *one))?;
    Some(
        word.chars()
            .map(|c| letter(c, one).to_ascii_lowercase())
            .collect(),
    )
}

/// Whether the word is one if the digit 1 stands for that letter.
fn is_word(word: &str, one: char) -> bool {
    let mut beginnings = Beginnings::default();
    let mut running = key::SEED;
    for (at, &byte) in word.as_bytes().iter().enumerate() {
        let small = if byte.is_ascii() {
            letter(char::from(byte), one).to_ascii_lowercase() as u8
        } else {
            byte
        };
        running = key::step(running, small);
        if word.is_char_boundary(at + 1) {
            beginnings.letter(running);
        }
    }
    words::by_key(running) != 0 || beginnings.combo() != 0
}

fn letter(sign: char, one: char) -> char {
    match sign {
        '0' => 'o',
        '1' | '|' => one,
        '3' => 'e',
        '4' | '@' => 'a',
        '5' | '$' => 's',
        '7' | '+' => 't',
        '8' => 'b',
        '9' => 'g',
        '!' => 'i',
        other => other,
    }
}

fn plain(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    for word in text.split_inclusive(|c: char| {
        c.is_whitespace() || matches!(c, ',' | '.' | ':' | ';' | '`' | '"' | '/' | '(' | ')')
    }) {
        let end = word
            .trim_end_matches(|c: char| {
                !c.is_alphanumeric() && !matches!(c, '$' | '@' | '!' | '|' | '+')
            })
            .len();
        let (word, rest) = word.split_at(end);
        match resolve(word) {
            Some(resolved) => plain.push_str(&resolved),
            None => plain.extend(word.chars().map(|c| letter(c, 'i'))),
        }
        plain.push_str(rest);
    }
    plain
}
