//! Writing: entries go in, at the end, one after the other.

use std::path::{Path, PathBuf};

use crate::alert::Alert;
use crate::defer::{dressed, sealed};
use crate::entry::{Draft, Entry, clip};
use crate::error::{Error, Result};
use crate::hash::{Hash, MacKey};
use crate::keyfile::KeyFiles;
use crate::keys::{Identity, RootKey};
use crate::note::{self, Note, Signature};
use crate::options::Options;
use crate::segment::Segment;
use crate::session::Sessions;
use crate::{place, spool};

mod archive;
mod begin;
mod pen;
#[cfg(test)]
mod tests;

pub use archive::{Archived, Fate};
pub(crate) use archive::{EVENT as ARCHIVE_EVENT, archived_number};
pub(crate) use begin::segments;
pub(crate) use pen::next_key_line;
use pen::{Pen, Standing};

/// A log that entries can be appended to.
///
/// Any number of processes may hold one; each append is one transaction.
pub struct Log {
    folder: PathBuf,
    options: Options,
    keys: KeyFiles,
    sessions: Option<Sessions>,
    /// Whether a write-ahead log may be used.
    wal: bool,
    segment: Option<Segment>,
}

/// What became of an entry.
#[derive(Debug)]
pub struct Receipt {
    /// Where it is now.
    pub kept: Kept,
    /// Alerts that it set off.
    pub alerts: Vec<Alert>,
    /// Why its details were left out, if they could not be encrypted. The entry says so too.
    pub withheld: Option<Error>,
}

/// Where an entry is kept.
#[derive(Debug)]
pub enum Kept {
    /// In the log.
    Chained(Chained),
    /// In the spool, on the disk. The next writer that can will chain it.
    Spooled {
        /// The spool's file.
        path: PathBuf,
        /// Why it could not be chained at once.
        why: Error,
    },
}

/// An entry's place in the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Chained {
    /// Its number.
    pub seq: u64,
    /// The hash of its canonical bytes as a leaf of the tree.
    pub leaf: Hash,
    /// The number of entries in the tree now.
    pub size: u64,
}

impl Receipt {
    /// The entry's number, if it is in the log.
    #[must_use]
    pub fn seq(&self) -> Option<u64> {
        match &self.kept {
            Kept::Chained(chained) => Some(chained.seq),
            Kept::Spooled { .. } => None,
        }
    }
}

