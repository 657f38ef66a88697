//! The vault: one file, opened with one of its slots, written as a whole.

mod create;
mod entries;
mod import;
mod open;
mod prints;
mod rekey;
mod restore;
mod slots;
mod write;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use crate::entry::{Contents, Entry, Meta};
use crate::file::Folder;
use crate::format::{Layout, Sealed};
use crate::keys::Master;
use crate::slot::SlotInfo;
use crate::{Error, Keyring, Name, Result, Secret, entry};

pub use entries::Older;
pub use restore::Restored;
pub use slots::NewSlot;

/// The vault's file.
pub(crate) const FILE: &str = "vault";
/// The version before, kept beside it.
pub(crate) const PREVIOUS: &str = "vault.previous";
/// The default key file.
pub(crate) const KEY_FILE: &str = "vault.key";

/// An opened vault.
///
/// It shows the state in which it was last read or written. Every change locks the file against
/// other writers, reads it again, and replaces it in one step, so that writers at the same time
/// lose nothing of each other's.
pub struct Vault {
    folder: Folder,
    state: State,
    /// The file as it was last read or written.
    bytes: Vec<u8>,
}

/// What opens a vault.
#[derive(Clone, Copy)]
#[non_exhaustive]
pub enum Key<'a> {
    /// The key file beside the vault.
    File,
    /// A passphrase. Deriving its key takes as long as the slot says, half a second by default.
    Passphrase(&'a Secret),
    /// A recovery code as it was typed.
    Recovery(&'a Secret),
    /// The key kept in a keyring.
    Keyring(&'a dyn Keyring),
}

/// What a locked vault shows of itself. Nothing of it is authenticated.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Peek {
    /// How often the vault was written.
    pub generation: u64,
    /// Its slots.
    pub slots: Vec<SlotInfo>,
}

/// The contents of the file, unlocked: what is known of every entry, and their sealed values.
#[derive(Clone)]
struct State {
    master: Master,
    id: [u8; 16],
    generation: u64,
    slots: Vec<crate::slot::Slot>,
    rows: BTreeMap<Name, Row>,
}

#[derive(Clone)]
struct Row {
    sealed: Sealed,
    meta: Meta,
}

/// A state to come.
struct Draft {
    state: State,
    /// Entries whose values changed.
    touched: BTreeSet<[u8; 16]>,
    changed: bool,
}

impl Vault {
    /// The folder the vault lies in.
    #[must_use]
    pub fn folder(&self) -> PathBuf {
        self.folder.path("")
    }

    /// How often the vault was written. A vault whose generation is lower than one seen before was
    /// put back from an older copy.
    #[must_use]
    pub fn generation(&self) -> u64 {
        self.state.generation
    }

    /// The vault's slots.
    #[must_use]
    pub fn slots(&self) -> Vec<SlotInfo> {
        self.state
            .slots
            .iter()
            .map(crate::slot::Slot::info)
            .collect()
    }

    /// What is known of every entry, by name. No byte of a value is in it.
    pub fn list(&self) -> impl ExactSizeIterator<Item = &Meta> {
        self.state.rows.values().map(|row| &row.meta)
    }

    /// What is known of one entry.
    #[must_use]
    pub fn meta(&self, name: &Name) -> Option<&Meta> {
        self.state.rows.get(name).map(|row| &row.meta)
    }

    /// The vault's own id.
    pub(crate) fn id(&self) -> [u8; 16] {
        self.state.id
    }

    pub(crate) fn files(&self) -> &Folder {
        &self.folder
    }

    fn path(&self) -> PathBuf {
        self.folder.path(FILE)
    }

    fn row(&self, name: &Name) -> Result<&Row> {
        let row = self.state.rows.get(name);
        row.ok_or_else(|| Error::NoEntry { name: name.clone() })
    }

    fn contents(&self, name: &Name) -> Result<Contents> {
        self.state.contents(self.row(name)?, &self.path())
    }

    /// Does `act` under the lock on the newest state, and writes what it changed.
    fn change<T>(&mut self, act: impl FnOnce(&mut Draft, &Path) -> Result<T>) -> Result<T> {
        let lock = self.folder.lock()?;
        self.refresh()?;
        let mut draft = Draft::of(&self.state);
        let done = act(&mut draft, &self.path())?;
        if draft.changed {
            self.drop_old_key()?;
            self.write(&lock, draft)?;
        }
        Ok(done)
    }
}

impl State {
    /// The file of this state.
    fn encode(&self) -> Vec<u8> {
        let mut entries: Vec<Sealed> = self.rows.values().map(|row| row.sealed.clone()).collect();
        entries.sort_by_key(|entry| entry.id);
        let mut layout = Layout {
            id: self.id,
            master: self.master.id(),
            generation: self.generation,
            slots: self.slots.clone(),
            entries,
            mac: [0; 32],
        };
        let tag = ring::hmac::sign(&self.master.header(), &layout.body());
        layout.mac.copy_from_slice(tag.as_ref());
        layout.encode()
    }

    fn contents(&self, row: &Row, path: &Path) -> Result<Contents> {
        let contents = entry::open_contents(&row.sealed, &row.meta, &self.master, &self.id);
        contents.ok_or_else(|| open::altered(path.to_owned()))
    }

    fn entry(&self, row: &Row, path: &Path) -> Result<Entry> {
        Ok(Entry {
            meta: row.meta.clone(),
            contents: self.contents(row, path)?,
        })
    }
}

impl Draft {
    fn of(state: &State) -> Self {
        Self {
            state: state.clone(),
            touched: BTreeSet::new(),
            changed: false,
        }
    }

    /// Takes an entry out, to be changed and put back.
    fn take(&mut self, name: &Name, path: &Path) -> Result<(Entry, [u8; 16])> {
        let row = self.state.rows.get(name);
        let row = row.ok_or_else(|| Error::NoEntry { name: name.clone() })?;
        let taken = (self.state.entry(row, path)?, row.sealed.id);
        self.state.rows.remove(name);
        Ok(taken)
    }

    /// Seals an entry into the state to come.
    fn put(&mut self, mut entry: Entry, id: [u8; 16]) -> Result<()> {
        let generation = self.state.generation + 1;
        let State {
            master, id: vault, ..
        } = &self.state;
        let sealed = entry::seal(&mut entry, master, vault, id, generation)?;
        let name = entry.meta.name.clone();
        let meta = entry.meta;
        self.state.rows.insert(name, Row { sealed, meta });
        self.touched.insert(id);
        self.changed = true;
        Ok(())
    }
}
