//! What a tool call did to files: what they held before it is kept, and compared with what they
//! hold after it.
//!
//! The two halves run in two processes, before and after the call, and meet in a small file under
//! the call's id. So two changes within one second are two records, and a call whose second half
//! never came can be looked at later. Nothing here says that a change is welcome.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::blob::Blobs;
use crate::diff::{Diff, diff};
use crate::entry::{Entry, clip};
use crate::error::{Error, Result};
use crate::hash::Hash;
use crate::keys::DetailsKey;
use crate::place;
use crate::session::file_name;
use crate::time::Time;

/// The event of the entry about a change.
pub const EVENT: &str = "file-change";
/// Longer files are known by length and time only, in bytes.
const MAX_HASHED: u64 = 64 << 20;
/// So much of a diff is in the entry, in bytes; the whole can be made again from what is kept.
const MAX_SHOWN: usize = 8 << 10;

/// What a file held at one moment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct State {
    /// SHA-256 of its contents; `None` for files over 64 MiB.
    pub sha256: Option<Hash>,
    /// Its length in bytes.
    pub length: u64,
    /// When it was last written.
    pub modified: Time,
    /// Whether its contents can be had from [`Blobs`] by their hash.
    pub kept: bool,
}

impl State {
    /// Whether a file in this state has other contents than in `other`.
    fn differs(&self, other: &Self) -> bool {
        let same = (self.sha256, self.length) == (other.sha256, other.length);
        !same || (self.sha256.is_none() && self.modified != other.modified)
    }
}

/// A file that a call changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// Which file.
    pub path: PathBuf,
    /// What it held before; `None` if there was none.
    pub before: Option<State>,
    /// What it holds now; `None` if it is gone.
    pub after: Option<State>,
    /// The difference, if both could be kept.
    pub diff: Diff,
}

impl Change {
    /// `created`, `modified` or `deleted`.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match (&self.before, &self.after) {
            (None, _) => "created",
            (_, None) => "deleted",
            _ => "modified",
        }
    }

    /// The entry that says so: the path is its target, the hash of the new contents its input,
    /// and its details are JSON with both states and the beginning of the diff.
    #[must_use]
    pub fn to_entry(&self, session: &str, tool: &str) -> Entry {
        let details = json!({
            "change": self.kind(),
            "before": self.before,
            "after": self.after,
            "added": self.diff.added,
            "removed": self.diff.removed,
            "cut": self.diff.cut,
            "diff": clip(&self.diff.text, MAX_SHOWN),
        });
        Entry {
            session: session.to_owned(),
            tool: tool.to_owned(),
            target: self.path.display().to_string(),
            input: self.after.as_ref().and_then(|state| state.sha256),
            details: details.to_string(),
            ..Entry::new(EVENT)
        }
    }
}

/// Follows the files that calls may change.
pub struct Changes {
    folder: PathBuf,
    blobs: Option<Blobs>,
}

/// What was seen before a call.
#[derive(Serialize, Deserialize)]
struct Seen {
    call: String,
    files: BTreeMap<PathBuf, Option<State>>,
}

/// What one look at a file brought.
#[derive(Default)]
struct Look {
    /// `None` if there is no file that can be read.
    state: Option<State>,
    /// Its contents, unless it is long.
    bytes: Option<Vec<u8>>,
    /// Why they could not be kept.
    refused: Option<Error>,
}

impl Changes {
    /// Keeps what it must in the log's folder. Without a key no contents are kept, so that changes
    /// are noticed and not shown.
    #[must_use]
    pub fn new(log: &Path, key: Option<&DetailsKey>) -> Self {
        let blobs = key.map(|key| Blobs::new(log, key));
        Self {
            folder: folder(log),
            blobs,
        }
    }

    /// Notes and keeps what these files hold before the call. What was noted for the same call
    /// before is replaced.
    ///
    /// Paths are taken as they are and followed through links. A file that cannot be read counts
    /// as not there, so that it shows as created if it can be read afterwards.
    ///
    /// # Errors
    ///
    /// Why it could not be noted, or why contents could not be kept; in the second case it is
    /// noted all the same.
    pub fn before(&mut self, session: &str, call: &str, paths: &[PathBuf]) -> Result<()> {
        let (mut files, mut refused) = (BTreeMap::new(), None);
        for path in paths {
            let look = self.look(session, path);
            refused = refused.or(look.refused);
            files.insert(path.clone(), look.state);
        }
        let call = call.to_owned();
        let path = self.path(session, &call);
        place::make_folder(path.parent().unwrap_or(&path))?;
        // a path that is not UTF-8 is the one thing that has no JSON
        let seen = serde_json::to_vec(&Seen { call, files });
        let seen = seen.map_err(|error| Error::file(&path)(std::io::Error::from(error)))?;
        place::replace(&path, &seen)?;
        refused.map_or(Ok(()), Err)
    }

