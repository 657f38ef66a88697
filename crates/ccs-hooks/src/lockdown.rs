//! An incident: while its file is in the state folder, every call is denied.
//!
//! That the file is there counts, not what it holds: one that is empty, damaged or a link locks as
//! well, and so does a folder that cannot be looked into.

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::failure::Failure;
use crate::files;

/// The file's name within the state folder.
pub const FILE: &str = "incident.json";
/// The longest such file, in bytes.
const MAX_FILE: u64 = 64 << 10;

/// What is known of an incident.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Incident {
    /// Its name, such as `20261121-150405-1b2c`.
    pub id: String,
    /// When it was declared, RFC 3339 in UTC.
    pub since: String,
    /// Why, in its owner's words or those of an alert.
    pub reason: String,
    /// Who declared it: a user's name, or `alert NAME`.
    pub by: String,
}

/// Whether an incident is on. Errs on the side of yes: see [`look`].
#[must_use]
pub fn is_on(state: &Path) -> bool {
    !matches!(look(state), Ok(None))
}

/// The incident; `None` if there is none. What its file says is left out if it cannot be read.
///
/// # Errors
///
/// If it cannot be told whether there is one.
pub fn look(state: &Path) -> io::Result<Option<Incident>> {
    let path = path(state);
    match fs::symlink_metadata(&path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
        Ok(_) => {
            let bytes = files::read_private(&path, MAX_FILE).ok().flatten();
            let said = bytes.and_then(|bytes| serde_json::from_slice(&bytes).ok());
            Ok(Some(said.unwrap_or_default()))
        }
    }
}

/// Declares an incident. `false` if there is one already, which then stands.
///
/// # Errors
///
/// If the file could not be made. If it could be made and not filled, calls are denied all the same.
pub fn start(state: &Path, incident: &Incident) -> io::Result<bool> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = match options.open(path(state)) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => return Ok(false),
        file => file?,
    };
    file.write_all(&serde_json::to_vec_pretty(incident)?)?;
    file.sync_all()?;
    Ok(true)
}

/// Ends the incident.
///
/// # Errors
///
/// If the file is still there.
pub fn end(state: &Path) -> io::Result<()> {
    fs::remove_file(path(state))
}

/// A call while an incident is on is a failure, and so is not knowing.
pub(crate) fn check(state: Option<&Path>) -> Result<(), Failure> {
    let Some(state) = state else {
        return Ok(());
    };
    match look(state) {
        Ok(None) => Ok(()),
        Ok(Some(incident)) => Err(Failure::Lockdown(said(&incident))),
        Err(error) => Err(Failure::Lockdown(format!(
            "`{}` cannot be looked at: {error}",
            path(state).display()
        ))),
    }
}

fn said(incident: &Incident) -> String {
    match incident.reason.as_str() {
        "" => "an incident was declared".to_owned(),
        reason => format!("an incident was declared: {reason}"),
    }
}

fn path(state: &Path) -> PathBuf {
    state.join(FILE)
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use std::os::unix::fs::{PermissionsExt, symlink};

    fn state() -> (tempfile::TempDir, PathBuf) {
        let folder = tempfile::tempdir().expect("a folder");
        let state = folder.path().join("state");
        files::make_private_folder(&state).expect("a folder");
        (folder, state)
    }

    fn incident(reason: &str) -> Incident {
        Incident {
            id: "1".into(),
            since: "2026-11-21T15:04:05Z".into(),
            reason: reason.into(),
            by: "dev".into(),
        }
    }

    fn refused(state: &Path) -> String {
        check(Some(state))
            .err()
            .map(|failure| failure.to_string())
            .unwrap_or_default()
    }

    #[test]
    fn calls_are_denied_from_its_start_to_its_end() {
        let (_keep, state) = state();
        assert_eq!(refused(&state), "");
        assert!(start(&state, &incident("keys leaked")).expect("made"));
        assert!(refused(&state).contains("keys leaked"));
        assert!(refused(&state).contains("ccs incident end"));
        end(&state).expect("ended");
        assert_eq!(refused(&state), "");
    }

    #[test]
    fn the_first_incident_stands() {
        let (_keep, state) = state();
        start(&state, &incident("first")).expect("made");
        assert!(!start(&state, &incident("second")).expect("there"));
        assert_eq!(look(&state).expect("known"), Some(incident("first")));
    }

    #[test]
    fn whatever_stands_in_the_files_place_locks() {
        for kind in ["empty", "damaged", "link", "folder", "open to others"] {
            let (_keep, state) = state();
            let path = path(&state);
            match kind {
                "empty" => fs::write(&path, "").expect("written"),
                "damaged" => fs::write(&path, "{\"id\":").expect("written"),
                "link" => symlink("/nowhere", &path).expect("a link"),
                "folder" => fs::create_dir(&path).expect("made"),
                _ => {
                    fs::write(&path, "{}").expect("written");
                    fs::set_permissions(&path, fs::Permissions::from_mode(0o666)).expect("ours");
                }
            }
            assert!(is_on(&state), "{kind}");
            assert!(
                refused(&state).contains("an incident was declared"),
                "{kind}"
            );
        }
    }

    #[test]
    fn a_state_folder_that_is_none_locks_and_one_that_is_not_there_does_not() {
        let (keep, _state) = state();
        let file = keep.path().join("file");
        fs::write(&file, "").expect("written");
        assert!(refused(&file).contains("cannot be looked at"));
        assert_eq!(refused(&keep.path().join("missing")), "");
        assert!(check(None).is_ok());
    }
}
