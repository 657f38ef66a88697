//! The sessions' own keys: details are encrypted under them, and a session is erased by
//! destroying its key, which changes nothing that is hashed.

use std::collections::HashMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use zeroize::Zeroizing;

use crate::entry::Details;
use crate::error::{Error, Result};
use crate::hash::{Hash, hex};
use crate::keys::{DetailsKey, random};
use crate::place;

const FILE: &[u8; 16] = b"ccs-audit/sess\0\x01";

/// The sessions' keys, wrapped by the [`DetailsKey`], one file for each session.
pub(crate) struct Sessions {
    folder: PathBuf,
    wrap: Cipher,
    open: HashMap<String, Option<Cipher>>,
}

impl Sessions {
    pub(crate) fn new(log: &Path, key: &DetailsKey) -> Self {
        let wrap = Cipher::new(key.expose());
        Self {
            folder: folder(log),
            wrap,
            open: HashMap::new(),
        }
    }

    /// Encrypts under the session's key, which is made if there is none yet.
    pub(crate) fn seal(&mut self, session: &str, purpose: &str, plain: &[u8]) -> Result<Vec<u8>> {
        if !matches!(self.open.get(session), Some(Some(_))) {
            let cipher = self.key_or_new(session)?;
            self.open.insert(session.to_owned(), Some(cipher));
        }
        let cipher = self.open.get(session).and_then(Option::as_ref);
        cipher
            .expect("just put there")
            .seal(&aad(purpose, session), plain)
    }

    /// Decrypts; `None` if the session's key is gone, damaged or another.
    pub(crate) fn unseal(
        &mut self,
        session: &str,
        purpose: &str,
        sealed: &[u8],
    ) -> Option<Vec<u8>> {
        if !self.open.contains_key(session) {
            let cipher = self.key(session).ok().flatten();
            self.open.insert(session.to_owned(), cipher);
        }
        self.open
            .get(session)?
            .as_ref()?
            .open(&aad(purpose, session), sealed)
    }

    /// Forgets the session's key if it is known.
    pub(crate) fn forget(&mut self, session: &str) {
        self.open.remove(session);
    }

    fn path(&self, session: &str) -> PathBuf {
        self.folder.join(format!("{}.key", file_name(session)))
    }

    fn key(&self, session: &str) -> Result<Option<Cipher>> {
        let path = self.path(session);
        let Some(bytes) = place::read(&path, 1 << 10)? else {
            return Ok(None);
        };
        let wrapped = bytes.strip_prefix(FILE);
        let key = wrapped.and_then(|wrapped| self.wrap.open(&aad("key", session), wrapped));
        let key = key
            .map(Zeroizing::new)
            .and_then(|key| Some(Cipher::new(key.as_slice().try_into().ok()?)));
        key.map(Some).ok_or(Error::WrongKey { path })
    }

    fn key_or_new(&self, session: &str) -> Result<Cipher> {
        if let Some(cipher) = self.key(session)? {
            return Ok(cipher);
        }
        place::make_folder(&self.folder)?;
        let key = Zeroizing::new(random::<32>()?);
        let wrapped = self.wrap.seal(&aad("key", session), &*key)?;
        match link_new(&self.path(session), &[FILE, &wrapped[..]].concat()) {
            Ok(()) => place::sync_folder(&self.folder).map(|()| Cipher::new(&key)),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                let theirs = self.key(session)?;
                theirs.ok_or_else(|| Error::KeyMissing {
                    path: self.path(session),
                })
            }
            Err(error) => Err(Error::file(self.path(session))(error)),
        }
    }
}

/// Makes a whole file or none: it gets its name only when it is on the disk.
fn link_new(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let aside = place::aside(path);
    let _ = fs::remove_file(&aside);
    let made = place::create(&aside, bytes).and_then(|()| fs::hard_link(&aside, path));
    let _ = fs::remove_file(&aside);
    made
}

fn folder(log: &Path) -> PathBuf {
    log.join("sessions")
}

/// A name for the session that is safe in a path: half of its hash.
pub(crate) fn file_name(session: &str) -> String {
    hex(&Hash::of(session.as_bytes()).as_bytes()[..16])
}

fn aad(purpose: &str, session: &str) -> Vec<u8> {
    let fields = crate::bytes::Writer::default().raw(b"ccs-audit/seal\0\x01");
    fields
        .field(purpose.as_bytes())
        .field(session.as_bytes())
        .done()
}

/// Destroys the session's key; `false` if there was none. What was encrypted under it stays
/// where it is and can never be read again.
pub(crate) fn erase(log: &Path, session: &str) -> Result<bool> {
    let folder = folder(log);
    let path = folder.join(format!("{}.key", file_name(session)));
    let known = fs::exists(&path).map_err(Error::file(&path))?;
    if known {
        place::replace(&path.with_extension("erased"), b"")?;
        place::destroy(&path)?;
        place::sync_folder(&folder)?;
    }
    Ok(known)
}

