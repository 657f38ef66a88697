//! Finds rows of words. Every word is asked once which patterns are anchored at it; a pattern
//! looks a bounded number of words to either side, so the work grows with the text alone.

use super::rule::{self, Pattern, RULES, Signs, Step};
use super::token::{Flags, Token};
use super::words::Set;

/// A match.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Match {
    pub(crate) rule: u16,
    /// The first and the last word of it.
    pub(crate) first: usize,
    pub(crate) last: usize,
}

/// How near the words are that make a match none.
const NEAR: usize = 4;

/// Words inside tags do not count as distance, as long as there are not more of them.
const TAG_WORDS: usize = 24;

/// Hands every match to `seen`, in the order of its anchors. `work` counts the words that were
/// looked at.
pub(crate) fn find(tokens: &[Token], work: &mut u64, mut seen: impl FnMut(Match)) {
    let mut last = None;
    let mut near = Near::of(tokens);
    for (at, token) in tokens.iter().enumerate() {
        *work += 1;
        let signs = near.at(token);
        if token.combo == 0 {
            continue;
        }
        for pattern in rule::anchored(token.combo) {
            if !signs.show(&pattern.needs) {
                continue;
            }
            let found = Attempt::at(tokens, at, pattern, work);
            // several patterns of a rule may see the same words
            if let Some(found) = found.filter(|found| last != Some(*found)) {
                last = Some(found);
                seen(found);
            }
        }
    }
}

/// What the words show in the neighbourhood of one: in stretches of as many words as a pattern's
/// needs reach, the one it is in, the one before and the one behind.
struct Near {
    stretches: Vec<Signs>,
    /// The stretch, and how many words of it have passed.
    stretch: usize,
    passed: usize,
    signs: Signs,
}

impl Near {
    fn of(tokens: &[Token]) -> Self {
        let mut stretches = Vec::with_capacity(tokens.len() / Signs::NEAR + 1);
        let (mut signs, mut words) = (Signs::default(), 0);
        for token in tokens {
            if counts(token) {
                if words == Signs::NEAR {
                    stretches.push(std::mem::take(&mut signs));
                    words = 0;
                }
                words += 1;
            }
            if token.combo != 0 {
                signs = signs.and(Signs::of(token.combo));
            }
        }
        stretches.push(signs);
        let mut near = Self {
            stretches,
            stretch: 0,
            passed: 0,
            signs: Signs::default(),
        };
        near.signs = near.around();
        near
    }

    /// Around the next word, which is `token`.
    fn at(&mut self, token: &Token) -> Signs {
        if counts(token) {
            if self.passed == Signs::NEAR {
                self.stretch += 1;
                self.passed = 0;
                self.signs = self.around();
            }
            self.passed += 1;
        }
        self.signs
    }

    fn around(&self) -> Signs {
        let from = self.stretch.saturating_sub(1);
        let to = self.stretches.len().min(self.stretch + 2);
        let all = self.stretches[from..to].iter();
        all.fold(Signs::default(), |signs, more| signs.and(*more))
    }
}

/// Whether a word counts as distance: those inside tags may not.
fn counts(token: &Token) -> bool {
    !token.flags.has(Flags::IN_TAG)
}

struct Attempt<'a> {
    tokens: &'a [Token],
    anchor: usize,
    work: &'a mut u64,
}

impl<'a> Attempt<'a> {
    fn at(
        tokens: &'a [Token],
        anchor: usize,
        pattern: &Pattern,
        work: &'a mut u64,
    ) -> Option<Match> {
        let steps = pattern.steps();
        let middle = usize::from(pattern.anchor);
        if !fits(&tokens[anchor], &steps[middle]) {
            return None;
        }
        let mut attempt = Self {
            tokens,
            anchor,
            work,
        };
        let last = attempt.forward(&steps[middle..])?;
        let first = attempt.backward(&steps[..=middle])?;
        if pattern.fresh && !begins(tokens, first) {
            return None;
        }
        let rule = &RULES[usize::from(pattern.rule)];
        let tied = first < last
            && tokens[first + 1..=last]
                .iter()
                .all(|token| token.flags.has(Flags::TIED));
        if tied
            || attempt.is_near(first, &rule.not_after, -1)
            || attempt.is_near(last, &rule.not_before, 1)
        {
            return None;
        }
        let rule = pattern.rule;
        Some(Match { rule, first, last })
    }

