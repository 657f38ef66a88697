//! Reading: the segments of a log as one run of entries.

use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::entry::{Record, View};
use crate::error::{Error, Result};
use crate::hash::Hash;
use crate::keyfile::KeyFiles;
use crate::keys::{DetailsKey, Identity};
use crate::log::segments;
use crate::merkle;
use crate::note::{self, Note};
use crate::place;
use crate::proof::Proof;
use crate::segment::{Access, Columns, Segment};
use crate::session::{self, Sessions};

const BUSY: Duration = Duration::from_secs(5);

/// A log that entries are read from, while others write.
pub struct Reader {
    pub(crate) folder: PathBuf,
    archives: Vec<PathBuf>,
    pub(crate) segments: Vec<Segment>,
    sessions: Option<Sessions>,
}

/// An entry with the hashes that tie it in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stored {
    /// The entry.
    pub record: Record,
    /// The hash of its canonical bytes as a leaf of the tree.
    pub leaf: Hash,
    /// The tag that ties it to the entry before.
    pub mac: Hash,
}

impl Reader {
    /// Opens the log in `folder`. With the key, encrypted details are shown as text.
    ///
    /// # Errors
    ///
    /// [`Error::Missing`], [`Error::Insecure`], or why a segment cannot be opened.
    pub fn open(folder: &Path, details_key: Option<&DetailsKey>) -> Result<Self> {
        Self::with_archives(folder, details_key, &[])
    }

    /// The same, with the segments that were moved into these folders.
    ///
    /// # Errors
    ///
    /// As [`Reader::open`].
    pub fn with_archives(
        folder: &Path,
        details_key: Option<&DetailsKey>,
        archives: &[PathBuf],
    ) -> Result<Self> {
        place::check_folder(folder)?;
        let sessions = details_key.map(|key| Sessions::new(folder, key));
        let mut reader = Self {
            folder: folder.into(),
            archives: archives.to_vec(),
            segments: Vec::new(),
            sessions,
        };
        reader.refresh()?;
        if reader.segments.is_empty() && reader.identity()?.is_none() {
            return Err(Error::Missing {
                path: folder.into(),
            });
        }
        Ok(reader)
    }

    /// Opens segments that were begun since.
    ///
    /// # Errors
    ///
    /// Why a segment cannot be opened.
    pub fn refresh(&mut self) -> Result<()> {
        let mut found = segments(&self.folder)?;
        for archive in &self.archives {
            found.extend(segments(archive)?);
        }
        found.sort();
        found.dedup_by_key(|(number, _)| *number);
        let known = |path: &Path, open: &[Segment]| open.iter().any(|one| one.path == path);
        for (_, path) in found {
            if !known(&path, &self.segments) {
                self.segments
                    .push(Segment::open(&path, Access::Read { busy: BUSY })?);
            }
        }
        self.segments.retain(|segment| segment.path.exists());
        self.segments.sort_by_key(|segment| segment.seam.segment);
        Ok(())
    }

    /// The log's public keys; `None` if the file that holds them is gone.
    ///
    /// # Errors
    ///
    /// [`Error::Corrupt`] if it is damaged.
    pub fn identity(&self) -> Result<Option<Identity>> {
        KeyFiles::new(&self.folder).identity()
    }

    /// Whether the root key lies beside the log, where whoever takes the one takes the other.
    #[must_use]
    pub fn has_root(&self) -> bool {
        KeyFiles::new(&self.folder).has_root()
    }

    /// The segment that holds entry `seq`, if it is here.
    pub(crate) fn segment_of(&self, seq: u64) -> Option<&Segment> {
        self.segments
            .iter()
            .rev()
            .find(|segment| segment.seam.first <= seq)
    }

    /// The number of the last entry; `None` if there are none.
    ///
    /// # Errors
    ///
    /// Why it cannot be read.
    pub fn last(&self) -> Result<Option<u64>> {
        self.segments
            .last()
            .map(|segment| segment.tail().map(|row| row.seq))
            .transpose()
    }

    /// Entry `seq`.
    ///
    /// # Errors
    ///
    /// [`Error::NoEntry`] if there is none, [`Error::Elsewhere`] if its segment is not here.
    pub fn entry(&mut self, seq: u64) -> Result<Stored> {
        let Some(segment) = self.segment_of(seq) else {
            return Err(Error::Elsewhere { seq });
        };
        let row = segment.row(seq)?.ok_or(Error::NoEntry { seq })?;
        self.stored(&row.body, &row.mac)
            .ok_or_else(|| Error::Corrupt {
                path: self.folder.clone(),
                why: format!("entry {seq} cannot be read"),
            })
    }

