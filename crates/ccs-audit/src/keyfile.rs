//! The key files in the log's folder: what a writer must know, and nothing of the past.
//!
//! `epoch.key` is overwritten where it lies, so that the key of the epoch before is gone from a
//! disk that writes in place. Every file carries the log's id and a checksum, so that *missing*,
//! *damaged* and *another log's* are told apart.

use std::fs::File;
use std::io::{self, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use zeroize::Zeroizing;

use crate::bytes::{Reader, Writer};
use crate::error::{Error, Result};
use crate::hash::Hash;
use crate::keys::{EpochKey, Identity, LogKeys, RootKey};
use crate::place;
use crate::time::Time;

const EPOCH: &[u8; 16] = b"ccs-audit/epoch\x01";
const LOG: &[u8; 16] = b"ccs-audit/keys\0\x01";
const ROOT: &[u8; 16] = b"ccs-audit/root\0\x01";
/// How long to wait for whoever is writing the key file, which is one write and one flush.
const WAIT: Duration = Duration::from_secs(5);

/// The key files of one log.
#[derive(Clone)]
pub(crate) struct KeyFiles {
    folder: PathBuf,
}

/// The current epoch's key, and what the epoch before ended with.
#[derive(Clone)]
pub(crate) struct Current {
    pub(crate) id: [u8; 16],
    pub(crate) key: EpochKey,
    /// The number of entries when the last epoch was closed: a log that is shorter was cut.
    pub(crate) size: u64,
    /// The tag of the last of them.
    pub(crate) mac: Hash,
    /// When the current epoch began.
    pub(crate) since: Time,
    /// The newest segment known.
    pub(crate) segment: u32,
}

impl KeyFiles {
    pub(crate) fn new(folder: &Path) -> Self {
        Self {
            folder: folder.into(),
        }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// Writes the files of a new log. The root key is written only if it is to be kept here.
    pub(crate) fn create(&self, id: [u8; 16], root: &RootKey, keep: bool) -> Result<()> {
        let keys = LogKeys::of(root);
        if keep {
            self.put(
                "root.key",
                Writer::default().raw(ROOT).raw(&id).raw(root.expose()),
            )?;
        }
        let both = Writer::default()
            .raw(LOG)
            .raw(&id)
            .raw(&*keys.checkpoint)
            .raw(&*keys.spool);
        self.put("log.key", both)?;
        let current = Current {
            id,
            key: EpochKey::first(root),
            size: 0,
            mac: Hash::default(),
            since: Time::now(),
            segment: 0,
        };
        self.put("epoch.key", current.write())
    }

    fn put(&self, name: &str, writer: Writer) -> Result<()> {
        place::replace(&self.path(name), &checked(writer))
    }

    fn get(&self, name: &str, kind: &[u8; 16]) -> Result<Zeroizing<Vec<u8>>> {
        let path = self.path(name);
        let bytes = place::read(&path, 4 << 10)?.map(Zeroizing::new);
        let bytes = bytes.ok_or_else(|| Error::KeyMissing { path: path.clone() })?;
        let payload = unchecked(&bytes).and_then(|payload| payload.strip_prefix(kind));
        let payload = payload.ok_or(Error::KeyCorrupt { path })?;
        Ok(Zeroizing::new(payload.to_vec()))
    }

    /// Reads `epoch.key`. A reader may meet a writer half-way, so a damaged file is read once
    /// more under the lock that writers hold.
    pub(crate) fn current(&self) -> Result<Current> {
        match self.read_current() {
            Err(Error::KeyCorrupt { path }) => {
                let file = File::open(&path).map_err(Error::file(&path))?;
                place::lock_open(&file, &path, WAIT)?;
                self.read_current()
            }
            other => other,
        }
    }

    fn read_current(&self) -> Result<Current> {
        let bytes = self.get("epoch.key", EPOCH)?;
        let corrupt = || Error::KeyCorrupt {
            path: self.path("epoch.key"),
        };
        Current::read(&bytes).ok_or_else(corrupt)
    }

    /// Makes `next` current, unless a later epoch or segment already is.
    pub(crate) fn advance(&self, next: &Current) -> Result<()> {
        let path = self.path("epoch.key");
        let failed = Error::file(&path);
        let file = place::private()
            .read(true)
            .write(true)
            .open(&path)
            .map_err(failed)?;
        place::lock_open(&file, &path, WAIT)?;
        let behind = match self.read_current() {
            Ok(current) => current.place() < next.place(),
            Err(Error::KeyCorrupt { .. }) => true, // a writer was stopped half-way
            Err(error) => return Err(error),
        };
        if behind {
            let bytes = Zeroizing::new(checked(next.write()));
            overwrite(file, &bytes).map_err(Error::file(&path))?;
        }
        Ok(())
    }

    /// The keys that stay the same.
    pub(crate) fn log(&self) -> Result<LogKeys> {
        let bytes = self.get("log.key", LOG)?;
        let corrupt = || Error::KeyCorrupt {
            path: self.path("log.key"),
        };
        let mut reader = Reader::new(bytes.get(16..).unwrap_or_default());
        let mut key = || reader.array().map(Zeroizing::new).ok_or_else(corrupt);
        Ok(LogKeys {
            checkpoint: key()?,
            spool: key()?,
        })
    }

    /// Whether the root key is kept here.
    pub(crate) fn has_root(&self) -> bool {
        self.path("root.key").exists()
    }

    /// The root key, if it is kept here.
    pub(crate) fn root(&self) -> Result<Option<RootKey>> {
        let bytes = match self.get("root.key", ROOT) {
            Err(Error::KeyMissing { .. }) => return Ok(None),
            other => other?,
        };
        let corrupt = || Error::KeyCorrupt {
            path: self.path("root.key"),
        };
        let key = bytes
            .get(16..)
            .and_then(|key| key.try_into().ok())
            .ok_or_else(corrupt)?;
        Ok(Some(RootKey::new(key)))
    }

    /// Destroys the copy of the root key that is kept here.
    pub(crate) fn drop_root(&self) -> Result<()> {
        place::destroy(&self.path("root.key"))?;
        place::sync_folder(&self.folder)
    }

    pub(crate) fn put_identity(&self, identity: &Identity) -> Result<()> {
        place::replace(
            &self.path("log.json"),
            format!("{}\n", identity.to_json()).as_bytes(),
        )
    }

    /// The log's public keys; `None` if no log was founded here.
    pub(crate) fn identity(&self) -> Result<Option<Identity>> {
        let path = self.path("log.json");
        let Some(json) = place::read(&path, 64 << 10)? else {
            return Ok(None);
        };
        let identity = Identity::from_json(&String::from_utf8_lossy(&json));
        identity.map(Some).ok_or_else(|| Error::Corrupt {
            path,
            why: "not an identity".into(),
        })
    }
}

impl Current {
    fn place(&self) -> (u64, u32) {
        (self.key.epoch, self.segment)
    }

    fn write(&self) -> Writer {
        Writer::default()
            .raw(EPOCH)
            .raw(&self.id)
            .u64(self.key.epoch)
            .raw(self.key.expose())
            .u64(self.size)
            .raw(self.mac.as_bytes())
            .i64(self.since.0)
            .u32(self.segment)
    }

    fn read(bytes: &[u8]) -> Option<Self> {
        let mut reader = Reader::new(bytes);
        let id = reader.array()?;
        let key = EpochKey::new(reader.u64()?, reader.array()?);
        let current = Self {
            id,
            key,
            size: reader.u64()?,
            mac: Hash::new(reader.array()?),
            since: Time(reader.i64()?),
            segment: reader.u32()?,
        };
        reader.is_done().then_some(current)
    }
}

fn checked(writer: Writer) -> Vec<u8> {
    let mut bytes = writer.done();
    let sum = Hash::of(&bytes);
    bytes.extend_from_slice(&sum.as_bytes()[..8]);
    bytes
}

fn unchecked(bytes: &[u8]) -> Option<&[u8]> {
    let (payload, sum) = bytes.split_at_checked(bytes.len().checked_sub(8)?)?;
    (Hash::of(payload).as_bytes()[..8] == *sum).then_some(payload)
}

fn overwrite(mut file: File, bytes: &[u8]) -> io::Result<()> {
    file.seek(SeekFrom::Start(0))?;
    file.write_all(bytes)?;
    file.sync_data()
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn files() -> (tempfile::TempDir, KeyFiles) {
        let folder = tempfile::tempdir().expect("a folder");
        let files = KeyFiles::new(folder.path());
        files
            .create([3; 16], &RootKey::new([1; 32]), true)
            .expect("written");
        (folder, files)
    }

    fn next(current: &Current) -> Current {
        Current {
            key: current.key.next(),
            size: 9,
            mac: Hash::of(b"m"),
            ..current.clone()
        }
    }

    #[test]
    fn the_key_of_a_closed_epoch_is_nowhere_in_the_folder() {
        let (folder, files) = files();
        let current = files.current().expect("a key");
        files.drop_root().expect("gone");
        files.advance(&next(&current)).expect("written");
        for file in fs::read_dir(folder.path()).expect("a folder") {
            let bytes = fs::read(file.expect("a file").path()).expect("read");
            assert!(
                !bytes
                    .windows(32)
                    .any(|window| window == current.key.expose())
            );
            assert!(!bytes.windows(32).any(|window| window == [1; 32]));
        }
        let now = files.current().expect("a key");
        assert_eq!((now.key.epoch, now.size, now.mac), (1, 9, Hash::of(b"m")));
    }

    #[test]
    fn an_epoch_never_goes_back() {
        let (_folder, files) = files();
        let zero = files.current().expect("a key");
        let one = next(&zero);
        files.advance(&next(&one)).expect("written");
        files.advance(&one).expect("kept");
        assert_eq!(files.current().expect("a key").key.epoch, 2);
    }

    #[test]
    fn missing_and_damaged_are_different_errors() {
        let (folder, files) = files();
        let path = folder.path().join("epoch.key");
        let good = fs::read(&path).expect("read");
        for place in 0..good.len() {
            let mut bad = good.clone();
            bad[place] ^= 1;
            fs::write(&path, &bad).expect("written");
            assert!(
                matches!(files.current(), Err(Error::KeyCorrupt { .. })),
                "{place}"
            );
            fs::write(&path, &good[..place]).expect("written");
            assert!(
                matches!(files.current(), Err(Error::KeyCorrupt { .. })),
                "{place}"
            );
        }
        fs::remove_file(&path).expect("removed");
        assert!(matches!(files.current(), Err(Error::KeyMissing { .. })));
    }

    #[test]
    fn a_file_that_was_half_written_when_the_power_went_is_written_anew() {
        let (folder, files) = files();
        let one = next(&files.current().expect("a key"));
        fs::write(folder.path().join("epoch.key"), [0; 40]).expect("written");
        files.advance(&one).expect("written");
        assert_eq!(files.current().expect("a key").key.epoch, 1);
    }
}
