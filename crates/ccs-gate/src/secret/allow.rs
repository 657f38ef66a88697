//! What is known and not to be reported: by rule, by value, by place, or by a mark on the line.

use serde::{Deserialize, Serialize};

use super::Finding;
use crate::glob;

/// One exception. It applies where all that it names fits; with nothing named it applies nowhere.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Allow {
    /// The rule's id, `*` and `?` as in a shell: `generic.*`.
    #[serde(default)]
    pub rule: Option<String>,
    /// The value itself, `*` and `?` as in a shell.
    #[serde(default)]
    pub value: Option<String>,
    /// The file, `*` and `?` as in a shell, `*` over `/` too: `*/testdata/*`.
    #[serde(default)]
    pub path: Option<String>,
    /// Why this is no secret.
    pub reason: String,
}

impl Allow {
    /// Whether the finding in the file at `path` is excepted. A text without a path is in no file.
    pub(super) fn covers(&self, path: Option<&str>, text: &str, finding: &Finding) -> bool {
        let fits = |pattern: &Option<String>, what: Option<&str>| match (pattern, what) {
            (None, _) => true,
            (Some(pattern), Some(what)) => glob::matches(pattern, what),
            (Some(_), None) => false,
        };
        let named = self.rule.is_some() || self.value.is_some() || self.path.is_some();
        named
            && fits(&self.rule, Some(&finding.rule))
            && fits(&self.value, Some(&text[finding.start..finding.end]))
            && fits(&self.path, path)
    }
}

/// Marks that a line carries if what stands on it is no secret.
const MARKS: &[&str] = &["ccs:allow", "gitleaks:allow", "pragma: allowlist secret"];

/// Whether the line on which the finding ends carries a mark.
pub(super) fn is_marked(text: &str, finding: &Finding) -> bool {
    let rest = &text[finding.end..];
    let line = &rest[..rest.find('\n').unwrap_or(rest.len())];
    MARKS.iter().any(|mark| line.contains(mark))
}
