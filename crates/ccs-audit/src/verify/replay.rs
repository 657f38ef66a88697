//! Going over the log once, from the first row to the last.

use std::collections::HashMap;

use super::index::Sum;
use super::signed::{Epochs, Kept, Signers};
use super::{Expect, Fault, Report, Unchecked};
use crate::chain::{self, Seal};
use crate::entry::{Head, View};
use crate::error::Result;
use crate::hash::{Hash, MacKey};
use crate::keyfile::Current;
use crate::keys::{EpochKey, Identity, RootKey};
use crate::log::{ARCHIVE_EVENT, archived_number};
use crate::merkle::{self, Frontier};
use crate::seam::{Seam, Why};
use crate::segment::{Row, Segment};

/// The most epochs that are tried for the key a forger used.
const MAX_TRIES: u64 = 4_096;
/// For so many entries the forger's key is looked for; after that, altered is altered.
const MAX_SEARCHES: u32 = 64;
/// The most entries whose right place is remembered while they stand in another.
const MAX_DISPLACED: usize = 10_000;
/// No log lives this long. An entry that claims a later epoch must not make the checker work out
/// keys for hours.
const MAX_EPOCH: u64 = 1 << 26;

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

/// Keys worked out from the root.
struct Keys<'a> {
    root: &'a RootKey,
    epochs: Epochs,
    seal: (u64, MacKey),
}

impl<'a> Keys<'a> {
    fn new(root: &'a RootKey) -> Self {
        let seal = (0, EpochKey::first(root).seal_key());
        Self {
            root,
            epochs: Epochs::new(root),
            seal,
        }
    }

    fn key(&mut self, epoch: u64) -> EpochKey {
        self.epochs.key(epoch, self.root).clone()
    }

