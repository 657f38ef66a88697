//! Unix: descriptors relative to the folder, never through a link.

use std::ffi::OsStr;
use std::fs::{DirBuilder, File};
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::fs::DirBuilderExt;
use std::path::Path;

use rustix::fs::{self, AtFlags, CWD, FileType, Mode, OFlags, Stat};
use rustix::io::Errno;

use super::{Refusal, Unsafe};

const COMMON: OFlags = OFlags::NOFOLLOW
    .union(OFlags::CLOEXEC)
    .union(OFlags::NOCTTY);

/// The folder's descriptor.
pub(crate) struct Handle(OwnedFd);

impl Handle {
    pub(super) fn open(path: &Path) -> Result<Self, Refusal> {
        let opened = fs::openat(
            CWD,
            path,
            COMMON | OFlags::RDONLY | OFlags::DIRECTORY,
            Mode::empty(),
        );
        let folder = opened.map_err(|error| link_or(error, CWD, path.as_os_str()))?;
        check(
            &fs::fstat(&folder).map_err(io::Error::from)?,
            "700",
            FileType::Directory,
        )?;
        Ok(Self(folder))
    }

    /// A file for reading, of this user and closed to others. A FIFO is not waited for.
    pub(super) fn open_file(&self, name: &str) -> Result<File, Refusal> {
        let opened = fs::openat(&self.0, name, COMMON | OFlags::NONBLOCK, Mode::empty());
        let file = opened.map_err(|error| link_or(error, &self.0, OsStr::new(name)))?;
        check(
            &fs::fstat(&file).map_err(io::Error::from)?,
            "600",
            FileType::RegularFile,
        )?;
        Ok(File::from(file))
    }

    pub(super) fn create(&self, name: &str) -> io::Result<File> {
        let flags = COMMON | OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL;
        Ok(File::from(fs::openat(&self.0, name, flags, private())?))
    }

    pub(super) fn open_lock(&self, name: &str) -> io::Result<File> {
        let flags = COMMON | OFlags::RDWR | OFlags::CREATE | OFlags::NONBLOCK;
        Ok(File::from(fs::openat(&self.0, name, flags, private())?))
    }

    pub(super) fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        Ok(fs::renameat(&self.0, from, &self.0, to)?)
    }

    pub(super) fn remove(&self, name: &str) -> io::Result<()> {
        Ok(fs::unlinkat(&self.0, name, AtFlags::empty())?)
    }

    pub(super) fn has(&self, name: &str) -> io::Result<bool> {
        match fs::statat(&self.0, name, AtFlags::SYMLINK_NOFOLLOW) {
            Ok(_) => Ok(true),
            Err(Errno::NOENT) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    pub(super) fn mode(&self, name: &str) -> Option<u32> {
        let stat = fs::statat(&self.0, name, AtFlags::SYMLINK_NOFOLLOW).ok()?;
        Some(bits(&stat))
    }

    /// Makes renames last. Some file systems cannot sync a folder; that is no failed write.
    pub(super) fn sync(&self) -> io::Result<()> {
        match fs::fsync(&self.0) {
            Err(Errno::INVAL | Errno::NOTSUP) | Ok(()) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }
}

/// A plaintext file outside the vault's folder, that is to be taken over and wiped.
pub(crate) struct Plain {
    parent: OwnedFd,
    name: std::ffi::OsString,
    file: File,
}

impl Plain {
    pub(crate) fn open(path: &Path) -> Result<Self, Refusal> {
        let name = path
            .file_name()
            .ok_or(io::Error::from(io::ErrorKind::InvalidInput))?;
        let parent = match path.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => parent,
            _ => Path::new("."),
        };
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let parent = fs::openat(CWD, parent, flags, Mode::empty()).map_err(io::Error::from)?;
        let opened = fs::openat(
            &parent,
            name,
            COMMON | OFlags::RDWR | OFlags::NONBLOCK,
            Mode::empty(),
        );
        let file = opened.map_err(|error| link_or(error, &parent, name))?;
        check_plain(&fs::fstat(&file).map_err(io::Error::from)?)?;
        Ok(Self {
            parent,
            name: name.to_owned(),
            file: File::from(file),
        })
    }

    pub(crate) fn file(&mut self) -> &mut File {
        &mut self.file
    }

    /// Takes the name away, if it is still this file's.
    pub(crate) fn remove(self) -> io::Result<()> {
        let ours = fs::fstat(&self.file)?;
        let named = fs::statat(&self.parent, &self.name, AtFlags::SYMLINK_NOFOLLOW)?;
        if (ours.st_dev, ours.st_ino) != (named.st_dev, named.st_ino) {
            return Err(io::Error::other("another file took its name"));
        }
        fs::unlinkat(&self.parent, &self.name, AtFlags::empty())?;
        let _ = fs::fsync(&self.parent);
        Ok(())
    }
}

/// Makes the folder and those above it that are missing, closed to other users.
pub(crate) fn make_folder(path: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(path)
}

fn private() -> Mode {
    Mode::RUSR | Mode::WUSR
}

/// `chmod` is the octal mode that puts a wrong one right.
fn check(stat: &Stat, chmod: &str, wanted: FileType) -> Result<(), Refusal> {
    let kind = FileType::from_raw_mode(stat.st_mode);
    if kind != wanted {
        return Err(refuse("it is not of the expected type", "move it away"));
    }
    if stat.st_uid != rustix::process::geteuid().as_raw() {
        return Err(refuse(
            "it belongs to another user",
            "give it to the user who runs this",
        ));
    }
    let mode = bits(stat);
    if mode & 0o077 != 0 {
        let problem = format!("others may use it (mode {mode:04o})");
        return Err(refuse(&problem, &format!("run chmod {chmod} on it")));
    }
    // none at all: it was replaced just now, and is still the whole version before
    if wanted == FileType::RegularFile && stat.st_nlink > 1 {
        return Err(refuse(
            "it has a second name (hard link)",
            "remove the other name",
        ));
    }
    Ok(())
}

#[allow(clippy::useless_conversion, reason = "a mode has 16 bits on macOS")]
fn bits(stat: &Stat) -> u32 {
    u32::from(stat.st_mode) & 0o7777
}

/// A file that is to be wiped must be this user's own, and have no other name that would go on
/// showing the wiped contents as if they were meant.
fn check_plain(stat: &Stat) -> Result<(), Refusal> {
    if FileType::from_raw_mode(stat.st_mode) != FileType::RegularFile {
        return Err(refuse("it is not a regular file", "name the file itself"));
    }
    if stat.st_uid != rustix::process::geteuid().as_raw() {
        return Err(refuse(
            "it belongs to another user",
            "run this as its owner",
        ));
    }
    if stat.st_nlink != 1 {
        return Err(refuse(
            "it has a second name (hard link)",
            "remove the other name",
        ));
    }
    Ok(())
}

/// A link that was not followed is reported as what it is; the system calls it a loop, or says
/// that it is no folder.
fn link_or(error: Errno, folder: impl std::os::fd::AsFd, name: &OsStr) -> Refusal {
    let stat = fs::statat(folder, name, AtFlags::SYMLINK_NOFOLLOW);
    match stat.map(|stat| FileType::from_raw_mode(stat.st_mode)) {
        Ok(FileType::Symlink) => refuse("it is a symbolic link", "put the file itself there"),
        Ok(_) if error == Errno::NOTDIR => refuse("it is not a folder", "move it away"),
        _ => io::Error::from(error).into(),
    }
}

fn refuse(problem: &str, fix: &str) -> Refusal {
    Refusal::Unsafe(Unsafe(problem.to_owned(), fix.to_owned()))
}
