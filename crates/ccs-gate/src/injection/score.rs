//! From signals to a verdict. In every window the strongest signal of each family counts; what
//! comes from a concealed place, or from a stranger, weighs more.

use super::rule::{self, FAMILIES, RULES};
use super::source::Source;
use super::view::View;

/// Signals this far apart, in bytes of the plain view, still belong together.
const WINDOW: usize = 420;
/// Supporters alone stay below every threshold.
const SUPPORT_ALONE: i32 = 50;
/// A window this strong warns even where it is only mentioned.
const CERTAIN: i32 = 150;

/// A signal while it is being weighed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Hit {
    pub(crate) rule: u16,
    pub(crate) view: View,
    /// In the plain view of the whole text.
    pub(crate) at: usize,
    /// In the original.
    pub(crate) start: usize,
    pub(crate) end: usize,
    /// In hundredths, without discounts.
    pub(crate) score: i32,
    /// What is left of the score, in hundredths, where the words are only mentioned.
    pub(crate) share: i32,
}

/// The score of the strongest window, in hundredths. Sorts the hits.
pub(crate) fn weigh(hits: &mut [Hit], source: Source, warn: i32) -> i32 {
    hits.sort_by_key(|hit| (hit.at, hit.start, hit.rule, hit.end));
    let mut best = 0;
    let mut strongest = vec![(0, 0); FAMILIES.len()];
    let mut to = 0;
    for (from, first) in hits.iter().enumerate() {
        to = to.max(from);
        let grew = hits[to..]
            .iter()
            .take_while(|hit| hit.at <= first.at + WINDOW)
            .count();
        to += grew;
        // A window that only lost its first signal cannot be stronger than the one before.
        if grew > 0 {
            best = best.max(window(&hits[from..to], source, warn, &mut strongest));
        }
    }
    best
}

fn window(hits: &[Hit], source: Source, warn: i32, strongest: &mut [(i32, i32)]) -> i32 {
    strongest.fill((0, 0));
    let mut bonus = 0;
    for hit in hits {
        let family = &mut strongest[usize::from(RULES[usize::from(hit.rule)].family)];
        family.0 = family.0.max(hit.score);
        family.1 = family.1.max(hit.score * hit.share / 100);
        bonus = bonus.max(rule::concealment(hit.view).bonus);
    }
    let (mut raw, mut lead, mut support) = (0, 0, 0);
    for (family, &(full, kept)) in FAMILIES.iter().zip(strongest.iter()) {
        raw += full;
        if family.supports {
            support += kept;
        } else {
            lead += kept;
        }
    }
    if lead == 0 {
        return support.min(SUPPORT_ALONE);
    }
    let total = lead + support + bonus + source.prior();
    if raw + bonus >= CERTAIN {
        total.max(warn)
    } else {
        total
    }
}
