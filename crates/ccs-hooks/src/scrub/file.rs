//! One file, a window at a time.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::Path;
use std::time::Instant;

use super::line::{self, Spot};
use crate::prompt::find::{Finder, Voice};

/// How much of a file is in memory, in bytes. A line that is longer is looked at as text.
const WINDOW: usize = 8 << 20;
/// How much of a window is looked at again with the next, if it does not end with a line.
const OVERLAP: usize = 64 << 10;
/// How often a window that somebody else changed meanwhile is read again.
const TRIES: usize = 3;

/// What a file consists of.
#[derive(Clone, Copy)]
pub(super) enum Kind {
    /// A JSON object on each line, in this voice.
    Lines(Voice),
    /// Text, or anything.
    Text,
}

/// What was done to a file.
#[derive(Debug, Default)]
pub(super) struct Done {
    pub(super) places: usize,
    /// Time ran out before the end.
    pub(super) is_cut: bool,
}

/// Writes over the secrets of a file.
///
/// # Errors
///
/// What the system says; a link, a folder or another user's file is refused.
pub(super) fn scrub(path: &Path, kind: Kind, finder: &Finder, until: Instant) -> io::Result<Done> {
    let mut file = open(path)?;
    let mut done = Done::default();
    let mut window = Vec::new();
    let mut base = 0;
    loop {
        if Instant::now() >= until {
            done.is_cut = true;
            return Ok(done);
        }
        let is_end = fill(&mut file, base, &mut window)?;
        let cut = cut(&window, kind, is_end);
        for _ in 0..TRIES {
            let spots = spots(&window[..cut.end], kind, finder);
            if overwrite(&mut file, base, &window, &spots)? {
                done.places += spots.len();
                break;
            }
            window.clear();
            fill(&mut file, base, &mut window)?;
            window.resize(window.len().max(cut.end), b' ');
        }
        if is_end {
            return Ok(done);
        }
        base += cut.next as u64;
        window.drain(..cut.next);
    }
}

/// How much of a window is looked at, and where the next one begins.
struct Cut {
    end: usize,
    next: usize,
}

fn cut(window: &[u8], kind: Kind, is_end: bool) -> Cut {
    let end = window.len();
    let line_end = window.iter().rposition(|&byte| byte == b'\n');
    match (kind, line_end) {
        _ if is_end => Cut { end, next: end },
        (Kind::Lines(_), Some(at)) => Cut {
            end: at + 1,
            next: at + 1,
        },
        _ => Cut {
            end,
            next: end.saturating_sub(OVERLAP),
        },
    }
}

/// Reads on to the end of the window; `true` at the end of the file.
fn fill(file: &mut File, base: u64, window: &mut Vec<u8>) -> io::Result<bool> {
    file.seek(SeekFrom::Start(base + window.len() as u64))?;
    let room = WINDOW.saturating_sub(window.len());
    let read = Read::by_ref(file).take(room as u64).read_to_end(window)?;
    Ok(read < room)
}

fn spots(window: &[u8], kind: Kind, finder: &Finder) -> Vec<Spot> {
    let mut spots = Vec::new();
    match kind {
        Kind::Text => in_bytes(window, 0, &mut spots, &|text| {
            line::of_text(finder, text, Voice::Record)
        }),
        Kind::Lines(voice) => {
            let mut at = 0;
            for line in window.split_inclusive(|&byte| byte == b'\n') {
                in_line(line, at, voice, finder, &mut spots);
                at += line.len();
            }
        }
    }
    spots
}

/// A line that was cut or that holds other bytes than text is no JSON.
fn in_line(line: &[u8], at: usize, voice: Voice, finder: &Finder, spots: &mut Vec<Spot>) {
    let is_whole = line.starts_with(b"{") && line.ends_with(b"\n");
    let is_json = is_whole && std::str::from_utf8(line).is_ok();
    in_bytes(line, at, spots, &|text| match is_json {
        true => line::of_json(finder, text, voice),
        false => line::of_text(finder, text, voice),
    });
}

/// The spots in the parts of some bytes that are text.
fn in_bytes(bytes: &[u8], at: usize, spots: &mut Vec<Spot>, find: &dyn Fn(&str) -> Vec<Spot>) {
    let mut at = at;
    for chunk in bytes.utf8_chunks() {
        let text = chunk.valid();
        spots.extend(find(text).into_iter().map(|spot| Spot {
            range: at + spot.range.start..at + spot.range.end,
            ..spot
        }));
        at += text.len() + chunk.invalid().len();
    }
}

/// Writes over the spots, unless one of them is not there any more: then the file was rewritten
/// by somebody else since it was read, and `false` says so.
fn overwrite(file: &mut File, base: u64, window: &[u8], spots: &[Spot]) -> io::Result<bool> {
    for spot in spots {
        let place = SeekFrom::Start(base + spot.range.start as u64);
        let mut there = vec![0; spot.range.len()];
        file.seek(place)?;
        match file.read_exact(&mut there) {
            Ok(()) if there == window[spot.range.clone()] => {}
            Err(error) if error.kind() != io::ErrorKind::UnexpectedEof => return Err(error),
            _ => return Ok(false),
        }
        file.seek(place)?;
        file.write_all(&spot.with)?;
    }
    if !spots.is_empty() {
        file.sync_data()?;
    }
    Ok(true)
}

fn open(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true);
    own_only(&mut options);
    let file = options.open(path)?;
    let meta = file.metadata()?;
    if !meta.is_file() || !is_own(&meta) {
        return Err(io::Error::other("not a file of yours"));
    }
    Ok(file)
}

#[cfg(unix)]
fn own_only(options: &mut OpenOptions) {
    use rustix::fs::OFlags;
    use std::os::unix::fs::OpenOptionsExt;
    let flags = OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::NOFOLLOW;
    options.custom_flags(flags.bits() as i32);
}

#[cfg(unix)]
fn is_own(meta: &std::fs::Metadata) -> bool {
    use std::os::unix::fs::MetadataExt;
    meta.uid() == rustix::process::geteuid().as_raw()
}

#[cfg(not(unix))]
fn own_only(_: &mut OpenOptions) {}

#[cfg(not(unix))]
fn is_own(_: &std::fs::Metadata) -> bool {
    true
}
