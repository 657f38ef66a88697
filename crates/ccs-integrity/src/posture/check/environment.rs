//! Variables that a configuration sets, and programs it names.

use super::mode::{self, Others};
use super::on_value;
use crate::posture::catalog::{
    AUTH_HELPER_IN_REPO, Check, ENV_BASE_URL_OVERRIDE, ENV_CONFIG_DIR_REDIRECT, ENV_DEBUG_LOGS,
    ENV_LOADER_INJECTION, ENV_PROXY_CA_OVERRIDE, ENV_SECRET_INHERITED, ENV_SHELL_PREFIX,
    ENV_TELEMETRY_CONTENT, ENV_TLS_DISABLED, EXEC_HELPER_IN_PROJECT,
};
use crate::posture::finding::{Draft, Findings, Severity};
use crate::posture::json::Val;
use crate::posture::model::suspicious;
use crate::posture::source::Scope;
use crate::posture::url::Url;
use crate::posture::{Context, count};

pub(super) fn run(context: &Context<'_>, found: &mut Findings<'_>) {
    for (_, variables) in context.model.every(&["env"]) {
        for (name, value) in variables.members() {
            if let Some(text) = value.text() {
                variable(context, name, text, value, found);
            }
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
    telemetry(context, found);
    helpers(context, found);
    inherited(context, found);
}

fn variable(
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
        "CLAUDE_CONFIG_DIR" | "CLAUDE_CODE_PLUGIN_CACHE_DIR" | "HOME" | "CODEX_HOME" => {
            ENV_CONFIG_DIR_REDIRECT
        }
        _ if upper.starts_with("XDG_") => ENV_CONFIG_DIR_REDIRECT,
        "CLAUDE_CODE_DEBUG_LOGS_DIR"
            if text.starts_with("/tmp") || text.starts_with("/var/tmp") =>
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

/// Variables that say where the model's requests, and with them the key, go.
pub(super) fn is_address(upper: &str) -> bool {
    upper.starts_with("ANTHROPIC_") && upper.ends_with("URL") || upper == "CLAUDE_CODE_API_BASE_URL"
}

fn address(text: &str, foreign: bool) -> Option<Severity> {
    let Some(url) = Url::parse(text) else {
        return (foreign && !text.trim().is_empty()).then_some(Severity::High);
    };
    if url.is_below("anthropic.com") && url.scheme == "https" && url.user.is_none() {
        return None;
    }
    Some(match (url.is_loopback(), foreign, url.is_clear()) {
        (true, true, _) => Severity::Medium,
        (true, false, _) => Severity::Info,
        (false, true, _) => Severity::Critical,
        (false, false, true) => Severity::High,
        (false, false, false) => Severity::Info,
    })
}

fn disables_tls(upper: &str, text: &str) -> bool {
    let text = text.trim().to_ascii_lowercase();
    let off = matches!(text.as_str(), "0" | "false" | "no" | "off");
    match upper {
        "NODE_TLS_REJECT_UNAUTHORIZED"
        | "PYTHONHTTPSVERIFY"
        | "GIT_SSL_VERIFY"
        | "NPM_CONFIG_STRICT_SSL"
        | "REQUESTS_VERIFY"
        | "BUN_CONFIG_STRICT_SSL" => off,
        "GIT_SSL_NO_VERIFY"
        | "SSL_NO_VERIFY"
        | "CURL_INSECURE"
        | "CLAUDE_CODE_SKIP_TLS_VERIFY"
        | "UV_INSECURE_NO_ZIP_VALIDATION" => !off && !text.is_empty(),
        "UV_INSECURE_HOST" | "PIP_TRUSTED_HOST" => !text.is_empty(),
        _ => false,
    }
}

fn changes_way(upper: &str) -> bool {
    matches!(
        upper,
        "HTTP_PROXY"
            | "HTTPS_PROXY"
            | "ALL_PROXY"
            | "NODE_EXTRA_CA_CERTS"
            | "SSL_CERT_FILE"
            | "SSL_CERT_DIR"
            | "REQUESTS_CA_BUNDLE"
            | "CURL_CA_BUNDLE"
            | "GIT_SSL_CAINFO"
            | "GIT_PROXY_COMMAND"
            | "NODE_USE_ENV_PROXY"
    ) || upper.starts_with("CLAUDE_CODE_CLIENT_")
}

/// Variables with which other programs load code.
fn loads(upper: &str, text: &str) -> bool {
    let has = |needles: &[&str]| needles.iter().any(|needle| text.contains(needle));
    match upper {
        "NODE_OPTIONS" | "BUN_OPTIONS" => has(&[
            "--require",
            "-r ",
            "-r=",
            "--import",
            "--loader",
            "--experimental-loader",
            "--env-file",
            "--inspect=0.0.0.0",
        ]),
        "JAVA_TOOL_OPTIONS" | "_JAVA_OPTIONS" | "JDK_JAVA_OPTIONS" => has(&[
            "-javaagent",
            "-agentpath",
            "-agentlib",
            "-Xbootclasspath",
            "-XX:OnError",
        ]),
        "PERL5OPT" | "RUBYOPT" => has(&["-M", "-r", "-I"]),
        "PATH" => text.split(':').any(|part| {
            part.is_empty()
                || part.starts_with('.')
                || part.contains("CLAUDE_PROJECT_DIR")
                || !part.starts_with(['/', '$', '~', '%'])
        }),
        "PAGER" | "GIT_PAGER" | "MANPAGER" => {
            !matches!(text, "" | "cat" | "less" | "more" | "delta" | "bat")
                && has(&["/", " ", ";", "|"])
        }
        "PYTHONPATH" | "RUBYLIB" | "PERL5LIB" | "NODE_PATH" => text
            .split(':')
            .any(|part| part.starts_with("./.") || part.starts_with("/tmp")),
        "LD_PRELOAD"
        | "LD_LIBRARY_PATH"
        | "LD_AUDIT"
        | "BASH_ENV"
        | "ENV"
        | "ZDOTDIR"
        | "PYTHONSTARTUP"
        | "PYTHONHOME"
        | "PROMPT_COMMAND"
        | "GIT_SSH"
        | "GIT_SSH_COMMAND"
        | "GIT_EXTERNAL_DIFF"
        | "GIT_ASKPASS"
        | "SSH_ASKPASS"
        | "GIT_CONFIG_GLOBAL"
        | "GIT_CONFIG_SYSTEM"
        | "GIT_EXEC_PATH"
        | "GIT_TEMPLATE_DIR"
        | "GIT_SEQUENCE_EDITOR"
        | "PYTHONBREAKPOINT"
        | "NPM_CONFIG_SCRIPT_SHELL"
        | "NPM_CONFIG_USERCONFIG"
        | "RUSTC_WRAPPER"
        | "RUSTC"
        | "CARGO_BUILD_RUSTC_WRAPPER"
        | "MAKEFLAGS"
        | "PHPRC"
        | "PHP_INI_SCAN_DIR"
        | "LESSOPEN"
        | "BROWSER"
        | "ELECTRON_RUN_AS_NODE" => !text.is_empty(),
        _ => {
            upper.starts_with("DYLD_")
                || upper.starts_with("GIT_CONFIG_KEY_")
                || upper.starts_with("BASH_FUNC_")
        }
    }
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
        .filter_map(|(name, value)| Some((name, value.text()?, value)))
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

/// Programs that the client starts for itself.
const HELPERS: &[&[&str]] = &[
    &["statusLine"],
    &["statusLine", "command"],
    &["subagentStatusLine", "command"],
    &["fileSuggestion", "command"],
    &["awsAuthRefresh"],
    &["awsCredentialExport"],
    &["gcpAuthRefresh"],
    &["otelHeadersHelper"],
    &["sandbox", "ripgrep", "command"],
    &["processWrapper"],
    &["proxyAuthHelper"],
];

fn helpers(context: &Context<'_>, found: &mut Findings<'_>) {
    for path in HELPERS {
        for (file, value) in context.model.every(path) {
            let Some(command) = value.text().filter(|_| file.scope.is_from_repository()) else {
                continue;
            };
            let draft = on_value(context, EXEC_HELPER_IN_PROJECT, value)
                .effect(context.at_once(file.scope));
            found.add(draft.evidence(format!("{}: {command}", path.join("."))));
        }
    }
    for (file, value) in context.model.every(&["apiKeyHelper"]) {
        let command = value.text().unwrap_or_default();
        let why = match file.scope.is_from_repository() {
            true => Some("brought by the repository".to_owned()),
            false => helper_of_others(context, command),
        };
        if let Some(why) = why {
            let draft =
                on_value(context, AUTH_HELPER_IN_REPO, value).effect(context.at_once(file.scope));
            found.add(draft.evidence(format!("{command}: {why}")));
        }
    }
}

/// Why the user's own helper is not the user's own.
fn helper_of_others(context: &Context<'_>, command: &str) -> Option<String> {
    let places = &context.model.places;
    crate::posture::model::targets(command)
        .iter()
        .find_map(|target| {
            let path = places.resolve(target);
            let in_project = places
                .inside(&path)
                .is_some_and(|(_, in_project)| in_project);
            let relative = !target.starts_with(['/', '~', '$', '%']);
            match mode::of(&path) {
                _ if in_project || relative => Some("lies in a project".to_owned()),
                Some(mode) if mode.writers() == Others::Some => {
                    Some(format!("others may write it, {mode}"))
                }
                _ => suspicious(places, &path),
            }
        })
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

/// Whether a variable sends requests elsewhere, weakens their protection or loads code; what a
/// repository's `.envrc` should not do.
pub(super) fn is_redirect(name: &str, text: &str) -> bool {
    let upper = name.to_ascii_uppercase();
    let moved = matches!(
        upper.as_str(),
        "CLAUDE_CONFIG_DIR"
            | "CODEX_HOME"
            | "HOME"
            | "CLAUDE_CODE_SHELL_PREFIX"
            | "CLAUDE_CODE_SHELL"
    );
    let address = is_address(&upper) && address(text, true).is_some();
    let way = changes_way(&upper) && Url::parse(text).is_some_and(|url| !url.is_loopback());
    address || disables_tls(&upper, text) || way || moved || upper != "PATH" && loads(&upper, text)
}
