//! Opening: the file taken apart, a slot unlocked, everything authenticated before it is used.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use ring::hmac;

use super::{FILE, KEY_FILE, Key, Peek, Row, State, Vault};
use crate::encode::hex;
use crate::file::Folder;
use crate::format::{self, Fault, Layout, MAX_FILE};
use crate::keyfile::{self, Purpose};
use crate::keys::{Key32, Master};
use crate::slot::{Slot, SlotKind};
use crate::{Error, Result, Secret, entry, recovery};

/// How often the file is read again because it changed while its key was read.
const TRIES: usize = 4;

const RESTORE: &str = "put back a copy, or save what can be saved with `ccs vault restore`";

impl Vault {
    /// Opens the vault in `folder`.
    ///
    /// # Errors
    ///
    /// [`Error::Missing`], [`Error::WrongKey`], [`Error::NoSlot`], [`Error::Corrupt`] and
    /// [`Error::NewerVersion`] tell apart what is wrong; [`Error::Insecure`] if others could read
    /// or change the files. The files are never changed by opening.
    pub fn open(folder: &Path, key: Key<'_>) -> Result<Self> {
        Self::open_in(Folder::open(folder)?, key)
    }

    pub(super) fn open_in(folder: Folder, key: Key<'_>) -> Result<Self> {
        let mut bytes = read(&folder, FILE)?;
        for _ in 1..TRIES {
            match State::unlock(&bytes, key, &folder) {
                Ok(state) => {
                    return Ok(Self {
                        folder,
                        state,
                        bytes,
                    });
                }
                // the key file read may be that of the vault after this one
                Err(error) => match read(&folder, FILE)? {
                    newer if newer != bytes => bytes = newer,
                    _ => return Err(error),
                },
            }
        }
        let state = State::unlock(&bytes, key, &folder)?;
        Ok(Self {
            folder,
            state,
            bytes,
        })
    }

    /// What the vault in `folder` shows without a key: which slots could be tried.
    ///
    /// # Errors
    ///
    /// As for [`open`](Self::open), as far as no key is concerned.
    pub fn peek(folder: &Path) -> Result<Peek> {
        let folder = Folder::open(folder)?;
        let layout = parse(&read(&folder, FILE)?, folder.path(FILE))?;
        Ok(Peek {
            generation: layout.generation,
            slots: layout.slots.iter().map(Slot::info).collect(),
        })
    }

    /// Reads the file again even if it is the same, so that nothing is believed that is not in it.
    pub(crate) fn read_again(&mut self) -> Result<()> {
        self.bytes.clear();
        self.refresh()
    }

    /// Reads the file again, which others may have written since.
    ///
    /// # Errors
    ///
    /// [`Error::Rekeyed`] if it has another master key now; else as for [`open`](Self::open).
    pub fn refresh(&mut self) -> Result<()> {
        let bytes = read(&self.folder, FILE)?;
        if bytes == self.bytes {
            return Ok(());
        }
        let layout = parse(&bytes, self.path())?;
        if (layout.id, layout.master) != (self.state.id, self.state.master.id()) {
            return Err(Error::Rekeyed { path: self.path() });
        }
        self.state = State::load(layout, self.state.master.clone(), self.path())?;
        self.bytes = bytes;
        Ok(())
    }
}

impl State {
    pub(super) fn unlock(bytes: &[u8], key: Key<'_>, folder: &Folder) -> Result<Self> {
        let layout = parse(bytes, folder.path(FILE))?;
        let (master, _) = unlock(&layout, key, folder)?;
        Self::load(layout, master, folder.path(FILE))
    }

    /// Authenticates the whole file, then opens what is known of each entry.
    pub(super) fn load(layout: Layout, master: Master, path: PathBuf) -> Result<Self> {
        let whole = hmac::verify(&master.header(), &layout.body(), &layout.mac);
        if whole.is_err() || layout.master != master.id() {
            return Err(altered(path));
        }
        let mut rows = BTreeMap::new();
        for sealed in layout.entries {
            let meta = entry::open_meta(&sealed, &master, &layout.id);
            let meta = meta.ok_or_else(|| altered(path.clone()))?;
            if rows
                .insert(meta.name.clone(), Row { sealed, meta })
                .is_some()
            {
                return Err(altered(path));
            }
        }
        Ok(Self {
            master,
            id: layout.id,
            generation: layout.generation,
            slots: layout.slots,
            rows,
        })
    }
}

