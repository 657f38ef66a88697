//! The files that say what the client and ccs do: a change of one is a change of the agent by
//! itself.

use std::ffi::OsString;
use std::io::ErrorKind;
use std::path::{Component, Path, PathBuf};

use crate::place::{Place, Surroundings};
use crate::trail;

/// Files of a `.claude` folder.
const FILES: &[&str] = &[
    "settings.json",
    "settings.local.json",
    "CLAUDE.md",
    "ccs-policy.json",
];
/// Folders of a `.claude` folder.
const FOLDERS: &[&str] = &[
    "agents",
    "commands",
    "dev-mods",
    "hooks",
    "output-styles",
    "rules",
    "skills",
];
/// Files that count wherever they lie.
const ANYWHERE: &[&str] = &["CLAUDE.md", "CLAUDE.local.md", ".mcp.json"];
/// Files of ccs in the state folder.
const OURS: &[&str] = &[
    "install.json",
    "policy.bundle",
    "policy.pub",
    "policy.yaml",
    trail::CHOICES,
    trail::IDENTITY,
];
/// Files beside the managed settings.
const MANAGED: &[&str] = &["managed-settings.json", "managed-mcp.json", "CLAUDE.md"];
/// The most files that are watched, and how deep folders are looked into. More are not.
const MAX_FILES: usize = 512;
const MAX_DEPTH: u32 = 4;

/// Whether a change of this file is to be shown.
pub(super) fn covers(path: &Path, place: &Place) -> bool {
    let name = path.file_name().and_then(|name| name.to_str());
    let is_ours = |state: &PathBuf| {
        path.parent() == Some(state) && name.is_some_and(|name| OURS.contains(&name))
            || path.starts_with(state.join("bin"))
    };
    name.is_some_and(|name| ANYWHERE.contains(&name))
        || place.state.as_ref().is_some_and(is_ours)
        || is_clients(path)
}

/// Whether what follows some `.claude` in the path is a file or folder that counts.
fn is_clients(path: &Path) -> bool {
    let parts: Vec<&str> = path
        .components()
        .filter_map(|part| match part {
            Component::Normal(part) => part.to_str(),
            _ => None,
        })
        .collect();
    parts.windows(2).enumerate().any(|(at, pair)| {
        let is_last = at + 2 == parts.len();
        pair[0] == ".claude"
            && (is_last && FILES.contains(&pair[1]) || !is_last && FOLDERS.contains(&pair[1]))
    })
}

/// The files that are there, by the folders in which the client looks for them.
pub(super) fn all(place: &Place, around: &Surroundings) -> Vec<PathBuf> {
    let mut all = Vec::new();
    let mut claude: Vec<PathBuf> = Vec::new();
    claude.extend(
        place
            .home
            .as_ref()
            .map(|home| Path::new(home).join(".claude")),
    );
    let config = around.config.as_ref().map(PathBuf::from);
    claude.extend(config.filter(|folder| folder.is_absolute()));
    for project in place.projects.iter().map(Path::new) {
        all.extend(ANYWHERE.iter().map(|name| project.join(name)));
        claude.push(project.join(".claude"));
    }
    for folder in claude {
        of_claude(&folder, &mut all);
    }
    if let Some(state) = &place.state {
        all.extend(OURS.iter().map(|name| state.join(name)));
        list(&state.join("bin"), 1, &mut all);
    }
    if around.managed.is_absolute() {
        all.extend(MANAGED.iter().map(|name| around.managed.join(name)));
        list(&around.managed.join("managed-settings.d"), 1, &mut all);
    }
    all.sort();
    all.dedup();
    all
}

/// The files of a `.claude` folder. Its names are read at once, instead of asking for each: most
/// projects have no such folder, and most of those that have one hold little.
fn of_claude(folder: &Path, all: &mut Vec<PathBuf>) {
    let names: Option<Vec<OsString>> = match std::fs::read_dir(folder) {
        Ok(entries) => Some(entries.flatten().map(|entry| entry.file_name()).collect()),
        Err(error) if error.kind() == ErrorKind::NotFound => return,
        // a folder that may be entered and not read
        Err(_) => None,
    };
    let is_there = |name: &&&str| {
        let is_it = |there: &OsString| there.as_os_str() == **name;
        names.as_ref().is_none_or(|names| names.iter().any(is_it))
    };
    let files = FILES.iter().filter(is_there);
    all.extend(files.map(|name| folder.join(name)));
    for name in FOLDERS.iter().filter(is_there) {
        list(&folder.join(name), MAX_DEPTH, all);
    }
}

