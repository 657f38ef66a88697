//! What agents and systems leave in a folder and no repository should hold: transcripts of sessions,
//! logs and metrics, backups, the names that macOS keeps of files, and paths of a user.

/// A file that is out of place by its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Litter {
    /// JSON lines: the transcript of a session, a log or metrics.
    Transcript,
    /// A log or metrics.
    Log,
    /// A backup.
    Backup,
    /// The names of a folder's files, as macOS keeps them.
    Names,
}

impl Litter {
    /// What the file at `path` is, if it is out of place.
    pub fn at(path: &str) -> Option<Self> {
        let name = path.rsplit(['/', '\\']).next().unwrap_or(path);
        let name = name.to_ascii_lowercase();
        let ends = |with: &[&str]| with.iter().any(|end| name.ends_with(end));
        if name == ".ds_store" {
            Some(Litter::Names)
        } else if path.to_ascii_lowercase().contains("-backup") || ends(&[".bak", ".backup", "~"]) {
            Some(Litter::Backup)
        } else if ends(&[".jsonl"]) {
            Some(Litter::Transcript)
        } else if ends(&[".log", "last-metrics.json"]) {
            Some(Litter::Log)
        } else {
            None
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
pub fn user_paths(text: &str) -> impl Iterator<Item = (usize, usize)> {
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
        for (path, what) in [
            ("a/.DS_Store", Litter::Names),
            ("s/5f2c.jsonl", Litter::Transcript),
            ("proxy.log", Litter::Log),
            (
                "logs/openrouter-claude-proxy-last-metrics.json",
                Litter::Log,
            ),
            ("settings.json.opus-backup", Litter::Backup),
            ("codex-backup-2/settings.json", Litter::Backup),
            ("notes.txt~", Litter::Backup),
        ] {
            assert_eq!(Litter::at(path), Some(what), "{path}");
        }
        for path in ["src/log.rs", "backup.rs", "data.json", "catalog"] {
            assert_eq!(Litter::at(path), None, "{path}");
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
