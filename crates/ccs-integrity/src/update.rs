//! Updating the client with a way back.
//!
//! [`Snapshots::take`] copies the program, and whatever else it needs, aside. [`Snapshots::apply`]
//! lets the caller update, looks at the result, and puts everything back if a look fails. While it
//! runs, a mark on the disk says so; if the machine stops in between, [`Snapshots::pending`] tells
//! the next run what to put back.
//!
//! Nothing here is run or fetched: updating and trying the program are the caller's, as closures.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::Error;

mod copy;

use copy::{digest, duplicate, write};

/// The name of the record in a snapshot's folder; without it a snapshot is not complete.
const RECORD: &str = "snapshot.json";
/// The mark of an update that is under way.
const PENDING: &str = "pending.json";
/// A program below this size is a stub or cut off, in bytes.
const SMALLEST: u64 = 4096;

/// A folder of snapshots.
#[derive(Clone, Debug)]
pub struct Snapshots {
    folder: PathBuf,
}

/// What was there at one moment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Snapshot {
    /// Its name; snapshots sort by it.
    pub id: String,
    /// The program, as the user starts it.
    pub program: PathBuf,
    entries: Vec<Entry>,
}

/// One path of a snapshot.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Entry {
    path: PathBuf,
    was: Was,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
enum Was {
    Missing,
    Link {
        target: PathBuf,
    },
    File {
        copy: String,
        digest: String,
        mode: u32,
    },
}

/// A look at the updated program, with a name for the report.
pub struct Probe<'a> {
    /// What is tried, such as `--version`.
    pub name: &'a str,
    /// Tries it. What it says becomes the reason to go back.
    pub run: &'a dyn Fn(&Path) -> Result<(), String>,
}

/// How an update ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The new program passed every look.
    Updated,
    /// It did not, and everything is as before.
    RolledBack {
        /// What failed, and how.
        why: String,
    },
}

impl Snapshots {
    /// Snapshots in this folder, which is created when it is needed. Only the user may be able to
    /// write there: who can, decides what a rollback restores.
    #[must_use]
    pub fn new(folder: &Path) -> Self {
        Snapshots {
            folder: folder.to_owned(),
        }
    }

    /// Copies the program and what else belongs to it. A link is kept as a link, together with
    /// the file it leads to.
    ///
    /// `id` names the snapshot; a time that sorts is a good name.
    ///
    /// # Errors
    ///
    /// [`Error::Kind`] if the program is no file, or the name is not one; [`Error::File`] if
    /// something cannot be read or copied. The snapshot then does not exist.
    pub fn take(&self, id: &str, program: &Path, also: &[PathBuf]) -> Result<Snapshot, Error> {
        let plain = !id.is_empty() && id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
        if !plain || !program.is_file() {
            let path = if plain {
                program.to_owned()
            } else {
                self.folder.join(id)
            };
            return Err(Error::Kind { path });
        }
        let folder = self.folder.join(id);
        copy::create(&self.folder)?;
        copy::create(&folder)?;
        let mut snapshot = Snapshot {
            id: id.to_owned(),
            program: program.to_owned(),
            entries: Vec::new(),
        };
        for path in [program.to_owned()].iter().chain(also) {
            snapshot.add(path, &folder)?;
        }
        write(&folder.join(RECORD), &snapshot)?;
        Ok(snapshot)
    }

    /// Every complete snapshot, the oldest first.
    #[must_use]
    pub fn all(&self) -> Vec<Snapshot> {
        let entries = fs::read_dir(&self.folder).into_iter().flatten().flatten();
        let records = entries.filter_map(|entry| read(&entry.path().join(RECORD)));
        let mut all: Vec<Snapshot> = records.collect();
        all.sort_by(|a, b| a.id.cmp(&b.id));
        all
    }

    /// Deletes all but the latest `keep` snapshots, and never the one that is pending.
    ///
    /// # Errors
    ///
    /// [`Error::File`] if one cannot be deleted.
    pub fn prune(&self, keep: usize) -> Result<(), Error> {
        let (all, pending) = (self.all(), self.pending());
        let old = &all[..all.len().saturating_sub(keep)];
        let gone = old.iter().filter(|one| pending.as_ref() != Some(one));
        for snapshot in gone {
            let folder = self.folder.join(&snapshot.id);
            fs::remove_dir_all(&folder).map_err(Error::file("delete", folder))?;
        }
        Ok(())
    }

    /// The snapshot to go back to, if an update was cut off.
    #[must_use]
    pub fn pending(&self) -> Option<Snapshot> {
        read(&self.folder.join(PENDING))
    }

