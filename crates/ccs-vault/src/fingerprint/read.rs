//! Reading fingerprints from their files.

use std::path::Path;

use zeroize::Zeroizing;

use super::Fingerprints;
use super::store::{FILE, KEY_FILE, MAX_FILE, Opened, Records};
use crate::file::Folder;
use crate::format::Fault;
use crate::{Error, Result, keyfile, vault};

/// How often the two files are read again because a new key came between.
const TRIES: usize = 4;

impl Fingerprints {
    /// Opens the contents of the file `fingerprints` with those of `fingerprints.key`.
    ///
    /// # Errors
    ///
    /// What is wrong with the bytes: [`Fault::Locked`] if the key is another file's.
    pub fn open(bytes: &[u8], key: &[u8]) -> Result<Self, Fault> {
        Records::open(bytes, key).map(|opened| Self::of(&opened))
    }

    /// Reads the fingerprints of the vault in `folder`, which may stay locked; `None` if there is
    /// no vault yet.
    ///
    /// # Errors
    ///
    /// [`Error::Missing`] if one of the two files is gone, [`Error::Corrupt`] and
    /// [`Error::NewerVersion`] if one cannot be read, [`Error::Insecure`] and [`Error::File`].
    pub fn read(folder: &Path) -> Result<Option<Self>> {
        match Folder::open(folder) {
            Err(Error::Missing { .. }) => Ok(None),
            Err(error) => Err(error),
            Ok(folder) => Ok(read(&folder)?.map(|opened| Self::of(&opened))),
        }
    }

    fn of(opened: &Opened) -> Self {
        Self::new(&opened.key, &opened.records)
    }
}

/// The records of a vault; `None` if it has no such files.
pub(crate) fn read(folder: &Folder) -> Result<Option<Opened>> {
    let mut last = None;
    for _ in 0..TRIES {
        let bytes = folder.read(FILE, MAX_FILE)?;
        let key = folder.read(KEY_FILE, keyfile::MAX)?;
        let (bytes, key) = match (bytes, key) {
            (None, None) => return Ok(None),
            (Some(bytes), Some(key)) => (bytes, key),
            // the first vault is being made: its key is written first and it comes last
            (None, _) if !folder.has(vault::FILE)? => return Ok(None),
            (None, _) if last.is_none() => {
                last = Some(Zeroizing::default());
                continue;
            }
            (None, _) => return Err(missing(folder, FILE)),
            (_, None) => return Err(missing(folder, KEY_FILE)),
        };
        match Records::open(&bytes, &key) {
            Ok(opened) => return Ok(Some(opened)),
            Err(Fault::Locked) if last.as_ref() != Some(&bytes) => last = Some(bytes),
            Err(fault) => return Err(broken(folder, fault)),
        }
    }
    Err(broken(folder, Fault::Locked))
}

const NEXT: &str = "open the vault and change any entry, which writes it again";

fn missing(folder: &Folder, name: &str) -> Error {
    Error::Missing {
        path: folder.path(name),
        next: NEXT,
    }
}

fn broken(folder: &Folder, fault: Fault) -> Error {
    let path = folder.path(FILE);
    let what = match fault {
        Fault::Newer(version) => return Error::NewerVersion { path, version },
        Fault::Foreign => "it does not begin as such a file does",
        Fault::Locked => "its key does not fit",
        Fault::Damaged(what) => what,
    };
    Error::Corrupt {
        path,
        what,
        next: NEXT,
    }
}
