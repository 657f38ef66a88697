//! Making a vault where none is.

use std::collections::BTreeMap;
use std::path::Path;

use super::{Draft, FILE, KEY_FILE, Key, NewSlot, PREVIOUS, State, Vault};
use crate::file::{self, Folder, Lock};
use crate::keys::Master;
use crate::{Error, Result, random};

impl Vault {
    /// Makes an empty vault in `folder`, and the folder, closed to other users. `now` is in seconds
    /// since 1970, UTC.
    ///
    /// A key file that is there is used as it is and never written over: it may be the key of a
    /// vault that is to come back.
    ///
    /// # Errors
    ///
    /// [`Error::Exists`] if there is a vault or the version before one.
    pub fn create(folder: &Path, slot: NewSlot<'_>, now: u64) -> Result<Self> {
        let folder = make(folder)?;
        let lock = folder.lock()?;
        for name in [FILE, PREVIOUS] {
            if folder.has(name)? {
                let path = folder.path(name);
                return Err(Error::Exists { path });
            }
        }
        Self::create_in(folder, &lock, slot, now)
    }

    /// Opens the vault in `folder` with its key file, or makes one if there never was any. Of
    /// several processes that do so at the same time one makes it and all open it.
    ///
    /// # Errors
    ///
    /// [`Error::Missing`] if there is no vault but a key file or the version before: then one was
    /// lost, and none is made in its place. Else as for [`open`](Self::open).
    pub fn open_or_create(folder: &Path, now: u64) -> Result<Self> {
        let folder = make(folder)?;
        if !folder.has(FILE)? {
            let lock = folder.lock()?;
            if !folder.has(FILE)? {
                must_be_new(&folder)?;
                return Self::create_in(folder, &lock, NewSlot::File, now);
            }
        }
        Self::open_in(folder, Key::File)
    }

    fn create_in(folder: Folder, lock: &Lock, slot: NewSlot<'_>, now: u64) -> Result<Self> {
        let id = random::array()?;
        let state = State {
            master: Master::random(&id)?,
            id,
            generation: 0,
            slots: Vec::new(),
            rows: BTreeMap::new(),
        };
        let mut vault = Self {
            folder,
            state,
            bytes: Vec::new(),
        };
        let mut draft = Draft::of(&vault.state);
        draft.add_slot(slot, &vault.folder, now)?;
        vault.write(lock, draft)?;
        Ok(vault)
    }
}

fn make(path: &Path) -> Result<Folder> {
    file::make_folder(path).map_err(|source| Error::file(path, "make", source))?;
    Folder::open(path)
}

fn must_be_new(folder: &Folder) -> Result<()> {
    for (left, next) in [
        (
            PREVIOUS,
            "the version before it is still there: `ccs vault restore` takes it",
        ),
        (
            KEY_FILE,
            "its key file is still there: put back a copy, or run `ccs vault init`",
        ),
    ] {
        if folder.has(left)? {
            let path = folder.path(FILE);
            return Err(Error::Missing { path, next });
        }
    }
    Ok(())
}
