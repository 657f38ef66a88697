//! What changed lately, as git knows it.
//!
//! A repository's own configuration can make git run programs: filters, hooks, monitors, external
//! differences, remote helpers. So git is asked for lists of names and for contents that it keeps,
//! and never to compare the work tree; the comparison is ours. What is left is switched off.

use std::collections::BTreeSet;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use ccs_gate::quality::{Lines, MAX_TEXT};

use super::program;
use crate::files::{self, Links};

/// The longest list of names, and the most contents at once, in bytes.
const MAX_ANSWER: u64 = 32 << 20;
/// The most files that are compared.
const MAX_FILES: usize = 400;

/// A file and those of its lines that are new.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Changed {
    /// Where it is.
    pub path: PathBuf,
    /// Its name from the project's root: tells the language, and whether it is a test.
    pub name: String,
    /// All of it.
    pub text: String,
    /// What counts.
    pub lines: Lines,
}

/// Why git gave no answer.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// There is no git program where the system keeps its programs.
    #[error("there is no git")]
    NoGit,
    /// It could not be run, or took too long.
    #[error("git: {0}")]
    Failed(String),
    /// The folder is in no repository.
    #[error("not in a git repository")]
    NoRepository,
}

/// A repository with a work tree.
pub struct Repository {
    git: PathBuf,
    root: PathBuf,
    home: Option<PathBuf>,
    until: Instant,
}

impl Repository {
    /// The one around a folder. `home` is where the user's own configuration is, which says whose
    /// repositories are trusted. Nothing takes longer than `until`.
    ///
    /// # Errors
    ///
    /// [`Error`] if there is none, or no git.
    pub fn around(folder: &Path, home: Option<&Path>, until: Instant) -> Result<Self, Error> {
        let git = program::find("git").ok_or(Error::NoGit)?;
        let mut repository = Self {
            git,
            root: folder.to_owned(),
            home: home.map(Path::to_owned),
            until,
        };
        let answer = repository.ask(&["rev-parse", "--show-toplevel"], &[])?;
        let root = answer.ok_or(Error::NoRepository)?;
        let root = path(root.strip_suffix(b"\n").unwrap_or(&root));
        repository.root = root;
        Ok(repository)
    }

    /// The root of the work tree.
    #[must_use]
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// What was written since `since`, compared with the last commit before that. Files that git
    /// ignores are left out, and so are links.
    ///
    /// # Errors
    ///
    /// [`Error::Failed`] if git cannot be run, fails or takes too long.
    pub fn since(&self, since: SystemTime) -> Result<Vec<Changed>, Error> {
        let list = [
            "ls-files",
            "-z",
            "--cached",
            "--others",
            "--exclude-standard",
        ];
        let names = self.ask(&list, &[])?.unwrap_or_default();
        let names: BTreeSet<&[u8]> = names
            .split(|&byte| byte == 0)
            .filter(|name| !name.is_empty())
            .collect();
        let recent = names
            .into_iter()
            .filter(|name| is_recent(&self.root.join(path(name)), since));
        let recent: Vec<&[u8]> = recent.take(MAX_FILES).collect();
        let seconds = since
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default()
            .as_secs();
        let base = self.base(seconds)?;
        let specs = recent
            .iter()
            .map(|name| base.as_deref().map(|base| spec(base, name)));
        let before = self.contents(&specs.collect::<Vec<_>>())?;
        let changed = recent.into_iter().zip(before).filter_map(|(name, before)| {
            let path = self.root.join(path(name));
            let bytes = files::read(&path, MAX_TEXT as u64, Links::Refuse).ok()??;
            changed(path, name, bytes, before.as_deref())
        });
        Ok(changed.collect())
    }

    /// What the next commit will add, compared with the last.
    ///
    /// # Errors
    ///
    /// [`Error::Failed`] if git cannot be run, fails or takes too long.
    pub fn staged(&self) -> Result<Vec<Changed>, Error> {
        let list = [
            "diff",
            "--cached",
            "--name-only",
            "-z",
            "--no-renames",
            "--diff-filter=ACMT",
            "--no-ext-diff",
            "--no-textconv",
            "--ignore-submodules=all",
        ];
        let names = self.ask(&list, &[])?.unwrap_or_default();
        let names: Vec<&[u8]> = names
            .split(|&byte| byte == 0)
            .filter(|name| !name.is_empty())
            .collect();
        let of = |revision: &str| {
            names
                .iter()
                .map(|name| Some(spec(revision, name)))
                .collect::<Vec<_>>()
        };
        let (after, before) = (self.contents(&of(""))?, self.contents(&of("HEAD"))?);
        let pairs = names.into_iter().zip(after).zip(before);
        let changed = pairs.filter_map(|((name, after), before)| {
            changed(self.root.join(path(name)), name, after?, before.as_deref())
        });
        Ok(changed.collect())
    }

    /// The last commit that is older.
    fn base(&self, seconds: u64) -> Result<Option<String>, Error> {
        let older = format!("--min-age={}", seconds.saturating_sub(1));
        let answer = self.ask(&["rev-list", "-1", "--first-parent", &older, "HEAD"], &[])?;
        let id = answer.map(|id| String::from_utf8_lossy(id.trim_ascii()).into_owned());
        Ok(id.filter(|id| !id.is_empty()))
    }

