//! Writes files so that a crash leaves the old bytes or the new ones, and only where ccs may.
//!
//! A [`Writer`] holds the lock of the state folder for as long as it lives, so two runs of ccs
//! never write at the same time. It writes to the files and folders it was given and nowhere
//! else; a list of places that are never ours ([`NEVER`]) wins over whatever it was given.

use std::fs::{self, Metadata};
use std::io;
use std::path::{Path, PathBuf};

use crate::error::Error;

mod aside;
mod backup;
mod lock;
mod os;
mod permit;
mod tighten;

pub use backup::backups;
pub use os::{is_foreign, mode};
pub use permit::NEVER;

use lock::Lock;
use permit::Permit;

/// The mode of the state folder.
const PRIVATE: u32 = 0o700;

/// The only writer of files in ccs. Everything else just reads.
#[derive(Debug)]
pub struct Writer {
    permit: Permit,
    state: PathBuf,
    _lock: Lock,
}

/// What a file shall become.
#[derive(Clone, Copy, Debug)]
pub struct New<'a> {
    /// What it holds now, as far as the caller knows; `None` if it should not exist. If that is
    /// not so, nothing is written.
    pub before: Option<&'a [u8]>,
    /// What it shall hold.
    pub bytes: &'a [u8],
    /// Its permission bits. `None` keeps those it has, and gives a new file 0600.
    pub mode: Option<u32>,
}

impl Writer {
    /// Creates the state folder if needed, waits for other writers to finish, and locks.
    ///
    /// `home` is where the places of [`NEVER`] are looked for. The folder gets mode 0700, and so
    /// do the folders above it that are missing.
    ///
    /// # Errors
    ///
    /// [`Error::Link`] or [`Error::Owner`] if the state folder is a link or somebody else's,
    /// [`Error::File`] if it cannot be created or locked.
    pub fn open(home: &Path, state: &Path) -> Result<Self, Error> {
        let permit = Permit::new(home).folder(state);
        let lock = loop {
            os::create_folder(&permit, state, PRIVATE)?;
            os::set_folder_mode(state, PRIVATE)?;
            if let Some(lock) = Lock::acquire(state)? {
                break lock;
            }
        };
        Ok(Writer {
            permit,
            state: state.to_owned(),
            _lock: lock,
        })
    }

    /// Allows one more file, with its backups.
    #[must_use]
    pub fn allow_file(mut self, path: &Path) -> Self {
        self.permit = self.permit.file(path);
        self
    }

    /// Allows one more file, which may lie among the client's skills and slash commands: those
    /// places hold one file or folder for each author. Files beside it stay out of reach.
    #[must_use]
    pub fn allow_own(mut self, path: &Path) -> Self {
        self.permit = self.permit.own(path);
        self
    }

    /// Allows everything below one more folder.
    #[must_use]
    pub fn allow_folder(mut self, path: &Path) -> Self {
        self.permit = self.permit.folder(path);
        self
    }

    /// Allows the mode of one more file or folder to be made stricter, and nothing else about it.
    #[must_use]
    pub fn allow_mode(mut self, path: &Path) -> Self {
        self.permit = self.permit.mode(path);
        self
    }

    /// Takes the permission bits in `remove` away from group and others, and answers the mode as
    /// it was. Content, owner and the owner's own bits stay.
    ///
    /// # Errors
    ///
    /// [`Error::Forbidden`] unless [`Writer::allow_mode`] named exactly this path, [`Error::Link`],
    /// [`Error::Kind`], [`Error::Owner`], [`Error::File`] if the file system refuses.
    pub fn tighten(&self, path: &Path, remove: u32) -> Result<u32, Error> {
        self.permit.check_mode(path)?;
        tighten::tighten(path, remove)
    }

    /// Gives back what [`Writer::tighten`] took: the mode `then`, if the file has the mode `now`.
    ///
    /// # Errors
    ///
    /// As [`Writer::tighten`], and [`Error::Changed`] if the mode is another by now.
    pub fn loosen(&self, path: &Path, now: u32, then: u32) -> Result<(), Error> {
        self.permit.check_mode(path)?;
        tighten::loosen(path, now, then)
    }

    /// Replaces or creates a file in one step.
    ///
    /// The bytes are written beside it, flushed to the disk and renamed over it, then the folder
    /// is flushed. An existing file keeps its owner. Extended attributes are not kept.
    ///
    /// # Errors
    ///
    /// [`Error::Forbidden`] outside the allowed places, [`Error::Link`] if the file is a symbolic
    /// link (see [`resolve`]), [`Error::Kind`], [`Error::Owner`], [`Error::Changed`] if it does
    /// not hold `new.before`, [`Error::File`] if the file system refuses. The file is untouched
    /// in every case.
    pub fn replace(&self, path: &Path, new: &New<'_>) -> Result<(), Error> {
        self.permit.check(path)?;
        let old = ordinary(path)?;
        must_hold(path, new.before)?;
        aside::replace(path, old.as_ref(), new)
    }