    fn seal_key(&mut self, epoch: u64) -> &MacKey {
        if self.seal.0 != epoch {
            self.seal = (epoch, self.epochs.key(epoch, self.root).seal_key());
        }
        &self.seal.1
    }
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
        let mut checkpoints = Checkpoints::new(segment.checkpoints()?, &self.tree);
        let mut index = Sum::default();
        let mut held: Option<Row> = None;
        segment.rows(0, |row| {
            match &mut held {
                Some(before) => {
                    self.row(
                        before,
                        Some(row),
                        &segment.seam,
                        &mut checkpoints,
                        &mut index,
                    );
                    before.clone_from(row);
                }
                None => held = Some(row.clone()),
            }
            Ok(true)
        })?;
        if let Some(last) = held {
            self.row(&last, None, &segment.seam, &mut checkpoints, &mut index);
            self.seal(&last);
        }
        if let Some((size, _)) = checkpoints.rest() {
            self.beyond(size);
        }
        if !index.matches(segment)? {
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
        };
        self.closed = seam.first;
        self.kept
            .skip(&self.tree.origin, seam.frontier.size(), &mut self.report);
    }

    fn leave_tree(&mut self) {
        let have = self.tree.next.saturating_sub(self.tree.base);
        self.kept.end(&self.tree.origin, have, &mut self.report);
    }

    fn row(
        &mut self,
        row: &Row,
        next: Option<&Row>,
        seam: &Seam,
        checkpoints: &mut Checkpoints,
        index: &mut Sum,
    ) {
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
        index.add(row.seq, &entry);
        self.special(row, &entry, seam);
        let inner = next
            .and_then(|next| Head::read(&next.body))
            .map(|head| head.seq);
        if !self.number(row, entry.head.seq, inner) {
            return;
        }
        let place = entry.head.seq.saturating_sub(self.tree.base);
        self.checkpoints_to(place, seam, checkpoints);
        self.epoch(row.seq, entry.head.epoch);
        let leaf = merkle::leaf_hash(&row.body);
        let linked = self.link(row, &entry.head, leaf, inner);
        if linked == Linked::Inserted {
            return;
        }
        self.grow(row, leaf, linked == Linked::Yes);
        self.checkpoints_to(place + 1, seam, checkpoints);
        self.compare_kept(place + 1);
    }

    /// Checks the checkpoints over at most `size` entries. More than one is left only where
    /// entries are missing.
    fn checkpoints_to(&mut self, size: u64, seam: &Seam, checkpoints: &mut Checkpoints) {
        while let Some((size, note)) = checkpoints.up_to(size) {
            self.checkpoint(size, &note, seam);
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

    /// Whether the row holds the entry that belongs there. `inner` is the number inside the row
    /// after it, which tells what happened if it does not.
    fn number(&mut self, row: &Row, found: u64, inner: Option<u64>) -> bool {
        let place = row.seq;
        let want = place.saturating_add_signed(self.tree.shift);
        if found == want {
            return true;
        }
        self.tree.sound = false;
        if found > want && inner.is_none_or(|inner| inner == found + 1) {
            self.report.fault(Fault::Missing {
                first: want,
                last: found - 1,
            });
            self.tree.shift += (found - want).cast_signed();
            self.tree.doubt = true;
            return true;
        }
        if inner == Some(want) && found != want + 1 {
            self.report.fault(Fault::Inserted { seq: place });
            self.tree.shift -= 1;
            return false; // the entry before is still the one before the next
        }
        self.report.fault(Fault::Reordered {
            seq: place,
            holds: found,
        });
        if self.displaced.len() < MAX_DISPLACED {
            let mac = Hash::from_slice(&row.mac).unwrap_or_default();
            self.displaced.insert(found, mac);
        }
        self.resync(row, None);
        self.tree.doubt = true;
        false
    }

    fn epoch(&mut self, seq: u64, claims: u64) {
        let epoch = self.tree.epoch;
        let possible = seq.min(MAX_EPOCH); // every epoch has an entry
        if epoch == u64::MAX && claims > possible {
            let epoch = possible;
            self.report.fault(Fault::WrongEpoch { seq, claims, epoch });
            self.tree.epoch = epoch;
        } else if epoch == u64::MAX {
            self.tree.epoch = claims; // the first of the log or of what is left of it
        } else if claims == epoch + 1 || (self.tree.doubt && claims > epoch && claims <= possible) {
            for epoch in epoch..claims.min(epoch + 10_000) {
                self.report.fault(Fault::CheckpointMissing { epoch });
            }
            self.tree.epoch = claims;
        } else if claims != epoch {
            self.report.fault(Fault::WrongEpoch { seq, claims, epoch });
        }
    }

    /// Whether the tag ties the entry to the one before, under the key of the epoch of its place.
    fn link(&mut self, row: &Row, head: &Head, leaf: Hash, inner: Option<u64>) -> Linked {
        let ((one, other), epoch) = (self.tree.mac, self.tree.epoch);
        let stored = Hash::from_slice(&row.mac).unwrap_or_default();
        let doubt = std::mem::take(&mut self.tree.doubt);
        let Some(keys) = self.keys.as_mut() else {
            if inner == Some(head.seq) {
                return self.inserted(row);
            }
            self.resync(row, None);
            return Linked::Yes;
        };
        let key = keys.seal_key(epoch);
        let mac = |before| chain::mac(key, head.seq, epoch, before, leaf);
        let expected = mac(one);
        let displaced = head.seq.checked_sub(1).filter(|_| doubt);
        let displaced = displaced.and_then(|before| self.displaced.get(&before));
        let others = [Some(&other).filter(|other| **other != one), displaced];
        if expected == stored || others.into_iter().flatten().any(|one| mac(*one) == stored) {
            self.resync(row, None);
            return Linked::Yes;
        }
        if inner == Some(head.seq) {
            self.tree.doubt = doubt;
            return self.inserted(row);
        }
        let seq = row.seq;
        if doubt {
            self.report.leave(Unchecked::Untied { seq });
            self.resync(row, None);
            return Linked::No;
        }
        let resealed = self.key_used(head.seq, epoch, one, leaf, stored);
        self.report.fault(match resealed {
            Some(with) => Fault::Resealed { seq, epoch, with },
            None => Fault::Altered { seq },
        });
        self.resync(row, Some(expected));
        Linked::No
    }

    fn inserted(&mut self, row: &Row) -> Linked {
        self.report.fault(Fault::Inserted { seq: row.seq });
        self.tree.shift -= 1;
        self.tree.sound = false;
        Linked::Inserted
    }

    /// The epoch whose key sealed the entry, if it is another than that of its place.
    fn key_used(
        &mut self,
        seq: u64,
        epoch: u64,
        before: Hash,
        leaf: Hash,
        mac: Hash,
    ) -> Option<u64> {
        self.searches += 1;
        if self.searches > MAX_SEARCHES {
            return None;
        }
        let mut key = EpochKey::first(self.keys.as_ref()?.root);
        loop {
            let other = key.epoch != epoch;
            let seal = key.seal_key();
            // the forger may have left the epoch in the tag as it was, or not
            let fits = [key.epoch, epoch]
                .iter()
                .any(|e| chain::mac(&seal, seq, *e, before, leaf) == mac);
            if other && fits {
                return Some(key.epoch);
            }
            if key.epoch > epoch.saturating_add(MAX_TRIES) {
                return None;
            }
            key = key.next();
        }
    }

    /// Takes the row as the one before the next, whatever was wrong with it.
    fn resync(&mut self, row: &Row, should_be: Option<Hash>) {
        let stored = Hash::from_slice(&row.mac).unwrap_or_default();
        self.tree.mac = (stored, should_be.unwrap_or(stored));
        self.report.head = stored;
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

    fn checkpoint(&mut self, size: u64, note: &str, seam: &Seam) {
        let (root, epoch) = (self.root_at(size), self.tree.epoch);
        let key = self.keys.as_mut().map(|keys| keys.key(epoch));
        let of = (seam, size, root);
        self.signers
            .check(note, epoch, key.as_ref(), of, &mut self.report);
        self.tree.epoch = epoch + 1;
        self.closed = self.tree.base + size;
    }

    /// The root of the first `size` entries, if they are those the tree was built over.
    fn root_at(&self, size: u64) -> Option<Hash> {
        let sound = self.tree.sound && self.tree.frontier.size() == size;
        sound.then(|| self.tree.frontier.root())
    }

    fn compare_kept(&mut self, here: u64) {
        while let Some(size) = self.kept.next_size(&self.tree.origin) {
            if size > here {
                break;
            }
            let root = self.root_at(size);
            self.kept
                .compare(&self.tree.origin, size, root, &mut self.report);
        }
    }

    /// The log itself has signed more entries than there are.
    fn beyond(&mut self, size: u64) {
        let have = self.tree.next.saturating_sub(self.tree.base);
        let by = "its own checkpoint".to_owned();
        self.report.fault(Fault::RolledBack {
            have,
            known: size,
            by,
        });
    }

    fn seal(&mut self, last: &Row) {
        let cut = Fault::Cut { last: last.seq };
        let Some(seal) = last.seal.as_deref().and_then(Seal::read) else {
            return self.report.fault(cut);
        };
        let (Some(keys), Some(head)) = (self.keys.as_mut(), Head::read(&last.body)) else {
            return;
        };
        let mac = Hash::from_slice(&last.mac).unwrap_or_default();
        let place = head.epoch <= self.tree.epoch;
        let sound = self.tree.sound && self.tree.shift == 0 && place;
        if sound && !seal.holds(keys.seal_key(head.epoch), last.seq, mac) {
            self.report.fault(cut);
        }
    }

    pub(super) fn finish(mut self, current: Option<&Current>) -> Report {
        self.leave_tree();
        self.check_beginning();
        if let Some(current) = current {
            self.compare_key_file(current);
        }
        if self.closed < self.tree.next {
            self.report
                .leave(Unchecked::OpenEpoch { from: self.closed });
        }
        let Self {
            mut report,
            tree,
            kept,
            ..
        } = self;
        kept.rest(&mut report);
        report.epoch = if tree.epoch == u64::MAX {
            0
        } else {
            tree.epoch
        };
        let size = tree.next.saturating_add_signed(tree.shift);
        report.size = size.saturating_sub(tree.base);
        report.origin = tree.origin;
        report.root = tree.sound.then(|| tree.frontier.root());
        report
    }

    /// Whether an entry says where the segments before the first one here went.
    fn check_beginning(&mut self) {
        let rotated = |seam: &&Seam| seam.why == Why::Rotated;
        let Some(seam) = self.first_segment.as_ref().filter(rotated) else {
            return; // it begins the log, or says itself that what came before was lost
        };
        let before = seam.segment;
        if self.archived.is_some_and(|archived| archived + 1 >= before) {
            self.report.leave(Unchecked::Archived { before });
        } else {
            self.report.fault(Fault::SegmentMissing {
                segment: before - 1,
            });
        }
    }

    /// The key file goes forward only: a log that is shorter than it remembers was put back.
    fn compare_key_file(&mut self, current: &Current) {
        if current.size > self.tree.next {
            let (have, known) = (self.tree.next, current.size);
            self.report.fault(Fault::RolledBack {
                have,
                known,
                by: "the key file".into(),
            });
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Linked {
    Yes,
    No,
    Inserted,
}

/// A segment's checkpoints in order.
struct Checkpoints {
    notes: std::iter::Peekable<std::vec::IntoIter<(u64, String)>>,
}

impl Checkpoints {
    fn new(notes: Vec<(u64, String)>, tree: &Tree) -> Self {
        let begin = tree.frontier.size();
        let notes: Vec<_> = notes
            .into_iter()
            .filter(|(size, _)| *size > begin)
            .collect();
        Self {
            notes: notes.into_iter().peekable(),
        }
    }

    /// The next one, if it is over at most so many entries.
    fn up_to(&mut self, size: u64) -> Option<(u64, String)> {
        self.notes.next_if(|(of, _)| *of <= size)
    }

    fn rest(&mut self) -> Option<(u64, String)> {
        self.notes.next()
    }
}
