//! Settings files as such.

use std::collections::BTreeMap;

use super::{on_path, on_value};
use crate::posture::catalog::{
    SETTINGS_CLAUDEIGNORE, SETTINGS_DUPLICATE_KEY, SETTINGS_EFFECTIVE, SETTINGS_IGNORED_AT_SCOPE,
    SETTINGS_LOCAL_COMMITTED, SETTINGS_PARSE_ERROR, SETTINGS_TYPE_ERROR, SETTINGS_UNKNOWN_KEY,
};
use crate::posture::data::SETTINGS;
use crate::posture::finding::{Draft, Effect, Findings, Severity};
use crate::posture::json::{Doc, Val};
use crate::posture::model::Settings;
use crate::posture::source::Scope;
use crate::posture::{Context, repository};

pub(super) fn run(context: &Context<'_>, found: &mut Findings<'_>) {
    for broken in &context.model.broken {
        if broken.source.text.trim().is_empty() {
            continue;
        }
        let draft = Draft::at(SETTINGS_PARSE_ERROR, &broken.source, broken.offset);
        found.add(
            draft
                .effect(context.effect(broken.source.scope))
                .evidence(broken.what),
        );
    }
    for file in &context.model.settings {
        keys(context, file, found);
        scopes(context, file, found);
        duplicates(context, file.doc.root(), found);
        shape(context, file, found);
    }
    let servers = context.model.places.project.iter().filter_map(|project| {
        let path = project.join(".mcp.json");
        Doc::lenient(&context.reader.read(&path, Scope::Project)?)
    });
    servers.for_each(|doc| duplicates(context, doc.root(), found));
    committed(context, found);
    effective(context, found);
}

/// Keys below which anything may stand, or that the table does not go into.
fn known(path: &str) -> Option<&'static str> {
    SETTINGS
        .iter()
        .find(|setting| matches(setting.path, path))
        .map(|setting| setting.kind)
}

/// Whether a path of the table, in which `*` is any key, is this path.
fn matches(pattern: &str, path: &str) -> bool {
    let (mut pattern, mut path) = (pattern.split('.'), path.split('.'));
    loop {
        match (pattern.next(), path.next()) {
            (None, None) => return true,
            (Some("*"), Some(_)) => {}
            (Some(a), Some(b)) if a == b => {}
            _ => return false,
        }
    }
}

/// Keys of one more level than the table's objects are looked at: the top, `permissions` and
/// `sandbox` with its parts.
const CLOSED: &[&str] = &[
    "",
    "permissions",
    "sandbox",
    "sandbox.network",
    "sandbox.filesystem",
];

fn keys(context: &Context<'_>, file: &Settings, found: &mut Findings<'_>) {
    for parent in CLOSED {
        let path: Vec<&str> = parent.split('.').filter(|part| !part.is_empty()).collect();
        let Some(object) = file.doc.root().at(&path) else {
            continue;
        };
        for ((key, value), (_, offset)) in object.members().zip(object.keys()) {
            let full = if parent.is_empty() {
                key.to_owned()
            } else {
                format!("{parent}.{key}")
            };
            // A point in a key is a part of its name, however it looks.
            match known(&full).filter(|_| !key.contains('.')) {
                None => unknown(context, file, parent, key, offset, found),
                Some(kind) => typed(context, &full, kind, value, found),
            }
        }
    }
}

fn unknown(
    context: &Context<'_>,
    file: &Settings,
    parent: &str,
    key: &str,
    offset: usize,
    found: &mut Findings<'_>,
) {
    let prefix = if parent.is_empty() {
        String::new()
    } else {
        format!("{parent}.")
    };
    let names = SETTINGS
        .iter()
        .filter_map(|setting| setting.path.strip_prefix(&prefix))
        .filter(|name| !name.contains('.'));
    let near = names.map(|name| (distance(key, name), name)).min();
    let near = near.filter(|(distance, name)| {
        *distance <= 2.max(name.len() / 3) || key.starts_with(name) || name.starts_with(key)
    });
    // A key that resembles none is a newer client's or another tool's, not a slip.
    let severity = if near.is_some() {
        Severity::Medium
    } else {
        Severity::Low
    };
    let evidence = match near {
        Some((_, name)) => format!("`{prefix}{key}` is no setting; `{prefix}{name}` is"),
        None => format!("`{prefix}{key}` is no setting"),
    };
    let draft = Draft::at(SETTINGS_UNKNOWN_KEY, &file.doc.source, offset).severity(severity);
    found.add(draft.effect(context.effect(file.scope)).evidence(evidence));
}

fn typed(
    context: &Context<'_>,
    path: &str,
    wanted: &str,
    value: Val<'_>,
    found: &mut Findings<'_>,
) {
    let kind = value.kind();
    if wanted != "any" && kind != wanted && kind != "null" {
        let evidence = format!("`{path}` is {kind}, not {wanted}");
        found.add(on_value(context, SETTINGS_TYPE_ERROR, value).evidence(evidence));
    }
}

