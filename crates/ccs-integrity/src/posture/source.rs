//! A file that was read, and where it belongs.

use std::cell::{OnceCell, RefCell};
use std::collections::HashMap;
use std::fs::{self, Metadata};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use serde::Serialize;

use super::Target;

/// Configuration and code above this size is not read, in bytes.
pub(super) const LARGEST: u64 = 1024 * 1024;

/// What a path in a finding is relative to, so that no finding names a user.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Base {
    /// The administrator's folder.
    Managed,
    /// The home folder.
    Home,
    /// The project.
    Project,
    /// The file system; the path is absolute.
    Root,
}

/// Who decides what a file says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Scope {
    /// The administrator.
    Managed,
    /// The user, for every project.
    User,
    /// Who wrote the repository.
    Project,
    /// The user, for this project.
    Local,
    /// Who wrote a plugin.
    Plugin,
    /// The model, in an earlier session.
    Memory,
    /// The machine around the client.
    Machine,
}

impl Scope {
    /// Whether a repository brings the file along.
    pub(super) fn is_from_repository(self) -> bool {
        matches!(self, Scope::Project | Scope::Local)
    }
}

/// One file as it was read.
#[derive(Debug)]
pub(super) struct Source {
    pub(super) path: PathBuf,
    pub(super) base: Base,
    /// The path relative to the base, with `/`.
    pub(super) name: String,
    pub(super) scope: Scope,
    /// Invalid UTF-8 is replaced.
    pub(super) text: String,
    /// Where each line begins.
    lines: OnceCell<Vec<usize>>,
}

/// Columns are not counted beyond this many bytes of a line.
const LONGEST_LINE: usize = 4096;

impl Source {
    /// Line and column of a byte offset, both counted from 1; the column is 0 far out in a long line.
    pub(super) fn position(&self, offset: usize) -> (usize, usize) {
        let lines = self.lines.get_or_init(|| {
            let ends = self.text.match_indices('\n').map(|(at, _)| at + 1);
            std::iter::once(0).chain(ends).collect()
        });
        let line = lines.partition_point(|&start| start <= offset).max(1);
        let start = lines[line - 1];
        let before = self
            .text
            .as_bytes()
            .get(start..offset.min(self.text.len()))
            .unwrap_or_default();
        let letters = || before.iter().filter(|byte| **byte & 0xc0 != 0x80).count() + 1;
        let column = if before.len() > LONGEST_LINE {
            0
        } else {
            letters()
        };
        (line, column)
    }

    /// The line of the first occurrence of `needle`; 1 if there is none.
    pub(super) fn line_of(&self, needle: &str) -> usize {
        self.text.find(needle).map_or(1, |at| self.position(at).0)
    }
}

/// Reads files, each once, and remembers what could not be read.
#[derive(Debug)]
pub(super) struct Reader {
    home: PathBuf,
    project: Option<PathBuf>,
    managed: Option<PathBuf>,
    cache: RefCell<HashMap<PathBuf, Option<Rc<Source>>>>,
    read: RefCell<Vec<String>>,
    errors: RefCell<Vec<Trouble>>,
}

/// A file that could not be looked at, so that the audit is incomplete.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Trouble {
    /// What the path is relative to.
    pub base: Base,
    /// Which file.
    pub path: String,
    /// What the system said.
    pub why: String,
}

impl Reader {
    pub(super) fn new(target: &Target) -> Self {
        Reader {
            home: target.home.clone(),
            project: target.project.clone(),
            managed: target.managed.clone(),
            cache: RefCell::default(),
            read: RefCell::default(),
            errors: RefCell::default(),
        }
    }

