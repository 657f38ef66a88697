//! Texts that a model reads.

use std::path::Path;

use super::in_text as add;
use crate::posture::catalog::{
    MEMORY_IMPORT_OUTSIDE, MEMORY_POISONED, TEXT_ANSI_ESCAPE, TEXT_DISABLE_GUARDS,
    TEXT_HIDDEN_UNICODE, TEXT_INJECTION, TEXT_REMOTE_FETCH,
};
use crate::posture::finding::{Draft, Findings, Severity};
use crate::posture::model::{Kind, Text};
use crate::posture::prose::{Order, orders, standing};
use crate::posture::source::{Scope, Source};
use crate::posture::{Context, Voice, danger, unicode, url};

pub(super) fn run(context: &Context<'_>, found: &mut Findings<'_>) {
    for text in &context.model.texts {
        looks(context, &text.source, &text.source.text, None, found);
        says(context, text, found);
        imports(context, text, found);
    }
    configurations(context, found);
}

/// What a person does not see. In a string that spells things out all of it is at one place.
fn looks(
    context: &Context<'_>,
    source: &Source,
    text: &str,
    all_at: Option<usize>,
    found: &mut Findings<'_>,
) {
    for hidden in unicode::hidden(text) {
        let at = all_at.unwrap_or(hidden.offset);
        let (check, severity) = (TEXT_HIDDEN_UNICODE, hidden.severity);
        add(context, check, source, at, severity, &hidden.what, found);
    }
    if let Some((offset, what)) = unicode::escapes(text) {
        let at = all_at.unwrap_or(offset);
        let (check, severity) = (TEXT_ANSI_ESCAPE, Severity::High);
        add(context, check, source, at, severity, &what, found);
    }
}

/// Strings of settings and servers, in which escapes are spelled out.
fn configurations(context: &Context<'_>, found: &mut Findings<'_>) {
    let settings = context.model.settings.iter().map(|file| file.doc.root());
    let servers = context
        .model
        .state
        .iter()
        .filter_map(|doc| doc.root().get("mcpServers"));
    for value in settings.chain(servers) {
        for (text, at) in value.strings() {
            looks(context, &at.doc.source, text, Some(at.offset()), found);
        }
    }
    for server in &context.model.servers {
        let parts = &server.parts;
        let texts = parts
            .args
            .iter()
            .chain(&parts.url)
            .chain(&parts.command)
            .map(|(text, at)| (text.as_str(), *at));
        for (text, at) in texts.chain([(server.name.as_str(), server.offset)]) {
            looks(context, &server.source, text, Some(at), found);
        }
    }
}

/// What the text tells the model to do.
fn says(context: &Context<'_>, text: &Text, found: &mut Findings<'_>) {
    let source = &text.source;
    let auto = text.kind == Kind::AutoMemory;
    let own = matches!(source.scope, Scope::User | Scope::Managed) && !auto;
    for sentence in orders(&source.text) {
        let (check, severity) = match sentence.order {
            Order::Injection | Order::RemoteRun | Order::FalseConsent | Order::Follow if auto => {
                (MEMORY_POISONED, Severity::Critical)
            }
            Order::NoGuards if auto => (MEMORY_POISONED, Severity::Critical),
            Order::Injection => (TEXT_INJECTION, Severity::Critical),
            Order::NoGuards if own => (TEXT_DISABLE_GUARDS, Severity::Low),
            Order::NoGuards => (TEXT_DISABLE_GUARDS, Severity::High),
            Order::FalseConsent => (
                TEXT_DISABLE_GUARDS,
                if own { Severity::Low } else { Severity::Medium },
            ),
            Order::Follow => (
                TEXT_REMOTE_FETCH,
                if own { Severity::Low } else { Severity::Medium },
            ),
            // Skills are looked at for what they run.
            Order::RemoteRun if matches!(text.kind, Kind::Skill | Kind::Command) => continue,
            Order::RemoteRun if is_installer(&sentence.text) => (TEXT_REMOTE_FETCH, Severity::Low),
            Order::RemoteRun => (TEXT_REMOTE_FETCH, Severity::Medium),
        };
        add(
            context,
            check,
            source,
            sentence.offset,
            severity,
            &sentence.text,
            found,
        );
    }
    if auto {
        for (offset, sentence) in standing(&source.text) {
            let severity = Severity::Critical;
            add(
                context,
                MEMORY_POISONED,
                source,
                offset,
                severity,
                &sentence,
                found,
            );
        }
    }
    let Some(injections) = context.scanners.injections else {
        return;
    };
    if let Some(injected) = injections.injected(&source.text, Voice::Instructions) {
        let check = if auto {
            MEMORY_POISONED
        } else {
            TEXT_INJECTION
        };
        add(
            context,
            check,
            source,
            injected.offset,
            Severity::Critical,
            &injected.rule,
            found,
        );
    }
}

/// Whether everything that is fetched is a well-known tool's own installer, encrypted.
fn is_installer(text: &str) -> bool {
    let known = [
        "astral.sh",
        "sh.rustup.rs",
        "bun.sh",
        "deno.land",
        "get.pnpm.io",
        "install.python-poetry.org",
        "claude.ai",
        "mise.run",
        "nixos.org",
        "install.determinate.systems",
        "get.docker.com",
        "fnm.vercel.app",
    ];
    // `irm bun.sh/install.ps1`
    if url::all(text).next().is_none() {
        return known.iter().any(|host| text.contains(&format!(" {host}/")));
    }
    let mut urls = url::all(text).peekable();
    urls.peek().is_some()
        && urls.all(|url| url.scheme == "https" && known.contains(&url.host.as_str()))
}

fn imports(context: &Context<'_>, text: &Text, found: &mut Findings<'_>) {
    if !matches!(text.kind, Kind::Memory | Kind::Rule | Kind::AutoMemory) {
        return;
    }
    let places = &context.model.places;
    let source = &text.source;
    for import in crate::imports::within(&source.path, &source.text, &places.home) {
        let key = [".pem", ".key", ".p12", ".pfx"]
            .iter()
            .any(|end| import.text.ends_with(end));
        let secret = key || danger::secret_place(&import.text).is_some();
        let below =
            |folder: Option<&Path>| folder.is_some_and(|folder| import.target.starts_with(folder));
        let inside = match source.scope {
            Scope::Project | Scope::Local => {
                below(places.project.as_deref())
                    || source.scope == Scope::Local && below(Some(&places.config))
            }
            _ => below(Some(&places.home)) || below(places.project.as_deref()),
        };
        let looks_like_path = import.text.contains('/') || import.text.contains('.');
        let severity = match (secret, inside) {
            (true, _) => Severity::High,
            (false, false) if looks_like_path && import.target.exists() => Severity::High,
            (false, false) if import.text.starts_with("~/") || import.text.starts_with("../") => {
                Severity::Medium
            }
            (false, false) if import.text.starts_with('/') || import.text.contains("..") => {
                Severity::Medium
            }
            _ => continue,
        };
        let draft = Draft::on_line(MEMORY_IMPORT_OUTSIDE, source, import.line).severity(severity);
        found.add(
            draft
                .effect(context.effect(source.scope))
                .evidence(format!("@{}", import.text)),
        );
    }
}
