//! The rules as tables. They come from `rules/quality/*.yaml`.

use super::pattern::{Place, Step, What};
use crate::verdict::Severity;

include!(concat!(env!("OUT_DIR"), "/quality_rules.rs"));

/// What a rule says about itself, and what it looks for.
#[derive(Debug)]
pub struct Rule {
    /// `family.what-it-is`; never reused for something else.
    pub id: &'static str,
    /// One line: what the code does.
    pub title: &'static str,
    /// How bad it is.
    pub severity: Severity,
    /// What to do about it.
    pub advice: &'static str,
    /// It looks at comments, not at code.
    pub(super) comments: bool,
    /// It holds in tests too.
    pub(super) tests: bool,
    /// A comment beside it lets it pass.
    pub(super) unexplained: bool,
    /// Only where nothing is around it: at the beginning of a line without decoration.
    pub(super) top: bool,
    /// Parts of words, one of which on the same lines lets it pass.
    pub(super) unless_words: &'static [&'static str],
    /// What on the same lines lets it pass.
    pub(super) unless: &'static [&'static [Step]],
    /// Sets of languages, each with a pattern.
    pub(super) patterns: &'static [(u16, &'static [Step])],
    /// What is no pattern, and in which languages.
    pub(super) shape: Option<(u16, Shape)>,
}

/// What is looked for by code of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    /// A Python function that does nothing but raise `NotImplementedError`.
    UnfinishedRaise,
    /// A regular expression that can take exponential time.
    SlowRegex,
}

const fn step(what: What, optional: bool, not: bool, place: Place) -> Step {
    Step {
        what,
        optional,
        not,
        place,
    }
}
