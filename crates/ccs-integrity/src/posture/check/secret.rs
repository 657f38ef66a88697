//! Secrets that lie where a model or a colleague reads them.

use std::path::{Path, PathBuf};

use super::{on_path, on_value};
use crate::posture::catalog::{
    AUTH_KEY_IN_SHELL_RC, SECRET_ENV_TRACKED, SECRET_MCP, SECRET_MEMORY, SECRET_SETTINGS,
    SECRET_TRANSCRIPT,
};
use crate::posture::finding::{Draft, Findings, Severity};
use crate::posture::model::{Tree, files};
use crate::posture::source::{Scope, list};
use crate::posture::{Context, count, keys, repository, url};

pub(super) fn run(context: &Context<'_>, found: &mut Findings<'_>) {
    settings(context, found);
    servers(context, found);
    texts(context, found);
    if !context.target.quick {
        transcripts(context, found);
    }
    tracked(context, found);
    shell(context, found);
}

/// What kind of secret a value is: by its look, or by the name it is given.
fn kind(context: &Context<'_>, name: &str, text: &str) -> Option<String> {
    if let Some(secret) = context.scanners.secrets.secrets(text).into_iter().next() {
        return Some(secret.kind);
    }
    let upper = name.to_ascii_uppercase().replace('-', "_");
    let word = |part: &str| {
        [
            "KEY",
            "TOKEN",
            "SECRET",
            "PASSWORD",
            "PASSWD",
            "APIKEY",
            "CREDENTIAL",
            "AUTHORIZATION",
            "PASSPHRASE",
            "PWD",
            "PASS",
            "PAT",
        ]
        .contains(&part)
    };
    let named = upper.split('_').any(word);
    let text = text
        .trim_start_matches("Bearer ")
        .trim_start_matches("Basic ")
        .trim_start_matches("token ");
    let literal = !text.contains(['$', ' ', '{', '<'])
        && !text.starts_with(['/', '~', '.'])
        && url::Url::parse(text).is_none();
    let password = upper
        .split('_')
        .any(|part| matches!(part, "PASSWORD" | "PASSWD" | "PASS"));
    let length = if password { 10 } else { 16 };
    (named && literal && text.len() >= length && keys::is_random(text))
        .then(|| format!("value of {name}"))
}

fn settings(context: &Context<'_>, found: &mut Findings<'_>) {
    for file in &context.model.settings {
        let root = file.doc.root();
        let named = root.get("env").into_iter().flat_map(|env| env.members());
        let named = named.filter_map(|(name, value)| Some((name, value.text()?, value)));
        let plain = root
            .members()
            .filter(|(key, _)| !matches!(*key, "permissions" | "env" | "mcpServers"));
        let plain = plain
            .flat_map(|(_, value)| value.strings())
            .map(|(text, value)| ("", text, value));
        for (name, text, value) in named.chain(plain) {
            // `Authorization: Bearer …`, as lists of headers have it.
            let header = text
                .split_once([':', '='])
                .filter(|_| name.ends_with("HEADERS"));
            let kind = kind(context, name, text)
                .or_else(|| kind(context, header?.0.trim(), header?.1.trim()));
            if let Some(kind) = kind {
                found.add(
                    on_value(context, SECRET_SETTINGS, value).evidence(format!("{kind} {name}")),
                );
            }
        }
    }
    // What the client ignores is still read by everybody else.
    for broken in &context.model.broken {
        let source = &broken.source;
        let check = if source.name.ends_with("mcp.json") {
            SECRET_MCP
        } else {
            SECRET_SETTINGS
        };
        for secret in context.scanners.secrets.secrets(&source.text) {
            let draft = Draft::at(check, source, secret.span.start);
            found.add(
                draft
                    .effect(context.effect(source.scope))
                    .evidence(secret.kind),
            );
        }
    }
}

fn servers(context: &Context<'_>, found: &mut Findings<'_>) {
    for server in &context.model.servers {
        let parts = &server.parts;
        let pairs = parts
            .env
            .iter()
            .chain(&parts.headers)
            .map(|(name, text, at)| (name.as_str(), text.as_str(), *at));
        let mut previous = "";
        let args = parts.args.iter().map(|(text, at)| {
            // The value of an option is the word behind it, or what follows `=`.
            let option = if previous.starts_with('-') {
                previous
            } else {
                ""
            };
            let (name, value) = text.split_once('=').unwrap_or((option, text));
            previous = text;
            (name, value, *at)
        });
        let address = parts.url.iter().flat_map(|(text, at)| {
            in_address(text)
                .into_iter()
                .map(|(name, value)| (name, value, *at))
        });
        let all: Vec<_> = pairs.chain(args).chain(address).collect();
        for (name, text, at) in all {
            if let Some(kind) = kind(context, name, text) {
                let draft = Draft::at(SECRET_MCP, &server.source, at).scope(server.scope);
                found.add(
                    draft
                        .effect(context.effect(server.scope))
                        .evidence(format!("{kind} of the server {}", server.name)),
                );
            }
        }
    }
}

