//! Whether the index finds what is there: both sides are boiled down to a sum of keyed hashes,
//! whose key nobody knows beforehand.

use std::collections::HashMap;
use std::hash::{BuildHasher, BuildHasherDefault, Hasher, RandomState};

use crate::entry::View;
use crate::error::Result;
use crate::index::{BLOCK, Bits, each_term};
use crate::segment::Segment;

/// Adds up what the index should hold, entry by entry.
#[derive(Default)]
pub(super) struct Sum {
    keyed: RandomState,
    block: u64,
    span: Option<(i64, i64)>,
    terms: HashMap<u64, Bits, BuildHasherDefault<AsItIs>>,
    /// The last value of each kind with its hash: most entries have the value of the one before.
    last: [(String, u64); 8],
    sum: u64,
}

/// For keys that are hashes already.
#[derive(Default)]
struct AsItIs(u64);

impl Hasher for AsItIs {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = self.0.rotate_left(8) ^ u64::from(*byte);
        }
    }

    fn write_u64(&mut self, hash: u64) {
        self.0 = hash;
    }
}

impl Sum {
    pub(super) fn add(&mut self, seq: u64, entry: &View<'_>) {
        if seq / BLOCK != self.block {
            // an unfinished block is not indexed
            (self.block, self.span) = (seq / BLOCK, None);
            self.terms.clear();
        }
        let time = entry.head.time.0;
        let (oldest, newest) = self.span.unwrap_or((time, time));
        self.span = Some((oldest.min(time), newest.max(time)));
        let (keyed, terms, last) = (&self.keyed, &mut self.terms, &mut self.last);
        each_term(entry, |kind, value| {
            let (before, hash) = &mut last[kind as usize];
            if before != value {
                value.clone_into(before);
                *hash = keyed.hash_one((kind as u8, value));
            }
            terms.entry(*hash).or_default().set(seq);
        });
        if (seq + 1).is_multiple_of(BLOCK) {
            self.finish_block();
        }
    }

    fn finish_block(&mut self) {
        for (term, bits) in self.terms.drain() {
            self.sum =
                self.sum
                    .wrapping_add(self.keyed.hash_one((term, self.block, bits.to_bytes())));
        }
        if let Some(span) = self.span.take() {
            self.sum = self
                .sum
                .wrapping_add(self.keyed.hash_one((self.block, span)));
        }
    }

    /// Whether the segment's index adds up to the same.
    pub(super) fn matches(self, segment: &Segment) -> Result<bool> {
        let (keyed, mut sum) = (&self.keyed, 0u64);
        segment.all_marks(|kind, value, block, bits| {
            let term = keyed.hash_one((kind, value));
            sum = sum.wrapping_add(keyed.hash_one((term, block, bits.to_bytes())));
        })?;
        for (block, oldest, newest) in segment.blocks()? {
            sum = sum.wrapping_add(keyed.hash_one((block, (oldest, newest))));
        }
        Ok(sum == self.sum)
    }
}
