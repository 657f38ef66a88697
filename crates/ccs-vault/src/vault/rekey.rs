//! A new master key: every slot wrapped anew, every entry sealed anew.

use super::{Draft, KEY_FILE, Key, Row, State, Vault, open};
use crate::keyfile::{self, Purpose};
use crate::keys::{Key32, Master};
use crate::slot::{Slot, SlotKind};
use crate::{Error, Result, Secret, entry, random};

impl Vault {
    /// Gives the vault a new master key. The keys of all slots that are not key files are needed to
    /// wrap it for them; the key file itself gets a new key. Neither the file as it was nor the
    /// version before it is kept, since both open with the old key.
    ///
    /// A crash at any point leaves a vault that opens with the same slots.
    ///
    /// # Errors
    ///
    /// [`Error::SlotLocked`] for the first slot that none of `keys` opens.
    pub fn rekey(&mut self, keys: &[Key<'_>]) -> Result<()> {
        let lock = self.folder.lock()?;
        self.refresh()?;
        let master = Master::random(&self.state.id)?;
        let new_file_key: Key32 = zeroize::Zeroizing::new(random::array()?);
        let mut draft = Draft::of(&self.state);
        for slot in &mut draft.state.slots {
            let secret = match slot.kind {
                SlotKind::KeyFile => Secret::copy_of(&*new_file_key),
                _ => self.secret_of(slot, keys)?,
            };
            *slot = Slot::wrap(
                master.bytes(),
                &self.state.id,
                slot.head()?,
                secret.expose(),
            )?;
        }
        self.seal_anew(&mut draft, master)?;
        if !draft
            .state
            .slots
            .iter()
            .any(|slot| slot.kind == SlotKind::KeyFile)
        {
            return self.write_over(&lock, draft);
        }
        let old = self.file_key()?;
        let both: Vec<&Key32> = std::iter::once(&new_file_key).chain(&old).collect();
        self.folder
            .replace(KEY_FILE, &keyfile::write(Purpose::Vault, &both))?;
        self.write_over(&lock, draft)?;
        self.folder
            .replace(KEY_FILE, &keyfile::write(Purpose::Vault, &[&new_file_key]))
    }

    fn secret_of(&self, slot: &Slot, keys: &[Key<'_>]) -> Result<Secret> {
        for &key in keys {
            if let Some((_, secret)) = open::try_slot(slot, &self.state.id, key, &self.folder)? {
                return Ok(secret);
            }
        }
        Err(Error::SlotLocked {
            id: slot.id,
            kind: slot.kind,
        })
    }

    /// The key in the key file that opens the vault as it is, if the file is there.
    fn file_key(&self) -> Result<Option<Key32>> {
        let slot = self
            .state
            .slots
            .iter()
            .find(|slot| slot.kind == SlotKind::KeyFile);
        let keys = open::key_file(&self.folder)?.unwrap_or_default();
        for key in keys {
            if let Some(slot) = slot
                && slot.unwrap(&self.state.id, &*key)?.is_some()
            {
                return Ok(Some(key));
            }
        }
        Ok(None)
    }

    fn seal_anew(&self, draft: &mut Draft, master: Master) -> Result<()> {
        let State {
            id: vault,
            generation,
            ..
        } = draft.state;
        for row in draft.state.rows.values_mut() {
            let mut entry = self.state.entry(row, &self.path())?;
            let id = row.sealed.id;
            let sealed = entry::seal(&mut entry, &master, &vault, id, generation + 1)?;
            *row = Row {
                sealed,
                meta: entry.meta,
            };
            draft.touched.insert(id);
        }
        draft.state.master = master;
        Ok(())
    }
}
