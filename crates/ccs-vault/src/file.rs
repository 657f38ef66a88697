//! The only file access in the crate: private files in one private folder.
//!
//! The folder is opened once and everything else relative to it, without following links. What is
//! read is a regular file of this user that nobody else can read; what is written is made so from
//! its first byte, aside, and put in place in one step.

#[cfg_attr(unix, path = "file/unix.rs")]
#[cfg_attr(not(unix), path = "file/other.rs")]
mod system;

use std::fs::File;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use crate::{Error, Result};
pub(crate) use system::{Plain, make_folder};

/// What is wrong with a file, and what puts it right.
pub(crate) struct Unsafe(pub(crate) String, pub(crate) String);

/// Why a file could not be opened.
pub(crate) enum Refusal {
    Absent,
    Unsafe(Unsafe),
    System(io::Error),
}

impl From<io::Error> for Refusal {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::NotFound => Self::Absent,
            _ => Self::System(error),
        }
    }
}

/// The folder a vault lies in.
pub(crate) struct Folder {
    path: PathBuf,
    handle: system::Handle,
}

/// The exclusive right to write in a folder, until it drops or the process ends.
pub(crate) struct Lock {
    _file: File,
}

impl Folder {
    /// Opens a folder that is there, belongs to this user, and is closed to all others.
    pub(crate) fn open(path: &Path) -> Result<Self> {
        let handle = system::Handle::open(path).map_err(|refusal| match refusal {
            Refusal::Absent => Error::Missing {
                path: path.to_owned(),
                next: "make a vault first",
            },
            other => error(path, "open", other),
        })?;
        Ok(Self {
            path: path.to_owned(),
            handle,
        })
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }

    /// The contents of a private file; `None` if there is none.
    pub(crate) fn read(&self, name: &str, limit: u64) -> Result<Option<Zeroizing<Vec<u8>>>> {
        let file = match self.handle.open_file(name) {
            Ok(file) => file,
            Err(Refusal::Absent) => return Ok(None),
            Err(refusal) => return Err(error(&self.path(name), "read", refusal)),
        };
        let failed = |source| Error::file(&self.path(name), "read", source);
        let length = file.metadata().map_err(failed)?.len();
        if length > limit {
            return Err(self.too_long(name));
        }
        let room = usize::try_from(length).unwrap_or(0) + 1;
        let mut bytes = Zeroizing::new(Vec::with_capacity(room));
        file.take(limit + 1)
            .read_to_end(&mut bytes)
            .map_err(failed)?;
        if bytes.len() as u64 > limit {
            Err(self.too_long(name))
        } else {
            Ok(Some(bytes))
        }
    }

    /// Whether anything has this name, be it a file, a link or a folder.
    pub(crate) fn has(&self, name: &str) -> Result<bool> {
        let found = self.handle.has(name);
        found.map_err(|source| Error::file(&self.path(name), "look for", source))
    }

    /// Puts a private file with these contents in the place of `name`, in one step: whoever reads
    /// it at any moment, or after a crash, finds all of the old contents or all of the new.
    pub(crate) fn replace(&self, name: &str, contents: &[u8]) -> Result<()> {
        let aside = format!("{name}.new");
        let written = self.write_aside(&aside, contents);
        let placed = written.and_then(|()| self.handle.rename(&aside, name));
        if placed.is_err() {
            let _ = self.handle.remove(&aside);
        }
        let failed = |source| Error::file(&self.path(name), "write", source);
        placed.and_then(|()| self.handle.sync()).map_err(failed)
    }

    /// Removes a file, if it is there.
    pub(crate) fn remove(&self, name: &str) -> Result<()> {
        match self.handle.remove(name) {
            Err(source) if source.kind() != io::ErrorKind::NotFound => {
                Err(Error::file(&self.path(name), "remove", source))
            }
            _ => Ok(()),
        }
    }

    /// Waits for the other writers, in this and other processes.
    pub(crate) fn lock(&self) -> Result<Lock> {
        let name = "vault.lock";
        let failed = |source| Error::file(&self.path(name), "lock", source);
        let file = self.handle.open_lock(name).map_err(failed)?;
        file.lock().map_err(failed)?;
        Ok(Lock { _file: file })
    }

    /// The permission bits of a file; `None` if there is none, or the platform has none.
    pub(crate) fn mode(&self, name: &str) -> Option<u32> {
        self.handle.mode(name)
    }

    /// A file aside that a killed writer left is removed: the lock says it is nobody's.
    fn write_aside(&self, aside: &str, contents: &[u8]) -> io::Result<()> {
        match self.handle.remove(aside) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let mut file = self.handle.create(aside)?;
        file.write_all(contents)?;
        file.sync_all()
    }

    fn too_long(&self, name: &str) -> Error {
        Error::Corrupt {
            path: self.path(name),
            what: "it is longer than such a file can be",
            next: "put back a copy of it",
        }
    }
}

pub(crate) fn error(path: &Path, action: &'static str, refusal: Refusal) -> Error {
    match refusal {
        Refusal::Unsafe(Unsafe(problem, fix)) => Error::Insecure {
            path: path.to_owned(),
            problem,
            fix,
        },
        Refusal::Absent => Error::file(path, action, io::ErrorKind::NotFound.into()),
        Refusal::System(source) => Error::file(path, action, source),
    }
}

#[cfg(all(test, unix))]
mod tests;
