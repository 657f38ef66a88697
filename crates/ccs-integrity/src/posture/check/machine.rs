//! The machine around the client.

use std::path::{Path, PathBuf};

use super::mode::{self, Others};
use super::{on_path, on_value};
use crate::posture::catalog::{
    DATA_MEMORY_ON, DATA_RETENTION_LONG, IDE_LOCK, MANAGED_GAPS, REMOTE_SURFACES,
    SHELL_BYPASS_ALIAS, SHELL_PATH_SHADOW, TRUST_BROAD, TRUST_STALE, UPDATE_DISABLED,
    VERSION_VULNERABLE,
};
use crate::posture::data::CLIENT;
use crate::posture::finding::{Draft, Findings, Severity};
use crate::posture::json::Val;
use crate::posture::source::{Scope, list};
use crate::posture::version::Version;
use crate::posture::{Context, Kind, count};

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
    "IS_SANDBOX=1 claude",
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
        ];
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

fn trust(context: &Context<'_>, found: &mut Findings<'_>) {
    let Some(projects) = context
        .model
        .state
        .as_ref()
        .and_then(|doc| doc.root().get("projects"))
    else {
        return;
    };
    let mut gone: Option<(Val<'_>, usize)> = None;
    for (key, entry) in projects.members() {
        let Some(accepted) = entry
            .get("hasTrustDialogAccepted")
            .filter(|value| value.flag() == Some(true))
        else {
            continue;
        };
        if is_broad(context, key) {
            found.add(
                on_value(context, TRUST_BROAD, accepted)
                    .evidence(format!("{key} and every clone below it are trusted")),
            );
        } else if context.target.live && !Path::new(key).exists() {
            let (first, number) = gone.unwrap_or((accepted, 0));
            gone = Some((first, number + 1));
        }
    }
    if let Some((first, number)) = gone {
        found.add(on_value(context, TRUST_STALE, first).evidence(format!(
            "{} that do not exist",
            count(number, "trusted folder", "trusted folders")
        )));
    }
}

/// Folders that clones and downloads land in.
fn is_broad(context: &Context<'_>, key: &str) -> bool {
    let home = &context.model.places.home;
    let path = Path::new(key.trim_end_matches('/'));
    if context.model.places.resolve(key) == *home {
        return true;
    }
    let names: Vec<String> = path
        .components()
        .skip(1)
        .map(|part| part.as_os_str().to_string_lossy().into_owned())
        .collect();
    let last = names.last().map_or("", String::as_str);
    let landing = [
        "Downloads",
        "Desktop",
        "Documents",
        "tmp",
        "src",
        "code",
        "projects",
        "repos",
        "git",
        "dev",
        "work",
        "workspace",
    ];
    let user = matches!(names.first().map(String::as_str), Some("home" | "Users"));
    match names.len() {
        0 => true,
        _ if path == home || home.starts_with(path) => true,
        _ if path.parent() == Some(home) => landing.contains(&last),
        1 => [
            "home", "Users", "root", "tmp", "mnt", "srv", "opt", "var", "Volumes",
        ]
        .contains(&last),
        2 if user => true,
        2 => {
            matches!(names[0].as_str(), "var" | "private") && last == "tmp"
                || names[0] == "root" && landing.contains(&last)
        }
        3 if user => landing.contains(&last),
        _ => false,
    }
}

fn version(context: &Context<'_>, found: &mut Findings<'_>) {
    let Some(client) = &context.model.client else {
        return;
    };
    let open: Vec<_> = CLIENT
        .iter()
        .filter(|advisory| client.is_between(advisory.from, advisory.fixed))
        .collect();
    let Some(worst) = open.iter().max_by_key(|advisory| advisory.severity) else {
        return;
    };
    let source = context
        .model
        .state
        .as_ref()
        .map(|doc| &doc.source)
        .filter(|source| source.text.contains("lastOnboardingVersion"));
    let draft = match source {
        Some(source) => Draft::on_line(
            VERSION_VULNERABLE,
            source,
            source.line_of("lastOnboardingVersion"),
        ),
        None => on_path(
            context,
            VERSION_VULNERABLE,
            &context.model.places.config,
            Scope::Machine,
        ),
    };
    let evidence = format!(
        "{client}: {}, the worst {} ({}), fixed in {}",
        count(open.len(), "weakness", "weaknesses"),
        worst.id,
        worst.about,
        worst.fixed
    );
    found.add(
        draft
            .severity(worst.severity)
            .scope(Scope::Machine)
            .evidence(evidence),
    );
}

fn updates(context: &Context<'_>, found: &mut Findings<'_>) {
    let floor = context
        .model
        .every(&["requiredMinimumVersion"])
        .chain(context.model.every(&["minimumVersion"]))
        .any(|(file, _)| file.scope == Scope::Managed);
    let severity = if floor {
        Severity::Info
    } else {
        Severity::Medium
    };
    for name in [
        "DISABLE_AUTOUPDATER",
        "DISABLE_UPDATES",
        "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC",
    ] {
        for (_, value) in context.model.every(&["env", name]) {
            if !matches!(value.text().unwrap_or_default(), "" | "0" | "false") {
                found.add(
                    on_value(context, UPDATE_DISABLED, value)
                        .severity(if name.starts_with("CLAUDE") {
                            Severity::Low
                        } else {
                            severity
                        })
                        .evidence(name),
                );
            }
        }
    }
    let state = context
        .model
        .state
        .iter()
        .map(|doc| doc.root())
        .filter(|root| {
            root.get("autoUpdatesProtectedForNative")
                .and_then(Val::flag)
                != Some(true)
        });
    let settings = context.model.settings.iter().map(|file| file.doc.root());
    for value in state
        .chain(settings)
        .filter_map(|root| root.get("autoUpdates"))
        .filter(|value| value.flag() == Some(false))
    {
        found.add(
            on_value(context, UPDATE_DISABLED, value)
                .severity(severity)
                .evidence("autoUpdates is false"),
        );
    }
}

fn editors(context: &Context<'_>, found: &mut Findings<'_>) {
    let places = &context.model.places;
    for path in list(&places.config.join("ide"))
        .iter()
        .filter(|path| path.extension().is_some_and(|suffix| suffix == "lock"))
    {
        if let Some(mode) = mode::of(path)
            .filter(|mode| mode.readers() == Others::Some || mode.writers() == Others::Some)
        {
            found.add(on_path(context, IDE_LOCK, path, Scope::User).evidence(mode.to_string()));
        }
    }
    for folder in [
        ".vscode/extensions",
        ".cursor/extensions",
        ".vscode-server/extensions",
        ".windsurf/extensions",
    ] {
        for path in list(&places.home.join(folder)) {
            let name = path
                .file_name()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned();
            let version = name
                .strip_prefix("anthropic.claude-code-")
                .and_then(Version::parse);
            if version.is_some_and(|version| version.is_between("0.2.116", "1.0.24")) {
                found.add(
                    on_path(context, IDE_LOCK, &path, Scope::Machine)
                        .evidence("the extension's socket takes any origin (CVE-2025-52882)"),
                );
            }
        }
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
