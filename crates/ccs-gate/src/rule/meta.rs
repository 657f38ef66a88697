//! What every rule says about itself.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use crate::verdict::{Decision, Finding, Severity};

/// A rule's name, what it stands for and what it wants.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Meta {
    /// `family.what-happens`; never reused for something else.
    pub id: Cow<'static, str>,
    /// One line: what the call does.
    pub title: Cow<'static, str>,
    /// How bad it would be.
    pub severity: Severity,
    /// What the rule wants to happen.
    pub decision: Decision,
    /// Why it matters.
    pub why: Cow<'static, str>,
    /// A safer way.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub instead: Option<Cow<'static, str>>,
}

impl Meta {
    /// That the rule speaks of `evidence`, with what comes of it under the policy at hand.
    pub(crate) fn finding(&self, decision: Decision, evidence: String) -> Finding {
        Finding {
            rule: self.id.clone(),
            severity: self.severity,
            decision,
            title: self.title.clone(),
            why: self.why.clone(),
            instead: self.instead.clone(),
            evidence,
        }
    }
}
