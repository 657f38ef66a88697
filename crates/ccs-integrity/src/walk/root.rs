//! One place to look below.

use std::path::{Path, PathBuf};

use crate::glob;
use crate::manifest::Class;

/// A file, or a folder with everything below it.
///
/// The patterns are those of [`crate::glob`], for paths relative to the root, with `/` between
/// names. They are not asked about the root itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Root {
    /// Absolute.
    pub path: PathBuf,
    /// What a deviation below it means.
    pub class: Class,
    /// Only what one of these describes; everything if there are none.
    pub only: Vec<String>,
    /// What is left out, even if `only` describes it. A folder here is left out whole.
    pub skip: Vec<String>,
    /// What is [`Class::Docs`], whatever `class` says.
    pub docs: Vec<String>,
}

impl Root {
    /// A place where a deviation is a reason to stop.
    #[must_use]
    pub fn exec(path: impl Into<PathBuf>) -> Self {
        Self::new(path, Class::Exec)
    }

    /// A place where a deviation is a warning.
    #[must_use]
    pub fn docs(path: impl Into<PathBuf>) -> Self {
        Self::new(path, Class::Docs)
    }

    fn new(path: impl Into<PathBuf>, class: Class) -> Self {
        Root {
            path: path.into(),
            class,
            only: Vec::new(),
            skip: Vec::new(),
            docs: Vec::new(),
        }
    }

    /// Only what one of these patterns describes.
    #[must_use]
    pub fn only(mut self, patterns: &[&str]) -> Self {
        self.only.extend(patterns.iter().map(|&p| p.to_owned()));
        self
    }

    /// Without what one of these patterns describes.
    #[must_use]
    pub fn skip(mut self, patterns: &[&str]) -> Self {
        self.skip.extend(patterns.iter().map(|&p| p.to_owned()));
        self
    }

    /// What these patterns describe is text for a model.
    #[must_use]
    pub fn with_docs(mut self, patterns: &[&str]) -> Self {
        self.docs.extend(patterns.iter().map(|&p| p.to_owned()));
        self
    }

    /// Whether a file at this path belongs to the root. Compares whole names.
    #[must_use]
    pub fn covers(&self, path: &Path) -> bool {
        let Ok(below) = path.strip_prefix(&self.path) else {
            return false;
        };
        let below = slashed(below);
        let describes = |patterns: &[String]| patterns.iter().any(|p| glob::matches(p, &below));
        below.is_empty() || !self.skips(&below) && (self.only.is_empty() || describes(&self.only))
    }

    /// What a deviation at this path means; `None` if the root does not cover it.
    #[must_use]
    pub fn class_of(&self, path: &Path) -> Option<Class> {
        if !self.covers(path) {
            return None;
        }
        let below = slashed(path.strip_prefix(&self.path).ok()?);
        let docs = self.docs.iter().any(|p| glob::matches(p, &below));
        Some(if docs { Class::Docs } else { self.class })
    }

    pub(super) fn descends_into(&self, folder: &Path) -> bool {
        let below = folder.strip_prefix(&self.path);
        below.is_ok_and(|below| !self.skips(&slashed(below)))
    }

    /// A pattern that describes a folder leaves out what is in it as well.
    fn skips(&self, below: &str) -> bool {
        let ends = below.match_indices('/').map(|(at, _)| at);
        let mut parts = ends.chain([below.len()]).map(|end| &below[..end]);
        parts.any(|part| self.skip.iter().any(|p| glob::matches(p, part)))
    }
}

fn slashed(path: &Path) -> String {
    let parts: Vec<_> = path.iter().map(|part| part.to_string_lossy()).collect();
    parts.join("/")
}

#[cfg(test)]
mod tests {
    use super::Root;
    use crate::manifest::Class;
    use std::path::Path;

    #[test]
    fn a_neighbour_whose_name_begins_alike_is_not_covered() {
        let root = Root::exec("/home/dev/.claude/hooks");
        assert!(root.covers(Path::new("/home/dev/.claude/hooks/guard.sh")));
        assert!(!root.covers(Path::new("/home/dev/.claude/hooks-evil/guard.sh")));
        assert!(!root.covers(Path::new("/home/dev/.claude/hooksguard.sh")));
    }

    #[test]
    fn patterns_choose_and_leave_out() {
        let root = Root::exec("/c")
            .only(&["settings*.json", "agents/**"])
            .skip(&["agents/old"])
            .with_docs(&["**/*.md"]);
        let class = |path: &str| root.class_of(Path::new(path));
        assert_eq!(class("/c/settings.local.json"), Some(Class::Exec));
        assert_eq!(class("/c/agents/a.md"), Some(Class::Docs));
        assert_eq!(class("/c/agents/a.sh"), Some(Class::Exec));
        assert_eq!(class("/c/agents/old/a.sh"), None);
        assert_eq!(class("/c/history.jsonl"), None);
    }
}
