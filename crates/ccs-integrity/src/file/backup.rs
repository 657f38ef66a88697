//! Copies of a file from before it was changed: `settings.json.ccs-backup-1`, `-2`, …

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use super::{New, aside, ordinary, os, read};
use crate::error::Error;

/// How many are kept.
const KEPT: usize = 5;

/// The copies of `path`, oldest first.
///
/// # Errors
///
/// [`Error::File`] if the folder cannot be listed.
pub fn backups(path: &Path) -> Result<Vec<PathBuf>, Error> {
    Ok(numbered(path)?.into_iter().map(|(_, path)| path).collect())
}

pub(super) fn keep(path: &Path) -> Result<PathBuf, Error> {
    let Some(metadata) = ordinary(path)? else {
        let missing = std::io::ErrorKind::NotFound.into();
        return Err(Error::file("cannot copy", path)(missing));
    };
    let bytes = read(path)?.unwrap_or_default();
    let mut copies = numbered(path)?;
    if let Some((_, latest)) = copies.last()
        && read(latest)?.as_deref() == Some(bytes.as_slice())
    {
        return Ok(latest.clone());
    }
    let number = copies.last().map_or(1, |(number, _)| number + 1);
    let copy = name(path, number);
    let new = New {
        before: None,
        bytes: &bytes,
        mode: Some(os::mode(&metadata)),
    };
    aside::replace(&copy, None, &new)?;
    copies.push((number, copy.clone()));
    forget(&copies)?;
    Ok(copy)
}

fn forget(copies: &[(u64, PathBuf)]) -> Result<(), Error> {
    let surplus = copies.len().saturating_sub(KEPT);
    for (_, copy) in &copies[..surplus] {
        fs::remove_file(copy).map_err(Error::file("cannot delete", copy))?;
    }
    Ok(())
}

fn numbered(path: &Path) -> Result<Vec<(u64, PathBuf)>, Error> {
    let (Some(folder), Some(name)) = (path.parent(), path.file_name()) else {
        return Ok(Vec::new());
    };
    let prefix = format!("{}{MARK}", name.to_string_lossy());
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).map_err(Error::file("cannot list", folder))? {
        let entry = entry.map_err(Error::file("cannot list", folder))?;
        let name = entry.file_name();
        let number = name.to_string_lossy().strip_prefix(&prefix).map(str::parse);
        if let Some(Ok(number)) = number {
            found.push((number, entry.path()));
        }
    }
    found.sort();
    Ok(found)
}

const MARK: &str = ".ccs-backup-";

fn name(path: &Path, number: u64) -> PathBuf {
    let mut name: OsString = path.file_name().unwrap_or_default().to_owned();
    name.push(format!("{MARK}{number}"));
    path.with_file_name(name)
}
