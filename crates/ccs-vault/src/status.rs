//! A vault at a glance.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::entry::{Meta, Recognised};
use crate::fingerprint::{self, State};
use crate::slot::SlotInfo;
use crate::vault::{FILE, KEY_FILE, PREVIOUS};
use crate::{Category, Error, Name, Vault};

/// A vault at a glance. No value and no part of one is in it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Status {
    /// How many entries there are.
    pub entries: usize,
    /// How many in each category.
    pub by_category: BTreeMap<Category, usize>,
    /// The ways in.
    pub slots: Vec<SlotInfo>,
    /// How often the vault was written.
    pub generation: u64,
    /// Every file of the vault that is there, with its permission bits.
    pub files: Vec<(&'static str, Option<u32>)>,
    /// Entries whose expiry has passed.
    pub expired: Vec<Name>,
    /// Entries whose expiry is near.
    pub expiring: Vec<Name>,
    /// Entries that hold a value which redaction does not recognise.
    pub unrecognised: Vec<Name>,
    /// Whether the fingerprints are those of this state.
    pub fingerprints: Prints,
}

/// The state of the fingerprint file. Every write of the vault makes it current.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Prints {
    /// It covers exactly what the vault holds.
    Current,
    /// It is of another state: a write was cut off, or a copy was put back.
    Stale,
    /// It or its key is not there.
    Missing,
    /// It cannot be read.
    Unreadable,
}

impl Vault {
    /// The vault at a glance at `now`; an expiry within `soon` seconds is near.
    #[must_use]
    pub fn status(&self, now: u64, soon: u64) -> Status {
        let names = |wanted: &dyn Fn(&Meta) -> bool| -> Vec<Name> {
            self.list()
                .filter(|meta| wanted(meta))
                .map(|meta| meta.name.clone())
                .collect()
        };
        let mut by_category = BTreeMap::new();
        for meta in self.list() {
            *by_category.entry(meta.category.clone()).or_default() += 1;
        }
        let weak = [Recognised::TooShort, Recognised::Predictable];
        Status {
            entries: self.list().len(),
            by_category,
            slots: self.slots(),
            generation: self.generation(),
            files: self.modes(),
            expired: names(&|meta| meta.is_expired(now)),
            expiring: names(&|meta| {
                !meta.is_expired(now) && meta.is_expired(now.saturating_add(soon))
            }),
            unrecognised: names(&|meta| weak.contains(&meta.recognised)),
            fingerprints: self.prints(),
        }
    }

    fn modes(&self) -> Vec<(&'static str, Option<u32>)> {
        let files = [
            FILE,
            PREVIOUS,
            KEY_FILE,
            fingerprint::FILE,
            fingerprint::KEY_FILE,
        ];
        let there = files
            .into_iter()
            .filter(|name| self.files().has(name).unwrap_or(false));
        there.map(|name| (name, self.files().mode(name))).collect()
    }

    fn prints(&self) -> Prints {
        let current = State {
            vault: self.id(),
            generation: self.generation(),
        };
        match fingerprint::read(self.files()) {
            Ok(Some(opened)) if opened.state == current => Prints::Current,
            Ok(Some(_)) => Prints::Stale,
            Ok(None) | Err(Error::Missing { .. }) => Prints::Missing,
            Err(_) => Prints::Unreadable,
        }
    }
}
