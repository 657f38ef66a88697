//! The client's own settings files, as far as a hook looks at them.

use std::path::{Path, PathBuf};

use crate::files::{self, Links};
use crate::place::{Place, Surroundings};

/// The longest settings file that is read, in bytes.
const MAX_SETTINGS: u64 = 8 << 20;
/// The most files of a `managed-settings.d` folder that are read.
const MAX_MANAGED: usize = 200;

/// The bytes of a settings file; `None` if there is none. Links are followed, as the client does.
pub(crate) fn read(path: &Path) -> Result<Option<Vec<u8>>, files::Error> {
    files::read(path, MAX_SETTINGS, Links::Follow)
}

/// The user's settings.
pub(crate) fn user(place: &Place) -> Option<PathBuf> {
    let home = place.home.as_ref()?;
    Some(Path::new(home).join(".claude/settings.json"))
}

/// The settings of every folder that may be the project's root, shared ones first.
pub(crate) fn project(place: &Place) -> Vec<PathBuf> {
    let projects = place.projects.iter().map(Path::new);
    projects
        .flat_map(|project| {
            [
                project.join(".claude/settings.json"),
                project.join(".claude/settings.local.json"),
            ]
        })
        .collect()
}

/// The managed settings. `None` if the folder with more of them cannot be listed whole.
pub(crate) fn managed(around: &Surroundings) -> Option<Vec<PathBuf>> {
    let mut paths = vec![around.managed.join("managed-settings.json")];
    let folder = around.managed.join("managed-settings.d");
    let listing = match std::fs::read_dir(folder) {
        Ok(listing) => listing,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Some(paths),
        Err(_) => return None,
    };
    for entry in listing {
        let path = entry.ok()?.path();
        if path.extension().is_some_and(|suffix| suffix == "json") {
            paths.push(path);
        }
        if paths.len() > MAX_MANAGED {
            return None;
        }
    }
    Some(paths)
}

/// Every file whose permission rules the client may go by; `None` if not all can be named.
pub(crate) fn all(place: &Place, around: &Surroundings) -> Option<Vec<PathBuf>> {
    let mut paths = managed(around)?;
    paths.push(user(place)?);
    if let Some(config) = &around.config {
        paths.push(Path::new(config).join("settings.json"));
    }
    paths.extend(project(place));
    Some(paths)
}
