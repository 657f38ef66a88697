//! From candidates to findings: one secret is reported once, under its most telling rule.

use std::borrow::Cow;
use std::cmp::Reverse;

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
    let mut kept: Vec<Seen> = Vec::new();
    for one in seen {
        let (start, end) = (one.candidate.start, one.candidate.end);
        let apart = |k: &Seen| end <= k.candidate.start || k.candidate.end <= start;
        if kept.iter().all(apart) {
            kept.push(one);
        }
    }
    kept.sort_by_key(|one| one.candidate.start);
    kept.into_iter().map(finding).collect()
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
