//! What is on the disk now, below a list of roots.
//!
//! - **Every regular file counts**, whatever its name or suffix, and is hashed whole. Times,
//!   sizes and inodes are never taken as a sign that a file is unchanged.
//! - **Links are recorded, not followed**: the walk never leaves a root. A root that is itself a
//!   link is recorded as one. What a link leads to has an entry of its own if it lies below a
//!   root. If it lies outside and is a regular file, its digest is kept with the link; anything
//!   else outside is reported as [`Observed::escapes`].
//! - **No size is too large**: files are read in pieces. There are bounds on how many files and
//!   how deep ([`Limits`]); what lies beyond them is reported as unreadable, never left out.
//! - Files are opened without following a link and described by what was opened, so that nothing
//!   can be swapped between looking and reading. A pipe is recorded, not opened.

use std::collections::BTreeMap;
use std::fs::{self, Metadata};
use std::io;
use std::path::{Path, PathBuf};

use crate::manifest::{Class, Entry, Owner, What};

mod read;
mod root;

pub use root::Root;

/// How much is looked at before the walk gives up on the rest.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Entries in all.
    pub entries: usize,
    /// Folders within folders below one root.
    pub depth: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            entries: 500_000,
            depth: 64,
        }
    }
}

/// What was found.
#[derive(Clone, Debug, Default)]
pub struct Observed {
    /// Sorted by path, each path once.
    pub entries: Vec<Entry>,
    /// Links that lead out of all roots, but not to a regular file that could be read.
    pub escapes: Vec<PathBuf>,
    /// What could not be looked at.
    pub unreadable: Vec<Unreadable>,
}

/// Something that could not be looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unreadable {
    /// Where.
    pub path: PathBuf,
    /// What a deviation there means.
    pub class: Class,
    /// What the system said.
    pub why: String,
}

/// Looks at everything below `roots`. A root that does not exist adds nothing.
///
/// Of two roots that cover one path the first one says what a deviation means.
#[must_use]
pub fn walk(roots: &[Root], limits: &Limits) -> Observed {
    let mut walk = Walk {
        roots,
        root: None,
        limits,
        found: BTreeMap::new(),
        observed: Observed::default(),
        buffer: vec![0; 128 * 1024],
        real_roots: None,
    };
    for root in roots {
        walk.root = Some(root);
        walk.start(root);
    }
    let mut observed = walk.observed;
    observed.entries = walk.found.into_values().collect();
    observed
}

/// Looks at one path as [`walk`] would, if a root covers it. `None` if nothing is there.
#[must_use]
pub fn look(roots: &[Root], path: &Path) -> Option<Observed> {
    let root = roots.iter().find(|root| root.covers(path))?;
    let single = Root {
        path: path.to_owned(),
        class: root.class_of(path).unwrap_or(root.class),
        only: Vec::new(),
        skip: Vec::new(),
        docs: Vec::new(),
    };
    let mut all = vec![single];
    all.extend(roots.iter().cloned());
    let mut walk = Walk {
        roots: &all,
        root: all.first(),
        limits: &Limits {
            entries: 1,
            depth: 0,
        },
        found: BTreeMap::new(),
        observed: Observed::default(),
        buffer: vec![0; 128 * 1024],
        real_roots: None,
    };
    walk.start(&all[0]);
    let mut observed = walk.observed;
    observed.entries = walk.found.into_values().collect();
    let nothing = observed.entries.is_empty() && observed.unreadable.is_empty();
    (!nothing).then_some(observed)
}

struct Walk<'a> {
    roots: &'a [Root],
    root: Option<&'a Root>,
    limits: &'a Limits,
    found: BTreeMap<PathBuf, Entry>,
    observed: Observed,
    buffer: Vec<u8>,
    real_roots: Option<Vec<PathBuf>>,
}

