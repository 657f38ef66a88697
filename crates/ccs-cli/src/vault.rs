//! What the commands of the vault have in common: where it is, how it is opened, where values and
//! codes come from.

pub(crate) mod code;
pub(crate) mod date;
pub(crate) mod input;
pub(crate) mod name;
pub(crate) mod search;
#[cfg_attr(unix, path = "vault/terminal.rs")]
#[cfg_attr(not(unix), path = "vault/terminal_other.rs")]
pub(crate) mod terminal;
pub(crate) mod unlock;

use std::io::{self, Write};

use anyhow::Context;
pub(crate) use ccs_hooks::time::now;
use ccs_vault::{NewEntry, Result};

use crate::args::vault_change::About;

pub(crate) use unlock::open;

/// Keeps the memory of this process to itself, before anything secret is in it.
pub(crate) fn harden() -> anyhow::Result<()> {
    ccs_vault::harden_process().context("cannot keep secrets out of core dumps")
}

/// Says something beside the answer. Nobody is left to tell when this fails.
pub(crate) fn warn(text: &str) {
    let _ = io::stderr().write_all(format!("ccs: {text}\n").as_bytes());
}

/// An entry with what the command line says about it.
pub(crate) fn described(mut entry: NewEntry, about: &About, now: u64) -> Result<NewEntry> {
    if let Some(category) = &about.category {
        entry = entry.category(category.clone());
    }
    if let Some(note) = &about.note {
        entry = entry.note(note)?;
    }
    if let Some(at) = about.expires.and_then(|expires| expires.at(now)) {
        entry = entry.expires(at);
    }
    if let Some(keep) = about.keep {
        entry = entry.keep(keep);
    }
    Ok(entry)
}
