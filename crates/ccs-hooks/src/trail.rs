//! The audit trail of a state folder: where it lies, how it is opened, and the words in it.
//!
//! ```text
//! STATE/audit/               the log, see ccs-audit
//! STATE/audit.json           the log's public identity: says that there was one, and which
//! STATE/audit.checkpoint     the newest checkpoint of a session's end: a log that is shorter was cut
//! STATE/audit.key            encrypts details; without it they cannot be read
//! STATE/audit-options.json   what its owner chose, see [`Choices`]; need not be there
//! STATE/audit-spool/         entries, while the log's own folder takes none
//! ```
//!
//! A log is founded where there never was one. A log that is gone is a finding, and nothing takes
//! its place by itself: entries wait in `audit-spool` until it is put back.

mod check;
mod choices;
mod error;
mod key;

use std::path::{Path, PathBuf};

use ccs_audit::{Entry, Founding, Identity, Log, Options, Reader, Receipt};

use crate::alerts;
use crate::files;
use crate::redact;

pub use check::{Finding, findings};
pub use choices::{Choices, WhenLost};
pub use error::Error;
pub(crate) use key::Key;
pub use key::details_key;

/// The log's folder within the state folder.
pub const FOLDER: &str = "audit";
/// The log's identity within the state folder.
pub const IDENTITY: &str = "audit.json";
/// The newest checkpoint of a session's end, within the state folder.
pub const CHECKPOINT: &str = "audit.checkpoint";
/// The key of the details within the state folder.
pub const KEY: &str = "audit.key";
/// The owner's choices within the state folder.
pub const CHOICES: &str = "audit-options.json";
/// Where entries wait while the log's folder takes none, within the state folder.
pub const SPOOL: &str = "audit-spool";
/// What is kept of guarded files between two calls, within the state folder.
pub const WATCH: &str = "watch";
/// The longest identity or checkpoint, in bytes.
const MAX_TEXT: u64 = 64 << 10;
/// What is put into details is bounded so that as JSON it stays below this, in bytes.
const MAX_DETAILS: usize = 32 << 10;

/// The words of the field `event`. Events of the client are there by their names in kebab-case,
/// such as `pre-tool-use` ([`Name::kebab`](crate::protocol::name::Name::kebab)).
pub mod event {
    /// A file that says what the client or ccs does was changed. The details show how.
    pub const FILE_CHANGE: &str = ccs_audit::change::EVENT;
    /// Hooks did not answer: the rule says how that was noticed.
    pub const GAP: &str = "gap";
    /// An approval was asked for, given, used or taken back.
    pub const APPROVAL: &str = "approval";
    /// A value was taken out of the vault, or the vault was changed.
    pub const VAULT: &str = "vault";
    /// A guarded file differs from the signed manifest.
    pub const DRIFT: &str = "drift";
    /// The posture of the machine was checked.
    pub const POSTURE: &str = "posture";
    /// A person changed what ccs does: the judge, the policy, what a session counts as.
    pub const CHOICE: &str = "choice";
    /// An older log was bound into this one by its hash.
    pub const IMPORT: &str = "import";
}

/// The words of the field `decision`.
pub mod decision {
    /// Nothing stood against it.
    pub const ALLOW: &str = "allow";
    /// The user was to be asked.
    pub const ASK: &str = "ask";
    /// It was stopped.
    pub const DENY: &str = "deny";
    /// The call's input was replaced.
    pub const REWRITE: &str = "rewrite";
    /// It was granted without a question.
    pub const APPROVE: &str = "approve";
    /// It could not be stopped, or was not to be; somebody was told.
    pub const REPORT: &str = "report";
    /// The tool has run.
    pub const RAN: &str = "ran";
    /// The tool has failed.
    pub const FAILED: &str = "failed";
}

/// The rules of [`event::GAP`].
pub mod gap {
    /// A call was let through and nothing was heard of it since: it was refused by the user or
    /// another hook, was interrupted, or the hook after it did not run.
    pub const NO_RESULT: &str = "gap.no-result";
    /// A tool ran and nobody had been asked before.
    pub const NOT_ASKED: &str = "gap.not-asked";
    /// A session is over and did not say so.
    pub const NO_END: &str = "gap.no-end";
}

/// The log's folder.
#[must_use]
pub fn folder(state: &Path) -> PathBuf {
    state.join(FOLDER)
}

/// Opens the log of a state folder for writing. What is written to it is redacted.
///
/// # Errors
///
/// [`Error::Missing`], [`Error::Gone`], or why it cannot be opened.
pub fn open(state: &Path) -> Result<Log, Error> {
    match opened(state, &Choices::read(state)?) {
        Err(Error::Log(ccs_audit::Error::Missing { path })) => Err(match is_promised(state)? {
            true => Error::Gone(path),
            false => Error::Missing(path),
        }),
        other => other,
    }
}

