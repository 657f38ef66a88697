//! Permission rules and modes.

mod allow;

use std::path::Path;

use super::on_value;
use super::rule::{Rule, covers};
use crate::posture::catalog::{
    PERM_ACCEPT_EDITS_DEFAULT, PERM_ADDITIONAL_DIRS_BROAD, PERM_ALLOW_HOARD, PERM_AUTO_MODE,
    PERM_BYPASS_DEFAULT, PERM_BYPASS_NOT_DISABLED, PERM_BYPASS_PROMPT_SKIPPED,
    PERM_DENY_WITHOUT_SANDBOX, PERM_INEFFECTIVE_RULE, PERM_NO_SECRET_DENY, PERM_PATH_ANCHOR,
    PERM_RULE_NEVER_CONSULTED, PERM_SECRET_IN_RULE,
};
use crate::posture::finding::{Draft, Findings, Severity};
use crate::posture::json::Val;
use crate::posture::source::{Scope, status};
use crate::posture::{Context, count, danger};
use allow::too_much;

pub(super) fn run(context: &Context<'_>, found: &mut Findings<'_>) {
    allow(context, found);
    state(context, found);
    modes(context, found);
    dead_rules(context, found);
    folders(context, found);
    secrets_in_rules(context, found);
    unguarded(context, found);
}

fn allow(context: &Context<'_>, found: &mut Findings<'_>) {
    let rules = context.model.rules("allow");
    for (_, text, value) in &rules {
        if let Some((check, severity)) = Rule::parse(text).and_then(too_much) {
            found.add(
                on_value(context, check, *value)
                    .severity(severity)
                    .evidence(*text),
            );
        }
    }
    if let Some((file, _, _)) = rules.first().filter(|_| rules.len() > 150) {
        let draft = Draft::on_line(
            PERM_ALLOW_HOARD,
            &file.doc.source,
            file.doc.source.line_of("\"allow\""),
        );
        found.add(draft.evidence(format!("{} rules allow something", rules.len())));
    }
}

/// Rules and consents in `~/.claude.json`.
fn state(context: &Context<'_>, found: &mut Findings<'_>) {
    let Some(state) = &context.model.state else {
        return;
    };
    let root = state.root();
    let projects = root.get("projects").into_iter().flat_map(Val::members);
    for entry in projects.map(|(_, entry)| entry).chain([root]) {
        for (text, value) in entry.get("allowedTools").into_iter().flat_map(Val::texts) {
            if let Some(secret) = context.scanners.secrets.secrets(text).first() {
                let draft = on_value(context, PERM_SECRET_IN_RULE, value);
                found.add(draft.evidence(format!("{} in allowedTools", secret.kind)));
            }
            if let Some((check, severity)) = Rule::parse(text).and_then(too_much) {
                found.add(
                    on_value(context, check, value)
                        .severity(severity)
                        .evidence(text),
                );
            }
        }
    }
    let projects = root.get("projects").into_iter().flat_map(Val::members);
    let accepted = projects
        .map(|(_, entry)| entry)
        .chain([root])
        .filter_map(|entry| entry.get("bypassPermissionsModeAccepted"));
    for value in accepted.filter(|value| value.flag() == Some(true)) {
        found.add(
            on_value(context, PERM_BYPASS_PROMPT_SKIPPED, value)
                .evidence("bypassPermissionsModeAccepted"),
        );
    }
}

fn modes(context: &Context<'_>, found: &mut Findings<'_>) {
    for (file, value) in context.model.every(&["permissions", "defaultMode"]) {
        let broad = || {
            context.model.rules("allow").iter().any(|(_, text, _)| {
                Rule::parse(text)
                    .is_some_and(|rule| matches!(rule.tool, "Bash" | "*") && rule.is_any())
            })
        };
        let newer = context
            .model
            .client
            .as_ref()
            .is_some_and(|client| client.is_at_least("2.1.53"));
        let draft = match value.text() {
            Some("bypassPermissions") if file.scope.is_from_repository() && newer => {
                on_value(context, PERM_BYPASS_DEFAULT, value).severity(Severity::High)
            }
            Some("bypassPermissions") => on_value(context, PERM_BYPASS_DEFAULT, value),
            Some("dontAsk") if broad() => on_value(context, PERM_BYPASS_DEFAULT, value),
            Some("auto") => on_value(context, PERM_AUTO_MODE, value),
            Some("acceptEdits") => on_value(context, PERM_ACCEPT_EDITS_DEFAULT, value),
            _ => continue,
        };
        found.add(draft.evidence(format!("defaultMode {}", value.raw())));
    }
    for key in ["allow", "soft_deny", "hard_deny"] {
        for (_, value) in context.model.every(&["autoMode", key]) {
            if !value.texts().any(|(text, _)| text == "$defaults") {
                found.add(on_value(context, PERM_AUTO_MODE, value).evidence(format!(
                    "autoMode.{key} without \"$defaults\" replaces the built-in rules"
                )));
            }
        }
    }
    for key in [
        "skipDangerousModePermissionPrompt",
        "bypassPermissionsModeAccepted",
        "skipAutoPermissionPrompt",
    ] {
        for (_, value) in context
            .model
            .every(&[key])
            .filter(|(_, value)| value.flag() == Some(true))
        {
            found.add(on_value(context, PERM_BYPASS_PROMPT_SKIPPED, value).evidence(key));
        }
    }
    not_disabled(context, found);
}

