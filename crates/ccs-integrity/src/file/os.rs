//! What differs between systems: owners, permission bits, flushing a folder.

use std::fs::{self, DirBuilder, File, Metadata};
use std::path::Path;

use super::permit::Permit;
use crate::error::Error;

/// Whether the file belongs to another user. Nothing is foreign to root.
#[must_use]
pub fn is_foreign(metadata: &Metadata) -> bool {
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;
        let us = rustix::process::geteuid();
        !us.is_root() && metadata.uid() != us.as_raw()
    }
    #[cfg(not(unix))]
    {
        let _ = metadata;
        false
    }
}

/// The permission bits, such as 0o600; 0o600 where the system has none.
#[must_use]
pub fn mode(metadata: &Metadata) -> u32 {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        metadata.permissions().mode() & 0o7777
    }
    #[cfg(not(unix))]
    {
        let _ = metadata;
        0o600
    }
}

pub(super) fn set_mode(file: &File, mode: u32) -> std::io::Result<()> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        file.set_permissions(fs::Permissions::from_mode(mode))
    }
    #[cfg(not(unix))]
    {
        let _ = (file, mode);
        Ok(())
    }
}

/// Opens a file or folder for looking at it, never what a link leads to.
pub(super) fn open_itself(path: &Path) -> std::io::Result<File> {
    #[cfg(unix)]
    {
        use rustix::fs::{Mode, OFlags};
        let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
        Ok(rustix::fs::open(path, flags, Mode::empty())?.into())
    }
    #[cfg(not(unix))]
    {
        File::open(path)
    }
}

/// Gives a file made by root to whom its neighbour belongs; otherwise it is ours anyway.
pub(super) fn give_to_owner_of(file: &Path, neighbour: &Metadata) -> std::io::Result<()> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;
        if rustix::process::geteuid().is_root() {
            return std::os::unix::fs::lchown(file, Some(neighbour.uid()), Some(neighbour.gid()));
        }
    }
    let _ = (file, neighbour);
    Ok(())
}

/// The same for a new file or folder: it belongs to the owner of the folder it is in.
pub(super) fn give_to_neighbours_owner(path: &Path) -> std::io::Result<()> {
    match path.parent() {
        Some(folder) => give_to_owner_of(path, &fs::metadata(folder)?),
        None => Ok(()),
    }
}

/// Makes a rename or deletion in the folder of `path` survive a power cut.
pub(super) fn sync_folder_of(path: &Path) -> Result<(), Error> {
    #[cfg(unix)]
    if let Some(folder) = path.parent() {
        File::open(folder)
            .and_then(|folder| folder.sync_all())
            .map_err(Error::file("cannot flush", folder))?;
    }
    let _ = path;
    Ok(())
}

/// Creates a folder and the missing ones above it.
pub(super) fn create_folder(permit: &Permit, path: &Path, mode: u32) -> Result<(), Error> {
    permit.check_folder(path)?;
    match fs::symlink_metadata(path) {
        Ok(metadata) => return must_be_own_folder(path, &metadata),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
        Err(error) => return Err(Error::file("cannot look at", path)(error)),
    }
    if let Some(parent) = path.parent()
        && !parent.exists()
    {
        create_folder(permit, parent, mode)?;
    }
    match private_folder().create(path) {
        // Somebody else made it in the meantime: look at it again.
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {
            return create_folder(permit, path, mode);
        }
        result => result.map_err(Error::file("cannot create", path))?,
    }
    set_folder_mode(path, mode)?;
    give_to_neighbours_owner(path).map_err(Error::file("cannot hand over", path))
}

/// Gives a folder these permission bits, whatever the process's mask is.
pub(super) fn set_folder_mode(folder: &Path, bits: u32) -> Result<(), Error> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let metadata = fs::metadata(folder).map_err(Error::file("cannot look at", folder))?;
        if mode(&metadata) != bits {
            fs::set_permissions(folder, fs::Permissions::from_mode(bits))
                .map_err(Error::file("cannot change the mode of", folder))?;
        }
    }
    let _ = (folder, bits);
    Ok(())
}

fn must_be_own_folder(path: &Path, metadata: &Metadata) -> Result<(), Error> {
    let path = path.to_owned();
    if metadata.is_symlink() {
        let target = fs::read_link(&path).unwrap_or_default();
        return Err(Error::Link { path, target });
    }
    if !metadata.is_dir() {
        return Err(Error::Kind { path });
    }
    if is_foreign(metadata) {
        return Err(Error::Owner { path });
    }
    Ok(())
}

fn private_folder() -> DirBuilder {
    #[allow(unused_mut, reason = "only unix has a mode to set")]
    let mut builder = DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder
}
