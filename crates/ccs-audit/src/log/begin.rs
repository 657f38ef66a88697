//! Beginnings: a log is founded, a segment follows another, a damaged one is set aside.
//!
//! All of it happens under one file lock, and a segment appears complete under its name, so
//! however many processes want to begin the same thing at once, one does and the others find it.

use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::chain::{self, Seal, State};
use crate::entry::{Draft, Head};
use crate::error::{Error, Result};
use crate::hash::{Hash, hex};
use crate::keyfile::Current;
use crate::keys::{EpochKey, Identity, RootKey, random};
use crate::merkle::{self, Frontier};
use crate::options::Durability;
use crate::place::{self, FileSystem};
use crate::seam::{Seam, Why};
use crate::segment::{Access, FirstRow, Segment};
use crate::time::Time;

use super::Log;
use super::pen::{Standing, system};

/// Founding a log or beginning a segment takes a few writes to the disk; with sixty others waiting
/// for it, that may take a while.
const MIN_WAIT: Duration = Duration::from_secs(10);

/// The number of the newest segment in the folder.
pub(super) fn latest(folder: &Path) -> Result<Option<u32>> {
    Ok(segments(folder)?.last().map(|(number, _)| *number))
}

/// The segments in the folder, oldest first.
pub(crate) fn segments(folder: &Path) -> Result<Vec<(u32, PathBuf)>> {
    let mut found = Vec::new();
    for file in std::fs::read_dir(folder).map_err(Error::file(folder))? {
        let path = file.map_err(Error::file(folder))?.path();
        let name = path.file_name().and_then(|name| name.to_str());
        if let Some(number) = name.and_then(Segment::number_of) {
            found.push((number, path));
        }
    }
    found.sort();
    Ok(found)
}

/// Whether a write-ahead log may be used in the folder; an error if nothing may be written there.
pub(super) fn journal(folder: &Path, allow_network: bool) -> Result<bool> {
    match place::file_system(folder) {
        FileSystem::Local => Ok(true),
        FileSystem::Network(kind) if !allow_network => Err(Error::Network {
            path: folder.into(),
            kind,
        }),
        FileSystem::Doubtful(_) | FileSystem::Network(_) => Ok(false),
    }
}

impl Log {
    pub(super) fn lock(&self) -> Result<std::fs::File> {
        let wait = self.options.busy.max(MIN_WAIT);
        place::lock(&self.folder.join("lock"), wait)
    }

    pub(super) fn access(&self) -> Access {
        // a rollback journal is only safe when every step of it reaches the disk
        let durability = if self.wal {
            self.options.durability
        } else {
            Durability::Full
        };
        Access::Write {
            durability,
            busy: self.options.busy,
        }
    }

    /// Founds the log, or takes up one whose segments are gone.
    pub(super) fn found(&self) -> Result<u32> {
        let missing = || Error::Missing {
            path: self.folder.clone(),
        };
        let founding = self.options.found.as_ref();
        if founding.is_none() && self.keys.identity()?.is_none() {
            return Err(missing());
        }
        let _lock = self.lock()?;
        if let Some(number) = latest(&self.folder)? {
            return Ok(number);
        }
        if self.keys.identity()?.is_none() {
            let founding = founding.ok_or_else(missing)?;
            self.make_keys(founding.root.as_ref(), founding.origin.as_deref())?;
        }
        let identity = self.keys.identity()?.ok_or_else(missing)?;
        let current = self.keys.current()?;
        let unwritten = current.size == 0 && current.segment == 0;
        let (why, first, generation, key) = if unwritten {
            (Why::Founded, 0, 0, current.key.clone())
        } else {
            let first = self.unused(current.size);
            (Why::Lost, first, current.segment + 1, current.key.next())
        };
        let seam = Seam {
            id: current.id,
            origin: identity.origin().to_owned(),
            segment: current.segment + 1,
            why,
            first,
            generation,
            base: first,
            mac: current.mac,
            frontier: Frontier::default(),
            before: String::new(),
            before_hash: None,
        };
        self.begin(&seam, current, key, &[])?;
        Ok(seam.segment)
    }

    fn make_keys(&self, root: Option<&RootKey>, origin: Option<&str>) -> Result<()> {
        let fresh = RootKey::random()?;
        let id: [u8; 16] = random()?;
        let origin = origin.map_or_else(|| format!("ccs-audit.local/{}", hex(&id)), str::to_owned);
        let identity = Identity::of(&id, &origin, root.unwrap_or(&fresh))?;
        self.keys
            .create(id, root.unwrap_or(&fresh), root.is_none())?;
        self.keys.put_identity(&identity) // last: with it, the keys are complete
    }

    /// A number that no entry had: `known` is the last that is sure, and an epoch more may have
    /// been written and lost.
    fn unused(&self, known: u64) -> u64 {
        (known + self.options.epoch_entries + 1).next_multiple_of(1_000)
    }

