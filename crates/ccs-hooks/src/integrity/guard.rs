//! The guard file: what a hook needs of a manifest on an ordinary call.

use std::path::{Path, PathBuf};

use ccs_gate::Touched;
use ccs_integrity::drift::Report;
use ccs_integrity::glob;
use ccs_integrity::manifest::{Class, Manifest};
use ccs_integrity::walk::Root;
use serde::{Deserialize, Serialize};

use super::Look;
use super::mark::Mark;
use crate::files;

const FILE: &str = "guard.json";
const VERSION: u32 = 1;
/// The longest guard file, in bytes.
const MAX_GUARD: u64 = 4 << 20;
/// How many files have a mark. Each costs about a microsecond on every call.
const MARKS: usize = 48;
/// How many deviations are kept; one is enough to stop.
const DEVIATIONS: usize = 100;

/// One thing that is not as it was signed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Deviation {
    /// Where.
    pub path: String,
    /// Whether it runs or decides what runs.
    pub exec: bool,
    /// `modified`, `added`, `removed` …
    pub what: String,
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Guard {
    version: u32,
    /// Of the manifest and of the folder of approved changes.
    book: [Mark; 2],
    roots: Vec<Covered>,
    marks: Vec<(PathBuf, Mark)>,
    deviations: Vec<Deviation>,
}

#[derive(Debug, Serialize, Deserialize)]
struct Covered {
    path: PathBuf,
    exec: bool,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    only: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    skip: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    docs: Vec<String>,
}

impl Guard {
    /// As things are now; nothing is compared with the manifest.
    pub(super) fn of(manifest: &Manifest, folder: &Path) -> Self {
        let marked = marked(manifest);
        Guard {
            version: VERSION,
            book: book(folder),
            roots: manifest.roots().iter().map(Covered::of).collect(),
            marks: marked
                .into_iter()
                .map(|path| (path.to_owned(), Mark::of(path)))
                .collect(),
            deviations: Vec::new(),
        }
    }

    pub(super) fn note(&mut self, report: &Report) {
        self.deviations = deviations(report);
    }

    /// `None` if there is none to go by.
    pub(super) fn read(folder: &Path) -> Option<Self> {
        let bytes = files::read_private(&folder.join(FILE), MAX_GUARD).ok()??;
        let guard: Self = serde_json::from_slice(&bytes).ok()?;
        (guard.version == VERSION).then_some(guard)
    }

    /// A guard that is not written is made again by the next call.
    pub(super) fn write(&self, folder: &Path) {
        if let Ok(text) = serde_json::to_vec(self) {
            let _ = files::replace(&folder.join(FILE), &text);
        }
    }

    /// Whether nothing that runs differed.
    pub(super) fn is_calm(&self) -> bool {
        !self.deviations.iter().any(|deviation| deviation.exec)
    }

    /// Whether no mark has changed.
    pub(super) fn holds(&self, folder: &Path) -> bool {
        self.book == book(folder)
            && self
                .marks
                .iter()
                .all(|(path, mark)| Mark::of(path) == *mark)
    }

    pub(super) fn look(self) -> Look {
        Look {
            roots: self.roots.into_iter().map(Covered::root).collect(),
            deviations: self.deviations,
        }
    }
}

fn book(folder: &Path) -> [Mark; 2] {
    ["manifest", "changes"].map(|name| Mark::of(&folder.join(name)))
}

/// What decides most: everything that was named on its own, whether it is there or not, then the
/// files and folders nearest to those places.
fn marked(manifest: &Manifest) -> Vec<&Path> {
    let roots = manifest.roots().iter();
    let mut paths: Vec<&Path> = roots
        .filter(|root| root.class == Class::Exec)
        .map(|root| root.path.as_path())
        .collect();
    let depth = |path: &Path| path.components().count();
    let entries = manifest.entries().iter();
    let exec = entries.filter(|entry| entry.class == Class::Exec);
    let mut below: Vec<&Path> = exec.map(|entry| entry.path.as_path()).collect();
    below.retain(|path| !paths.contains(path));
    below.sort_by_key(|path| depth(path));
    paths.extend(below);
    paths.truncate(MARKS);
    paths
}

/// What differs, what runs first.
pub(crate) fn deviations(report: &Report) -> Vec<Deviation> {
    let mut drifts: Vec<_> = report.drifts.iter().collect();
    drifts.sort_by_key(|drift| drift.class != Class::Exec);
    let shown = drifts.into_iter().take(DEVIATIONS).map(|drift| Deviation {
        path: drift.path.display().to_string(),
        exec: drift.class == Class::Exec,
        what: drift.change.word().to_owned(),
    });
    shown.collect()
}

