//! Secrets in texts that pass by: where they are, what they are called, where they are kept.

pub(crate) mod find;
pub(crate) mod keep;
pub(crate) mod marker;
pub(crate) mod name;
pub(crate) mod taken;

use std::path::{Path, PathBuf};

/// The folder of the vault within the state folder.
pub(crate) fn vault(state: &Path) -> PathBuf {
    state.join("vault")
}