/// The master key, and the number of the slot that gave it.
pub(super) fn unlock(layout: &Layout, key: Key<'_>, folder: &Folder) -> Result<(Master, u32)> {
    let kind = key.kind();
    let mut any = false;
    for slot in layout.slots.iter().filter(|slot| slot.kind == kind) {
        any = true;
        if let Some((master, _)) = try_slot(slot, &layout.id, key, folder)? {
            return Ok((Master::new(master, &layout.id), slot.id));
        }
    }
    let path = folder.path(FILE);
    Err(if any {
        Error::WrongKey { path, kind }
    } else {
        Error::NoSlot { kind }
    })
}

/// What a slot wraps and the secret that opens it, if `key` is its key.
pub(super) fn try_slot(
    slot: &Slot,
    vault: &[u8; 16],
    key: Key<'_>,
    folder: &Folder,
) -> Result<Option<(Key32, Secret)>> {
    if slot.kind != key.kind() {
        return Ok(None);
    }
    for secret in secrets(slot, vault, key, folder)? {
        if let Some(master) = slot.unwrap(vault, secret.expose())? {
            return Ok(Some((master, secret)));
        }
    }
    Ok(None)
}

fn secrets(slot: &Slot, vault: &[u8; 16], key: Key<'_>, folder: &Folder) -> Result<Vec<Secret>> {
    Ok(match key {
        Key::Passphrase(passphrase) => vec![Secret::copy_of(passphrase.expose())],
        Key::Recovery(typed) => vec![Secret::of(recovery::read(typed)?)],
        Key::Keyring(keyring) => keyring.get(&account(vault, slot.id))?.into_iter().collect(),
        Key::File => {
            let keys = key_file(folder)?.ok_or_else(|| Error::Missing {
                path: folder.path(KEY_FILE),
                next: "put it back, or use another slot",
            })?;
            keys.iter().map(|key| Secret::copy_of(&**key)).collect()
        }
    })
}

/// The keys of the key file; `None` if there is no such file.
pub(super) fn key_file(folder: &Folder) -> Result<Option<Vec<Key32>>> {
    let Some(bytes) = folder.read(KEY_FILE, keyfile::MAX)? else {
        return Ok(None);
    };
    let read = keyfile::read(Purpose::Vault, &bytes);
    let next = "put back a copy of it, or use another slot";
    read.map(Some)
        .map_err(|fault| broken(folder.path(KEY_FILE), fault, next))
}

/// What a keyring knows a slot's key as.
pub(super) fn account(vault: &[u8; 16], slot: u32) -> String {
    format!("{}/{slot}", *hex(vault))
}

fn read(folder: &Folder, name: &str) -> Result<Vec<u8>> {
    let bytes = folder.read(name, MAX_FILE)?;
    let mut bytes = bytes.ok_or_else(|| Error::Missing {
        path: folder.path(name),
        next: "make a vault, or put back a copy",
    })?;
    Ok(std::mem::take(&mut *bytes))
}

pub(super) fn parse(bytes: &[u8], path: PathBuf) -> Result<Layout> {
    format::parse(bytes).map_err(|fault| broken(path, fault, RESTORE))
}

fn broken(path: PathBuf, fault: Fault, next: &'static str) -> Error {
    let what = match fault {
        Fault::Newer(version) => return Error::NewerVersion { path, version },
        Fault::Foreign => "it does not begin as such a file does",
        Fault::Locked => "its key does not fit",
        Fault::Damaged(what) => what,
    };
    Error::Corrupt { path, what, next }
}

pub(super) fn altered(path: PathBuf) -> Error {
    Error::Corrupt {
        path,
        what: "it was changed by something that does not hold its key",
        next: RESTORE,
    }
}

impl Key<'_> {
    pub(super) fn kind(&self) -> SlotKind {
        match self {
            Self::File => SlotKind::KeyFile,
            Self::Passphrase(_) => SlotKind::Passphrase,
            Self::Recovery(_) => SlotKind::Recovery,
            Self::Keyring(_) => SlotKind::Keyring,
        }
    }
}
