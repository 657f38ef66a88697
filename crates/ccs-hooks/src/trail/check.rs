//! Whether the log is the one that was founded, and no shorter than it once was.

use std::path::{Path, PathBuf};

use ccs_audit::{Checkpoint, Reader};

use super::{CHECKPOINT, Choices, Error, IDENTITY, KEY};

/// What can be seen from beside the log without reading it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Finding {
    /// The log, or what is kept beside it, cannot be used.
    #[error(transparent)]
    Unusable(#[from] Error),
    /// Another log lies in its place.
    #[error("the audit log in `{}` is not the one that was founded: its identity is not that of `{}`", .0.display(), IDENTITY)]
    Replaced(PathBuf),
    /// It has fewer entries than a checkpoint that was kept.
    #[error("the audit log in `{}` was cut: `{}` counts {was} entries, and there are {is}", path.display(), CHECKPOINT)]
    Cut {
        /// The log.
        path: PathBuf,
        /// Entries that the checkpoint counts.
        was: u64,
        /// Entries that there are.
        is: u64,
    },
    /// The key of the details is not there: details are left out.
    #[error("the key `{}` is missing: details are left out of the audit log and cannot be read; put it back", .0.display())]
    NoKey(PathBuf),
}

impl Finding {
    /// Its id.
    #[must_use]
    pub fn rule(&self) -> &'static str {
        match self {
            Self::Unusable(Error::Gone(_)) => "audit.gone",
            Self::Unusable(_) => "audit.unusable",
            Self::Replaced(_) => "audit.replaced",
            Self::Cut { .. } => "audit.cut",
            Self::NoKey(_) => "audit.no-key",
        }
    }
}

/// Everything about the log that is not as it was. A log that was never founded is no finding.
#[must_use]
pub fn findings(state: &Path) -> Vec<Finding> {
    match look(state) {
        Ok(findings) => findings,
        Err(Error::Missing(_)) => Vec::new(),
        Err(error) => vec![error.into()],
    }
}

fn look(state: &Path) -> Result<Vec<Finding>, Error> {
    Choices::read(state)?;
    let (reader, path) = (super::read(state)?, super::folder(state));
    let mut findings = Vec::new();
    let founded = super::identity(state)?;
    if founded.is_some() && founded != reader.identity()? {
        findings.push(Finding::Replaced(path));
    } else if let Some((was, is)) = cut(state, &reader)? {
        findings.push(Finding::Cut { path, was, is });
    }
    if !state.join(KEY).exists() {
        findings.push(Finding::NoKey(state.join(KEY)));
    }
    Ok(findings)
}

/// The entries of the tree then and now, if there are fewer. A tree that was begun anew is another:
/// the log itself says so.
fn cut(state: &Path, reader: &Reader) -> Result<Option<(u64, u64)>, Error> {
    let path = state.join(CHECKPOINT);
    let Some(text) = super::text(&path)? else {
        return Ok(None);
    };
    let kept = ccs_audit::note::parse(&text).ok();
    let kept = kept.and_then(|note| Checkpoint::parse(&note.text).ok());
    let kept = kept.ok_or(Error::Damaged(path))?;
    let newest = reader.checkpoint()?;
    let newest = newest.and_then(|note| Checkpoint::parse(&note.text).ok());
    let is = match newest {
        Some(newest) if newest.origin != kept.origin => return Ok(None),
        newest => newest.map_or(0, |newest| newest.size),
    };
    Ok((is < kept.size).then_some((kept.size, is)))
}
