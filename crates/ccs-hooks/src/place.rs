//! Where an event happens: the user's home, ccs's state folder, the project, the working folder.
//!
//! A repository's settings may set any environment variable of a hook. So the environment is read
//! here and nowhere else, and nothing it says makes a judgement milder: the home folder comes from
//! the state folder's own path or the password file, and `CLAUDE_PROJECT_DIR` counts only where
//! the event's own fields agree with it.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use crate::files::{self, Links};
use crate::protocol::event::Session;

/// The most bytes of a password file that are read.
const MAX_PASSWD: u64 = 1 << 20;

/// What the process finds around itself. None of it is trusted.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Surroundings {
    /// `HOME`: what `~` means to a command.
    pub home: Option<OsString>,
    /// `CLAUDE_PROJECT_DIR`: where the client says the session began.
    pub project: Option<OsString>,
    /// `CLAUDE_CONFIG_DIR`: a second place for the user's settings.
    pub config: Option<OsString>,
    /// `CLAUDE_ENV_FILE`: what each bash of the client reads first.
    pub shell_file: Option<OsString>,
    /// `AI_AGENT`: the client's name and version.
    pub agent: Option<OsString>,
    /// The variables that say where the desktop is: [`DESKTOP`](Self::DESKTOP).
    pub desktop: Vec<(&'static str, OsString)>,
    /// The folder of the managed settings, a constant of the platform.
    pub managed: PathBuf,
}

impl Surroundings {
    /// What the clipboard of a desktop needs.
    pub const DESKTOP: [&'static str; 5] = [
        "DISPLAY",
        "WAYLAND_DISPLAY",
        "XDG_RUNTIME_DIR",
        "XAUTHORITY",
        "WINDOWID",
    ];

    /// What surrounds this process.
    #[must_use]
    pub fn of_process() -> Self {
        Self {
            home: std::env::var_os("HOME"),
            project: std::env::var_os("CLAUDE_PROJECT_DIR"),
            config: std::env::var_os("CLAUDE_CONFIG_DIR"),
            shell_file: std::env::var_os("CLAUDE_ENV_FILE"),
            agent: std::env::var_os("AI_AGENT"),
            desktop: desktop(),
            managed: PathBuf::from(MANAGED),
        }
    }
}

fn desktop() -> Vec<(&'static str, OsString)> {
    let value = |name: &'static str| Some((name, std::env::var_os(name)?));
    Surroundings::DESKTOP
        .into_iter()
        .filter_map(value)
        .collect()
}

#[cfg(target_os = "macos")]
const MANAGED: &str = "/Library/Application Support/ClaudeCode";
#[cfg(windows)]
const MANAGED: &str = r"C:\Program Files\ClaudeCode";
#[cfg(not(any(target_os = "macos", windows)))]
const MANAGED: &str = "/etc/claude-code";

/// The folders an event is judged by. What is not known is `None`.
#[derive(Clone, Debug, Default)]
pub(crate) struct Place {
    pub(crate) home: Option<String>,
    pub(crate) state: Option<PathBuf>,
    pub(crate) cwd: Option<String>,
    pub(crate) project: Option<String>,
    /// Every folder that may be the project's root, for what can only tighten.
    pub(crate) projects: Vec<String>,
    /// `HOME` is not the user's home folder.
    pub(crate) home_changed: bool,
}

impl Place {
    pub(crate) fn new(
        state: Option<PathBuf>,
        around: &Surroundings,
        session: &Session<'_>,
    ) -> Self {
        let state = state.or_else(default_state);
        let home = state.as_deref().and_then(home_of).or_else(user_home);
        let cwd = session.cwd.and_then(absolute);
        let claimed = around.project.as_ref().and_then(|path| path.to_str());
        let claimed = claimed.and_then(absolute);
        let project = project(cwd.as_deref(), claimed.as_deref(), session.transcript);
        let mut projects = Vec::new();
        for path in [&project, &claimed, &cwd].into_iter().flatten() {
            if !projects.contains(path) {
                projects.push(path.clone());
            }
        }
        Self {
            home_changed: is_changed(home.as_deref(), around),
            home,
            state,
            cwd,
            project,
            projects,
        }
    }
}

/// The folder of ccs's state when the program is not told another: `.claude/ccs` in the home
/// folder of the user who runs it.
fn default_state() -> Option<PathBuf> {
    user_home().map(|home| Path::new(&home).join(".claude/ccs"))
}

/// The home folder of the user this process runs as, from the password file and not from the
/// environment; other name services are not asked.
pub(crate) fn user_home() -> Option<String> {
    #[cfg(unix)]
    {
        let bytes = files::read(Path::new("/etc/passwd"), MAX_PASSWD, Links::Follow).ok()??;
        let text = String::from_utf8_lossy(&bytes);
        home_in(&text, rustix::process::getuid().as_raw())
    }
    #[cfg(not(unix))]
    None
}

/// The sixth field of the first line with this user id.
fn home_in(passwd: &str, user: u32) -> Option<String> {
    passwd.lines().find_map(|line| {
        let fields: Vec<&str> = line.split(':').collect();
        let id: u32 = fields.get(2)?.parse().ok()?;
        (id == user && fields.len() == 7).then(|| absolute(fields[5]))?
    })
}

/// The home folder that a state folder lies in, if it lies where it usually does.
fn home_of(state: &Path) -> Option<String> {
    if !state.ends_with(".claude/ccs") {
        return None;
    }
    let home = state.parent()?.parent()?.to_str()?;
    absolute(home)
}

