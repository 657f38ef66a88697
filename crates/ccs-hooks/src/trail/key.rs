//! The key of the details: made once, never anew.

use std::io;
use std::path::Path;

use ccs_audit::{DetailsKey, Hash};

use super::{Error, KEY};
use crate::files;

const KIND: &[u8; 16] = b"ccs-hooks/audit\x01";
const LENGTH: usize = KIND.len() + 32 + 8;

/// What is known of the key of the details.
pub(crate) enum Key {
    /// It is there.
    There(DetailsKey),
    /// It is not. Details are then left out: written without it, they could be read by anyone
    /// and never be erased.
    Missing,
}

impl Key {
    pub(crate) fn read(state: &Path) -> Result<Self, Error> {
        Ok(details_key(state)?.map_or(Self::Missing, Self::There))
    }

    /// The key, which is made if there is none: for a log that is about to be founded.
    pub(crate) fn make(state: &Path) -> Result<Self, Error> {
        if let Self::There(key) = Self::read(state)? {
            return Ok(Self::There(key));
        }
        let path = state.join(KEY);
        let key = DetailsKey::random().map_err(|_| Error::Random)?;
        match files::create_once(&path, &sealed(&key)) {
            Ok(()) => Ok(Self::There(key)),
            // another process made it at the same time
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Self::read(state),
            Err(error) => Err(Error::file(&path)(error)),
        }
    }

    pub(crate) fn is_missing(&self) -> bool {
        matches!(self, Self::Missing)
    }

    pub(crate) fn into_details(self) -> Option<DetailsKey> {
        match self {
            Self::There(key) => Some(key),
            Self::Missing => None,
        }
    }
}

/// The key that encrypts the details of the log in a state folder; `None` if there is none.
///
/// # Errors
///
/// [`Error::File`] or [`Error::Damaged`] if it is there and cannot be read.
pub fn details_key(state: &Path) -> Result<Option<DetailsKey>, Error> {
    let path = state.join(KEY);
    let bytes = files::read_private(&path, LENGTH as u64).map_err(Error::unreadable(&path))?;
    let Some(bytes) = bytes else {
        return Ok(None);
    };
    opened(&bytes).map(Some).ok_or(Error::Damaged(path))
}

/// The kind, the key, and the first bytes of the hash of both, which tell a damaged file.
fn sealed(key: &DetailsKey) -> Vec<u8> {
    let mut bytes = [&KIND[..], key.expose()].concat();
    let sum = Hash::of(&bytes);
    bytes.extend_from_slice(&sum.as_bytes()[..8]);
    bytes
}

fn opened(bytes: &[u8]) -> Option<DetailsKey> {
    let key = bytes.strip_prefix(KIND)?.get(..32)?;
    let key = DetailsKey::new(key.try_into().ok()?);
    (sealed(&key) == bytes).then_some(key)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_reads_back_and_no_damaged_one_does() {
        let bytes = sealed(&DetailsKey::new([7; 32]));
        assert_eq!(opened(&bytes).map(|key| *key.expose()), Some([7; 32]));
        for place in 0..bytes.len() {
            let mut damaged = bytes.clone();
            damaged[place] ^= 1;
            assert!(opened(&damaged).is_none() && opened(&bytes[..place]).is_none());
        }
    }

    #[test]
    fn a_key_is_made_once() {
        let state = tempfile::tempdir().expect("a folder");
        assert!(Key::read(state.path()).expect("readable").is_missing());
        let keys: Vec<[u8; 32]> = std::thread::scope(|scope| {
            let make = || Key::make(state.path()).expect("made").into_details();
            let threads: Vec<_> = (0..8).map(|_| scope.spawn(make)).collect();
            let keys = threads.into_iter().map(|one| one.join().expect("no panic"));
            keys.map(|key| *key.expect("a key").expose()).collect()
        });
        assert!(keys.iter().all(|key| *key == keys[0]));
    }
}
