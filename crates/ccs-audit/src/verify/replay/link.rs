//! Whether an entry stands where it was written: its number, its epoch, its tie to the one before.

use super::Replay;
use crate::chain;
use crate::entry::Head;
use crate::hash::{Hash, MacKey};
use crate::keys::{EpochKey, RootKey};
use crate::segment::Row;
use crate::verify::signed::Epochs;
use crate::verify::{Fault, Unchecked};

/// The most epochs that are tried for the key a forger used.
const MAX_TRIES: u64 = 4_096;
/// For so many entries the forger's key is looked for; after that, altered is altered.
const MAX_SEARCHES: u32 = 64;
/// The most entries whose right place is remembered while they stand in another.
const MAX_DISPLACED: usize = 10_000;
/// No log lives this long. An entry that claims a later epoch must not make the checker work out
/// keys for hours.
const MAX_EPOCH: u64 = 1 << 26;

/// Whether an entry follows the one before it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Linked {
    Yes,
    No,
    Inserted,
}

/// Keys worked out from the root.
pub(super) struct Keys<'a> {
    root: &'a RootKey,
    epochs: Epochs,
    seal: (u64, MacKey),
}

impl<'a> Keys<'a> {
    pub(super) fn new(root: &'a RootKey) -> Self {
        let seal = (0, EpochKey::first(root).seal_key());
        Self {
            root,
            epochs: Epochs::new(root),
            seal,
        }
    }

    pub(super) fn key(&mut self, epoch: u64) -> EpochKey {
        self.epochs.key(epoch, self.root).clone()
    }

    pub(super) fn seal_key(&mut self, epoch: u64) -> &MacKey {
        if self.seal.0 != epoch {
            self.seal = (epoch, self.epochs.key(epoch, self.root).seal_key());
        }
        &self.seal.1
    }
}

impl Replay<'_> {
    /// Whether the row holds the entry that belongs there. `inner` is the number inside the row
    /// after it, which tells what happened if it does not.
    pub(super) fn number(&mut self, row: &Row, found: u64, inner: Option<u64>) -> bool {
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

    pub(super) fn epoch(&mut self, seq: u64, claims: u64) {
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
    pub(super) fn link(
        &mut self,
        row: &Row,
        head: &Head,
        leaf: Hash,
        inner: Option<u64>,
    ) -> Linked {
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
    pub(super) fn resync(&mut self, row: &Row, should_be: Option<Hash>) {
        let stored = Hash::from_slice(&row.mac).unwrap_or_default();
        self.tree.mac = (stored, should_be.unwrap_or(stored));
        self.report.head = stored;
    }
}
