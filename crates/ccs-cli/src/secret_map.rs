//! Where secrets lie on this machine, and what stands before each place. No value leaves here.

use std::collections::BTreeSet;
use std::fs::{self, Metadata};
use std::io::Read;
use std::path::{Path, PathBuf};

use ccs_gate::secret::Scanner;
use ccs_gate::{Call, Decision, Facts, Gate};
use ccs_integrity::file::mode;
use serde::Serialize;
use serde_json::Value;

use crate::checks::Machine;

/// As much of a file is searched for kinds of secrets, in bytes.
const MAX_TEXT: u64 = 1 << 20;
/// The most folder entries that are looked at.
const MAX_ENTRIES: usize = 60_000;
/// The most files that are listed.
const MAX_FILES: usize = 2_000;
/// How deep below each root.
const DEEPEST: usize = 5;
/// Folders that are large and hold no credentials of their owner.
const SKIPPED: &[&str] = &[
    "node_modules",
    "target",
    "vendor",
    ".git",
    ".cache",
    ".rustup",
    ".npm",
    ".nvm",
    "registry",
    "site-packages",
    ".venv",
    "venv",
    "extensions",
    "file-history",
    "shell-snapshots",
    "audit",
    "toolchains",
    "Trash",
];
/// Files that are for other things and sometimes hold a secret; listed if they do.
const PERHAPS: &[&str] = &[
    ".bashrc",
    ".bash_profile",
    ".profile",
    ".zshrc",
    ".zshenv",
    ".zprofile",
    ".config/fish/config.fish",
    ".claude.json",
    ".claude/settings.json",
    ".claude/CLAUDE.md",
];
const PERHAPS_IN_PROJECT: &[&str] = &[
    ".mcp.json",
    "CLAUDE.md",
    ".claude/settings.json",
    ".claude/settings.local.json",
    "docker-compose.yml",
];

/// A file that holds secrets, or is made for them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Place {
    pub(crate) path: PathBuf,
    /// In octal; absent where files have none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) mode: Option<String>,
    /// Others than its owner can read it.
    pub(crate) open: bool,
    /// What was found in it, by rule; empty if nothing is known by its form.
    pub(crate) kinds: Vec<String>,
    /// It could not be looked into.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub(crate) unread: bool,
    /// The rules that a read of it meets, with what they decide.
    pub(crate) rules: Vec<Rule>,
    /// A permission rule of the client that denies it too.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) fence: Option<String>,
}

/// A rule of ccs that speaks about reading a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Rule {
    pub(crate) id: String,
    pub(crate) decision: Decision,
}

/// All of them.
#[derive(Debug, Default, Serialize)]
pub(crate) struct Map {
    pub(crate) files: Vec<Place>,
    /// There was more than is looked at.
    pub(crate) incomplete: bool,
}

impl Place {
    /// Whether nothing asks before a read of it.
    pub(crate) fn is_bare(&self) -> bool {
        self.rules.is_empty() && self.fence.is_none()
    }
}

/// Looks through the home folder, the current project and `/etc`.
pub(crate) fn of(machine: &Machine<'_>, gate: &Gate) -> Map {
    let places = machine.places;
    let mut walk = Walk {
        gate,
        shipped: Gate::builtin(),
        scanner: Scanner::builtin(),
        home: places.home.to_string_lossy().into_owned(),
        project: places.cwd.to_string_lossy().into_owned(),
        fences: fences(machine),
        left: MAX_ENTRIES,
        seen: BTreeSet::new(),
        map: Map::default(),
    };
    let is_project = places.cwd != places.home && !places.home.starts_with(&places.cwd);
    walk.home(&places.home);
    if is_project {
        walk.below(&places.cwd, DEEPEST);
    }
    walk.below(Path::new("/etc"), 3);
    let perhaps = PERHAPS.iter().map(|name| places.home.join(name));
    let in_project = PERHAPS_IN_PROJECT.iter().map(|name| places.cwd.join(name));
    perhaps
        .chain(in_project.filter(|_| is_project))
        .for_each(|path| walk.perhaps(&path));
    walk.map
        .files
        .sort_by(|one, other| one.path.cmp(&other.path));
    walk.map
}

struct Walk<'g> {
    gate: &'g Gate,
    shipped: Gate,
    scanner: Scanner,
    home: String,
    project: String,
    fences: Vec<String>,
    left: usize,
    seen: BTreeSet<PathBuf>,
    map: Map,
}

