//! Writing: fingerprints of what is to come first, the version before aside, then the file in one
//! step. A crash between any two of these loses nothing and leaves every stored value recognised.

use super::{Draft, FILE, KEY_FILE, PREVIOUS, Vault, open, prints::Prints};
use crate::file::Lock;
use crate::format::MAX_FILE;
use crate::keyfile::{self, Purpose};
use crate::slot::SlotKind;
use crate::{Error, Result};

impl Vault {
    /// Replaces the file by the state to come; the file as it was is kept.
    pub(super) fn write(&mut self, lock: &Lock, draft: Draft) -> Result<()> {
        let before = std::mem::take(&mut self.bytes);
        let written = self.write_after(lock, draft, Some(&before));
        if written.is_err() && self.bytes.is_empty() {
            self.bytes = before;
        }
        written
    }

    /// As [`write`](Self::write), but the file as it was is not kept: its key is distrusted.
    pub(super) fn write_over(&mut self, lock: &Lock, draft: Draft) -> Result<()> {
        self.write_after(lock, draft, None)
    }

    fn write_after(&mut self, _: &Lock, mut draft: Draft, before: Option<&[u8]>) -> Result<()> {
        draft.state.generation += 1;
        let bytes = draft.state.encode();
        if bytes.len() as u64 > MAX_FILE {
            return Err(Error::Full { limit: MAX_FILE });
        }
        let prints = Prints::plan(self, &draft)?;
        prints.before(&self.folder)?;
        let kept = before.unwrap_or(&bytes);
        if !kept.is_empty() {
            self.folder.replace(PREVIOUS, kept)?;
        }
        self.folder.replace(FILE, &bytes)?;
        (self.bytes, self.state) = (bytes, draft.state);
        prints.after(&self.folder)
    }

    /// A writer that was killed while it changed the master key left the key file with two keys.
    pub(super) fn drop_old_key(&self) -> Result<()> {
        let slot = self
            .state
            .slots
            .iter()
            .find(|slot| slot.kind == SlotKind::KeyFile);
        let (Some(slot), Ok(Some(keys))) = (slot, open::key_file(&self.folder)) else {
            return Ok(());
        };
        if keys.len() < 2 {
            return Ok(());
        }
        for key in &keys {
            if slot.unwrap(&self.state.id, &**key)?.is_some() {
                return self
                    .folder
                    .replace(KEY_FILE, &keyfile::write(Purpose::Vault, &[key]));
            }
        }
        Ok(())
    }
}
