//! Walking folders that may be hostile.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::fs::FileType;
use std::path::{Path, PathBuf};

/// A file below a folder.
#[derive(Debug)]
pub(in crate::posture) struct Entry {
    pub(in crate::posture) path: PathBuf,
    pub(in crate::posture) is_link: bool,
}

/// How a folder is walked.
#[derive(Clone, Copy, Debug)]
pub(in crate::posture) struct Tree {
    /// How many folders deep.
    pub(in crate::posture) depth: usize,
    /// How many entries at most.
    pub(in crate::posture) most: usize,
}

/// Folders that hold other people's code or nothing to read.
const SKIPPED: &[&str] = &[
    ".git",
    "node_modules",
    "target",
    "dist",
    ".venv",
    "venv",
    "__pycache__",
    ".cache",
    "vendor",
];

/// Every file in a folder, sorted, and whether all could be listed. Links to files are listed,
/// links to folders are followed once if they stay below `within`, so that no link makes the walk
/// long or endless.
pub(in crate::posture) fn files(
    folder: &Path,
    within: &[&Path],
    tree: Tree,
) -> (Vec<PathBuf>, bool) {
    let mut walk = Walk {
        within,
        left: tree.most,
        seen: BTreeSet::new(),
        found: Vec::new(),
    };
    if let Ok(real) = folder.canonicalize() {
        walk.folder(folder, real, tree.depth);
    }
    (walk.found, walk.left > 0)
}

struct Walk<'a> {
    within: &'a [&'a Path],
    left: usize,
    seen: BTreeSet<PathBuf>,
    found: Vec<PathBuf>,
}

impl Walk<'_> {
    /// `real` is the folder without links; only where a link is followed the system is asked.
    fn folder(&mut self, folder: &Path, real: PathBuf, depth: usize) {
        if depth == 0 || !self.seen.insert(real.clone()) {
            return;
        }
        for (name, kind) in listed(folder) {
            if self.left == 0 {
                return;
            }
            self.left -= 1;
            let path = folder.join(&name);
            if kind.is_dir() {
                if !SKIPPED.iter().any(|skip| name == *skip) {
                    self.folder(&path, real.join(&name), depth - 1);
                }
            } else if kind.is_symlink() && path.is_dir() {
                self.link(&path, depth);
            } else {
                self.found.push(path);
            }
        }
    }

    fn link(&mut self, link: &Path, depth: usize) {
        let real = link.canonicalize();
        if let Ok(real) = real
            && self.stays(&real)
        {
            self.folder(link, real, depth - 1);
        }
    }

    fn stays(&self, real: &Path) -> bool {
        let real_roots = self
            .within
            .iter()
            .filter_map(|root| root.canonicalize().ok());
        real_roots.into_iter().any(|root| real.starts_with(root))
    }
}

/// What a folder holds, sorted by name. What the system says of an entry in passing is enough, so
/// that none is asked about alone.
fn listed(folder: &Path) -> Vec<(OsString, FileType)> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let mut entries: Vec<_> = entries
        .filter_map(|entry| Some((entry.file_name(), entry.file_type().ok()?)))
        .collect();
    entries.sort_unstable_by(|a, b| a.0.cmp(&b.0));
    entries
}

/// Every file below a folder, other people's code included, links not followed; up to a number.
pub(super) fn every_file(folder: &Path, tree: Tree) -> Vec<Entry> {
    let mut found = Vec::new();
    let mut open = vec![(folder.to_owned(), tree.depth)];
    let mut left = tree.most;
    while let Some((folder, depth)) = open.pop() {
        // Objects are git's own, by their thousands.
        if folder.ends_with(".git/objects") {
            continue;
        }
        for (name, kind) in listed(&folder) {
            if left == 0 {
                return found;
            }
            left -= 1;
            let path = folder.join(name);
            match kind.is_dir() {
                true if depth > 0 => open.push((path, depth - 1)),
                true => {}
                false => found.push(Entry {
                    path,
                    is_link: kind.is_symlink(),
                }),
            }
        }
    }
    found
}
