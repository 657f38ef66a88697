//! Saving what can be saved from a damaged vault and the version before it.
//!
//! Each entry proves itself: it opens under the master key, bound to the vault, its id and its
//! generation. The damaged bytes are kept.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::{Draft, FILE, Key, PREVIOUS, Row, State, Vault, open};
use crate::entry;
use crate::file::Folder;
use crate::format::{self, MAX_FILE};
use crate::{Error, Name, Result};

/// What was saved.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Restored {
    /// How many entries there are now.
    pub entries: usize,
    /// Those taken from the version before. One removed by the last write is among them again.
    pub from_previous: Vec<Name>,
    /// Whether other slots than the one used were dropped, because nothing vouched for them.
    pub slots_dropped: bool,
    /// Where the damaged files are now.
    pub kept: Vec<PathBuf>,
}

impl Vault {
    /// Builds a vault from what still opens in the damaged or missing file and in the version
    /// before it, the later of two forms of an entry winning.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] if the vault is intact. What [`open`](Self::open) says, other than that
    /// the file is missing or corrupt, if neither of the two opens with `key`.
    pub fn restore(folder: &Path, key: Key<'_>) -> Result<(Self, Restored)> {
        let folder = Folder::open(folder)?;
        let lock = folder.lock()?;
        let files = Files::read(&folder)?;
        files.must_be_damaged(key, &folder)?;
        let base = files.base(key, &folder)?;
        let kept = files.keep(&folder, base.trusted)?;
        let (state, from_previous) = files.save(base.state);
        let restored = Restored {
            entries: state.rows.len(),
            from_previous,
            slots_dropped: base.slots_dropped,
            kept,
        };
        let mut draft = Draft::of(&state);
        draft.touched = state.rows.values().map(|row| row.sealed.id).collect();
        let bytes = Vec::new();
        let mut vault = Self {
            folder,
            state,
            bytes,
        };
        vault.write_over(&lock, draft)?;
        Ok((vault, restored))
    }
}

struct Files {
    now: Option<Vec<u8>>,
    before: Option<Vec<u8>>,
}

struct Base {
    state: State,
    /// The version before is authentic as a whole.
    trusted: bool,
    slots_dropped: bool,
}

impl Files {
    fn read(folder: &Folder) -> Result<Self> {
        let read = |name| {
            let bytes = folder.read(name, MAX_FILE)?;
            Ok::<_, Error>(bytes.map(|mut bytes| std::mem::take(&mut *bytes)))
        };
        Ok(Self {
            now: read(FILE)?,
            before: read(PREVIOUS)?,
        })
    }

    /// A key that does not fit is no reason to replace a file that is whole.
    fn must_be_damaged(&self, key: Key<'_>, folder: &Folder) -> Result<()> {
        let Some(bytes) = &self.now else {
            return Ok(());
        };
        match State::unlock(bytes, key, folder) {
            Err(Error::Corrupt { path, .. }) if path == folder.path(FILE) => Ok(()),
            Err(other) => Err(other),
            Ok(_) => Err(Error::Invalid {
                what: "restore",
                why: "the vault is intact",
            }),
        }
    }

    /// The master key and the slots: of the version before if that is whole, else of whichever
    /// file has a slot that opens, and then that slot alone.
    fn base(&self, key: Key<'_>, folder: &Folder) -> Result<Base> {
        let whole = self
            .before
            .as_ref()
            .map(|bytes| State::unlock(bytes, key, folder));
        let refused = match whole {
            Some(Ok(state)) => {
                return Ok(Base {
                    state,
                    trusted: true,
                    slots_dropped: false,
                });
            }
            Some(Err(error)) => error,
            None => Error::Missing {
                path: folder.path(PREVIOUS),
                next: "put back a copy of the vault",
            },
        };
        let mut files = [&self.now, &self.before].into_iter().flatten();
        files
            .find_map(|bytes| head(bytes, key, folder))
            .ok_or(refused)
    }

    fn keep(&self, folder: &Folder, before_is_whole: bool) -> Result<Vec<PathBuf>> {
        let before = self.before.as_ref().filter(|_| !before_is_whole);
        let mut kept = Vec::new();
        for bytes in [self.now.as_ref(), before].into_iter().flatten() {
            let name = free_name(folder)?;
            folder.replace(&name, bytes)?;
            kept.push(folder.path(&name));
        }
        Ok(kept)
    }

    /// The base with every entry that opens, and the names of those only the version before had.
    fn save(&self, base: State) -> (State, Vec<Name>) {
        let mut newest: BTreeMap<[u8; 16], Row> = BTreeMap::new();
        let mut from_now = Vec::new();
        for (bytes, is_now) in [(&self.before, false), (&self.now, true)] {
            for row in bytes.iter().flat_map(|bytes| rows(bytes, &base)) {
                let id = row.sealed.id;
                let known = newest.get(&id).map(|known| known.sealed.generation);
                if is_now && known.is_none_or(|known| known <= row.sealed.generation) {
                    from_now.push(id);
                }
                if known.is_none_or(|known| known < row.sealed.generation) {
                    newest.insert(id, row);
                }
            }
        }
        let mut ordered: Vec<Row> = newest.into_values().collect();
        ordered.sort_by_key(|row| row.sealed.generation);
        let last = ordered.last().map_or(0, |row| row.sealed.generation);
        let state = State {
            generation: base.generation.max(last) + 1,
            rows: ordered
                .into_iter()
                .map(|row| (row.meta.name.clone(), row))
                .collect(),
            ..base
        };
        let before = state
            .rows
            .values()
            .filter(|row| !from_now.contains(&row.sealed.id));
        let from_previous = before.map(|row| row.meta.name.clone()).collect();
        (state, from_previous)
    }
}

/// A state without entries from the part of a file that names its slots.
fn head(bytes: &[u8], key: Key<'_>, folder: &Folder) -> Option<Base> {
    let layout = format::head(bytes).ok()?;
    let (master, id) = open::unlock(&layout, key, folder).ok()?;
    let slots_dropped = layout.slots.len() > 1;
    let slots = layout
        .slots
        .into_iter()
        .filter(|slot| slot.id == id)
        .collect();
    Some(Base {
        state: State {
            master,
            id: layout.id,
            generation: 0,
            slots,
            rows: BTreeMap::new(),
        },
        trusted: false,
        slots_dropped,
    })
}

/// The entries in the bytes that open whole.
fn rows(bytes: &[u8], base: &State) -> Vec<Row> {
    let opens = |sealed: format::Sealed| {
        let meta = entry::open_meta(&sealed, &base.master, &base.id)?;
        entry::open_contents(&sealed, &meta, &base.master, &base.id)?;
        Some(Row { sealed, meta })
    };
    format::shapes(bytes).filter_map(opens).collect()
}

fn free_name(folder: &Folder) -> Result<String> {
    for number in 1.. {
        let name = format!("vault.damaged.{number}");
        if !folder.has(&name)? {
            return Ok(name);
        }
    }
    unreachable!("a folder does not hold every number")
}
