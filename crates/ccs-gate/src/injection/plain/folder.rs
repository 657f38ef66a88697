//! Writes the plain text and remembers what it took to make it plain.

use std::borrow::Cow;

use super::super::fold::{fold, is_mark};
use super::super::form::Form;
use super::super::lookalike::{self, is_latin_form};
use super::super::map::Map;
use super::super::token::is_letter;
use super::super::view::{Recovered, Veil, View};
use super::Plain;
use super::unseen::{Trace, Unseen};

/// The plain text so far.
#[derive(Default)]
pub(super) struct Folder {
    pub(super) out: String,
    map: Map,
    veils: Vec<Veil>,
    pub(super) recovered: Vec<(Recovered, (usize, usize))>,
    pub(super) traces: Vec<Trace>,
    word: Word,
    /// The last word was Latin or passed for it.
    after_latin: bool,
    unseen: Unseen,
    /// The word that is written again.
    foreign: String,
}

/// The word being written.
#[derive(Default)]
struct Word {
    start: usize,
    letters: usize,
    /// Has an ASCII letter.
    latin: bool,
    /// Letters of another alphabet that pass for Latin ones.
    foreign: usize,
    /// Has a letter that passes for none.
    other: bool,
    /// Letters in another form: full-width, mathematical, small capitals.
    styled: usize,
    /// Accents that were put on top.
    marks: usize,
}

impl Folder {
    pub(super) fn new(length: usize) -> Self {
        Self {
            out: String::with_capacity(length),
            ..Self::default()
        }
    }

    pub(super) fn len(&self) -> usize {
        self.out.len()
    }

    /// Appends text that is as it should be.
    pub(super) fn ascii(&mut self, text: &str, origin: usize) {
        let Some(&first) = text.as_bytes().first() else {
            return;
        };
        self.visible(char::from(first), origin);
        self.map.point(self.out.len(), origin);
        let inside = text.bytes().take_while(u8::is_ascii_alphanumeric).count();
        self.out.push_str(&text[..inside]);
        self.word.letters += inside;
        self.word.latin |= text.as_bytes()[..inside]
            .iter()
            .any(u8::is_ascii_alphabetic);
        if inside < text.len() {
            self.end_word();
            self.after_latin &= !ends_sentence(&text[inside..]);
            self.out.push_str(&text[inside..]);
            let last = text
                .bytes()
                .rev()
                .take_while(u8::is_ascii_alphanumeric)
                .count();
            self.begin_word(self.out.len() - last);
            self.word.letters = last;
            self.word.latin = text.as_bytes()[text.len() - last..]
                .iter()
                .any(u8::is_ascii_alphabetic);
        }
    }

    /// Appends the characters at the beginning of `text` that stay as they are, and says how many
    /// bytes they have.
    pub(super) fn steady(&mut self, text: &str, origin: usize) -> usize {
        let Some(first) = text.chars().next().filter(|&c| Form::of(c) != Form::Odd) else {
            return 0;
        };
        self.visible(first, origin);
        self.map.point(self.out.len(), origin);
        let (mut length, mut written) = (0, 0);
        for letter in text.chars() {
            let form = Form::of(letter);
            match form {
                Form::Odd => break,
                Form::Letter | Form::Foreign => {
                    self.word.letters += 1;
                    self.word.foreign += usize::from(form == Form::Foreign);
                    self.word.other |= form == Form::Letter;
                }
                Form::Sign => {
                    self.out.push_str(&text[written..length]);
                    written = length;
                    self.end_word();
                    self.map.point(self.out.len(), origin + length);
                    self.begin_word(self.out.len() + letter.len_utf8());
                }
            }
            length += letter.len_utf8();
        }
        self.out.push_str(&text[written..length]);
        length
    }

    /// Appends one character that was written at `origin..end`.
    pub(super) fn letter(&mut self, letter: char, origin: usize, end: usize) {
        if letter.is_ascii() {
            self.ascii(letter.encode_utf8(&mut [0; 4]), origin);
            return self.map.point(self.out.len(), end);
        }
        if self.unseen.takes(letter, self.out.len(), origin, end) {
            return;
        }
        if is_mark(letter) {
            self.word.marks += 1;
            return;
        }
        self.visible(letter, origin);
        let parts = Parts::of(letter);
        let in_word = parts.as_slice().iter().all(|part| is_letter(*part));
        if !in_word {
            self.end_word();
        }
        self.map.point(self.out.len(), origin);
        self.out.extend(parts.as_slice());
        if in_word {
            self.count(letter, parts.as_slice());
        } else {
            self.begin_word(self.out.len());
        }
        self.map.point(self.out.len(), end);
    }

