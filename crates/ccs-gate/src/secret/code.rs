//! How the prefilter sees a byte. Shared with the build step that fills its tables.

/// Six bits that tell letters, digits and signs apart and letters of both cases alike.
#[inline]
pub(crate) const fn code(byte: u8) -> u32 {
    ((byte & 0x1f) | ((byte >> 1) & 0x20)) as u32
}

/// Three bytes as an index of [`BITS`].
#[inline]
pub(crate) const fn trigram(a: u8, b: u8, c: u8) -> u32 {
    (code(a) << 12) | (code(b) << 6) | code(c)
}

/// How many trigrams there are.
pub(crate) const TRIGRAMS: usize = 1 << 18;

/// Where the words with a trigram are listed.
#[inline]
pub(crate) const fn bucket(trigram: u32) -> usize {
    (trigram.wrapping_mul(0x9e37_79b1) >> 20) as usize
}

/// How many buckets there are.
pub(crate) const BUCKETS: usize = 1 << 12;
