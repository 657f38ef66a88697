//! Checking a log: every entry, every link, every checkpoint, and the end.
//!
//! What can be checked depends on what the caller knows that whoever changed the log did not: the
//! root key, the log's identity, checkpoints kept elsewhere, witnesses. The [`Report`] says what
//! is wrong and also what could not be checked.

use crate::error::Result;
use crate::hash::Hash;
use crate::keyfile::KeyFiles;
use crate::keys::{Identity, RootKey};
use crate::note::{Note, Verifier};
use crate::read::Reader;

mod fault;
mod index;
mod notes;
mod replay;
mod signed;

pub use fault::{Fault, Unchecked};
use replay::Replay;

/// The most faults a report lists.
const MAX_FAULTS: usize = 200;

/// What the caller knows from elsewhere.
#[derive(Clone, Debug, Default)]
pub struct Expect<'a> {
    /// Checks every seal, and so names the exact entry that was changed.
    pub root: Option<&'a RootKey>,
    /// The identity the log had when it was founded: shows a log founded anew.
    pub identity: Option<&'a Identity>,
    /// Witnesses whose cosignatures count.
    pub witnesses: Vec<Verifier>,
    /// Checkpoints of this log kept elsewhere, by a witness or in a transcript: show a log that was
    /// cut, put back or forked.
    pub signed: Vec<Note>,
}

/// What a check found.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// Entries looked at.
    pub entries: u64,
    /// The first and the last of them.
    pub span: Option<(u64, u64)>,
    /// Segments looked at.
    pub segments: u64,
    /// Checkpoints looked at.
    pub checkpoints: u64,
    /// The epoch the log is in.
    pub epoch: u64,
    /// The name of the newest tree, its size and root.
    pub origin: String,
    /// The size of the newest tree.
    pub size: u64,
    /// Its root; `None` if not all its entries are here as they were written.
    pub root: Option<Hash>,
    /// The tag of the last entry.
    pub head: Hash,
    /// What is wrong, at most 200 faults in the order of the log.
    pub faults: Vec<Fault>,
    /// How many faults there are.
    pub fault_count: u64,
    /// What could not be checked, and why.
    pub unchecked: Vec<Unchecked>,
    /// The newest checkpoint each known witness has signed.
    pub cosigned: Vec<Cosigned>,
    /// Entries before which the clock was set: their number and the step in microseconds.
    pub clock_steps: Vec<(u64, i64)>,
}

/// That a witness has seen the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cosigned {
    /// The witness.
    pub witness: String,
    /// The size of the tree it saw.
    pub size: u64,
    /// When, in seconds since 1970.
    pub time: u64,
}

impl Report {
    /// Whether nothing is wrong with what could be checked.
    #[must_use]
    pub fn is_intact(&self) -> bool {
        self.fault_count == 0
    }

    /// The answer in the form of the original's `verify_chain`: valid, `entries_checked`,
    /// `first_broken` (from 1), error.
    #[must_use]
    pub fn to_legacy_json(&self) -> serde_json::Value {
        let first = self.faults.first();
        serde_json::json!({
            "valid": self.is_intact(),
            "entries_checked": self.entries,
            "first_broken": first.and_then(Fault::seq).map(|seq| seq + 1),
            "error": first.map(ToString::to_string),
        })
    }

    fn fault(&mut self, fault: Fault) {
        self.fault_count += 1;
        if self.faults.len() < MAX_FAULTS && !self.faults.contains(&fault) {
            self.faults.push(fault);
        }
    }

    fn leave(&mut self, unchecked: Unchecked) {
        if !self.unchecked.contains(&unchecked) {
            self.unchecked.push(unchecked);
        }
    }
}

/// Checks the segments that `reader` has open.
///
/// # Errors
///
/// Why the log cannot be read. What is wrong with what can be read is in the report.
pub fn verify(reader: &Reader, expect: &Expect<'_>) -> Result<Report> {
    // read first: the log may only be longer than what the key file remembers
    let current = KeyFiles::new(&reader.folder).current().ok();
    let stored = reader.identity().ok().flatten();
    let mut replay = Replay::new(expect, stored);
    for segment in &reader.segments {
        replay.segment(segment)?;
    }
    Ok(replay.finish(current.as_ref()))
}
