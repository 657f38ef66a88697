//! Puts hook handlers and permission rules into a Claude Code settings file and takes them out
//! again, changing no other byte.
//!
//! Every edit is an insertion at the end of a list or object, or its exact inverse, so what the
//! user wrote keeps its order, spacing, line endings and byte order mark. The text must be strict
//! JSON: the client silently ignores a file that is not, and a guard in an ignored file guards
//! nothing.

use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::error::Error;

mod check;
mod document;
mod layout;
mod merge;
mod outdated;
mod read;
mod remove;
mod values;

#[cfg(test)]
mod tests;

pub use check::check;
pub use read::{Found, handlers};
pub use values::Edit;

use document::Document;

/// The file name of the hook program. A handler whose command has this name is ours.
pub const PROGRAM: &str = "ccs-hook";

/// What a settings file shall hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wanted {
    /// One handler for each event. Handlers of ours for other events are taken out.
    pub handlers: Vec<Handler>,
    /// Rules for `permissions.deny`, such as `Read(~/.ssh/**)`.
    pub deny: Vec<String>,
    /// Single settings. One that says something else is changed, and a list gets what it lacks;
    /// what stood there comes back with [`remove`].
    pub values: Vec<Setting>,
}

/// One setting.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Setting {
    /// The keys that lead there; never empty.
    pub path: Vec<String>,
    /// What it shall be.
    pub value: serde_json::Value,
}

impl Setting {
    /// A setting by its keys joined by dots, such as `sandbox.enabled`.
    #[must_use]
    pub fn new(keys: &str, value: impl Into<serde_json::Value>) -> Self {
        Setting {
            path: keys.split('.').map(str::to_owned).collect(),
            value: value.into(),
        }
    }
}

/// One command handler in exec form: no shell, no matcher, and a failure blocks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Handler {
    /// The event as Claude Code spells it, such as `PreToolUse`.
    pub event: String,
    /// The program, as an absolute path.
    pub command: String,
    /// Its arguments.
    pub args: Vec<String>,
    /// Seconds until the client gives up on it.
    pub timeout: u32,
}

/// What [`merge`] added, so that [`remove`] can restore the file byte for byte.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receipt {
    /// Lists and objects that were absent or empty before, outermost first.
    #[serde(default)]
    grown: Vec<Grown>,
    /// The permission rules that were not there before.
    #[serde(default)]
    deny: Vec<String>,
    /// The single settings that were not so before, in the order they were put in.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    values: Vec<Before>,
}

/// One setting that was put in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Before {
    /// The keys that lead there.
    path: Vec<String>,
    /// What was put in.
    set: serde_json::Value,
    /// What stood there, as it was written; absent if nothing did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    was: Option<String>,
    /// The blanks between the brackets of the object it was put into, if that was empty.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    inner: Option<String>,
}

impl Receipt {
    /// The permission rules that were not there before.
    #[must_use]
    pub fn deny(&self) -> &[String] {
        &self.deny
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Grown {
    /// The keys that lead there.
    path: Vec<String>,
    /// The blanks between its brackets if it was there and empty; absent if it was not there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    inner: Option<String>,
}

/// A settings file with what was wanted in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Merged {
    /// The new bytes; the old ones if nothing had to change.
    pub bytes: Vec<u8>,
    /// Needed to restore the old ones.
    pub receipt: Receipt,
}

/// Puts `wanted` into the settings in `bytes`.
///
/// Handlers of ours that are already there are updated where they stand, so a second run
/// returns the bytes unchanged. `before` is the receipt of the last run, if there was one.
/// `file` is only named in errors; for a file that does not exist yet pass `{}` and a newline.
///
/// # Errors
///
/// [`Error::Syntax`] if the bytes are not strict JSON, [`Error::Duplicate`] if a key on the way
/// occurs twice, [`Error::Shape`] if `hooks` or `permissions` hold something that the client
/// would refuse.
pub fn merge(
    file: &Path,
    bytes: &[u8],
    wanted: &Wanted,
    before: Option<&Receipt>,
) -> Result<Merged, Error> {
    merge::merge(Document::parse(file, bytes)?, wanted, before)
}

/// Takes out our handlers, and the permission rules that `receipt` names.
///
/// If nobody else edited the file since [`merge`], the result is what was there before it, byte
/// for byte. Otherwise just our parts go. Without a receipt, lists and objects that become empty
/// go too, and permission rules stay.
///
/// # Errors
///
/// [`Error::Syntax`] if the bytes are not strict JSON.
pub fn remove(file: &Path, bytes: &[u8], receipt: Option<&Receipt>) -> Result<Vec<u8>, Error> {
    let mut document = Document::parse(file, bytes)?;
    remove::strip(&mut document, receipt)?;
    Ok(document.into_bytes())
}

/// Changes single places of the settings in `bytes`: each the value that begins at a line and a
/// column, both counted from 1. Answers the new bytes and how many places there were; no other byte
/// changes.
///
/// # Errors
///
/// [`Error::Syntax`] if the bytes are not strict JSON.
pub fn edit(
    file: &Path,
    bytes: &[u8],
    edits: &[((usize, usize), Edit)],
) -> Result<(Vec<u8>, usize), Error> {
    let mut document = Document::parse(file, bytes)?;
    // From the end, so that the places before stay where they are.
    let mut edits: Vec<_> = edits.iter().collect();
    edits.sort_by_key(|(place, _)| std::cmp::Reverse(*place));
    let mut made = 0;
    for (place, edit) in edits {
        made += usize::from(values::edit(&mut document, *place, edit)?);
    }
    Ok((document.into_bytes(), made))
}
