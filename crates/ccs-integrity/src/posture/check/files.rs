//! Files, owners, modes.

mod link;
mod place;

use std::path::{Path, PathBuf};

use super::mode::{self, Others};
use super::on_path;
use crate::posture::catalog::{
    Check, FS_BACKUP_SECRET_READABLE, FS_CREDENTIALS_PERMS_READABLE, FS_OWNER_MISMATCH,
    FS_SETTINGS_PERMS_WRITABLE, FS_STATE_DIR_LISTABLE, FS_STATE_DIR_PERMS_WRITABLE,
    FS_TELEMETRY_READABLE, FS_TRANSCRIPTS_PERMS_READABLE,
};
use crate::posture::finding::{Findings, Severity};
use crate::posture::model::{Kind, Tree, files};
use crate::posture::source::{Scope, list, status};
use crate::posture::{Context, count};
use link::links;
use place::{install, managed, surroundings};

pub(super) fn run(context: &Context<'_>, found: &mut Findings<'_>) {
    settings(context, found);
    state_folders(context, found);
    credentials(context, found);
    if !context.target.quick {
        transcripts(context, found);
    }
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
    // What they import is believed as they are, wherever it lies.
    let named: Vec<PathBuf> = settings_paths(context)
        .into_iter()
        .map(|(path, _)| path)
        .collect();
    for text in context
        .model
        .texts
        .iter()
        .filter(|text| text.kind == Kind::Memory)
    {
        let source = &text.source;
        if !named.contains(&source.path) {
            writable(
                context,
                found,
                FS_SETTINGS_PERMS_WRITABLE,
                &source.path,
                source.scope,
            );
        }
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
    for memory in list(&places.config.join("projects")) {
        let memory = memory.join("memory");
        writable(
            context,
            found,
            FS_STATE_DIR_PERMS_WRITABLE,
            &memory,
            Scope::Memory,
        );
        for path in list(&memory) {
            writable(
                context,
                found,
                FS_STATE_DIR_PERMS_WRITABLE,
                &path,
                Scope::Memory,
            );
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
        .chain(list(&places.config.join("mcp-oauth")))
        .chain(list(&places.home.join(".mcp-auth")));
    paths.extend(stores.filter(|path| {
        path.file_name().is_some_and(|name| {
            let name = name.to_string_lossy();
            let store = path
                .parent()
                .is_some_and(|folder| folder.ends_with("mcp-oauth"));
            name.ends_with("tokens.json")
                || (store || name.contains("oauth")) && name.ends_with(".json")
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
            || name.contains(".bak.")
            || name.contains(".json.")
            || name.contains("copy")
            || path
                .parent()
                .is_some_and(|folder| folder.ends_with("backups") || folder.ends_with("backup"));
        kept && (name.contains("claude")
            || name.contains("settings")
            || name.contains("credentials")
            || name.contains("mcp"))
    };
    let folders = [
        places.config.join("backups"),
        places.config.join("backup"),
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
