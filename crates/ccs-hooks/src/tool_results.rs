//! The files in which the client keeps outputs that are too long for the model.
//!
//! They are written before any hook sees them. Only a regular file in a folder `tool-results` of
//! the session's own records is touched, never through a link, and replaced in one step.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::files::{self, Links};
use crate::place::{absolute, is_within};
use crate::protocol::json::Value;
use crate::run::Scene;
use crate::secrets::{Secrets, Taken};

/// The longest output that is searched, in bytes.
const MAX_OUTPUT: u64 = 64 << 20;
/// The key under which a tool's response names the file.
const KEY: &str = "persistedOutputPath";

/// Why secrets may still lie in such a file.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    #[error("the output in `{}` may hold secrets: {error}", path.display())]
    File { path: PathBuf, error: files::Error },
    #[error("the output in `{}` holds secrets and cannot be replaced: {error}", path.display())]
    Write { path: PathBuf, error: io::Error },
}

/// Takes the secrets out of the file that the response names, if it is one of the client's.
pub(crate) fn scrub(
    scene: &Scene<'_>,
    response: &Value<'_>,
    secrets: &Secrets,
    taken: &mut Taken,
) -> Result<(), Error> {
    let named = response.as_object().and_then(|object| object.text(KEY));
    match named.and_then(|path| kept(scene, path)) {
        Some(path) => replaced(&path, secrets, taken),
        None => Ok(()),
    }
}

fn replaced(path: &Path, secrets: &Secrets, taken: &mut Taken) -> Result<(), Error> {
    let file = |error| Error::File {
        path: path.to_owned(),
        error,
    };
    let Some(bytes) = files::read(path, MAX_OUTPUT, Links::Refuse).map_err(file)? else {
        return Ok(());
    };
    match secrets.redact(&String::from_utf8_lossy(&bytes), taken) {
        Some(clean) => write(path, &clean).map_err(|error| Error::Write {
            path: path.to_owned(),
            error,
        }),
        None => Ok(()),
    }
}

/// Replaces the file in one step; it keeps its permissions.
fn write(path: &Path, text: &str) -> io::Result<()> {
    let mode = fs::symlink_metadata(path)?.permissions();
    files::replace(path, text.as_bytes())?;
    fs::set_permissions(path, mode)
}

/// The path, if it is a file right within a folder `tool-results` of the client's records, and no
/// part of it below the home folder is a link.
fn kept(scene: &Scene<'_>, path: &str) -> Option<PathBuf> {
    let path = absolute(path)?;
    let home = scene.place.home.as_deref()?;
    let records = format!("{home}/.claude/projects");
    let folder = Path::new(&path).parent()?;
    let fits = is_within(&path, &records) && folder.ends_with("tool-results");
    let below = |path: &Path| {
        Some(
            fs::canonicalize(path)
                .ok()?
                .strip_prefix(fs::canonicalize(home).ok()?)
                .ok()?
                .to_owned(),
        )
    };
    let as_named = Path::new(&path)
        .strip_prefix(home)
        .ok()?
        .parent()?
        .to_owned();
    (fits && below(folder)? == as_named).then(|| PathBuf::from(path))
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use crate::place::{Place, Surroundings};
    use crate::protocol::event;
    use crate::protocol::json;
    use crate::protocol::name::Name;
    use crate::secrets::tests::{TOKEN, secrets};
    use std::os::unix::fs::{PermissionsExt, symlink};

    struct World {
        home: tempfile::TempDir,
        folder: PathBuf,
    }

    impl World {
        fn new() -> Self {
            let home = tempfile::tempdir().expect("a folder");
            let folder = home.path().join(".claude/projects/-shop/1/tool-results");
            fs::create_dir_all(&folder).expect("a folder");
            Self { home, folder }
        }

        fn write(&self, path: &Path) {
            fs::write(path, format!("a\n{TOKEN}\n")).expect("a file");
        }

        fn scrub(&self, path: &Path) -> Result<(), Error> {
            let value = json::parse(r#"{"tool_name":"Bash","tool_input":{},"tool_response":{}}"#);
            let value = value.expect("JSON");
            let event = event::read(Name::PostToolUse, &value).expect("an event");
            let scene = Scene {
                event: &event,
                place: Place {
                    home: self.home.path().to_str().map(String::from),
                    ..Place::default()
                },
                around: &Surroundings::default(),
            };
            let text = serde_json::json!({ KEY: path }).to_string();
            let response = json::parse(&text).expect("JSON");
            scrub(&scene, &response, &secrets().1, &mut Taken::default())
        }
    }

    fn read(path: &Path) -> String {
        fs::read_to_string(path).expect("the file")
    }

    #[test]
    fn a_long_output_is_cleaned_where_it_lies_and_keeps_its_mode() {
        let world = World::new();
        let path = world.folder.join("b.txt");
        world.write(&path);
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).expect("chmod");

        world.scrub(&path).expect("cleaned");

        assert_eq!(read(&path), "a\n[secret:github.personal-token]\n");
        let mode = fs::metadata(&path).expect("a file").permissions().mode();
        assert_eq!(mode & 0o777, 0o640);
        assert_eq!(fs::read_dir(&world.folder).expect("the folder").count(), 1);
    }

    #[test]
    fn no_other_file_is_touched() {
        let world = World::new();
        let outside = world.home.path().join("notes/tool-results");
        fs::create_dir_all(&outside).expect("a folder");
        let up = world.folder.join("../tool-results/c.txt");
        for path in [
            outside.join("b.txt"),
            world.folder.with_file_name("b.txt"),
            up,
        ] {
            world.write(&path);
            world.scrub(&path).expect("passed over");
            assert!(read(&path).contains(TOKEN), "{}", path.display());
        }
    }

    #[test]
    fn nothing_is_changed_through_a_link() {
        let world = World::new();
        let target = world.home.path().join("target.txt");
        world.write(&target);
        let link = world.folder.join("link.txt");
        symlink(&target, &link).expect("a link");
        assert!(world.scrub(&link).is_err());

        let session = world.home.path().join(".claude/projects/-shop/2");
        let elsewhere = world.home.path().join("elsewhere/tool-results");
        fs::create_dir_all(&elsewhere).expect("a folder");
        symlink(elsewhere.parent().expect("a parent"), &session).expect("a link");
        let file = elsewhere.join("b.txt");
        world.write(&file);
        world
            .scrub(&session.join("tool-results/b.txt"))
            .expect("passed over");

        assert!(read(&target).contains(TOKEN) && read(&file).contains(TOKEN));
    }

    #[test]
    fn an_output_that_is_gone_is_no_error() {
        let world = World::new();
        assert!(world.scrub(&world.folder.join("gone.txt")).is_ok());
    }
}
