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

/// A command the owner lets through.
pub(crate) static ALLOWED: Meta = rule(
    "policy.allow",
    Decision::Allow,
    "The policy allows this command",
    "Its owner wants it to run.",
);

/// A file the owner keeps to himself.
pub(crate) static ZERO_ACCESS: Meta = rule(
    "policy.zero-access",
    Decision::Deny,
    "Touches a file the policy keeps away",
    "Its owner wants nobody to read or change it.",
);

/// A file the owner wants as it is.
pub(crate) static READ_ONLY_PATH: Meta = rule(
    "policy.read-only",
    Decision::Deny,
    "Changes a file the policy keeps as it is",
    "Its owner wants it to be read only.",
);

/// A file the owner wants to keep.
pub(crate) static NO_DELETE: Meta = rule(
    "policy.no-delete",
    Decision::Deny,
    "Deletes a file the policy keeps",
    "Its owner wants it to stay.",
);

/// A host that is not among those the owner allows.
pub(crate) static HOST_NOT_LISTED: Meta = rule(
    "policy.host-not-listed",
    Decision::Deny,
    "Speaks with a host that is not on the list",
    "The policy allows only listed hosts; its owner can add this one under `hosts: allow`.",
);

/// A host that the owner forbids.
pub(crate) static HOST_DENIED: Meta = rule(
    "policy.host-denied",
    Decision::Deny,
    "Speaks with a host the policy forbids",
    "Its owner wants nothing sent there or fetched from there.",
);

/// A connection without encryption.
pub(crate) static PLAIN: Meta = rule(
    "policy.plain-http",
    Decision::Deny,
    "Speaks with a host without encryption",
    "Whoever is on the way reads it and can change it; the policy wants https.",
);

/// A stored secret in a call.
pub(crate) static STORED: Meta = rule(
    "secret.stored",
    Decision::Deny,
    "Carries a secret that is in the vault",
    "What is written into a call stays in the conversation and the transcript.",
);

/// A secret in a command.
pub(crate) static IN_COMMAND: Meta = rule(
    "secret.in-command",
    Decision::Deny,
    "Holds a secret in plain text",
    "Every program of this machine can read command lines, and the shell's history and the transcript keep them.",
);

/// A secret in what is written to a file.
pub(crate) static IN_FILE: Meta = rule(
    "secret.in-file",
    Decision::Deny,
    "Writes a secret into a file",
    "It would lie there in plain text, for backups, commits and every program to read.",
);

/// A secret in what any other tool is given.
pub(crate) static IN_CALL: Meta = rule(
    "secret.in-call",
    Decision::Deny,
    "Gives a secret to a tool",
    "Where the tool keeps it or sends it is not known.",
);

/// A mark of ours in the place of a secret that the file still has.
pub(crate) static MARK: Meta = rule(
    "secret.mark",
    Decision::Deny,
    "Would overwrite a secret with the mark that stands for it",
    "The file still holds the secret; only what you were shown has a mark in its place.",
);

/// All of them.
pub(crate) static ALL: [&Meta; 16] = [
    &NOT_LISTED,
    &READ_ONLY,
    &ASKED,
    &DENIED,
    &ALLOWED,
    &ZERO_ACCESS,
    &READ_ONLY_PATH,
    &NO_DELETE,
    &HOST_NOT_LISTED,
    &HOST_DENIED,
    &PLAIN,
    &STORED,
    &IN_COMMAND,
    &IN_FILE,
    &IN_CALL,
    &MARK,
];
