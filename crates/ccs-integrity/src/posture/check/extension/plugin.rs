//! What a plugin's manifest names, and the code it brings.

use std::path::{Component, Path};

use super::super::{in_text as add, on_value};
use super::check_of;
use crate::posture::Context;
use crate::posture::catalog::{Check, PLUGIN_ENTRY_ESCAPE};
use crate::posture::danger::{Danger, in_program};
use crate::posture::finding::{Findings, Severity};
use crate::posture::json::{Doc, Val};
use crate::posture::model::{Tree, files};
use crate::posture::source::Scope;

/// Keys of a manifest that name files of the plugin.
const ENTRIES: &[&str] = &[
    "hooks",
    "mcpServers",
    "lspServers",
    "commands",
    "agents",
    "skills",
    "outputStyles",
    "monitors",
    "settings",
    "entry",
    "main",
    "bin",
];

pub(super) fn run(context: &Context<'_>, found: &mut Findings<'_>) {
    for plugin in context.model.places.plugins() {
        entries(context, &plugin, found);
        code(context, &plugin, found);
    }
}

/// Files that lie elsewhere than the plugin, or where nobody looks.
fn entries(context: &Context<'_>, plugin: &Path, found: &mut Findings<'_>) {
    let manifest = plugin.join(".claude-plugin/plugin.json");
    let source = context.reader.read(&manifest, Scope::Plugin);
    let Some(doc) = source.as_ref().and_then(Doc::lenient) else {
        return;
    };
    let values = ENTRIES
        .iter()
        .filter_map(|key| Some((*key, doc.root().get(key)?)));
    for (key, value) in values {
        for (text, value) in paths(value) {
            let why = match odd(plugin, text) {
                Some(Odd::Outside) => ("leads out of the plugin", Severity::High),
                Some(Odd::Hidden) => ("is hidden", Severity::Medium),
                None => continue,
            };
            let draft = on_value(context, PLUGIN_ENTRY_ESCAPE, value).severity(why.1);
            found.add(draft.evidence(format!("{key}: {text} {}", why.0)));
        }
    }
}

/// The paths of an entry: one, a list of them, or the values of an object. A whole hook or server is
/// looked at as such.
fn paths(value: Val<'_>) -> Vec<(&str, Val<'_>)> {
    let own = value.text().map(|text| (text, value));
    let members = value
        .members()
        .filter_map(|(_, value)| Some((value.text()?, value)));
    let found = own.into_iter().chain(value.texts()).chain(members);
    found
        .filter(|(text, _)| !text.contains("://") && !text.contains(' '))
        .collect()
}

enum Odd {
    Outside,
    Hidden,
}

fn odd(plugin: &Path, text: &str) -> Option<Odd> {
    let root = ["${CLAUDE_PLUGIN_ROOT}", "$CLAUDE_PLUGIN_ROOT"];
    let text = root
        .iter()
        .find_map(|name| text.strip_prefix(name))
        .map_or(text, |rest| rest.trim_start_matches('/'));
    let flat = text.replace('\\', "/");
    let path = crate::path::plain(&plugin.join(&flat));
    let linked = path.canonicalize().ok().zip(plugin.canonicalize().ok());
    let away = linked.is_some_and(|(real, plugin)| !real.starts_with(plugin));
    if flat.starts_with('~') || !path.starts_with(plugin) || away {
        return Some(Odd::Outside);
    }
    let usual = [".mcp.json", ".lsp.json", ".claude-plugin", ".claude"];
    let hidden = Path::new(&flat).components().any(|part| match part {
        Component::Normal(name) => {
            let name = name.to_string_lossy();
            name.starts_with('.') && !usual.contains(&name.as_ref())
        }
        _ => false,
    });
    hidden.then_some(Odd::Hidden)
}

/// Folders of a plugin that are looked at as those of every extension.
const KNOWN: &[&str] = &["skills", "commands", "agents", "scripts", "bin", "hooks"];
/// Endings of programs.
const CODE: &[&str] = &[
    "js", "mjs", "cjs", "ts", "mts", "py", "rb", "sh", "bash", "zsh", "pl", "php", "lua", "ps1",
];

/// The rest of what a plugin brings: servers and libraries, which read configuration and talk to
/// hosts as a matter of course.
fn code(context: &Context<'_>, plugin: &Path, found: &mut Findings<'_>) {
    if context.target.quick {
        return;
    }
    let tree = Tree {
        depth: 5,
        most: 2_000,
    };
    for path in files(plugin, &[plugin], tree).0 {
        let below = path.strip_prefix(plugin).unwrap_or(&path);
        let known = KNOWN.iter().any(|name| below.starts_with(name));
        let suffix = path.extension().unwrap_or_default().to_string_lossy();
        if known || !CODE.contains(&suffix.as_ref()) {
            continue;
        }
        let Some(source) = context.reader.read(&path, Scope::Plugin) else {
            continue;
        };
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        for sight in in_program(&name, &source.text) {
            let usual = sight.danger == Danger::Exfiltration && sight.what.contains(".env");
            if !usual {
                let check: &'static Check = check_of(sight.danger);
                let severity = Severity::Critical;
                add(
                    context,
                    check,
                    &source,
                    sight.offset,
                    severity,
                    &sight.what,
                    found,
                );
            }
        }
    }
}
