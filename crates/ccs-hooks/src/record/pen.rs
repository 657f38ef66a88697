//! Writes entries where they can be written: into the log, else into its spool, else into the
//! spool beside it.

use std::path::Path;

use ccs_audit::{Entry, Error, Kept, Log, Options, Receipt};

use crate::alerts;
use crate::failure::Failure;
use crate::files;
use crate::trail::{self, Choices, Key};

/// A spool longer than this is chained before anything is added, in bytes: whoever appends next
/// reads all of it.
const MAX_WAITING: u64 = 256 << 10;

/// The writer of one event.
pub(super) struct Pen<'s> {
    pub(super) state: &'s Path,
    pub(super) choices: Choices,
    log: Option<Log>,
    /// What the user should be told.
    pub(super) notes: Vec<String>,
}

impl<'s> Pen<'s> {
    pub(super) fn new(state: &'s Path) -> Self {
        Self {
            state,
            // choices that cannot be read are told when a session starts
            choices: Choices::read(state).unwrap_or_default(),
            log: None,
            notes: Vec::new(),
        }
    }

    /// Leaves an entry for the next writer, unencrypted, or appends it if that does not do.
    ///
    /// # Errors
    ///
    /// [`Failure::Trail`] if it is kept nowhere.
    pub(super) fn defer(&mut self, entry: Entry) -> Result<(), Failure> {
        let folder = trail::folder(self.state);
        let waiting = std::fs::metadata(folder.join("spool.jsonl")).map_or(0, |meta| meta.len());
        if waiting < MAX_WAITING && folder.join("log.json").exists() {
            let options = Options {
                durability: self.choices.durability(),
                ..Options::default()
            };
            if ccs_audit::defer(&folder, &options, entry.clone()).is_ok() {
                return Ok(());
            }
        }
        self.append(entry)
    }

    /// Appends an entry.
    ///
    /// # Errors
    ///
    /// [`Failure::Trail`] if it is kept nowhere.
    pub(super) fn append(&mut self, entry: Entry) -> Result<(), Failure> {
        let copy = entry.clone();
        match self.log().and_then(|log| Ok(log.append(entry)?)) {
            Ok(receipt) => self.heed(receipt),
            Err(error) => self.put_beside(copy, error)?,
        }
        Ok(())
    }

    /// The log, which is founded if there never was one.
    pub(super) fn log(&mut self) -> Result<&mut Log, trail::Error> {
        let log = match self.log.take() {
            Some(log) => log,
            None => trail::found_with(self.state, &self.choices)?,
        };
        Ok(self.log.insert(log))
    }

    fn heed(&mut self, receipt: Receipt) {
        // that others were writing for long is nobody's trouble
        if let Kept::Spooled { path, why } = receipt.kept
            && !matches!(why, Error::Locked { .. })
        {
            self.waits(&path, &why.to_string());
        }
        for alert in receipt.alerts {
            let note = alerts::raised(self.state, &alert.name, alert.count);
            self.notes.push(note);
        }
    }

    /// The log's folder is gone or takes nothing: the folder beside it may.
    fn put_beside(&mut self, entry: Entry, error: trail::Error) -> Result<(), Failure> {
        let beside = self.state.join(trail::SPOOL);
        let key = Key::read(self.state).unwrap_or(Key::Missing);
        let options = trail::options(self.state, &self.choices, key);
        let put = files::make_private_folder(&beside)
            .is_ok()
            .then(|| ccs_audit::defer(&trail::folder(self.state), &options, entry));
        match put {
            Some(Ok(deferred)) => {
                self.waits(&deferred.path, &error.to_string());
                Ok(())
            }
            _ => Err(Failure::Trail(error)),
        }
    }

    fn waits(&mut self, path: &Path, why: &str) {
        let note = format!(
            "ccs: the audit log cannot be written: {why}. Entries wait in `{}`.",
            path.display()
        );
        if !self.notes.contains(&note) {
            self.notes.push(note);
        }
    }

    /// Closes the epoch, and keeps its checkpoint outside the log.
    pub(super) fn seal(&mut self) {
        let state = self.state;
        let sealed = self
            .log()
            .and_then(|log| trail::keep_checkpoint(state, log));
        // the epoch ends by itself after a while
        if let Err(error) = sealed {
            self.notes.push(format!("ccs: no checkpoint: {error}."));
        }
    }
}
