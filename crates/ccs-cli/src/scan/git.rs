//! What git is about to commit, and what it ever committed: contents by the git program, which
//! runs no filter, hook or external program for it.

use std::collections::HashSet;
use std::hash::{BuildHasher, RandomState};
use std::io::{self, BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{self, Receiver, Sender};
use std::thread;

use anyhow::Context;
use ignore::gitignore::Gitignore;

use super::bytes;
use super::leak::Leak;
use super::looker::{Looker, Origin};
use super::tally::Tally;
use crate::args::scan::Walk;
use crate::exit::{Code, Stop};

/// The content of one file in one commit, or in the index.
struct Blob {
    id: String,
    path: String,
    commit: Option<String>,
}

/// Files of a repository, as git keeps them.
pub(crate) struct Blobs<'a> {
    pub(crate) args: &'a Walk,
    pub(crate) exclude: Gitignore,
    pub(crate) looker: &'a Looker,
    pub(crate) tally: &'a Tally,
}

/// Where a git program is run.
pub(crate) fn git(cwd: &Path) -> Command {
    let mut git = Command::new("git");
    git.current_dir(cwd)
        .args([
            "--no-pager",
            "-c",
            "core.fsmonitor=false",
            "-c",
            "log.showSignature=false",
        ])
        .env("GIT_OPTIONAL_LOCKS", "0")
        .stdin(Stdio::null());
    git
}

/// What the program answers, without the line break at its end.
///
/// # Errors
///
/// If it cannot be run or fails; with what it said.
pub(crate) fn answer(mut git: Command) -> anyhow::Result<Vec<u8>> {
    let output = git.output().map_err(not_run)?;
    if !output.status.success() {
        return Err(failed(&output.stderr).into());
    }
    let mut answer = output.stdout;
    if answer.last() == Some(&b'\n') {
        answer.pop();
    }
    Ok(answer)
}

fn not_run(error: io::Error) -> Stop {
    let next = "install git, or put it on the search path";
    Stop::new(Code::File, format!("cannot run git: {error}")).next(next)
}

fn failed(stderr: &[u8]) -> Stop {
    let said = String::from_utf8_lossy(stderr);
    Stop::new(Code::File, format!("git: {}", said.trim())).next("run it inside a git repository")
}

/// The root of the work tree around a folder.
///
/// # Errors
///
/// If there is none.
pub(crate) fn root(cwd: &Path) -> anyhow::Result<PathBuf> {
    let mut git = git(cwd);
    git.args(["rev-parse", "--show-toplevel"]);
    Ok(path(answer(git)?))
}

/// A path as git prints it.
pub(crate) fn path(bytes: Vec<u8>) -> PathBuf {
    #[cfg(unix)]
    return PathBuf::from(<std::ffi::OsString as std::os::unix::ffi::OsStringExt>::from_vec(bytes));
    #[cfg(not(unix))]
    return PathBuf::from(String::from_utf8_lossy(&bytes).into_owned());
}

impl Blobs<'_> {
    /// Looks through the contents that the next commit will add or change.
    ///
    /// # Errors
    ///
    /// If git cannot be run or fails.
    pub(crate) fn staged(&self, cwd: &Path) -> anyhow::Result<()> {
        let mut list = git(cwd);
        list.args([
            "diff",
            "--cached",
            "--no-ext-diff",
            "--raw",
            "-z",
            "--no-abbrev",
        ])
        .args(["--no-renames", "--diff-filter=ACMT", "--ignore-submodules"]);
        let answer = answer(list)?;
        self.look(cwd, |to| records(&answer[..], to))
    }

    /// Looks through every content that any commit brought in, once, oldest first. A secret is
    /// reported in the first commit that holds it.
    ///
    /// # Errors
    ///
    /// If git cannot be run or fails.
    pub(crate) fn history(&self, cwd: &Path) -> anyhow::Result<()> {
        let mut list = git(cwd);
        list.args([
            "log",
            "--all",
            "--reverse",
            "--topo-order",
            "--format=%H",
            "--raw",
            "-z",
            "-m",
        ])
        .args([
            "--root",
            "--no-renames",
            "--no-abbrev",
            "--no-ext-diff",
            "--no-mailmap",
        ])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
        let mut child = list.spawn().map_err(not_run)?;
        let stdout = child.stdout.take().context("git gave no output")?;
        self.look(cwd, |to| {
            records(BufReader::with_capacity(1 << 16, stdout), to)
        })?;
        ended(child)
    }

    /// Looks through the blobs that `list` sends, while it goes on sending.
    fn look(
        &self,
        cwd: &Path,
        list: impl FnOnce(&mut Feed) -> io::Result<()> + Send,
    ) -> anyhow::Result<()> {
        let mut git = git(cwd);
        git.args(["cat-file", "--batch"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped());
        let mut child = git.stderr(Stdio::piped()).spawn().map_err(not_run)?;
        let stdin = child.stdin.take().context("git takes no input")?;
        let stdout = child.stdout.take().context("git gave no output")?;
        let (to, from) = mpsc::channel();
        let mut feed = Feed {
            git: io::BufWriter::new(stdin),
            to,
            asked: HashSet::new(),
        };
        let listed = thread::scope(|scope| -> anyhow::Result<()> {
            let listing = scope.spawn(move || list(&mut feed).and_then(|()| feed.git.flush()));
            let read = self.contents(BufReader::with_capacity(1 << 18, stdout), &from);
            drop(from);
            let listed = listing
                .join()
                .map_err(|_| anyhow::anyhow!("listing broke off"))?;
            read?;
            listed.context("cannot read what git lists")
        });
        listed.and_then(|()| ended(child))
    }

    fn contents(&self, mut git: impl BufRead, blobs: &Receiver<Blob>) -> anyhow::Result<()> {
        let (mut buffer, mut seen) = (Vec::new(), Seen::default());
        for blob in blobs {
            let Some(size) = size(&mut git)? else {
                self.tally
                    .unreadable(format!("{}: git lacks its content", blob.path));
                continue;
            };
            let left_out = self.is_left_out(&blob, size);
            buffer.clear();
            if left_out {
                io::copy(&mut git.by_ref().take(size), &mut io::sink())?;
            } else {
                git.by_ref().take(size).read_to_end(&mut buffer)?;
            }
            git.read_exact(&mut [0])?;
            if !left_out {
                self.content(&blob, &mut buffer, &mut seen);
            }
        }
        Ok(())
    }

    fn is_left_out(&self, blob: &Blob, size: u64) -> bool {
        let matched = self.exclude.matched_path_or_any_parents(&blob.path, false);
        if matched.is_ignore() {
            return true;
        }
        if size > self.args.max_size {
            self.tally.large(blob.path.clone());
        }
        size > self.args.max_size
    }

    fn content(&self, blob: &Blob, content: &mut [u8], seen: &mut Seen) {
        let commit = blob.commit.as_deref();
        let mut leaks = self.looker.name(&blob.path);
        for leak in &mut leaks {
            leak.commit = commit.map(str::to_owned);
        }
        let length = content.len();
        match bytes::text(content, self.args.binary) {
            Some(text) => {
                let origin = Origin {
                    commit,
                    ..Origin::whole(&blob.path)
                };
                let found = self.looker.look(origin, &text);
                leaks.extend(found);
                self.tally.read(length);
            }
            None => self.tally.binary(),
        }
        if commit.is_some() {
            leaks.retain(|leak| seen.is_new(leak, content));
        }
        self.tally.found(leaks);
    }
}

