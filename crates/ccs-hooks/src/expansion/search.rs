//! Where the client looks for commands, skills and agents.

use std::fs;
use std::path::{Path, PathBuf};

use crate::files;
use crate::protocol::json;

/// How much of a file is looked at for its name.
pub(super) const MAX_FRONT: u64 = 4 << 10;
/// The most folder entries that are looked at.
pub(super) const MAX_ENTRIES: usize = 10_000;

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// `NAME.md` at any depth.
    Commands,
    /// `NAME/SKILL.md` at any depth.
    Skills,
    /// Both.
    Plugin,
    /// `NAME.md` below a folder `agents`, or one that calls itself `NAME`.
    Agents,
    /// All of them, whatever they are called.
    All,
}

/// A walk for the files of one name.
pub(super) struct Search<'n> {
    name: &'n str,
    /// How many folder entries may still be looked at.
    pub(super) left: usize,
    pub(super) files: Vec<PathBuf>,
}

impl<'n> Search<'n> {
    pub(super) fn new(name: &'n str) -> Self {
        Self {
            name,
            left: MAX_ENTRIES,
            files: Vec::new(),
        }
    }

    pub(super) fn below(&mut self, folder: &Path, depth: u32, kind: Kind) {
        let Ok(listing) = fs::read_dir(folder) else {
            return;
        };
        for entry in listing.flatten() {
            if self.left == 0 {
                return;
            }
            self.left -= 1;
            let path = entry.path();
            if fs::metadata(&path).is_ok_and(|meta| meta.is_dir()) {
                if depth > 0 && !is_baggage(&path) {
                    self.below(&path, depth - 1, kind);
                }
            } else if self.is_wanted(&path, kind) && !self.files.contains(&path) {
                self.files.push(path);
            }
        }
    }

    fn is_wanted(&self, path: &Path, kind: Kind) -> bool {
        let is = |part: Option<&std::ffi::OsStr>, name: &str| {
            part.and_then(|part| part.to_str())
                .is_some_and(|part| part.eq_ignore_ascii_case(name))
        };
        if !is(path.extension(), "md") {
            return false;
        }
        match kind {
            Kind::All => return is_listed(path),
            Kind::Agents => {
                return is_below(path, "agents")
                    && (is(path.file_stem(), self.name) || is_called(path, self.name));
            }
            _ => {}
        }
        if kind != Kind::Skills && is(path.file_stem(), self.name) {
            return true;
        }
        let folder = path.parent().and_then(Path::file_name);
        is(path.file_stem(), "skill") && (is(folder, self.name) || is_called(path, self.name))
    }
}

/// Whether the client tells the model of a file: a skill, a command or an agent.
fn is_listed(path: &Path) -> bool {
    let stem = path.file_stem().and_then(|stem| stem.to_str());
    is_below(path, "commands")
        || is_below(path, "agents")
        || (is_below(path, "skills") && stem.is_some_and(|stem| stem.eq_ignore_ascii_case("skill")))
}

fn is_below(path: &Path, folder: &str) -> bool {
    let above = path.ancestors().skip(1);
    above
        .filter_map(Path::file_name)
        .any(|name| name.eq_ignore_ascii_case(folder))
}

/// Whether a skill or agent calls itself `name`, whatever its folder is called.
fn is_called(file: &Path, name: &str) -> bool {
    let bytes = files::head(file, MAX_FRONT).unwrap_or_default();
    front(&json::text(&bytes)).any(|line| line.eq_ignore_ascii_case(&format!("name:{name}")))
}

/// Whether a folder is large and never holds commands.
fn is_baggage(folder: &Path) -> bool {
    let name = folder.file_name().and_then(|name| name.to_str());
    matches!(name, Some("node_modules" | ".git" | "target"))
}

/// The lines between the `---` at the top of a file, without spaces and quotes.
pub(super) fn front(text: &str) -> impl Iterator<Item = String> {
    let front = text
        .strip_prefix("---")
        .map(|rest| match rest.split_once("\n---") {
            Some((front, _)) => front,
            None => rest,
        });
    let lines = front.unwrap_or_default().lines();
    lines.map(|line| line.replace([' ', '\t', '\r', '"', '\''], ""))
}
