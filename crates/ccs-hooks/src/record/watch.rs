//! What the guarded files were like when they were last looked at in a session: for changes that
//! a tool causes without naming the file, such as those of a command.
//!
//! One small file for each session. Its first line is a hash over the names, times and lengths of
//! all guarded files, so that to see that nothing has changed costs one `stat` each and no more.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime};

use ccs_audit::Hash;
use ccs_audit::change::{Change, Changes, State};
use serde::{Deserialize, Serialize};

use crate::files::{self, Links};

/// The folder within the state folder.
const FOLDER: &str = crate::trail::WATCH;
/// The longest file, in bytes.
const MAX_FILE: u64 = 4 << 20;
/// Files of sessions that were not heard of for so long are removed.
const MAX_AGE: Duration = Duration::from_secs(30 * 86_400);
/// How long to wait for another hook of the session that looks right now. What it does not see,
/// the next look does.
const WAIT: Duration = Duration::from_millis(200);

/// Times and length of a file, in nanoseconds and bytes, and which file it is.
pub(super) type Stamp = (i64, i64, u64, u64);

/// Those of all files that are there.
pub(super) type Stamps = BTreeMap<PathBuf, Stamp>;

/// A file as it was last seen.
#[derive(Clone, Serialize, Deserialize)]
struct Seen {
    stamp: Stamp,
    state: Option<State>,
}

#[derive(Default, Serialize, Deserialize)]
struct Memory(BTreeMap<PathBuf, Seen>);

/// Whether the files were just so at the last look of the session.
pub(super) fn is_unchanged(state: &Path, session: &str, now: &Stamps) -> bool {
    let seen = files::head(&path(state, session), 64);
    seen.is_ok_and(|seen| seen == digest(now).as_bytes())
}

/// The watch over the guarded files in one session.
pub(super) struct Watch<'a> {
    path: PathBuf,
    session: &'a str,
    changes: &'a mut Changes,
}

impl<'a> Watch<'a> {
    pub(super) fn new(state: &Path, session: &'a str, changes: &'a mut Changes) -> Self {
        Self {
            path: path(state, session),
            session,
            changes,
        }
    }

    /// What has changed since the last look. The first look of a session keeps what the files
    /// hold, and nothing has changed.
    pub(super) fn look(&mut self, now: Stamps) -> Vec<Change> {
        let Some(_lock) = self.lock() else {
            return Vec::new();
        };
        let memory = self.memory();
        let first = memory.is_none();
        let (memory, changes) = self.compare(memory.unwrap_or_default(), now, first);
        self.keep(&memory);
        changes
    }

    /// Takes note of a change that was told already.
    pub(super) fn settle(&mut self, changes: &[Change]) {
        let Some(_lock) = self.lock() else {
            return;
        };
        let Some(mut memory) = self.memory() else {
            return;
        };
        for change in changes {
            match (stamp(&change.path), &change.after) {
                (Some(stamp), state @ Some(_)) => {
                    let state = state.clone();
                    memory.0.insert(change.path.clone(), Seen { stamp, state });
                }
                _ => {
                    memory.0.remove(&change.path);
                }
            }
        }
        self.keep(&memory);
    }

    fn compare(&mut self, mut before: Memory, now: Stamps, first: bool) -> (Memory, Vec<Change>) {
        let (mut after, mut changes) = (Memory::default(), Vec::new());
        for (path, stamp) in now {
            let seen = match before.0.remove(&path) {
                Some(seen) if seen.stamp == stamp => seen,
                seen => {
                    let known = seen.and_then(|seen| seen.state);
                    let state = self.changes.state(self.session, &path);
                    if !first {
                        changes.extend(self.changes.since(self.session, path.clone(), known));
                    }
                    Seen { stamp, state }
                }
            };
            after.0.insert(path, seen);
        }
        for (path, seen) in before.0 {
            changes.extend(self.changes.since(self.session, path, seen.state));
        }
        (after, changes)
    }

