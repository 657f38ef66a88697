//! The client's version and what keeps it up to date.

use super::super::mode::{self, Others};
use super::super::secret::shell_files;
use super::super::{on_path, on_value};
use crate::posture::catalog::{IDE_LOCK, UPDATE_DISABLED, VERSION_VULNERABLE};
use crate::posture::data::CLIENT;
use crate::posture::finding::{Draft, Findings, Severity};
use crate::posture::json::Val;
use crate::posture::source::{Scope, list};
use crate::posture::version::Version;
use crate::posture::{Context, count};

pub(super) fn version(context: &Context<'_>, found: &mut Findings<'_>) {
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

pub(super) fn updates(context: &Context<'_>, found: &mut Findings<'_>) {
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
            let text = value.text().unwrap_or_else(|| value.raw());
            if !matches!(text, "" | "0" | "false") {
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
    for path in shell_files(context) {
        let Some(source) = context.reader.read(&path, Scope::Machine) else {
            continue;
        };
        for (number, line) in source.text.lines().enumerate() {
            if let Some(name) = switched_off(line) {
                let draft = Draft::on_line(UPDATE_DISABLED, &source, number + 1);
                found.add(draft.severity(severity).evidence(name));
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

pub(super) fn editors(context: &Context<'_>, found: &mut Findings<'_>) {
    let places = &context.model.places;
    for path in list(&places.config.join("ide"))
        .iter()
        .filter(|path| path.extension().is_some_and(|suffix| suffix == "lock"))
    {
        if let Some(mode) = mode::of(path)
            .filter(|mode| mode.readers() != Others::None || mode.writers() != Others::None)
        {
            found.add(on_path(context, IDE_LOCK, path, Scope::User).evidence(mode.to_string()));
        }
    }
    for folder in [
        ".vscode/extensions",
        ".cursor/extensions",
        ".vscode-server/extensions",
        ".windsurf/extensions",
        ".vscode-insiders/extensions",
        ".vscode-oss/extensions",
        ".cursor-server/extensions",
        ".windsurf-server/extensions",
        ".antigravity/extensions",
        ".trae/extensions",
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

/// The variable with which a line of a start-up file switches updates off.
fn switched_off(line: &str) -> Option<&'static str> {
    let line = line.trim();
    let set = line
        .strip_prefix("export ")
        .or(line.strip_prefix("set -gx "))
        .unwrap_or(line);
    ["DISABLE_AUTOUPDATER", "DISABLE_UPDATES"]
        .into_iter()
        .find(|name| {
            let value = set
                .strip_prefix(name)
                .map(|rest| rest.trim_start_matches(['=', ' ']));
            value
                .is_some_and(|value| !matches!(value.trim_matches(['"', '\'']), "" | "0" | "false"))
        })
}