impl Covered {
    fn of(root: &Root) -> Self {
        let Root {
            path,
            class,
            only,
            skip,
            docs,
        } = root.clone();
        let exec = class == Class::Exec;
        Covered {
            path,
            exec,
            only,
            skip,
            docs,
        }
    }

    fn root(self) -> Root {
        Root {
            path: self.path,
            class: if self.exec { Class::Exec } else { Class::Docs },
            only: self.only,
            skip: self.skip,
            docs: self.docs,
        }
    }
}

/// A place that a call creates, changes or deletes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Touch<'a> {
    /// Absolute; may hold the patterns of a shell, and NUL for what is not known.
    pub(crate) path: &'a str,
    /// With everything below it.
    pub(crate) tree: bool,
}

impl<'a> From<&'a Touched> for Touch<'a> {
    fn from(touched: &'a Touched) -> Self {
        Touch {
            path: &touched.path,
            tree: touched.tree,
        }
    }
}

impl Touch<'_> {
    /// The worst that it can mean under these roots.
    pub(super) fn class(&self, roots: &[Root]) -> Option<Class> {
        roots.iter().filter_map(|root| self.class_under(root)).max()
    }

    fn class_under(&self, root: &Root) -> Option<Class> {
        let place = root.path.to_str()?;
        let mut names = place.split('/').filter(|name| !name.is_empty());
        let mut parts = self.path.split('/').filter(|part| !part.is_empty());
        loop {
            match (names.next(), parts.next()) {
                (Some(name), Some(part)) if fits(part, name) => {}
                (Some(_), Some(_)) => return None,
                // the root lies below what is touched
                (Some(_), None) => return self.tree.then_some(root.class),
                (None, None) => return root.class_of(&root.path),
                (None, Some(part)) => {
                    let below = std::iter::once(part).chain(parts).collect::<Vec<_>>();
                    return root.class_of(&root.path.join(below.join("/")));
                }
            }
        }
    }
}

/// Whether a shell's pattern can stand for a name. What is not known stands for no name: the
/// gate asks about it on its own.
fn fits(part: &str, name: &str) -> bool {
    if part == name {
        return true;
    }
    let hidden = name.starts_with('.') && !part.starts_with('.');
    !hidden && part.contains(['*', '?', '[']) && glob::word(&unbracketed(part), name)
}

/// A bracket stands for any letter.
fn unbracketed(part: &str) -> String {
    let mut plain = String::with_capacity(part.len());
    let mut rest = part;
    while let Some((before, after)) = rest.split_once('[') {
        let Some((_, after)) = after.split_once(']') else {
            break;
        };
        plain.push_str(before);
        plain.push('?');
        rest = after;
    }
    plain + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    fn class(path: &str, tree: bool) -> Option<Class> {
        let roots = [
            Root::exec("/home/dev/.claude/hooks").with_docs(&["**/README.md"]),
            Root::exec("/home/dev/.claude/settings.json"),
            Root::docs("/home/dev/.claude/CLAUDE.md"),
        ];
        Touch { path, tree }.class(&roots)
    }

    #[test]
    fn what_a_call_touches_is_guarded_by_whole_names_patterns_and_the_folders_above() {
        let (exec, docs) = (Some(Class::Exec), Some(Class::Docs));
        for (path, tree, expected) in [
            ("/home/dev/.claude/hooks/a/b.sh", false, exec),
            ("/home/dev/.claude/hooks/README.md", false, docs),
            ("/home/dev/.claude/hooks-evil/b.sh", false, None),
            ("/home/dev/.claude/settings.json", false, exec),
            ("/home/dev/.claude/set*.json", false, exec),
            ("/home/dev/.claude/*", true, exec),
            ("/home/dev/.claude/*.log", true, None),
            ("/home/dev/*", true, None),
            ("/home/dev/.c*", true, exec),
            ("/home/dev/.claude", true, exec),
            ("/home/dev/.claude", false, None),
            ("/", true, exec),
            ("/home/dev/.claude/CLAUDE.md", true, docs),
            ("/home/dev/\0/settings.json", true, None),
            ("/home/dev/.claude/hooks/\0", false, exec),
            ("/home/dev/.claude/[hx]ooks", true, exec),
        ] {
            assert_eq!(class(path, tree), expected, "{path}");
        }
    }
}