    /// Writes a private file in one step without waiting for the disk, whatever was there. Only
    /// for what is checked when it is read and can be done without.
    pub(crate) fn put(&self, path: &Path, bytes: &[u8]) -> Result<(), Error> {
        self.permit.check(path)?;
        let old = ordinary(path)?;
        aside::put(path, old.as_ref(), bytes)
    }

    /// Keeps a copy beside the file, `NAME.ccs-backup-N`, and only the latest five of them.
    ///
    /// Answers where the copy is; nothing is copied if the latest copy has the same bytes.
    ///
    /// # Errors
    ///
    /// As [`Writer::replace`].
    pub fn backup(&self, path: &Path) -> Result<PathBuf, Error> {
        self.permit.check(path)?;
        backup::keep(path)
    }

    /// Deletes an ordinary file. One that does not exist is no error.
    ///
    /// # Errors
    ///
    /// As [`Writer::replace`].
    pub fn remove(&self, path: &Path) -> Result<(), Error> {
        self.permit.check(path)?;
        if ordinary(path)?.is_none() {
            return Ok(());
        }
        fs::remove_file(path).map_err(Error::file("cannot delete", path))?;
        os::sync_folder_of(path)
    }

    /// Creates a folder with these permission bits, and the missing ones above it. One that
    /// exists stays as it is.
    ///
    /// # Errors
    ///
    /// [`Error::Forbidden`], [`Error::Link`], [`Error::Kind`] or [`Error::Owner`] if something
    /// else is there, [`Error::File`] if the file system refuses.
    pub fn create_folder(&self, path: &Path, mode: u32) -> Result<(), Error> {
        os::create_folder(&self.permit, path, mode)
    }

    /// Deletes a folder if it is empty, and answers whether it was.
    ///
    /// # Errors
    ///
    /// [`Error::Forbidden`], or [`Error::File`] if the file system refuses.
    pub fn remove_folder(&self, path: &Path) -> Result<bool, Error> {
        self.permit.check_folder(path)?;
        match fs::remove_dir(path) {
            Ok(()) => Ok(true),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(true),
            Err(error) if error.kind() == io::ErrorKind::DirectoryNotEmpty => Ok(false),
            Err(error) => Err(Error::file("cannot delete", path)(error)),
        }
    }

    /// Deletes the state folder if nothing but the lock is in it, then those of `above` that are
    /// empty, innermost first. Answers whether the state folder is gone.
    ///
    /// # Errors
    ///
    /// [`Error::Forbidden`] if one of `above` does not lead to an allowed place, [`Error::File`]
    /// if the file system refuses.
    pub fn close_and_tidy(self, above: &[PathBuf]) -> Result<bool, Error> {
        let lock = Lock::path(&self.state);
        let others = fs::read_dir(&self.state)
            .map_err(Error::file("cannot list", &self.state))?
            .filter(|entry| entry.as_ref().map_or(true, |entry| entry.path() != lock))
            .count();
        if others > 0 {
            return Ok(false);
        }
        fs::remove_file(&lock).map_err(Error::file("cannot delete", &lock))?;
        let gone = self.remove_folder(&self.state)?;
        for folder in above.iter().rev() {
            self.remove_folder(folder)?;
        }
        Ok(gone)
    }
}

/// Follows a symbolic link so that the file behind it can be written on purpose.
///
/// Answers `path` itself if it is no link or does not exist.
///
/// # Errors
///
/// [`Error::Owner`] if the file behind the link belongs to somebody else, [`Error::Kind`] if it
/// is not an ordinary file, [`Error::File`] if the link leads nowhere.
pub fn resolve(path: &Path) -> Result<PathBuf, Error> {
    match fs::symlink_metadata(path) {
        Ok(metadata) if metadata.is_symlink() => {}
        _ => return Ok(path.to_owned()),
    }
    let target = fs::canonicalize(path).map_err(Error::file("cannot follow the link", path))?;
    ordinary(&target)?;
    Ok(target)
}

/// Reads a file whole; `None` if it does not exist.
///
/// # Errors
///
/// [`Error::File`] if it cannot be read.
pub fn read(path: &Path) -> Result<Option<Vec<u8>>, Error> {
    match fs::read(path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(Error::file("cannot read", path)(error)),
    }
}

/// The metadata of an ordinary file of our own; `None` if nothing is there.
fn ordinary(path: &Path) -> Result<Option<Metadata>, Error> {
    let metadata = match fs::symlink_metadata(path) {
        Ok(metadata) => metadata,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(Error::file("cannot look at", path)(error)),
    };
    let path = path.to_owned();
    if metadata.is_symlink() {
        let target = fs::read_link(&path).unwrap_or_default();
        return Err(Error::Link { path, target });
    }
    if !metadata.is_file() {
        return Err(Error::Kind { path });
    }
    if is_foreign(&metadata) {
        return Err(Error::Owner { path });
    }
    Ok(Some(metadata))
}

fn must_hold(path: &Path, before: Option<&[u8]>) -> Result<(), Error> {
    if read(path)?.as_deref() == before {
        return Ok(());
    }
    let path = path.to_owned();
    Err(Error::Changed { path })
}