fn not_disabled(context: &Context<'_>, found: &mut Findings<'_>) {
    let disabled = context
        .model
        .every(&["permissions", "disableBypassPermissionsMode"])
        .any(|(_, value)| value.text() == Some("disable"));
    if !disabled {
        let path = context.model.places.config.join("settings.json");
        let draft = super::on_path(context, PERM_BYPASS_NOT_DISABLED, &path, Scope::User);
        found.add(
            draft
                .severity(Severity::Info)
                .evidence("no settings file forbids the bypass mode"),
        );
    }
}

fn dead_rules(context: &Context<'_>, found: &mut Findings<'_>) {
    for list in ["deny", "ask"] {
        for (_, text, value) in context.model.rules(list) {
            let Some(rule) = Rule::parse(text) else {
                found.add(
                    on_value(context, PERM_INEFFECTIVE_RULE, value)
                        .evidence(format!("{text}: a bracket is not closed")),
                );
                continue;
            };
            if let Some(why) = rule.is_dead() {
                found.add(
                    on_value(context, PERM_INEFFECTIVE_RULE, value)
                        .evidence(format!("{text}: {why}")),
                );
            } else if rule.is_unknown() {
                let draft = on_value(context, PERM_INEFFECTIVE_RULE, value).severity(Severity::Low);
                found.add(
                    draft.evidence(format!("{text}: no known tool is called `{}`", rule.tool)),
                );
            } else if let Some(what) = rule.what {
                paths(context, list, rule, what, value, found);
            }
        }
    }
}

const SYSTEM: &[&str] = &[
    "/etc/",
    "/home/",
    "/root",
    "/var/",
    "/usr/",
    "/Users/",
    "/proc/",
    "/opt/",
    "/private/",
    "/boot/",
    "/sys/",
];

fn paths(
    context: &Context<'_>,
    list: &str,
    rule: Rule<'_>,
    what: &str,
    value: Val<'_>,
    found: &mut Findings<'_>,
) {
    let reads = matches!(rule.tool, "Read" | "Edit" | "Write");
    if reads && SYSTEM.iter().any(|start| what.starts_with(start)) {
        found.add(on_value(context, PERM_PATH_ANCHOR, value).evidence(format!(
            "{}({what}) is relative to the settings; absolute is {}(/{what})",
            rule.tool, rule.tool
        )));
    }
    let asked = match rule.tool {
        "Write" | "MultiEdit" | "NotebookEdit" => "Edit",
        "Glob" | "Grep" | "LS" | "NotebookRead" => "Read",
        _ => return,
    };
    let same = format!("{asked}({what})");
    if !context
        .model
        .rules(list)
        .iter()
        .any(|(_, text, _)| *text == same)
    {
        found.add(
            on_value(context, PERM_RULE_NEVER_CONSULTED, value).evidence(format!(
                "{}({what}): files are checked with {same}",
                rule.tool
            )),
        );
    }
}

fn folders(context: &Context<'_>, found: &mut Findings<'_>) {
    let places = &context.model.places;
    let lists = context
        .model
        .every(&["permissions", "additionalDirectories"])
        .map(|(_, value)| value);
    let state = context.model.state.as_ref().map(|state| state.root());
    let projects = state.and_then(|root| root.get("projects"));
    let entries = projects.into_iter().flat_map(Val::members);
    let added = entries.filter_map(|(_, entry)| entry.get("additionalDirectories"));
    for value in lists.chain(added) {
        for (text, item) in value.texts() {
            let path = places.resolve(text);
            let drive = text.len() <= 3 && text[1..].starts_with(':');
            let above = drive || places.home.starts_with(&path) || is_broad(&path);
            let own = path == places.config || path == places.home.join(".config");
            let secret = own || is_secret_folder(text);
            let parent = places
                .project
                .as_ref()
                .is_some_and(|project| project.starts_with(&path) && *project != path);
            let severity = match (above || secret, parent) {
                (true, _) => Severity::High,
                (false, true) => Severity::Low,
                _ => continue,
            };
            found.add(
                on_value(context, PERM_ADDITIONAL_DIRS_BROAD, item)
                    .severity(severity)
                    .evidence(text),
            );
        }
    }
}

