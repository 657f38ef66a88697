//! What a file held before an agent changed it: whole, encrypted under the session's key, and
//! found by its hash.

use std::path::{Path, PathBuf};

use crate::error::{Error, Result};
use crate::hash::Hash;
use crate::keys::DetailsKey;
use crate::place;
use crate::session::{Sessions, file_name};

const FILE: &[u8; 16] = b"ccs-audit/blob\0\x01";
/// The longest file that is kept by default, in bytes.
const DEFAULT_LIMIT: u64 = 8 << 20;

/// Files kept by their hash, each session's under its own key.
pub struct Blobs {
    folder: PathBuf,
    sessions: Sessions,
    pub(crate) limit: u64,
    lazy: bool,
}

/// What is known of a file that was to be kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Blob {
    /// SHA-256 of its contents, under which it is found.
    pub sha256: Hash,
    /// Its length in bytes.
    pub length: u64,
    /// Whether it was short enough to be kept.
    pub kept: bool,
}

impl Blobs {
    /// Keeps files in the log's folder.
    #[must_use]
    pub fn new(log: &Path, key: &DetailsKey) -> Self {
        let sessions = Sessions::new(log, key);
        Self {
            folder: log.join("blobs"),
            sessions,
            limit: DEFAULT_LIMIT,
            lazy: false,
        }
    }

    /// Files longer than this are known by their hash only. 8 MiB unless said otherwise.
    #[must_use]
    pub fn limit(mut self, bytes: u64) -> Self {
        self.limit = bytes;
        self
    }

    /// Does not wait for the disk: for many files that lie unchanged where they were read and can
    /// be read again after a power cut.
    #[must_use]
    pub fn lazy(mut self) -> Self {
        self.lazy = true;
        self
    }

    /// Keeps `bytes`, on the disk when this returns unless it is lazy. The same bytes are kept once a session.
    ///
    /// # Errors
    ///
    /// Why they could not be kept.
    pub fn put(&mut self, session: &str, bytes: &[u8]) -> Result<Blob> {
        let (sha256, length) = (Hash::of(bytes), bytes.len() as u64);
        let kept = length <= self.limit;
        let path = self.path(session, sha256);
        if kept && !path.exists() {
            let sealed = self.sessions.seal(session, &purpose(sha256), bytes)?;
            place::make_folder(&self.folder_of(session))?;
            let bytes = [FILE, &sealed[..]].concat();
            if self.lazy {
                place::replace_lazily(&path, &bytes)?;
            } else {
                place::replace(&path, &bytes)?;
            }
        }
        Ok(Blob {
            sha256,
            length,
            kept,
        })
    }

    /// The bytes with this hash; `None` if they were not kept or have been erased.
    ///
    /// # Errors
    ///
    /// [`Error::Corrupt`] if what is there is not what was kept.
    pub fn get(&mut self, session: &str, sha256: Hash) -> Result<Option<Vec<u8>>> {
        let path = self.path(session, sha256);
        let Some(file) = place::read(&path, u64::MAX)? else {
            return Ok(None);
        };
        let sealed = file.strip_prefix(FILE);
        let bytes =
            sealed.and_then(|sealed| self.sessions.unseal(session, &purpose(sha256), sealed));
        match bytes {
            Some(bytes) if Hash::of(&bytes) == sha256 => Ok(Some(bytes)),
            _ => Err(Error::Corrupt {
                path,
                why: "it does not open".into(),
            }),
        }
    }

    fn folder_of(&self, session: &str) -> PathBuf {
        self.folder.join(file_name(session))
    }

    fn path(&self, session: &str, sha256: Hash) -> PathBuf {
        self.folder_of(session).join(sha256.to_string())
    }
}

fn purpose(sha256: Hash) -> String {
    format!("blob {sha256}")
}

/// Removes what was kept for a session.
pub(crate) fn remove_session(log: &Path, session: &str) -> Result<()> {
    place::remove_folder(&log.join("blobs").join(file_name(session)))
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn blobs(log: &Path) -> Blobs {
        Blobs::new(log, &DetailsKey::new([1; 32]))
    }

    #[test]
    fn what_was_kept_comes_back_in_its_session_only() {
        let log = tempfile::tempdir().expect("a folder");
        let blob = blobs(log.path()).put("a", b"old contents").expect("kept");
        assert_eq!((blob.length, blob.kept), (12, true));
        let mut again = blobs(log.path());
        assert_eq!(
            again.get("a", blob.sha256).expect("read"),
            Some(b"old contents".to_vec())
        );
        assert_eq!(again.get("b", blob.sha256).expect("read"), None);
    }

    #[test]
    fn no_byte_of_it_is_readable_on_the_disk_and_no_other_bytes_open_in_its_place() {
        let log = tempfile::tempdir().expect("a folder");
        let mut blobs = blobs(log.path());
        let [one, two] = ["secret one", "secret two"].map(|text| blobs.put("a", text.as_bytes()));
        let (one, two) = (one.expect("kept").sha256, two.expect("kept").sha256);
        let (from, to) = (blobs.path("a", one), blobs.path("a", two));
        let bytes = fs::read(&from).expect("there");
        assert!(!bytes.windows(6).any(|window| window == b"secret"));
        fs::write(&to, &bytes).expect("swapped");
        assert!(matches!(blobs.get("a", two), Err(Error::Corrupt { .. })));
    }

    #[test]
    fn a_file_that_is_too_long_is_known_by_its_hash() {
        let log = tempfile::tempdir().expect("a folder");
        let mut blobs = blobs(log.path()).limit(3);
        let blob = blobs.put("a", b"long").expect("hashed");
        assert_eq!(
            blob,
            Blob {
                sha256: Hash::of(b"long"),
                length: 4,
                kept: false
            }
        );
        assert_eq!(blobs.get("a", blob.sha256).expect("read"), None);
    }
}
