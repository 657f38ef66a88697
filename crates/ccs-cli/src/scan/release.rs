//! What a repository must not hold when it is published, beside secrets: transcripts of sessions,
//! logs and metrics, backups, the paths of a user, `.DS_Store`.

use std::borrow::Cow;

use ccs_gate::Severity;
use ccs_gate::secret::{self, Confidence};
use ccs_integrity::posture::litter::Litter;
pub(crate) use ccs_integrity::posture::litter::user_paths;

use super::leak::{Form, Leak};

/// What the rules here begin with.
pub(crate) const FAMILY: &str = "release.";

/// The rule of a path of a user.
pub(crate) const USER_PATH: &str = "release.user-path";

/// A file that is out of place by its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Misplaced {
    pub(crate) rule: &'static str,
    title: &'static str,
    severity: Severity,
}

const DS_STORE: Misplaced = Misplaced {
    rule: "release.ds-store",
    title: "The names of a folder's files, as macOS keeps them",
    severity: Severity::Low,
};
const TRANSCRIPT: Misplaced = Misplaced {
    rule: "release.transcript",
    title: "JSON lines: the transcript of a session, a log or metrics",
    severity: Severity::High,
};
const LOG: Misplaced = Misplaced {
    rule: "release.log",
    title: "A log or metrics",
    severity: Severity::Medium,
};
const BACKUP: Misplaced = Misplaced {
    rule: "release.backup",
    title: "A backup",
    severity: Severity::Medium,
};

/// What the file at `path` is, if it is out of place.
pub(crate) fn name(path: &str) -> Option<Misplaced> {
    match Litter::at(path)? {
        Litter::Names => Some(DS_STORE),
        Litter::Backup => Some(BACKUP),
        Litter::Transcript => Some(TRANSCRIPT),
        Litter::Log => Some(LOG),
        _ => None,
    }
}

impl Misplaced {
    /// The whole file as a finding.
    pub(crate) fn leak(self, path: &str) -> Leak {
        Leak {
            path: path.to_owned(),
            commit: None,
            line: 1,
            column: 1,
            end_line: 1,
            end_column: 1,
            start: 0,
            end: 0,
            rule: Cow::Borrowed(self.rule),
            title: Cow::Borrowed(self.title),
            severity: self.severity,
            confidence: Confidence::High,
            form: Form::Scanner(secret::Form::Plain),
            entry: None,
            preview: String::new(),
            rotate: None,
            accepted: None,
            characters: (1, 1),
        }
    }
}