/// Whether a folder holds keys, by its name or what usually lies in it.
fn is_secret_folder(text: &str) -> bool {
    let text = text.trim_end_matches(['/', '*']);
    ["", "/config", "/config.json"]
        .iter()
        .any(|file| danger::secret_place(&format!("{text}{file}")).is_some())
        && (text.contains('/')
            || text.starts_with('~')
            || text.starts_with('$')
            || text.starts_with('.'))
}

/// Whether a folder is a system's, or that of all users, or a whole home folder.
fn is_broad(path: &Path) -> bool {
    let names: Vec<String> = path
        .components()
        .skip(1)
        .map(|part| part.as_os_str().to_string_lossy().into_owned())
        .collect();
    match names.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [] => true,
        [drive] if drive.len() == 2 && drive.ends_with(':') => true,
        ["home" | "Users", ..] => names.len() <= 2,
        [
            "root" | "etc" | "usr" | "var" | "opt" | "private" | "proc" | "sys" | "boot" | "mnt"
            | "media" | "Volumes",
        ] => true,
        ["etc", ..] => true,
        _ => false,
    }
}

fn secrets_in_rules(context: &Context<'_>, found: &mut Findings<'_>) {
    for list in ["allow", "deny", "ask"] {
        for (_, text, value) in context.model.rules(list) {
            if let Some(secret) = context.scanners.secrets.secrets(text).first() {
                found.add(
                    on_value(context, PERM_SECRET_IN_RULE, value)
                        .evidence(format!("{} in a rule of {list}", secret.kind)),
                );
            }
        }
    }
}

/// Secret files that no rule keeps the model from reading.
fn unguarded(context: &Context<'_>, found: &mut Findings<'_>) {
    let patterns = read_denials(context);
    let open = |file: &String| !patterns.iter().any(|pattern| covers(pattern, file));
    let project: Vec<String> = super::secret::files_in_project(context)
        .into_iter()
        .filter(open)
        .collect();
    let home: Vec<String> = [
        ".ssh",
        ".aws",
        ".gnupg",
        ".netrc",
        ".kube",
        ".config/gcloud",
        ".config/gh/hosts.yml",
        ".git-credentials",
        ".pgpass",
        ".azure",
        ".password-store",
        ".vault-token",
        ".pypirc",
        ".cargo/credentials.toml",
    ]
    .iter()
    .filter(|name| status(&context.model.places.home.join(name)).is_some())
    .map(|name| format!("~/{name}"))
    .filter(open)
    .collect();
    let places = &context.model.places;
    let files = [
        (
            project,
            places
                .project
                .as_ref()
                .map(|project| project.join(".claude/settings.json")),
            Scope::Project,
            Severity::Medium,
        ),
        (
            home,
            Some(places.config.join("settings.json")),
            Scope::User,
            Severity::Low,
        ),
    ];
    for (open, settings, scope, severity) in files {
        let (Some(first), Some(settings)) = (open.first(), settings) else {
            continue;
        };
        let evidence = format!(
            "{} without a Read rule, such as {first}",
            count(open.len(), "secret file", "secret files")
        );
        found.add(
            super::on_path(context, PERM_NO_SECRET_DENY, &settings, scope)
                .severity(severity)
                .evidence(evidence),
        );
    }
    if !patterns.is_empty() && !context.model.is_on(&["sandbox", "enabled"]) {
        let path = places.config.join("settings.json");
        let draft = super::on_path(context, PERM_DENY_WITHOUT_SANDBOX, &path, Scope::User)
            .severity(Severity::Info);
        found.add(draft.evidence("Read rules do not bind programs that Bash starts"));
    }
}

/// Patterns of every rule that denies reading, and of the sandbox.
fn read_denials(context: &Context<'_>) -> Vec<String> {
    let rules = context.model.rules("deny");
    let reads = rules
        .iter()
        .filter_map(|(_, text, _)| Rule::parse(text))
        .filter(|rule| rule.tool == "Read");
    let mut patterns: Vec<String> = reads
        .map(|rule| rule.what.unwrap_or("**").to_owned())
        .collect();
    for (_, value) in context.model.every(&["sandbox", "filesystem", "denyRead"]) {
        patterns.extend(value.texts().map(|(text, _)| text.to_owned()));
    }
    patterns
}
