//! Where requests and tokens lie, and the log beside them.

use std::fs;
use std::path::{Path, PathBuf};

use ccs_audit::Time;
use serde::Serialize;

use super::{Approvals, Error};
use crate::files::{self, Links};

const FOLDER: &str = "approvals";
const LOG: &str = "approvals.jsonl";
const MAX_LOG: u64 = 16 << 20;

#[derive(Serialize)]
struct Line<'a> {
    time: String,
    operation: &'a str,
    id: &'a str,
    action: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    path: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    why: Option<&'a str>,
}

impl Approvals {
    pub(super) fn folder(&self, kind: &str) -> PathBuf {
        self.state.join(FOLDER).join(kind)
    }

    pub(super) fn get(&self, kind: &str, name: &str, limit: u64) -> Result<Option<Vec<u8>>, Error> {
        let path = self.folder(kind).join(name);
        files::read_private(&path, limit).map_err(Error::file(&path))
    }

    pub(super) fn put(&self, kind: &str, name: &str, bytes: &[u8]) -> Result<(), Error> {
        let folder = self.folder(kind);
        let path = folder.join(name);
        files::make_private_folder(&folder)
            .and_then(|()| files::replace(&path, bytes))
            .map_err(Error::file(&path))
    }

    pub(super) fn remove(&self, kind: &str, name: &str) {
        let _ = fs::remove_file(self.folder(kind).join(name));
    }

    pub(super) fn forget(&self, id: &str) {
        self.remove("tokens", id);
        self.remove("changes", id);
        self.remove("requests", &format!("{id}.json"));
        self.remove("requests", &format!("{id}.new"));
    }

    /// One line of the log. An approval that cannot be logged does not count.
    pub(super) fn log(
        &self,
        operation: &str,
        id: &str,
        action: &str,
        path: Option<&str>,
        why: Option<&str>,
    ) -> Result<(), Error> {
        let line = Line {
            time: Time::now().to_string(),
            operation,
            id,
            action,
            path,
            why,
        };
        let mut text = serde_json::to_vec(&line).unwrap_or_default();
        text.push(b'\n');
        let path = self.state.join(LOG);
        files::append(&path, &text, MAX_LOG).map_err(Error::file(&path))
    }

    /// The log's lines, the oldest first; at most 1 MiB of them.
    #[must_use]
    pub fn history(&self) -> Vec<String> {
        let path = self.state.join(LOG);
        let bytes = files::read(&path, MAX_LOG, Links::Refuse).ok().flatten();
        let text = bytes.unwrap_or_default();
        let text = String::from_utf8_lossy(&text);
        text.lines().map(str::to_owned).collect()
    }
}

/// The names of a folder's files, without those that are still being written.
pub(super) fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let names = entries.filter_map(|entry| entry.file_name().into_string().ok());
    names.filter(|name| !name.contains("new.")).collect()
}
