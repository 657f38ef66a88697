//! Plugins and where they come from.

use super::super::on_value;
use crate::posture::Context;
use crate::posture::catalog::{PLUGIN_CAPABILITIES, PLUGIN_UNPINNED, PLUGIN_UNTRUSTED_MARKETPLACE};
use crate::posture::finding::{Findings, Severity};
use crate::posture::json::Val;
use crate::posture::source::Scope;
use crate::posture::url::Url;

pub(super) fn marketplaces(context: &Context<'_>, found: &mut Findings<'_>) {
    for key in ["extraKnownMarketplaces", "additionalMarketplaces"] {
        for (file, value) in context.model.every(&[key]) {
            for (name, entry) in value.members() {
                marketplace(context, file.scope, name, entry, found);
            }
        }
    }
    let known = context
        .model
        .places
        .config
        .join("plugins/known_marketplaces.json");
    let doc = context
        .reader
        .read(&known, Scope::User)
        .and_then(|source| crate::posture::json::Doc::lenient(&source));
    for (name, entry) in doc.iter().flat_map(|doc| doc.root().members()) {
        marketplace(context, Scope::User, name, entry, found);
    }
}

fn marketplace(
    context: &Context<'_>,
    scope: Scope,
    name: &str,
    entry: Val<'_>,
    found: &mut Findings<'_>,
) {
    let source = entry.get("source").unwrap_or(entry);
    let text = |key: &str| source.get(key).and_then(Val::text);
    let place = text("url")
        .or(text("repo"))
        .or(text("path"))
        .or(source.text())
        .unwrap_or_default();
    let url = Url::parse(place);
    let repository = place
        .trim_start_matches("https://github.com/")
        .trim_end_matches(".git");
    let official = repository.starts_with("anthropics/")
        && url
            .as_ref()
            .is_none_or(|url| url.is_below("github.com") && url.scheme == "https");
    let unsafe_way = url
        .as_ref()
        .is_some_and(|url| url.is_clear() || url.is_number());
    let foreign = scope.is_from_repository();
    let severity = match () {
        () if unsafe_way => Some(Severity::High),
        () if official || !foreign => None,
        () if text("source") == Some("directory") || text("source") == Some("file") => {
            Some(Severity::Medium)
        }
        () => Some(Severity::High),
    };
    if let Some(severity) = severity {
        let draft = on_value(context, PLUGIN_UNTRUSTED_MARKETPLACE, entry).severity(severity);
        found.add(draft.evidence(format!("{name} from {place}")));
    }
    if !text("ref").is_some_and(is_fixed)
        && text("sha").is_none()
        && text("commit").is_none()
        && !place.is_empty()
    {
        let severity = if foreign && !official {
            Severity::Medium
        } else {
            Severity::Info
        };
        found.add(
            on_value(context, PLUGIN_UNPINNED, entry)
                .severity(severity)
                .evidence(format!("{name} from {place} follows a branch")),
        );
    }
}

/// Whether a name in a repository is that of a commit or of a release, and not of a branch.
fn is_fixed(name: &str) -> bool {
    let commit = name.len() >= 7 && name.bytes().all(|byte| byte.is_ascii_hexdigit());
    let number = |text: &str| text.starts_with(|c: char| c.is_ascii_digit());
    let mut parts = name.split(['/', '-', '@']);
    commit || parts.any(|part| number(part.trim_start_matches('v')))
}

pub(super) fn plugins(context: &Context<'_>, found: &mut Findings<'_>) {
    for plugin in context.model.places.plugins() {
        let parts = [
            "hooks",
            "skills",
            "agents",
            "commands",
            "monitors",
            "bin",
            "output-styles",
            ".mcp.json",
            ".lsp.json",
        ];
        let has: Vec<&str> = parts
            .into_iter()
            .filter(|part| plugin.join(part).exists())
            .collect();
        let draft = super::super::on_path(context, PLUGIN_CAPABILITIES, &plugin, Scope::Plugin);
        found.add(draft.evidence(if has.is_empty() {
            "nothing that runs".to_owned()
        } else {
            has.join(", ")
        }));
    }
}
