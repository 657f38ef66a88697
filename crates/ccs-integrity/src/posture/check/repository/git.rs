//! git's configuration and hooks, and repositories within the tree.

use std::path::Path;

use super::super::{mode, on_path};
use super::{add, config};
use crate::posture::catalog::{
    ENV_PROXY_CA_OVERRIDE, ENV_TLS_DISABLED, PROJECT_BARE_REPO_EXEC, PROJECT_GIT_CONFIG_EXEC,
    PROJECT_GIT_HOOK, PROJECT_WORKTREE_SPOOF,
};
use crate::posture::danger::{self, in_shell};
use crate::posture::finding::{Effect, Findings, Severity};
use crate::posture::shell::parse;
use crate::posture::source::{Scope, list};
use crate::posture::{Context, repository, url};

pub(super) fn git(context: &Context<'_>, project: &Path, found: &mut Findings<'_>) {
    let Some(data) = repository::data(project) else {
        return;
    };
    let mut hooks = vec![
        data.join("hooks"),
        project.join(".husky"),
        project.join(".husky/_"),
        project.join(".githooks"),
    ];
    for path in context.model.every_file().iter().map(|file| &file.path) {
        let kept = ["modules", "worktrees"]
            .iter()
            .any(|name| path.starts_with(data.join(name)));
        let config = path
            .file_name()
            .is_some_and(|name| name == "config" || name == "config.worktree");
        let hook = path
            .parent()
            .is_some_and(|folder| folder.ends_with("hooks"));
        if kept && hook {
            git_hook(context, path, found);
        }
        if !kept || !config {
            continue;
        }
        for entry in config::read(context, path) {
            if let Some(severity) = config::executes(&entry) {
                let what = format!("{} = {}", entry.key, entry.value);
                add(
                    PROJECT_GIT_CONFIG_EXEC,
                    &entry.source,
                    entry.offset,
                    severity,
                    what,
                    found,
                );
            }
        }
    }
    for path in [
        data.join("config"),
        data.join("config.worktree"),
        project.join(".gitconfig"),
    ] {
        for entry in config::read(context, &path) {
            if entry.key == "core.hookspath" && !entry.value.is_empty() {
                let folder = crate::path::plain(&project.join(&entry.value));
                // Husky keeps its own wrapper in `_` and the hooks beside it.
                hooks.extend(
                    folder
                        .parent()
                        .filter(|_| folder.ends_with("_"))
                        .map(Path::to_owned),
                );
                hooks.push(folder);
            }
            let way = match entry
                .key
                .rsplit('.')
                .next()
                .filter(|_| entry.key.starts_with("http."))
            {
                Some("sslverify") if entry.value == "false" => {
                    Some((ENV_TLS_DISABLED, Severity::Critical))
                }
                Some("proxy") if url::all(&entry.value).any(|url| !url.is_loopback()) => {
                    Some((ENV_PROXY_CA_OVERRIDE, Severity::High))
                }
                Some("sslcainfo" | "sslcapath") => Some((ENV_PROXY_CA_OVERRIDE, Severity::High)),
                _ => None,
            };
            if let Some((check, severity)) = way {
                let what = format!("{} = {}", entry.key, entry.value);
                add(check, &entry.source, entry.offset, severity, what, found);
            }
            let moved = entry.key == "core.worktree" && {
                let folder = context.model.places.resolve(&entry.value);
                let folder = match entry.value.starts_with(['/', '~']) {
                    true => folder,
                    false => crate::path::plain(&data.join(&entry.value)),
                };
                !folder.starts_with(project)
            };
            if moved {
                let what = format!("{} = {}", entry.key, entry.value);
                let severity = Severity::High;
                add(
                    PROJECT_WORKTREE_SPOOF,
                    &entry.source,
                    entry.offset,
                    severity,
                    what,
                    found,
                );
            }
            if let Some(severity) = config::executes(&entry) {
                add(
                    PROJECT_GIT_CONFIG_EXEC,
                    &entry.source,
                    entry.offset,
                    severity,
                    format!("{} = {}", entry.key, entry.value),
                    found,
                );
            }
        }
    }
    for entry in config::read(context, &project.join(".gitmodules")) {
        let runs = entry.key.ends_with(".update") && entry.value.starts_with('!')
            || entry.key.ends_with(".url")
                && (entry.value.starts_with("ext::") || entry.value.starts_with('-'));
        if runs {
            add(
                PROJECT_GIT_CONFIG_EXEC,
                &entry.source,
                entry.offset,
                Severity::Critical,
                format!("{} = {}", entry.key, entry.value),
                found,
            );
        }
    }
    hooks.sort();
    hooks.dedup();
    for path in hooks.iter().flat_map(|folder| list(folder)) {
        git_hook(context, &path, found);
    }
    managers(context, project, found);
}

