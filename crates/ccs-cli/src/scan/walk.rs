//! Files below folders, read by several threads.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use anyhow::Context;
use ignore::gitignore::{Gitignore, GitignoreBuilder};
use ignore::{DirEntry, WalkBuilder, WalkState};

use super::bytes;
use super::looker::{Looker, Origin};
use super::tally::Tally;
use crate::args::scan::Walk;
use crate::exit::{Code, Stop};

/// A file up to this size is read whole, a larger one in pieces.
const PIECE: usize = 8 << 20;
/// How much a thread has room for at first.
const FIRST: usize = 256 << 10;
/// How much of a piece is read again with the next: more than a secret and what tells of it.
const OVERLAP: usize = 128 << 10;

/// Which files are read, and how.
pub(crate) struct Files<'a> {
    args: &'a Walk,
    exclude: Gitignore,
    looker: &'a Looker,
    tally: &'a Tally,
    /// Not looked into: the vault, which is encrypted.
    own: PathBuf,
}

/// The patterns of `--exclude`.
///
/// # Errors
///
/// If one is no pattern.
pub(crate) fn exclude(patterns: &[String]) -> Result<Gitignore, Stop> {
    let mut builder = GitignoreBuilder::new("");
    for pattern in patterns {
        let added = builder.add_line(None, pattern);
        added.map_err(|error| Stop::new(Code::Usage, format!("--exclude: {error}")))?;
    }
    let built = builder.build();
    built.map_err(|error| Stop::new(Code::Usage, format!("--exclude: {error}")))
}

impl<'a> Files<'a> {
    pub(crate) fn new(
        args: &'a Walk,
        looker: &'a Looker,
        tally: &'a Tally,
        own: &Path,
    ) -> anyhow::Result<Self> {
        Ok(Self {
            args,
            exclude: exclude(&args.exclude)?,
            looker,
            tally,
            own: own.to_owned(),
        })
    }

    /// Reads what there is at and below these places.
    ///
    /// # Errors
    ///
    /// If one of them is not there. What cannot be read below is noted.
    pub(crate) fn walk(&self, paths: &[PathBuf]) -> anyhow::Result<()> {
        let roots = paths.iter().map(|path| root(path));
        let roots = roots.collect::<anyhow::Result<Vec<_>>>()?;
        let mut walk = WalkBuilder::new(roots.first().map_or(Path::new("."), PathBuf::as_path));
        for root in roots.iter().skip(1) {
            walk.add(root);
        }
        let (heeded, own, exclude) = (!self.args.no_ignore, self.own.clone(), self.exclude.clone());
        // `.env` and its like are what this is for
        walk.standard_filters(heeded)
            .hidden(false)
            .require_git(false);
        walk.filter_entry(move |entry| {
            let is_git = heeded && entry.depth() > 0 && entry.file_name() == ".git";
            !is_git && entry.path() != own && !is_excluded(&exclude, entry)
        });
        walk.build_parallel().run(|| {
            let mut buffer = Buffer::default();
            Box::new(move |entry| {
                self.entry(entry, &mut buffer);
                WalkState::Continue
            })
        });
        Ok(())
    }

    fn entry(&self, entry: Result<DirEntry, ignore::Error>, buffer: &mut Buffer) {
        let entry = match entry {
            Ok(entry) => entry,
            Err(error) => return self.tally.unreadable(error.to_string()),
        };
        if !entry.file_type().is_some_and(|kind| kind.is_file()) {
            return;
        }
        let path = entry.path();
        let read = File::open(path).and_then(|file| self.read(&shown(path), file, buffer));
        if let Err(error) = read {
            self.tally
                .unreadable(format!("{}: {error}", path.display()));
        }
    }

