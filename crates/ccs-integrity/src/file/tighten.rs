//! Permission bits of files whose content is none of our business: taken away from others, and
//! given back.

use std::fs::File;
use std::path::Path;

use super::os;
use crate::error::Error;

/// What others may do, and the group.
const OTHERS: u32 = 0o077;

/// Takes the bits in `remove` away; answers the mode as it was. Only bits of others and of the
/// group are taken, so the owner keeps all of his own.
pub(super) fn tighten(path: &Path, remove: u32) -> Result<u32, Error> {
    let file = open(path)?;
    let was = mode(&file, path)?;
    set(&file, path, was & !(remove & OTHERS))?;
    Ok(was)
}

/// Gives the file the mode it had, if it still has the one that it was given.
pub(super) fn loosen(path: &Path, now: u32, then: u32) -> Result<(), Error> {
    let file = open(path)?;
    if mode(&file, path)? != now {
        let path = path.to_owned();
        return Err(Error::Changed { path });
    }
    set(&file, path, then)
}

/// Opens what is there for looking at it; a link is refused, and a file of somebody else.
fn open(path: &Path) -> Result<File, Error> {
    let metadata = std::fs::symlink_metadata(path).map_err(Error::file("cannot look at", path))?;
    if metadata.is_symlink() {
        let target = std::fs::read_link(path).unwrap_or_default();
        let path = path.to_owned();
        return Err(Error::Link { path, target });
    }
    if !metadata.is_file() && !metadata.is_dir() {
        let path = path.to_owned();
        return Err(Error::Kind { path });
    }
    let file = os::open_itself(path).map_err(Error::file("cannot open", path))?;
    let opened = file
        .metadata()
        .map_err(Error::file("cannot look at", path))?;
    if os::is_foreign(&opened) {
        let path = path.to_owned();
        return Err(Error::Owner { path });
    }
    Ok(file)
}

fn mode(file: &File, path: &Path) -> Result<u32, Error> {
    let metadata = file
        .metadata()
        .map_err(Error::file("cannot look at", path))?;
    Ok(os::mode(&metadata))
}

fn set(file: &File, path: &Path, bits: u32) -> Result<(), Error> {
    os::set_mode(file, bits).map_err(Error::file("cannot change the mode of", path))
}
