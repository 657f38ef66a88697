//! How often a session was held for what, so that it is not held for ever.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::files;
use crate::protocol::event::Session;

/// The folder of these counts within the state folder, a file for each session.
const FOLDER: &str = "quality";
/// The longest file of counts, in bytes.
const MAX_FILE: u64 = 1 << 20;
/// The most findings that are counted.
const MAX_SEEN: usize = 2_000;
/// How often something is held in a row, whatever is found: new findings must not go on for ever.
const MAX_ROW: u32 = 6;

/// What happens to a task or turn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Turn {
    /// It goes on.
    Hold,
    /// It ends, though something is left; the user is to know.
    GiveUp,
    /// It ends.
    Pass,
}

/// The counts of one session.
#[derive(Debug)]
pub(super) struct Rounds {
    file: PathBuf,
    counts: Counts,
}

#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default)]
struct Counts {
    /// How often each finding was named.
    seen: BTreeMap<String, u32>,
    /// How often in a row each task or turn was held.
    row: BTreeMap<String, u32>,
}

impl Rounds {
    /// The counts of a session; `None` if they could not be kept, so that nothing may be held.
    pub(super) fn of(state: Option<&Path>, session: &Session<'_>) -> Option<Self> {
        let file = file(state, session)?;
        let bytes = files::read_private(&file, MAX_FILE).ok()?;
        let counts = bytes
            .and_then(|bytes| serde_json::from_slice(&bytes).ok())
            .unwrap_or_default();
        Some(Self { file, counts })
    }

    /// A turn that no hook held before.
    pub(super) fn begin(&mut self, what: &str) {
        self.counts.row.remove(what);
    }

    /// What happens to `what` with these findings, each of which holds it `most` times.
    pub(super) fn turn(&mut self, what: &str, findings: &[String], most: u32) -> Turn {
        let row = self.counts.row.remove(what).unwrap_or_default();
        if findings.is_empty() {
            return self.kept(Turn::Pass);
        }
        let times =
            |counts: &Counts, one: &String| counts.seen.get(one).copied().unwrap_or_default();
        let fresh = findings.iter().any(|one| times(&self.counts, one) < most);
        // after the last round the user is told, once
        let told = findings.iter().all(|one| times(&self.counts, one) > most);
        let turn = match (fresh && row < MAX_ROW, told) {
            (true, _) => Turn::Hold,
            (false, false) => Turn::GiveUp,
            (false, true) => Turn::Pass,
        };
        for one in findings {
            if self.counts.seen.len() < MAX_SEEN || self.counts.seen.contains_key(one) {
                let count = self.counts.seen.entry(one.clone()).or_default();
                *count = if turn == Turn::Hold {
                    *count + 1
                } else {
                    most + 1
                };
            }
        }
        if turn == Turn::Hold {
            self.counts.row.insert(what.to_owned(), row + 1);
        }
        self.kept(turn)
    }

    /// Whether this was not said before.
    pub(super) fn is_new(&mut self, what: String) -> bool {
        let new = self.counts.seen.len() < MAX_SEEN && self.counts.seen.insert(what, 1).is_none();
        new && self.write().is_ok()
    }

    /// The turn, if the counts could be kept. A count that is lost could hold for ever.
    fn kept(&self, turn: Turn) -> Turn {
        match self.write() {
            Err(_) if turn == Turn::Hold => Turn::GiveUp,
            _ => turn,
        }
    }

    fn write(&self) -> std::io::Result<()> {
        if let Some(folder) = self.file.parent() {
            files::make_private_folder(folder)?;
        }
        files::replace(&self.file, &serde_json::to_vec(&self.counts)?)
    }
}

/// Forgets a session that ended.
pub(crate) fn forget(state: Option<&Path>, session: &Session<'_>) {
    if let Some(file) = file(state, session) {
        let _ = std::fs::remove_file(file);
    }
}

fn file(state: Option<&Path>, session: &Session<'_>) -> Option<PathBuf> {
    Some(state?.join(FOLDER).join(session.file_name()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rounds(folder: &Path) -> Rounds {
        let session = Session {
            id: Some("a-1"),
            ..Session::default()
        };
        Rounds::of(Some(folder), &session).expect("counts")
    }

    fn turns(folder: &Path, findings: &[&str], times: usize) -> Vec<Turn> {
        let findings: Vec<String> = findings.iter().map(|one| (*one).to_owned()).collect();
        (0..times)
            .map(|_| rounds(folder).turn("stop", &findings, 2))
            .collect()
    }

    #[test]
    fn the_same_findings_hold_so_many_times_and_the_user_is_told_once() {
        let folder = tempfile::tempdir().expect("a folder");
        assert_eq!(
            turns(folder.path(), &["a", "b"], 4),
            [Turn::Hold, Turn::Hold, Turn::GiveUp, Turn::Pass]
        );
        assert_eq!(turns(folder.path(), &["a"], 1), [Turn::Pass]);
        assert_eq!(turns(folder.path(), &["a", "c"], 1), [Turn::Hold]);
    }

    #[test]
    fn findings_that_are_new_each_time_do_not_hold_for_ever() {
        let folder = tempfile::tempdir().expect("a folder");
        let turns: Vec<Turn> = (0..20)
            .flat_map(|n| turns(folder.path(), &[&format!("f{n}")], 1))
            .collect();
        let longest = turns
            .split(|turn| *turn != Turn::Hold)
            .map(<[_]>::len)
            .max();
        assert_eq!(longest, Some(MAX_ROW as usize));
    }

    #[test]
    fn without_a_place_for_the_counts_nothing_is_held() {
        let session = Session {
            id: Some("../x"),
            ..Session::default()
        };
        assert!(Rounds::of(Some(Path::new("/tmp")), &session).is_none());
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::write(folder.path().join(FOLDER), "in the way").expect("a file");
        assert_eq!(turns(folder.path(), &["a"], 1), [Turn::GiveUp]);
    }
}