impl Walk<'_> {
    /// Hidden folders, and the files beside them: other folders of a home are its owner's work.
    fn home(&mut self, home: &Path) {
        for path in entries(home) {
            let hidden = path
                .file_name()
                .is_some_and(|name| name.as_encoded_bytes().starts_with(b"."));
            match fs::symlink_metadata(&path) {
                Ok(meta) if meta.is_dir() && hidden => self.enter(&path, DEEPEST - 1),
                Ok(meta) if meta.is_file() => self.file(&path, &meta),
                _ => {}
            }
        }
    }

    fn enter(&mut self, folder: &Path, depth: usize) {
        let name = folder
            .file_name()
            .and_then(|name| name.to_str())
            .unwrap_or_default();
        if !SKIPPED.contains(&name) && !folder.ends_with(".claude/projects") {
            self.below(folder, depth);
        }
    }

    fn below(&mut self, folder: &Path, depth: usize) {
        for path in entries(folder) {
            if self.left == 0 || self.map.files.len() >= MAX_FILES {
                self.map.incomplete = true;
                return;
            }
            self.left -= 1;
            match fs::symlink_metadata(&path) {
                Ok(meta) if meta.is_dir() && depth > 0 => self.enter(&path, depth - 1),
                Ok(meta) if meta.is_file() => self.file(&path, &meta),
                _ => {}
            }
        }
    }

    /// A file that a rule calls secret.
    fn file(&mut self, path: &Path, meta: &Metadata) {
        let Some(name) = path.to_str() else { return };
        let facts = self.facts();
        let call = Call::Read { path: name };
        // whatever the owner made milder, the file is what it is; what is only private is let through
        let is_secret = self
            .gate
            .deeds(&call, &facts)
            .secrets
            .iter()
            .any(|one| one == name);
        let is_kept = self.shipped.judge(&call, &facts).decision > Decision::Allow;
        if !(is_secret && is_kept) {
            return;
        }
        let rules = self.rules(name);
        self.add(path, meta, rules);
    }

    /// Another file, if there is a secret in it.
    fn perhaps(&mut self, path: &Path) {
        let Ok(meta) = fs::metadata(path).as_ref().map(Clone::clone) else {
            return;
        };
        let found = meta.is_file().then(|| self.kinds(path)).flatten();
        if found.is_some_and(|kinds| !kinds.is_empty()) {
            let rules = path.to_str().map(|name| self.rules(name));
            self.add(path, &meta, rules.unwrap_or_default());
        }
    }

    fn add(&mut self, path: &Path, meta: &Metadata, rules: Vec<Rule>) {
        if !self.seen.insert(path.to_owned()) {
            return;
        }
        let kinds = self.kinds(path);
        let bits = mode(meta);
        // what root keeps for a group of its own is root's business
        let others = if path.starts_with("/etc") {
            0o004
        } else {
            0o044
        };
        self.map.files.push(Place {
            path: path.to_owned(),
            mode: cfg!(unix).then(|| format!("{:04o}", bits & 0o7777)),
            open: cfg!(unix) && bits & others != 0,
            unread: kinds.is_none(),
            kinds: kinds.unwrap_or_default(),
            rules,
            fence: self.fence(path),
        });
    }

    fn facts(&self) -> Facts<'_> {
        Facts {
            home: Some(&self.home),
            cwd: Some(&self.project),
            project: Some(&self.project),
            ..Facts::default()
        }
    }

    fn rules(&self, path: &str) -> Vec<Rule> {
        let verdict = self.gate.judge(&Call::Read { path }, &self.facts());
        let findings = verdict.findings.into_iter();
        findings
            .map(|finding| Rule {
                id: finding.rule.into_owned(),
                decision: finding.decision,
            })
            .collect()
    }

    /// What is in a file, by the rules that found it; `None` if it cannot be read.
    fn kinds(&self, path: &Path) -> Option<Vec<String>> {
        let mut bytes = Vec::new();
        let file = fs::File::open(path).ok()?;
        file.take(MAX_TEXT).read_to_end(&mut bytes).ok()?;
        let text = String::from_utf8_lossy(&bytes);
        let found = self
            .scanner
            .scan_file(path.to_str().unwrap_or_default(), &text);
        let kinds: BTreeSet<String> = found.into_iter().map(|one| one.rule.into_owned()).collect();
        Some(kinds.into_iter().collect())
    }

    /// The first permission rule that denies reading a file.
    fn fence(&self, path: &Path) -> Option<String> {
        let path = path.to_str()?;
        let covers = |rule: &&String| {
            let inner = rule
                .strip_prefix("Read(")
                .and_then(|rest| rest.strip_suffix(')'));
            inner.is_some_and(|pattern| fits(pattern, path, &self.home))
        };
        self.fences.iter().find(covers).cloned()
    }
}

/// In the order of their names, so that two runs say the same.
fn entries(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.path()).collect();
    paths.sort();
    paths
}

/// `permissions.deny` of every settings file.
fn fences(machine: &Machine<'_>) -> Vec<String> {
    let lists = machine
        .files
        .iter()
        .filter_map(|settings| settings.value.get("permissions")?.get("deny")?.as_array());
    lists
        .flatten()
        .filter_map(Value::as_str)
        .map(str::to_owned)
        .collect()
}

/// Whether a pattern of a permission rule that names a place means this file. Other patterns
/// protect as well; they are not counted on.
fn fits(pattern: &str, path: &str, home: &str) -> bool {
    let full = match (pattern.strip_prefix("~/"), pattern.strip_prefix("//")) {
        (Some(below), _) => format!("{home}/{below}"),
        (_, Some(below)) => format!("/{below}"),
        _ => return false,
    };
    match full.strip_suffix("/**") {
        Some(folder) => path
            .strip_prefix(folder)
            .is_some_and(|rest| rest.starts_with('/')),
        None => full == path,
    }
}

#[cfg(test)]
mod tests {
    use super::fits;

    #[test]
    fn a_permission_rule_protects_the_place_it_names() {
        for (pattern, fitting) in [
            ("~/.ssh/**", true),
            ("//home/dev/.ssh/id_rsa", true),
            ("~/.ss/**", false),
            ("~/.ssh", false),
            (".env", false),
        ] {
            assert_eq!(
                fits(pattern, "/home/dev/.ssh/id_rsa", "/home/dev"),
                fitting,
                "{pattern}"
            );
        }
    }
}
