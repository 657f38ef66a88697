//! Variables that a configuration sets, and programs it names.

mod program;
mod variable;

use super::assignment::{Assignment, assignments};
use super::mode::{self, Others};
use super::on_value;
use crate::posture::catalog::{
    Check, ENV_BASE_URL_OVERRIDE, ENV_CONFIG_DIR_REDIRECT, ENV_DEBUG_LOGS, ENV_LOADER_INJECTION,
    ENV_PROXY_CA_OVERRIDE, ENV_SECRET_INHERITED, ENV_SHELL_PREFIX, ENV_TELEMETRY_CONTENT,
    ENV_TLS_DISABLED,
};
use crate::posture::finding::{Draft, Effect, Findings, Severity};
use crate::posture::json::Val;
use crate::posture::model::suspicious;
use crate::posture::source::{Scope, Source};
use crate::posture::url::Url;
use crate::posture::{Context, count};
use program::helpers;
pub(in crate::posture) use program::{HELPERS, KEY_HELPER};
pub(in crate::posture) use variable::is_address;
pub(super) use variable::is_redirect;
use variable::{address, changes_way, disables_tls, loads};

pub(super) fn run(context: &Context<'_>, found: &mut Findings<'_>) {
    for (_, variables) in context.model.every(&["env"]) {
        for (name, value) in variables.members() {
            // The client takes numbers and switches for text.
            let text = value.text().unwrap_or_else(|| value.raw());
            variable(context, name, text, value, found);
        }
    }
    for server in &context.model.servers {
        for (name, text, offset) in &server.parts.env {
            if let Some((check, severity)) = judge(context, server.scope, name, text)
                .filter(|(check, _)| check.id != "env.base_url_override")
            {
                let draft = Draft::at(check, &server.source, *offset)
                    .severity(severity)
                    .scope(server.scope);
                found.add(
                    draft
                        .effect(context.effect(server.scope))
                        .evidence(format!("{name} of the server {}", server.name)),
                );
            }
        }
    }
    start_up(context, found);
    telemetry(context, found);
    helpers(context, found);
    inherited(context, found);
}

/// Judges one variable of a file of values.
pub(super) fn variable(
    context: &Context<'_>,
    name: &str,
    text: &str,
    value: Val<'_>,
    found: &mut Findings<'_>,
) {
    let scope = value.doc.source.scope;
    if let Some((check, severity)) = judge(context, scope, name, text) {
        let draft = on_value(context, check, value)
            .severity(severity)
            .effect(context.at_once(scope));
        found.add(draft.evidence(format!("{name}={text}")));
    }
}

/// What shells set for everything they start.
fn start_up(context: &Context<'_>, found: &mut Findings<'_>) {
    for path in super::secret::shell_files(context) {
        if let Some(source) = context.reader.read(&path, Scope::Machine) {
            lines(context, &source, Effect::Active, None, found);
        }
    }
}

/// Judges every variable that a file of lines sets; no worse than `most`.
pub(super) fn lines(
    context: &Context<'_>,
    source: &Source,
    effect: Effect,
    most: Option<Severity>,
    found: &mut Findings<'_>,
) {
    for Assignment {
        offset,
        name,
        value,
    } in assignments(&source.text)
    {
        // A search path is put together of many; only a repository's own folders are odd in it.
        let usual = matches!(name, "PATH" | "HOME" | "DEBUG") || name.starts_with("XDG_");
        let own = !source.scope.is_from_repository();
        let judged = judge(context, source.scope, name, value)
            .filter(|(_, severity)| !own || !usual && *severity >= Severity::Medium);
        if let Some((check, severity)) = judged {
            let severity = most.map_or(severity, |most| severity.min(most));
            let draft = Draft::at(check, source, offset).severity(severity);
            found.add(draft.effect(effect).evidence(format!("{name}={value}")));
        }
    }
}

/// What a variable does that a configuration should not, and how bad that is from this source.
fn judge(
    context: &Context<'_>,
    scope: Scope,
    name: &str,
    text: &str,
) -> Option<(&'static Check, Severity)> {
    let upper = name.to_ascii_uppercase();
    let foreign = scope.is_from_repository() || scope == Scope::Plugin;
    let (check, severity) = judge_name(context, foreign, &upper, text)?;
    Some((check, severity))
}