    pub(crate) fn stored(&mut self, body: &[u8], mac: &[u8]) -> Option<Stored> {
        let record = View::read(body)?.to_record();
        let (leaf, mac) = (
            merkle::leaf_hash(body),
            Hash::from_slice(mac).unwrap_or_default(),
        );
        Some(Stored {
            record: self.opened(record),
            leaf,
            mac,
        })
    }

    fn opened(&mut self, mut record: Record) -> Record {
        let details = std::mem::take(&mut record.details);
        let sessions = self.sessions.as_mut();
        record.details = session::read_details(&self.folder, sessions, &record.session, details);
        record
    }

    /// Entries after `seq` (or from the first), at most `limit`: what there is to follow. Those that
    /// cannot be read are left out; [`verify`](crate::verify::verify) names them.
    ///
    /// # Errors
    ///
    /// Why they cannot be read.
    pub fn after(&mut self, seq: Option<u64>, limit: usize) -> Result<Vec<Stored>> {
        let from = seq.map_or(0, |seq| seq.saturating_add(1));
        let mut raw = Vec::new();
        for segment in &self.segments {
            segment.rows(Columns::Tags, from, |row| {
                if raw.len() < limit && View::read(&row.body).is_some() {
                    raw.push((row.body.clone(), row.mac.clone()));
                }
                Ok(raw.len() < limit)
            })?;
        }
        Ok(raw
            .iter()
            .filter_map(|(body, mac)| self.stored(body, mac))
            .collect())
    }

    /// The newest checkpoint.
    ///
    /// # Errors
    ///
    /// Why it cannot be read.
    pub fn checkpoint(&self) -> Result<Option<Note>> {
        for segment in self.segments.iter().rev() {
            if let Some((_, note)) = segment.checkpoint(None)? {
                return Ok(Some(note::parse(&note)?));
            }
        }
        Ok(None)
    }

    /// A proof that entry `seq` is in the log, against the newest checkpoint of its tree that
    /// covers it. It carries the entry's canonical bytes as extra data.
    ///
    /// # Errors
    ///
    /// [`Error::NoEntry`], [`Error::NotCheckpointed`], or [`Error::Elsewhere`].
    pub fn prove(&self, seq: u64) -> Result<Proof> {
        let segment = self.segment_of(seq).ok_or(Error::Elsewhere { seq })?;
        let row = segment.row(seq)?.ok_or(Error::NoEntry { seq })?;
        let index = seq - segment.seam.base;
        let covering = self.newest_checkpoint(segment.seam.generation)?;
        let (size, note) = covering
            .filter(|(size, _)| *size > index)
            .ok_or(Error::NotCheckpointed { seq })?;
        let base = segment.seam.base;
        let path = merkle::inclusion(index, size, |level, at| self.node(base, level, at))?;
        Ok(Proof {
            extra: Some(row.body),
            index,
            path,
            checkpoint: note::parse(&note)?,
        })
    }

    fn newest_checkpoint(&self, generation: u32) -> Result<Option<(u64, String)>> {
        let of_tree = self
            .segments
            .iter()
            .rev()
            .filter(|s| s.seam.generation == generation);
        for segment in of_tree {
            if let Some(found) = segment.checkpoint(None)? {
                return Ok(Some(found));
            }
        }
        Ok(None)
    }

    /// A proof that the newest tree of `old` entries is a beginning of the one of `new` entries.
    ///
    /// # Errors
    ///
    /// [`Error::NoEntry`] if the tree is smaller, [`Error::Elsewhere`] if a part of it that is
    /// needed has been archived.
    pub fn consistency(&self, old: u64, new: u64) -> Result<Vec<Hash>> {
        let newest = self.segments.last().ok_or(Error::NoEntry { seq: 0 })?;
        let (base, size) = (newest.seam.base, newest.tail()?.seq + 1);
        if new > size - base {
            return Err(Error::NoEntry { seq: size });
        }
        merkle::consistency(old, new, |level, at| self.node(base, level, at))
    }

    /// A node of the tree that begins at `base`.
    fn node(&self, base: u64, level: u32, index: u64) -> Result<Hash> {
        let last = base + ((index + 1) << level) - 1;
        let segment = self
            .segment_of(last)
            .filter(|segment| segment.seam.base == base);
        match segment {
            Some(segment) => segment.node(level, index),
            // left of the first segment that is here, its frontier may still know the node
            None => {
                let first = self
                    .segments
                    .iter()
                    .find(|segment| segment.seam.base == base);
                first
                    .ok_or(Error::Elsewhere { seq: last })?
                    .node(level, index)
            }
        }
    }
}