/// Whether the session has been erased.
pub(crate) fn is_erased(log: &Path, session: &str) -> bool {
    folder(log)
        .join(format!("{}.erased", file_name(session)))
        .exists()
}

/// The details as far as they can be read with these keys.
pub(crate) fn read_details(
    log: &Path,
    sessions: Option<&mut Sessions>,
    session: &str,
    details: Details,
) -> Details {
    let Details::Sealed(sealed) = details else {
        return details;
    };
    match sessions.and_then(|sessions| sessions.unseal(session, "details", &sealed)) {
        Some(plain) => Details::Text(String::from_utf8_lossy(&plain).into_owned()),
        None if is_erased(log, session) => Details::Erased,
        None => Details::Sealed(sealed),
    }
}

/// AES-256-GCM with a random nonce in front.
pub(crate) struct Cipher(LessSafeKey);

impl Cipher {
    pub(crate) fn new(key: &[u8; 32]) -> Self {
        let key = UnboundKey::new(&AES_256_GCM, key).expect("AES-256 keys have 32 bytes");
        Self(LessSafeKey::new(key))
    }

    pub(crate) fn seal(&self, aad: &[u8], plain: &[u8]) -> Result<Vec<u8>> {
        let nonce: [u8; NONCE_LEN] = random()?;
        let mut sealed = plain.to_vec();
        let at = Nonce::assume_unique_for_key(nonce);
        self.0
            .seal_in_place_append_tag(at, Aad::from(aad), &mut sealed)
            .expect("far below the 64 GiB that AES-GCM can seal");
        Ok([&nonce[..], &sealed].concat())
    }

    pub(crate) fn open(&self, aad: &[u8], sealed: &[u8]) -> Option<Vec<u8>> {
        let (nonce, sealed) = sealed.split_first_chunk::<NONCE_LEN>()?;
        let mut plain = sealed.to_vec();
        let nonce = Nonce::assume_unique_for_key(*nonce);
        let length = self
            .0
            .open_in_place(nonce, Aad::from(aad), &mut plain)
            .ok()?
            .len();
        plain.truncate(length);
        Some(plain)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sessions(log: &Path, seed: u8) -> Sessions {
        Sessions::new(log, &DetailsKey::new([seed; 32]))
    }

    #[test]
    fn details_open_with_the_same_key_in_the_same_session_only() {
        let log = tempfile::tempdir().expect("a folder");
        let sealed = sessions(log.path(), 1)
            .seal("a", "details", b"secret")
            .expect("sealed");
        assert!(!sealed.windows(6).any(|window| window == b"secret"));

        let mut again = sessions(log.path(), 1);
        assert_eq!(
            again.unseal("a", "details", &sealed),
            Some(b"secret".to_vec())
        );
        assert_eq!(again.unseal("b", "details", &sealed), None);
        assert_eq!(again.unseal("a", "blob", &sealed), None);
        assert_eq!(
            sessions(log.path(), 2).unseal("a", "details", &sealed),
            None
        );
        let refused = sessions(log.path(), 2).seal("a", "details", b"x");
        assert!(matches!(refused, Err(Error::WrongKey { .. })));
    }

    #[test]
    fn an_erased_session_cannot_be_read_and_may_begin_again() {
        let log = tempfile::tempdir().expect("a folder");
        let old = sessions(log.path(), 1)
            .seal("a", "details", b"old")
            .expect("sealed");
        assert!(erase(log.path(), "a").expect("erased"));
        assert!(!erase(log.path(), "a").expect("nothing left"));
        let new = sessions(log.path(), 1)
            .seal("a", "details", b"new")
            .expect("sealed");

        let mut keys = sessions(log.path(), 1);
        let mut read = |sealed: &[u8]| {
            read_details(
                log.path(),
                Some(&mut keys),
                "a",
                Details::Sealed(sealed.to_vec()),
            )
        };
        assert_eq!(read(&old), Details::Erased);
        assert_eq!(read(&new), Details::Text("new".into()));
    }

    #[test]
    fn two_that_make_the_same_key_at_once_agree_on_one() {
        let log = tempfile::tempdir().expect("a folder");
        let sealed: Vec<Vec<u8>> = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..8)
                .map(|_| scope.spawn(|| sessions(log.path(), 1).seal("a", "details", b"x")))
                .collect();
            threads
                .into_iter()
                .map(|t| t.join().expect("no panic").expect("sealed"))
                .collect()
        });
        let mut keys = sessions(log.path(), 1);
        assert!(
            sealed
                .iter()
                .all(|one| keys.unseal("a", "details", one).is_some())
        );
    }
}
