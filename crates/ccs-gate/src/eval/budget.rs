//! How much may be walked for one call: any input returns, and soon.

use super::Eval;
use crate::value::{Labels, Value};

/// Work for one call. A unit is about ten nanoseconds.
const MAX_WORK: u32 = 2_000_000;
/// Texts within texts: `bash -c` in `eval` in `$(…)`.
const MAX_TEXTS: u16 = 24;
/// Lists, substitutions, wrappers and compound commands within each other, over all texts and
/// functions.
const MAX_DEPTH: u16 = 160;

/// A simple command.
pub(crate) const COMMAND: u32 = 600;
/// A round of a loop.
pub(crate) const ROUND: u32 = 50;
/// An effect that is asked about.
pub(crate) const EFFECT: u32 = 150;
/// A path that is placed and asked about.
pub(crate) const PATH: u32 = 300;
/// A word that is copied from one command line to another.
pub(crate) const WORD: u32 = 12;

/// What was used up so far.
#[derive(Debug, Default)]
pub(super) struct Budget {
    work: u32,
    texts: u16,
    depth: u16,
    /// Something was left out, and it was said.
    told: bool,
}

impl Eval<'_> {
    /// Takes work off the budget. False if it is used up, and the walk must end.
    pub(crate) fn spend(&mut self, work: u32) -> bool {
        self.budget.work = self.budget.work.saturating_add(work);
        if self.budget.work > MAX_WORK {
            self.left_out();
        }
        self.has_budget()
    }

    /// Takes the copying and searching of texts off the budget.
    pub(super) fn spend_text(&mut self, values: &[Value]) -> bool {
        let bytes: usize = values.iter().map(|value| value.text.len()).sum();
        self.spend(u32::try_from(bytes / 8).unwrap_or(u32::MAX))
    }

    /// Whether anything is left.
    pub(crate) fn has_budget(&self) -> bool {
        self.budget.work <= MAX_WORK
    }

    /// Something of the call is not walked: says so, once, by what the whole call names.
    fn left_out(&mut self) {
        if !std::mem::replace(&mut self.budget.told, true) {
            self.report.unread(&self.source);
        }
    }

    /// Runs something that reads another text, unless there are too many within each other.
    pub(crate) fn deeper(&mut self, run: impl FnOnce(&mut Self) -> Value) -> Value {
        if self.budget.texts >= MAX_TEXTS {
            self.left_out();
            return Value::unknown(Labels::OUTPUT);
        }
        self.budget.texts += 1;
        let value = run(self);
        self.budget.texts -= 1;
        value
    }

    /// Walks what stands within something else, unless that is too deep for the stack.
    pub(super) fn nested(&mut self, walk: impl FnOnce(&mut Self) -> Value) -> Value {
        if self.budget.depth >= MAX_DEPTH {
            self.left_out();
            return Value::unknown(Labels::OUTPUT);
        }
        self.budget.depth += 1;
        let value = walk(self);
        self.budget.depth -= 1;
        value
    }
}
