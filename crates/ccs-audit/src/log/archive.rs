//! Old segments leave, whole; a session's content leaves, and its entries stay.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use crate::entry::{Entry, Head};
use crate::error::{Error, Result};
use crate::hash::Hash;
use crate::segment::Segment;
use crate::time::Time;
use crate::{blob, change, place, session};

use super::{Log, begin};

/// The event of the entry that says a segment has left.
pub(crate) const EVENT: &str = "audit.archive";

/// Where old segments go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fate {
    /// Into another folder, which is made if it is not there.
    Move(PathBuf),
    /// Nowhere: they are removed.
    Delete,
}

/// A segment that has left.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Archived {
    /// Its number.
    pub segment: u32,
    /// Its first and last entry.
    pub entries: (u64, u64),
    /// The hash of its file, which the log now holds.
    pub sha256: Hash,
    /// Where it is now.
    pub to: Option<PathBuf>,
}

impl Log {
    /// Moves or removes the closed segments whose last entry is older than `before`, the oldest
    /// first.
    ///
    /// An entry with each file's hash is appended before it leaves. The next segment carries all
    /// that is needed to go on, so what stays can be checked and proved as before.
    ///
    /// # Errors
    ///
    /// Why a segment could not leave; those before it have.
    pub fn archive(&mut self, before: Time, fate: &Fate) -> Result<Vec<Archived>> {
        let _lock = place::lock(&self.folder.join("archive.lock"), self.options.busy)?;
        if let Fate::Move(to) = fate {
            place::make_folder(to)?;
        }
        self.segment = None; // it may be one of those that leave
        let mut closed = begin::segments(&self.folder)?;
        closed.pop(); // the newest is still written to
        let mut archived = Vec::new();
        for (number, path) in closed {
            let segment = Segment::open(&path, self.access())?;
            let (first, tail) = (segment.seam.first, segment.tail()?);
            if Head::read(&tail.body).is_none_or(|head| head.time >= before) {
                break;
            }
            let path = segment.fold_for_good()?;
            let sha256 = hash_file(&path)?;
            let entries = (first, tail.seq);
            self.append(departure(&path, entries, sha256, fate))?;
            archived.push(Archived {
                segment: number,
                entries,
                sha256,
                to: leave(&path, sha256, fate)?,
            });
        }
        Ok(archived)
    }

    /// Destroys the session's key, and with it the content of its details and blobs, wherever
    /// copies of them are. Its entries stay, and the chain with them. `false` if the session had
    /// no key: then nothing of it was encrypted.
    ///
    /// # Errors
    ///
    /// [`Error::File`] if the key could not be destroyed.
    pub fn erase(&mut self, session: &str) -> Result<bool> {
        if let Some(sessions) = &mut self.sessions {
            sessions.forget(session);
        }
        let erased = session::erase(&self.folder, session)?;
        blob::remove_session(&self.folder, session)?;
        change::remove_session(&self.folder, session)?;
        if erased {
            let entry = Entry {
                session: session.to_owned(),
                ..Entry::new("audit.erase")
            };
            self.append(entry)?;
        }
        Ok(erased)
    }
}

fn departure(path: &Path, (first, last): (u64, u64), sha256: Hash, fate: &Fate) -> Entry {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let how = match fate {
        Fate::Move(_) => "moved",
        Fate::Delete => "deleted",
    };
    let target = format!("{name} with entries {first} to {last} {how}");
    Entry {
        target,
        input: Some(sha256),
        ..Entry::new(EVENT)
    }
}

/// The segment that an entry says has left.
pub(crate) fn archived_number(target: &str) -> Option<u32> {
    Segment::number_of(target.split(' ').next()?)
}

fn leave(path: &Path, sha256: Hash, fate: &Fate) -> Result<Option<PathBuf>> {
    let Fate::Move(folder) = fate else {
        fs::remove_file(path).map_err(Error::file(path))?;
        return Ok(None);
    };
    let to = folder.join(path.file_name().unwrap_or_default());
    match fs::rename(path, &to) {
        Err(error) if error.kind() == io::ErrorKind::CrossesDevices => copy(path, &to, sha256)?,
        other => other.map_err(Error::file(&to))?,
    }
    place::sync_folder(folder)?;
    Ok(Some(to))
}

/// Moves to another disk: the copy is whole and flushed before the original goes.
fn copy(from: &Path, to: &Path, sha256: Hash) -> Result<()> {
    let aside = place::aside(to);
    let copied = (|| {
        let mut file = place::private().write(true).create_new(true).open(&aside)?;
        io::copy(&mut File::open(from)?, &mut file)?;
        file.sync_all()
    })();
    copied.map_err(Error::file(&aside))?;
    if hash_file(&aside)? != sha256 {
        return Err(Error::Corrupt {
            path: aside,
            why: "it is not a true copy".into(),
        });
    }
    fs::rename(&aside, to).map_err(Error::file(to))?;
    fs::remove_file(from).map_err(Error::file(from))
}

fn hash_file(path: &Path) -> Result<Hash> {
    let file = File::open(path).map_err(Error::file(path))?;
    Hash::of_reader(file).map_err(Error::file(path))
}
