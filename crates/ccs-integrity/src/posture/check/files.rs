//! Files, owners, modes.

use std::path::{Path, PathBuf};

use super::mode::{self, Others};
use super::on_path;
use crate::posture::catalog::{
    Check, FS_BACKUP_SECRET_READABLE, FS_CREDENTIALS_PERMS_READABLE, FS_INSTALL_PERMS_WRITABLE,
    FS_MANAGED_PERMS, FS_OWNER_MISMATCH, FS_PROJECT_SYMLINK_ESCAPE, FS_SETTINGS_PERMS_WRITABLE,
    FS_SETTINGS_SYMLINK, FS_SHARED_TMP, FS_STATE_DIR_LISTABLE, FS_STATE_DIR_PERMS_WRITABLE,
    FS_SYNCED_DIR, FS_TELEMETRY_READABLE, FS_TRANSCRIPTS_PERMS_READABLE,
};
use crate::posture::finding::{Findings, Severity};
use crate::posture::model::{Tree, every_file, files};
use crate::posture::source::{Scope, list, status};
use crate::posture::{Context, count, danger};

pub(super) fn run(context: &Context<'_>, found: &mut Findings<'_>) {
    settings(context, found);
    state_folders(context, found);
    credentials(context, found);
    transcripts(context, found);
    backups(context, found);
    links(context, found);
    managed(context, found);
    install(context, found);
    surroundings(context, found);
}

fn settings_paths(context: &Context<'_>) -> Vec<(PathBuf, Scope)> {
    let places = &context.model.places;
    let names = [
        "settings.json",
        "settings.local.json",
        "CLAUDE.md",
        ".mcp.json",
    ];
    let mut paths: Vec<_> = names
        .iter()
        .map(|name| (places.config.join(name), Scope::User))
        .collect();
    paths.push((places.home.join(".claude.json"), Scope::User));
    let names = [
        ".claude/settings.json",
        ".claude/settings.local.json",
        ".mcp.json",
        "CLAUDE.md",
        ".claude/CLAUDE.md",
    ];
    let project = places.project.iter().flat_map(|project| {
        names
            .iter()
            .map(|name| (project.join(name), Scope::Project))
    });
    paths.extend(project);
    paths
}

/// Reports a file or folder that others may write.
fn writable(
    context: &Context<'_>,
    found: &mut Findings<'_>,
    check: &'static Check,
    path: &Path,
    scope: Scope,
) {
    let Some(mode) = mode::of(path) else { return };
    let severity = match mode.writers() {
        Others::None => return,
        Others::OwnGroup => Severity::Low,
        Others::Some if mode.is_sticky() => Severity::Medium,
        Others::Some => Severity::Critical,
    };
    found.add(
        on_path(context, check, path, scope)
            .severity(severity)
            .evidence(mode.to_string()),
    );
}

fn settings(context: &Context<'_>, found: &mut Findings<'_>) {
    for (path, scope) in settings_paths(context) {
        writable(context, found, FS_SETTINGS_PERMS_WRITABLE, &path, scope);
    }
}

/// Folders of the client that hold what it runs or believes.
const FOLDERS: &[&str] = &[
    "hooks",
    "skills",
    "agents",
    "commands",
    "plugins",
    "rules",
    "output-styles",
];

/// Folders whose content the client runs or believes, and what is in them.
fn state_folders(context: &Context<'_>, found: &mut Findings<'_>) {
    let places = &context.model.places;
    for (base, scope) in [
        (Some(&places.config), Scope::User),
        (places.project.as_ref(), Scope::Project),
    ] {
        let Some(base) = base else { continue };
        let base = if scope == Scope::Project {
            base.join(".claude")
        } else {
            base.clone()
        };
        writable(context, found, FS_STATE_DIR_PERMS_WRITABLE, &base, scope);
        for name in FOLDERS {
            let folder = base.join(name);
            writable(context, found, FS_STATE_DIR_PERMS_WRITABLE, &folder, scope);
            for path in below(&folder, 4) {
                writable(context, found, FS_STATE_DIR_PERMS_WRITABLE, &path, scope);
            }
        }
    }
    for folder in places
        .config
        .ancestors()
        .skip(1)
        .filter(|folder| folder.starts_with(&places.home))
    {
        writable(
            context,
            found,
            FS_STATE_DIR_PERMS_WRITABLE,
            folder,
            Scope::User,
        );
    }
    if let Some(mode) = mode::of(&places.config).filter(|mode| mode.readers() == Others::Some) {
        found.add(
            on_path(context, FS_STATE_DIR_LISTABLE, &places.config, Scope::User)
                .evidence(mode.to_string()),
        );
    }
    let owner = mode::of(&places.home).map(|mode| mode.owner);
    let paths = settings_paths(context)
        .into_iter()
        .filter(|(_, scope)| *scope == Scope::User)
        .map(|(path, _)| path);
    for path in paths.chain([places.config.clone()]) {
        let strange = mode::of(&path).filter(|mode| mode.owner != 0 && Some(mode.owner) != owner);
        if let Some(mode) = strange {
            found.add(
                on_path(context, FS_OWNER_MISMATCH, &path, Scope::User).evidence(mode.to_string()),
            );
        }
    }
}

