//! What editors run when a folder is opened.

use std::path::Path;

use super::super::on_path;
use super::{add, lenient};
use crate::posture::Context;
use crate::posture::catalog::PROJECT_IDE_AUTORUN;
use crate::posture::danger::in_shell;
use crate::posture::finding::{Effect, Findings, Severity};
use crate::posture::json::Val;
use crate::posture::source::{Scope, list};

pub(super) fn editors(context: &Context<'_>, project: &Path, found: &mut Findings<'_>) {
    if let Some(doc) = lenient(context, &project.join(".vscode/tasks.json")) {
        for task in doc.root().get("tasks").into_iter().flat_map(Val::items) {
            vscode_task(task, found);
        }
    }
    let named = |path: &std::path::PathBuf| {
        path.extension()
            .is_some_and(|suffix| suffix == "code-workspace")
    };
    for path in list(project).into_iter().filter(named) {
        let Some(doc) = lenient(context, &path) else {
            continue;
        };
        let tasks = doc.root().at(&["tasks", "tasks"]);
        for task in tasks.into_iter().flat_map(Val::items) {
            vscode_task(task, found);
        }
        let settings = doc.root().get("settings");
        for (key, value) in settings.into_iter().flat_map(Val::members) {
            vscode_setting(key, value, found);
        }
    }
    if let Some(doc) = lenient(context, &project.join(".vscode/settings.json")) {
        for (key, value) in doc.root().members() {
            vscode_setting(key, value, found);
        }
    }
    let more = list(&project.join(".devcontainer"));
    let more = more
        .into_iter()
        .map(|folder| folder.join("devcontainer.json"));
    let usual = [".devcontainer/devcontainer.json", ".devcontainer.json"];
    for path in usual.map(|path| project.join(path)).into_iter().chain(more) {
        let Some(doc) = lenient(context, &path) else {
            continue;
        };
        for (key, value) in doc
            .root()
            .members()
            .filter(|(key, _)| key.ends_with("Command"))
        {
            container(key, value, found);
        }
    }
    let startup = project.join(".idea/startup.xml");
    if startup.is_file() {
        let draft = on_path(context, PROJECT_IDE_AUTORUN, &startup, Scope::Project)
            .severity(Severity::Medium);
        found.add(
            draft
                .effect(Effect::Always)
                .evidence("runs when the project is opened"),
        );
    }
}

fn vscode_task(task: Val<'_>, found: &mut Findings<'_>) {
    let on_open = task.at(&["runOptions", "runOn"]).and_then(Val::text) == Some("folderOpen");
    if !on_open {
        return;
    }
    let parts = task
        .get("args")
        .into_iter()
        .flat_map(Val::strings)
        .map(|(text, _)| text);
    let command: Vec<&str> = ["command", "script"]
        .iter()
        .filter_map(|key| task.get(key)?.text())
        .chain(parts)
        .collect();
    let command = command.join(" ");
    let plain = task
        .get("type")
        .and_then(Val::text)
        .is_some_and(|kind| matches!(kind, "npm" | "typescript" | "gulp"))
        && in_shell(&command).is_empty();
    let severity = if plain {
        Severity::Medium
    } else {
        Severity::High
    };
    add(
        PROJECT_IDE_AUTORUN,
        &task.doc.source,
        task.offset(),
        severity,
        format!("runs when the folder is opened: {command}"),
        found,
    );
}

/// Settings with which an editor starts a program of the repository.
fn vscode_setting(key: &str, value: Val<'_>, found: &mut Findings<'_>) {
    let text = value.text().unwrap_or_default();
    let named = [
        "git.path",
        "php.validate.executablePath",
        "claudeCode.claudeProcessWrapper",
        "terminal.integrated.shell.linux",
        "terminal.integrated.shell.osx",
    ]
    .contains(&key);
    let in_tree = text.starts_with("./")
        || text.starts_with("${workspaceFolder}")
        || text.starts_with("/tmp");
    let automatic = key == "task.allowAutomaticTasks" && text == "on";
    let bypass = key.starts_with("claudeCode.")
        && (key.contains("dangerously") || key.contains("Bypass") || text == "bypassPermissions")
        && value.flag() != Some(false);
    let environment = key.starts_with("terminal.integrated.env.")
        && value.members().any(|(name, value)| {
            super::super::environment::is_redirect(name, value.text().unwrap_or_default())
        });
    let profile = (key.starts_with("terminal.integrated.profiles.")
        || key.starts_with("terminal.integrated.automationProfile."))
        && value
            .strings()
            .into_iter()
            .any(|(text, _)| text.starts_with("./") || text.starts_with("${workspaceFolder}"));
    let ends = [".path", "Path", ".command", "nodePath", "Executable"];
    let usual = ["node_modules/", "venv/", ".yarn/"];
    let tool = in_tree
        && ends.iter().any(|end| key.ends_with(end))
        && !usual.iter().any(|part| text.contains(part));
    if profile
        || tool
        || named && (in_tree || !text.is_empty())
        || automatic
        || bypass
        || environment
    {
        let severity = if automatic || tool && !named {
            Severity::Medium
        } else {
            Severity::High
        };
        add(
            PROJECT_IDE_AUTORUN,
            &value.doc.source,
            value.offset(),
            severity,
            format!("{key} = {}", value.raw()),
            found,
        );
    }
}

/// `initializeCommand` runs on the machine, the others in the container.
fn container(key: &str, value: Val<'_>, found: &mut Findings<'_>) {
    let command: Vec<&str> = value.strings().into_iter().map(|(text, _)| text).collect();
    let command = command.join(" ");
    let bad = !in_shell(&command).is_empty();
    let severity = match key {
        _ if bad => Severity::High,
        "initializeCommand" => Severity::Medium,
        _ => return,
    };
    add(
        PROJECT_IDE_AUTORUN,
        &value.doc.source,
        value.offset(),
        severity,
        format!("{key}: {command}"),
        found,
    );
}
