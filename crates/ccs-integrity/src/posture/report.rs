//! The result of an audit.

use serde::Serialize;

use super::finding::{Finding, Severity};
use super::model::{Kind, Model, Text};
use super::source::{Reader, Trouble};
use super::start::{Destination, Start};

/// The result of an audit. The same files give the same report.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    /// The version of the client, if it could be told.
    pub client: Option<String>,
    /// Whether the user trusts the project.
    pub trusted: bool,
    /// What has an effect now before what may have one, the worst first.
    pub findings: Vec<Finding>,
    /// How much there is to attack.
    pub surface: Surface,
    /// What the repository starts by itself, once an unattended run begins or the folder is trusted.
    pub starts: Vec<Start>,
    /// Where the model's requests go, and with them the key, if not to Anthropic.
    pub sends: Vec<Destination>,
    /// Every file that was read, sorted.
    pub read: Vec<String>,
    /// What could not be looked at. If there is anything, the report is not complete.
    pub incomplete: Vec<Trouble>,
}

impl Report {
    pub(super) fn new(model: &Model, reader: &Reader, findings: Vec<Finding>) -> Self {
        Report {
            client: model.client.as_ref().map(ToString::to_string),
            trusted: model.trusted,
            findings,
            surface: Surface::of(model),
            starts: Vec::new(),
            sends: Vec::new(),
            read: reader.coverage(),
            incomplete: reader.troubles(),
        }
    }

    pub(super) fn keep(&mut self, wanted: impl Fn(&Finding) -> bool) {
        self.findings.retain(wanted);
    }

    /// How bad the worst finding is.
    #[must_use]
    pub fn worst(&self) -> Option<Severity> {
        self.findings.iter().map(|finding| finding.severity).max()
    }

    /// Whether everything could be looked at. A report that is not complete is not clean.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.incomplete.is_empty()
    }
}

/// How much there is to attack, in numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Surface {
    /// Handlers of events.
    pub hooks: usize,
    /// MCP servers.
    pub servers: usize,
    /// Plugins that are installed.
    pub plugins: usize,
    /// Skills, agents and commands.
    pub extensions: usize,
    /// Rules that allow something without a question.
    pub allow_rules: usize,
    /// Folders that are trusted.
    pub trusted_folders: usize,
}

impl Surface {
    fn of(model: &Model) -> Self {
        let extension = |text: &&Text| match text.kind {
            Kind::Agent | Kind::Command => true,
            // The other files of a skill are read when it says so.
            Kind::Skill => text.source.path.ends_with("SKILL.md"),
            _ => false,
        };
        Surface {
            hooks: model.hooks.len(),
            servers: model.servers.len(),
            plugins: model.places.plugins().len(),
            extensions: model.texts.iter().filter(extension).count(),
            allow_rules: model.rules("allow").len(),
            trusted_folders: model.trusted_folders(),
        }
    }
}
