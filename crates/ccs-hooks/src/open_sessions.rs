//! Which sessions have not ended: one small file each, so that what a session that was killed
//! left behind is cleaned up when the next one starts.

use std::fs;
use std::path::{Path, PathBuf};

use crate::files;
use crate::protocol::event::Session;

/// The folder of these files within the state folder.
const FOLDER: &str = "sessions";
/// The longest path in such a file, in bytes.
const MAX_PATH: u64 = 4096;
/// No session has a shorter id.
const SHORTEST_ID: usize = 8;
/// The most that are looked at in one go.
const MAX: usize = 64;

/// A session that began and was not seen to end.
pub(crate) struct Open {
    pub(crate) transcript: PathBuf,
    file: PathBuf,
}

/// Remembers that a session is open. Where this fails, the session is cleaned up at its own end.
pub(crate) fn note(state: Option<&Path>, session: &Session<'_>) {
    let (Some(file), Some(transcript)) = (file(state, session), session.transcript) else {
        return;
    };
    if file.exists() {
        return;
    }
    if let Some(folder) = file.parent() {
        let _ = files::make_private_folder(folder);
    }
    let _ = files::replace(&file, transcript.as_bytes());
}

/// Forgets a session that ended and is clean.
pub(crate) fn forget(state: Option<&Path>, session: &Session<'_>) {
    if let Some(file) = file(state, session) {
        let _ = fs::remove_file(file);
    }
}

/// Those that are open, except this one.
pub(crate) fn others(state: Option<&Path>, session: &Session<'_>) -> Vec<Open> {
    let ours = file(state, session);
    let Some(Ok(listing)) = state.map(|state| fs::read_dir(state.join(FOLDER))) else {
        return Vec::new();
    };
    let paths = listing.flatten().map(|entry| entry.path());
    let others = paths.filter(|path| Some(path) != ours.as_ref());
    others.take(MAX).filter_map(read).collect()
}

fn read(file: PathBuf) -> Option<Open> {
    let bytes = files::read_private(&file, MAX_PATH).ok()??;
    let transcript = PathBuf::from(String::from_utf8(bytes).ok()?);
    Some(Open { transcript, file })
}

impl Open {
    /// Forgets it, because nothing is left to do.
    pub(crate) fn forget(&self) {
        let _ = fs::remove_file(&self.file);
    }
}

fn file(state: Option<&Path>, session: &Session<'_>) -> Option<PathBuf> {
    let id = session.file_name().filter(|id| id.len() >= SHORTEST_ID)?;
    Some(state?.join(FOLDER).join(id))
}
