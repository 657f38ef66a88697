//! How the prefilter sees a byte. Shared with the build step that fills its tables.

/// Six bits that tell letters, digits and signs apart and letters of both cases alike.
#[inline]
pub(crate) const fn code(byte: u8) -> u32 {
    ((byte & 0x1f) | ((byte >> 1) & 0x20)) as u32
}

/// Five bits: coarser, but the table of all trigrams of them is small enough to stay at hand.
#[inline]
pub(crate) const fn coarse(byte: u8) -> u32 {
    (byte & 0x1f) as u32
}

/// How many pairs of coarse codes there are; for each, a bit for every code that may follow.
pub(crate) const PAIRS: usize = 1 << 10;

/// Three bytes as one number.
#[inline]
pub(crate) const fn trigram(a: u8, b: u8, c: u8) -> u32 {
    (code(a) << 12) | (code(b) << 6) | code(c)
}

/// Where the words with a trigram are listed.
#[inline]
pub(crate) const fn bucket(trigram: u32) -> usize {
    (trigram.wrapping_mul(0x9e37_79b1) >> 20) as usize
}

/// How many buckets there are.
pub(crate) const BUCKETS: usize = 1 << 12;

/// What an [`Entry`] says of the byte after the trigram if the word ends there.
pub(crate) const END: u8 = u8::MAX;

/// Four bytes as an index into a table of [`QUADS`] bits.
#[inline]
pub(crate) const fn quad(trigram: u32, next: u32) -> usize {
    (((trigram << 6) | next).wrapping_mul(0x9e37_79b1) >> 16) as usize
}

/// How many places there are for sequences of four bytes.
pub(crate) const QUADS: usize = 1 << 16;
