//! One transaction's worth of writing.

use std::path::Path;

use crate::alert::{self, Alert};
use crate::chain::{self, Seal, State};
use crate::checkpoint::Checkpoint;
use crate::entry::{Details, Draft, Entry, Head, View};
use crate::error::{Error, Result};
use crate::hash::{Hash, MacKey};
use crate::index::{self, BLOCK};
use crate::keyfile::{Current, KeyFiles};
use crate::keys::EpochKey;
use crate::merkle;
use crate::note::{self, Note, Signature};
use crate::options::Options;
use crate::segment::{Columns, Row, Segment};
use crate::spool::{Spool, Waiting};
use crate::time::{Time, uptime};

use super::Chained;

/// Why a segment is no longer the place to write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Standing {
    /// It was closed in good order.
    Closed,
    /// Its end is not what was last written there.
    Broken,
}

/// Writes to a segment that is locked.
pub(super) struct Pen<'a> {
    segment: &'a Segment,
    keys: &'a KeyFiles,
    options: &'a Options,
    /// As the key file will be, if it must change.
    turned: Option<Current>,
    current: Current,
    seal_key: MacKey,
    state: State,
    seq: u64,
    mac: Hash,
    head: Head,
    leaf: Hash,
}

impl<'a> Pen<'a> {
    /// Takes up where the last writer stopped, if the end of the segment is what it left.
    pub(super) fn new(
        segment: &'a Segment,
        keys: &'a KeyFiles,
        options: &'a Options,
    ) -> Result<Result<Self, Standing>> {
        let (tail, current) = (segment.tail()?, keys.current()?);
        if current.id != segment.seam.id {
            return Err(Error::WrongKey {
                path: segment.path.clone(),
            });
        }
        let seal = tail.seal.as_deref().and_then(Seal::read);
        let (Some(head), Some(mac), Some(seal)) =
            (Head::read(&tail.body), Hash::from_slice(&tail.mac), seal)
        else {
            return Ok(Err(Standing::Broken));
        };
        let Some((current, turned)) = take_up(segment, current, (tail.seq, head, mac), seal)?
        else {
            return Ok(Err(Standing::Broken));
        };
        if seal.state == State::SegmentClosed {
            return Ok(Err(Standing::Closed));
        }
        let mut pen = Self {
            segment,
            keys,
            options,
            turned: turned.then(|| current.clone()),
            seal_key: current.key.seal_key(),
            state: if current.key.epoch > head.epoch {
                State::Open
            } else {
                seal.state
            },
            current,
            seq: tail.seq,
            mac,
            head,
            leaf: merkle::leaf_hash(&tail.body),
        };
        if pen.state == State::EpochClosed {
            pen.turn(); // whoever closed it was stopped before the key was forgotten
        }
        Ok(Ok(pen))
    }

    /// Chains what waits in the spools.
    pub(super) fn drain(&mut self, folders: &[&Path]) -> Result<Vec<Spool>> {
        let mut spools = Vec::new();
        for folder in folders {
            // a spool that cannot be read now waits for another time
            if let Ok(Some(spool)) = Spool::open(folder) {
                self.drain_one(&spool)?;
                spools.push(spool);
            }
        }
        Ok(spools)
    }

    fn drain_one(&mut self, spool: &Spool) -> Result<()> {
        let key = self.keys.log().ok().map(|keys| MacKey::new(&keys.spool));
        let from = self.segment.drained(&spool.name)?;
        for line in spool.lines(from, key.as_ref()) {
            match line {
                Waiting::Entry { draft, sealed } => {
                    self.write(draft)?;
                    if !sealed {
                        let target = format!("entry {} came unsealed", self.seq);
                        self.write(system("audit.spool", target, None))?;
                    }
                }
                Waiting::Damaged(hash) => {
                    self.write(system("audit.spool", "a damaged line".into(), Some(hash)))?;
                }
            }
        }
        self.segment.set_drained(&spool.name, spool.length())
    }

    /// Chains one entry, and what alerts it sets off.
    pub(super) fn append(&mut self, draft: &Draft) -> Result<(Chained, Vec<Alert>)> {
        let mut chained = self.write(draft.clone())?;
        let alerts = alert::check(&self.options.alerts, self.segment, self.seq)?;
        for alert in &alerts {
            self.write(alert.to_draft())?;
        }
        chained.size = self.size();
        Ok((chained, alerts))
    }

