//! Words as numbers. Shared with the build script, which makes the tables of them.

/// Where every word begins.
pub(crate) const SEED: u64 = 0xcbf2_9ce4_8422_2325;
/// Told apart from whole words: entries that stand for every word that begins with them.
pub(crate) const PREFIX: u64 = 0x9e37_79b9_7f4a_7c15;
/// The shortest and the longest beginning that can stand for a word, in characters.
pub(crate) const PREFIX_CHARS: std::ops::RangeInclusive<usize> = 4..=8;

/// One more byte of a word (FNV-1a).
pub(crate) const fn step(key: u64, byte: u8) -> u64 {
    (key ^ byte as u64).wrapping_mul(0x0000_0100_0000_01b3)
}

/// The last mixing step: spreads the key over the table.
pub(crate) const fn spread(key: u64) -> u64 {
    let key = (key ^ (key >> 32)).wrapping_mul(0xd6e8_feb8_6659_fd93);
    key ^ (key >> 32)
}

/// The key of a word that is already folded and in lower case.
pub(crate) const fn of(word: &str) -> u64 {
    let bytes = word.as_bytes();
    let mut key = SEED;
    let mut at = 0;
    while at < bytes.len() {
        key = step(key, bytes[at]);
        at += 1;
    }
    key
}
