//! The index: for whole blocks of 256 entries, one bit map for each term that occurs in the block.
//!
//! It is made once for a block, when the block is full, so that an append writes one page and not
//! seven; the few entries after the last full block are read one by one.

use std::collections::BTreeMap;

use crate::entry::View;
use crate::time::Time;

/// Entries in a block.
pub(crate) const BLOCK: u64 = 256;

/// What a term is a value of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub(crate) enum Kind {
    Session = 1,
    Event = 2,
    Tool = 3,
    Decision = 4,
    Rule = 5,
    Agent = 6,
    User = 7,
}

/// A set of the 256 entries of a block.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct Bits([u64; 4]);

impl Bits {
    pub(crate) const ALL: Self = Self([u64::MAX; 4]);

    pub(crate) fn set(&mut self, seq: u64) {
        let bit = seq % BLOCK;
        self.0[(bit / 64) as usize] |= 1 << (bit % 64);
    }

    pub(crate) fn and(self, other: Self) -> Self {
        Self(std::array::from_fn(|word| self.0[word] & other.0[word]))
    }

    pub(crate) fn count(self) -> u64 {
        self.0.iter().map(|word| u64::from(word.count_ones())).sum()
    }

    /// The entries of block `block` in the set, in order.
    pub(crate) fn entries(self, block: u64) -> impl DoubleEndedIterator<Item = u64> {
        let set = move |bit: &u64| self.0[(bit / 64) as usize] >> (bit % 64) & 1 == 1;
        (0..BLOCK).filter(set).map(move |bit| block * BLOCK + bit)
    }

    pub(crate) fn to_bytes(self) -> Vec<u8> {
        self.0.iter().flat_map(|word| word.to_le_bytes()).collect()
    }

    /// Bytes that are missing count as empty: the index is checked, not trusted.
    pub(crate) fn from_slice(bytes: &[u8]) -> Self {
        let mut words = [0; 4];
        for (word, bytes) in words.iter_mut().zip(bytes.chunks_exact(8)) {
            *word = u64::from_le_bytes(bytes.try_into().expect("chunks of eight"));
        }
        Self(words)
    }
}

/// The terms of one block.
#[derive(Default)]
pub(crate) struct Block {
    pub(crate) number: u64,
    pub(crate) oldest: Time,
    pub(crate) newest: Time,
    pub(crate) marks: BTreeMap<(Kind, String), Bits>,
}

impl Block {
    pub(crate) fn new(number: u64) -> Self {
        Self {
            number,
            oldest: Time(i64::MAX),
            newest: Time(i64::MIN),
            marks: BTreeMap::new(),
        }
    }

    pub(crate) fn add(&mut self, entry: &View<'_>) {
        self.oldest = self.oldest.min(entry.head.time);
        self.newest = self.newest.max(entry.head.time);
        each_term(entry, |kind, value| {
            self.marks
                .entry((kind, value.to_owned()))
                .or_default()
                .set(entry.head.seq);
        });
    }
}

/// Shows every term of an entry once. Empty text is not a term.
pub(crate) fn each_term<'a>(entry: &View<'a>, mut show: impl FnMut(Kind, &'a str)) {
    let single = [
        (Kind::Session, entry.session()),
        (Kind::Event, entry.event()),
        (Kind::Tool, entry.tool()),
        (Kind::Decision, entry.decision()),
        (Kind::Agent, entry.agent()),
        (Kind::User, entry.user()),
    ];
    for (kind, value) in single.into_iter().filter(|(_, value)| !value.is_empty()) {
        show(kind, value);
    }
    for (place, rule) in entry.rules().enumerate() {
        if !entry.rules().take(place).any(|before| before == rule) {
            show(Kind::Rule, rule);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_remembers_its_entries_in_order() {
        let mut bits = Bits::default();
        for seq in [512, 575, 576, 767] {
            bits.set(seq);
        }
        assert_eq!(bits.entries(2).collect::<Vec<_>>(), [512, 575, 576, 767]);
        assert_eq!(bits.count(), 4);
        assert_eq!(Bits::from_slice(&bits.to_bytes()), bits);
        let mut other = Bits::default();
        other.set(575);
        assert_eq!(bits.and(other), other);
        assert_eq!(bits.and(Bits::ALL), bits);
        assert_eq!(Bits::from_slice(&[1]), Bits::default());
    }
}