/// Whether a file, its rules and its hooks are made as the client reads them.
fn shape(context: &Context<'_>, file: &Settings, found: &mut Findings<'_>) {
    let root = file.doc.root();
    if !root.is_object() {
        let draft = on_value(context, SETTINGS_PARSE_ERROR, root);
        found.add(draft.evidence("not an object, and nothing in it is in force"));
        return;
    }
    let mut wrong = |value: Val<'_>, what: String| {
        found.add(on_value(context, SETTINGS_TYPE_ERROR, value).evidence(what));
    };
    for list in ["allow", "deny", "ask"] {
        let rules = root
            .at(&["permissions", list])
            .into_iter()
            .flat_map(Val::items);
        if let Some(rule) = rules.into_iter().find(|rule| rule.text().is_none()) {
            let what = format!(
                "a rule of `permissions.{list}` is {}, not text",
                rule.kind()
            );
            wrong(rule, what);
        }
    }
    for (event, groups) in root.get("hooks").into_iter().flat_map(Val::members) {
        if groups.kind() != "list" {
            wrong(
                groups,
                format!("`hooks.{event}` is {}, not list", groups.kind()),
            );
        }
    }
}

/// The number of letters to insert, drop or change.
pub(super) fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut corner = row[0];
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let change = corner + usize::from(x != *y);
            corner = row[j + 1];
            row[j + 1] = change.min(corner + 1).min(row[j] + 1);
        }
    }
    row[b.len()]
}

/// Keys that this file cannot set.
fn scopes(context: &Context<'_>, file: &Settings, found: &mut Findings<'_>) {
    if file.scope == Scope::Managed {
        return;
    }
    for (key, value) in file.doc.root().members() {
        let files = SETTINGS
            .iter()
            .find(|setting| setting.path == key)
            .map(|setting| setting.files);
        let from_repository = file.scope.is_from_repository();
        let ignored = match files {
            Some("managed") => true,
            Some("user" | "flag") => from_repository,
            _ => false,
        };
        if ignored {
            let who = if files == Some("managed") {
                "only the administrator"
            } else {
                "not a repository"
            };
            let draft = on_value(context, SETTINGS_IGNORED_AT_SCOPE, value).effect(Effect::Ignored);
            found.add(draft.evidence(format!("`{key}` can be set by {who}")));
        }
    }
}

fn duplicates(context: &Context<'_>, root: Val<'_>, found: &mut Findings<'_>) {
    let mut open = vec![root];
    while let Some(value) = open.pop() {
        let mut seen = BTreeMap::new();
        for (key, offset) in value.keys() {
            if seen.insert(key, offset).is_some() {
                let source = &value.doc.source;
                let draft = Draft::at(SETTINGS_DUPLICATE_KEY, source, offset)
                    .effect(context.effect(source.scope));
                found.add(draft.evidence(format!("`{key}` stands twice; the last one counts")));
            }
        }
        open.extend(value.items());
        open.extend(value.members().map(|(_, member)| member));
    }
}

fn committed(context: &Context<'_>, found: &mut Findings<'_>) {
    let Some(project) = &context.model.places.project else {
        return;
    };
    let personal = context.model.every_file().iter().map(|entry| &entry.path);
    let personal = personal.filter(|path| {
        path.ends_with(".claude/settings.local.json") || path.ends_with("CLAUDE.local.md")
    });
    let index = repository::Index::read(project);
    for path in personal {
        if index
            .as_ref()
            .is_some_and(|index| index.has(&context.reader.locate(path).1))
        {
            found.add(
                on_path(context, SETTINGS_LOCAL_COMMITTED, path, Scope::Local)
                    .evidence("tracked by git"),
            );
        }
    }
    let every = context.model.every_file().iter().map(|entry| &entry.path);
    for ignore in every.filter(|path| path.ends_with(".claudeignore")) {
        found.add(
            on_path(context, SETTINGS_CLAUDEIGNORE, ignore, Scope::Project)
                .evidence("the client does not read this file"),
        );
    }
}

/// What counts in the end, for the keys that matter.
fn effective(context: &Context<'_>, found: &mut Findings<'_>) {
    let keys: &[&[&str]] = &[
        &["permissions", "defaultMode"],
        &["permissions", "disableBypassPermissionsMode"],
        &["sandbox", "enabled"],
        &["sandbox", "allowUnsandboxedCommands"],
        &["enableAllProjectMcpServers"],
        &["disableAllHooks"],
    ];
    for path in keys {
        if let Some((file, value)) = context.model.effective(path) {
            let evidence = format!("{} = {}", path.join("."), value.raw());
            found.add(
                on_value(context, SETTINGS_EFFECTIVE, value)
                    .scope(file.scope)
                    .evidence(evidence),
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{distance, known};

    #[test]
    fn distances_count_letters() {
        assert_eq!(distance("permission", "permissions"), 1);
        assert_eq!(distance("", "abc"), 3);
        assert_eq!(distance("same", "same"), 0);
    }

    #[test]
    fn the_table_knows_what_the_client_knows() {
        assert_eq!(known("permissions"), Some("object"));
        assert_eq!(known("permissions.deny"), Some("list"));
        assert_eq!(known("sandbox.enabled"), Some("flag"));
        assert_eq!(known("sandboxing"), None);
    }
}
