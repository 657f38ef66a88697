//! Inclusion and consistency proofs (RFC 6962 sections 2.1.1 and 2.1.2).

use super::{empty_root, node_hash};
use crate::hash::Hash;

/// The root of the first `size` leaves.
///
/// # Errors
///
/// What `node` returns.
pub fn root<E>(size: u64, mut node: impl FnMut(u32, u64) -> Result<Hash, E>) -> Result<Hash, E> {
    if size == 0 {
        return Ok(empty_root());
    }
    subtree(0, size, &mut node)
}

/// The proof that leaf `index` is in the tree of `size` leaves: the sibling of the leaf first,
/// the child of the root last. Empty if `index` is not below `size`.
///
/// # Errors
///
/// What `node` returns.
pub fn inclusion<E>(
    index: u64,
    size: u64,
    mut node: impl FnMut(u32, u64) -> Result<Hash, E>,
) -> Result<Vec<Hash>, E> {
    let mut proof = Vec::new();
    let (mut start, mut end) = (0, if index < size { size } else { 0 });
    while end - start > 1 {
        let middle = start + split(end - start);
        if index < middle {
            proof.push(subtree(middle, end, &mut node)?);
            end = middle;
        } else {
            proof.push(subtree(start, middle, &mut node)?);
            start = middle;
        }
    }
    proof.reverse();
    Ok(proof)
}

/// The proof that the tree of `old` leaves is a beginning of the tree of `new` leaves. Empty if
/// `old` is 0, or not below `new`.
///
/// # Errors
///
/// What `node` returns.
pub fn consistency<E>(
    old: u64,
    new: u64,
    mut node: impl FnMut(u32, u64) -> Result<Hash, E>,
) -> Result<Vec<Hash>, E> {
    if old == 0 || old >= new {
        return Ok(Vec::new());
    }
    let mut proof = Vec::new();
    let (mut start, mut end, mut whole) = (0, new, true);
    while old != end {
        let middle = start + split(end - start);
        if old <= middle {
            proof.push(subtree(middle, end, &mut node)?);
            end = middle;
        } else {
            proof.push(subtree(start, middle, &mut node)?);
            (start, whole) = (middle, false);
        }
    }
    if !whole {
        proof.push(subtree(start, end, &mut node)?);
    }
    proof.reverse();
    Ok(proof)
}

/// The largest power of two below `count`, which is at least 2.
fn split(count: u64) -> u64 {
    1 << (u64::BITS - 1 - (count - 1).leading_zeros())
}

/// The root of the leaves from `start` to `end`, where `start` begins a full subtree at least as
/// large.
fn subtree<E>(
    start: u64,
    end: u64,
    node: &mut impl FnMut(u32, u64) -> Result<Hash, E>,
) -> Result<Hash, E> {
    let count = end - start;
    if count.is_power_of_two() {
        let level = count.trailing_zeros();
        return node(level, start >> level);
    }
    let middle = start + split(count);
    let left = subtree(start, middle, node)?;
    Ok(node_hash(left, subtree(middle, end, node)?))
}

/// Whether `proof` shows that the leaf with this hash is number `index` of the tree with this
/// size and root.
#[must_use]
pub fn verify_inclusion(index: u64, size: u64, leaf: Hash, root: Hash, proof: &[Hash]) -> bool {
    if index >= size {
        return false;
    }
    // RFC 9162 section 2.1.3.2, the same proof in the form of a loop
    let (mut own, mut last, mut hash) = (index, size - 1, leaf);
    for &sibling in proof {
        if last == 0 {
            return false;
        }
        if own & 1 == 1 || own == last {
            hash = node_hash(sibling, hash);
            while own & 1 == 0 && own != 0 {
                (own, last) = (own >> 1, last >> 1);
            }
        } else {
            hash = node_hash(hash, sibling);
        }
        (own, last) = (own >> 1, last >> 1);
    }
    last == 0 && hash == root
}

/// Whether `proof` shows that the tree `old` (size and root) is a beginning of the tree `new`.
///
/// Every tree begins with the empty one; that needs no proof and accepts none.
#[must_use]
pub fn verify_consistency(old: (u64, Hash), new: (u64, Hash), proof: &[Hash]) -> bool {
    let ((old_size, old_root), (new_size, new_root)) = (old, new);
    if old_size == new_size {
        return proof.is_empty() && old_root == new_root;
    }
    if old_size == 0 || old_size > new_size {
        return old_size == 0 && proof.is_empty();
    }
    let (first, rest) = match proof.split_first() {
        _ if old_size.is_power_of_two() => (old_root, proof),
        Some((first, rest)) => (*first, rest),
        None => return false,
    };
    fold_consistency((old_size, new_size), first, rest) == Some((old_root, new_root))
}

/// RFC 9162 section 2.1.4.2: the old and the new root that a proof leads to.
fn fold_consistency(
    (old_size, new_size): (u64, u64),
    first: Hash,
    proof: &[Hash],
) -> Option<(Hash, Hash)> {
    let shift = (old_size - 1).trailing_ones();
    let (mut own, mut last) = ((old_size - 1) >> shift, (new_size - 1) >> shift);
    let (mut old_root, mut new_root) = (first, first);
    for &hash in proof {
        if last == 0 {
            return None;
        }
        if own & 1 == 1 || own == last {
            old_root = node_hash(hash, old_root);
            new_root = node_hash(hash, new_root);
            while own & 1 == 0 && own != 0 {
                (own, last) = (own >> 1, last >> 1);
            }
        } else {
            new_root = node_hash(new_root, hash);
        }
        (own, last) = (own >> 1, last >> 1);
    }
    (last == 0).then_some((old_root, new_root))
}
