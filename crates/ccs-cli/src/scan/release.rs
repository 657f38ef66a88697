//! What a repository must not hold when it is published, beside secrets: transcripts of sessions,
//! logs and metrics, backups, the paths of a user, `.DS_Store`.

use std::borrow::Cow;

use ccs_gate::Severity;
use ccs_gate::secret::{self, Confidence};

use super::leak::{Form, Leak};

/// What the rules here begin with.
pub(crate) const FAMILY: &str = "release.";

/// The rule of a path of a user.
pub(crate) const USER_PATH: &str = "release.user-path";

/// A file that is out of place by its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Misplaced {
    pub(crate) rule: &'static str,
    title: &'static str,
    severity: Severity,
}

const DS_STORE: Misplaced = Misplaced {
    rule: "release.ds-store",
    title: "The names of a folder's files, as macOS keeps them",
    severity: Severity::Low,
};
const TRANSCRIPT: Misplaced = Misplaced {
    rule: "release.transcript",
    title: "JSON lines: the transcript of a session, a log or metrics",
    severity: Severity::High,
};
const LOG: Misplaced = Misplaced {
    rule: "release.log",
    title: "A log or metrics",
    severity: Severity::Medium,
};
const BACKUP: Misplaced = Misplaced {
    rule: "release.backup",
    title: "A backup",
    severity: Severity::Medium,
};

/// What the file at `path` is, if it is out of place.
pub(crate) fn name(path: &str) -> Option<Misplaced> {
    let name = path.rsplit(['/', '\\']).next().unwrap_or(path);
    let name = name.to_ascii_lowercase();
    let ends = |with: &[&str]| with.iter().any(|end| name.ends_with(end));
    if name == ".ds_store" {
        Some(DS_STORE)
    } else if path.to_ascii_lowercase().contains("-backup") || ends(&[".bak", ".backup", "~"]) {
        Some(BACKUP)
    } else if ends(&[".jsonl"]) {
        Some(TRANSCRIPT)
    } else if ends(&[".log", "last-metrics.json"]) {
        Some(LOG)
    } else {
        None
    }
}

impl Misplaced {
    /// The whole file as a finding.
    pub(crate) fn leak(self, path: &str) -> Leak {
        Leak {
            path: path.to_owned(),
            commit: None,
            line: 1,
            column: 1,
            end_line: 1,
            end_column: 1,
            start: 0,
            end: 0,
            rule: Cow::Borrowed(self.rule),
            title: Cow::Borrowed(self.title),
            severity: self.severity,
            confidence: Confidence::High,
            form: Form::Scanner(secret::Form::Plain),
            entry: None,
            preview: String::new(),
            rotate: None,
            accepted: None,
            characters: (1, 1),
        }
    }
}

/// Folders that hold a folder for each user.
const HOMES: [&str; 5] = [
    "/Users/",
    "/home/",
    "\\Users\\",
    "\\\\Users\\\\",
    "/mnt/c/Users/",
];

/// Names that stand for anybody, or for nobody.
const ANYBODY: &[&str] = &[
    "user",
    "users",
    "username",
    "name",
    "you",
    "yourname",
    "your-name",
    "your-username",
    "me",
    "myuser",
    "someone",
    "somebody",
    "anyone",
    "example",
    "shared",
    "public",
    "default",
    "all",
    "runner",
    "vsts",
    "circleci",
    "travis",
    "ubuntu",
    "vagrant",
    "node",
    "app",
    "linuxbrew",
    "test",
    "alice",
    "bob",
    "dev",
    "foo",
    "xxx",
    "admin",
    "guest",
    "root",
    "git",
];

/// Paths that begin with the home folder of somebody in particular, up to that folder's name.
pub(crate) fn user_paths(text: &str) -> impl Iterator<Item = (usize, usize)> {
    let homes = HOMES.iter().flat_map(|home| text.match_indices(home));
    homes.filter_map(move |(at, home)| {
        let from = at + home.len();
        let rest = &text.as_bytes()[from..];
        let part = |b: &&u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-');
        let end = from + rest.iter().take(64).take_while(part).count();
        let name = text[from..end].to_ascii_lowercase();
        let goes_on = matches!(text.as_bytes().get(end), Some(b'/' | b'\\'));
        let starts = begins(&text[..at], home);
        let real = name.len() > 1 && !ANYBODY.contains(&name.as_str());
        (starts && goes_on && real).then_some((at, end))
    })
}

/// Whether a path begins where the folder stands: not in the middle of an address or a longer path.
fn begins(before: &str, home: &str) -> bool {
    match before.bytes().next_back() {
        Some(b':') => home.starts_with('\\') || before.ends_with("file:") || before.len() < 2,
        Some(b'/') => before.ends_with("file://"),
        Some(b) => !(b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-' | b'}' | b'>')),
        None => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_that_are_out_of_place_are_known_by_their_names() {
        for (path, rule) in [
            ("a/.DS_Store", "release.ds-store"),
            ("s/5f2c.jsonl", "release.transcript"),
            ("proxy.log", "release.log"),
            (
                "logs/openrouter-claude-proxy-last-metrics.json",
                "release.log",
            ),
            ("settings.json.opus-backup", "release.backup"),
            ("codex-backup-2/settings.json", "release.backup"),
            ("notes.txt~", "release.backup"),
        ] {
            assert_eq!(name(path).map(|what| what.rule), Some(rule), "{path}");
        }
        for path in ["src/log.rs", "backup.rs", "data.json", "catalog"] {
            assert_eq!(name(path), None, "{path}");
        }
    }

    fn paths(text: &str) -> Vec<&str> {
        user_paths(text)
            .map(|(start, end)| &text[start..end])
            .collect()
    }

    #[test]
    fn the_path_of_somebody_in_particular_is_found() {
        for path in ["/Users/karin.holm", "/home/karinh", "\\Users\\karinh"] {
            let sign = if path.starts_with('/') { '/' } else { '\\' };
            let text = format!("root = \"{path}{sign}src\"");
            assert_eq!(paths(&text), [path]);
        }
        assert_eq!(paths("file:///home/karinh/x").len(), 1);
    }

    #[test]
    fn the_path_of_anybody_is_not() {
        for text in [
            "/home/user/x",
            "/Users/<name>/x",
            "/Users/you/x",
            "/home/$USER/x",
            "https://example.org/home/karinh/x",
            "/var/home/karinh/x",
            "see /home/karinh",
        ] {
            assert_eq!(paths(text), [""; 0], "{text}");
        }
    }
}
