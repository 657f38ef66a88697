//! The spool: where entries wait when the database cannot be written.
//!
//! One line of JSON for each entry, appended under a lock and flushed to the disk. The next
//! writer that can, chains the lines in their order within its own transaction, which also
//! remembers how far it came: a line becomes an entry exactly once, whoever is killed when.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};

use crate::defer::Deferred;
use crate::entry::Draft;
use crate::error::{Error, Result};
use crate::hash::{Hash, MacKey, hex};
use crate::keys::random;
use crate::place;

/// The spool's name in its folder.
const FILE: &str = "spool.jsonl";
/// How long to wait for another writer, whose line is one write and one flush.
const WAIT: Duration = Duration::from_secs(2);

#[derive(Serialize, Deserialize)]
struct Header {
    /// A random name, so that a spool is not mistaken for the one before it.
    spool: String,
    v: u32,
}

#[derive(Serialize, Deserialize)]
struct Line {
    /// The draft, base64.
    entry: String,
    /// HMAC over spool, place in the file and draft; absent if the key could not be read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    mac: Option<String>,
}

/// A line of the spool.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum Waiting {
    /// An entry, and whether its tag holds.
    Entry { draft: Draft, sealed: bool },
    /// Something else: the hash of it.
    Damaged(Hash),
}

/// A spool that is locked and has something in it.
pub(crate) struct Spool {
    file: File,
    /// Its name, which [`Spool::open`] found in its first line.
    pub(crate) name: String,
    bytes: Vec<u8>,
}

pub(crate) fn path(folder: &Path) -> PathBuf {
    folder.join(FILE)
}

/// Appends an entry, and waits until it is on the disk if that is asked for.
pub(crate) fn put(
    folder: &Path,
    draft: &Draft,
    key: Option<&MacKey>,
    flush: bool,
) -> Result<Deferred> {
    place::check_folder(folder)?;
    let path = path(folder);
    let mut file = place::lock(&path, WAIT)?;
    let waiting = append(&mut file, draft, key, flush).map_err(Error::file(&path))?;
    Ok(Deferred { path, waiting })
}

/// The length of the spool afterwards.
fn append(file: &mut File, draft: &Draft, key: Option<&MacKey>, flush: bool) -> io::Result<u64> {
    let length = file.metadata()?.len();
    let mut bytes = Vec::new();
    let name = if length == 0 {
        let name = hex(&random::<16>().map_err(io::Error::other)?);
        let header = Header { spool: name, v: 1 };
        bytes = format!("{}\n", serde_json::to_string(&header)?).into_bytes();
        header.spool
    } else {
        if last_byte(file)? != b'\n' {
            bytes.push(b'\n'); // a writer was stopped in the middle of a line
        }
        header(&first_line(file)?).0
    };
    let offset = length + bytes.len() as u64;
    bytes.extend_from_slice(line(&name, offset, draft, key)?.as_bytes());
    file.seek(SeekFrom::End(0))?;
    let written = file.write_all(&bytes);
    let written = written.and_then(|()| if flush { file.sync_all() } else { Ok(()) });
    if written.is_err() {
        let _ = file.set_len(length); // no half of a line
    }
    written.map(|()| length + bytes.len() as u64)
}

fn last_byte(file: &mut File) -> io::Result<u8> {
    let mut byte = [0];
    file.seek(SeekFrom::End(-1))?;
    file.read_exact(&mut byte)?;
    Ok(byte[0])
}

fn first_line(file: &mut File) -> io::Result<Vec<u8>> {
    let mut line = Vec::new();
    file.rewind()?;
    BufReader::new(file).read_until(b'\n', &mut line)?;
    Ok(line)
}

fn line(name: &str, offset: u64, draft: &Draft, key: Option<&MacKey>) -> io::Result<String> {
    let line = Line {
        entry: STANDARD.encode(&draft.0),
        mac: key.map(|key| tag(key, name, offset, draft).to_string()),
    };
    Ok(format!("{}\n", serde_json::to_string(&line)?))
}

fn tag(key: &MacKey, name: &str, offset: u64, draft: &Draft) -> Hash {
    let offset = offset.to_be_bytes();
    key.tag(&[b"ccs-audit/spool\x01", name.as_bytes(), &offset, &draft.0])
}

/// The spool's name, and where the first line after it begins. If the first line is damaged, the
/// name is its hash and it counts as a line.
fn header(bytes: &[u8]) -> (String, usize) {
    let end = bytes
        .iter()
        .position(|&byte| byte == b'\n')
        .unwrap_or(bytes.len());
    match serde_json::from_slice::<Header>(&bytes[..end]) {
        Ok(header) => (header.spool, end + 1),
        Err(_) => (Hash::of(&bytes[..end]).to_string(), 0),
    }
}