    fn count(&mut self, letter: char, parts: &[char]) {
        let word = &mut self.word;
        for &part in parts {
            word.letters += 1;
            if part.is_ascii() {
                word.latin = true;
                word.styled += usize::from(is_styled(letter));
            } else if lookalike::latin(part).is_some() {
                word.foreign += 1;
            } else {
                word.other = true;
            }
        }
    }

    /// Something visible follows: what was unseen before it is complete.
    fn visible(&mut self, letter: char, origin: usize) {
        if self.unseen.is_open() {
            let mut unseen = std::mem::take(&mut self.unseen);
            unseen.close(letter, origin, self);
            self.unseen = unseen;
        }
    }

    fn begin_word(&mut self, start: usize) {
        self.word = Word {
            start,
            ..Word::default()
        };
    }

    fn end_word(&mut self) {
        let word = std::mem::take(&mut self.word);
        if word.letters == 0 {
            return;
        }
        let mixed = word.latin && word.letters >= 3;
        let alone = !word.latin && self.after_latin;
        let lookalike = word.foreign > 0 && !word.other && (mixed || alone);
        let view = if lookalike {
            self.romanise(word.start);
            Some(View::Lookalike).filter(|_| mixed)
        } else if word.styled >= 3 {
            Some(View::Styled)
        } else if word.latin && word.letters >= 3 && word.marks >= word.letters {
            Some(View::Stacked)
        } else {
            None
        };
        self.after_latin = word.latin || lookalike;
        if let Some(view) = view {
            self.veil(word.start, self.out.len(), view);
        }
    }

    /// Writes the word at `start` again with the letters it passes for.
    fn romanise(&mut self, start: usize) {
        let origin = self.map.latest(start);
        let end = self.map.latest(self.out.len());
        self.foreign.clear();
        self.foreign.push_str(&self.out[start..]);
        self.out.truncate(start);
        self.map.cut(start);
        self.map.point(start, origin);
        let latin = self.foreign.chars();
        self.out
            .extend(latin.map(|c| lookalike::latin(c).unwrap_or(c)));
        self.map.point(self.out.len(), end);
    }

    /// Lays a veil, or lengthens the last one if it is of the same kind and near.
    pub(super) fn veil(&mut self, start: usize, end: usize, view: View) {
        const NEAR: usize = 48;
        let last = self
            .veils
            .iter_mut()
            .rev()
            .take(4)
            .find(|veil| veil.view == view);
        match last {
            Some(veil) if start <= veil.end + NEAR => {
                veil.end = end.max(veil.end);
                veil.words += 1;
            }
            _ => self.veils.push(Veil {
                start,
                end,
                view,
                words: 1,
            }),
        }
    }

    pub(super) fn finish<'a>(mut self, length: usize) -> Plain<'a> {
        self.visible('\n', length);
        let mut unseen = std::mem::take(&mut self.unseen);
        unseen.turn_back(length, &mut self);
        self.end_word();
        Plain {
            text: Cow::Owned(self.out),
            map: self.map,
            veils: self.veils,
            recovered: self.recovered,
            traces: self.traces,
        }
    }
}

/// What one character is folded to.
struct Parts {
    /// Compatibility decompositions have at most eighteen.
    parts: [char; 18],
    count: usize,
}

impl Parts {
    fn of(letter: char) -> Self {
        let mut folded = Self {
            parts: ['\0'; 18],
            count: 0,
        };
        let put = |part| {
            if let Some(slot) = folded.parts.get_mut(folded.count) {
                *slot = part;
                folded.count += 1;
            }
        };
        match lookalike::latin(letter).filter(|_| is_latin_form(letter)) {
            Some(latin) => [latin].into_iter().for_each(put),
            None => fold(letter, put),
        }
        folded
    }

    fn as_slice(&self) -> &[char] {
        &self.parts[..self.count]
    }
}

/// Letters that stand for an ASCII letter in another typeface.
fn is_styled(letter: char) -> bool {
    is_latin_form(letter)
        || matches!(letter, '\u{2070}'..='\u{209c}' | '\u{2100}'..='\u{214f}' | '\u{249c}'..='\u{24e9}'
            | '\u{ff01}'..='\u{ff5e}' | '\u{1d400}'..='\u{1d7ff}' | '\u{1f110}'..='\u{1f189}')
}

/// Whether another sentence begins behind the signs at the end: it may be in another language.
fn ends_sentence(text: &str) -> bool {
    let mut signs = text
        .bytes()
        .rev()
        .take_while(|b| !b.is_ascii_alphanumeric());
    signs.any(|b| matches!(b, b'\n' | b'.' | b'!' | b'?' | b':' | b'"' | b'>'))
}