    /// What has changed since [`Changes::before`] the same call; `None` if nothing was noted then.
    /// Once the changes are in the log, call [`Changes::settle`].
    ///
    /// # Errors
    ///
    /// [`Error::Corrupt`] if what was noted is damaged. Contents that cannot be kept or read back
    /// are no error: the change is told without them.
    pub fn after(&mut self, session: &str, call: &str) -> Result<Option<Vec<Change>>> {
        let Some(seen) = read(&self.path(session, call))? else {
            return Ok(None);
        };
        let mut changes = Vec::new();
        for (path, before) in seen.files {
            changes.extend(self.since(session, path, before));
        }
        Ok(Some(changes))
    }

    /// Forgets what was noted before the call.
    ///
    /// # Errors
    ///
    /// [`Error::File`] if it is still there.
    pub fn settle(&self, session: &str, call: &str) -> Result<()> {
        let path = self.path(session, call);
        match std::fs::remove_file(&path) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                Err(Error::file(path)(error))
            }
            _ => Ok(()),
        }
    }

    /// Calls of the session that were begun and not settled: they are still running, or whoever
    /// should have looked after them was killed.
    ///
    /// # Errors
    ///
    /// [`Error::File`] if the folder cannot be read.
    pub fn unsettled(&self, session: &str) -> Result<Vec<String>> {
        let folder = self.folder.join(file_name(session));
        let files = match std::fs::read_dir(&folder) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
            files => files.map_err(Error::file(&folder))?,
        };
        let mut calls = Vec::new();
        for file in files {
            let path = file.map_err(Error::file(&folder))?.path();
            if path.extension().is_some_and(|is| is == "json") {
                calls.extend(read(&path)?.map(|seen| seen.call));
            }
        }
        calls.sort();
        Ok(calls)
    }

    /// Files longer than this are known by their hash only, as [`Blobs::limit`] says.
    #[must_use]
    pub fn limit(mut self, bytes: u64) -> Self {
        self.blobs = self.blobs.map(|blobs| blobs.limit(bytes));
        self
    }

    /// Keeps many files without waiting for the disk, as [`Blobs::lazy`] does.
    #[must_use]
    pub fn lazy(mut self) -> Self {
        self.blobs = self.blobs.map(Blobs::lazy);
        self
    }

    /// What the file holds now, which is kept: for a caller that notes the states itself. `None`
    /// if it cannot be read.
    pub fn state(&mut self, session: &str, path: &Path) -> Option<State> {
        self.look(session, path).state
    }

    /// How the file has changed since it was in the state `before`; `None` if it has not.
    pub fn since(&mut self, session: &str, path: PathBuf, before: Option<State>) -> Option<Change> {
        let now = self.look(session, &path);
        let same = match (&before, &now.state) {
            (None, None) => true,
            (Some(before), Some(after)) => !before.differs(after),
            _ => false,
        };
        if same {
            return None;
        }
        let old = match &before {
            None => Some(Vec::new()),
            Some(state) => self.kept(session, state),
        };
        let new = match &now.state {
            None => Some(Vec::new()),
            Some(_) => now.bytes,
        };
        let diff = match (old, new) {
            (Some(old), Some(new)) => diff(&path.to_string_lossy(), &old, &new),
            _ => Diff {
                cut: Some("contents not kept"),
                ..Diff::default()
            },
        };
        Some(Change {
            path,
            before,
            after: now.state,
            diff,
        })
    }

    fn look(&mut self, session: &str, path: &Path) -> Look {
        let keep = self.blobs.as_ref().map_or(0, |blobs| blobs.limit);
        let Ok(Some(held)) = place::look_at(path, keep, MAX_HASHED) else {
            return Look::default();
        };
        let put = match (&mut self.blobs, &held.bytes) {
            (Some(blobs), Some(bytes)) => blobs.put(session, bytes).map(|blob| blob.kept),
            _ => Ok(false),
        };
        let (kept, refused) = match put {
            Ok(kept) => (kept, None),
            Err(error) => (false, Some(error)),
        };
        let state = State {
            sha256: held.sha256,
            length: held.length,
            modified: held.modified,
            kept,
        };
        Look {
            state: Some(state),
            bytes: held.bytes,
            refused,
        }
    }

    fn kept(&mut self, session: &str, state: &State) -> Option<Vec<u8>> {
        let blobs = self.blobs.as_mut().filter(|_| state.kept)?;
        blobs.get(session, state.sha256?).ok().flatten()
    }

    fn path(&self, session: &str, call: &str) -> PathBuf {
        let folder = self.folder.join(file_name(session));
        folder.join(format!("{}.json", file_name(call)))
    }
}

fn read(path: &Path) -> Result<Option<Seen>> {
    let Some(bytes) = place::read(path, 4 << 20)? else {
        return Ok(None);
    };
    let seen = serde_json::from_slice(&bytes).map_err(|error| Error::Corrupt {
        path: path.into(),
        why: error.to_string(),
    })?;
    Ok(Some(seen))
}

fn folder(log: &Path) -> PathBuf {
    log.join("calls")
}

/// Removes what was noted for a session.
pub(crate) fn remove_session(log: &Path, session: &str) -> Result<()> {
    place::remove_folder(&folder(log).join(file_name(session)))
}

#[cfg(test)]
mod tests;
