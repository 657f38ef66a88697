//! From candidates to findings: one secret is reported once, under its most telling rule.

use std::borrow::Cow;
use std::cmp::Reverse;
use std::collections::BTreeMap;

use super::Finding;
use super::rule::RULES;
use super::scan::Candidate;
use super::view::Seen;

/// Sorts the candidates and leaves out those that another one covers.
pub(super) fn findings(text: &str, mut seen: Vec<Seen>) -> Vec<Finding> {
    for one in &mut seen {
        one.candidate.start = boundary_before(text, one.candidate.start);
        one.candidate.end = boundary_after(text, one.candidate.end);
    }
    seen.retain(|one| one.candidate.start < one.candidate.end);
    seen.sort_by_key(telling);
    let mut taken = Taken::default();
    seen.retain(|one| taken.take(one.candidate.start, one.candidate.end));
    seen.sort_by_key(|one| one.candidate.start);
    seen.into_iter().map(finding).collect()
}

/// Places that are taken, none inside another: their starts and ends.
#[derive(Default)]
struct Taken(BTreeMap<usize, usize>);

impl Taken {
    /// Takes the place if none of it is taken.
    fn take(&mut self, start: usize, end: usize) -> bool {
        let before = self.0.range(..end).next_back();
        let free = before.is_none_or(|(_, &taken)| taken <= start);
        if free {
            self.0.insert(start, end);
        }
        free
    }
}

/// Adds what does not overlap anything found before it.
pub(super) fn merge(found: &mut Vec<Finding>, more: Vec<Finding>) {
    let mut taken = Taken::default();
    for one in found.iter() {
        taken.take(one.start, one.end);
    }
    found.extend(
        more.into_iter()
            .filter(|one| taken.take(one.start, one.end)),
    );
    found.sort_by_key(|one| one.start);
}

/// The order in which candidates are kept: the surest first; of equals the one whose rule knows a
/// form, then the longest, then the one of the narrowest form.
fn telling(one: &Seen) -> impl Ord + use<> {
    let Candidate {
        rule,
        start,
        end,
        confidence,
    } = one.candidate;
    let known = &RULES[usize::from(rule)];
    let sure = Reverse((confidence, !known.is_general(), end - start));
    (
        sure,
        known.near.is_empty(),
        known.breadth,
        one.form,
        start,
        rule,
    )
}

fn finding(seen: Seen) -> Finding {
    let rule = &RULES[usize::from(seen.candidate.rule)];
    Finding {
        rule: Cow::Borrowed(rule.id),
        title: Cow::Borrowed(rule.title),
        start: seen.candidate.start,
        end: seen.candidate.end,
        severity: rule.severity,
        form: seen.form,
        confidence: seen.candidate.confidence,
    }
}

fn boundary_before(text: &str, mut at: usize) -> usize {
    at = at.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

fn boundary_after(text: &str, mut at: usize) -> usize {
    at = at.min(text.len());
    while !text.is_char_boundary(at) {
        at += 1;
    }
    at
}
