//! Finds the keywords of all rules in one pass.
//!
//! Every keyword is represented by its least usual three bytes. A bit set of three-byte
//! sequences, filled at build time, says for each place in the text whether one of them may stand
//! there; only then is anything compared. Nothing is built when the program starts.

use super::code::{END, bucket, coarse, code, quad, trigram};
use super::form;
use super::rule::{self, Begins, KEYWORDS, Keyword, Set};

/// How many places are looked up at once: their answers fit a word.
const BLOCK: usize = 16;

/// How many blocks are looked up before anything is compared: one place in thirty may begin a
/// keyword, and to ask at each would cost more than to look up the rest.
const BLOCKS: usize = 64;

/// Places that were noted, counted from the first of their blocks.
struct Notes {
    /// Blocks in which a keyword may begin, and where in them.
    blocks: [(u16, u16); BLOCKS],
    /// Places at which one is likely to.
    places: [u16; BLOCK * BLOCKS],
}

/// Calls `found` with the place of every keyword, in the order of their probes' places.
pub(super) fn each(text: &[u8], mut found: impl FnMut(usize, &'static Keyword)) {
    let mut from = 0;
    let mut notes = Notes {
        blocks: [(0, 0); BLOCKS],
        places: [0; BLOCK * BLOCKS],
    };
    while let Some(rest) = text.get(from..).filter(|rest| rest.len() >= BLOCK + 3) {
        let (len, some) = notes.candidates(rest);
        for &place in notes.likely(rest, some) {
            compare(text, from + usize::from(place), &mut found);
        }
        from += len;
    }
    for at in from..text.len().saturating_sub(2) {
        compare(text, at, &mut found);
    }
}

impl Notes {
    /// Notes the blocks in which a keyword may begin. Returns how many bytes were looked at and
    /// how many blocks noted.
    fn candidates(&mut self, text: &[u8]) -> (usize, usize) {
        let (mut at, mut some) = (0, 0);
        let last = (text.len() - (BLOCK + 3)).min(BLOCK * (BLOCKS - 1));
        while at <= last {
            let Some(window) = text[at..].first_chunk() else {
                break;
            };
            let marks = marks(window);
            self.blocks[some] = (at as u16, marks as u16);
            some += usize::from(marks != 0);
            at += BLOCK;
        }
        (at, some)
    }

    /// The places in the first `some` blocks at which not three but four bytes may be those of a
    /// keyword.
    fn likely(&mut self, text: &[u8], some: usize) -> &[u16] {
        let mut likely = 0;
        for &(from, mut marks) in &self.blocks[..some] {
            while marks != 0 {
                let at = from + marks.trailing_zeros() as u16;
                marks &= marks - 1;
                if let Some(&[a, b, c, d]) = text[usize::from(at)..].first_chunk() {
                    self.places[likely] = at;
                    likely += usize::from(rule::quad(quad(trigram(a, b, c), code(d))));
                }
            }
        }
        &self.places[..likely]
    }
}

/// Which of the places in a block may begin the trigram of a keyword.
#[inline]
fn marks(window: &[u8; BLOCK + 2]) -> u32 {
    let codes = window.map(coarse);
    let mut marks = 0;
    for at in 0..BLOCK {
        let followers = rule::followers((codes[at] << 5) | codes[at + 1]);
        marks |= ((followers >> codes[at + 2]) & 1) << at;
    }
    marks
}

/// Whether any keyword may stand in the text: cheap, and never wrong about a no.
pub(super) fn any(text: &[u8]) -> bool {
    let mut hit = false;
    each(text, |_, _| hit = true);
    hit
}

/// The keywords whose probe stands at `at`.
#[inline]
fn compare(text: &[u8], at: usize, found: &mut impl FnMut(usize, &'static Keyword)) {
    let trigram = trigram(text[at], text[at + 1], text[at + 2]);
    let next = text.get(at + 3).map_or(END, |&byte| code(byte) as u8);
    for entry in rule::bucket(bucket(trigram)) {
        if entry.next == next || entry.next == END {
            let keyword = &KEYWORDS[usize::from(entry.word)];
            let Some(start) = at.checked_sub(usize::from(entry.at)) else {
                continue;
            };
            if stands(text, start, keyword) && keyword.begins.allow(text, start) {
                found(start, keyword);
            }
        }
    }
}

impl Begins {
    /// Whether a keyword may begin at `at`, by what stands before it.
    fn allow(self, text: &[u8], at: usize) -> bool {
        let Some(before) = at.checked_sub(1).map(|before| text[before]) else {
            return true;
        };
        let joined = match self {
            Self::Anywhere => return true,
            Self::Word => Set::WORD.has(before),
            Self::Part => {
                let here = text[at];
                before.is_ascii_lowercase() && here.is_ascii_lowercase()
                    || before.is_ascii_uppercase() && here.is_ascii_uppercase()
            }
        };
        !joined || form::escape_before(text, at)
    }
}

fn stands(text: &[u8], at: usize, keyword: &Keyword) -> bool {
    let word = keyword.text.as_bytes();
    text.get(at..at + word.len()).is_some_and(|here| {
        if keyword.fold {
            here.eq_ignore_ascii_case(word)
        } else {
            here == word
        }
    })
}
