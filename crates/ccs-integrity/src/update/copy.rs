//! Copies that are whole or not there.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use serde::Serialize;
use sha2::{Digest as _, Sha256};

use crate::Error;
use crate::manifest::Digest;

/// A folder that only the user can use.
pub(super) fn create(folder: &Path) -> Result<(), Error> {
    fs::create_dir_all(folder).map_err(Error::file("create", folder))?;
    set_mode(folder, 0o700)
}

fn set_mode(path: &Path, mode: u32) -> Result<(), Error> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        fs::set_permissions(path, fs::Permissions::from_mode(mode))
            .map_err(Error::file("change the mode of", path))?;
    }
    let _ = (path, mode);
    Ok(())
}

/// A name beside the path, on the same file system.
fn aside(path: &Path) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(format!(".ccs-{}", std::process::id()));
    path.with_file_name(name)
}

/// Copies a file so that a crash leaves the old one or the new one.
pub(super) fn duplicate(from: &Path, to: &Path, mode: u32) -> Result<(), Error> {
    let temporary = aside(to);
    let result = copy(from, &temporary, mode).and_then(|()| place(&temporary, to));
    if result.is_err() {
        // The first error is the one to tell.
        let _ = fs::remove_file(&temporary);
    }
    result
}

fn copy(from: &Path, temporary: &Path, mode: u32) -> Result<(), Error> {
    if let Some(folder) = temporary.parent() {
        fs::create_dir_all(folder).map_err(Error::file("create", folder))?;
    }
    remove(temporary)?;
    fs::copy(from, temporary).map_err(Error::file("copy", from))?;
    set_mode(temporary, mode)?;
    File::open(temporary)
        .and_then(|file| file.sync_all())
        .map_err(Error::file("write", temporary))
}

fn place(temporary: &Path, path: &Path) -> Result<(), Error> {
    fs::rename(temporary, path).map_err(Error::file("replace", path))
}

/// Makes a link so that there is always one.
pub(super) fn link(target: &Path, path: &Path) -> Result<(), Error> {
    let temporary = aside(path);
    remove(&temporary)?;
    #[cfg(unix)]
    std::os::unix::fs::symlink(target, &temporary).map_err(Error::file("link", path))?;
    #[cfg(not(unix))]
    fs::copy(target, &temporary).map_err(Error::file("copy", target))?;
    place(&temporary, path)
}

/// Removes a file or a link, if there is one.
pub(super) fn remove(path: &Path) -> Result<(), Error> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Err(Error::file("remove", path)(error))
        }
        _ => Ok(()),
    }
}

/// Writes a record that only the user can read.
pub(super) fn write(path: &Path, record: &impl Serialize) -> Result<(), Error> {
    let temporary = aside(path);
    remove(&temporary)?;
    let bytes = serde_json::to_vec_pretty(record).expect("a record is plain data");
    fs::write(&temporary, bytes).map_err(Error::file("write", &temporary))?;
    set_mode(&temporary, 0o600)?;
    File::open(&temporary)
        .and_then(|file| file.sync_all())
        .map_err(Error::file("write", &temporary))?;
    place(&temporary, path)
}

/// Of a file of any size.
pub(super) fn digest(path: &Path) -> Result<String, Error> {
    let mut file = File::open(path).map_err(Error::file("read", path))?;
    let mut hash = Sha256::new();
    let mut buffer = vec![0; 64 * 1024];
    loop {
        let length = file.read(&mut buffer).map_err(Error::file("read", path))?;
        if length == 0 {
            let bytes: [u8; 32] = hash.finalize().into();
            return Ok(Digest::from(bytes).to_string());
        }
        hash.update(&buffer[..length]);
    }
}