impl Walk<'_> {
    fn start(&mut self, root: &Root) {
        match fs::symlink_metadata(&root.path) {
            Ok(metadata) => self.visit(root.path.clone(), metadata.file_type(), 0),
            Err(error) if is_absent(&error) => {}
            Err(error) => self.unreadable(root.path.clone(), &error),
        }
    }

    fn visit(&mut self, path: PathBuf, kind: fs::FileType, depth: usize) {
        if self.found.contains_key(&path) {
            return;
        }
        if self.found.len() >= self.limits.entries {
            return self.refuse(path, "too many files");
        }
        if kind.is_dir() {
            self.folder(path, depth);
        } else if kind.is_symlink() {
            self.link(path);
        } else if kind.is_file() {
            self.file(path);
        } else {
            self.add(path, What::Other);
        }
    }

    fn folder(&mut self, path: PathBuf, depth: usize) {
        if depth > self.limits.depth {
            return self.refuse(path, "too many folders within folders");
        }
        let listed = fs::symlink_metadata(&path).and_then(|metadata| {
            let entries = match self.limits.depth {
                0 => Vec::new(),
                _ => fs::read_dir(&path)?.collect::<io::Result<Vec<_>>>()?,
            };
            Ok((metadata, entries))
        });
        let (metadata, entries) = match listed {
            Ok(listed) => listed,
            Err(error) if is_absent(&error) && depth > 0 => return,
            Err(error) => return self.unreadable(path, &error),
        };
        self.add(
            path,
            What::Folder {
                mode: crate::file::mode(&metadata),
                owner: owner(&metadata),
            },
        );
        for entry in entries {
            let path = entry.path();
            match entry.file_type() {
                Ok(kind) if self.is_wanted(&path, kind) => self.visit(path, kind, depth + 1),
                Ok(_) => {}
                Err(error) if is_absent(&error) => {}
                Err(error) => self.unreadable(path, &error),
            }
        }
    }

    fn is_wanted(&self, path: &Path, kind: fs::FileType) -> bool {
        match self.root {
            Some(root) if kind.is_dir() => root.descends_into(path),
            Some(root) => root.covers(path),
            None => false,
        }
    }

    fn file(&mut self, path: PathBuf) {
        match read::describe(&path, &mut self.buffer) {
            Ok(what) => self.add(path, what),
            // It went between listing and opening: that is what the disk looks like now.
            Err(error) if is_absent(&error) => {}
            Err(error) => self.unreadable(path, &error),
        }
    }

    fn link(&mut self, path: PathBuf) {
        let target = match fs::read_link(&path) {
            Ok(target) => target,
            Err(error) => return self.unreadable(path, &error),
        };
        let mut behind = None;
        match fs::canonicalize(&path) {
            Ok(real) if self.is_inside(&real) => {}
            Ok(real) => match read::describe(&real, &mut self.buffer) {
                Ok(What::File { digest, .. }) => behind = Some(digest),
                _ => self.observed.escapes.push(path.clone()),
            },
            Err(_) => self.observed.escapes.push(path.clone()),
        }
        self.add(path, What::Link { target, behind });
    }

    /// Whether a root covers a path without links.
    fn is_inside(&mut self, real: &Path) -> bool {
        let roots = self.roots;
        let real_roots = self.real_roots.get_or_insert_with(|| {
            let real = |root: &Root| fs::canonicalize(&root.path).unwrap_or(root.path.clone());
            roots.iter().map(real).collect()
        });
        roots.iter().zip(real_roots).any(|(root, real_root)| {
            // A root that is a link itself does not vouch for what it leads to.
            let is_link = fs::symlink_metadata(&root.path).is_ok_and(|m| m.is_symlink());
            let below = real.strip_prefix(real_root).ok();
            !is_link && below.is_some_and(|below| root.covers(&root.path.join(below)))
        })
    }

    fn add(&mut self, path: PathBuf, what: What) {
        let class = self.class_of(&path);
        self.found.insert(path.clone(), Entry { path, class, what });
    }

    fn class_of(&self, path: &Path) -> Class {
        let root = self.root.and_then(|root| root.class_of(path));
        root.or(self.root.map(|root| root.class))
            .unwrap_or(Class::Exec)
    }

    fn refuse(&mut self, path: PathBuf, why: &str) {
        let class = self.class_of(&path);
        let why = why.to_owned();
        self.observed
            .unreadable
            .push(Unreadable { path, class, why });
    }

    fn unreadable(&mut self, path: PathBuf, error: &io::Error) {
        self.refuse(path, &error.to_string());
    }
}

fn is_absent(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory
    )
}

fn owner(metadata: &Metadata) -> Owner {
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;
        Owner {
            user: metadata.uid(),
            group: metadata.gid(),
        }
    }
    #[cfg(not(unix))]
    {
        let _ = metadata;
        Owner::default()
    }
}
