//! Leads the output of every bash that the client starts through `ccs-hook filter shell`.
//!
//! The client names a file in which a `SessionStart` hook may leave lines that each bash reads
//! before a command. The name comes from the environment, which a repository may set: it counts only
//! if it is where the client keeps such files, for this very session.

use std::path::{Path, PathBuf};

use crate::files::{self, Links};
use crate::place::{absolute, is_within};
use crate::run::Scene;

/// The longest such file, in bytes.
const MAX_FILE: u64 = 1 << 20;

/// Writes the lines, if the client names a file and they are not in it.
pub(crate) fn install(scene: &Scene<'_>) -> Result<(), String> {
    let (Some(path), Some(state)) = (file(scene), scene.place.state.as_deref()) else {
        return Ok(());
    };
    let Some(lines) = std::env::current_exe()
        .ok()
        .and_then(|hook| lines(&hook, state))
    else {
        return Ok(());
    };
    let failed = |error: files::Error| format!("`{}`: {error}", path.display());
    let present = files::read(&path, MAX_FILE, Links::Refuse).map_err(failed)?;
    let present = present.unwrap_or_default();
    match memchr::memmem::find(&present, lines.as_bytes()) {
        Some(_) => Ok(()),
        None => files::append(&path, lines.as_bytes(), MAX_FILE).map_err(failed),
    }
}

/// The file that the client names, if it belongs to this session.
fn file(scene: &Scene<'_>) -> Option<PathBuf> {
    let named = scene.around.shell_file.as_ref()?.to_str()?;
    let path = absolute(named)?;
    let home = scene.place.home.as_deref()?;
    let session = scene
        .event
        .session
        .id
        .filter(|id| !id.contains(['/', '.']))?;
    let folder = format!("{home}/.claude/session-env/{session}");
    let fits = is_within(&path, &folder) && Path::new(&path).parent() == Some(Path::new(&folder));
    let real = std::fs::canonicalize(&folder).ok()?;
    let expected = std::fs::canonicalize(home).ok()?;
    let expected = expected.join(".claude/session-env").join(session);
    (fits && real == expected).then(|| PathBuf::from(path))
}

/// What bash reads. Older ones cannot wait for a process substitution; other shells read none of
/// it. When the shell ends it says so in the stream and waits until all is written, but not for
/// programs that it leaves behind.
fn lines(hook: &Path, state: &Path) -> Option<String> {
    let (hook, state) = (quoted(hook)?, quoted(state)?);
    Some(format!(
        r#"if [ "${{BASH_VERSINFO:-0}}" -ge 5 ] && [ -z "${{__ccs_end-}}" ] && [ -x {hook} ]; then
  __ccs_end="ccs-end-$$-$RANDOM$RANDOM$RANDOM"
  exec > >(exec {hook} filter shell --state {state} --end "$__ccs_end") 2>&1
  __ccs_filter=$!
  trap 'trap : USR1; printf %s "$__ccs_end" 2>/dev/null; exec >&- 2>&-; wait "$__ccs_filter"' EXIT
fi
"#
    ))
}

fn quoted(path: &Path) -> Option<String> {
    let text = path.to_str().filter(|text| !text.contains('\n'))?;
    Some(format!("'{}'", text.replace('\'', r"'\''")))
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use crate::place::{Place, Surroundings};
    use crate::protocol::event;
    use crate::protocol::json;
    use crate::protocol::name::Name;
    use std::fs;

    struct World {
        home: tempfile::TempDir,
    }

    impl World {
        fn new() -> Self {
            let home = tempfile::tempdir().expect("a folder");
            fs::create_dir_all(home.path().join(".claude/session-env/s1")).expect("a folder");
            Self { home }
        }

        /// Installs with the client naming this file below the home folder.
        fn install(&self, name: &str) -> Option<String> {
            let path = self.home.path().join(name);
            let around = Surroundings {
                shell_file: Some(path.clone().into_os_string()),
                ..Surroundings::default()
            };
            let value = json::parse(r#"{"session_id":"s1","source":"startup"}"#).expect("JSON");
            let event = event::read(Name::SessionStart, &value).expect("an event");
            let scene = Scene {
                event: &event,
                place: Place {
                    home: self.home.path().to_str().map(String::from),
                    state: Some(self.home.path().join("it's")),
                    ..Place::default()
                },
                around: &around,
            };
            install(&scene).expect("no error");
            fs::read_to_string(path).ok()
        }
    }

    #[test]
    fn the_lines_are_written_once() {
        let world = World::new();
        let name = ".claude/session-env/s1/sessionstart-hook-0.sh";
        let text = world.install(name).expect("written");
        assert!(
            text.contains("filter shell --state") && text.contains(r"it'\''s'"),
            "{text}"
        );
        assert_eq!(world.install(name).as_deref(), Some(text.as_str()));
    }

    #[test]
    fn no_other_file_is_written() {
        let world = World::new();
        fs::create_dir_all(world.home.path().join(".claude/session-env/s2")).expect("a folder");
        let link = world.home.path().join(".claude/session-env/s1/link");
        std::os::unix::fs::symlink(world.home.path(), link).expect("a link");
        for name in [
            ".bashrc",
            ".claude/session-env/s2/a.sh",
            ".claude/session-env/s1/../s2/a.sh",
            ".claude/session-env/s1/link/a.sh",
        ] {
            assert_eq!(world.install(name), None, "{name}");
        }
    }
}