fn credentials(context: &Context<'_>, found: &mut Findings<'_>) {
    let places = &context.model.places;
    let mut paths = vec![
        places.config.join(".credentials.json"),
        places.home.join(".claude.json"),
    ];
    let stores = list(&places.config)
        .into_iter()
        .chain(list(&places.home.join(".mcp-auth")));
    paths.extend(stores.filter(|path| {
        path.file_name().is_some_and(|name| {
            let name = name.to_string_lossy();
            name.ends_with("tokens.json") || name.contains("oauth") && name.ends_with(".json")
        })
    }));
    for path in paths {
        let Some(mode) = mode::of(&path)
            .filter(|mode| mode.readers() != Others::None || mode.writers() != Others::None)
        else {
            continue;
        };
        let keys = path.ends_with(".claude.json") && secrets_in(context, &path).is_none();
        let severity = if keys {
            Severity::Medium
        } else {
            Severity::Critical
        };
        found.add(
            on_path(context, FS_CREDENTIALS_PERMS_READABLE, &path, Scope::User)
                .severity(severity)
                .evidence(mode.to_string()),
        );
    }
}

/// What kind of secret a file holds.
fn secrets_in(context: &Context<'_>, path: &Path) -> Option<String> {
    let text = context
        .reader
        .beginning(path, crate::posture::source::LARGEST)?;
    context
        .scanners
        .secrets
        .secrets(&text)
        .into_iter()
        .next()
        .map(|secret| secret.kind)
}

/// Whether others can come from the client's folder to a path in it.
fn is_reachable(context: &Context<'_>, path: &Path) -> bool {
    let home = &context.model.places.home;
    let folders = path
        .ancestors()
        .skip(1)
        .take_while(|folder| *folder != home);
    folders
        .into_iter()
        .all(|folder| mode::of(folder).is_none_or(mode::Mode::lets_through))
}

fn transcripts(context: &Context<'_>, found: &mut Findings<'_>) {
    let config = &context.model.places.config;
    let tree = Tree {
        depth: 5,
        most: 20_000,
    };
    let mut paths = vec![config.join("history.jsonl")];
    for name in [
        "projects",
        "paste-cache",
        "file-history",
        "shell-snapshots",
        "debug",
        "session-env",
        "todos",
    ] {
        paths.extend(files(&config.join(name), &[config], tree).0);
    }
    paths.retain(|path| path.extension().is_none_or(|suffix| suffix != "md"));
    readable(context, found, FS_TRANSCRIPTS_PERMS_READABLE, &paths);
    readable(
        context,
        found,
        FS_TELEMETRY_READABLE,
        &list(&config.join("telemetry")),
    );
}

/// One finding for all files that others can read.
fn readable(
    context: &Context<'_>,
    found: &mut Findings<'_>,
    check: &'static Check,
    paths: &[PathBuf],
) {
    let open = |path: &&PathBuf| {
        mode::of(path).is_some_and(|mode| mode.readers() == Others::Some) && path.is_file()
    };
    let open: Vec<&PathBuf> = paths
        .iter()
        .filter(open)
        .filter(|path| is_reachable(context, path))
        .collect();
    if let Some(first) = open.first() {
        let evidence = format!("{} readable by others", count(open.len(), "file", "files"));
        found.add(on_path(context, check, first, Scope::User).evidence(evidence));
    }
}

fn backups(context: &Context<'_>, found: &mut Findings<'_>) {
    let places = &context.model.places;
    let is_backup = |path: &PathBuf| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let kept = [".bak", "~", ".orig", ".old", ".save", ".swp"]
            .iter()
            .any(|end| name.ends_with(end))
            || name.contains(".backup")
            || name.contains(".bak.");
        kept && (name.contains("claude")
            || name.contains("settings")
            || name.contains("credentials")
            || name.contains("mcp"))
    };
    let folders = [
        places.config.join("backups"),
        places.config.clone(),
        places.home.clone(),
    ];
    for path in folders
        .iter()
        .flat_map(|folder| list(folder))
        .filter(is_backup)
    {
        let Some(mode) = mode::of(&path).filter(|mode| mode.readers() != Others::None) else {
            continue;
        };
        if let Some(kind) = secrets_in(context, &path) {
            found.add(
                on_path(context, FS_BACKUP_SECRET_READABLE, &path, Scope::User)
                    .evidence(format!("{kind}, {mode}")),
            );
        }
    }
}

fn links(context: &Context<'_>, found: &mut Findings<'_>) {
    let places = &context.model.places;
    let mut own: Vec<PathBuf> = settings_paths(context)
        .into_iter()
        .map(|(path, _)| path)
        .collect();
    own.extend(["hooks", "skills", "agents", "commands"].map(|name| places.config.join(name)));
    for path in own.iter().filter(|path| !is_in_project(context, path)) {
        if status(path).is_some_and(|metadata| metadata.is_symlink()) {
            let target = path.canonicalize().unwrap_or_default();
            let outside = !target.starts_with(&places.home);
            let severity =
                if outside || mode::of(path).is_some_and(|mode| mode.writers() == Others::Some) {
                    Severity::Medium
                } else {
                    Severity::Low
                };
            let evidence = format!("leads to {}", context.reader.locate(&target).1);
            found.add(
                on_path(context, FS_SETTINGS_SYMLINK, path, Scope::User)
                    .severity(severity)
                    .evidence(evidence),
            );
        }
    }
    project_links(context, found);
}

