//! What a repository runs beside the client: git, direnv, editors, package managers.

use std::path::{Path, PathBuf};

use super::{mode, on_path};
use crate::posture::catalog::{
    Check, PROJECT_BARE_REPO_EXEC, PROJECT_ENVRC, PROJECT_GIT_CONFIG_EXEC, PROJECT_GIT_HOOK,
    PROJECT_IDE_AUTORUN, PROJECT_PATH_SHADOW, PROJECT_PM_EXEC, PROJECT_WORKTREE_SPOOF,
};
use crate::posture::danger::{self, in_shell};
use crate::posture::finding::{Draft, Effect, Findings, Severity};
use crate::posture::json::{Doc, Val};
use crate::posture::model::{Tree, files};
use crate::posture::shell::parse;
use crate::posture::source::{Scope, Source, list, status};
use crate::posture::{Context, repository, url};

mod config;

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

/// A `.git` that borrows the trust of another repository.
fn worktree(context: &Context<'_>, project: &Path, found: &mut Findings<'_>) {
    let mut report = |path: &Path, why: String| {
        let draft =
            on_path(context, PROJECT_WORKTREE_SPOOF, path, Scope::Project).effect(Effect::Always);
        found.add(draft.evidence(why));
    };
    let dot = project.join(".git");
    let metadata = status(&dot);
    if metadata.as_ref().is_some_and(std::fs::Metadata::is_symlink) {
        report(&dot, "is a link".to_owned());
    }
    if metadata.is_some_and(|metadata| metadata.is_dir()) {
        if dot.join("commondir").exists() {
            report(
                &dot.join("commondir"),
                "a repository of its own has no such file".to_owned(),
            );
        }
        if dot.join("worktrees/.git").exists() {
            report(
                &dot.join("worktrees/.git"),
                "a work tree with the name .git".to_owned(),
            );
        }
        for tree in list(&dot.join("worktrees")) {
            if let Some(why) = strange_common(&tree, &dot) {
                report(&tree.join("commondir"), why);
            }
        }
    }
    let tree = Tree {
        depth: 4,
        most: 20_000,
    };
    let mut pointers: Vec<PathBuf> = files(project, &[], tree).0;
    pointers.retain(|path| path.file_name().is_some_and(|name| name == ".git"));
    for pointer in pointers {
        if let Some(why) = strange_pointer(project, &pointer) {
            report(&pointer, why);
        }
    }
}

/// Why the shared data of a work tree is not that of this repository.
fn strange_common(tree: &Path, dot: &Path) -> Option<String> {
    let text = std::fs::read_to_string(tree.join("commondir")).ok()?;
    let target = crate::path::plain(&tree.join(text.trim()));
    (target != *dot && target.canonicalize().ok() != dot.canonicalize().ok())
        .then(|| format!("leads to {}", text.trim()))
}

/// Why a `.git` file does not belong where it lies. A work tree's data points back; a submodule's
/// lies below the outer repository's.
fn strange_pointer(project: &Path, pointer: &Path) -> Option<String> {
    let folder = pointer.parent()?;
    let data = repository::data(folder)?;
    if data.starts_with(project.join(".git")) && folder != project {
        return None;
    }
    if data.starts_with(project) {
        return Some("its data comes with the repository".to_owned());
    }
    let back = std::fs::read_to_string(data.join("gitdir")).ok();
    let same = |text: &str| {
        let target = Path::new(text.trim());
        target == pointer
            || target
                .canonicalize()
                .ok()
                .is_some_and(|target| pointer.canonicalize().ok() == Some(target))
    };
    let shown = data.to_string_lossy().into_owned();
    match back {
        Some(text) if same(&text) => None,
        Some(_) => Some(format!("{shown} belongs to another work tree")),
        None if folder == project
            && shown.contains("/.git/modules/")
            && data.join("HEAD").exists() =>
        {
            None
        }
        None => Some(format!("leads to {shown}, which does not lead back")),
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
            add(PROJECT_ENVRC, &source, at, Severity::High, why, found);
        }
        at += line.len();
    }
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

fn editors(context: &Context<'_>, project: &Path, found: &mut Findings<'_>) {
    if let Some(doc) = lenient(context, &project.join(".vscode/tasks.json")) {
        for task in doc.root().get("tasks").into_iter().flat_map(Val::items) {
            vscode_task(task, found);
        }
    }
    if let Some(doc) = lenient(context, &project.join(".vscode/settings.json")) {
        for (key, value) in doc.root().members() {
            vscode_setting(key, value, found);
        }
    }
    for path in [".devcontainer/devcontainer.json", ".devcontainer.json"] {
        let Some(doc) = lenient(context, &project.join(path)) else {
            continue;
        };
        for (key, value) in doc
            .root()
            .members()
            .filter(|(key, _)| key.ends_with("Command"))
        {
            container(key, value, found);
        }
    }
    let startup = project.join(".idea/startup.xml");
    if startup.is_file() {
        let draft = on_path(context, PROJECT_IDE_AUTORUN, &startup, Scope::Project)
            .severity(Severity::Medium);
        found.add(
            draft
                .effect(Effect::Always)
                .evidence("runs when the project is opened"),
        );
    }
}

