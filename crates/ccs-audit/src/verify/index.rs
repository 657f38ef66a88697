//! Whether the index finds what is there: both sides are boiled down to a sum of keyed hashes,
//! whose key nobody knows beforehand.

use std::collections::HashMap;
use std::hash::{BuildHasher, BuildHasherDefault, Hasher, RandomState};

use crate::entry::View;
use crate::error::Result;
use crate::index::{BLOCK, Bits, Kind, each_term};
use crate::segment::Segment;

/// Adds up what the index should hold, entry by entry.
#[derive(Default)]
pub(super) struct Sum {
    keyed: RandomState,
    block: u64,
    span: Option<(i64, i64)>,
    /// The terms of the block, by their hash, and where each stands below.
    places: HashMap<u64, usize, BuildHasherDefault<AsItIs>>,
    terms: Vec<(u64, Bits)>,
    /// The last value of each kind: most entries have the value of the one before.
    last: [Last; 8],
    sum: u64,
}

/// A value with its hash, and its place among the terms of the block if it has one.
#[derive(Default)]
struct Last {
    value: String,
    hash: u64,
    place: Option<usize>,
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
            self.clear();
        }
        let time = entry.head.time.0;
        let (oldest, newest) = self.span.unwrap_or((time, time));
        self.span = Some((oldest.min(time), newest.max(time)));
        each_term(entry, |kind, value| self.term(kind, value, seq));
        if (seq + 1).is_multiple_of(BLOCK) {
            self.finish_block();
        }
    }

    fn term(&mut self, kind: Kind, value: &str, seq: u64) {
        let last = &mut self.last[kind as usize];
        if last.value != value {
            value.clone_into(&mut last.value);
            (last.hash, last.place) = (self.keyed.hash_one((kind as u8, value)), None);
        }
        let (hash, terms) = (last.hash, &mut self.terms);
        let place = *last.place.get_or_insert_with(|| {
            *self.places.entry(hash).or_insert_with(|| {
                terms.push((hash, Bits::default()));
                terms.len() - 1
            })
        });
        terms[place].1.set(seq);
    }

    fn finish_block(&mut self) {
        for (term, bits) in &self.terms {
            let mark = self.keyed.hash_one((term, self.block, bits));
            self.sum = self.sum.wrapping_add(mark);
        }
        if let Some(span) = self.span.take() {
            let span = self.keyed.hash_one((self.block, span));
            self.sum = self.sum.wrapping_add(span);
        }
        self.clear();
    }

    fn clear(&mut self) {
        self.terms.clear();
        self.places.clear();
        for last in &mut self.last {
            last.place = None;
        }
    }

    /// Whether the segment's index adds up to the same.
    pub(super) fn matches(self, segment: &Segment) -> Result<bool> {
        let (keyed, mut sum) = (&self.keyed, 0u64);
        segment.all_marks(|kind, value, block, bits| {
            let term = keyed.hash_one((kind, value));
            sum = sum.wrapping_add(keyed.hash_one((term, block, bits)));
        })?;
        for (block, oldest, newest) in segment.blocks()? {
            sum = sum.wrapping_add(keyed.hash_one((block, (oldest, newest))));
        }
        Ok(sum == self.sum)
    }
}