/// What to do once the log is locked.
enum Job<'a> {
    Append(&'a Draft),
    Checkpoint,
    Cosign(u64, &'a str),
}

enum Attempt {
    Done(Option<(Chained, Vec<Alert>)>),
    /// This segment is no longer the place to write.
    GoOn(Standing),
}

impl Log {
    /// Opens the log in `folder`, founding it if `options` say so.
    ///
    /// # Errors
    ///
    /// [`Error::Missing`], [`Error::Insecure`], [`Error::Network`], or whatever keeps the log from
    /// being founded. A log that is there but cannot be written just now opens: its entries are
    /// spooled.
    pub fn open(folder: &Path, options: Options) -> Result<Self> {
        if options.found.is_some() && !folder.exists() {
            place::make_folder(folder)?;
        }
        place::check_folder(folder)?;
        let keys = KeyFiles::new(folder);
        let sessions = options
            .details_key
            .as_ref()
            .map(|key| Sessions::new(folder, key));
        let wal = begin::journal(folder, options.allow_network)?;
        let mut log = Self {
            folder: folder.into(),
            options,
            keys,
            sessions,
            wal,
            segment: None,
        };
        match log.ready() {
            Err(error @ Error::Missing { .. }) => Err(error),
            Err(error) if begin::latest(folder)?.is_none() => Err(error),
            _ => Ok(log),
        }
    }

    /// The log's public keys.
    ///
    /// # Errors
    ///
    /// [`Error::Missing`] or [`Error::Corrupt`] if they cannot be read.
    pub fn identity(&self) -> Result<Identity> {
        let missing = || Error::Missing {
            path: self.folder.clone(),
        };
        self.keys.identity()?.ok_or_else(missing)
    }

    /// The root key, if it still lies in the log's folder.
    ///
    /// # Errors
    ///
    /// [`Error::KeyCorrupt`] if it is damaged.
    pub fn root(&self) -> Result<Option<RootKey>> {
        self.keys.root()
    }

    /// Destroys the root key in the log's folder. Call it once the key is safe elsewhere: the
    /// seals of closed epochs can be checked with it alone.
    ///
    /// # Errors
    ///
    /// [`Error::File`] if the key is still there.
    pub fn forget_root(&self) -> Result<()> {
        self.keys.drop_root()
    }

    /// Appends an entry, after those that wait in the spool.
    ///
    /// # Errors
    ///
    /// [`Error::Lost`] if it could be neither chained nor spooled. Every other difficulty ends in
    /// the spool and is told in the [`Receipt`].
    pub fn append(&mut self, entry: Entry) -> Result<Receipt> {
        let (draft, withheld) = self.draft(entry);
        match self.write(&Job::Append(&draft)) {
            Ok(Some((chained, alerts))) => Ok(Receipt {
                kept: Kept::Chained(chained),
                alerts,
                withheld,
            }),
            Ok(None) => unreachable!("an append that is done has a place"),
            Err(why) => match self.spool(&draft) {
                Ok(path) => Ok(Receipt {
                    kept: Kept::Spooled { path, why },
                    alerts: Vec::new(),
                    withheld,
                }),
                Err(spool) => Err(Error::Lost {
                    chain: Box::new(why),
                    spool: Box::new(spool),
                }),
            },
        }
    }

    /// Closes the epoch, if it holds an entry, and returns the checkpoint over all entries.
    ///
    /// Worth doing when a session ends: what a checkpoint covers is sealed under a key that is
    /// then gone.
    ///
    /// # Errors
    ///
    /// Whatever keeps the log from being written.
    pub fn checkpoint(&mut self) -> Result<Note> {
        self.write(&Job::Checkpoint)?;
        let segment = self.ready()?;
        let found = segment.checkpoint(None)?;
        let (_, note) = found.ok_or(Error::NotCheckpointed {
            seq: segment.seam.first,
        })?;
        Ok(note::parse(&note)?)
    }

    /// Adds a witness's cosignature to the checkpoint over `size` entries.
    ///
    /// # Errors
    ///
    /// [`Error::NotCheckpointed`] if there is no such checkpoint, [`note::Error::Note`] if `line`
    /// is not a signature. The signature is not verified: that needs the witness's key.
    pub fn cosign(&mut self, size: u64, line: &str) -> Result<()> {
        let line = line.trim_end_matches('\n');
        Signature::read(line).ok_or(note::Error::Note("not a signature line"))?;
        self.write(&Job::Cosign(size, line)).map(drop)
    }

    fn draft(&mut self, entry: Entry) -> (Draft, Option<Error>) {
        let (entry, time, uptime) = dressed(&self.options, entry);
        let text = clip(&entry.details, self.options.limit());
        let (details, withheld) = sealed(self.sessions.as_mut(), &entry.session, text);
        (Draft::new(&entry, &details, time, uptime), withheld)
    }

    /// The open segment; opens the newest if none is open.
    fn ready(&mut self) -> Result<&Segment> {
        if self.segment.is_none() {
            let number = match begin::latest(&self.folder)? {
                Some(number) => number,
                None => self.found()?,
            };
            let path = self.folder.join(Segment::file_name(number));
            self.segment = Some(Segment::open(&path, self.access())?);
        }
        Ok(self.segment.as_ref().expect("opened above"))
    }

    fn write(&mut self, job: &Job<'_>) -> Result<Option<(Chained, Vec<Alert>)>> {
        let mut refused = None;
        for _ in 0..6 {
            let attempt = match self.ready() {
                Ok(_) => self.attempt(job),
                Err(error) => Err(error),
            };
            match attempt {
                Ok(Attempt::Done(done)) => return Ok(done),
                Ok(Attempt::GoOn(standing)) => self.go_on(standing)?,
                // the file was set aside or archived under our feet
                Err(Error::Missing { .. }) if refused.is_none() => self.segment = None,
                Err(error @ Error::Corrupt { .. }) if refused.is_none() => {
                    self.set_aside()?;
                    refused = Some(error);
                }
                Err(error) => return Err(error),
            }
        }
        Err(refused.unwrap_or_else(|| Error::Missing {
            path: self.folder.clone(),
        }))
    }

    fn attempt(&self, job: &Job<'_>) -> Result<Attempt> {
        let segment = self.segment.as_ref().expect("made ready");
        let transaction = segment.begin()?;
        if !segment.path.exists() {
            return Err(Error::Missing {
                path: segment.path.clone(),
            });
        }
        let mut pen = match Pen::new(segment, &self.keys, &self.options)? {
            Ok(pen) => pen,
            Err(standing) => return Ok(Attempt::GoOn(standing)),
        };
        let spools = pen.drain(&self.spools())?;
        let done = match job {
            Job::Append(draft) => Some(pen.append(draft)?),
            Job::Checkpoint => pen.checkpoint().map(|()| None)?,
            Job::Cosign(size, line) => pen.cosign(*size, line).map(|()| None)?,
        };
        let turned = pen.finish();
        segment.commit(transaction)?;
        for spool in spools {
            spool.clear();
        }
        // all that follows is upkeep: if it fails, the next writer does it
        if let Some(current) = turned
            && segment.sync().is_ok()
        {
            let _ = self.keys.advance(&current);
        }
        segment.fold_if_long();
        Ok(Attempt::Done(done))
    }

    /// The folders in which entries may wait.
    fn spools(&self) -> Vec<&Path> {
        let elsewhere = self.options.spool.as_deref();
        elsewhere
            .into_iter()
            .chain([self.folder.as_path()])
            .collect()
    }

    fn spool(&self, draft: &Draft) -> Result<PathBuf> {
        let key = self.keys.log().ok().map(|keys| MacKey::new(&keys.spool));
        let mut refused = None;
        for folder in self.spools().into_iter().rev() {
            match spool::put(folder, draft, key.as_ref(), true) {
                Ok(put) => return Ok(put.path),
                Err(error) => refused = Some(error),
            }
        }
        Err(refused.expect("there is always the log's own folder"))
    }
}