impl Spool {
    /// Locks the spool; `None` if there is nothing in it.
    pub(crate) fn open(folder: &Path) -> Result<Option<Self>> {
        let path = path(folder);
        if !std::fs::metadata(&path).is_ok_and(|meta| meta.len() > 0) {
            return Ok(None);
        }
        let mut file = place::lock(&path, WAIT)?;
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).map_err(Error::file(&path))?;
        if bytes.is_empty() {
            return Ok(None);
        }
        let (name, _) = header(&bytes);
        Ok(Some(Self { file, name, bytes }))
    }

    /// The lines after the first `from` bytes.
    pub(crate) fn lines(&self, from: u64, key: Option<&MacKey>) -> Vec<Waiting> {
        let (_, begin) = header(&self.bytes);
        let mut offset = begin.max(usize::try_from(from).unwrap_or(usize::MAX));
        let mut lines = Vec::new();
        while let Some(rest) = self.bytes.get(offset..).filter(|rest| !rest.is_empty()) {
            let end = rest.iter().position(|&byte| byte == b'\n');
            let line = &rest[..end.unwrap_or(rest.len())];
            if !line.is_empty() {
                lines.push(self.read(offset, line, key));
            }
            offset += line.len() + 1;
        }
        lines
    }

    fn read(&self, offset: usize, line: &[u8], key: Option<&MacKey>) -> Waiting {
        let entry = serde_json::from_slice::<Line>(line).ok().and_then(|line| {
            let draft = Draft::from_bytes(STANDARD.decode(&line.entry).ok()?)?;
            Some((draft, line.mac))
        });
        let Some((draft, mac)) = entry else {
            return Waiting::Damaged(Hash::of(line));
        };
        let mac = mac.as_deref().and_then(Hash::from_hex);
        let sealed = match (key, mac) {
            (Some(key), Some(mac)) => tag(key, &self.name, offset as u64, &draft) == mac,
            _ => false,
        };
        Waiting::Entry { draft, sealed }
    }

    /// How many bytes there are.
    pub(crate) fn length(&self) -> u64 {
        self.bytes.len() as u64
    }

    /// Empties the spool, whose lines are entries now. If that fails nothing is lost and nothing
    /// is doubled: the log remembers how far it came.
    pub(crate) fn clear(self) {
        let _ = self.file.set_len(0).and_then(|()| self.file.sync_all());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entry::{Details, Entry};
    use crate::time::Time;

    fn draft(event: &str) -> Draft {
        Draft::new(&Entry::new(event), &Details::None, Time(1), 0)
    }

    fn folder() -> tempfile::TempDir {
        use std::os::unix::fs::PermissionsExt;
        let private = std::fs::Permissions::from_mode(0o700);
        tempfile::Builder::new()
            .permissions(private)
            .tempdir()
            .expect("a folder")
    }

    fn lines(folder: &Path, from: u64) -> Vec<(String, bool)> {
        let key = MacKey::new(&[1; 32]);
        let spool = Spool::open(folder).expect("opened");
        let lines = spool.map_or(Vec::new(), |spool| spool.lines(from, Some(&key)));
        lines.into_iter().map(shown).collect()
    }

    fn shown(line: Waiting) -> (String, bool) {
        match line {
            Waiting::Entry { draft, sealed } => (
                crate::entry::decode(&draft.0).expect("an entry").event,
                sealed,
            ),
            Waiting::Damaged(_) => ("damaged".into(), false),
        }
    }

    #[test]
    fn lines_come_back_in_their_order_and_after_a_place() {
        let (folder, key) = (folder(), MacKey::new(&[1; 32]));
        assert_eq!(lines(folder.path(), 0), []);
        put(folder.path(), &draft("a"), Some(&key), true).expect("put");
        let half = std::fs::metadata(path(folder.path())).expect("there").len();
        put(folder.path(), &draft("b"), None, true).expect("put");
        assert_eq!(
            lines(folder.path(), 0),
            [("a".into(), true), ("b".into(), false)]
        );
        assert_eq!(lines(folder.path(), half), [("b".into(), false)]);
        assert_eq!(lines(folder.path(), 1 << 40), []);
        Spool::open(folder.path())
            .expect("opened")
            .expect("there")
            .clear();
        assert_eq!(lines(folder.path(), 0), []);
    }

    #[test]
    fn a_line_moved_changed_or_cut_short_is_told() {
        let (folder, key) = (folder(), MacKey::new(&[1; 32]));
        for event in ["a", "b"] {
            put(folder.path(), &draft(event), Some(&key), false).expect("put");
        }
        let file = path(folder.path());
        let text = std::fs::read_to_string(&file).expect("read");
        let [header, a, b] = text.lines().collect::<Vec<_>>()[..] else {
            panic!("three lines")
        };

        std::fs::write(&file, format!("{header}\n{b}\n{a}\n")).expect("written");
        assert_eq!(
            lines(folder.path(), 0),
            [("b".into(), false), ("a".into(), false)]
        );
        std::fs::write(&file, format!("{header}\n{a}\n{}", &b[..20])).expect("written");
        put(folder.path(), &draft("c"), Some(&key), true).expect("put");
        let damaged = ("damaged".to_owned(), false);
        assert_eq!(
            lines(folder.path(), 0),
            [("a".into(), true), damaged, ("c".into(), true)]
        );
    }

    #[test]
    fn a_spool_without_a_header_is_not_lost() {
        let folder = folder();
        std::fs::write(path(folder.path()), "garbage\nmore").expect("written");
        let damaged = || ("damaged".to_owned(), false);
        assert_eq!(lines(folder.path(), 0), [damaged(), damaged()]);
        let key = MacKey::new(&[1; 32]);
        put(folder.path(), &draft("a"), Some(&key), true).expect("put");
        assert_eq!(
            lines(folder.path(), 0),
            [damaged(), damaged(), ("a".into(), true)]
        );
    }
}
