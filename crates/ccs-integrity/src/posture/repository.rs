//! What git knows about a repository, read from its files.

use std::fs;
use std::path::{Path, PathBuf};

/// Larger lists of files are not searched, in bytes.
const LARGEST: u64 = 64 * 1024 * 1024;

/// Where git keeps the repository's data: `.git`, or where the file `.git` points.
pub(super) fn data(project: &Path) -> Option<PathBuf> {
    let dot = project.join(".git");
    if dot.is_dir() {
        return Some(dot);
    }
    let text = fs::read_to_string(&dot)
        .ok()
        .filter(|text| text.len() < 4096)?;
    let target = text.trim().strip_prefix("gitdir:")?.trim();
    Some(crate::path::plain(&project.join(target)))
}

/// Whether a file is in the index. Its name stands there in full, and a zero byte follows.
pub(super) fn is_tracked(project: &Path, name: &str) -> bool {
    let Some(index) = data(project).map(|data| data.join("index")) else {
        return false;
    };
    let small =
        fs::metadata(&index).is_ok_and(|metadata| metadata.is_file() && metadata.len() < LARGEST);
    let Some(bytes) = small.then(|| fs::read(&index).ok()).flatten() else {
        return false;
    };
    let needle = [name.as_bytes(), b"\0"].concat();
    let at = bytes
        .windows(needle.len())
        .position(|window| window == needle);
    // What stands before a name are flags, the high one of which is its length.
    at.is_some_and(|at| at >= 2 && usize::from(bytes[at - 1]) == name.len() & 0xff)
}