fn is_in_project(context: &Context<'_>, path: &Path) -> bool {
    context
        .model
        .places
        .project
        .as_ref()
        .is_some_and(|project| path.starts_with(project))
}

/// Links of a repository that lead out of it, at the places the client reads.
fn project_links(context: &Context<'_>, found: &mut Findings<'_>) {
    let Some(project) = &context.model.places.project else {
        return;
    };
    let Ok(real) = project.canonicalize() else {
        return;
    };
    let read = project.join(".claude");
    for path in every_file(
        project,
        Tree {
            depth: 6,
            most: 20_000,
        },
    ) {
        let Ok(text) = std::fs::read_link(&path) else {
            continue;
        };
        let target = path
            .canonicalize()
            .unwrap_or_else(|_| crate::path::plain(&path.parent().unwrap_or(project).join(&text)));
        if target.starts_with(&real) || target.starts_with(project) {
            continue;
        }
        let text = text.to_string_lossy().into_owned();
        let secret = danger::secret_place(&text).is_some();
        // What the client reads by itself lies in these places; of others only secrets matter.
        let is_read = path.starts_with(&read) || path.parent() == Some(project);
        let severity = match (secret, is_read) {
            (true, true) => Severity::Critical,
            (true, false) | (false, true) => Severity::High,
            (false, false) => continue,
        };
        found.add(
            on_path(context, FS_PROJECT_SYMLINK_ESCAPE, &path, Scope::Project)
                .severity(severity)
                .evidence(format!("leads to {text}")),
        );
    }
}

/// Every file and folder below a folder, links not followed; up to a number.
fn below(folder: &Path, depth: usize) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut open = vec![(folder.to_owned(), depth)];
    while let Some((folder, depth)) = open.pop() {
        for path in list(&folder) {
            if found.len() == 5_000 {
                return found;
            }
            let Some(metadata) = status(&path) else {
                continue;
            };
            if metadata.is_dir() && depth > 0 {
                open.push((path.clone(), depth - 1));
            }
            if !metadata.is_symlink() {
                found.push(path);
            }
        }
    }
    found
}

fn managed(context: &Context<'_>, found: &mut Findings<'_>) {
    let Some(managed) = &context.model.places.managed else {
        return;
    };
    let names = [
        "",
        "managed-settings.json",
        "managed-settings.d",
        "managed-mcp.json",
        "CLAUDE.md",
    ];
    let paths = names.iter().map(|name| managed.join(name));
    for path in paths.chain(list(&managed.join("managed-settings.d"))) {
        let Some(mode) = mode::of(&path) else {
            continue;
        };
        if mode.writers() != Others::None || context.target.live && mode.owner != 0 {
            found.add(
                on_path(context, FS_MANAGED_PERMS, &path, Scope::Managed)
                    .evidence(mode.to_string()),
            );
        }
    }
}

/// The client's own program.
fn install(context: &Context<'_>, found: &mut Findings<'_>) {
    let home = &context.model.places.home;
    let versions = home.join(".local/share/claude/versions");
    let mut paths = vec![
        home.join(".local/bin"),
        home.join(".local/bin/claude"),
        home.join(".local/share/claude"),
        versions.clone(),
    ];
    paths.push(home.join(".claude/local"));
    paths.extend(list(&versions));
    for path in paths {
        writable(
            context,
            found,
            FS_INSTALL_PERMS_WRITABLE,
            &path,
            Scope::Machine,
        );
    }
}

fn surroundings(context: &Context<'_>, found: &mut Findings<'_>) {
    let config = &context.model.places.config;
    let synced = [
        "Dropbox",
        "OneDrive",
        "Google Drive",
        "iCloud",
        "Mobile Documents",
        "Nextcloud",
        "Syncthing",
    ];
    let real = config.canonicalize().unwrap_or_else(|_| config.clone());
    let marker = synced.iter().find(|name| {
        real.components()
            .any(|part| part.as_os_str().to_string_lossy().starts_with(**name))
    });
    if let Some(marker) = marker {
        found.add(
            on_path(context, FS_SYNCED_DIR, config, Scope::User)
                .evidence(format!("below {marker}")),
        );
    }
    for (file, value) in context.model.every(&["env", "CLAUDE_CODE_TMPDIR"]) {
        let folder = context
            .model
            .places
            .resolve(value.text().unwrap_or_default());
        let open = mode::of(&folder)
            .is_some_and(|mode| mode.writers() == Others::Some && !mode.is_sticky());
        let link = status(&folder).is_some_and(|metadata| metadata.is_symlink());
        if open || link {
            let draft = super::on_value(context, FS_SHARED_TMP, value).scope(file.scope);
            found.add(draft.evidence(value.text().unwrap_or_default()));
        }
    }
}
