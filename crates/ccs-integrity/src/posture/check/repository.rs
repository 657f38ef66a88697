//! What a repository runs beside the client: git, direnv, editors, package managers.

mod config;
mod editor;
mod package;
mod worktree;

use std::path::Path;

use super::assignment::assignments;
use super::{mode, on_path};
use crate::posture::catalog::{
    Check, ENV_PROXY_CA_OVERRIDE, ENV_TLS_DISABLED, PROJECT_BARE_REPO_EXEC, PROJECT_ENVRC,
    PROJECT_GIT_CONFIG_EXEC, PROJECT_GIT_HOOK, PROJECT_PATH_SHADOW, PROJECT_WORKTREE_SPOOF,
};
use crate::posture::danger::{self, in_shell};
use crate::posture::finding::{Draft, Effect, Findings, Severity};
use crate::posture::json::Doc;
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
    entered(context, project, found);
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
        let hook = path.parent().is_some_and(|folder| folder.ends_with("hooks"));
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
fn nested(context: &Context<'_>, project: &Path, found: &mut Findings<'_>) {
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

/// Files that a shell reads when somebody enters a folder.
const ENTERED: &[&str] = &[
    ".envrc",
    ".envrc.local",
    "mise.toml",
    ".mise.toml",
    "mise.local.toml",
    ".mise.local.toml",
    ".tool-versions",
    ".autoenv.zsh",
    ".autoenv",
];

/// What runs on entering a folder of the project, wherever it lies.
fn entered(context: &Context<'_>, project: &Path, found: &mut Findings<'_>) {
    for name in [
        ".config/mise.toml",
        ".config/mise/config.toml",
        "mise/config.toml",
        ".mise/config.toml",
    ] {
        direnv(context, &project.join(name), 0, found);
    }
    let mut asked_for = false;
    for file in context.model.every_file() {
        let name = file.path.file_name().unwrap_or_default();
        let foreign = file
            .path
            .components()
            .any(|part| part.as_os_str() == "node_modules");
        if ENTERED.iter().any(|known| name == *known) && !foreign {
            asked_for |= direnv(context, &file.path, 0, found);
        }
    }
    // What lies beside is only read by those who ask for it.
    for name in [
        ".env",
        ".env.local",
        ".env.development",
        ".env.development.local",
    ] {
        let Some(source) = context.reader.read(&project.join(name), Scope::Project) else {
            continue;
        };
        let most = if asked_for { None } else { Some(Severity::Low) };
        super::environment::lines(context, &source, Effect::OnTrust, most, found);
    }
}

/// How many files deep `source` is followed.
const SOURCED: usize = 3;

/// Judges a file that runs on entering; whether it asks for `.env` as well.
fn direnv(context: &Context<'_>, path: &Path, depth: usize, found: &mut Findings<'_>) -> bool {
    let Some(source) = context
        .reader
        .read(path, Scope::Project)
        .filter(|_| depth < SOURCED)
    else {
        return false;
    };
    super::environment::lines(context, &source, Effect::Always, None, found);
    let mut asks = false;
    for line in source.text.lines().map(str::trim) {
        let mut words = line
            .split_whitespace()
            .map(|word| word.trim_matches(['"', '\'']));
        let (first, second) = (words.next().unwrap_or_default(), words.next());
        let mise = line
            .strip_prefix("_.source")
            .or_else(|| line.strip_prefix("_.file"));
        let mise = mise.map(|rest| rest.trim_matches([' ', '=', '"', '\'']));
        let named = match first {
            "source"
            | "."
            | "source_env"
            | "source_env_if_exists"
            | "dotenv"
            | "dotenv_if_exists" => {
                asks |= first.starts_with("dotenv");
                second
            }
            _ => mise,
        };
        let target = named
            .filter(|name| !name.contains('$') && !name.is_empty())
            .map(|name| crate::path::plain(&path.parent().unwrap_or(path).join(name)));
        if let Some(target) = target.filter(|target| target != path && target.is_file()) {
            asks |= direnv(context, &target, depth + 1, found);
        }
    }
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
            let severity = if is_pinned(line) {
                Severity::Low
            } else {
                Severity::High
            };
            add(PROJECT_ENVRC, &source, at, severity, why, found);
        }
        at += line.len();
    }
    asks
}

/// Whether what is fetched is fixed by its whole digest and comes from where code is published.
fn is_pinned(line: &str) -> bool {
    let digest = line
        .split(['"', '\'', ' '])
        .find_map(|word| word.strip_prefix("sha256-"));
    let published = [
        "https://raw.githubusercontent.com/",
        "https://github.com/",
        "https://gitlab.com/",
    ];
    digest.is_some_and(|digest| digest.len() == 44)
        && published.iter().any(|host| line.contains(host))
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
    let set = assignments(line);
    let redirect = set
        .iter()
        .find(|one| super::environment::is_redirect(one.name, one.value));
    if let Some(one) = redirect {
        return Some(format!("{}={}", one.name, one.value));
    }
    if line.contains("--dangerously-skip-permissions") {
        return Some(line.to_owned());
    }
    if let Some((_, value)) = line.split_once('=') {
        let value = value.trim().trim_matches(['"', '\'']);
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
    "make",
    "pnpm",
    "yarn",
    "uvx",
    "bunx",
    "pipx",
    "deno",
    "sudo",
    "bwrap",
    "socat",
    "sed",
    "awk",
    "env",
    "xargs",
    "tsc",
    "eslint",
    "prettier",
    "pytest",
    "ruff",
    "mvn",
    "gradle",
    "java",
    "javac",
    "cmake",
    "gcc",
    "cc",
    "clang",
    "kubectl",
    "terraform",
    "aws",
    "gcloud",
    "brew",
    "apt",
    "open",
    "xdg-open",
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
    "ssh",
    "uv",
    "pip",
    "docker",
    "cargo",
    "go",
    "ruby",
    "perl",
    "zsh",
    "wget",
    "tar",
    "which",
];

/// Programs in the root of the tree that go before the real ones where `.` is searched first.
fn shadows(context: &Context<'_>, project: &Path, found: &mut Findings<'_>) {
    for path in list(project).into_iter().filter(|path| !path.is_dir()) {
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
