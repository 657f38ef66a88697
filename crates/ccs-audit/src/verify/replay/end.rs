//! The end of a log and its beginning: what may be missing there, and what is left to say.

use super::Replay;
use crate::chain::Seal;
use crate::entry::Head;
use crate::hash::Hash;
use crate::keyfile::Current;
use crate::seam::{Seam, Why};
use crate::segment::Row;
use crate::verify::{Fault, Report, Unchecked};

impl Replay<'_> {
    /// The log itself has signed more entries than there are.
    pub(super) fn beyond(&mut self, size: u64) {
        let have = self.tree.next.saturating_sub(self.tree.base);
        let by = "its own checkpoint".to_owned();
        self.report.fault(Fault::RolledBack {
            have,
            known: size,
            by,
        });
    }

    /// Comes to the last row of a segment, which must say that it is the last.
    pub(super) fn end(&mut self, last: &Row) {
        if self.keys.is_none() {
            self.resync(last, None); // the tags before it were not read
        }
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

    pub(in crate::verify) fn finish(mut self, current: Option<&Current>) -> Report {
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
