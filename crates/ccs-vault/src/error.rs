use std::io;
use std::path::{Path, PathBuf};

use crate::{Name, SlotKind, provider};

/// Why a vault operation did not happen.
///
/// *Missing*, *wrong key*, *corrupt* and *newer version* are four different errors, because the
/// next step after each is another one. Nothing is ever made anew in the place of what is missing
/// or damaged. No variant holds a byte of a secret.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A file the operation needs is not there.
    #[error("`{}` is not there; {next}", path.display())]
    Missing {
        /// The file.
        path: PathBuf,
        /// What to do about it.
        next: &'static str,
    },
    /// A vault is to be made where one is, or was.
    #[error("`{}` is already there; open it, or move it away first", path.display())]
    Exists {
        /// The file in the way.
        path: PathBuf,
    },
    /// No slot of this kind opens with the key given. The file itself is intact.
    #[error("`{}` does not open with this {kind}; {}", path.display(), kind.next())]
    WrongKey {
        /// The vault file.
        path: PathBuf,
        /// The kind of key that was tried.
        kind: SlotKind,
    },
    /// The file was cut, changed or is something else.
    #[error("`{}` is damaged: {what}; {next}", path.display())]
    Corrupt {
        /// The damaged file.
        path: PathBuf,
        /// What does not fit.
        what: &'static str,
        /// What to do about it.
        next: &'static str,
    },
    /// A newer ccs wrote the file.
    #[error("`{}` has format {version}, which is newer than this ccs; update ccs", path.display())]
    NewerVersion {
        /// The file.
        path: PathBuf,
        /// Its format's version.
        version: u32,
    },
    /// Other users could read or change a file, or it is a link.
    #[error("`{}` is not safe to use: {problem}; {fix}", path.display())]
    Insecure {
        /// The file or folder.
        path: PathBuf,
        /// What is wrong with it.
        problem: String,
        /// What puts it right.
        fix: String,
    },
    /// The operating system refused.
    #[error("cannot {action} `{}`", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What was tried: read, write, lock.
        action: &'static str,
        /// What the system said.
        source: io::Error,
    },
    /// The vault was given a new master key after this handle was opened.
    #[error("`{}` was given a new master key in the meantime; open it again", path.display())]
    Rekeyed {
        /// The vault file.
        path: PathBuf,
    },
    /// The vault would outgrow its file's limit.
    #[error("the vault would be longer than {limit} bytes; remove entries or shorten histories")]
    Full {
        /// The limit in bytes.
        limit: u64,
    },
    /// No entry has this name.
    #[error("no entry is called `{name}`")]
    NoEntry {
        /// The name asked for.
        name: Name,
    },
    /// Another entry has this name already.
    #[error("an entry is already called `{name}`")]
    NameTaken {
        /// The name that is taken.
        name: Name,
    },
    /// The entry is of another kind than the operation needs.
    #[error("`{name}` is not {wanted}")]
    OtherKind {
        /// The entry.
        name: Name,
        /// What was expected of it.
        wanted: &'static str,
    },
    /// The entry has no older value.
    #[error("`{name}` has no older value to go back to")]
    NoHistory {
        /// The entry.
        name: Name,
    },
    /// The entry's expiry has passed.
    #[error("`{name}` has expired; rotate it or move its expiry")]
    Expired {
        /// The entry.
        name: Name,
    },
    /// A name, category, note, value or parameter breaks its rule.
    #[error("this {what} cannot be used: {why}")]
    Invalid {
        /// What it is.
        what: &'static str,
        /// The rule it breaks.
        why: &'static str,
    },
    /// The vault has no such slot.
    #[error("the vault has no {kind} slot")]
    NoSlot {
        /// The kind asked for.
        kind: SlotKind,
    },
    /// The last way into a vault cannot be removed.
    #[error("this is the last slot; add another before removing it")]
    LastSlot,
    /// A new master key can be wrapped only for slots whose key is given.
    #[error("slot {id} ({kind}) needs its key to be wrapped anew; give it or remove the slot")]
    SlotLocked {
        /// The slot's number.
        id: u32,
        /// Its kind.
        kind: SlotKind,
    },
    /// The operating system's keyring refused.
    #[error("the system keyring refused: {why}")]
    Keyring {
        /// What the keyring said.
        why: String,
    },
    /// A command that was to give a secret did not.
    #[error("the command of `{name}` gave no secret")]
    Provider {
        /// The entry.
        name: Name,
        /// What happened.
        source: provider::Fault,
    },
    /// A program could not be run, or not be heard.
    #[error("cannot run `{}`", program.display())]
    Run {
        /// The program.
        program: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// Too many wrong codes; none is looked at for a while.
    #[error("too many wrong codes; the next is looked at in {seconds} seconds")]
    Wait {
        /// How long.
        seconds: u64,
    },
    /// The operating system gave no random bytes.
    #[error("the operating system gives no random bytes")]
    Random,
    /// The file given for migration could not be verified in the vault, and was left as it is.
    #[error("`{}` was stored but did not read back the same; it is left as it is", path.display())]
    NotVerified {
        /// The plaintext file.
        path: PathBuf,
    },
}

impl Error {
    pub(crate) fn file(path: &Path, action: &'static str, source: io::Error) -> Self {
        Self::File {
            path: path.to_owned(),
            action,
            source,
        }
    }
}

/// What every operation here returns.
pub type Result<T, E = Error> = std::result::Result<T, E>;
