//! One writer at a time.

use std::fs::{File, OpenOptions};
use std::path::{Path, PathBuf};

use super::os;
use crate::error::Error;

/// Held until dropped; the system lets go of it when the process ends, however it ends.
#[derive(Debug)]
pub(super) struct Lock {
    _file: File,
}

impl Lock {
    pub(super) fn path(state: &Path) -> PathBuf {
        state.join(".lock")
    }

    /// Waits for the lock. `None` if the lock file was deleted while waiting: whoever held it
    /// took the state folder away, so it has to be made again.
    pub(super) fn acquire(state: &Path) -> Result<Option<Self>, Error> {
        let path = Self::path(state);
        let file = match open(&path) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            result => result.map_err(Error::file("cannot open", &path))?,
        };
        os::give_to_neighbours_owner(&path).map_err(Error::file("cannot hand over", &path))?;
        file.lock().map_err(Error::file("cannot lock", &path))?;
        Ok(is_still_there(&file, &path).then_some(Lock { _file: file }))
    }
}

fn open(path: &Path) -> std::io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(false);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(0o600).custom_flags(no_follow());
    }
    options.open(path)
}

#[cfg(unix)]
fn no_follow() -> i32 {
    i32::try_from(rustix::fs::OFlags::NOFOLLOW.bits()).unwrap_or_default()
}

fn is_still_there(file: &File, path: &Path) -> bool {
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;
        let identity = |metadata: std::fs::Metadata| (metadata.dev(), metadata.ino());
        let ours = file.metadata().map(identity).ok();
        ours.is_some() && ours == path.symlink_metadata().map(identity).ok()
    }
    #[cfg(not(unix))]
    {
        let _ = file;
        path.exists()
    }
}
