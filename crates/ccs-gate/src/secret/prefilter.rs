//! Finds the keywords of all rules in one pass.
//!
//! Every keyword is represented by its least usual three bytes. A bit set of three-byte
//! sequences, filled at build time, says for each place in the text whether one of them stands
//! there; only then is anything compared. Nothing is built when the program starts.

use super::code::{bucket, code};
use super::rule::{self, KEYWORDS, Keyword};

/// Calls `found` with the place of every keyword, in the order of their last bytes' places.
pub(super) fn each(text: &[u8], mut found: impl FnMut(usize, &'static Keyword)) {
    let (mut first, mut second) = (0, 0);
    for (at, &byte) in text.iter().enumerate() {
        let third = code(byte);
        let trigram = (first << 12) | (second << 6) | third;
        if rule::marked(trigram) {
            compare(text, at, trigram, &mut found);
        }
        (first, second) = (second, third);
    }
}

/// Whether any keyword may stand in the text: cheap, and never wrong about a no.
pub(super) fn any(text: &[u8]) -> bool {
    let mut hit = false;
    each(text, |_, _| hit = true);
    hit
}

/// The keywords whose trigram ends at `end`.
#[cold]
#[inline(never)]
fn compare(
    text: &[u8],
    end: usize,
    trigram: u32,
    found: &mut impl FnMut(usize, &'static Keyword),
) {
    for &(number, offset) in rule::bucket(bucket(trigram)) {
        let keyword = &KEYWORDS[usize::from(number)];
        let Some(start) = end.checked_sub(usize::from(offset) + 2) else {
            continue;
        };
        if stands(text, start, keyword) {
            found(start, keyword);
        }
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
