//! What a repository runs beside the client: git, direnv, editors, package managers.

mod config;
mod editor;
mod package;
mod worktree;

use std::path::Path;

use super::{mode, on_path};
use crate::posture::catalog::{
    Check, ENV_BASE_URL_OVERRIDE, PROJECT_BARE_REPO_EXEC, PROJECT_ENVRC, PROJECT_GIT_CONFIG_EXEC,
    PROJECT_GIT_HOOK, PROJECT_PATH_SHADOW,
};
use crate::posture::danger::{self, in_shell};
use crate::posture::finding::{Draft, Effect, Findings, Severity};
use crate::posture::json::Doc;
use crate::posture::model::Tree;
use crate::posture::shell::parse;
use crate::posture::source::{Scope, Source, list};
use crate::posture::{Context, repository, url};
use editor::editors;
use package::packages;
use worktree::worktree;

pub(super) fn run(context: &Context<'_>, found: &mut Findings<'_>) {
    let Some(project) = &context.model.places.project else {
        return;
    };
    git(context, project, found);
    nested(context, project, found);
    worktree(context, project, found);
    for name in [
        ".envrc",
        ".envrc.local",
        "mise.toml",
        ".mise.toml",
        ".config/mise.toml",
        ".mise/config.toml",
        ".tool-versions",
    ] {
        direnv(context, &project.join(name), found);
    }
    editors(context, project, found);
    packages(context, project, found);
    shadows(context, project, found);
}

/// These run without the client's trust.
fn add(
    check: &'static Check,
    source: &Source,
    offset: usize,
    severity: Severity,
    evidence: String,
    found: &mut Findings<'_>,
) {
    let draft = Draft::at(check, source, offset).severity(severity);
    found.add(draft.effect(Effect::Always).evidence(evidence));
}

fn git(context: &Context<'_>, project: &Path, found: &mut Findings<'_>) {
    let Some(data) = repository::data(project) else {
        return;
    };
    let mut hooks = vec![data.join("hooks")];
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
    for path in hooks.iter().flat_map(|folder| list(folder)) {
        git_hook(context, &path, found);
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
fn nested(context: &Context<'_>, project: &Path, found: &mut Findings<'_>) {
    let tree = Tree {
        depth: 6,
        most: 20_000,
    };
    for head in crate::posture::model::every_file(project, tree)
        .into_iter()
        .filter(|path| path.file_name().is_some_and(|name| name == "HEAD"))
    {
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

fn direnv(context: &Context<'_>, path: &Path, found: &mut Findings<'_>) {
    let Some(source) = context.reader.read(path, Scope::Project) else {
        return;
    };
    for sight in in_shell(&source.text) {
        add(
            PROJECT_ENVRC,
            &source,
            sight.offset,
            Severity::High,
            sight.what,
            found,
        );
    }
    let mut at = 0;
    for line in source.text.split_inclusive('\n') {
        if let Some(why) = sets(line.trim()) {
            if super::environment::is_address(&assigned(line).to_ascii_uppercase()) {
                let why = why.clone();
                add(
                    ENV_BASE_URL_OVERRIDE,
                    &source,
                    at,
                    Severity::Critical,
                    why,
                    found,
                );
            }
            add(PROJECT_ENVRC, &source, at, Severity::High, why, found);
        }
        at += line.len();
    }
}

/// The variable that a line sets, if it sets one.
fn assigned(line: &str) -> &str {
    let assignment = line.strip_prefix("export ").unwrap_or(line);
    assignment
        .split_once('=')
        .map_or("", |(name, _)| name.trim())
}

/// What a line of `.envrc` or of mise's configuration sets or fetches that it should not.
fn sets(line: &str) -> Option<String> {
    if line.starts_with('#') {
        return None;
    }
    let first = line.split_whitespace().next().unwrap_or_default();
    if first == "source_url" || first == "fetchurl" {
        return Some(line.to_owned());
    }
    let assignment = line.strip_prefix("export ").unwrap_or(line);
    if let Some((name, value)) = assignment.split_once('=') {
        let value = value.trim().trim_matches(['"', '\'']);
        if super::environment::is_redirect(name.trim(), value) {
            return Some(format!("{}={value}", name.trim()));
        }
        let script = value.trim();
        if let Some(sight) = in_shell(script).first().filter(|_| line.contains(" = ")) {
            return Some(sight.what.clone());
        }
    }
    let fetches = parse(line)
        .stages()
        .any(|stage| danger::downloads(stage.name()));
    (fetches && url::all(line).any(|url| !url.is_loopback())).then(|| line.to_owned())
}

fn lenient(context: &Context<'_>, path: &Path) -> Option<Doc> {
    Doc::lenient(&context.reader.read(path, Scope::Project)?)
}

const PROGRAMS: &[&str] = &[
    "git",
    "node",
    "npm",
    "npx",
    "claude",
    "rg",
    "python",
    "python3",
    "bash",
    "sh",
    "gh",
    "curl",
    "jq",
    "ls",
    "cat",
    "grep",
    "find",
    "code",
    "bun",
    "cmd",
    "powershell",
    "where",
];

/// Programs in the root of the tree that go before the real ones where `.` is searched first.
fn shadows(context: &Context<'_>, project: &Path, found: &mut Findings<'_>) {
    for path in list(project).into_iter().filter(|path| path.is_file()) {
        let name = path
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .to_lowercase();
        let (stem, suffix) = name.split_once('.').unwrap_or((&name, ""));
        let windows = matches!(suffix, "exe" | "cmd" | "bat" | "com" | "ps1");
        let runs = suffix.is_empty() && mode::of(&path).is_none_or(mode::Mode::is_executable);
        if PROGRAMS.contains(&stem) && (windows || runs) {
            let draft =
                on_path(context, PROJECT_PATH_SHADOW, &path, Scope::Project).effect(Effect::Always);
            found.add(draft.evidence(format!("a program called {stem}")));
        }
    }
}