    /// Looks through a file or the input.
    ///
    /// # Errors
    ///
    /// If it cannot be read.
    pub(crate) fn read(
        &self,
        path: &str,
        mut file: impl Read,
        buffer: &mut Buffer,
    ) -> io::Result<()> {
        self.tally.found(self.looker.name(path));
        let limit = usize::try_from(self.args.max_size).unwrap_or(usize::MAX);
        buffer.length = 0;
        buffer.fill(&mut file, PIECE.min(limit.saturating_add(1)))?;
        if bytes::is_utf16(buffer.bytes()) {
            // its pieces have no mark
            buffer.fill(&mut file, limit.saturating_add(1))?;
        }
        if buffer.length > limit {
            self.tally.large(path.to_owned());
            return Ok(());
        }
        let mut origin = Origin::whole(path);
        let mut read = buffer.length;
        while buffer.length == PIECE && read <= limit {
            let done = self.piece(&mut origin, buffer.bytes());
            buffer.forget(done);
            let kept = buffer.length;
            buffer.fill(&mut file, PIECE)?;
            read += buffer.length - kept;
            if buffer.length == kept {
                break;
            }
        }
        if read > limit {
            self.tally.large(path.to_owned());
        }
        self.last(origin, buffer.bytes(), read);
        Ok(())
    }

    /// A piece that others follow. Returns how much of it is done with.
    fn piece(&self, origin: &mut Origin<'_>, piece: &mut [u8]) -> usize {
        let Some(text) = bytes::text(piece, self.args.binary) else {
            return piece.len();
        };
        let end = text.floor(text.text.len() - OVERLAP);
        let mut leaks = self.looker.look(*origin, &text);
        leaks.retain(|leak| leak.start < origin.offset + text.source(end) as u64);
        let over = leaks
            .last()
            .map_or(0, |leak| (leak.end - origin.offset) as usize);
        let done = end.max(text.floor(over));
        self.tally.found(leaks);
        origin.at = origin.at.after(&text.text[..done]);
        origin.offset += done as u64;
        done
    }

    fn last(&self, origin: Origin<'_>, bytes: &mut [u8], read: usize) {
        match bytes::text(bytes, self.args.binary) {
            Some(text) => {
                self.tally.found(self.looker.look(origin, &text));
                self.tally.read(read);
            }
            None => self.tally.binary(),
        }
    }
}

/// What is read into, again and again: its bytes are cleared once and not for every file.
#[derive(Default)]
pub(crate) struct Buffer {
    bytes: Vec<u8>,
    length: usize,
}

impl Buffer {
    /// What was read and not forgotten.
    fn bytes(&mut self) -> &mut [u8] {
        &mut self.bytes[..self.length]
    }

    /// Reads on until there are `most` bytes or the end has come.
    fn fill(&mut self, file: &mut impl Read, most: usize) -> io::Result<()> {
        while self.length < most {
            if self.length == self.bytes.len() {
                let more = self.bytes.len().max(FIRST);
                self.bytes.resize(self.bytes.len() + more, 0);
            }
            let end = self.bytes.len().min(most);
            match file.read(&mut self.bytes[self.length..end]) {
                Ok(0) => break,
                Ok(count) => self.length += count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// Lets go of the first bytes.
    fn forget(&mut self, count: usize) {
        self.bytes.copy_within(count..self.length, 0);
        self.length -= count;
    }
}

/// Where to begin. A link that is named itself is followed, unlike those below.
pub(crate) fn root(path: &Path) -> anyhow::Result<PathBuf> {
    let failed = || format!("cannot read `{}`", path.display());
    let meta = fs::symlink_metadata(path).with_context(failed)?;
    if meta.is_symlink() {
        return fs::canonicalize(path).with_context(failed);
    }
    Ok(path.to_owned())
}

/// Whether `--exclude` names it.
pub(crate) fn is_excluded(exclude: &Gitignore, entry: &DirEntry) -> bool {
    if exclude.is_empty() || entry.depth() == 0 {
        return false;
    }
    let parts: Vec<&OsStr> = entry.path().iter().collect();
    let below: PathBuf = parts[parts.len().saturating_sub(entry.depth())..]
        .iter()
        .collect();
    let is_folder = entry.file_type().is_some_and(|kind| kind.is_dir());
    exclude.matched(below, is_folder).is_ignore()
}

/// A path as findings name it.
pub(crate) fn shown(path: &Path) -> String {
    let path = path.strip_prefix("./").unwrap_or(path);
    path.to_string_lossy().into_owned()
}
