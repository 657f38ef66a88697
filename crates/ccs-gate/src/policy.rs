//! What the owner of the machine decided: mode, own rules, paths, automatic approvals.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::rule::{Meta, Rules, TextRule};
use crate::verdict::{Decision, Finding};

pub mod bundle;
#[cfg(feature = "compile")]
mod compile;
mod quality;
pub(crate) mod ready;
mod secrets;
mod taint;

#[cfg(feature = "compile")]
pub use compile::{Error, compile, example};
pub use quality::Quality;
pub use secrets::{Carrier, Secrets};
pub use taint::{Step, Taint};

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
    /// Whether rules of the mode `other` apply in this one: a stricter mode has all the rules of
    /// those before it.
    #[must_use]
    pub(crate) fn includes(self, other: Mode) -> bool {
        match other {
            Mode::Standard => true,
            Mode::Strict => self != Mode::Standard,
            _ => self == other,
        }
    }

    /// The stricter of two modes.
    fn stricter(self, other: Self) -> Self {
        let rank = |mode: Self| mode as u8;
        if rank(other) > rank(self) {
            other
        } else {
            self
        }
    }
}

/// What a [`Policy`] is made of. Written as YAML, kept as a signed [`bundle`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Policy {
    /// How strict.
    pub mode: Mode,
    /// Whether a hook may replace a risky option by its safe form (see
    /// [`crate::Verdict::rewrite`]).
    pub rewrites: bool,
    /// What PermissionRequest may approve without a question.
    pub approve: Approve,
    /// Shipped rules with another decision, by id; `allow` switches a rule off.
    pub overrides: BTreeMap<String, Decision>,
    /// Files, besides those that the shipped rules protect.
    pub paths: Paths,
    /// Secrets in what tools are given and return.
    #[serde(skip_serializing_if = "Secrets::is_default")]
    pub secrets: Secrets,
    /// What is looked at before something counts as finished.
    #[serde(skip_serializing_if = "Quality::is_default")]
    pub quality: Quality,
    /// Content that strangers wrote.
    #[serde(skip_serializing_if = "Taint::is_default")]
    pub taint: Taint,
    /// Rules about commands: the owner's own, and the commands that are listed to be allowed,
    /// asked about or denied.
    #[serde(skip_serializing_if = "Rules::is_empty")]
    pub rules: Rules,
    /// Rules about the text of a command.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub patterns: Vec<TextRule>,
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

/// Files by what may be done to them. The patterns are those of the shipped path rules: `~/x`
/// below a home folder, `/x` below the root, `x` anywhere, `x/**` with everything in it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Paths {
    /// Neither read nor written nor deleted.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub zero_access: Vec<String>,
    /// Read, but neither written nor deleted.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub read_only: Vec<String>,
    /// Read and written, but not deleted.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub no_delete: Vec<String>,
    /// Let through where a shipped path rule would ask. Never lifts a deny.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub exempt: Vec<String>,
}

impl Policy {
    /// This policy with everything that `project` makes stricter. What `project` would loosen —
    /// approvals, exemptions, allowed commands, milder overrides, rewrites — is ignored.
    #[must_use]
    pub fn tightened_by(mut self, project: &Policy) -> Policy {
        self.mode = self.mode.stricter(project.mode);
        for (id, decision) in &project.overrides {
            let own = self.overrides.get(id).copied();
            // without an entry of the owner's, the shipped decision is not known here: only what
            // cannot loosen any is taken
            if *decision == Decision::Deny || own.is_some_and(|own| *decision > own) {
                self.overrides.insert(id.clone(), *decision);
            }
        }
        self.paths
            .zero_access
            .extend(project.paths.zero_access.iter().cloned());
        self.paths
            .read_only
            .extend(project.paths.read_only.iter().cloned());
        self.paths
            .no_delete
            .extend(project.paths.no_delete.iter().cloned());
        self.secrets.tighten(&project.secrets);
        self.quality.tighten(&project.quality);
        self.taint.tighten(&project.taint);
        self.rules.extend(project.rules.clone().without_allowed());
        self.patterns.extend(
            project
                .patterns
                .iter()
                .filter(|rule| rule.is_strict())
                .cloned(),
        );
        self
    }

    /// What comes of a rule that wants `decision`: the owner's own decision about it goes first.
    pub(crate) fn decided(&self, id: &str, decision: Decision) -> Decision {
        self.overrides.get(id).copied().unwrap_or(decision)
    }

    /// The finding of a rule that wants `decision` here; `None` if the owner lets it through.
    fn finding(&self, meta: &Meta, decision: Decision, evidence: String) -> Option<Finding> {
        let decision = self.decided(&meta.id, decision);
        (decision != Decision::Allow).then(|| meta.finding(decision, evidence))
    }
}

#[cfg(test)]
mod tests {
    use super::{Mode, Policy};
    use crate::verdict::Decision;

    #[test]
    fn a_project_can_only_tighten() {
        let owner = Policy {
            mode: Mode::Strict,
            ..Policy::default()
        };
        let mut project = Policy {
            rewrites: true,
            ..Policy::default()
        };
        project.approve.harmless_commands = true;
        project.paths.exempt.push("**".into());
        project.paths.zero_access.push("vault/**".into());
        project
            .overrides
            .insert("git.push-force".into(), Decision::Allow);
        project.overrides.insert("git.clean".into(), Decision::Deny);

        let policy = owner.tightened_by(&project);

        assert_eq!(policy.mode, Mode::Strict);
        assert!(!policy.rewrites && !policy.approve.harmless_commands);
        assert!(policy.paths.exempt.is_empty());
        assert_eq!(policy.paths.zero_access, ["vault/**"]);
        assert_eq!(policy.overrides.len(), 1);
        assert_eq!(policy.overrides["git.clean"], Decision::Deny);
    }
}
