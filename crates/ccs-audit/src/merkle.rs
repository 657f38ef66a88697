//! The tree of RFC 6962 section 2.1: hashes, roots, and proofs made and checked.
//!
//! A node is named by its level (leaves are level 0) and its index from the left; only nodes
//! whose subtree is full have a name. All of this is pure; nodes come in through a closure.

use crate::hash::Hash;

mod proof;
#[cfg(test)]
mod tests;

pub use proof::{consistency, inclusion, root, verify_consistency, verify_inclusion};

/// The hash of a leaf's bytes: SHA-256(0x00 ‖ bytes).
#[must_use]
pub fn leaf_hash(bytes: &[u8]) -> Hash {
    Hash::of_parts(&[&[0], bytes])
}

/// The hash of two children: SHA-256(0x01 ‖ left ‖ right).
#[must_use]
pub fn node_hash(left: Hash, right: Hash) -> Hash {
    let mut bytes = [1; 65];
    bytes[1..33].copy_from_slice(left.as_bytes());
    bytes[33..].copy_from_slice(right.as_bytes());
    Hash::of(&bytes)
}

/// The root of a tree without leaves: SHA-256 of nothing.
#[must_use]
pub fn empty_root() -> Hash {
    Hash::of(b"")
}

/// The roots of the full subtrees that make up a tree, from the largest to the smallest: what
/// must be known of a tree to go on appending to it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Frontier {
    size: u64,
    roots: Vec<Hash>,
}

impl Frontier {
    /// Takes the roots of a tree of `size` leaves; `None` if there must be more or fewer.
    #[must_use]
    pub fn new(size: u64, roots: Vec<Hash>) -> Option<Self> {
        (roots.len() == size.count_ones() as usize).then_some(Self { size, roots })
    }

    /// The number of leaves.
    #[must_use]
    pub const fn size(&self) -> u64 {
        self.size
    }

    /// The roots, largest subtree first: one for each bit of the size.
    #[must_use]
    pub fn roots(&self) -> &[Hash] {
        &self.roots
    }

    /// Appends a leaf, given its hash.
    pub fn push(&mut self, leaf: Hash) {
        self.push_with(leaf, |_| {});
    }

    /// Appends a leaf and shows each node it completes, from level 1 upwards.
    pub(crate) fn push_with(&mut self, leaf: Hash, mut completed: impl FnMut(Hash)) {
        let mut node = leaf;
        for _ in 0..self.size.trailing_ones() {
            let left = self.roots.pop().expect("one root for each bit of the size");
            node = node_hash(left, node);
            completed(node);
        }
        self.roots.push(node);
        self.size += 1;
    }

    /// The root of the whole tree.
    #[must_use]
    pub fn root(&self) -> Hash {
        let mut roots = self.roots.iter().rev().copied();
        let Some(smallest) = roots.next() else {
            return empty_root();
        };
        roots.fold(smallest, |right, left| node_hash(left, right))
    }
}

/// The names of the nodes a frontier of `size` leaves holds, largest subtree first.
pub(crate) fn frontier_nodes(size: u64) -> impl Iterator<Item = (u32, u64)> {
    let levels = (0..u64::BITS)
        .rev()
        .filter(move |&level| size >> level & 1 == 1);
    levels.map(move |level| (level, (size >> level) - 1))
}