/// Programs that start git's hooks, and the lines of theirs that name a command.
const MANAGERS: &[(&str, &str)] = &[
    (".pre-commit-config.yaml", "entry:"),
    ("lefthook.yml", "run:"),
    (".lefthook.yml", "run:"),
    ("lefthook.yaml", "run:"),
];

fn managers(context: &Context<'_>, project: &Path, found: &mut Findings<'_>) {
    for (name, key) in MANAGERS {
        let Some(source) = context.reader.read(&project.join(name), Scope::Project) else {
            continue;
        };
        let mut at = 0;
        for line in source.text.split_inclusive('\n') {
            let command = line.trim().trim_start_matches("- ").strip_prefix(key);
            let sights = command
                .map(|line| in_shell(line.trim()))
                .unwrap_or_default();
            if let Some(sight) = sights.into_iter().next() {
                add(
                    PROJECT_GIT_HOOK,
                    &source,
                    at,
                    Severity::High,
                    sight.what,
                    found,
                );
            }
            at += line.len();
        }
    }
}

const HOOKS: &[&str] = &[
    "applypatch-msg",
    "pre-applypatch",
    "post-applypatch",
    "pre-commit",
    "pre-merge-commit",
    "prepare-commit-msg",
    "commit-msg",
    "post-commit",
    "pre-rebase",
    "post-checkout",
    "post-merge",
    "pre-push",
    "pre-receive",
    "update",
    "post-update",
    "post-receive",
    "reference-transaction",
    "push-to-checkout",
    "pre-auto-gc",
    "post-rewrite",
    "sendemail-validate",
    "fsmonitor-watchman",
    "post-index-change",
];

fn git_hook(context: &Context<'_>, path: &Path, found: &mut Findings<'_>) {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    if !HOOKS.contains(&name.as_ref()) {
        return;
    }
    let Some(source) = context.reader.read(path, Scope::Project) else {
        return;
    };
    let runs = mode::of(path).is_none_or(mode::Mode::is_executable);
    let effect = if runs {
        Severity::High
    } else {
        Severity::Medium
    };
    let sights = danger::in_program(&name, &source.text);
    if let Some(sight) = sights.first() {
        add(
            PROJECT_GIT_HOOK,
            &source,
            sight.offset,
            effect,
            sight.what.clone(),
            found,
        );
        return;
    }
    let script = parse(&source.text);
    let stage = script.stages().find(|stage| {
        (danger::downloads(stage.name()) || matches!(stage.name(), "nc" | "ncat" | "ssh" | "scp"))
            && !stage
                .words
                .iter()
                .any(|word| danger::is_loopback_text(&word.text))
    });
    if let Some(stage) = stage {
        add(
            PROJECT_GIT_HOOK,
            &source,
            stage.offset,
            effect,
            format!("{} reaches the network", stage.name()),
            found,
        );
    } else if path.components().any(|part| part.as_os_str() == ".git") && runs {
        add(
            PROJECT_GIT_HOOK,
            &source,
            0,
            Severity::Info,
            "runs with git".to_owned(),
            found,
        );
    }
}

/// Repositories within the tree, which git finds when it works in their folder.
pub(super) fn nested(context: &Context<'_>, project: &Path, found: &mut Findings<'_>) {
    let heads = context.model.every_file().iter().map(|file| &file.path);
    for head in heads.filter(|path| path.file_name().is_some_and(|name| name == "HEAD")) {
        let Some(folder) = head
            .parent()
            .filter(|folder| !folder.starts_with(project.join(".git")))
        else {
            continue;
        };
        let bare = folder.join("config").is_file()
            && (folder.join("objects").is_dir() || folder.join("refs").is_dir());
        if !bare {
            continue;
        }
        let entries = config::read(context, &folder.join("config"));
        let keys = entries.iter().filter(|entry| {
            entry.key == "core.worktree"
                || entry.key == "core.hookspath"
                || config::executes(entry).is_some()
        });
        let mut any = false;
        for entry in keys {
            any = true;
            add(
                PROJECT_BARE_REPO_EXEC,
                &entry.source,
                entry.offset,
                Severity::Critical,
                format!("{} = {}", entry.key, entry.value),
                found,
            );
        }
        let hooked = list(&folder.join("hooks")).iter().any(|path| {
            path.file_name()
                .is_some_and(|name| HOOKS.iter().any(|hook| name == *hook))
        });
        if !any && !folder.ends_with(".git") {
            let severity = if hooked {
                Severity::High
            } else {
                Severity::Low
            };
            let draft = on_path(context, PROJECT_BARE_REPO_EXEC, folder, Scope::Project)
                .effect(Effect::Always);
            found.add(
                draft
                    .severity(severity)
                    .evidence("a repository without a work tree"),
            );
        }
    }
}