/// The files below a folder, in no order. Folders that are links are not looked into: the client
/// follows them, but they may lead anywhere.
fn list(folder: &Path, depth: u32, all: &mut Vec<PathBuf>) {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return;
    };
    for entry in entries.flatten() {
        if all.len() >= MAX_FILES {
            return;
        }
        match entry.file_type() {
            Ok(kind) if kind.is_dir() && depth > 1 => list(&entry.path(), depth - 1, all),
            Ok(kind) if !kind.is_dir() => all.push(entry.path()),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place() -> Place {
        Place {
            state: Some("/home/dev/.claude/ccs".into()),
            ..Place::default()
        }
    }

    #[test]
    fn what_steers_the_client_or_ccs_is_covered_and_ordinary_files_are_not() {
        for (path, covered) in [
            ("/home/dev/.claude/settings.json", true),
            ("/home/dev/.claude/CLAUDE.md", true),
            ("/home/dev/.claude/skills/deploy/SKILL.md", true),
            ("/srv/shop/.claude/hooks/check.sh", true),
            ("/srv/shop/sub/CLAUDE.md", true),
            ("/srv/shop/.mcp.json", true),
            ("/home/dev/.claude/ccs/policy.bundle", true),
            ("/home/dev/.claude/ccs/bin/ccs-hook", true),
            ("/home/dev/.claude/projects/-srv-shop/1.jsonl", false),
            ("/home/dev/.claude/ccs/audit/spool.jsonl", false),
            ("/home/dev/.claude/history.jsonl", false),
            ("/srv/shop/settings.json", false),
            ("/srv/shop/src/hooks/mod.rs", false),
        ] {
            assert_eq!(covers(Path::new(path), &place()), covered, "{path}");
        }
    }

    #[test]
    fn the_files_that_are_there_are_listed_once() {
        let home = tempfile::tempdir().expect("a folder");
        let claude = home.path().join(".claude");
        std::fs::create_dir_all(claude.join("skills/a/b")).expect("folders");
        std::fs::write(claude.join("skills/a/b/SKILL.md"), "x").expect("a file");
        std::fs::write(claude.join("settings.json"), "{}").expect("a file");
        let path = home.path().to_str().expect("UTF-8").to_owned();
        let place = Place {
            home: Some(path.clone()),
            projects: vec![path],
            ..Place::default()
        };
        let all = all(&place, &Surroundings::default());
        let of_skill = all.iter().filter(|path| path.ends_with("SKILL.md"));
        assert_eq!(of_skill.count(), 1);
        assert!(all.contains(&claude.join("settings.json")));
        assert!(
            all.iter()
                .all(|path| !path.starts_with(claude.join("hooks")))
        );
    }

    #[cfg(unix)]
    #[test]
    fn a_folder_that_cannot_be_read_may_still_hold_what_is_known_by_name() {
        use std::os::unix::fs::PermissionsExt;
        let home = tempfile::tempdir().expect("a folder");
        let claude = home.path().join(".claude");
        std::fs::create_dir_all(claude.join("hooks")).expect("folders");
        std::fs::write(claude.join("hooks/a.sh"), "x").expect("a file");
        std::fs::write(claude.join("settings.json"), "{}").expect("a file");
        let mode = |bits| std::fs::set_permissions(&claude, PermissionsExt::from_mode(bits));
        mode(0o100).expect("ours");
        let place = Place {
            home: Some(home.path().to_str().expect("UTF-8").to_owned()),
            ..Place::default()
        };
        let all = all(&place, &Surroundings::default());
        mode(0o700).expect("ours");
        for name in ["settings.json", "hooks/a.sh"] {
            assert!(all.contains(&claude.join(name)), "{name}");
        }
    }
}
