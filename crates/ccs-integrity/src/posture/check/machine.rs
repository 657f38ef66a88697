//! The machine around the client.

mod trust;
mod update;

use std::path::PathBuf;

use super::mode::{self, Others};
use super::{on_path, on_value};
use crate::posture::catalog::{
    DATA_MEMORY_ON, DATA_RETENTION_LONG, MANAGED_GAPS, REMOTE_SURFACES, SHELL_BYPASS_ALIAS,
    SHELL_PATH_SHADOW,
};
use crate::posture::finding::{Draft, Findings, Severity};
use crate::posture::source::{Scope, list};
use crate::posture::{Context, Kind, count};
use trust::trust;
use update::{editors, updates, version};

pub(super) fn run(context: &Context<'_>, found: &mut Findings<'_>) {
    aliases(context, found);
    search_path(context, found);
    trust(context, found);
    version(context, found);
    updates(context, found);
    editors(context, found);
    surfaces(context, found);
    kept(context, found);
    managed(context, found);
}

const BYPASS: &[&str] = &[
    "--dangerously-skip-permissions",
    "--allow-dangerously-skip-permissions",
    "--permission-mode bypassPermissions",
    "--permission-mode=bypassPermissions",
    "--permission-mode dontAsk",
    "--permission-mode=dontAsk",
    "IS_SANDBOX=1 claude",
    "--permission-mode \"bypassPermissions",
    "--permission-mode 'bypassPermissions",
    "--permission-mode=\"bypassPermissions",
];

fn aliases(context: &Context<'_>, found: &mut Findings<'_>) {
    let home = &context.model.places.home;
    let mut paths: Vec<(PathBuf, Scope)> = super::secret::shell_files(context)
        .into_iter()
        .map(|path| (path, Scope::Machine))
        .collect();
    for folder in [".local/bin", "bin", ".bin", "scripts"] {
        let small = |path: &PathBuf| {
            std::fs::metadata(path)
                .is_ok_and(|metadata| metadata.is_file() && metadata.len() < 64 * 1024)
        };
        paths.extend(
            list(&home.join(folder))
                .into_iter()
                .filter(small)
                .map(|path| (path, Scope::Machine)),
        );
    }
    if let Some(project) = &context.model.places.project {
        let names = [
            "package.json",
            "Makefile",
            "justfile",
            "Justfile",
            "Taskfile.yml",
            ".vscode/tasks.json",
            "mise.toml",
        ];
        let scripts = [project.join("scripts"), project.join("bin")];
        let scripts = scripts.iter().flat_map(|folder| list(folder));
        paths.extend(
            scripts
                .filter(|path| path.is_file())
                .take(50)
                .map(|path| (path, Scope::Project)),
        );
        paths.extend(
            names
                .iter()
                .map(|name| (project.join(name), Scope::Project)),
        );
    }
    for (path, scope) in paths {
        let Some(source) = context.reader.read(&path, scope) else {
            continue;
        };
        let lines = source
            .text
            .lines()
            .enumerate()
            .filter(|(_, line)| !line.trim_start().starts_with('#'));
        for (number, line) in
            lines.filter(|(_, line)| BYPASS.iter().any(|flag| line.contains(flag)))
        {
            let severity = if scope == Scope::Project {
                Severity::Medium
            } else {
                Severity::High
            };
            let draft = Draft::on_line(SHELL_BYPASS_ALIAS, &source, number + 1).severity(severity);
            found.add(draft.effect(context.effect(scope)).evidence(line.trim()));
        }
    }
}

/// Folders before the client's own in the search path.
fn search_path(context: &Context<'_>, found: &mut Findings<'_>) {
    let variable = context
        .target
        .environment
        .iter()
        .find(|(name, _)| name == "PATH");
    let Some((_, path)) = variable.filter(|_| context.target.live) else {
        return;
    };
    let mut clients = Vec::new();
    for folder in std::env::split_paths(path) {
        let relative = !folder.is_absolute();
        let open = mode::of(&folder)
            .is_some_and(|mode| mode.writers() == Others::Some && !mode.is_sticky());
        if relative || open {
            let why = if relative {
                "is relative"
            } else {
                "is writable by others"
            };
            found.add(
                on_path(context, SHELL_PATH_SHADOW, &folder, Scope::Machine)
                    .evidence(format!("a folder of PATH {why}")),
            );
        }
        clients.extend(
            [folder.join("claude")]
                .into_iter()
                .filter(|path| path.is_file()),
        );
    }
    let real = |path: &PathBuf| path.canonicalize().unwrap_or_else(|_| path.clone());
    if let Some(first) = clients.first()
        && clients.iter().any(|other| real(other) != real(first))
    {
        let evidence = format!(
            "{} called claude in PATH; this one is run",
            count(clients.len(), "program", "programs")
        );
        found.add(
            on_path(context, SHELL_PATH_SHADOW, first, Scope::Machine)
                .severity(Severity::Low)
                .evidence(evidence),
        );
    }
}

fn surfaces(context: &Context<'_>, found: &mut Findings<'_>) {
    for key in [
        "remoteControlAtStartup",
        "channelsEnabled",
        "claudeInChromeDefaultEnabled",
    ] {
        let state = context
            .model
            .state
            .iter()
            .filter_map(|doc| doc.root().get(key));
        let settings = context
            .model
            .settings
            .iter()
            .filter_map(|file| file.doc.root().get(key));
        for value in state
            .chain(settings)
            .filter(|value| value.flag() == Some(true))
        {
            found.add(on_value(context, REMOTE_SURFACES, value).evidence(key));
        }
    }
    for (_, value) in context
        .model
        .every(&["crossSessionInbound"])
        .filter(|(_, value)| {
            value
                .text()
                .is_some_and(|text| text.contains("auto") || text.contains("deliver"))
        })
    {
        found.add(
            on_value(context, REMOTE_SURFACES, value)
                .evidence(format!("crossSessionInbound {}", value.raw())),
        );
    }
}

fn kept(context: &Context<'_>, found: &mut Findings<'_>) {
    for (_, value) in context.model.every(&["cleanupPeriodDays"]) {
        if let Some(days) = value.number().filter(|days| *days > 30.0) {
            found.add(
                on_value(context, DATA_RETENTION_LONG, value)
                    .evidence(format!("sessions are kept for {days} days")),
            );
        }
    }
    let memories = context
        .model
        .texts
        .iter()
        .filter(|text| text.kind == Kind::AutoMemory)
        .count();
    if memories > 0 {
        let path = context.model.places.config.join("projects");
        let evidence = count(
            memories,
            "file the model wrote for itself",
            "files the model wrote for itself",
        );
        found.add(on_path(context, DATA_MEMORY_ON, &path, Scope::Memory).evidence(evidence));
    }
}

fn managed(context: &Context<'_>, found: &mut Findings<'_>) {
    let wanted = [
        "allowManagedHooksOnly",
        "allowManagedPermissionRulesOnly",
        "strictKnownMarketplaces",
        "allowedMcpServers",
        "disableSideloadFlags",
    ];
    let Some(folder) = &context.model.places.managed else {
        return;
    };
    let has = |key: &&str| {
        context
            .model
            .every(&[key])
            .any(|(file, _)| file.scope == Scope::Managed)
    };
    let missing: Vec<&str> = wanted.iter().copied().filter(|key| !has(key)).collect();
    if !missing.is_empty() {
        let evidence = format!("not set: {}", missing.join(", "));
        found.add(on_path(context, MANAGED_GAPS, folder, Scope::Managed).evidence(evidence));
    }
}