    /// The last word of `steps`, the first of which is the anchor.
    fn forward(&mut self, steps: &[Step]) -> Option<usize> {
        let mut at = self.anchor;
        for step in &steps[1..] {
            match self.next(at, step, 1) {
                Some(found) => at = found,
                None if step.is(Step::OPTIONAL) => {}
                None => return None,
            }
        }
        Some(at)
    }

    /// The first word of `steps`, the last of which is the anchor.
    fn backward(&mut self, steps: &[Step]) -> Option<usize> {
        let mut at = self.anchor;
        for pair in steps.windows(2).rev() {
            // The gap is written on the later of the two steps.
            let step = Step {
                gap: pair[1].gap,
                how: (pair[0].how & !Step::CROSSES) | (pair[1].how & Step::CROSSES),
                ..pair[0]
            };
            match self.next(at, &step, -1) {
                Some(found) => at = found,
                None if step.is(Step::OPTIONAL) => {}
                None => return None,
            }
        }
        Some(at)
    }

    /// The nearest word in a direction that fits the step.
    fn next(&mut self, from: usize, step: &Step, direction: isize) -> Option<usize> {
        let in_tag = self.tokens[self.anchor].flags.has(Flags::IN_TAG);
        let (mut left, mut skips) = (usize::from(step.gap) + 1, TAG_WORDS);
        let mut at = from;
        while left > 0 {
            let next = at
                .checked_add_signed(direction)
                .filter(|&at| at < self.tokens.len())?;
            *self.work += 1;
            let border = if direction > 0 { next } else { at };
            if self.tokens[border].flags.has(Flags::BREAK) && !step.is(Step::CROSSES) {
                return None;
            }
            at = next;
            let token = &self.tokens[at];
            if fits(token, step) {
                return Some(at);
            }
            if token.flags.has(Flags::IN_TAG) && !in_tag && skips > 0 {
                skips -= 1;
            } else {
                left -= 1;
            }
        }
        None
    }

    /// Whether one of these words lies up to four words away in the same sentence.
    fn is_near(&mut self, from: usize, classes: &Set, direction: isize) -> bool {
        if *classes == Set::NONE {
            return false;
        }
        let mut at = from;
        for _ in 0..NEAR {
            let Some(next) = at
                .checked_add_signed(direction)
                .filter(|&at| at < self.tokens.len())
            else {
                return false;
            };
            *self.work += 1;
            let border = if direction > 0 { next } else { at };
            if self.tokens[border].flags.has(Flags::BREAK) {
                return false;
            }
            at = next;
            if self.tokens[at].is(classes) {
                return true;
            }
        }
        false
    }
}

/// Whether the word begins something, and is not the first part of a name such as `claude.ai`.
fn begins(tokens: &[Token], at: usize) -> bool {
    let name = tokens
        .get(at + 1)
        .is_some_and(|next| next.flags.has(Flags::TIED));
    tokens[at].flags.has(Flags::FRESH.and(Flags::BREAK)) && !name
}

fn fits(token: &Token, step: &Step) -> bool {
    token.is(&step.classes())
        && (!step.is(Step::COLON) || token.flags.has(Flags::COLON))
        && (!step.is(Step::CAPITALS) || token.flags.has(Flags::CAPITALS))
        && (!step.is(Step::LED) || token.flags.has(Flags::LED))
        && (!step.is(Step::COMMA) || token.flags.has(Flags::COMMA))
}
