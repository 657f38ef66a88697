//! Taking a plan of secrets over.

use std::path::Path;

use super::{State, Vault};
use crate::entry::{Content, Entry};
use crate::import::{Existing, Found, Outcome};
use crate::{Category, Name, NewEntry, Result, Secret, random};

impl Vault {
    /// Takes what was found, in one write: all of it or nothing. Without a category a new entry
    /// gets the one its name suggests. `now` is in seconds since 1970, UTC.
    ///
    /// # Errors
    ///
    /// As for every change.
    pub fn import(
        &mut self,
        found: Vec<Found>,
        existing: Existing,
        category: Option<&Category>,
        now: u64,
    ) -> Result<Vec<(Name, Outcome)>> {
        self.change(|draft, path| {
            let outcomes = draft.state.outcomes(&found, existing, path)?;
            for (found, (name, outcome)) in found.into_iter().zip(&outcomes) {
                let mut new = NewEntry::value(found.name, found.value)?;
                new.category = category.cloned();
                match outcome {
                    Outcome::Added => draft.put(Entry::first(new, now), random::array()?)?,
                    Outcome::Replaced => {
                        let (mut entry, id) = draft.take(name, path)?;
                        entry.merge(new, now);
                        draft.put(entry, id)?;
                    }
                    Outcome::Unchanged | Outcome::Kept => {}
                }
            }
            Ok(outcomes)
        })
    }

    /// What [`import`](Self::import) would do.
    ///
    /// # Errors
    ///
    /// [`Error::Corrupt`](crate::Error::Corrupt) if a value does not open.
    pub fn preview(&self, found: &[Found], existing: Existing) -> Result<Vec<(Name, Outcome)>> {
        self.state.outcomes(found, existing, &self.path())
    }
}

impl State {
    fn outcomes(
        &self,
        found: &[Found],
        existing: Existing,
        path: &Path,
    ) -> Result<Vec<(Name, Outcome)>> {
        let outcome = |found: &Found| {
            let outcome = match (self.holds(&found.name, &found.value, path)?, existing) {
                (None, _) => Outcome::Added,
                (Some(true), _) => Outcome::Unchanged,
                (Some(false), Existing::Keep) => Outcome::Kept,
                (Some(false), Existing::Replace) => Outcome::Replaced,
            };
            Ok((found.name.clone(), outcome))
        };
        found.iter().map(outcome).collect()
    }

    /// Whether an entry holds this very value; `None` if there is no such entry.
    fn holds(&self, name: &Name, value: &Secret, path: &Path) -> Result<Option<bool>> {
        let Some(row) = self.rows.get(name) else {
            return Ok(None);
        };
        let contents = self.contents(row, path)?;
        Ok(Some(
            matches!(contents.current(), Content::Value(held) if held == value),
        ))
    }
}
