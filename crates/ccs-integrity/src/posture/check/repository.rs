//! What a repository runs beside the client: git, direnv, editors, package managers.

mod config;
mod editor;
mod entered;
mod git;
mod package;
mod worktree;

use std::path::Path;

use super::{mode, on_path};
use crate::posture::Context;
use crate::posture::catalog::{Check, PROJECT_PATH_SHADOW};
use crate::posture::finding::{Draft, Effect, Findings, Severity};
use crate::posture::json::Doc;
use crate::posture::source::{Scope, Source, list};
use editor::editors;
use entered::entered;
use git::{git, nested};
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