    /// Updates, looks at the program, and goes back if the update or a look fails.
    ///
    /// # Errors
    ///
    /// [`Error::File`] if the mark cannot be written, and then nothing was updated; or if going
    /// back failed, and then [`pending`](Self::pending) still names the snapshot.
    pub fn apply(
        &self,
        snapshot: &Snapshot,
        update: impl FnOnce() -> Result<(), String>,
        probes: &[Probe<'_>],
    ) -> Result<Outcome, Error> {
        write(&self.folder.join(PENDING), snapshot)?;
        let result = update().and_then(|()| look(&snapshot.program, probes));
        let outcome = match result {
            Ok(()) => Outcome::Updated,
            Err(why) => {
                self.restore(snapshot)?;
                Outcome::RolledBack { why }
            }
        };
        self.finish()?;
        Ok(outcome)
    }

    /// Puts everything back as it was: bytes, modes and links. What was not there is removed.
    /// Doing it again changes nothing.
    ///
    /// # Errors
    ///
    /// [`Error::Changed`] if a copy is not what was taken, and then nothing is put back;
    /// [`Error::File`] if something cannot be written.
    pub fn rollback(&self, snapshot: &Snapshot) -> Result<(), Error> {
        self.restore(snapshot)?;
        self.finish()
    }

    fn restore(&self, snapshot: &Snapshot) -> Result<(), Error> {
        let folder = self.folder.join(&snapshot.id);
        for entry in &snapshot.entries {
            entry.check(&folder)?;
        }
        // Files before the links that lead to them.
        snapshot
            .entries
            .iter()
            .rev()
            .try_for_each(|entry| entry.restore(&folder))
    }

    fn finish(&self) -> Result<(), Error> {
        let mark = self.folder.join(PENDING);
        match fs::remove_file(&mark) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                Err(Error::file("remove", mark)(error))
            }
            _ => Ok(()),
        }
    }
}

fn read(path: &Path) -> Option<Snapshot> {
    serde_json::from_slice(&fs::read(path).ok()?).ok()
}

impl Snapshot {
    /// Adds a path and, if it is a link, what it leads to. Of a folder the files in it.
    fn add(&mut self, path: &Path, folder: &Path) -> Result<(), Error> {
        if self.entries.iter().any(|entry| entry.path == path) {
            return Ok(());
        }
        let metadata = match fs::symlink_metadata(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                self.push(path, Was::Missing);
                return Ok(());
            }
            metadata => metadata.map_err(Error::file("read", path))?,
        };
        if metadata.is_symlink() {
            let target = fs::read_link(path).map_err(Error::file("read", path))?;
            let real = crate::path::plain(&path.parent().unwrap_or(path).join(&target));
            self.push(path, Was::Link { target });
            return self.add(&real, folder);
        }
        if metadata.is_dir() {
            let entries = fs::read_dir(path).map_err(Error::file("read", path))?;
            return entries
                .flatten()
                .try_for_each(|entry| self.add(&entry.path(), folder));
        }
        if !metadata.is_file() {
            return Err(Error::Kind {
                path: path.to_owned(),
            });
        }
        let copy = self.entries.len().to_string();
        let mode = crate::file::mode(&metadata);
        duplicate(path, &folder.join(&copy), 0o600)?;
        let digest = digest(&folder.join(&copy))?;
        self.push(path, Was::File { copy, digest, mode });
        Ok(())
    }

    fn push(&mut self, path: &Path, was: Was) {
        let path = path.to_owned();
        self.entries.push(Entry { path, was });
    }
}

impl Entry {
    /// Whether the copy is what was taken.
    fn check(&self, folder: &Path) -> Result<(), Error> {
        let Was::File {
            copy,
            digest: expected,
            ..
        } = &self.was
        else {
            return Ok(());
        };
        let path = folder.join(copy);
        if digest(&path)? == *expected {
            Ok(())
        } else {
            Err(Error::Changed { path })
        }
    }

    fn restore(&self, folder: &Path) -> Result<(), Error> {
        match &self.was {
            Was::Missing => copy::remove(&self.path),
            Was::Link { target } => copy::link(target, &self.path),
            Was::File { copy, mode, .. } => duplicate(&folder.join(copy), &self.path, *mode),
        }
    }
}

/// The program is a file of some size that can be run, and every probe likes it.
fn look(program: &Path, probes: &[Probe<'_>]) -> Result<(), String> {
    let metadata =
        fs::metadata(program).map_err(|error| format!("{}: {error}", program.display()))?;
    if !metadata.is_file() || metadata.len() < SMALLEST {
        return Err(format!(
            "{} is no program: {} bytes",
            program.display(),
            metadata.len()
        ));
    }
    if cfg!(unix) && crate::file::mode(&metadata) & 0o111 == 0 {
        return Err(format!("{} is not executable", program.display()));
    }
    probes
        .iter()
        .try_for_each(|probe| (probe.run)(program).map_err(|why| format!("{}: {why}", probe.name)))
}
