//! The result of an audit.

use serde::Serialize;

use super::finding::{Finding, Severity};
use super::model::Model;
use super::source::{Reader, Trouble};

/// The result of an audit. The same files give the same report.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    /// The version of the client, if it could be told.
    pub client: Option<String>,
    /// Whether the user trusts the project.
    pub trusted: bool,
    /// What has an effect now before what may have one, the worst first.
    pub findings: Vec<Finding>,
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