    fn write(&mut self, draft: Draft) -> Result<Chained> {
        if self.state == State::EpochClosed {
            self.turn();
        }
        let Draft(mut body) = draft;
        let Some(given) = Head::read(&body) else {
            unreachable!("a draft is an entry");
        };
        let seq = self.seq + 1;
        let step = given.step_since(self.head);
        let head = Head {
            seq,
            epoch: self.current.key.epoch,
            step,
            ..given
        };
        head.replace(&mut body);

        let leaf = merkle::leaf_hash(&body);
        let nodes = self.completed_nodes(leaf)?;
        let mac = chain::mac(&self.seal_key, seq, head.epoch, self.mac, leaf);
        let seal = Seal::new(&self.seal_key, State::Open, seq, mac);
        self.segment.set_seal(self.seq, None)?;
        let (mac_bytes, seal) = (mac.as_bytes().to_vec(), Some(seal.to_bytes()));
        self.segment.insert(&Row {
            seq,
            body,
            mac: mac_bytes,
            nodes,
            seal,
        })?;
        (self.seq, self.mac, self.head, self.leaf) = (seq, mac, head, leaf);
        if (seq + 1).is_multiple_of(BLOCK) {
            self.index(seq / BLOCK)?;
        }
        if self.epoch_is_due() {
            self.close()?;
        }
        Ok(Chained {
            seq,
            leaf,
            size: self.size(),
        })
    }

    /// The nodes that the next leaf completes, from level 1 upwards.
    fn completed_nodes(&self, leaf: Hash) -> Result<Vec<u8>> {
        let (index, mut node, mut nodes) = (self.size(), leaf, Vec::new());
        for level in 0..index.trailing_ones() {
            let left = match level {
                0 => self.leaf,
                _ => self.segment.node(level, (index >> level) - 1)?,
            };
            node = merkle::node_hash(left, node);
            nodes.extend_from_slice(node.as_bytes());
        }
        Ok(nodes)
    }

    /// Entries in the tree.
    fn size(&self) -> u64 {
        self.seq + 1 - self.segment.seam.base
    }

    fn index(&self, block: u64) -> Result<()> {
        let (first, end) = (block * BLOCK, (block + 1) * BLOCK);
        let mut terms = index::Block::new(block);
        self.segment.rows(Columns::Body, first, |row| {
            if let Some(entry) = View::read(&row.body).filter(|_| row.seq < end) {
                terms.add(&entry);
            }
            Ok(row.seq < end)
        })?;
        self.segment.put_block(&terms)
    }

    fn epoch_is_due(&self) -> bool {
        let entries = (self.seq + 1).saturating_sub(self.current.size);
        let age = self.head.time.0.saturating_sub(self.current.since.0);
        entries >= self.options.epoch_entries
            || u128::try_from(age).is_ok_and(|age| age >= self.options.epoch_age.as_micros())
    }

    /// Closes the epoch, unless nothing was written in it.
    pub(super) fn checkpoint(&mut self) -> Result<()> {
        let written = self.head.epoch == self.current.key.epoch;
        if self.state == State::Open && written {
            self.close()
        } else {
            Ok(())
        }
    }

    fn close(&mut self) -> Result<()> {
        let (size, seam) = (self.size(), &self.segment.seam);
        let root = self.segment.frontier(size)?.root();
        let (key, next) = (&self.current.key, self.current.key.next());
        let next_key = Hash::new(next.signer(&seam.origin)?.verifier().public());
        let extensions = vec![next_key_line(key.epoch, next_key)];
        let checkpoint = Checkpoint {
            origin: seam.tree_origin(),
            size,
            root,
            extensions,
        };
        let log = self.keys.log()?.signer(&checkpoint.origin)?;
        let epoch = key.signer(&seam.origin)?;
        let note = Note::sign(&checkpoint.to_string(), &[&log, &epoch])?;
        self.segment.put_checkpoint(size, &note.to_string())?;

        self.state = if self.segment_is_due()? {
            State::SegmentClosed
        } else {
            State::EpochClosed
        };
        let seal = Seal::new(&self.seal_key, self.state, self.seq, self.mac);
        self.segment.set_seal(self.seq, Some(&seal.to_bytes()))?;
        self.turned = Some(self.turned_to(next));
        Ok(())
    }

