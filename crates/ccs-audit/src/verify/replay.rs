//! Going over the log once, from the first row to the last.

mod end;
mod link;

use std::collections::HashMap;

use self::link::{Keys, Linked};
use super::index::Sum;
use super::notes::{Checkpoints, Stored};
use super::signed::{Kept, Signers};
use super::{Expect, Fault, Report, Unchecked};
use crate::entry::{Head, View};
use crate::error::Result;
use crate::hash::Hash;
use crate::keys::Identity;
use crate::log::{ARCHIVE_EVENT, archived_number};
use crate::merkle::{self, Frontier};
use crate::seam::{Seam, Why};
use crate::segment::{Columns, Row, Segment};

pub(super) struct Replay<'a> {
    report: Report,
    signers: Signers,
    kept: Kept,
    keys: Option<Keys<'a>>,
    /// The segment before: its seam, and where it ended.
    before: Option<(Seam, u64)>,
    tree: Tree,
    archived: Option<u32>,
    first_segment: Option<Seam>,
    /// Entries up to here are covered by a checkpoint.
    closed: u64,
    /// How often a forger's key was looked for.
    searches: u32,
    /// The tags of entries that stand in the place of another, by the number they carry.
    displaced: HashMap<u64, Hash>,
}

/// Where in the log the replay is.
#[derive(Default)]
struct Tree {
    frontier: Frontier,
    base: u64,
    origin: String,
    epoch: u64,
    /// The number the next row must have.
    next: u64,
    /// How far the numbers inside the entries are from those of their rows.
    shift: i64,
    /// The tag of the entry before: what is stored, and what it should be if that differs.
    mac: (Hash, Hash),
    /// Whether the entry before is not the one that was written there, so that its tag may be
    /// another's.
    doubt: bool,
    /// Whether the entries so far are those the tree was built over.
    sound: bool,
    /// The next size at which there is a kept checkpoint to compare with.
    kept: Option<u64>,
}

/// What goes along with the rows of a segment.
struct At<'a> {
    seam: &'a Seam,
    notes: Checkpoints,
    index: Sum,
}

impl<'a> Replay<'a> {
    pub(super) fn new(expect: &Expect<'a>, stored: Option<Identity>) -> Self {
        let mut report = Report::default();
        let identity = expect.identity.cloned().or_else(|| stored.clone());
        if expect.identity.is_none() {
            report.leave(Unchecked::Identity);
        }
        if expect.root.is_none() {
            report.leave(Unchecked::Seals);
        }
        if expect.signed.is_empty() {
            report.leave(Unchecked::Length);
        }
        if let (Some(expected), Some(found)) = (expect.identity, &stored)
            && expected != found
        {
            let (expected, found) = (expected.origin().to_owned(), found.origin().to_owned());
            report.fault(Fault::Refounded { expected, found });
        }
        let kept = Kept::new(expect, identity.as_ref(), &mut report);
        Self {
            signers: Signers::new(identity.as_ref(), &expect.witnesses),
            kept,
            report,
            keys: expect.root.map(Keys::new),
            before: None,
            tree: Tree::default(),
            archived: None,
            first_segment: None,
            closed: 0,
            searches: 0,
            displaced: HashMap::new(),
        }
    }

    pub(super) fn segment(&mut self, segment: &Segment) -> Result<()> {
        let _snapshot = segment.snapshot()?;
        self.report.segments += 1;
        self.seam(&segment.seam);
        self.signers.enter(&segment.seam.tree_origin());
        let begin = self.tree.frontier.size();
        let notes = Checkpoints::new(segment.checkpoints()?, begin, &segment.seam, &self.signers);
        let mut at = At {
            seam: &segment.seam,
            notes,
            index: Sum::default(),
        };
        // without the root key nothing can be said about tags
        let columns = self.keys.as_ref().map_or(Columns::Nodes, |_| Columns::Tags);
        let mut held: Option<Row> = None;
        segment.rows(columns, 0, |row| {
            match &mut held {
                Some(before) => {
                    let inner = Head::read(&row.body).map(|head| head.seq);
                    self.row(before, inner, &mut at);
                    std::mem::swap(before, row);
                }
                None => held = Some(std::mem::take(row)),
            }
            Ok(true)
        })?;
        if let Some(last) = held {
            self.row(&last, None, &mut at);
            self.end(&segment.tail()?);
        }
        if let Some(size) = at.notes.rest() {
            self.beyond(size);
        }
        if !at.index.matches(segment)? {
            self.report.fault(Fault::Index {
                segment: segment.seam.segment,
            });
        }
        self.before = Some((segment.seam.clone(), self.tree.next));
        Ok(())
    }

    /// Whether the segment follows the one before, and from where its rows are checked.
    fn seam(&mut self, seam: &Seam) {
        let Some((before, end)) = self.before.take() else {
            self.first_segment = Some(seam.clone());
            return self.enter(seam, true);
        };
        for segment in before.segment + 1..seam.segment.min(before.segment + 10_000) {
            self.report.fault(Fault::SegmentMissing { segment });
        }
        if matches!(seam.why, Why::Lost | Why::Damaged) {
            self.leave_tree();
            return self.enter(seam, true);
        }
        let same_tree = (seam.base, seam.generation) == (before.base, before.generation);
        let ends = self.tree.doubt || self.tree.mac.0 == seam.mac;
        let grown = !self.tree.sound || self.tree.frontier == seam.frontier;
        if !same_tree || seam.id != before.id || end != seam.first || !ends || !grown {
            self.report.fault(Fault::Seam {
                segment: seam.segment,
            });
            self.enter(seam, false);
        }
    }