/// The path without `.`, empty parts and a slash at its end; `None` if it is relative or holds
/// `..`, for then it may lead through a link.
pub(crate) fn absolute(path: &str) -> Option<String> {
    if !path.starts_with('/') || path.contains('\0') {
        return None;
    }
    let mut clean = String::with_capacity(path.len());
    for part in path.split('/').filter(|part| !matches!(*part, "" | ".")) {
        if part == ".." {
            return None;
        }
        clean.push('/');
        clean.push_str(part);
    }
    Some(if clean.is_empty() { "/".into() } else { clean })
}

/// Whether `path` is `folder` or lies in it; both as [`absolute`] makes them.
pub(crate) fn is_within(path: &str, folder: &str) -> bool {
    path == folder
        || folder == "/"
        || path
            .strip_prefix(folder)
            .is_some_and(|rest| rest.starts_with('/'))
}

/// The claimed project root if the event bears it out, else the working folder.
///
/// The client names a session's record after the project (`/srv/shop` → `-srv-shop`). A root
/// that is neither narrower than the working folder nor the one of that name would let a
/// repository declare its neighbours part of itself.
fn project(cwd: Option<&str>, claimed: Option<&str>, transcript: Option<&str>) -> Option<String> {
    let (Some(claimed), Some(cwd)) = (claimed, cwd) else {
        return cwd.map(String::from);
    };
    let narrower = is_within(claimed, cwd);
    let folder = transcript.and_then(|path| path.rsplit('/').nth(1));
    let named = folder.is_some_and(|name| name == slug(claimed));
    Some(if narrower || named { claimed } else { cwd }.into())
}

fn slug(path: &str) -> String {
    path.chars()
        .map(|letter| match letter {
            'a'..='z' | 'A'..='Z' | '0'..='9' => letter,
            _ => '-',
        })
        .collect()
}

fn is_changed(home: Option<&str>, around: &Surroundings) -> bool {
    let (Some(home), Some(said)) = (home, around.home.as_ref()) else {
        return false;
    };
    let same_text = said.to_str().and_then(absolute).as_deref() == Some(home);
    let same_folder = || match (std::fs::canonicalize(said), std::fs::canonicalize(home)) {
        (Ok(said), Ok(home)) => said == home,
        _ => false,
    };
    !same_text && !same_folder()
}

#[cfg(test)]
mod tests {
    use super::*;

    const PASSWD: &str = "root:x:0:0:root:/root:/bin/bash\n\
        broken\n\
        short:x:1000:1000:/home/short\n\
        dev:x:1000:1000:Dev,,,:/home/dev/:/bin/zsh\n\
        odd:x:1001:1001::relative:/bin/sh\n";

    fn around(home: &str, project: &str) -> Surroundings {
        Surroundings {
            home: Some(home.into()),
            project: Some(project.into()),
            ..Surroundings::default()
        }
    }

    fn session<'a>(cwd: &'a str, transcript: &'a str) -> Session<'a> {
        Session {
            cwd: Some(cwd),
            transcript: Some(transcript),
            ..Session::default()
        }
    }

    fn place(project: &str, cwd: &str, transcript: &str) -> Place {
        let state = Some(PathBuf::from("/home/dev/.claude/ccs"));
        Place::new(
            state,
            &around("/home/dev", project),
            &session(cwd, transcript),
        )
    }

    #[test]
    fn the_password_file_names_the_home_of_the_users_id() {
        assert_eq!(home_in(PASSWD, 0).as_deref(), Some("/root"));
        assert_eq!(home_in(PASSWD, 1000).as_deref(), Some("/home/dev"));
        assert_eq!(home_in(PASSWD, 1001), None);
        assert_eq!(home_in(PASSWD, 7), None);
    }

    #[test]
    fn the_home_is_where_the_state_folder_lies_whatever_the_environment_says() {
        let place = Place::new(
            Some("/home/dev/.claude/ccs".into()),
            &around("/tmp/fake", "/x"),
            &Session::default(),
        );
        assert_eq!(place.home.as_deref(), Some("/home/dev"));
        assert!(place.home_changed);
    }

    #[test]
    fn another_spelling_of_the_same_home_is_no_change() {
        for (home, changed) in [
            ("/home/dev", false),
            ("/home/dev/", false),
            ("/home//dev/.", false),
            ("/home/dev/project", true),
            ("", true),
        ] {
            assert_eq!(
                is_changed(Some("/home/dev"), &around(home, "")),
                changed,
                "{home}"
            );
        }
        assert!(!is_changed(Some("/home/dev"), &Surroundings::default()));
    }

    #[test]
    fn a_project_named_by_the_sessions_record_is_believed() {
        let record = "/home/dev/.claude/projects/-srv-shop-v2/1.jsonl";
        let place = place("/srv/shop.v2", "/srv/shop.v2/src", record);
        assert_eq!(place.project.as_deref(), Some("/srv/shop.v2"));
    }

    #[test]
    fn a_project_wider_than_the_session_is_not_believed() {
        let record = "/home/dev/.claude/projects/-srv-shop/1.jsonl";
        for wide in ["/", "/srv", "/home/dev", "relative", "/srv/shop/../.."] {
            let place = place(wide, "/srv/shop", record);
            assert_eq!(place.project.as_deref(), Some("/srv/shop"), "{wide}");
        }
    }

    #[test]
    fn a_working_folder_that_is_not_absolute_is_unknown() {
        for cwd in ["", "src", "~", "/a/../b", "/a\0"] {
            assert_eq!(place("/srv/shop", cwd, "").cwd, None, "{cwd:?}");
        }
    }

    #[test]
    fn within_is_by_whole_names() {
        assert!(is_within("/a/b", "/a") && is_within("/a", "/a") && is_within("/a", "/"));
        assert!(!is_within("/ab", "/a") && !is_within("/", "/a"));
    }
}
