//! What editors run when a folder is opened.

use std::path::{Path, PathBuf};

use super::super::{environment, on_path};
use super::{add, lenient};
use crate::posture::catalog::{ENV_PROXY_CA_OVERRIDE, PROJECT_IDE_AUTORUN};
use crate::posture::danger::{self, in_shell};
use crate::posture::finding::{Effect, Findings, Severity};
use crate::posture::json::Val;
use crate::posture::source::{Scope, list};
use crate::posture::{Context, url};

pub(super) fn editors(context: &Context<'_>, project: &Path, found: &mut Findings<'_>) {
    let every = context.model.every_file().iter().map(|entry| &entry.path);
    let own = |path: &&PathBuf| {
        let foreign = path
            .components()
            .any(|part| part.as_os_str() == "node_modules");
        path.ends_with(".vscode/tasks.json") && !foreign
    };
    for path in every.filter(own) {
        let doc = lenient(context, path);
        let tasks = doc.as_ref().and_then(|doc| doc.root().get("tasks"));
        for task in tasks.into_iter().flat_map(Val::items) {
            vscode_task(task, found);
        }
    }
    scripted(context, project, found);
    if let Some(doc) = lenient(context, &project.join(".zed/settings.json")) {
        for (path, value) in doc.root().get("lsp").into_iter().flat_map(Val::members) {
            let binary = value.at(&["binary", "path"]);
            if let Some(value) =
                binary.filter(|value| value.text().is_some_and(|t| t.starts_with('.')))
            {
                let what = format!("lsp.{path}.binary.path = {}", value.raw());
                let source = &value.doc.source;
                add(
                    PROJECT_IDE_AUTORUN,
                    source,
                    value.offset(),
                    Severity::Medium,
                    what,
                    found,
                );
            }
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
            if key.starts_with("terminal.integrated.env.")
                || key == "claudeCode.environmentVariables"
            {
                variables(context, Some(value), found);
            }
            let far = value
                .text()
                .is_some_and(|text| url::all(text).any(|url| !url.is_loopback()));
            if key == "http.proxy" && far {
                let what = format!("{key} = {}", value.raw());
                let (check, source) = (ENV_PROXY_CA_OVERRIDE, &value.doc.source);
                add(check, source, value.offset(), Severity::High, what, found);
            }
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
        for key in ["remoteEnv", "containerEnv"] {
            variables(context, doc.root().get(key), found);
        }
    }
    let workspace = project.join(".idea/workspace.xml");
    let text = context.reader.read(&workspace, Scope::Project);
    let starts = text.filter(|source| {
        let part = source
            .text
            .split_once("ProjectStartup")
            .map(|(_, rest)| rest);
        part.is_some_and(|rest| rest.contains("<configuration "))
    });
    let startup = project.join(".idea/startup.xml");
    let startup = Some(startup).filter(|path| path.is_file());
    for startup in startup.into_iter().chain(starts.map(|_| workspace)) {
        let draft = on_path(context, PROJECT_IDE_AUTORUN, &startup, Scope::Project)
            .severity(Severity::Medium);
        found.add(
            draft
                .effect(Effect::Always)
                .evidence("runs when the project is opened"),
        );
    }
}

/// Variables that an editor or a container sets, as an object or as a list of names and values.
fn variables(context: &Context<'_>, value: Option<Val<'_>>, found: &mut Findings<'_>) {
    let Some(value) = value else { return };
    let listed = value.items().filter_map(|item| {
        let text = |key: &str| item.get(key).and_then(Val::text);
        Some((text("name")?, item.get("value")?))
    });
    let listed: Vec<_> = value.members().chain(listed).collect();
    for (name, value) in listed {
        let text = value.text().unwrap_or_else(|| value.raw());
        if environment::is_redirect(name, text) {
            environment::variable(context, name, text, value, found);
        }
    }
}

/// What vim and its kin run in a folder, where it does harm.
fn scripted(context: &Context<'_>, project: &Path, found: &mut Findings<'_>) {
    for name in [".nvim.lua", ".nvimrc", ".exrc", ".vimrc", ".dir-locals.el"] {
        let Some(source) = context.reader.read(&project.join(name), Scope::Project) else {
            continue;
        };
        let mut sights = danger::in_program(name, &source.text);
        sights.extend(source.text.lines().flat_map(|line| {
            let command = line
                .trim()
                .trim_start_matches("silent")
                .trim()
                .strip_prefix('!');
            command.map(in_shell).unwrap_or_default()
        }));
        if let Some(sight) = sights.into_iter().next() {
            let (check, severity) = (PROJECT_IDE_AUTORUN, Severity::High);
            add(check, &source, sight.offset, severity, sight.what, found);
        }
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
        && value
            .members()
            .any(|(name, value)| environment::is_redirect(name, value.text().unwrap_or_default()));
    let profile = (key.starts_with("terminal.integrated.profiles.")
        || key.starts_with("terminal.integrated.automationProfile."))
        && value
            .strings()
            .into_iter()
            .any(|(text, _)| text.starts_with("./") || text.starts_with("${workspaceFolder}"));
    let ends = [".path", "Path", ".command", "nodePath", "Executable"];
    let usual = ["node_modules/", "venv/", ".yarn/"];
    let other = key.ends_with("alternateTools")
        && value
            .strings()
            .iter()
            .any(|(text, _)| text.starts_with("./"));
    let tool = in_tree
        && ends.iter().any(|end| key.ends_with(end))
        && !usual.iter().any(|part| text.contains(part));
    if profile
        || other
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
