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

/// Git's list of the files it keeps.
pub(super) struct Index(Vec<u8>);

impl Index {
    /// `None` if there is none, or a very large one.
    pub(super) fn read(project: &Path) -> Option<Self> {
        let index = data(project)?.join("index");
        let small = |metadata: fs::Metadata| metadata.is_file() && metadata.len() < LARGEST;
        let small = fs::metadata(&index).is_ok_and(small);
        small.then(|| fs::read(&index).ok()).flatten().map(Index)
    }

    /// Whether a file is kept. Its name stands there in full, and a zero byte follows.
    pub(super) fn has(&self, name: &str) -> bool {
        let needle = [name.as_bytes(), b"\0"].concat();
        let mut windows = self.0.windows(needle.len());
        let at = windows.position(|window| window == needle);
        // What stands before a name are flags, the high one of which is its length.
        at.is_some_and(|at| at >= 2 && usize::from(self.0[at - 1]) == name.len() & 0xff)
    }
}

/// Whether git keeps a file.
pub(super) fn is_tracked(project: &Path, name: &str) -> bool {
    Index::read(project).is_some_and(|index| index.has(name))
}