/// An address as a whole, its password, and the parts of its query.
fn in_address(text: &str) -> Vec<(&str, &str)> {
    let mut parts = vec![("", text)];
    if let Some(url) = url::Url::parse(text) {
        let password = url
            .user
            .map(|user| user.rsplit_once(':').map_or(user, |(_, password)| password));
        parts.extend(password.map(|password| ("password", password)));
        let query = url.rest.split_once('?').map_or("", |(_, query)| query);
        parts.extend(query.split('&').filter_map(|pair| pair.split_once('=')));
    }
    parts
}

fn texts(context: &Context<'_>, found: &mut Findings<'_>) {
    for text in &context.model.texts {
        let source = &text.source;
        for secret in context.scanners.secrets.secrets(&source.text) {
            let draft = Draft::at(SECRET_MEMORY, source, secret.span.start);
            found.add(
                draft
                    .effect(context.effect(source.scope))
                    .evidence(secret.kind),
            );
        }
    }
}

/// How much of all transcripts, and of one, is read without `deep`, in bytes.
const QUICK: u64 = 4 * 1024 * 1024;
const QUICK_EACH: u64 = 256 * 1024;

fn transcripts(context: &Context<'_>, found: &mut Findings<'_>) {
    let config = &context.model.places.config;
    let tree = Tree {
        depth: 5,
        most: 20_000,
    };
    let mut paths = vec![config.join("history.jsonl")];
    for name in [
        "paste-cache",
        "shell-snapshots",
        "file-history",
        "debug",
        "todos",
        "session-env",
        "projects",
    ] {
        paths.extend(files(&config.join(name), &[config], tree).0);
    }
    paths.retain(|path| path.extension().is_none_or(|suffix| suffix != "md"));
    let (mut left, each) = if context.target.deep {
        (u64::MAX, 64 * QUICK)
    } else {
        (QUICK, QUICK_EACH)
    };
    let mut first: Option<(PathBuf, String)> = None;
    let mut number = 0;
    for path in paths {
        let Some(text) = context.reader.beginning(&path, each.min(left)) else {
            continue;
        };
        left = left.saturating_sub(text.len() as u64);
        if let Some(secret) = context.scanners.secrets.secrets(&text).into_iter().next() {
            number += 1;
            first.get_or_insert((path, secret.kind));
        }
        if left == 0 {
            break;
        }
    }
    if let Some((path, kind)) = first {
        let evidence = format!("{kind}; {} with secrets", count(number, "file", "files"));
        found.add(on_path(context, SECRET_TRANSCRIPT, &path, Scope::Memory).evidence(evidence));
    }
}

/// Files of a project whose name says that they hold secrets, two folders deep; `.env` files only
/// if they do.
pub(super) fn files_in_project(context: &Context<'_>) -> Vec<String> {
    let Some(project) = &context.model.places.project else {
        return Vec::new();
    };
    let (paths, _) = files(
        project,
        &[],
        Tree {
            depth: 3,
            most: 5_000,
        },
    );
    let secret = paths.into_iter().filter(|path| is_secret(context, path));
    secret.map(|path| context.reader.locate(&path).1).collect()
}

