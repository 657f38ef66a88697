//! Rules that follow from the owner's policy, not from a file.

use std::borrow::Cow;

use super::Meta;
use crate::verdict::{Decision, Severity};

const fn rule(
    id: &'static str,
    decision: Decision,
    title: &'static str,
    why: &'static str,
) -> Meta {
    Meta {
        id: Cow::Borrowed(id),
        title: Cow::Borrowed(title),
        severity: Severity::Medium,
        decision,
        why: Cow::Borrowed(why),
        instead: None,
    }
}

/// Mode `allowlist`: the program is on no list.
pub(crate) static NOT_LISTED: Meta = rule(
    "mode.not-listed",
    Decision::Deny,
    "Runs a program that is not on the list",
    "The policy allows only listed programs; its owner can add this one under `allow`.",
);

/// Mode `readonly`: something may change.
pub(crate) static READ_ONLY: Meta = rule(
    "mode.readonly",
    Decision::Deny,
    "May change something",
    "The policy allows reading only.",
);

/// A command the owner wants to see first.
pub(crate) static ASKED: Meta = rule(
    "policy.ask",
    Decision::Ask,
    "The policy asks about this command",
    "Its owner wants to see it first.",
);

/// A command the owner forbids.
pub(crate) static DENIED: Meta = rule(
    "policy.deny",
    Decision::Deny,
    "The policy forbids this command",
    "Its owner does not want it to run.",
);
