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
    built(context, project, found);
    unverified(context, project, found);
    let every = context.model.every_file().iter().map(|entry| &entry.path);
    let manifests = every.filter(|path| {
        let foreign = path
            .components()
            .any(|part| part.as_os_str() == "node_modules");
        path.ends_with("package.json") && !foreign
    });
    for manifest in manifests.take(MANIFESTS) {
        let Some(doc) = lenient(context, manifest) else {
            continue;
        };
        let folder = manifest.parent().unwrap_or(project);
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
                let path = crate::path::plain(&folder.join(target));
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

/// How many packages of one repository are looked at.
const MANIFESTS: usize = 60;

/// Files that builds, tests and package managers run; what is usual in them is not judged.
fn built(context: &Context<'_>, project: &Path, found: &mut Findings<'_>) {
    let names = [
        "setup.py",
        "conftest.py",
        "noxfile.py",
        "build.rs",
        "Gemfile",
        "Rakefile",
        "Podfile",
        ".pnp.cjs",
        ".pnp.loader.mjs",
        "gulpfile.js",
        "build.gradle",
        "settings.gradle",
        "CMakeLists.txt",
    ];
    for name in names {
        let Some(source) = context.reader.read(&project.join(name), Scope::Project) else {
            continue;
        };
        let language = match name.rsplit_once('.') {
            Some((_, "py" | "rs" | "js")) => name,
            _ => "x.rb",
        };
        if let Some(sight) = danger::in_program(language, &source.text)
            .into_iter()
            .next()
        {
            let (check, severity) = (PROJECT_PM_EXEC, Severity::Medium);
            add(check, &source, sight.offset, severity, sight.what, found);
        }
    }
    let composer = lenient(context, &project.join("composer.json"));
    let scripts = composer.as_ref().and_then(|doc| doc.root().get("scripts"));
    for (text, value) in scripts.into_iter().flat_map(Val::strings) {
        if let Some(sight) = in_shell(text).into_iter().next() {
            let (check, severity) = (PROJECT_PM_EXEC, Severity::Medium);
            add(
                check,
                &value.doc.source,
                value.offset(),
                severity,
                sight.what,
                found,
            );
        }
    }
}

/// Tools that are told not to look at certificates, by a line in their configuration.
const UNVERIFIED: &[(&str, &str, &str)] = &[
    (".gitconfig", "sslverify", "false"),
    (".config/git/config", "sslverify", "false"),
    (".npmrc", "strict-ssl", "false"),
    (".curlrc", "insecure", ""),
    (".config/curlrc", "insecure", ""),
    (".wgetrc", "check_certificate", "off"),
    (".yarnrc.yml", "enablestrictssl", "false"),
    (".config/pip/pip.conf", "trusted-host", "*"),
];

fn unverified(context: &Context<'_>, project: &Path, found: &mut Findings<'_>) {
    let home = &context.model.places.home;
    for (folder, scope) in [(home.as_path(), Scope::Machine), (project, Scope::Project)] {
        for (name, key, wanted) in UNVERIFIED {
            // The repository's is looked at as a whole.
            let known = *name == ".npmrc" && scope == Scope::Project;
            let source = context.reader.read(&folder.join(name), scope);
            let Some(source) = source.filter(|_| !known) else {
                continue;
            };
            let mut at = 0;
            for line in source.text.split_inclusive('\n') {
                let (left, value) = line.split_once(['=', ':']).unwrap_or((line, ""));
                let left = left.trim().trim_start_matches("--").to_ascii_lowercase();
                let value = value.trim().to_ascii_lowercase();
                if left == *key && (value == *wanted || *wanted == "*" && !value.is_empty()) {
                    let what = line.trim().to_owned();
                    add(ENV_TLS_DISABLED, &source, at, Severity::High, what, found);
                }
                at += line.len();
            }
        }
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
            let file = key.trim() == "pnpmfile" && !value.trim().is_empty();
            let in_tree = value.contains("./") || value.contains("/tmp") || file;
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
