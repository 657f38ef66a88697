//! What the owner decided about secrets in what tools are given and return.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use super::{Mode, Policy};
use crate::glob;
use crate::rule::{Meta, own};
use crate::secret::{Allow, Filter, FilterError, FilterText, Personal, Scanner};
use crate::verdict::{Decision, Finding};

/// What happens to secrets on their way to and from the model.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Secrets {
    /// Whether a call that carries a secret is stopped.
    pub inputs: bool,
    /// Whether secrets in what a tool returns are replaced before the model reads it.
    pub outputs: bool,
    /// Whether the shell replaces secrets in its output itself, so that those of a command that
    /// fails are caught too.
    pub filter_shell: bool,
    /// Tools that are left alone, `*` and `?` as in a shell: `mcp__vault__*`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub except_tools: Vec<String>,
    /// What is no secret here.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub allow: Vec<Allow>,
    /// Kinds of personal data that are replaced too.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub personal: Vec<Personal>,
    /// Own patterns that are replaced too.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub filters: Vec<FilterText>,
}

impl Default for Secrets {
    fn default() -> Self {
        Self {
            inputs: true,
            outputs: true,
            filter_shell: true,
            except_tools: Vec::new(),
            allow: Vec::new(),
            personal: Vec::new(),
            filters: Vec::new(),
        }
    }
}

impl Secrets {
    /// Whether this says nothing but the defaults.
    pub(super) fn is_default(&self) -> bool {
        *self == Self::default()
    }

    /// Whether a tool is left alone.
    #[must_use]
    pub fn leaves_alone(&self, tool: &str) -> bool {
        glob::any(&self.except_tools, tool)
    }

    /// Finds secrets as the owner wants it, and nothing of `personal` and `filters`: for what a
    /// tool is given.
    #[must_use]
    pub fn scanner(&self) -> Scanner {
        self.allow
            .iter()
            .cloned()
            .fold(Scanner::builtin(), Scanner::allow)
    }

    /// As [`Secrets::scanner`], with `personal` and `filters`: for what the model is to read.
    ///
    /// # Errors
    ///
    /// [`FilterError`] if an own pattern is not a regular expression.
    pub fn redactor(&self) -> Result<Scanner, FilterError> {
        let scanner = self
            .personal
            .iter()
            .fold(self.scanner(), |scanner, &kind| scanner.personal(kind));
        self.filters.iter().try_fold(scanner, |scanner, text| {
            Ok(scanner.filter(Filter::try_from(text.clone())?))
        })
    }

    /// What a project makes stricter: it may switch things on, and have more personal data replaced.
    /// Exceptions are the owner's alone; so are patterns, because what they put into a text is read
    /// by the model.
    pub(super) fn tighten(&mut self, project: &Self) {
        self.inputs |= project.inputs;
        self.outputs |= project.outputs;
        self.filter_shell |= project.filter_shell;
        for kind in &project.personal {
            if !self.personal.contains(kind) {
                self.personal.push(*kind);
            }
        }
    }
}

/// How a call carries a secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Carrier {
    /// One that is stored in the vault, anywhere: `secret.stored`.
    Stored,
    /// In a command: `secret.in-command`.
    Command,
    /// In what is written to a file: `secret.in-file`.
    File,
    /// In what any other tool is given: `secret.in-call`.
    Call,
    /// As the mark that stands for one the file holds: `secret.mark`.
    Mark,
}

impl Carrier {
    fn meta(self) -> &'static Meta {
        match self {
            Self::Stored => &own::STORED,
            Self::Command => &own::IN_COMMAND,
            Self::File => &own::IN_FILE,
            Self::Call => &own::IN_CALL,
            Self::Mark => &own::MARK,
        }
    }
}

impl Policy {
    /// The finding that a call carries a secret, with the policy's decision about it; `None` if the
    /// policy lets it through. One that is not `certain` is asked about instead of denied.
    #[must_use]
    pub fn carried(
        &self,
        carrier: Carrier,
        certain: bool,
        evidence: String,
        instead: Option<String>,
    ) -> Option<Finding> {
        let meta = carrier.meta();
        let asks = !certain && self.mode != Mode::Paranoid;
        let shipped = if asks { Decision::Ask } else { meta.decision };
        let finding = self.finding(meta, shipped, evidence)?;
        Some(Finding {
            instead: instead.map(Cow::Owned),
            ..finding
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_project_switches_on_and_never_off() {
        let mut owner = Secrets {
            outputs: false,
            ..Secrets::default()
        };
        let project: Secrets = serde_json::from_str(
            r#"{"inputs":false,"except_tools":["*"],"personal":["email"],
                "allow":[{"value":"*","reason":"mine"}],
                "filters":[{"name":"x","regex":"x","replacement":"obey me"}]}"#,
        )
        .expect("a policy");

        owner.tighten(&project);

        assert!(owner.inputs && owner.outputs);
        assert!(!owner.leaves_alone("Bash") && owner.allow.is_empty() && owner.filters.is_empty());
        assert_eq!(owner.personal, [Personal::Email]);
    }

    #[test]
    fn filters_and_personal_data_are_for_what_the_model_reads_only() {
        let secrets: Secrets = serde_json::from_str(
            r#"{"personal":["card"],"filters":[
                {"name":"email","regex":"[a-zA-Z0-9._%+-]+@[a-zA-Z0-9.-]+\\.[a-zA-Z]{2,}","replacement":"[EMAIL]"},
                {"name":"phone","regex":"\\d{3}-\\d{3}-\\d{4}","replacement":"[PHONE]"},
                {"name":"ssn","regex":"\\d{3}-\\d{2}-\\d{4}","replacement":"[SSN]"},
                {"name":"credit-card","regex":"\\d{4}[\\s-]?\\d{4}[\\s-]?\\d{4}[\\s-]?\\d{4}","replacement":"[CARD]","validate":true}]}"#,
        )
        .expect("a policy");
        let text = "ann@example.com, 555-010-4477, 123-45-6789, 4111 1111 1111 1111";

        let (clean, _) = secrets.redactor().expect("patterns").redact(text);

        assert_eq!(clean, "[EMAIL], [PHONE], [SSN], [CARD]");
        assert!(secrets.scanner().scan(text).is_empty());
    }

    #[test]
    fn a_tool_is_left_alone_by_its_name_or_a_pattern() {
        let secrets = Secrets {
            except_tools: vec!["WebSearch".into(), "mcp__vault__*".into()],
            ..Secrets::default()
        };
        for (tool, alone) in [
            ("WebSearch", true),
            ("mcp__vault__get", true),
            ("Bash", false),
            ("WebSearchX", false),
        ] {
            assert_eq!(secrets.leaves_alone(tool), alone, "{tool}");
        }
    }
}
