//! Key files: a purpose, and one key a line with a checksum. While a key is replaced its file holds
//! the new and the old one, so that at every moment one of them fits the file it belongs to.

use ring::digest;
use zeroize::Zeroizing;

use crate::encode::{hex, unhex};
use crate::format::{self, Fault};
use crate::keys::Key32;

/// The most bytes of a key file.
pub(crate) const MAX: u64 = 1024;

/// What the key of a file is for; a file for one purpose is not read as another.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    Vault,
    Fingerprints,
}

impl Purpose {
    fn word(self) -> &'static str {
        match self {
            Self::Vault => "vault",
            Self::Fingerprints => "fingerprints",
        }
    }
}

/// The file's text.
pub(crate) fn write(purpose: Purpose, keys: &[&Key32]) -> Zeroizing<Vec<u8>> {
    let mut text = Zeroizing::new(Vec::with_capacity(256));
    text.extend_from_slice(format!("ccs-key/1 {}\n", purpose.word()).as_bytes());
    for key in keys {
        text.extend_from_slice(hex(&key[..]).as_bytes());
        text.push(b' ');
        text.extend_from_slice(hex(&check(purpose, key)).as_bytes());
        text.push(b'\n');
    }
    text
}

/// The keys of a file: one, or two while one is replaced.
pub(crate) fn read(purpose: Purpose, bytes: &[u8]) -> Result<Vec<Key32>, Fault> {
    let damaged = Fault::Damaged("it is not a key file of this purpose, or was cut or changed");
    format::version(bytes, "ccs-key/", 1)?;
    let text = std::str::from_utf8(bytes).map_err(|_| damaged)?;
    let lines = text.strip_suffix('\n').ok_or(damaged)?;
    let lines = lines
        .strip_prefix(&format!("ccs-key/1 {}\n", purpose.word()))
        .ok_or(damaged)?;
    let keys = lines
        .split('\n')
        .map(|line| key(purpose, line))
        .collect::<Option<Vec<_>>>();
    keys.filter(|keys| keys.len() <= 2).ok_or(damaged)
}

fn key(purpose: Purpose, line: &str) -> Option<Key32> {
    let (digits, sum) = line.split_once(' ')?;
    let key = unhex::<32>(digits)?;
    (*unhex::<4>(sum)? == check(purpose, &key)).then_some(key)
}

fn check(purpose: Purpose, key: &Key32) -> [u8; 4] {
    let mut context = digest::Context::new(&digest::SHA256);
    context.update(format!("ccs-key/1 {} ", purpose.word()).as_bytes());
    context.update(&**key);
    let sum = context.finish();
    let mut check = [0; 4];
    check.copy_from_slice(&sum.as_ref()[..4]);
    check
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_or_two_keys_are_read_back() {
        let (one, two) = (Zeroizing::new([1; 32]), Zeroizing::new([2; 32]));
        for keys in [vec![&one], vec![&two, &one]] {
            let read = read(Purpose::Vault, &write(Purpose::Vault, &keys)).expect("a key file");
            assert_eq!(read.iter().collect::<Vec<_>>(), keys);
        }
    }

    #[test]
    fn a_key_file_of_another_purpose_or_version_is_not_read() {
        let text = write(Purpose::Vault, &[&Zeroizing::new([1; 32])]);
        assert!(matches!(
            read(Purpose::Fingerprints, &text),
            Err(Fault::Damaged(_))
        ));
        assert_eq!(
            read(Purpose::Vault, b"ccs-key/2 vault\n"),
            Err(Fault::Newer(2))
        );
        assert_eq!(read(Purpose::Vault, b""), Err(Fault::Foreign));
    }

    #[test]
    fn a_cut_or_flipped_key_file_is_not_read() {
        let text = write(Purpose::Vault, &[&Zeroizing::new([0x5a; 32])]);
        for end in 0..text.len() {
            assert!(read(Purpose::Vault, &text[..end]).is_err(), "cut at {end}");
        }
        for bit in 0..text.len() * 8 {
            let mut text = text.to_vec();
            text[bit / 8] ^= 1 << (bit % 8);
            assert!(read(Purpose::Vault, &text).is_err(), "bit {bit}");
        }
    }
}
