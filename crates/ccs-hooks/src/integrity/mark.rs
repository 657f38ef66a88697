//! Whether a file may have changed, by what the system says about it.

use std::fs::{self, Metadata};
use std::path::Path;

use serde::{Deserialize, Serialize};

/// Size, times, inode and mode of what is at a path, and of what a link there leads to. Empty if
/// nothing is there. The time of the last change of the inode cannot be set back by a program
/// without setting the clock.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(super) struct Mark(Vec<i64>);

impl Mark {
    pub(super) fn of(path: &Path) -> Self {
        let mut numbers = Vec::new();
        if let Ok(metadata) = fs::symlink_metadata(path) {
            note(&metadata, &mut numbers);
            if metadata.is_symlink()
                && let Ok(behind) = fs::metadata(path)
            {
                note(&behind, &mut numbers);
            }
        }
        Mark(numbers)
    }
}

#[cfg(unix)]
fn note(metadata: &Metadata, numbers: &mut Vec<i64>) {
    use std::os::unix::fs::MetadataExt;
    let whole = [metadata.ino(), metadata.dev(), metadata.size()];
    numbers.extend(whole.map(u64::cast_signed));
    numbers.extend([metadata.mtime(), metadata.mtime_nsec()]);
    numbers.extend([metadata.ctime(), metadata.ctime_nsec()]);
    numbers.extend([metadata.mode(), metadata.uid(), metadata.gid()].map(i64::from));
}

#[cfg(not(unix))]
fn note(metadata: &Metadata, numbers: &mut Vec<i64>) {
    let time = metadata.modified().ok();
    let since = time.and_then(|time| time.duration_since(std::time::UNIX_EPOCH).ok());
    numbers.push(metadata.len().cast_signed());
    numbers.push(since.map_or(0, |since| since.as_nanos() as i64));
}