/// The log as it is there.
fn opened(state: &Path, choices: &Choices) -> Result<Log, Error> {
    let open = |key| Log::open(&folder(state), options(state, choices, key));
    let key = Key::read(state)?;
    let was_missing = key.is_missing();
    let log = open(key)?;
    if was_missing {
        // whoever founds a log makes its key first: it may have come since
        let key = Key::read(state)?;
        if !key.is_missing() {
            return Ok(open(key)?);
        }
    }
    Ok(log)
}

/// Opens the log, which is founded if there never was one. Any number of processes may do so at
/// once. A log that was there before this program is not touched, and bound in by its hash.
///
/// # Errors
///
/// [`Error::Gone`] if there was a log, or why it cannot be opened.
pub fn found(state: &Path) -> Result<Log, Error> {
    found_with(state, &Choices::read(state)?)
}

pub(crate) fn found_with(state: &Path, choices: &Choices) -> Result<Log, Error> {
    files::make_private_folder(state).map_err(Error::file(state))?;
    match opened(state, choices) {
        Err(Error::Log(ccs_audit::Error::Missing { .. })) => {}
        other => return promised(state, other?),
    }
    if is_promised(state)? {
        // another process may have founded it since, which promises it last
        return opened(state, choices).map_err(|error| match error {
            Error::Log(ccs_audit::Error::Missing { path }) => Error::Gone(path),
            other => other,
        });
    }
    // root, on behalf of somebody, would found a log that its owner cannot write
    files::is_private_folder(state).map_err(Error::unreadable(state))?;
    let mut options = options(state, choices, Key::make(state)?);
    options.found = Some(Founding::default());
    let mut log = Log::open(&folder(state), options)?;
    crate::import::bind(state, &mut log);
    promised(state, log)
}

/// Opens the log for reading, with its details if their key is there.
///
/// # Errors
///
/// [`Error::Missing`], [`Error::Gone`], or why it cannot be opened.
pub fn read(state: &Path) -> Result<Reader, Error> {
    match Reader::open(&folder(state), details_key(state)?.as_ref()) {
        Err(ccs_audit::Error::Missing { path }) => Err(match is_promised(state)? {
            true => Error::Gone(path),
            false => Error::Missing(path),
        }),
        other => Ok(other?),
    }
}

/// Appends one entry to the log of a state folder, founding it if there never was one: for
/// everything that is not a hook's.
///
/// # Errors
///
/// Why it is not remembered. Entries that had to be spooled are no error.
pub fn note(state: &Path, entry: Entry) -> Result<Receipt, Error> {
    Ok(found(state)?.append(entry)?)
}

/// The identity of the log that was founded in the state folder, whatever lies there now; `None`
/// if none was.
///
/// # Errors
///
/// [`Error::File`] or [`Error::Damaged`] if that cannot be told.
pub fn identity(state: &Path) -> Result<Option<Identity>, Error> {
    let path = state.join(IDENTITY);
    let Some(text) = text(&path)? else {
        return Ok(None);
    };
    Identity::from_json(text.trim())
        .map(Some)
        .ok_or(Error::Damaged(path))
}

/// The text of a file that only the owner can have written.
fn text(path: &Path) -> Result<Option<String>, Error> {
    let bytes = files::read_private(path, MAX_TEXT).map_err(Error::unreadable(path))?;
    let text = bytes.map(String::from_utf8).transpose();
    text.map_err(|_| Error::Damaged(path.into()))
}

fn is_promised(state: &Path) -> Result<bool, Error> {
    let path = state.join(IDENTITY);
    std::fs::exists(&path).map_err(Error::file(&path))
}

/// Notes outside the log that there is one.
fn promised(state: &Path, log: Log) -> Result<Log, Error> {
    let path = state.join(IDENTITY);
    if !is_promised(state)? {
        let text = format!("{}\n", log.identity()?.to_json());
        files::replace(&path, text.as_bytes()).map_err(Error::file(&path))?;
    }
    Ok(log)
}

/// How the log of a state folder is written.
pub(crate) fn options(state: &Path, choices: &Choices, key: Key) -> Options {
    Options {
        durability: choices.durability(),
        busy: choices.busy(),
        allow_network: choices.allow_network,
        host: host(),
        details_limit: MAX_DETAILS,
        spool: Some(state.join(SPOOL)),
        redact: Some(redact::for_trail(state, &key)),
        details_key: key.into_details(),
        alerts: alerts::rules(state),
        ..Options::default()
    }
}

fn host() -> String {
    #[cfg(unix)]
    return rustix::system::uname()
        .nodename()
        .to_string_lossy()
        .into_owned();
    #[cfg(not(unix))]
    String::new()
}

/// Keeps the checkpoint over all entries outside the log, at the end of a session.
pub(crate) fn keep_checkpoint(state: &Path, log: &mut Log) -> Result<(), Error> {
    let path = state.join(CHECKPOINT);
    let note = log.checkpoint()?.to_string();
    files::replace(&path, note.as_bytes()).map_err(Error::file(&path))
}

#[cfg(test)]
mod tests;
