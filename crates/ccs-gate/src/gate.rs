//! The one place where findings become a decision.

use crate::call::{Call, Facts};
use crate::policy::Policy;
use crate::verdict::{Decision, Finding, Verdict};

/// Judges tool calls under one policy.
#[derive(Clone, Debug, Default)]
pub struct Gate {
    policy: Policy,
}

impl Gate {
    /// A gate with the shipped rules and the `standard` mode.
    #[must_use]
    pub fn builtin() -> Self {
        Self::default()
    }

    /// A gate under the given policy.
    #[must_use]
    pub fn new(policy: Policy) -> Self {
        Self { policy }
    }

    /// The policy this gate judges by.
    #[must_use]
    pub fn policy(&self) -> &Policy {
        &self.policy
    }

    /// Judges one call. Never fails and never panics, whatever the call holds; what cannot be
    /// understood is a finding.
    #[must_use]
    pub fn judge(&self, _call: &Call<'_>, _facts: &Facts<'_>) -> Verdict {
        decide(Vec::new())
    }
}

fn decide(mut findings: Vec<Finding>) -> Verdict {
    findings.sort_by(|a, b| (b.decision, b.severity).cmp(&(a.decision, a.severity)));
    let decision = findings
        .first()
        .map_or(Decision::Allow, |worst| worst.decision);
    Verdict {
        decision,
        findings,
        harmless: false,
        rewrite: None,
    }
}
