//! Keeping the fingerprints in step with the vault: at every moment, also after a crash, they
//! cover every value the file holds.

use super::{Draft, Row, State, Vault};
use crate::file::Folder;
use crate::fingerprint::{self, FILE, KEY_FILE, Opened, Record, Records};
use crate::keyfile::{self, Purpose};
use crate::keys::Key32;
use crate::{Error, Result};

/// What is to be written around a write of the vault.
pub(super) struct Prints {
    key: Key32,
    /// What is there, if it can be read.
    there: Option<Opened>,
    /// What is there is what the vault held before.
    in_step: bool,
    /// Of what the vault held before, and of what it will hold.
    old: Records,
    new: Records,
    state: fingerprint::State,
}

impl Prints {
    pub(super) fn plan(vault: &Vault, draft: &Draft) -> Result<Self> {
        let key = draft.state.master.fingerprints();
        let there = match fingerprint::read(vault.files()) {
            Err(error @ Error::NewerVersion { .. }) => return Err(error),
            there => there.ok().flatten(),
        };
        let of_before = of(&vault.state);
        let is_of_before = |there: &&Opened| there.state == of_before && there.key == key;
        let in_step = there.as_ref().filter(is_of_before);
        let path = vault.path();
        let old = match in_step {
            Some(there) => there.records.clone(),
            None => Records::new(all(&key, &vault.state, |_| None, &path)?),
        };
        let untouched = |row: &Row| {
            let id = &row.sealed.id;
            (!draft.touched.contains(id)).then(|| old.of(id))
        };
        let new = Records::new(all(&key, &draft.state, untouched, &path)?);
        Ok(Self {
            in_step: in_step.is_some(),
            there,
            old,
            new,
            state: of(&draft.state),
            key,
        })
    }

    /// Before the vault: of what is there and what is to come.
    pub(super) fn before(&self, folder: &Folder) -> Result<()> {
        if !self.loses() {
            return self.write(folder, &self.new, self.state.generation);
        }
        let both = Records::new([&self.old.0[..], &self.new.0].concat());
        if self.in_step && both == self.old {
            return Ok(());
        }
        self.write(folder, &both, fingerprint::State::BETWEEN)
    }

    /// After the vault: only of what it holds now.
    pub(super) fn after(&self, folder: &Folder) -> Result<()> {
        if self.loses() {
            return self.write(folder, &self.new, self.state.generation);
        }
        Ok(())
    }

    fn loses(&self) -> bool {
        let is_lost = |record| self.new.0.binary_search(record).is_err();
        self.old.0.iter().any(is_lost)
    }

    /// Whoever reads the two files at any moment finds among the keys the one of the other file.
    fn write(&self, folder: &Folder, records: &Records, generation: u64) -> Result<()> {
        let state = fingerprint::State {
            generation,
            ..self.state
        };
        let file = records.seal(&self.key, state)?;
        let key = |keys: &[&Key32]| {
            folder.replace(KEY_FILE, &keyfile::write(Purpose::Fingerprints, keys))
        };
        match &self.there {
            Some(there) if there.key == self.key && there.only_key => folder.replace(FILE, &file),
            Some(there) if there.key != self.key => {
                key(&[&self.key, &there.key])?;
                folder.replace(FILE, &file)?;
                key(&[&self.key])
            }
            _ => {
                key(&[&self.key])?;
                folder.replace(FILE, &file)
            }
        }
    }
}

/// The records of all values of a state, where `known` does not have them already.
fn all<'a>(
    key: &Key32,
    state: &State,
    known: impl Fn(&Row) -> Option<&'a [Record]>,
    path: &std::path::Path,
) -> Result<Vec<Record>> {
    let mut all = Vec::new();
    for row in state.rows.values() {
        match known(row) {
            Some(records) => all.extend_from_slice(records),
            None => all.extend(records(key, state, row, path)?),
        }
    }
    Ok(all)
}

/// The records of an entry: of its value and of the older ones, which are as secret.
fn records(key: &Key32, state: &State, row: &Row, path: &std::path::Path) -> Result<Vec<Record>> {
    let contents = state.contents(row, path)?;
    let mut records = Vec::new();
    for text in contents
        .0
        .iter()
        .filter_map(|version| fingerprint::texts(&version.content))
    {
        let (id, name) = (row.sealed.id, &row.meta.name);
        records.extend(fingerprint::records(key, id, name, text.expose()));
    }
    Ok(records)
}

fn of(state: &State) -> fingerprint::State {
    fingerprint::State {
        vault: state.id,
        generation: state.generation,
    }
}
