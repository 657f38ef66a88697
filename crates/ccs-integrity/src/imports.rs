//! What memory files import: `@path` in CLAUDE.md.
//!
//! As the client does it: not within code, relative to the file that says it, `~` for the home
//! folder, and up to five files deep.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use crate::path::plain;

/// How deep imports of imports are followed.
const DEPTH: usize = 5;
/// Larger files are not read, in bytes.
const LARGEST: u64 = 1024 * 1024;

/// One import.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Import {
    /// The file that says it.
    pub file: PathBuf,
    /// On which line, counted from 1.
    pub line: usize,
    /// As it is written, without the `@`.
    pub text: String,
    /// Where it leads, absolute and without `..`; the file may not exist.
    pub target: PathBuf,
}

/// Every import of `file` and of the files it imports, each target once, outermost first.
#[must_use]
pub fn of(file: &Path, home: &Path) -> Vec<Import> {
    let mut found = Vec::new();
    let mut seen = BTreeSet::from([file.to_owned()]);
    let mut files = vec![file.to_owned()];
    for _ in 0..DEPTH {
        let mut next = Vec::new();
        for file in &files {
            let Some(text) = read(file) else { continue };
            for import in within(file, &text, home) {
                if seen.insert(import.target.clone()) {
                    next.push(import.target.clone());
                    found.push(import);
                }
            }
        }
        files = next;
    }
    found
}

/// The imports in the text of one file.
#[must_use]
pub fn within(file: &Path, text: &str, home: &Path) -> Vec<Import> {
    let mut found = Vec::new();
    let mut fence: Option<&str> = None;
    for (number, line) in text.lines().enumerate() {
        let start = line.trim_start();
        if let Some(mark) = fence_of(start) {
            match fence {
                None => fence = Some(mark),
                Some(open) if start.starts_with(open) => fence = None,
                Some(_) => {}
            }
            continue;
        }
        if fence.is_some() {
            continue;
        }
        for written in in_line(line) {
            found.push(Import {
                file: file.to_owned(),
                line: number + 1,
                text: written.to_owned(),
                target: resolve(file, written, home),
            });
        }
    }
    found
}

fn fence_of(line: &str) -> Option<&str> {
    ["```", "~~~"]
        .into_iter()
        .find(|mark| line.starts_with(mark))
}

/// `@path` at the start of a word and outside of backticks.
fn in_line(line: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let mut code = false;
    let mut before = ' ';
    for (at, letter) in line.char_indices() {
        if letter == '`' {
            code = !code;
        }
        if letter == '@' && !code && (before.is_whitespace() || before == '(') {
            let rest = &line[at + 1..];
            let end = rest
                .find(|c: char| c.is_whitespace() || c == '`')
                .unwrap_or(rest.len());
            let path = rest[..end].trim_end_matches(['.', ',', ';', ':', ')', '"', '\'']);
            if looks_like_path(path) {
                found.push(path);
            }
        }
        before = letter;
    }
    found
}

/// `@alice` and `@scope/package` in prose are people and packages, but the client tries them too;
/// only what cannot be a file name is left out.
fn looks_like_path(path: &str) -> bool {
    let first = path.chars().next();
    first.is_some_and(|c| c.is_alphanumeric() || matches!(c, '~' | '/' | '.' | '_' | '-'))
        && path.contains(['/', '.', '~'])
}

fn resolve(file: &Path, written: &str, home: &Path) -> PathBuf {
    let path = match written.strip_prefix("~/") {
        Some(rest) => home.join(rest),
        None => file.parent().unwrap_or(Path::new("/")).join(written),
    };
    plain(&path)
}

fn read(file: &Path) -> Option<String> {
    let metadata = fs::metadata(file).ok()?;
    if !metadata.is_file() || metadata.len() > LARGEST {
        return None;
    }
    let bytes = fs::read(file).ok()?;
    Some(String::from_utf8_lossy(&bytes).into_owned())
}

#[cfg(test)]
mod tests {
    use super::within;
    use std::path::Path;

    fn targets(text: &str) -> Vec<String> {
        let found = within(Path::new("/p/docs/CLAUDE.md"), text, Path::new("/home/dev"));
        let shown = found
            .iter()
            .map(|i| format!("{} {}", i.line, i.target.display()));
        shown.collect()
    }

    #[test]
    fn imports_lead_where_the_client_looks() {
        let text = "# Notes\n@style.md, see @../README.md\n- @~/notes/me.md (@/etc/hosts)\n";
        assert_eq!(
            targets(text),
            [
                "2 /p/docs/style.md",
                "2 /p/README.md",
                "3 /home/dev/notes/me.md",
                "3 /etc/hosts",
            ]
        );
    }

    #[test]
    fn code_people_and_addresses_are_no_imports() {
        let text =
            "ask @alice or me@example.com\n`@x/y.md`\n```\n@a.md\n```\n~~~sh\n@b.md\n~~~\n@ c.md\n";
        assert_eq!(targets(text), [""; 0]);
    }
}