    fn segment_is_due(&self) -> Result<bool> {
        let (rotate, first) = (self.options.rotate, self.segment.seam.first);
        if self.seq + 1 - first >= rotate.entries {
            return Ok(true);
        }
        if std::fs::metadata(&self.segment.path).is_ok_and(|meta| meta.len() >= rotate.bytes) {
            return Ok(true);
        }
        let (Some(age), Some(row)) = (rotate.age, self.segment.row(first)?) else {
            return Ok(false);
        };
        let began = Head::read(&row.body).map_or(self.head.time, |head| head.time);
        let found = self.head.time.0.saturating_sub(began.0);
        Ok(u128::try_from(found).is_ok_and(|found| found >= age.as_micros()))
    }

    fn turned_to(&self, key: EpochKey) -> Current {
        Current {
            key,
            size: self.seq + 1,
            mac: self.mac,
            since: Time::now(),
            ..self.current.clone()
        }
    }

    /// Goes on to the next epoch.
    fn turn(&mut self) {
        self.current = self.turned_to(self.current.key.next());
        self.turned = Some(self.current.clone());
        self.seal_key = self.current.key.seal_key();
        self.state = State::Open;
    }

    pub(super) fn cosign(&mut self, size: u64, line: &str) -> Result<()> {
        let seq = self.segment.seam.base + size.saturating_sub(1);
        let stored = self
            .segment
            .checkpoint(Some(size))?
            .filter(|(stored, _)| *stored == size);
        let (_, stored) = stored.ok_or(Error::NotCheckpointed { seq })?;
        let mut note = note::parse(&stored)?;
        let signature = Signature::read(line).ok_or(note::Error::Note("not a signature line"))?;
        let same =
            |known: &&Signature| (&known.name, known.key_id) == (&signature.name, signature.key_id);
        if note.signatures.iter().find(same).is_none() {
            note.signatures.push(signature);
            self.segment.put_checkpoint(size, &note.to_string())?;
        }
        Ok(())
    }

    /// What the key file must hold once this is committed.
    pub(super) fn finish(self) -> Option<Current> {
        self.turned
    }
}

/// The line of a checkpoint that names the next epoch's public key.
pub(crate) fn next_key_line(epoch: u64, next: Hash) -> String {
    format!("ccs-audit epoch {epoch} next {}", next.to_base64())
}

/// An entry of the log's own.
pub(super) fn system(event: &str, target: String, input: Option<Hash>) -> Draft {
    let entry = Entry {
        target,
        input,
        ..Entry::new(event)
    };
    Draft::new(&entry, &Details::None, Time::now(), uptime())
}

/// The epoch in which the next entry is written, or in which the last one was if that is still
/// open; and whether the key file is behind. `None` if the end is not what was left there.
fn take_up(
    segment: &Segment,
    current: Current,
    (seq, head, mac): (u64, Head, Hash),
    seal: Seal,
) -> Result<Option<(Current, bool)>> {
    if head.epoch < current.key.epoch {
        // its key is gone; what the key file remembers of it must be what is here
        let same = (current.size, current.mac) == (seq + 1, mac) && seal.state != State::Open;
        return Ok(same.then_some((current, false)));
    }
    let mut key = current.key.clone();
    while key.epoch < head.epoch && head.epoch - current.key.epoch < 1 << 16 {
        key = key.next();
    }
    let holds = key.epoch == head.epoch && seal.holds(&key.seal_key(), seq, mac);
    if !holds || current.size > seq + 1 {
        return Ok(None);
    }
    if key.epoch == current.key.epoch {
        return Ok(Some((current, false)));
    }
    let size = segment.checkpoint(None)?.map_or(0, |(size, _)| size);
    let size = segment.seam.base + size.max(segment.seam.frontier.size());
    let before = match size.checked_sub(1).filter(|_| size > segment.seam.first) {
        Some(last) => segment
            .row(last)?
            .and_then(|row| Hash::from_slice(&row.mac)),
        None => Some(segment.seam.mac),
    };
    let (since, number) = (head.time, segment.seam.segment);
    Ok(before.map(|mac| {
        (
            Current {
                key,
                size,
                mac,
                since,
                segment: number,
                ..current
            },
            true,
        )
    }))
}