fn judge_name(
    context: &Context<'_>,
    foreign: bool,
    upper: &str,
    text: &str,
) -> Option<(&'static Check, Severity)> {
    let by_origin = |theirs, own| if foreign { theirs } else { own };
    if is_address(upper) {
        return Some((ENV_BASE_URL_OVERRIDE, address(text, foreign)?));
    }
    if disables_tls(upper, text) {
        return Some((ENV_TLS_DISABLED, Severity::Critical));
    }
    if changes_way(upper) {
        let local = Url::parse(text).is_some_and(|url| url.is_loopback());
        return Some((
            ENV_PROXY_CA_OVERRIDE,
            if local {
                Severity::Low
            } else {
                by_origin(Severity::High, Severity::Low)
            },
        ));
    }
    if loads(upper, text) {
        let path = context
            .model
            .places
            .resolve(text.split('=').next_back().unwrap_or(text));
        let odd = suspicious(&context.model.places, &path).is_some()
            || mode::of(&path).is_some_and(|mode| mode.writers() == Others::Some);
        return Some((
            ENV_LOADER_INJECTION,
            if odd {
                Severity::Critical
            } else {
                by_origin(Severity::Critical, Severity::Low)
            },
        ));
    }
    let check = match upper {
        "CLAUDE_CODE_SHELL_PREFIX" | "CLAUDE_CODE_SHELL" | "CLAUDE_CODE_PROCESS_WRAPPER" => {
            ENV_SHELL_PREFIX
        }
        "SHELL" if foreign && text.starts_with('.') => ENV_SHELL_PREFIX,
        "CLAUDE_CONFIG_DIR" | "CLAUDE_CODE_PLUGIN_CACHE_DIR" | "HOME" | "CODEX_HOME" => {
            ENV_CONFIG_DIR_REDIRECT
        }
        _ if upper.starts_with("XDG_") => ENV_CONFIG_DIR_REDIRECT,
        "CLAUDE_CODE_DEBUG_LOGS_DIR"
            if ["/tmp", "/var/tmp", "/dev/shm"]
                .iter()
                .any(|shared| text.starts_with(shared)) =>
        {
            ENV_DEBUG_LOGS
        }
        "DEBUG" | "CLAUDE_CODE_DEBUG" | "ANTHROPIC_LOG" if text != "0" && !text.is_empty() => {
            ENV_DEBUG_LOGS
        }
        _ => return None,
    };
    Some((check, by_origin(check.severity, Severity::Low)))
}

const CONTENT: &[&str] = &[
    "OTEL_LOG_USER_PROMPTS",
    "OTEL_LOG_TOOL_CONTENT",
    "OTEL_LOG_TOOL_DETAILS",
    "OTEL_LOG_RAW_API_BODIES",
    "OTEL_LOG_ASSISTANT_RESPONSES",
];

/// What is said and done leaves the machine.
fn telemetry(context: &Context<'_>, found: &mut Findings<'_>) {
    let variables: Vec<(&str, &str, Val<'_>)> = context
        .model
        .every(&["env"])
        .flat_map(|(_, env)| env.members())
        .map(|(name, value)| (name, value.text().unwrap_or_else(|| value.raw()), value))
        .collect();
    let ends = variables
        .iter()
        .filter(|(name, ..)| name.starts_with("OTEL_EXPORTER") && name.ends_with("ENDPOINT"));
    let outside = ends
        .filter_map(|(_, text, value)| Some((Url::parse(text)?, *value)))
        .find(|(url, _)| !url.is_loopback());
    let Some((url, end)) = outside else { return };
    for (name, _, value) in variables
        .iter()
        .filter(|(name, text, _)| CONTENT.contains(name) && !matches!(*text, "" | "0" | "false"))
    {
        let foreign = [end, *value]
            .iter()
            .any(|value| value.doc.source.scope.is_from_repository());
        let severity = if foreign || url.is_clear() {
            Severity::High
        } else {
            Severity::Low
        };
        found.add(
            on_value(context, ENV_TELEMETRY_CONTENT, *value)
                .severity(severity)
                .evidence(format!("{name} goes to {}://{}", url.scheme, url.host)),
        );
    }
}

/// Secrets in the environment that every program started by the client inherits.
fn inherited(context: &Context<'_>, found: &mut Findings<'_>) {
    let scrubbed = context
        .model
        .every(&["env", "CLAUDE_CODE_SUBPROCESS_ENV_SCRUB"])
        .any(|(_, value)| value.text() == Some("1"));
    let names = context
        .target
        .environment
        .iter()
        .map(|(name, _)| name.as_str());
    let secret: Vec<&str> = names
        .filter(|name| {
            ["_KEY", "_TOKEN", "_SECRET", "_PASSWORD"]
                .iter()
                .any(|end| name.ends_with(end))
        })
        .collect();
    if !secret.is_empty() && !scrubbed {
        let path = context.model.places.config.join("settings.json");
        let evidence = format!(
            "{}: {}",
            count(secret.len(), "variable", "variables"),
            secret.join(", ")
        );
        found.add(
            super::on_path(context, ENV_SECRET_INHERITED, &path, Scope::User).evidence(evidence),
        );
    }
}
