//! AES-256-GCM. The nonce rule lives here and nowhere else: **a key seals one message**, so the
//! nonce is zero. Every key comes from a derivation with a fresh 256-bit salt.

use ring::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use zeroize::Zeroizing;

use crate::keys::Key32;

/// How much longer the sealed bytes are than what they hold.
pub(crate) const OVERHEAD: usize = 16;

/// The key is wrong, or the bytes or what they are bound to were changed; a tag cannot say which.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Sealed;

/// Seals in place: no second copy of the plaintext comes to be. `key` must be new.
pub(crate) fn seal(key: &Key32, bound: &[u8], mut plaintext: Zeroizing<Vec<u8>>) -> Vec<u8> {
    let tag = cipher(key)
        .seal_in_place_separate_tag(nonce(), Aad::from(bound), &mut plaintext)
        .expect("AES-GCM takes every message of less than 64 GiB");
    let mut sealed = std::mem::take(&mut *plaintext);
    sealed.extend_from_slice(tag.as_ref());
    sealed
}

/// Opens what [`seal`] made with the same key and the same bound bytes.
pub(crate) fn open(key: &Key32, bound: &[u8], sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, Sealed> {
    let mut bytes = Zeroizing::new(sealed.to_vec());
    let length = cipher(key)
        .open_in_place(nonce(), Aad::from(bound), &mut bytes)
        .map_err(|_| Sealed)?
        .len();
    bytes.truncate(length);
    Ok(bytes)
}

fn cipher(key: &Key32) -> LessSafeKey {
    LessSafeKey::new(UnboundKey::new(&AES_256_GCM, &**key).expect("the key has 32 bytes"))
}

fn nonce() -> Nonce {
    Nonce::assume_unique_for_key([0; 12])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sealed() -> Vec<u8> {
        seal(
            &Zeroizing::new([1; 32]),
            b"bound",
            Zeroizing::new(b"text".to_vec()),
        )
    }

    #[test]
    fn what_was_sealed_opens() {
        let opened = open(&Zeroizing::new([1; 32]), b"bound", &sealed()).expect("opens");
        assert_eq!(*opened, b"text");
        assert_eq!(sealed().len(), 4 + OVERHEAD);
    }

    #[test]
    fn another_key_another_binding_or_any_flipped_bit_does_not_open() {
        let key = Zeroizing::new([1; 32]);
        assert_eq!(
            open(&Zeroizing::new([2; 32]), b"bound", &sealed()),
            Err(Sealed)
        );
        assert_eq!(open(&key, b"other", &sealed()), Err(Sealed));
        for bit in 0..sealed().len() * 8 {
            let mut bytes = sealed();
            bytes[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(open(&key, b"bound", &bytes), Err(Sealed));
        }
        assert_eq!(open(&key, b"bound", &[]), Err(Sealed));
    }
}
