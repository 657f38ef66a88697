//! Everything a model reads as instructions.

use std::path::{Path, PathBuf};
use std::rc::Rc;

use super::place::Places;
use super::tree::{Tree, files};
use crate::posture::source::{Reader, Scope, Source, list};

/// What a text is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::posture) enum Kind {
    /// CLAUDE.md and its kin, and what they import.
    Memory,
    /// What the model wrote for itself.
    AutoMemory,
    /// Rules, output styles and other text.
    Rule,
    Agent,
    Command,
    Skill,
}

/// One such file.
#[derive(Debug)]
pub(in crate::posture) struct Text {
    pub(in crate::posture) kind: Kind,
    pub(in crate::posture) source: Rc<Source>,
}

const MEMORY: &[&str] = &[
    "CLAUDE.md",
    "CLAUDE.local.md",
    "AGENTS.md",
    ".claude/CLAUDE.md",
];
const FOLDERS: &[(&str, Kind)] = &[
    ("rules", Kind::Rule),
    ("output-styles", Kind::Rule),
    ("agents", Kind::Agent),
    ("commands", Kind::Command),
    ("skills", Kind::Skill),
    ("agent-memory", Kind::AutoMemory),
    ("agent-memory-local", Kind::AutoMemory),
];
const EXTENSIONS: Tree = Tree {
    depth: 6,
    most: 5_000,
};
const PROJECT: Tree = Tree {
    depth: 6,
    most: 20_000,
};

/// Everything, or with `quick` only what the project brings.
pub(super) fn all(places: &Places, reader: &Reader, quick: bool) -> Vec<Text> {
    let mut found = Found {
        places,
        reader,
        texts: Vec::new(),
    };
    if !quick {
        found.memory(&places.config.join("CLAUDE.md"), Scope::User);
        found.extensions(&places.config, Scope::User);
    }
    if let Some(managed) = places.managed.as_ref().filter(|_| !quick) {
        found.memory(&managed.join("CLAUDE.md"), Scope::Managed);
        found.extensions(&managed.join(".claude"), Scope::Managed);
    }
    if let Some(project) = &places.project {
        MEMORY
            .iter()
            .for_each(|name| found.memory(&project.join(name), scope_of(name)));
        found.extensions(&project.join(".claude"), Scope::Project);
        found.below(project);
    }
    if quick {
        return found.texts;
    }
    for project in list(&places.config.join("projects")) {
        found.folder(&project.join("memory"), Kind::AutoMemory, Scope::Memory);
    }
    for plugin in places.plugins() {
        found.extensions(&plugin, Scope::Plugin);
    }
    found.texts
}

fn scope_of(name: &str) -> Scope {
    if name.contains("local") {
        Scope::Local
    } else {
        Scope::Project
    }
}

struct Found<'a> {
    places: &'a Places,
    reader: &'a Reader,
    texts: Vec<Text>,
}

impl Found<'_> {
    fn add(&mut self, path: &Path, kind: Kind, scope: Scope) {
        let known = |text: &Text| text.source.path == path;
        if !self.texts.iter().any(known)
            && let Some(source) = self.reader.read(path, scope)
        {
            self.texts.push(Text { kind, source });
        }
    }

    /// A memory file and what it imports.
    fn memory(&mut self, path: &Path, scope: Scope) {
        self.add(path, Kind::Memory, scope);
        for import in crate::imports::of(path, &self.places.home) {
            self.add(&import.target, Kind::Memory, scope);
        }
    }

    fn extensions(&mut self, folder: &Path, scope: Scope) {
        for (name, kind) in FOLDERS {
            let scope = if *kind == Kind::AutoMemory {
                Scope::Memory
            } else {
                scope
            };
            self.folder(&folder.join(name), *kind, scope);
        }
    }

    fn folder(&mut self, folder: &Path, kind: Kind, scope: Scope) {
        let (paths, complete) = files(folder, &self.places.roots(), EXTENSIONS);
        if !complete {
            self.reader
                .trouble(folder, format!("more than {} entries", EXTENSIONS.most));
        }
        for path in paths.into_iter().filter(|path| is_prose(path)) {
            self.add(&path, kind, scope);
        }
    }

    /// Memory files in folders of the project: loaded when the client works there.
    fn below(&mut self, project: &Path) {
        let (paths, _) = files(project, &[project], PROJECT);
        let named = |path: &PathBuf| {
            path.file_name()
                .is_some_and(|name| name == "CLAUDE.md" || name == "AGENTS.md")
        };
        for path in paths.iter().filter(|path| named(path)) {
            self.memory(path, Scope::Project);
        }
        // Folders of a work space bring extensions of their own.
        let own = project.join(".claude");
        for path in paths
            .iter()
            .filter(|path| is_prose(path) && !path.starts_with(&own))
        {
            let kind = FOLDERS.iter().find(|(name, _)| {
                let folder = format!(".claude/{name}");
                path.ancestors()
                    .skip(1)
                    .any(|above| above.ends_with(&folder))
            });
            if let Some((_, kind)) = kind {
                self.add(path, *kind, Scope::Project);
            }
        }
    }
}

fn is_prose(path: &Path) -> bool {
    let suffix = path.extension().map(|suffix| suffix.to_ascii_lowercase());
    suffix.is_some_and(|suffix| {
        ["md", "mdx", "mdc", "txt", "markdown"]
            .iter()
            .any(|known| suffix == *known)
    })
}
