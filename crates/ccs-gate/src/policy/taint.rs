//! What the owner decided about content that strangers wrote.

use serde::{Deserialize, Serialize};

use super::{Mode, Policy};
use crate::glob;
use crate::rule::{Meta, taint as rule};
use crate::verdict::{Decision, Finding};

/// What is done about untrusted content and the sessions that have read it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Taint {
    /// Whether what tools return is searched for instructions to the model.
    pub scan: bool,
    /// Whether passages that give such instructions are taken out before the model reads them.
    pub withhold: bool,
    /// Whether calls of a session that has read untrusted content are judged more strictly.
    pub rules: bool,
    /// Whether each session is given a canary token.
    pub canary: bool,
    /// Hosts that count as named by the user, with all below them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub hosts: Vec<String>,
    /// Tools whose results are as trusted as the user's own files, `*` and `?` as in a shell.
    pub trusted_tools: Vec<String>,
}

impl Default for Taint {
    fn default() -> Self {
        Self {
            scan: true,
            withhold: true,
            rules: true,
            canary: true,
            hosts: Vec::new(),
            trusted_tools: vec!["mcp__ide__*".to_owned()],
        }
    }
}

impl Taint {
    /// Whether this says nothing but the defaults.
    pub(super) fn is_default(&self) -> bool {
        *self == Self::default()
    }

    /// Whether what a tool returns is as trusted as the user's own files.
    #[must_use]
    pub fn trusts(&self, tool: &str) -> bool {
        glob::any(&self.trusted_tools, tool)
    }

    /// What a project makes stricter: it may switch things on. Whom to trust is the owner's alone.
    pub(super) fn tighten(&mut self, project: &Self) {
        self.scan |= project.scan;
        self.withhold |= project.withhold;
        self.rules |= project.rules;
        self.canary |= project.canary;
    }
}

/// What a call does that a session with untrusted content should not do by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Step {
    /// Speaks with a host that only untrusted content named: `taint.unnamed-host`.
    Host,
    /// Sends data after secrets were read: `taint.secret-egress`.
    Egress,
    /// Runs code from the network: `taint.fetched-code`.
    Code,
    /// Changes configuration: `taint.config-write`.
    Config,
    /// Reads secrets: `taint.secret-read`.
    Secret,
    /// Approves, merges, publishes, grants: `taint.authority`.
    Authority,
    /// Makes something public: `taint.publish`.
    Publish,
    /// Takes a check or a test away: `taint.checks-off`.
    Checks,
    /// Leaves the work tree: `taint.hostile`.
    Hostile,
    /// Carries a canary token: `canary.used`.
    Canary,
}

impl Step {
    fn meta(self) -> &'static Meta {
        match self {
            Self::Host => &rule::HOST,
            Self::Egress => &rule::EGRESS,
            Self::Code => &rule::CODE,
            Self::Config => &rule::CONFIG,
            Self::Secret => &rule::SECRET,
            Self::Authority => &rule::AUTHORITY,
            Self::Publish => &rule::PUBLISH,
            Self::Checks => &rule::CHECKS,
            Self::Hostile => &rule::HOSTILE,
            Self::Canary => &rule::CANARY,
        }
    }
}

impl Policy {
    /// The finding that a call takes a step for which `decision` holds by what its session has
    /// read; the owner's own decision about the rule takes its place. `None` if the owner lets it
    /// through.
    #[must_use]
    pub fn step(&self, step: Step, decision: Decision, evidence: String) -> Option<Finding> {
        let meta = step.meta();
        let strict = self.mode == Mode::Paranoid && decision == Decision::Ask;
        let decision = if strict { Decision::Deny } else { decision };
        self.finding(meta, decision, evidence)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_project_switches_on_and_trusts_nobody() {
        let mut owner = Taint {
            scan: false,
            ..Taint::default()
        };
        let project: Taint =
            serde_json::from_str(r#"{"rules":false,"hosts":["evil.site"],"trusted_tools":["*"]}"#)
                .expect("a policy");

        owner.tighten(&project);

        assert!(owner.scan && owner.rules && owner.hosts.is_empty());
        assert!(!owner.trusts("mcp__web__get") && owner.trusts("mcp__ide__getDiagnostics"));
    }

    #[test]
    fn the_owners_decision_takes_the_place_of_ours() {
        let mut policy = Policy::default();
        let decided = |policy: &Policy| {
            let found = policy.step(Step::Code, Decision::Ask, String::new());
            found.map(|finding| finding.decision)
        };
        assert_eq!(decided(&policy), Some(Decision::Ask));
        policy.mode = Mode::Paranoid;
        assert_eq!(decided(&policy), Some(Decision::Deny));
        policy
            .overrides
            .insert("taint.fetched-code".into(), Decision::Allow);
        assert_eq!(decided(&policy), None);
    }
}