    fn enter(&mut self, seam: &Seam, fresh: bool) {
        if matches!(seam.why, Why::Lost | Why::Damaged) {
            let (segment, seq, why) = (seam.segment, seam.first, seam.why);
            self.report.fault(Fault::Restarted { segment, seq, why });
        }
        self.tree = Tree {
            frontier: seam.frontier.clone(),
            base: seam.base,
            origin: seam.tree_origin(),
            epoch: if fresh { u64::MAX } else { self.tree.epoch },
            next: seam.first,
            shift: 0,
            mac: (seam.mac, seam.mac),
            doubt: false,
            sound: true,
            kept: None,
        };
        self.closed = seam.first;
        self.kept
            .skip(&self.tree.origin, seam.frontier.size(), &mut self.report);
        self.tree.kept = self.kept.next_size(&self.tree.origin);
    }

    fn leave_tree(&mut self) {
        let have = self.tree.next.saturating_sub(self.tree.base);
        self.kept.end(&self.tree.origin, have, &mut self.report);
    }

    /// `inner` is the number inside the row after it, which tells what happened if the row does not
    /// hold what belongs there.
    fn row(&mut self, row: &Row, inner: Option<u64>, at: &mut At<'_>) {
        self.report.entries += 1;
        let (first, _) = self.report.span.unwrap_or((row.seq, row.seq));
        self.report.span = Some((first, row.seq));
        if row.seq > self.tree.next {
            self.report.fault(Fault::Missing {
                first: self.tree.next,
                last: row.seq - 1,
            });
            (self.tree.doubt, self.tree.sound) = (true, false);
        }
        self.tree.next = row.seq + 1;
        let Some(entry) = View::read(&row.body) else {
            self.report.fault(Fault::Unreadable { seq: row.seq });
            self.tree.sound = false;
            self.resync(row, None);
            self.tree.doubt = true;
            return;
        };
        at.index.add(row.seq, &entry);
        self.special(row, &entry, at.seam);
        if !self.number(row, entry.head.seq, inner) {
            return;
        }
        let place = entry.head.seq.saturating_sub(self.tree.base);
        self.checkpoints_to(place, at);
        self.epoch(row.seq, entry.head.epoch);
        let leaf = merkle::leaf_hash(&row.body);
        let linked = self.link(row, &entry.head, leaf, inner);
        if linked == Linked::Inserted {
            return;
        }
        self.grow(row, leaf, linked == Linked::Yes);
        self.checkpoints_to(place + 1, at);
        self.compare_kept(place + 1);
    }

    /// Checks the checkpoints over at most `size` entries. More than one is left only where
    /// entries are missing.
    fn checkpoints_to(&mut self, size: u64, at: &mut At<'_>) {
        while let Some(stored) = at.notes.up_to(size) {
            self.checkpoint(&stored, at.seam);
        }
    }

    /// Entries that say something about the log itself.
    fn special(&mut self, row: &Row, entry: &View<'_>, seam: &Seam) {
        if row.seq == seam.first && entry.input != Some(Hash::of(&seam.to_bytes())) {
            self.report.fault(Fault::Seam {
                segment: seam.segment,
            });
        }
        if entry.event() == ARCHIVE_EVENT {
            self.archived = self.archived.max(archived_number(entry.target()));
        }
        if entry.head.step != 0 && self.report.clock_steps.len() < super::MAX_FAULTS {
            self.report.clock_steps.push((row.seq, entry.head.step));
        }
    }

    /// Grows the tree by the entry, and compares it with the nodes in the row.
    fn grow(&mut self, row: &Row, leaf: Hash, linked: bool) {
        if !self.tree.sound {
            return; // of a tree with a hole nothing can be said
        }
        let (mut level, mut wrong) = (0, None);
        self.tree.frontier.push_with(leaf, |node| {
            let stored = row.nodes.chunks(32).nth(level);
            if stored != Some(&node.as_bytes()[..]) && wrong.is_none() {
                wrong = Some(level);
            }
            level += 1;
        });
        if row.nodes.len() != level * 32 && wrong.is_none() {
            wrong = Some(level);
        }
        if let Some(level) = wrong.filter(|_| self.tree.sound && linked) {
            let below = 1u64
                .checked_shl(u32::try_from(level).unwrap_or(63) + 1)
                .unwrap_or(0);
            let first = (row.seq + 1).saturating_sub(below).max(self.tree.base);
            self.report.fault(Fault::Tree {
                first,
                last: row.seq,
            });
            self.tree.sound = false;
        }
        self.tree.sound &= linked;
    }

    fn checkpoint(&mut self, stored: &Stored, seam: &Seam) {
        let (root, epoch) = (self.root_at(stored.size), self.tree.epoch);
        let key = self.keys.as_mut().map(|keys| keys.key(epoch));
        self.signers
            .check(stored, epoch, key.as_ref(), (seam, root), &mut self.report);
        self.tree.epoch = epoch + 1;
        self.closed = self.tree.base + stored.size;
    }

    /// The root of the first `size` entries, if they are those the tree was built over.
    fn root_at(&self, size: u64) -> Option<Hash> {
        let sound = self.tree.sound && self.tree.frontier.size() == size;
        sound.then(|| self.tree.frontier.root())
    }

    fn compare_kept(&mut self, here: u64) {
        while let Some(size) = self.tree.kept.filter(|size| *size <= here) {
            let root = self.root_at(size);
            self.kept
                .compare(&self.tree.origin, size, root, &mut self.report);
            self.tree.kept = self.kept.next_size(&self.tree.origin);
        }
    }
}
