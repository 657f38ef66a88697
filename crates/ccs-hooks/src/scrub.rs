//! Taking secrets out of what the client wrote about a session.
//!
//! The client writes a prompt into its record after the hook has blocked it, and keeps large
//! outputs whole. Nothing but the session's own record, its folder, and the list of prompts is
//! touched; links are not followed.
//!
//! A secret is written over in place, with text of the same length: the client may be appending to
//! the file at that moment, and a file that is neither moved nor shortened loses nothing. Lines
//! stay lines and JSON stays JSON, and whatever moment this ends at, the file is whole.

mod file;
mod line;

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Instant;

use crate::prompt::find::{Finder, Voice};
use file::Kind;

/// How deep below a session's folder files are looked at.
const MAX_DEPTH: u8 = 6;
/// The most files of one session.
const MAX_FILES: usize = 4096;

/// What was done.
#[derive(Debug, Default)]
pub(crate) struct Report {
    /// How many places were written over.
    pub(crate) places: usize,
    /// What kept files from being cleaned; each names its file.
    pub(crate) failures: Vec<String>,
    /// Whether time ran out before the end.
    pub(crate) is_cut: bool,
}

/// Cleans the files of the session that is recorded in `transcript`, which must lie in `projects`
/// of one of the client's own folders. Stops at `until`.
pub(crate) fn session(
    finder: &Finder,
    folders: &[PathBuf],
    transcript: &Path,
    until: Instant,
) -> Report {
    let mut report = Report::default();
    let Some(folder) = folders.iter().find(|folder| is_record(folder, transcript)) else {
        return report;
    };
    let mut files = vec![(transcript.to_owned(), Kind::Lines(Voice::Record))];
    let history = folder.join("history.jsonl");
    files.push((history, Kind::Lines(Voice::Prompt)));
    below(&transcript.with_extension(""), MAX_DEPTH, &mut files);
    for (path, kind) in files {
        report.add(&path, file::scrub(&path, kind, finder, until));
    }
    report
}

impl Report {
    fn add(&mut self, path: &Path, done: io::Result<file::Done>) {
        match done {
            Ok(done) => {
                self.places += done.places;
                self.is_cut |= done.is_cut;
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => self.failures.push(format!("`{}`: {error}", path.display())),
        }
    }
}

/// Whether a path is that of a session's record: `FOLDER/projects/PROJECT/SESSION.jsonl`, no part
/// of it below `FOLDER` a link.
fn is_record(folder: &Path, transcript: &Path) -> bool {
    let Ok(below) = transcript.strip_prefix(folder) else {
        return false;
    };
    let parts: Vec<&str> = below.iter().filter_map(|part| part.to_str()).collect();
    let [projects, project, name] = parts[..] else {
        return false;
    };
    let own = folder.join(projects);
    projects == "projects"
        && project != ".."
        && name.strip_suffix(".jsonl").is_some_and(|id| !id.is_empty())
        && is_own_folder(&own)
        && is_own_folder(&own.join(project))
}

fn is_own_folder(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok_and(|meta| meta.is_dir())
}

/// The files below a session's folder.
fn below(folder: &Path, depth: u8, files: &mut Vec<(PathBuf, Kind)>) {
    if depth == 0 || !is_own_folder(folder) {
        return;
    }
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let (path, kind) = (entry.path(), entry.file_type());
        if files.len() >= MAX_FILES {
            return;
        }
        if kind.as_ref().is_ok_and(fs::FileType::is_dir) {
            below(&path, depth - 1, files);
        } else if kind.is_ok_and(|kind| kind.is_file()) {
            let is_lines = path.extension().is_some_and(|suffix| suffix == "jsonl");
            let kind = match is_lines {
                true => Kind::Lines(Voice::Record),
                false => Kind::Text,
            };
            files.push((path, kind));
        }
    }
}

#[cfg(all(test, unix))]
mod tests;
