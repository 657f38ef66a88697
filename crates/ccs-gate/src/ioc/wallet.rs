//! Addresses of crypto currencies. Bitcoin's carry checksums, which keeps identifiers out.

use sha2::{Digest, Sha256};

use super::Kind;

const BASE58: &[u8] = b"123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
const BECH32: &[u8] = b"qpzry9x8gf2tvdw0s3jn54khce6mua7l";

/// The kind of an address, and the form lists hold it in.
pub(super) fn read(word: &str) -> Option<(Kind, String)> {
    let lower = || word.to_ascii_lowercase();
    if is_ethereum(word) {
        Some((Kind::Ethereum, lower()))
    } else if is_base58_check(word) {
        Some((Kind::Bitcoin, word.to_owned()))
    } else if is_segwit(word) {
        Some((Kind::Bitcoin, lower()))
    } else {
        None
    }
}

fn is_ethereum(word: &str) -> bool {
    let digits = word.strip_prefix("0x").unwrap_or_default();
    let zeros = digits.bytes().filter(|b| *b == b'0').count();
    digits.len() == 40 && digits.bytes().all(|b| b.is_ascii_hexdigit()) && zeros < 20
}

/// `1…` and `3…`: 25 bytes in base 58, the last four of which check the others.
fn is_base58_check(word: &str) -> bool {
    if !(26..=35).contains(&word.len()) || !word.starts_with(['1', '3']) {
        return false;
    }
    let mut bytes = [0_u8; 25];
    for letter in word.bytes() {
        let Some(mut carry) = BASE58.iter().position(|b| *b == letter) else {
            return false;
        };
        for byte in bytes.iter_mut().rev() {
            carry += usize::from(*byte) * 58;
            *byte = (carry & 0xff) as u8;
            carry >>= 8;
        }
        if carry != 0 {
            return false;
        }
    }
    let check = Sha256::digest(Sha256::digest(&bytes[..21]));
    check[..4] == bytes[21..]
}

/// `bc1…`: bech32, or its modified form.
fn is_segwit(word: &str) -> bool {
    let one_case = word.to_ascii_lowercase() == word || word.to_ascii_uppercase() == word;
    let lower = word.to_ascii_lowercase();
    let Some(data) = lower
        .strip_prefix("bc1")
        .filter(|data| one_case && (11..=71).contains(&data.len()))
    else {
        return false;
    };
    // the expansion of `bc`: high bits, a zero, low bits
    let mut check = 1;
    for value in [3, 3, 0, 2, 3] {
        check = step(check, value);
    }
    for letter in data.bytes() {
        let Some(value) = BECH32.iter().position(|b| *b == letter) else {
            return false;
        };
        check = step(check, value as u32);
    }
    matches!(check, 1 | 0x2bc8_30a3)
}

fn step(check: u32, value: u32) -> u32 {
    const GENERATOR: [u32; 5] = [
        0x3b6a_57b2,
        0x2650_8e6d,
        0x1ea1_19fa,
        0x3d42_33dd,
        0x2a14_62b3,
    ];
    let top = check >> 25;
    let mut next = (check & 0x01ff_ffff) << 5 ^ value;
    for (bit, generator) in GENERATOR.iter().enumerate() {
        if top >> bit & 1 != 0 {
            next ^= generator;
        }
    }
    next
}
