//! What a writer may choose.

use std::path::PathBuf;
use std::time::Duration;

use crate::alert;
use crate::keys::{DetailsKey, RootKey};
pub use crate::segment::Durability;

/// What a writer may choose. The default writes to an existing log, details in plain text.
pub struct Options {
    /// Found the log if there is none. Without it, a missing log is an error.
    pub found: Option<Founding>,
    /// When an entry counts as written.
    pub durability: Durability,
    /// How long to wait for other writers before the entry goes to the spool.
    pub busy: Duration,
    /// Encrypts details under a key of their session's own.
    pub details_key: Option<DetailsKey>,
    /// Applied to `target` and `details` before anything is hashed or written.
    pub redact: Option<Redact>,
    /// Details are cut at this many bytes, at most 32 KiB.
    pub details_limit: usize,
    /// The machine's name, for entries that give none.
    pub host: String,
    /// An epoch ends after this many entries.
    pub epoch_entries: u64,
    /// An epoch ends with the first entry that comes this long after its beginning.
    pub epoch_age: Duration,
    /// When a segment is closed and the next begun.
    pub rotate: Rotate,
    /// Write to a network file system all the same, with a rollback journal, slowly. Only one
    /// machine may do so at a time.
    pub allow_network: bool,
    /// Another folder for the spool, for when the log's own cannot be written. It must be private.
    pub spool: Option<PathBuf>,
    /// Looked at with every entry.
    pub alerts: Vec<alert::Rule>,
}

/// Takes out of a text what must not be remembered.
pub type Redact = Box<dyn Fn(&str) -> String + Send>;

impl Default for Options {
    fn default() -> Self {
        Self {
            found: None,
            durability: Durability::Normal,
            busy: Duration::from_secs(5),
            details_key: None,
            redact: None,
            details_limit: 16 << 10,
            host: String::new(),
            epoch_entries: 256,
            epoch_age: Duration::from_secs(600),
            rotate: Rotate::default(),
            allow_network: false,
            spool: None,
            alerts: Vec::new(),
        }
    }
}

impl Options {
    /// How many bytes of details are kept, so that an entry stays below its own bound.
    pub(crate) fn limit(&self) -> usize {
        self.details_limit.min(32 << 10)
    }
}

/// How a log is founded.
#[derive(Debug, Default)]
pub struct Founding {
    /// The root key, which the caller keeps elsewhere. Without one a root key is made and lies in
    /// the log's folder until [`Log::forget_root`](crate::Log::forget_root); until then whoever can
    /// read the folder can forge the past.
    pub root: Option<RootKey>,
    /// The log's name in checkpoints, without spaces and plus signs, such as
    /// `build-7.example.com/ccs`. By default a random one.
    pub origin: Option<String>,
}

/// When a segment is closed. Checked whenever an epoch ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rotate {
    /// After this many entries.
    pub entries: u64,
    /// When its file is this long.
    pub bytes: u64,
    /// When its first entry is this old.
    pub age: Option<Duration>,
}

impl Default for Rotate {
    fn default() -> Self {
        Self {
            entries: 1_000_000,
            bytes: 512 << 20,
            age: None,
        }
    }
}
