//! What the gate answers: a decision and the findings behind it.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

/// What should happen to a tool call. Ordered, so that `max` is the strictest.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "lowercase")]
pub enum Decision {
    /// Nothing speaks against it. The caller's own permission flow goes on as usual.
    #[default]
    Allow,
    /// A person should look at it first.
    Ask,
    /// It must not run.
    Deny,
}

/// How bad it would be if the finding is right.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Worth knowing.
    Info,
    /// Easily undone.
    Low,
    /// Work or time is lost.
    Medium,
    /// Data, credentials or a service are lost or exposed.
    High,
    /// The machine, the account or its secrets are gone.
    Critical,
}

/// One reason for a decision.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// The rule's id, `family.what-happens`.
    pub rule: Cow<'static, str>,
    /// How bad it would be.
    pub severity: Severity,
    /// What this finding alone asks for.
    pub decision: Decision,
    /// One line: what the call does.
    pub title: Cow<'static, str>,
    /// Why that matters.
    pub why: Cow<'static, str>,
    /// A safer way to the same end; it passes the gate itself.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub instead: Option<Cow<'static, str>>,
    /// The part of the call it is about, normalised, at most 200 bytes.
    pub evidence: String,
}

/// The gate's answer to one call.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verdict {
    /// The strictest decision of all findings.
    pub decision: Decision,
    /// Every finding, the one that decided first.
    pub findings: Vec<Finding>,
    /// True if all the call does is known, and all of it is reading and printing of ordinary
    /// files: it may be approved without a question. Never true together with a finding.
    pub harmless: bool,
    /// The same command with the risky option replaced, if a rule knows one and the result
    /// passes the gate. Never applied unless the policy asks for it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub rewrite: Option<String>,
}

impl Verdict {
    /// The text for the person or model that made the call: what was found, why, and what to
    /// do instead. Empty when nothing was found.
    #[must_use]
    pub fn reason(&self) -> String {
        let mut text = String::new();
        for finding in &self.findings {
            if !text.is_empty() {
                text.push('\n');
            }
            text.push_str(&finding.to_string());
        }
        text
    }
}

impl std::fmt::Display for Finding {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "[{}] {}: {}", self.rule, self.title, self.why)?;
        if !self.evidence.is_empty() {
            write!(f, " Found: {}", self.evidence)?;
        }
        if let Some(instead) = &self.instead {
            write!(f, " Instead: {instead}")?;
        }
        Ok(())
    }
}