    /// What was seen; `None` if nothing was yet, or if that cannot be read any more.
    fn memory(&self) -> Option<Memory> {
        let bytes = files::read(&self.path, MAX_FILE, Links::Refuse).ok()??;
        serde_json::from_slice(bytes.get(65..)?).ok()
    }

    /// If it cannot be kept, the next look tells the same changes again.
    fn keep(&self, memory: &Memory) {
        let stamps = memory.0.iter();
        let stamps = stamps.map(|(path, seen)| (path.clone(), seen.stamp));
        let digest = digest(&stamps.collect());
        if let Ok(json) = serde_json::to_string(memory) {
            let _ = files::replace(&self.path, format!("{digest}\n{json}").as_bytes());
        }
    }

    fn lock(&self) -> Option<File> {
        let folder = self.path.parent()?;
        files::make_private_folder(folder).ok()?;
        let file = File::create(self.path.with_extension("lock")).ok()?;
        let since = Instant::now();
        while file.try_lock().is_err() {
            if since.elapsed() > WAIT {
                return None;
            }
            std::thread::sleep(Duration::from_millis(2));
        }
        Some(file)
    }
}

fn path(state: &Path, session: &str) -> PathBuf {
    let name = Hash::of(session.as_bytes()).to_string();
    state.join(FOLDER).join(format!("{}.json", &name[..32]))
}

/// Forgets a session, and those of which nothing was heard for long.
pub(super) fn forget(state: &Path, session: &str) {
    let ours = path(state, session);
    for path in [ours.with_extension("lock"), ours] {
        let _ = fs::remove_file(path);
    }
    let entries = fs::read_dir(state.join(FOLDER)).into_iter().flatten();
    for entry in entries.flatten() {
        let modified = entry.metadata().and_then(|meta| meta.modified());
        let age = modified.map(|at| SystemTime::now().duration_since(at).unwrap_or_default());
        if age.is_ok_and(|age| age > MAX_AGE) {
            let _ = fs::remove_file(entry.path());
        }
    }
}

/// The stamps of those files that are there.
pub(super) fn stamps(paths: Vec<PathBuf>) -> Stamps {
    let stamped = paths.into_iter().filter_map(|path| {
        let stamp = stamp(&path)?;
        // a path that is no text cannot be noted
        path.to_str().is_some().then_some((path, stamp))
    });
    stamped.collect()
}

/// Through whatever links lead to the file.
fn stamp(path: &Path) -> Option<Stamp> {
    let meta = fs::metadata(path).ok().filter(fs::Metadata::is_file)?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;
        let nanos = |seconds: i64, nanos: i64| seconds.wrapping_mul(1_000_000_000) + nanos;
        Some((
            nanos(meta.mtime(), meta.mtime_nsec()),
            nanos(meta.ctime(), meta.ctime_nsec()),
            meta.len(),
            meta.ino(),
        ))
    }
    #[cfg(not(unix))]
    {
        let modified = meta.modified().ok()?;
        let modified = modified.duration_since(SystemTime::UNIX_EPOCH).ok()?;
        let nanos = i64::try_from(modified.as_nanos()).unwrap_or(i64::MAX);
        Some((nanos, 0, meta.len(), 0))
    }
}

fn digest(stamps: &Stamps) -> String {
    let mut bytes = Vec::new();
    for (path, stamp) in stamps {
        bytes.extend_from_slice(path.as_os_str().as_encoded_bytes());
        let (modified, changed, length, file) = stamp;
        for number in [modified.to_be_bytes(), changed.to_be_bytes()] {
            bytes.extend_from_slice(&number);
        }
        for number in [length.to_be_bytes(), file.to_be_bytes()] {
            bytes.extend_from_slice(&number);
        }
    }
    Hash::of(&bytes).to_string()
}

#[cfg(test)]
mod tests;
