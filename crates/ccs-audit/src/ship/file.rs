//! A file of JSON lines, for a collector that follows files.

use std::fs;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use super::{Refused, Sink};
use crate::export;
use crate::place;
use crate::read::Stored;

/// The last line is looked for in so many bytes at the end; no line is longer.
const TAIL: u64 = 1 << 20;

/// A file that entries are appended to, private to this user. Every entry is in it once: what was
/// written before a crash is seen at its end, and half of a line is written anew.
pub struct File {
    path: PathBuf,
}

impl File {
    /// Will write to `path`, which is made if it is not there.
    #[must_use]
    pub fn new(path: &Path) -> Self {
        Self { path: path.into() }
    }

    fn append(&self, batch: &[Stored]) -> io::Result<()> {
        let mut options = place::private();
        options.read(true).write(true).create(true).truncate(false);
        let mut file = options.open(&self.path)?;
        let end = End::of(&mut file)?;
        let mut text = String::new();
        match (end.last, end.rest) {
            (_, 0) => {}
            (Some(_), _) => file.set_len(end.whole)?,
            (None, _) => text.push('\n'), // not ours to take away
        }
        let new = batch
            .iter()
            .filter(|one| end.last.is_none_or(|last| one.record.seq > last));
        text.extend(new.map(|one| format!("{}\n", export::json(one))));
        file.seek(SeekFrom::End(0))?;
        file.write_all(text.as_bytes())?;
        file.sync_data()
    }
}

/// How a file ends.
struct End {
    /// The number of the entry in the last whole line, if that is one of ours.
    last: Option<u64>,
    /// Bytes up to the end of that line.
    whole: u64,
    /// Bytes after it.
    rest: usize,
}

impl End {
    fn of(file: &mut fs::File) -> io::Result<Self> {
        let from = file.metadata()?.len().saturating_sub(TAIL);
        let mut tail = Vec::new();
        file.seek(SeekFrom::Start(from))?;
        file.read_to_end(&mut tail)?;
        let newline = |&byte: &u8| byte == b'\n';
        let whole = tail.iter().rposition(newline).map_or(0, |end| end + 1);
        let lines = &tail[..whole.saturating_sub(1)];
        let begin = lines.iter().rposition(newline).map_or(0, |end| end + 1);
        let line: Option<serde_json::Value> = serde_json::from_slice(&lines[begin..]).ok();
        let ours = line.filter(|line| line["leaf"].is_string());
        Ok(Self {
            last: ours.and_then(|line| line["seq"].as_u64()),
            whole: from + whole as u64,
            rest: tail.len() - whole,
        })
    }
}

impl Sink for File {
    fn send(&mut self, batch: &[Stored]) -> Result<(), Refused> {
        let failed = |error| Refused::later(format!("{}: {error}", self.path.display()));
        self.append(batch).map_err(failed)
    }
}