/// What was reported, so that the next version of the file does not report it again.
#[derive(Default)]
struct Seen {
    leaks: HashSet<(u64, u64)>,
    hashers: [RandomState; 2],
}

impl Seen {
    fn is_new(&mut self, leak: &Leak, content: &[u8]) -> bool {
        let value = content.get(leak.start as usize..leak.end as usize);
        let key = (&leak.path, &leak.rule, value);
        let [one, other] = &self.hashers;
        self.leaks.insert((one.hash_one(key), other.hash_one(key)))
    }
}

/// Asks git for contents, and says whose they will be.
struct Feed {
    git: io::BufWriter<std::process::ChildStdin>,
    to: Sender<Blob>,
    asked: HashSet<String>,
}

impl Feed {
    /// Asks for a content, unless it was asked for under the same path.
    fn ask(&mut self, blob: Blob) -> io::Result<()> {
        if blob.commit.is_some() && !self.asked.insert(format!("{} {}", blob.id, blob.path)) {
            return Ok(());
        }
        writeln!(self.git, "{}", blob.id)?;
        // Nobody listens any more when reading failed, which is then the error.
        let _ = self.to.send(blob);
        Ok(())
    }
}

/// Reads raw differences, each `:MODE MODE ID ID STATUS`, zero, path, zero; ids of commits stand
/// between them.
fn records(mut list: impl BufRead, feed: &mut Feed) -> io::Result<()> {
    let (mut commit, mut token) = (None, Vec::new());
    while next(&mut list, &mut token)? {
        let text = String::from_utf8_lossy(&token);
        let text = text.trim_start_matches('\n');
        let Some(fields) = text.strip_prefix(':') else {
            if !text.is_empty() {
                commit = Some(text.to_owned());
            }
            continue;
        };
        let mut fields = fields.split(' ').skip(1);
        let (mode, id) = (
            fields.next().unwrap_or_default(),
            fields.nth(1).unwrap_or_default(),
        );
        // a module's commit is no content, and what was deleted has none
        let is_content = !matches!(mode, "160000" | "000000");
        let id = id.to_owned();
        next(&mut list, &mut token)?;
        let path = String::from_utf8_lossy(&token).into_owned();
        if is_content {
            feed.ask(Blob {
                id,
                path,
                commit: commit.clone(),
            })?;
        }
    }
    Ok(())
}

/// Reads up to the next zero; false at the end.
fn next(list: &mut impl BufRead, token: &mut Vec<u8>) -> io::Result<bool> {
    token.clear();
    list.read_until(0, token)?;
    if token.last() == Some(&0) {
        token.pop();
        return Ok(true);
    }
    Ok(!token.is_empty())
}

/// The size that git announces before a content; `None` if it has no such content.
fn size(git: &mut impl BufRead) -> anyhow::Result<Option<u64>> {
    let mut line = String::new();
    git.read_line(&mut line)?;
    if line.trim_end().ends_with(" missing") {
        return Ok(None);
    }
    let size = line
        .split_whitespace()
        .nth(2)
        .and_then(|size| size.parse().ok());
    size.map(Some).context("git ended before all was read")
}

/// Waits for a program that was read to its end.
fn ended(child: Child) -> anyhow::Result<()> {
    let output = child.wait_with_output().context("cannot wait for git")?;
    if output.status.success() {
        return Ok(());
    }
    Err(failed(&output.stderr).into())
}
