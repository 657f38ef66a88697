//! What package managers run.

use std::path::Path;

use super::{add, lenient};
use crate::posture::catalog::{ENV_PROXY_CA_OVERRIDE, ENV_TLS_DISABLED, PROJECT_PM_EXEC};
use crate::posture::danger::{self, in_shell};
use crate::posture::finding::{Findings, Severity};
use crate::posture::json::Val;
use crate::posture::model::targets;
use crate::posture::source::Scope;
use crate::posture::{Context, url};

pub(super) fn packages(context: &Context<'_>, project: &Path, found: &mut Findings<'_>) {
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
    npm(context, project, found);
    cargo(context, project, found);
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
            let line = script.text().unwrap_or_default();
            let mut sights = in_shell(line);
            for target in targets(line).iter().filter(|_| lifecycle) {
                let path = crate::path::plain(&project.join(target));
                let source = context.reader.read(&path, Scope::Project);
                let source = source.filter(|source| !source.text.contains('\0'));
                sights.extend(
                    source
                        .into_iter()
                        .flat_map(|source| danger::in_program(target, &source.text)),
                );
            }
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

/// What npm's configuration does besides naming programs: certificates, proxies, sources in clear.
fn npm(context: &Context<'_>, project: &Path, found: &mut Findings<'_>) {
    let Some(source) = context.reader.read(&project.join(".npmrc"), Scope::Project) else {
        return;
    };
    let mut at = 0;
    for line in source.text.split_inclusive('\n') {
        let (name, value) = line.split_once('=').unwrap_or((line, ""));
        let (name, value) = (name.trim(), value.trim());
        let clear = url::all(value).any(|url| url.is_clear() && !url.is_loopback());
        let far = url::all(value).any(|url| !url.is_loopback());
        let judged = match name {
            "strict-ssl" if value == "false" => Some((ENV_TLS_DISABLED, Severity::Critical)),
            "proxy" | "https-proxy" | "http-proxy" if far => {
                Some((ENV_PROXY_CA_OVERRIDE, Severity::High))
            }
            "cafile" | "ca" | "ca[]" => Some((ENV_PROXY_CA_OVERRIDE, Severity::High)),
            "git" => Some((PROJECT_PM_EXEC, Severity::Medium)),
            _ if name.ends_with("registry") && clear => Some((PROJECT_PM_EXEC, Severity::Medium)),
            _ => None,
        };
        if let Some((check, severity)) = judged {
            add(check, &source, at, severity, line.trim().to_owned(), found);
        }
        at += line.len();
    }
}

/// Programs that cargo and bun start with every build or run, where they lie in the tree.
fn cargo(context: &Context<'_>, project: &Path, found: &mut Findings<'_>) {
    let files: &[(&str, &[&str])] = &[
        (
            ".cargo/config.toml",
            &[
                "rustc",
                "rustc-wrapper",
                "rustc-workspace-wrapper",
                "runner",
                "linker",
            ],
        ),
        (
            ".cargo/config",
            &[
                "rustc",
                "rustc-wrapper",
                "rustc-workspace-wrapper",
                "runner",
                "linker",
            ],
        ),
        ("bunfig.toml", &["preload"]),
        ("pnpm-workspace.yaml", &["pnpmfile"]),
    ];
    for (name, keys) in files {
        let Some(source) = context.reader.read(&project.join(name), Scope::Project) else {
            continue;
        };
        let mut at = 0;
        for line in source.text.split_inclusive('\n') {
            let (key, value) = line.split_once(['=', ':']).unwrap_or((line, ""));
            let in_tree = value.contains("./") || value.contains("/tmp");
            if keys.contains(&key.trim()) && in_tree {
                // The project's own tools are how many are built.
                let severity = if value.contains("/tmp") {
                    Severity::Medium
                } else {
                    Severity::Low
                };
                add(
                    PROJECT_PM_EXEC,
                    &source,
                    at,
                    severity,
                    line.trim().to_owned(),
                    found,
                );
            }
            at += line.len();
        }
    }
}
