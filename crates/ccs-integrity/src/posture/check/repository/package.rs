//! What package managers run.

use std::path::Path;

use super::{add, lenient};
use crate::posture::Context;
use crate::posture::catalog::PROJECT_PM_EXEC;
use crate::posture::danger::{self, in_shell};
use crate::posture::finding::{Findings, Severity};
use crate::posture::json::Val;
use crate::posture::source::Scope;

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