fn is_secret(context: &Context<'_>, path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let template = [
        "example", "sample", "template", "dist", "test", "defaults", "schema",
    ]
    .iter()
    .any(|end| name.ends_with(end));
    if name == ".env" || name.starts_with(".env.") && !template {
        let text = context
            .reader
            .beginning(path, QUICK_EACH)
            .unwrap_or_default();
        return text
            .lines()
            .filter_map(|line| line.split_once('='))
            .any(|(name, value)| holds(context, name, value));
    }
    if name == ".npmrc" {
        let text = context.reader.beginning(path, 4096).unwrap_or_default();
        return text.lines().any(|line| {
            let value = line
                .split_once("_authToken=")
                .map(|(_, value)| value.trim());
            value.is_some_and(|value| value.len() > 8 && !value.starts_with('$'))
        });
    }
    let names = [
        "id_rsa",
        "id_ed25519",
        "id_ecdsa",
        ".netrc",
        ".pypirc",
        ".git-credentials",
        "credentials.json",
        "service-account.json",
        "secrets.yaml",
        "secrets.yml",
        "secrets.json",
    ];
    let key_file = [".key", ".p12", ".pfx", ".keystore", ".jks"]
        .iter()
        .any(|end| name.ends_with(end));
    let pem = name.ends_with(".pem")
        && context
            .reader
            .beginning(path, 4096)
            .is_some_and(|text| text.contains("PRIVATE KEY"));
    let held = [".aws/credentials", ".kube/config", ".docker/config.json"];
    let below = held.iter().any(|end| path.ends_with(end));
    let state = name == "terraform.tfstate" || name.ends_with(".tfvars");
    let state = state
        && context
            .reader
            .beginning(path, QUICK_EACH)
            .is_some_and(|text| {
                ["password", "secret", "token", "private_key"]
                    .iter()
                    .any(|w| text.contains(w))
            });
    names.contains(&name.as_ref()) || key_file || pem || below || state
}

fn holds(context: &Context<'_>, name: &str, value: &str) -> bool {
    let name = name.trim().trim_start_matches("export ");
    let value = value.trim().trim_matches(['"', '\'']);
    let upper = name.to_ascii_uppercase();
    let named = upper.split('_').any(|part| {
        [
            "KEY", "TOKEN", "SECRET", "PASSWORD", "PASS", "APIKEY", "DSN",
        ]
        .contains(&part)
    });
    let address = url::all(value).any(|url| url.user.is_some_and(|user| user.contains(':')));
    address && !value.contains(['<', '$'])
        || kind(context, name, value).is_some()
        || named && value.len() >= 6 && !value.starts_with(['$', '<', '{'])
}

fn tracked(context: &Context<'_>, found: &mut Findings<'_>) {
    let Some(project) = &context.model.places.project else {
        return;
    };
    for name in files_in_project(context) {
        if repository::is_tracked(project, &name) {
            found.add(
                on_path(
                    context,
                    SECRET_ENV_TRACKED,
                    &project.join(&name),
                    Scope::Project,
                )
                .evidence("tracked by git"),
            );
        }
    }
}

/// Files that shells read when they start.
pub(super) fn shell_files(context: &Context<'_>) -> Vec<PathBuf> {
    let home = &context.model.places.home;
    let names = [
        ".bashrc",
        ".bash_profile",
        ".bash_login",
        ".bash_aliases",
        ".profile",
        ".zshrc",
        ".zshenv",
        ".zprofile",
        ".zlogin",
        ".config/fish/config.fish",
        ".aliases",
        ".kshrc",
        ".config/powershell/Microsoft.PowerShell_profile.ps1",
        ".config/powershell/profile.ps1",
        "Documents/PowerShell/Microsoft.PowerShell_profile.ps1",
        ".config/nushell/config.nu",
        ".config/nushell/env.nu",
        ".config/zsh/.zshrc",
        ".config/zsh/.zshenv",
        ".zlogout",
        ".xprofile",
        ".tcshrc",
        ".cshrc",
        ".zshrc.local",
        ".bashrc.local",
        ".bash_local",
        ".bash_secrets",
        ".zsh_secrets",
        ".profile.local",
        ".env",
        ".localrc",
        ".pam_environment",
        ".envrc",
        ".exports",
        ".secrets",
    ];
    let mut paths: Vec<PathBuf> = names.iter().map(|name| home.join(name)).collect();
    for folder in [
        ".config/fish/conf.d",
        ".config/fish/functions",
        ".bashrc.d",
        ".zshrc.d",
        ".config/environment.d",
        ".oh-my-zsh/custom",
    ] {
        paths.extend(list(&home.join(folder)));
    }
    paths
}

fn shell(context: &Context<'_>, found: &mut Findings<'_>) {
    for path in shell_files(context) {
        let Some(source) = context.reader.read(&path, Scope::Machine) else {
            continue;
        };
        for (number, line) in source.text.lines().enumerate() {
            let line = line.trim();
            let (name, value) = line.split_once('=').unwrap_or(("", line));
            let name = name.trim().rsplit(' ').next().unwrap_or_default();
            let secret = !line.starts_with('#');
            if let Some(kind) = secret
                .then(|| kind(context, name, value.trim_matches(['"', '\''])))
                .flatten()
            {
                let draft = Draft::on_line(AUTH_KEY_IN_SHELL_RC, &source, number + 1)
                    .severity(Severity::High);
                found.add(draft.evidence(format!("{kind} {name}")));
            }
        }
    }
}
