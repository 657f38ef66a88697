//! What only other parts know: the log, the vault, a node, a manifest, a list of tools.

use super::catalog::{self, Check};
use crate::Error;

/// Findings of others, to be reported with those of the audit.
#[derive(Clone, Debug, Default)]
pub struct Facts(Vec<Fact>);

#[derive(Clone, Debug)]
pub(super) struct Fact {
    pub(super) check: &'static Check,
    pub(super) path: String,
    pub(super) evidence: String,
}

impl Facts {
    /// Adds what a check of somebody else found. The path is absolute.
    ///
    /// # Errors
    ///
    /// [`Error::NoSuchCheck`] if the catalogue has no check with this id, or the audit makes it
    /// itself.
    pub fn add(&mut self, id: &str, path: &str, evidence: &str) -> Result<(), Error> {
        let check = catalog::by_id(id).filter(|check| check.given);
        let check = check.ok_or_else(|| Error::NoSuchCheck { id: id.to_owned() })?;
        self.0.push(Fact {
            check,
            path: path.to_owned(),
            evidence: evidence.to_owned(),
        });
        Ok(())
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Fact> {
        self.0.iter()
    }
}
