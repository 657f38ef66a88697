//! `install.json`: what the hook program must find in the settings when a session starts.

use std::path::PathBuf;

use anyhow::Context;
use serde::{Deserialize, Serialize};

/// The record in the state folder.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Record {
    /// The version of this format, 1.
    pub(crate) version: u32,
    /// The settings files that hold handlers, absolute; each holds all of them.
    pub(crate) settings: Vec<PathBuf>,
    /// The hook program, absolute.
    pub(crate) hook: PathBuf,
    /// The events it is registered for, as the client names them: `PreToolUse`.
    pub(crate) events: Vec<String>,
}

impl Record {
    /// The record's name within the state folder.
    pub(crate) const FILE: &'static str = "install.json";

    pub(crate) fn new(settings: Vec<PathBuf>, hook: PathBuf, events: Vec<String>) -> Self {
        Record {
            version: 1,
            settings,
            hook,
            events,
        }
    }

    /// Reads a record from its text.
    pub(crate) fn parse(text: &[u8]) -> anyhow::Result<Self> {
        serde_json::from_slice(text).context("not an install record")
    }

    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        let mut text = serde_json::to_vec_pretty(self).expect("a record is plain data");
        text.push(b'\n');
        text
    }
}
