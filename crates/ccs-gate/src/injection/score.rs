//! From signals to a verdict. In every window the strongest signal of each family counts; what
//! comes from a concealed place, or from a stranger, weighs more.

use std::collections::VecDeque;

use super::rule::{self, FAMILIES, Family, RULES};
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
pub(crate) fn weigh(hits: &mut [Hit], source: Source, thresholds: (i32, i32)) -> i32 {
    hits.sort_by_key(order);
    let mut window = Window::new();
    let (mut best, mut to) = (0, 0);
    for (from, first) in hits.iter().enumerate() {
        let mut rose = false;
        while hits.get(to).is_some_and(|hit| hit.at <= first.at + WINDOW) {
            rose |= window.take(to, &hits[to]);
            to += 1;
        }
        // A window in which nothing rose cannot be stronger than the one before.
        if rose {
            window.forget(from);
            best = best.max(window.score(source, thresholds));
        }
    }
    best
}

/// In the order of the text.
fn order(hit: &Hit) -> (usize, usize, u16, usize) {
    (hit.at, hit.start, hit.rule, hit.end)
}

/// Sorts hits that are nearly sorted. Where many are far from their place it leaves off.
pub(crate) fn settle(hits: &mut [Hit]) {
    let mut moves = 4 * hits.len();
    for from in 1..hits.len() {
        let mut at = from;
        while at > 0 && order(&hits[at - 1]) > order(&hits[at]) {
            if moves == 0 {
                return;
            }
            moves -= 1;
            hits.swap(at - 1, at);
            at -= 1;
        }
    }
}

/// What is strongest among the hits that are not too far apart.
struct Window {
    /// Of every family the full score, and what is left of it where it is only mentioned.
    families: Vec<(Peak, Peak)>,
    bonus: Peak,
}

impl Window {
    fn new() -> Self {
        Self {
            families: FAMILIES.iter().map(|_| Default::default()).collect(),
            bonus: Peak::default(),
        }
    }

    /// Whether anything is stronger with the hit.
    fn take(&mut self, number: usize, hit: &Hit) -> bool {
        let family = usize::from(RULES[usize::from(hit.rule)].family);
        let (full, kept) = &mut self.families[family];
        let rose = [
            full.take(number, hit.score),
            kept.take(number, hit.score * hit.share / 100),
            self.bonus.take(number, rule::concealment(hit.view).bonus),
        ];
        rose.contains(&true)
    }

    /// Lets go of the hits before this one.
    fn forget(&mut self, before: usize) {
        for (full, kept) in &mut self.families {
            full.forget(before);
            kept.forget(before);
        }
        self.bonus.forget(before);
    }

    /// The score, which halves of something raise to a warning at most.
    fn score(&self, source: Source, (warn, block): (i32, i32)) -> i32 {
        let whole = self.sum(source, warn, |_| true);
        let solid = self.sum(source, warn, |family| !family.apart);
        if solid < block {
            whole.min(block - 1).max(solid)
        } else {
            whole
        }
    }

    /// What the families that count add up to.
    fn sum(&self, source: Source, warn: i32, counts: impl Fn(&Family) -> bool) -> i32 {
        let (mut raw, mut lead, mut support) = (0, 0, 0);
        let families = FAMILIES.iter().zip(&self.families);
        for (family, (full, kept)) in families.filter(|(family, _)| counts(family)) {
            raw += full.height();
            if family.supports {
                support += kept.height();
            } else {
                lead += kept.height();
            }
        }
        if lead == 0 {
            return support.min(SUPPORT_ALONE);
        }
        let bonus = self.bonus.height();
        let total = lead + support + bonus + source.prior();
        if raw + bonus >= CERTAIN {
            total.max(warn)
        } else {
            total
        }
    }
}

/// The greatest of some numbers that come at the back and go at the front. What a later one is not
/// below is forgotten at once, so every number is looked at twice at most.
#[derive(Default)]
struct Peak {
    falling: VecDeque<(usize, i32)>,
}

impl Peak {
    /// Whether it is the greatest.
    fn take(&mut self, number: usize, value: i32) -> bool {
        let rose = value > self.height();
        while self.falling.back().is_some_and(|&(_, last)| last <= value) {
            self.falling.pop_back();
        }
        self.falling.push_back((number, value));
        rose
    }

    fn forget(&mut self, before: usize) {
        while self
            .falling
            .front()
            .is_some_and(|&(number, _)| number < before)
        {
            self.falling.pop_front();
        }
    }

    fn height(&self) -> i32 {
        self.falling.front().map_or(0, |&(_, value)| value)
    }
}
