//! Hex, base64 and base32, as far as they are written here.

use zeroize::Zeroizing;

const BASE32: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// Lower-case hex digits.
pub(crate) fn hex(bytes: &[u8]) -> Zeroizing<String> {
    let mut text = Zeroizing::new(String::with_capacity(bytes.len() * 2));
    for byte in bytes {
        for digit in [byte >> 4, byte & 15] {
            text.push(char::from(b"0123456789abcdef"[usize::from(digit)]));
        }
    }
    text
}

/// Exactly `N` bytes of lower-case hex digits.
pub(crate) fn unhex<const N: usize>(text: &str) -> Option<Zeroizing<[u8; N]>> {
    let digits = text.as_bytes();
    if digits.len() != N * 2 {
        return None;
    }
    let mut bytes = Zeroizing::new([0; N]);
    for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
        *byte = digit(pair[0])? << 4 | digit(pair[1])?;
    }
    Some(bytes)
}

fn digit(byte: u8) -> Option<u8> {
    match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        _ => None,
    }
}

/// The five bits at a time of `bytes`; the last are filled up with zeros.
pub(crate) fn fives(bytes: &[u8]) -> impl Iterator<Item = u8> {
    (0..(bytes.len() * 8).div_ceil(5)).map(|index| {
        let at = index * 5;
        let pair = [bytes[at / 8], bytes.get(at / 8 + 1).copied().unwrap_or(0)];
        (u16::from_be_bytes(pair) >> (11 - at % 8) & 31) as u8
    })
}

/// The bytes of groups of five bits. Bits left over are zeros, or it is `None`.
pub(crate) fn unfives(groups: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let mut bytes = Zeroizing::new(Vec::with_capacity(groups.len() * 5 / 8));
    let (mut held, mut bits) = (0_u32, 0);
    for group in groups {
        held = held << 5 | u32::from(*group);
        bits += 5;
        if bits >= 8 {
            bits -= 8;
            bytes.push((held >> bits) as u8);
            held &= (1 << bits) - 1;
        }
    }
    (held == 0 && bits < 5).then_some(bytes)
}

/// RFC 4648 base32 without padding.
pub(crate) fn base32(bytes: &[u8]) -> Zeroizing<String> {
    let text = fives(bytes).map(|five| char::from(BASE32[usize::from(five)]));
    Zeroizing::new(text.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hex_is_lower_case_and_of_fixed_length() {
        assert_eq!(*hex(&[0, 0xab, 0xff]), "00abff");
        assert_eq!(unhex::<3>("00abff").as_deref(), Some(&[0, 0xab, 0xff]));
        for bad in ["00abf", "00ABFF", "00abffff", "00abfg", "é0abf"] {
            assert!(unhex::<3>(bad).is_none(), "{bad}");
        }
    }

    #[test]
    fn base32_is_that_of_rfc_4648() {
        let vectors = [
            ("", ""),
            ("f", "MY"),
            ("fo", "MZXQ"),
            ("foo", "MZXW6"),
            ("foob", "MZXW6YQ"),
            ("fooba", "MZXW6YTB"),
            ("foobar", "MZXW6YTBOI"),
        ];
        for (plain, coded) in vectors {
            assert_eq!(*base32(plain.as_bytes()), coded);
            let groups: Vec<u8> = fives(plain.as_bytes()).collect();
            assert_eq!(unfives(&groups).expect("bytes")[..], *plain.as_bytes());
        }
        assert!(unfives(&[1]).is_none() && unfives(&[0, 1]).is_none());
    }
}
