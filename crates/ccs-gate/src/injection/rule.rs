//! The rules as tables. They come from `rules/injection/*.yaml`.

use super::part::Part;
use super::shape::Shape;
use super::view::View;
use super::words::{Combo, Set};

include!(concat!(env!("OUT_DIR"), "/injection_rules.rs"));

/// What a rule says about itself.
#[derive(Debug)]
pub(crate) struct Rule {
    /// `family.what-it-is`.
    pub(crate) id: &'static str,
    pub(crate) family: u8,
    /// In hundredths.
    pub(crate) score: i32,
    pub(crate) title: &'static str,
    /// No match if one of these words stands up to four words before it.
    pub(crate) not_after: Set,
    /// No match if one of these words stands up to four words behind it.
    pub(crate) not_before: Set,
}

/// Rules that speak about the same thing. In a window only the strongest counts.
#[derive(Debug)]
pub(crate) struct Family {
    pub(crate) name: &'static str,
    /// Supporters alone never reach a warning.
    pub(crate) supports: bool,
    /// A person mentions such things; quoting them is no attack.
    pub(crate) mentioned: bool,
    /// What it is one half of.
    pub(crate) part: Option<Part>,
    /// Means nothing without the other half.
    pub(crate) apart: bool,
}

/// Words in a row, with gaps.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pattern {
    pub(crate) rule: u16,
    first: u16,
    count: u8,
    /// The step that is looked for first.
    pub(crate) anchor: u8,
    /// The first word begins a sentence, a line, a quotation.
    pub(crate) fresh: bool,
    /// What words near the anchor must show.
    pub(crate) needs: Signs,
}

/// Signs of words in some place, one bit each. A word that a pattern needs shows one of them, and
/// so may others: where the sign is missing the word is missing.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Signs([u64; SIGNS / 64]);

impl Signs {
    /// How many words around its anchor a pattern's needs are about.
    pub(crate) const NEAR: usize = NEAR;

    /// Those that a word of this combination shows.
    pub(crate) fn of(combo: Combo) -> Self {
        SHOWN[usize::from(combo)]
    }

    pub(crate) fn and(self, other: Self) -> Self {
        let mut both = self;
        for (bits, more) in both.0.iter_mut().zip(other.0) {
            *bits |= more;
        }
        both
    }

    /// Whether all of `needs` are among them.
    pub(crate) fn show(&self, needs: &Self) -> bool {
        let missing = self.0.iter().zip(&needs.0);
        missing.fold(0, |missing, (bits, needed)| missing | needed & !bits) == 0
    }
}

/// One word of a pattern.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Step {
    pub(crate) set: u16,
    /// How many words may lie between it and the step before.
    pub(crate) gap: u8,
    pub(crate) how: u8,
}

impl Step {
    /// The gap may hold the end of a sentence.
    pub(crate) const CROSSES: u8 = 1;
    /// May be missing.
    pub(crate) const OPTIONAL: u8 = 2;
    /// A colon follows.
    pub(crate) const COLON: u8 = 8;
    /// In capitals.
    pub(crate) const CAPITALS: u8 = 16;
    /// In the place of an order.
    pub(crate) const LED: u8 = 32;
    /// Behind a comma.
    pub(crate) const COMMA: u8 = 64;

    pub(crate) const fn is(&self, how: u8) -> bool {
        self.how & how != 0
    }

    pub(crate) const fn classes(&self) -> Set {
        Set(self.set)
    }
}

impl Pattern {
    pub(crate) fn steps(&self) -> &'static [Step] {
        let first = usize::from(self.first);
        &STEPS[first..first + usize::from(self.count)]
    }
}

/// The patterns that are looked for where a word of this combination stands.
pub(crate) fn anchored(combo: Combo) -> impl Iterator<Item = &'static Pattern> {
    let (start, count) = ANCHORED[usize::from(combo)];
    let ids = &ANCHORED_IDS[start as usize..start as usize + usize::from(count)];
    ids.iter().map(|&id| &PATTERNS[usize::from(id)])
}

/// The rule for something that is not a row of words.
pub(crate) fn of_shape(shape: Shape) -> u16 {
    SHAPE_RULES[shape as usize]
}

/// What it adds that a text was found in this view: see `rules/injection/views.yaml`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Concealment {
    /// Added to the score of every window with a signal from this view.
    pub(crate) bonus: i32,
    /// The score of an instruction there.
    pub(crate) order: i32,
    /// The score of sentences there.
    pub(crate) prose: i32,
}

pub(crate) fn concealment(view: View) -> Concealment {
    CONCEALMENTS[view as usize]
}
