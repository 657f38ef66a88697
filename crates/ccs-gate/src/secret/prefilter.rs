//! Finds the keywords of all rules in one pass.
//!
//! Every keyword is represented by its least usual three bytes. A bit set of three-byte
//! sequences, filled at build time, says for each place in the text whether one of them stands
//! there; only then is anything compared. Nothing is built when the program starts.

use super::code::{bucket, code, trigram};
use super::form;
use super::rule::{self, Begins, KEYWORDS, Keyword, Set};

/// How many places are looked up before anything is compared: their answers fit a word, and
/// one branch tells that there is nothing.
const BLOCK: usize = 16;

/// Calls `found` with the place of every keyword, in the order of their probes' places.
pub(super) fn each(text: &[u8], mut found: impl FnMut(usize, &'static Keyword)) {
    let mut from = 0;
    while let Some(window) = text[from..].first_chunk::<{ BLOCK + 2 }>() {
        let mut marks = marks(window);
        while marks != 0 {
            compare(text, from + marks.trailing_zeros() as usize, &mut found);
            marks &= marks - 1;
        }
        from += BLOCK;
    }
    for at in from..text.len().saturating_sub(2) {
        compare(text, at, &mut found);
    }
}

/// Which of the places in a block begin a marked trigram.
#[inline]
fn marks(window: &[u8; BLOCK + 2]) -> u32 {
    let codes = window.map(code);
    let mut marks = 0;
    for at in 0..BLOCK {
        let trigram = (codes[at] << 12) | (codes[at + 1] << 6) | codes[at + 2];
        marks |= u32::from(rule::marked(trigram)) << at;
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
#[inline(never)]
fn compare(text: &[u8], at: usize, found: &mut impl FnMut(usize, &'static Keyword)) {
    let trigram = trigram(text[at], text[at + 1], text[at + 2]);
    for &(number, offset) in rule::bucket(bucket(trigram)) {
        let keyword = &KEYWORDS[usize::from(number)];
        let Some(start) = at.checked_sub(usize::from(offset)) else {
            continue;
        };
        if stands(text, start, keyword) && keyword.begins.allow(text, start) {
            found(start, keyword);
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