    /// The file, if it exists and is text of a reasonable size. Links are followed, because the
    /// client follows them.
    pub(super) fn read(&self, path: &Path, scope: Scope) -> Option<Rc<Source>> {
        if let Some(known) = self.cache.borrow().get(path) {
            return known.clone();
        }
        let source = self.text(path, LARGEST).map(|text| {
            let (base, name) = self.locate(path);
            self.read.borrow_mut().push(shown(base, &name));
            Rc::new(Source {
                path: path.to_owned(),
                base,
                name,
                scope,
                text,
                lines: OnceCell::new(),
            })
        });
        self.cache
            .borrow_mut()
            .insert(path.to_owned(), source.clone());
        source
    }

    /// The text of a file, up to `most` bytes; of a larger file the beginning.
    pub(super) fn beginning(&self, path: &Path, most: u64) -> Option<String> {
        let mut bytes = Vec::new();
        let file = fs::File::open(path).ok()?;
        let metadata = file.metadata().ok()?;
        if !metadata.is_file() {
            return None;
        }
        file.take(most).read_to_end(&mut bytes).ok()?;
        Some(String::from_utf8_lossy(&bytes).into_owned())
    }

    fn text(&self, path: &Path, most: u64) -> Option<String> {
        let metadata = fs::metadata(path).ok()?;
        if !metadata.is_file() {
            return None;
        }
        if metadata.len() > most {
            self.trouble(path, format!("larger than {most} bytes"));
            return None;
        }
        match fs::read(path) {
            Ok(bytes) => Some(String::from_utf8_lossy(&bytes).into_owned()),
            Err(error) => {
                self.trouble(path, error.to_string());
                None
            }
        }
    }

    pub(super) fn trouble(&self, path: &Path, why: String) {
        let (base, path) = self.locate(path);
        self.errors.borrow_mut().push(Trouble { base, path, why });
    }

    /// What a path is relative to, and the rest of it.
    pub(super) fn locate(&self, path: &Path) -> (Base, String) {
        let bases = [
            (Base::Project, self.project.as_deref()),
            (Base::Home, Some(self.home.as_path())),
            (Base::Managed, self.managed.as_deref()),
        ];
        for (base, folder) in bases {
            if let Some(rest) = folder.and_then(|folder| path.strip_prefix(folder).ok()) {
                return (base, slashed(rest));
            }
        }
        (Base::Root, slashed(path))
    }

    /// The names of the files that were read, sorted.
    pub(super) fn coverage(&self) -> Vec<String> {
        let mut read = self.read.borrow().clone();
        read.sort();
        read
    }

    pub(super) fn troubles(&self) -> Vec<Trouble> {
        let mut errors = self.errors.borrow().clone();
        errors.sort();
        errors.dedup();
        errors
    }
}

/// Whether a file is machine code, which is no text however large it is. Only for what is run: a
/// text that begins like a program is still read by a model.
pub(super) fn is_machine_code(path: &Path) -> bool {
    let mut start = [0; 4];
    let read = fs::File::open(path).and_then(|mut file| file.read_exact(&mut start));
    let windows =
        start.starts_with(b"MZ") && path.extension().is_some_and(|suffix| suffix == "exe");
    let mach = [
        [0xcf, 0xfa, 0xed, 0xfe],
        [0xce, 0xfa, 0xed, 0xfe],
        [0xca, 0xfe, 0xba, 0xbe],
    ];
    read.is_ok() && (start == *b"\x7fELF" || mach.contains(&start) || windows)
}

/// A path as a person writes it.
pub(super) fn shown(base: Base, name: &str) -> String {
    match base {
        Base::Home => format!("~/{name}"),
        Base::Project => format!("./{name}"),
        Base::Managed => format!("managed:{name}"),
        Base::Root => name.to_owned(),
    }
}

pub(super) fn slashed(path: &Path) -> String {
    let text = path.to_string_lossy();
    if cfg!(windows) {
        return text.replace('\\', "/");
    }
    text.into_owned()
}

/// The files and folders in a folder, sorted by name; nothing if it cannot be listed.
pub(super) fn list(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.path()).collect();
    paths.sort();
    paths
}

/// What is at a path, without following a link.
pub(super) fn status(path: &Path) -> Option<Metadata> {
    fs::symlink_metadata(path).ok()
}
