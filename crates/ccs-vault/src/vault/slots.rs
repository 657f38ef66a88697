//! The ways into a vault: added, removed, never the last.

use super::{Draft, KEY_FILE, Vault, open};
use crate::file::Folder;
use crate::kdf::{self, Kdf};
use crate::keyfile::{self, Purpose};
use crate::slot::{Head, Slot, SlotKind};
use crate::{Error, Keyring, Result, Secret, random, recovery};

/// A way into a vault to be added.
#[derive(Clone, Copy)]
#[non_exhaustive]
pub enum NewSlot<'a> {
    /// A key file beside the vault. Whatever runs as this user can read it.
    File,
    /// A passphrase of at least eight bytes, and what deriving its key costs.
    Passphrase(&'a Secret, Kdf),
    /// A key in a keyring.
    Keyring(&'a dyn Keyring),
}

impl Vault {
    /// Adds a slot and returns its number.
    ///
    /// # Errors
    ///
    /// [`Error::Exists`] for a second key file, [`Error::Invalid`] for a short passphrase,
    /// [`Error::Keyring`] if the keyring refuses.
    pub fn add_slot(&mut self, slot: NewSlot<'_>, now: u64) -> Result<u32> {
        let folder = Folder::open(&self.folder())?;
        self.change(|draft, _| draft.add_slot(slot, &folder, now))
    }

    /// Adds a slot for a recovery code, and returns its number and the code, which is shown to the
    /// owner once and kept nowhere.
    ///
    /// # Errors
    ///
    /// As for every change.
    pub fn add_recovery(&mut self, now: u64) -> Result<(u32, Secret)> {
        let (bytes, code) = recovery::new()?;
        let id = self.change(|draft, _| draft.wrap(SlotKind::Recovery, None, &*bytes, now))?;
        Ok((id, code))
    }

    /// Removes a slot; the key file of a key file slot goes with it, a keyring keeps what it has.
    /// Copies of the vault made before still open with its key: to shut someone out,
    /// [`rekey`](Self::rekey) and rotate.
    ///
    /// # Errors
    ///
    /// [`Error::LastSlot`], and [`Error::Invalid`] if there is no such slot.
    pub fn remove_slot(&mut self, id: u32) -> Result<()> {
        let lock = self.folder.lock()?;
        self.refresh()?;
        let mut draft = Draft::of(&self.state);
        let at = draft.state.slots.iter().position(|slot| slot.id == id);
        let at = at.ok_or(Error::Invalid {
            what: "slot number",
            why: "no slot has it",
        })?;
        if draft.state.slots.len() == 1 {
            return Err(Error::LastSlot);
        }
        let removed = draft.state.slots.remove(at);
        self.write_over(&lock, draft)?;
        match removed.kind {
            SlotKind::KeyFile => self.folder.remove(KEY_FILE),
            _ => Ok(()),
        }
    }
}

impl Draft {
    pub(super) fn add_slot(&mut self, new: NewSlot<'_>, folder: &Folder, now: u64) -> Result<u32> {
        match new {
            NewSlot::File => {
                if self
                    .state
                    .slots
                    .iter()
                    .any(|slot| slot.kind == SlotKind::KeyFile)
                {
                    let path = folder.path(KEY_FILE);
                    return Err(Error::Exists { path });
                }
                let secret = file_secret(folder)?;
                self.wrap(SlotKind::KeyFile, None, secret.expose(), now)
            }
            NewSlot::Passphrase(passphrase, cost) => {
                check_passphrase(passphrase)?;
                self.wrap(SlotKind::Passphrase, Some(cost), passphrase.expose(), now)
            }
            NewSlot::Keyring(keyring) => {
                let secret = Secret::random(32)?;
                let id = self.wrap(SlotKind::Keyring, None, secret.expose(), now)?;
                keyring.set(&open::account(&self.state.id, id), &secret)?;
                Ok(id)
            }
        }
    }

    fn wrap(&mut self, kind: SlotKind, cost: Option<Kdf>, secret: &[u8], now: u64) -> Result<u32> {
        let last = self.state.slots.last().map_or(0, |slot| slot.id);
        let id = last.checked_add(1).filter(|_| self.state.slots.len() < 64);
        let id = id.ok_or(Error::Invalid {
            what: "slot",
            why: "a vault has up to 64",
        })?;
        let head = Head {
            id,
            kind,
            created: now,
            cost,
        };
        let slot = Slot::wrap(self.state.master.bytes(), &self.state.id, head, secret)?;
        self.state.slots.push(slot);
        self.changed = true;
        Ok(id)
    }
}

/// The key of the key file that is there, or of a new one.
fn file_secret(folder: &Folder) -> Result<Secret> {
    if let Some(keys) = open::key_file(folder)? {
        return Ok(Secret::copy_of(&*keys[0]));
    }
    let key = zeroize::Zeroizing::new(random::array()?);
    folder.replace(KEY_FILE, &keyfile::write(Purpose::Vault, &[&key]))?;
    Ok(Secret::copy_of(&*key))
}

fn check_passphrase(passphrase: &Secret) -> Result<()> {
    if passphrase.expose().len() >= kdf::SHORTEST {
        return Ok(());
    }
    Err(Error::Invalid {
        what: "passphrase",
        why: "it has at least eight bytes",
    })
}
