//! One file replaced in one step: written beside it, flushed, renamed.

use std::ffi::OsString;
use std::fs::{self, File, Metadata, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::{New, os};
use crate::error::Error;

const PRIVATE: u32 = 0o600;

/// Replaces `path`, whose metadata is `old`, if it exists. The caller holds the lock.
pub(super) fn replace(path: &Path, old: Option<&Metadata>, new: &New<'_>) -> Result<(), Error> {
    let mode = new.mode.or(old.map(os::mode)).unwrap_or(PRIVATE);
    swap(path, old, |aside| {
        let file = write(aside, new.bytes, mode)?;
        file.sync_all()
    })?;
    os::sync_folder_of(path)
}

/// The same without waiting for the disk: after a power cut the file may be empty or missing.
pub(super) fn put(path: &Path, old: Option<&Metadata>, bytes: &[u8]) -> Result<(), Error> {
    swap(path, old, |aside| write(aside, bytes, PRIVATE).map(drop))
}

fn swap(
    path: &Path,
    old: Option<&Metadata>,
    fill: impl FnOnce(&Path) -> io::Result<()>,
) -> Result<(), Error> {
    let aside = aside(path);
    let written = fill(&aside)
        .and_then(|()| give_away(&aside, old))
        .and_then(|()| fs::rename(&aside, path));
    written.map_err(|error| {
        // What is left aside is useless, and the reason above matters more than this failing.
        let _ = fs::remove_file(&aside);
        Error::file("cannot write", path)(error)
    })
}

/// The name beside `path` under which the new bytes are collected.
fn aside(path: &Path) -> PathBuf {
    let mut name = OsString::from(".");
    name.push(path.file_name().unwrap_or_default());
    name.push(".ccs-new");
    path.with_file_name(name)
}

fn write(aside: &Path, bytes: &[u8], mode: u32) -> io::Result<File> {
    let mut file = create(aside)?;
    file.write_all(bytes)?;
    os::set_mode(&file, mode)?;
    Ok(file)
}

/// Never follows or reuses what stands there: a killed run may have left it, or an attacker.
fn create(aside: &Path) -> io::Result<File> {
    match fs::remove_file(aside) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, PRIVATE);
    options.open(aside)
}

/// An existing file keeps its owner, a new one gets that of its folder.
fn give_away(aside: &Path, old: Option<&Metadata>) -> io::Result<()> {
    match old {
        Some(old) => os::give_to_owner_of(aside, old),
        None => os::give_to_neighbours_owner(aside),
    }
}
