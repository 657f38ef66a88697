//! Why an operation on the log did not happen.

use std::io;
use std::path::PathBuf;
use std::time::Duration;

use crate::note;

/// Why an operation on the log did not happen.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// There is no log in the folder, and none was to be created.
    #[error("no audit log in `{}`", path.display())]
    Missing {
        /// The log's folder.
        path: PathBuf,
    },
    /// The folder or a file in it belongs to another user or is open to others.
    #[error("`{}` is {why}", path.display())]
    Insecure {
        /// What was found.
        path: PathBuf,
        /// In which way.
        why: &'static str,
    },
    /// The folder is on a network file system, whose locks SQLite cannot rely on.
    #[error("`{}` is on a network file system ({kind})", path.display())]
    Network {
        /// The log's folder.
        path: PathBuf,
        /// Which one.
        kind: &'static str,
    },
    /// Another process kept the database locked.
    #[error("`{}` stayed locked for {} ms", path.display(), waited.as_millis())]
    Locked {
        /// The database.
        path: PathBuf,
        /// How long was waited.
        waited: Duration,
    },
    /// The disk is full.
    #[error("no space left to write `{}`", path.display())]
    Full {
        /// What was written.
        path: PathBuf,
    },
    /// The database or its folder cannot be written.
    #[error("`{}` is read-only", path.display())]
    ReadOnly {
        /// The database.
        path: PathBuf,
    },
    /// The database is damaged.
    #[error("`{}` is damaged: {why}", path.display())]
    Corrupt {
        /// The database.
        path: PathBuf,
        /// What SQLite or the log says about it.
        why: String,
    },
    /// Another failure of the database.
    #[error("database `{}`: {why}", path.display())]
    Database {
        /// The database.
        path: PathBuf,
        /// What SQLite says.
        why: String,
    },
    /// A newer version of this program has written the file.
    #[error("`{}` has format {found}; this version knows {known}", path.display())]
    Newer {
        /// The file.
        path: PathBuf,
        /// Its format.
        found: u32,
        /// The newest format known here.
        known: u32,
    },
    /// A key file is not there.
    #[error("the key file `{}` is missing", path.display())]
    KeyMissing {
        /// Where it should be.
        path: PathBuf,
    },
    /// A key file is there and is damaged.
    #[error("the key file `{}` is damaged", path.display())]
    KeyCorrupt {
        /// The file.
        path: PathBuf,
    },
    /// A key is there and is another log's.
    #[error("the key in `{}` belongs to another log", path.display())]
    WrongKey {
        /// The file.
        path: PathBuf,
    },
    /// A file could not be read or written.
    #[error("`{}`", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What the operating system says.
        source: io::Error,
    },
    /// An entry could neither be chained nor spooled. It is not remembered anywhere.
    #[error("not recorded: {chain}; and the spool failed")]
    Lost {
        /// Why it could not be chained.
        chain: Box<Error>,
        /// Why it could not be spooled.
        #[source]
        spool: Box<Error>,
    },
    /// There is no such entry.
    #[error("there is no entry {seq}")]
    NoEntry {
        /// Its number.
        seq: u64,
    },
    /// No checkpoint covers the entry yet.
    #[error("no checkpoint covers entry {seq} yet")]
    NotCheckpointed {
        /// Its number.
        seq: u64,
    },
    /// What is asked for needs a segment that has been archived or is gone.
    #[error("entry {seq} is in a segment that is not here")]
    Elsewhere {
        /// An entry of the segment.
        seq: u64,
    },
    /// A note, checkpoint or key is not what it should be.
    #[error(transparent)]
    Note(#[from] note::Error),
    /// The operating system gave no random bytes.
    #[error("the operating system gave no random bytes")]
    Random,
}

/// The result of an operation on the log.
pub type Result<T, E = Error> = std::result::Result<T, E>;

impl Error {
    pub(crate) fn file(path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |source| match source.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::Full { path },
            io::ErrorKind::ReadOnlyFilesystem => Self::ReadOnly { path },
            _ => Self::File { path, source },
        }
    }
}
