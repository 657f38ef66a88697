//! The Claude Code client on this machine: where it is, which version, what that version lacks.

use std::env;
use std::path::PathBuf;
use std::time::Duration;

use crate::output::human::Line;
use crate::places::Places;
use crate::proof;

/// From this version on a hook that fails blocks.
const FAIL_CLOSED: Version = Version(2, 1, 295);
/// The version everything was tried with.
const TRIED: Version = Version(2, 1, 329);
/// How long `claude --version` may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// What the client lacks below each version, worst first.
const LOST: &[(Version, &str)] = &[
    (
        FAIL_CLOSED,
        "`onFailure` is ignored: a hook that is missing, killed, too slow or broken lets the call through",
    ),
    (
        Version(2, 1, 214),
        "a hook that exits with 2 and writes unreadable JSON lets the call through",
    ),
    (
        Version(2, 1, 101),
        "an `ask` of one hook can weaken the `deny` of a permission rule",
    ),
    (
        Version(2, 1, 90),
        "an answer given as JSON together with exit code 2 is not understood",
    ),
    (
        Version(2, 1, 49),
        "the user can switch hooks in managed settings off",
    ),
];

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Version(u32, u32, u32);

impl std::fmt::Display for Version {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{}.{}", self.0, self.1, self.2)
    }
}

impl Version {
    /// The first three numbers of a text such as `2.1.329 (Claude Code)`.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let mut numbers = text.trim().splitn(3, '.');
        let mut next = || {
            let part = numbers.next()?;
            let end = part
                .find(|c: char| !c.is_ascii_digit())
                .unwrap_or(part.len());
            part[..end].parse().ok()
        };
        Some(Version(next()?, next()?, next()?))
    }
}

/// Looks for the client and says what it can be relied on for.
pub(crate) fn inspect(places: &Places) -> Vec<Line> {
    let Some(program) = find(places) else {
        return vec![
            Line::warn(
                "client.missing",
                "Claude Code was not found on this machine",
            )
            .fix(format!(
                "install Claude Code {TRIED} or newer; ccs takes effect as soon as it runs"
            )),
        ];
    };
    let answer = proof::ask(&program, &["--version".into()], b"", &places.home, PATIENCE);
    let version = answer
        .ok()
        .and_then(|answer| Version::parse(&answer.stdout));
    let Some(version) = version else {
        let text = format!("`{} --version` gave no version", program.display());
        return vec![Line::warn("client.unknown", text).fix("claude --version")];
    };
    judge(version, &program.display().to_string())
}

fn judge(version: Version, program: &str) -> Vec<Line> {
    let name = format!("Claude Code {version} at {program}");
    if version >= FAIL_CLOSED {
        return vec![Line::ok("client.version", name)];
    }
    let text = format!("{name} is older than {FAIL_CLOSED}; hooks fail open");
    let mut lines = vec![Line::fail("client.version", text).fix("claude update")];
    let lost = LOST.iter().filter(|(since, _)| version < *since);
    lines.extend(
        lost.map(|(since, what)| Line::warn("client.lost", format!("below {since}: {what}"))),
    );
    lines
}

/// The client as the user would start it: on the search path, or where its installers put it.
pub(crate) fn find(places: &Places) -> Option<PathBuf> {
    let name = format!("claude{}", env::consts::EXE_SUFFIX);
    let on_path = env::var_os("PATH").map(|path| env::split_paths(&path).collect::<Vec<_>>());
    let usual = [
        places.home.join(".local/bin"),
        places.home.join(".claude/local"),
    ];
    let folders = on_path.into_iter().flatten().chain(usual);
    folders
        .filter(|folder| folder.is_absolute())
        .map(|folder| folder.join(&name))
        .find(|program| program.is_file())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_is_read_from_what_the_client_prints() {
        assert_eq!(
            Version::parse("2.1.329 (Claude Code)\n"),
            Some(Version(2, 1, 329))
        );
        assert_eq!(Version::parse("2.1.295-beta.1"), Some(Version(2, 1, 295)));
        for text in ["", "claude", "2.1", "2.x.1", "v2.1.3"] {
            assert_eq!(Version::parse(text), None, "{text}");
        }
    }

    #[test]
    fn versions_are_compared_as_numbers() {
        assert!(Version(2, 1, 90) < Version(2, 1, 295));
        assert!(Version(2, 2, 0) > FAIL_CLOSED);
    }

    #[test]
    fn an_old_client_is_told_exactly_what_it_lacks() {
        let lines = judge(Version(2, 1, 197), "claude");
        let texts: Vec<_> = lines.iter().map(|line| line.text.as_str()).collect();
        assert!(texts[0].ends_with("is older than 2.1.295; hooks fail open"));
        assert_eq!(texts.len(), 3);
        assert!(texts[2].starts_with("below 2.1.214"));
    }

    #[test]
    fn a_new_client_lacks_nothing() {
        assert_eq!(judge(TRIED, "claude").len(), 1);
    }
}
