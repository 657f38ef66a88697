//! What runs when somebody enters a folder: direnv, mise and their kin.

use std::path::Path;

use super::super::assignment::assignments;
use super::super::environment;
use super::add;
use crate::posture::catalog::PROJECT_ENVRC;
use crate::posture::danger::{self, in_shell};
use crate::posture::finding::{Effect, Findings, Severity};
use crate::posture::shell::parse;
use crate::posture::source::Scope;
use crate::posture::{Context, url};

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
pub(super) fn entered(context: &Context<'_>, project: &Path, found: &mut Findings<'_>) {
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
        environment::lines(context, &source, Effect::OnTrust, most, found);
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
    environment::lines(context, &source, Effect::Always, None, found);
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
        .find(|one| environment::is_redirect(one.name, one.value));
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