    /// Contents as git keeps them, none for what it has not.
    fn contents(&self, specs: &[Option<Vec<u8>>]) -> Result<Vec<Option<Vec<u8>>>, Error> {
        let asked: Vec<&Vec<u8>> = specs
            .iter()
            .flatten()
            .filter(|spec| !spec.contains(&b'\n'))
            .collect();
        if asked.is_empty() {
            return Ok(vec![None; specs.len()]);
        }
        let mut input = Vec::new();
        for spec in asked {
            input.extend_from_slice(spec);
            input.push(b'\n');
        }
        let answer = self
            .ask(&["cat-file", "--batch"], &input)?
            .unwrap_or_default();
        let mut rest = &answer[..];
        let mut next = |spec: &Option<Vec<u8>>| match spec {
            Some(spec) if !spec.contains(&b'\n') => content(&mut rest),
            _ => None,
        };
        Ok(specs.iter().map(&mut next).collect())
    }

    /// What git answers; `None` if it says no.
    fn ask(&self, arguments: &[&str], input: &[u8]) -> Result<Option<Vec<u8>>, Error> {
        let mut command = self.command();
        command.args(arguments);
        let answer = program::run(command, input.to_vec(), self.until, MAX_ANSWER);
        let answer = answer.map_err(|error| Error::Failed(error.to_string()))?;
        Ok(answer.success.then_some(answer.stdout))
    }

    fn command(&self) -> Command {
        let mut command = program::command(&self.git);
        command
            .current_dir(&self.root)
            .args(["--no-pager", "--no-optional-locks"])
            .env("GIT_TERMINAL_PROMPT", "0")
            .env("GIT_NO_LAZY_FETCH", "1")
            // no transport at all: a missing object must not be fetched
            .env("GIT_ALLOW_PROTOCOL", "")
            .env("GIT_ATTR_NOSYSTEM", "1");
        for setting in [
            "core.fsmonitor=false",
            "core.hooksPath=/dev/null",
            "core.untrackedCache=false",
            "diff.external=",
            "log.showSignature=false",
        ] {
            command.args(["-c", setting]);
        }
        if let Some(home) = &self.home {
            command.env("HOME", home);
        }
        command
    }
}

fn spec(revision: &str, name: &[u8]) -> Vec<u8> {
    let mut spec = Vec::with_capacity(revision.len() + name.len() + 1);
    // writing to memory does not fail
    let _ = write!(spec, "{revision}:");
    spec.extend_from_slice(name);
    spec
}

/// The next content of a batch: a line that ends in its size, then its bytes and a line break.
fn content(rest: &mut &[u8]) -> Option<Vec<u8>> {
    let end = memchr::memchr(b'\n', rest)?;
    let (head, tail) = rest.split_at(end);
    *rest = &tail[1..];
    let head = String::from_utf8_lossy(head);
    let mut fields = head.rsplit(' ');
    let size: usize = fields.next()?.parse().ok()?;
    let is_blob = fields.next() == Some("blob");
    if rest.len() < size {
        return None;
    }
    let (bytes, tail) = rest.split_at(size);
    *rest = tail.strip_prefix(b"\n").unwrap_or(tail);
    is_blob.then(|| bytes.to_vec())
}

fn changed(path: PathBuf, name: &[u8], bytes: Vec<u8>, before: Option<&[u8]>) -> Option<Changed> {
    let name = String::from_utf8_lossy(name).into_owned();
    if bytes.len() > MAX_TEXT || bytes.contains(&0) {
        return None;
    }
    let text = String::from_utf8(bytes).ok()?;
    let lines = match before {
        None => Lines::All,
        Some(before) => Lines::These(added(&String::from_utf8_lossy(before), &text)),
    };
    (lines != Lines::These(BTreeSet::new())).then_some(Changed {
        path,
        name,
        text,
        lines,
    })
}

/// The lines of `new`, from 1, that are not in `old` at their place.
pub(super) fn added(old: &str, new: &str) -> BTreeSet<usize> {
    let (old, new): (Vec<&str>, Vec<&str>) = (old.lines().collect(), new.lines().collect());
    let patience = Instant::now() + std::time::Duration::from_millis(300);
    let changes = similar::capture_diff_slices_deadline(
        similar::Algorithm::Myers,
        &old,
        &new,
        Some(patience),
    );
    let ranges = changes
        .iter()
        .filter(|change| change.tag() != similar::DiffTag::Equal);
    ranges
        .flat_map(|change| change.new_range())
        .map(|line| line + 1)
        .collect()
}

fn is_recent(path: &Path, since: SystemTime) -> bool {
    let Ok(meta) = std::fs::symlink_metadata(path) else {
        return false;
    };
    meta.is_file() && meta.len() <= MAX_TEXT as u64 && meta.modified().is_ok_and(|at| at >= since)
}

/// A path as git prints it.
fn path(bytes: &[u8]) -> PathBuf {
    #[cfg(unix)]
    return PathBuf::from(<std::ffi::OsStr as std::os::unix::ffi::OsStrExt>::from_bytes(bytes));
    #[cfg(not(unix))]
    return PathBuf::from(String::from_utf8_lossy(bytes).into_owned());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_lines_that_are_new_at_their_place_count() {
        assert_eq!(added("a\nb\nc\n", "a\nx\nb\nc\nb\n"), [2, 5].into());
        assert_eq!(added("", "a\nb"), [1, 2].into());
        assert_eq!(added("a\nb\n", "b\n"), [].into());
    }

    #[test]
    fn a_batch_is_read_to_its_end() {
        let mut batch = &b"1f blob 3\na\nb\nHEAD:x missing\n2e tree 1\nx\n3d blob 0\n\n"[..];
        let all: Vec<_> = (0..4).map(|_| content(&mut batch)).collect();
        assert_eq!(all, [Some(b"a\nb".to_vec()), None, None, Some(Vec::new())]);
    }
}