fn vscode_task(task: Val<'_>, found: &mut Findings<'_>) {
    let on_open = task.at(&["runOptions", "runOn"]).and_then(Val::text) == Some("folderOpen");
    if !on_open {
        return;
    }
    let parts = task
        .get("args")
        .into_iter()
        .flat_map(Val::strings)
        .map(|(text, _)| text);
    let command: Vec<&str> = ["command", "script"]
        .iter()
        .filter_map(|key| task.get(key)?.text())
        .chain(parts)
        .collect();
    let command = command.join(" ");
    let plain = task
        .get("type")
        .and_then(Val::text)
        .is_some_and(|kind| matches!(kind, "npm" | "typescript" | "gulp"))
        && in_shell(&command).is_empty();
    let severity = if plain {
        Severity::Medium
    } else {
        Severity::High
    };
    add(
        PROJECT_IDE_AUTORUN,
        &task.doc.source,
        task.offset(),
        severity,
        format!("runs when the folder is opened: {command}"),
        found,
    );
}

/// Settings with which an editor starts a program of the repository.
fn vscode_setting(key: &str, value: Val<'_>, found: &mut Findings<'_>) {
    let text = value.text().unwrap_or_default();
    let named = [
        "git.path",
        "php.validate.executablePath",
        "claudeCode.claudeProcessWrapper",
        "terminal.integrated.shell.linux",
        "terminal.integrated.shell.osx",
    ]
    .contains(&key);
    let in_tree = text.starts_with("./")
        || text.starts_with("${workspaceFolder}")
        || text.starts_with("/tmp");
    let automatic = key == "task.allowAutomaticTasks" && text == "on";
    let bypass = key.starts_with("claudeCode.")
        && (key.contains("dangerously") || key.contains("Bypass") || text == "bypassPermissions")
        && value.flag() != Some(false);
    let environment = key.starts_with("terminal.integrated.env.")
        && value.members().any(|(name, value)| {
            super::environment::is_redirect(name, value.text().unwrap_or_default())
        });
    if named && (in_tree || !text.is_empty()) || automatic || bypass || environment {
        let severity = if automatic {
            Severity::Medium
        } else {
            Severity::High
        };
        add(
            PROJECT_IDE_AUTORUN,
            &value.doc.source,
            value.offset(),
            severity,
            format!("{key} = {}", value.raw()),
            found,
        );
    }
}

/// `initializeCommand` runs on the machine, the others in the container.
fn container(key: &str, value: Val<'_>, found: &mut Findings<'_>) {
    let command: Vec<&str> = value.strings().into_iter().map(|(text, _)| text).collect();
    let command = command.join(" ");
    let bad = !in_shell(&command).is_empty();
    let severity = match key {
        _ if bad => Severity::High,
        "initializeCommand" => Severity::Medium,
        _ => return,
    };
    add(
        PROJECT_IDE_AUTORUN,
        &value.doc.source,
        value.offset(),
        severity,
        format!("{key}: {command}"),
        found,
    );
}

fn packages(context: &Context<'_>, project: &Path, found: &mut Findings<'_>) {
    let lines: &[(&str, &[&str])] = &[
        (".yarnrc.yml", &["yarnPath:", "- path:", "plugins:"]),
        (".yarnrc", &["yarn-path"]),
        (
            ".npmrc",
            &["script-shell", "node-options", "onload-script", "shell="],
        ),
    ];
    for (name, keys) in lines {
        let Some(source) = context.reader.read(&project.join(name), Scope::Project) else {
            continue;
        };
        let mut at = 0;
        for line in source.text.split_inclusive('\n') {
            let text = line.trim();
            if keys.iter().any(|key| text.starts_with(key)) && text != "plugins:" {
                let usual =
                    text.contains(".yarn/releases/") || text.contains(".yarn/plugins/@yarnpkg/");
                let severity = if usual {
                    Severity::Low
                } else {
                    Severity::Medium
                };
                add(
                    PROJECT_PM_EXEC,
                    &source,
                    at,
                    severity,
                    text.to_owned(),
                    found,
                );
            }
            at += line.len();
        }
    }
    if let Some(doc) = lenient(context, &project.join("package.json")) {
        for (name, script) in doc.root().get("scripts").into_iter().flat_map(Val::members) {
            let lifecycle = [
                "preinstall",
                "install",
                "postinstall",
                "prepare",
                "prepublish",
            ]
            .contains(&name);
            let sights = in_shell(script.text().unwrap_or_default());
            if let Some(sight) = sights.first().filter(|_| lifecycle) {
                add(
                    PROJECT_PM_EXEC,
                    &script.doc.source,
                    script.offset(),
                    Severity::Medium,
                    format!("{name}: {}", sight.what),
                    found,
                );
            }
        }
    }
    for name in [".pnpmfile.cjs", ".pnpmfile.mjs"] {
        let Some(source) = context.reader.read(&project.join(name), Scope::Project) else {
            continue;
        };
        let bad = !danger::in_program(name, &source.text).is_empty();
        add(
            PROJECT_PM_EXEC,
            &source,
            0,
            if bad { Severity::Medium } else { Severity::Low },
            "runs with pnpm".to_owned(),
            found,
        );
    }
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
