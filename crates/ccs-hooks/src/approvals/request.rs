//! What a person is asked to approve, and the id that is made of it.

use ccs_gate::approval::Act;
use ccs_integrity::manifest::Digest;
use serde::{Deserialize, Serialize};

/// The version of a request's file.
pub(super) const VERSION: u32 = 1;

/// What is wanted.
#[derive(Clone, Debug)]
pub struct Wanted<'a> {
    /// `edit` or `run`.
    pub action: &'a str,
    /// The client's name of the tool.
    pub tool: &'a str,
    /// The file, for `edit`: absolute, links resolved.
    pub path: Option<&'a str>,
    /// What the file will hold, or the command with the folder it runs in.
    pub content: &'a [u8],
    /// The client's session.
    pub session: Option<&'a str>,
    /// The guarded files it is about.
    pub touches: Vec<String>,
}

/// What was wanted, written down.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Request {
    pub(super) version: u32,
    /// Ten hexadecimal digits, made of action, path, content and session.
    pub id: String,
    /// `edit` or `run`.
    pub action: String,
    /// The client's name of the tool.
    pub tool: String,
    /// The file, for `edit`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// The client's session.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session: Option<String>,
    /// The guarded files it is about.
    pub touches: Vec<String>,
    /// Seconds since 1970.
    pub time: u64,
}

impl Wanted<'_> {
    /// The id of a request for exactly this.
    #[must_use]
    pub fn id(&self) -> String {
        let mut bytes = b"ccs-hooks/approval-request\x01".to_vec();
        let content = Digest::of(self.content);
        for field in [
            self.action.as_bytes(),
            self.path.unwrap_or_default().as_bytes(),
            self.session.unwrap_or_default().as_bytes(),
            content.as_bytes(),
        ] {
            bytes.extend((field.len() as u64).to_be_bytes());
            bytes.extend(field);
        }
        Digest::of(&bytes).to_string()[..10].to_owned()
    }

    /// What an approval of it allows.
    #[must_use]
    pub fn act(&self) -> Act<'_> {
        Act {
            action: self.action,
            path: self.path,
            content: Some(*Digest::of(self.content).as_bytes()),
            session: self.session,
        }
    }
}

impl Request {
    /// What was wanted, with its content.
    #[must_use]
    pub fn wanted<'a>(&'a self, content: &'a [u8]) -> Wanted<'a> {
        Wanted {
            action: &self.action,
            tool: &self.tool,
            path: self.path.as_deref(),
            content,
            session: self.session.as_deref(),
            touches: self.touches.clone(),
        }
    }
}