    /// Goes on to the segment after the open one, beginning it if nobody has.
    pub(super) fn go_on(&mut self, standing: Standing) -> Result<()> {
        let old = self
            .segment
            .take()
            .expect("a segment that was just written to");
        let _lock = self.lock()?;
        if latest(&self.folder)?.is_some_and(|newest| newest > old.seam.segment) {
            return Ok(());
        }
        let (tail, current) = (old.tail()?, self.keys.current()?);
        let size = tail.seq + 1 - old.seam.base;
        let mut seam = Seam {
            segment: old.seam.segment.max(current.segment) + 1,
            before: file_name(&old.path),
            before_hash: None,
            mac: Hash::from_slice(&tail.mac).unwrap_or_default(),
            ..old.seam.clone()
        };
        let closed = Head::read(&tail.body).map_or(current.key.epoch, |head| head.epoch);
        let mut key = current.key.clone();
        match standing {
            Standing::Closed => {
                (seam.why, seam.first) = (Why::Rotated, tail.seq + 1);
                seam.frontier = old.frontier(size)?;
                while key.epoch <= closed {
                    key = key.next();
                }
            }
            Standing::Broken => {
                self.start_over(&mut seam, Why::Lost, current.size.max(tail.seq + 1));
                key = key.next();
            }
        }
        self.begin(&seam, current, key, &old.all_drained()?)
    }

    /// Makes the seam one at which the tree begins anew.
    fn start_over(&self, seam: &mut Seam, why: Why, known: u64) {
        seam.why = why;
        seam.generation = seam.segment; // higher than any before: a segment begins one tree at most
        seam.first = self.unused(known);
        seam.base = seam.first;
        seam.frontier = Frontier::default();
    }

    /// Sets the newest segment aside if SQLite finds it damaged, and begins another.
    pub(super) fn set_aside(&mut self) -> Result<()> {
        self.segment = None;
        let _lock = self.lock()?;
        let Some((number, path)) = segments(&self.folder)?.pop() else {
            return Ok(());
        };
        let opened = Segment::open(
            &path,
            Access::Read {
                busy: self.options.busy,
            },
        );
        if opened
            .as_ref()
            .is_ok_and(|segment| segment.is_sound() && segment.tail().is_ok())
        {
            return Ok(());
        }
        let (identity, current) = (self.identity()?, self.keys.current()?);
        let last = opened.ok().and_then(|segment| segment.tail().ok());
        let known = last.as_ref().map_or(0, |row| row.seq + 1).max(current.size);
        let mut seam = Seam {
            id: current.id,
            origin: identity.origin().to_owned(),
            segment: number.max(current.segment) + 1,
            why: Why::Damaged,
            first: 0,
            generation: 0,
            base: 0,
            mac: current.mac,
            frontier: Frontier::default(),
            before: file_name(&path.with_extension("damaged")),
            before_hash: std::fs::File::open(&path).and_then(Hash::of_reader).ok(),
        };
        self.start_over(&mut seam, Why::Damaged, known);
        rename_all(&path)?;
        let key = current.key.next();
        self.begin(&seam, current, key, &[])
    }

    /// Makes the segment that begins with `seam`; its first entry is sealed with `key`.
    fn begin(
        &self,
        seam: &Seam,
        current: Current,
        key: EpochKey,
        drained: &[(String, u64)],
    ) -> Result<()> {
        let body = first_entry(seam, key.epoch);
        let leaf = merkle::leaf_hash(&body);
        let mut nodes = Vec::new();
        seam.frontier
            .clone()
            .push_with(leaf, |node| nodes.extend_from_slice(node.as_bytes()));
        let seal_key = key.seal_key();
        let mac = chain::mac(&seal_key, seam.first, key.epoch, seam.mac, leaf);
        let seal = Seal::new(&seal_key, State::Open, seam.first, mac).to_bytes();
        let first = FirstRow {
            body: &body,
            mac,
            nodes: &nodes,
            seal: &seal,
            drained,
        };
        Segment::create(&self.folder, seam, &first, self.wal)?;
        let (size, since) = (seam.first, Time::now());
        let current = Current {
            key,
            size,
            mac: seam.mac,
            since,
            segment: seam.segment,
            ..current
        };
        self.keys.advance(&current)
    }
}

/// The entry that every segment begins with: it ties the seam into the chain and the tree.
fn first_entry(seam: &Seam, epoch: u64) -> Vec<u8> {
    let target = match seam.before.as_str() {
        "" => seam.why.as_str().to_owned(),
        before => format!("{} after {before}", seam.why.as_str()),
    };
    let Draft(mut body) = system("audit.segment", target, Some(Hash::of(&seam.to_bytes())));
    let head = Head::read(&body).unwrap_or_default();
    Head {
        seq: seam.first,
        epoch,
        ..head
    }
    .replace(&mut body);
    body
}

fn file_name(path: &Path) -> String {
    path.file_name()
        .map(|name| name.to_string_lossy().into_owned())
        .unwrap_or_default()
}

/// Renames a database and its journals, which belong to the evidence.
fn rename_all(path: &Path) -> Result<()> {
    for journal in ["-wal", "-shm", "-journal", ""] {
        let with = |path: &Path| {
            let mut name = path.as_os_str().to_owned();
            name.push(journal);
            PathBuf::from(name)
        };
        let (from, to) = (with(path), with(&path.with_extension("damaged")));
        if from.exists() {
            std::fs::rename(&from, to).map_err(Error::file(from))?;
        }
    }
    place::sync_folder(path.parent().unwrap_or(path))
}
