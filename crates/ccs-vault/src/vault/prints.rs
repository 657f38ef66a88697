//! Keeping the fingerprints in step with the vault: at every moment, also after a crash, they
//! cover every value the file holds.

use super::{Draft, Row, State, Vault};
use crate::file::Folder;
use crate::fingerprint::{self, FILE, KEY_FILE, Record, Records};
use crate::keyfile::{self, Purpose};
use crate::keys::Key32;
use crate::{Error, Result};

/// What is to be written around a write of the vault.
pub(super) struct Prints {
    key: Key32,
    /// The key the file on the disk has, if it is another.
    other_key: Option<Key32>,
    key_file_is_good: bool,
    old: Records,
    new: Records,
    state: fingerprint::State,
}

impl Prints {
    pub(super) fn plan(vault: &Vault, draft: &Draft) -> Result<Self> {
        let key = draft.state.master.fingerprints();
        let (found, found_key) = match fingerprint::read(vault.files()) {
            Ok(Some((records, state, found_key))) => (Some((records, state)), Some(found_key)),
            Err(error @ Error::NewerVersion { .. }) => return Err(error),
            Ok(None) | Err(_) => (None, None),
        };
        let same_key = found_key.as_ref() == Some(&key);
        let in_step = same_key
            && found
                .as_ref()
                .is_some_and(|(_, state)| *state == of(&vault.state));
        let old = found
            .filter(|_| same_key)
            .map(|(records, _)| records)
            .unwrap_or_default();
        let mut new = Vec::new();
        for row in draft.state.rows.values() {
            if in_step && !draft.touched.contains(&row.sealed.id) {
                new.extend_from_slice(old.of(&row.sealed.id));
            } else {
                new.extend(records(&key, &draft.state, row, vault)?);
            }
        }
        Ok(Self {
            other_key: found_key.filter(|_| !same_key),
            key_file_is_good: same_key,
            old,
            new: Records::new(new),
            state: of(&draft.state),
            key,
        })
    }

    /// Before the vault: what is there and what is to come. Nothing yet if nothing is to come.
    pub(super) fn before(&self, folder: &Folder) -> Result<()> {
        if self.other_key.is_some() {
            return Ok(());
        }
        if !self.loses() {
            return self.write(folder, &self.new, self.state.generation);
        }
        let both = Records::new([&self.old.0[..], &self.new.0].concat());
        if both == self.old {
            return Ok(());
        }
        self.write(folder, &both, fingerprint::State::BETWEEN)
    }

    /// After the vault: only what it holds now.
    pub(super) fn after(&self, folder: &Folder) -> Result<()> {
        if self.loses() || self.other_key.is_some() {
            return self.write(folder, &self.new, self.state.generation);
        }
        Ok(())
    }

    fn loses(&self) -> bool {
        self.old
            .0
            .iter()
            .any(|record| self.new.0.binary_search(record).is_err())
    }

    fn write(&self, folder: &Folder, records: &Records, generation: u64) -> Result<()> {
        let state = fingerprint::State {
            generation,
            ..self.state
        };
        let file = records.seal(&self.key, state)?;
        if self.key_file_is_good {
            return folder.replace(FILE, &file);
        }
        if let Some(other) = &self.other_key {
            folder.replace(
                KEY_FILE,
                &keyfile::write(Purpose::Fingerprints, &[&self.key, other]),
            )?;
        } else {
            folder.replace(
                KEY_FILE,
                &keyfile::write(Purpose::Fingerprints, &[&self.key]),
            )?;
        }
        folder.replace(FILE, &file)?;
        folder.replace(
            KEY_FILE,
            &keyfile::write(Purpose::Fingerprints, &[&self.key]),
        )
    }
}

/// The records of an entry: of its value and of the older ones, which are as secret.
fn records(key: &Key32, state: &State, row: &Row, vault: &Vault) -> Result<Vec<Record>> {
    let contents = state.contents(row, &vault.path())?;
    let texts = contents
        .0
        .iter()
        .filter_map(|version| fingerprint::texts(&version.content));
    let records =
        texts.map(|text| fingerprint::records(key, row.sealed.id, &row.meta.name, text.expose()));
    Ok(records.flatten().collect())
}

fn of(state: &State) -> fingerprint::State {
    fingerprint::State {
        vault: state.id,
        generation: state.generation,
    }
}
