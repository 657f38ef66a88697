//! The checks as data. Their texts are in `checks/*.yaml`; the build turns them into tables.

use serde::Serialize;

use super::finding::Severity;

/// One check.
#[derive(Debug)]
pub struct Check {
    /// `group.what`, never used again for something else.
    pub id: &'static str,
    /// The group it belongs to, for tables.
    pub group: &'static str,
    /// What is wrong, in one line.
    pub title: &'static str,
    /// The worst a finding of it can be.
    pub severity: Severity,
    /// What is looked at.
    pub looks_at: &'static str,
    /// What a finding shows.
    pub evidence: &'static str,
    /// What to do.
    pub fix: &'static str,
    /// Whether ccs does that by itself, on order, or not.
    pub auto: Auto,
    /// Whether it matters before an unattended run or the opening of an unknown clone.
    pub preflight: bool,
    /// Whether the finding comes from another part of ccs, through [`super::Facts`].
    pub given: bool,
    /// Where others catalogue it.
    pub maps: Maps,
}

/// Whether ccs repairs something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Auto {
    /// With `--fix`.
    Yes,
    /// When it is named.
    Offer,
    /// A person has to.
    No,
}

/// Where others catalogue a weakness.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Maps {
    /// OWASP Top 10 for agentic applications, 2026.
    pub owasp_agentic: &'static str,
    /// OWASP Top 10 for LLM applications, 2025.
    pub owasp_llm: &'static str,
    /// MITRE ATLAS technique.
    pub atlas: &'static str,
    /// CIS Controls safeguard, version 8.1.
    pub cis: &'static str,
}

include!(concat!(env!("OUT_DIR"), "/checks.rs"));

/// Every check, in the order of the documentation.
#[must_use]
pub fn all() -> &'static [Check] {
    CHECKS
}

/// The check with this id.
#[must_use]
pub fn by_id(id: &str) -> Option<&'static Check> {
    CHECKS.iter().find(|check| check.id == id)
}
