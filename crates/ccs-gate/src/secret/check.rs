//! Checksums and structures that tell a secret from its look-alikes.

use super::base64;

const BASE62: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// Whether the last six characters are the CRC-32 of those before, in base 62; what comes before
/// the last `_` is not part of it. GitHub and npm make their tokens so.
pub(super) fn crc32(token: &[u8]) -> bool {
    let body = match token.iter().rposition(|&b| b == b'_') {
        Some(at) => &token[at + 1..],
        None => token,
    };
    let Some((random, sum)) = body.split_last_chunk::<6>() else {
        return false;
    };
    let mut crc = crc(random);
    let mut digits = [b'0'; 6];
    for digit in digits.iter_mut().rev() {
        *digit = BASE62[crc as usize % 62];
        crc /= 62;
    }
    digits == *sum
}

fn crc(bytes: &[u8]) -> u32 {
    let mut crc = u32::MAX;
    for &byte in bytes {
        crc ^= u32::from(byte);
        for _ in 0..8 {
            let low = crc & 1;
            crc = (crc >> 1) ^ (0xedb8_8320 * low);
        }
    }
    !crc
}

/// Whether the digits of a card number have the right check digit. Other characters are skipped.
pub(super) fn luhn(number: &[u8]) -> bool {
    let digits = number.iter().rev().filter(|b| b.is_ascii_digit());
    let sum: u32 = digits
        .enumerate()
        .map(|(place, digit)| {
            let digit = u32::from(digit - b'0');
            match (place % 2, digit * 2) {
                (0, _) => digit,
                (_, twice) if twice > 9 => twice - 9,
                (_, twice) => twice,
            }
        })
        .sum();
    sum.is_multiple_of(10) && number.iter().any(|b| (b'1'..=b'9').contains(b))
}

/// Whether an account number's two check digits are right: ISO 13616. Spaces are skipped.
pub(super) fn iban(number: &[u8]) -> bool {
    let letters: Vec<u8> = number
        .iter()
        .copied()
        .filter(u8::is_ascii_alphanumeric)
        .collect();
    let turned = letters[4.min(letters.len())..]
        .iter()
        .chain(letters.iter().take(4));
    let rest = turned.fold(0_u32, |rest, &b| match b {
        b'0'..=b'9' => (rest * 10 + u32::from(b - b'0')) % 97,
        _ => (rest * 100 + u32::from(b.to_ascii_uppercase() - b'A') + 10) % 97,
    });
    rest == 1
}

/// Whether what stands before the first dot is base64 of a number: Discord's tokens begin with the
/// number of the account.
pub(super) fn snowflake(token: &[u8]) -> bool {
    let head = token.split(|&b| b == b'.').next().unwrap_or_default();
    base64::decode(head).is_some_and(|id| id.len() >= 17 && id.iter().all(u8::is_ascii_digit))
}

/// The password in base64 of `user:password`.
pub(super) fn userinfo(text: &[u8]) -> Option<Vec<u8>> {
    let pair = base64::decode(text)?;
    let colon = pair.iter().position(|&b| b == b':')?;
    let plain = pair.iter().all(|b| (b' '..0x7f).contains(b));
    (plain && colon > 0 && colon + 1 < pair.len()).then(|| pair[colon + 1..].to_vec())
}

#[cfg(test)]
mod tests {
    use super::{crc32, iban, luhn, snowflake};

    #[test]
    fn a_token_with_its_checksum_is_certain() {
        // Thirty characters drawn by chance and their checksum.
        assert!(crc32(
            b"ghp_q8ZkV2mXw9RtL4pNc7Bd\
            T1kYh3GsJf0TB6pV"
        ));
        assert!(!crc32(b"ghp_abcdefghijklmnopqrstuvwxyz0123zzzzzz"));
        assert!(!crc32(b"short"));
    }

    #[test]
    fn the_head_of_an_account_token_is_a_number() {
        assert!(snowflake(b"MTUyMTY5MDg3NDQ1MjkxMDcw.x"));
        assert!(!snowflake(b"NW9yht5C4-VmpA5PEsZoF9_m0.x"));
        assert!(!snowflake(b"MTI.x"));
    }

    #[test]
    fn check_digits_are_checked() {
        assert!(luhn(b"4111 1111 1111 1111"));
        assert!(!luhn(b"4111 1111 1111 1112"));
        assert!(!luhn(b"0000 0000 0000 0000"));
        assert!(iban(b"GB82 WEST 1234 5698 7654 32"));
        assert!(!iban(b"GB82 WEST 1234 5698 7654 33"));
    }
}
