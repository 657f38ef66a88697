//! Programs that run what a folder says: builds, tests, package managers, containers.

use ccs_gate::Line;

use super::brought::{positional, resolved};

/// Programs that do so whatever they are told.
const ALWAYS: &[&str] = &[
    "make",
    "gmake",
    "bmake",
    "ninja",
    "cmake",
    "ctest",
    "meson",
    "scons",
    "bazel",
    "bazelisk",
    "buck",
    "buck2",
    "just",
    "task",
    "rake",
    "mvn",
    "mvnw",
    "gradle",
    "gradlew",
    "ant",
    "sbt",
    "mill",
    "lein",
    "dotnet",
    "msbuild",
    "mix",
    "rebar3",
    "stack",
    "cabal",
    "pytest",
    "py.test",
    "tox",
    "nox",
    "pre-commit",
    "jest",
    "vitest",
    "mocha",
    "phpunit",
    "rspec",
    "ansible-playbook",
    "vagrant",
    "nix-build",
    "nix-shell",
    "devbox",
    "direnv",
    "claude",
    "npx",
    "bunx",
    "swift",
    "xcodebuild",
    "docker-compose",
    "tilt",
    "skaffold",
    "phing",
    "waf",
    "electron",
    "invoke",
];
/// Options that have a value, before such a word.
const FOLDERS: &[&str] = &[
    "--prefix",
    "-C",
    "--dir",
    "--cwd",
    "--directory",
    "--filter",
    "-w",
    "--workspace",
    "-F",
    "--project",
    "--manifest-path",
    "--config",
];
/// Others do when one of these is their first word; an empty one stands for none at all.
const VERBS: &[(&str, &[&str])] = &[
    (
        "npm",
        &[
            "install",
            "i",
            "ci",
            "add",
            "run",
            "run-script",
            "test",
            "t",
            "start",
            "rebuild",
            "exec",
            "x",
            "link",
            "publish",
        ],
    ),
    (
        "pnpm",
        &[
            "install", "i", "add", "run", "test", "t", "start", "rebuild", "exec", "dlx", "link",
            "dev", "build",
        ],
    ),
    (
        "yarn",
        &[
            "", "install", "add", "run", "test", "start", "build", "dev", "exec", "link",
        ],
    ),
    (
        "bun",
        &["install", "i", "add", "run", "test", "x", "start", "build"],
    ),
    (
        "deno",
        &["run", "test", "task", "install", "bench", "serve"],
    ),
    (
        "cargo",
        &[
            "build", "b", "run", "r", "test", "t", "bench", "check", "c", "clippy", "doc", "d",
            "install", "nextest", "rustc", "miri", "expand", "xtask", "make",
        ],
    ),
    ("go", &["run", "test", "generate", "tool", "install"]),
    ("pip", &["install", "wheel"]),
    ("pip3", &["install", "wheel"]),
    ("pipx", &["install", "run", "inject"]),
    ("uv", &["sync", "run", "pip", "build", "tool"]),
    ("poetry", &["install", "run", "build"]),
    ("pdm", &["install", "run", "build", "sync"]),
    ("hatch", &["run", "build", "test", "shell"]),
    ("pipenv", &["install", "run", "sync"]),
    ("conda", &["env", "install", "build", "develop"]),
    ("bundle", &["install", "exec", ""]),
    ("gem", &["install", "build"]),
    (
        "composer",
        &["install", "update", "run", "run-script", "exec"],
    ),
    ("docker", &["build", "compose", "buildx", "bake"]),
    ("podman", &["build", "compose"]),
    ("terraform", &["plan", "apply", "init"]),
    ("tofu", &["plan", "apply", "init"]),
    ("nix", &["build", "develop", "run", "shell"]),
    ("dpkg", &["-i", "--install"]),
    ("rpm", &["-i", "-U", "-ivh", "-Uvh", "--install"]),
    ("apt", &["install"]),
    ("apt-get", &["install"]),
    ("dnf", &["install"]),
    ("brew", &["install"]),
];

/// The folders and files whose content a simple command runs, absolute; nothing if it does not.
pub(super) fn of(line: &Line) -> Vec<String> {
    let program = line.program();
    let words: Vec<&str> = line.words.iter().skip(1).map(String::as_str).collect();
    let (program, words) = match words.as_slice() {
        // `python -m pip` is `pip`
        ["-m", module, rest @ ..] if program.starts_with("python") => ((*module).to_owned(), rest),
        words => (program, words),
    };
    if !runs(&program, words) {
        return Vec::new();
    }
    let places = words.iter().flat_map(|word| places(word));
    let named = places.filter_map(|place| resolved(&line.folder, place));
    resolved(&line.folder, ".")
        .into_iter()
        .chain(named)
        .collect()
}

fn runs(program: &str, words: &[&str]) -> bool {
    if matches!(words, ["--version" | "-v" | "-V" | "--help" | "-h"]) {
        return false;
    }
    let Some((_, verbs)) = VERBS.iter().find(|(name, _)| *name == program) else {
        return ALWAYS.contains(&program) || matches!(program, "build" | "unittest");
    };
    let first = positional(words, FOLDERS)
        .first()
        .copied()
        .unwrap_or_default();
    verbs.contains(&first) || words.first().is_some_and(|word| verbs.contains(word))
}

/// The places that a word may name: itself, and what stands behind `=` or a short option.
fn places(word: &str) -> Vec<&str> {
    if word.contains("://") || word.contains('\0') {
        return Vec::new();
    }
    match word.strip_prefix('-') {
        None => vec![word],
        Some(option) => {
            let value = word.split_once('=').map(|(_, value)| value);
            let attached = option.get(1..).filter(|rest| rest.starts_with(['/', '.']));
            value.into_iter().chain(attached).collect()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ccs_gate::{Call, Facts, Gate};

    fn folders(command: &str) -> Vec<String> {
        let facts = Facts {
            cwd: Some("/srv"),
            ..Facts::default()
        };
        let deeds = Gate::builtin().deeds(&Call::command(command), &facts);
        deeds.commands.iter().flat_map(of).collect()
    }

    #[test]
    fn a_build_runs_what_its_folder_says() {
        for command in [
            "cd lib && make",
            "make -C lib",
            "cd lib; npm test",
            "npm --prefix=lib install",
            "cargo test --manifest-path lib/Cargo.toml",
            "pip install ./lib",
            "python3 -m pip install lib",
            "docker build -t x lib",
            "(cd lib && ./gradlew build)",
        ] {
            let found = folders(command);
            assert!(
                found.iter().any(|one| one.starts_with("/srv/lib")),
                "{command}: {found:?}"
            );
        }
    }

    #[test]
    fn what_only_looks_runs_nothing() {
        for command in [
            "cd lib && npm view x",
            "cd lib && cargo metadata",
            "ls lib",
            "make --version",
            "cd lib && git log",
        ] {
            assert_eq!(folders(command), [""; 0], "{command}");
        }
    }
}
