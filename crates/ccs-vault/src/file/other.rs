//! Other systems: paths in the folder. Who may read the files is up to the folder's own access
//! list; a user profile is closed to other users.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};

use super::{Refusal, Unsafe};

/// The folder.
pub(crate) struct Handle(PathBuf);

impl Handle {
    pub(super) fn open(path: &Path) -> Result<Self, Refusal> {
        if !no_link(path)?.is_dir() {
            return Err(refuse("it is not a folder", "move it away"));
        }
        Ok(Self(path.to_owned()))
    }

    pub(super) fn open_file(&self, name: &str) -> Result<File, Refusal> {
        let path = self.0.join(name);
        if !no_link(&path)?.is_file() {
            return Err(refuse("it is not a regular file", "move it away"));
        }
        Ok(File::open(path)?)
    }

    pub(super) fn create(&self, name: &str) -> io::Result<File> {
        OpenOptions::new()
            .write(true)
            .create_new(true)
            .open(self.0.join(name))
    }

    pub(super) fn open_lock(&self, name: &str) -> io::Result<File> {
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false);
        options.open(self.0.join(name))
    }

    pub(super) fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        fs::rename(self.0.join(from), self.0.join(to))
    }

    pub(super) fn remove(&self, name: &str) -> io::Result<()> {
        fs::remove_file(self.0.join(name))
    }

    pub(super) fn has(&self, name: &str) -> io::Result<bool> {
        match fs::symlink_metadata(self.0.join(name)) {
            Ok(_) => Ok(true),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
            Err(error) => Err(error),
        }
    }

    pub(super) fn mode(&self, _: &str) -> Option<u32> {
        None
    }

    pub(super) fn sync(&self) -> io::Result<()> {
        Ok(())
    }
}

/// A plaintext file outside the vault's folder, that is to be taken over and wiped.
pub(crate) struct Plain {
    path: PathBuf,
    file: File,
}

impl Plain {
    pub(crate) fn open(path: &Path) -> Result<Self, Refusal> {
        if !no_link(path)?.is_file() {
            return Err(refuse("it is not a regular file", "name the file itself"));
        }
        Ok(Self {
            path: path.to_owned(),
            file: OpenOptions::new().read(true).write(true).open(path)?,
        })
    }

    pub(crate) fn file(&mut self) -> &mut File {
        &mut self.file
    }

    pub(crate) fn remove(self) -> io::Result<()> {
        drop(self.file);
        fs::remove_file(self.path)
    }
}

/// Makes the folder and those above it that are missing.
pub(crate) fn make_folder(path: &Path) -> io::Result<()> {
    fs::create_dir_all(path)
}

fn no_link(path: &Path) -> Result<fs::Metadata, Refusal> {
    let meta = fs::symlink_metadata(path)?;
    if meta.is_symlink() {
        return Err(refuse("it is a symbolic link", "put the file itself there"));
    }
    Ok(meta)
}

fn refuse(problem: &str, fix: &str) -> Refusal {
    Refusal::Unsafe(Unsafe(problem.to_owned(), fix.to_owned()))
}
