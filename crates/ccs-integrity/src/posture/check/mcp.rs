//! MCP servers: what they run, where they connect, what they say.

use std::path::Path;

use super::mode::{self, Others};
use super::on_value;
use crate::posture::catalog::{
    AGENT_FRONTMATTER_HOOK, Check, MCP_BIND_ALL, MCP_BROAD_FS, MCP_CREDENTIAL_FORWARDING,
    MCP_ENABLE_ALL_PROJECT, MCP_HEADERS_HELPER, MCP_NAME_SHADOW, MCP_PLAIN_HTTP,
    MCP_REMOTE_NO_AUTH, MCP_SELF_APPROVED, MCP_SHELL_COMMAND, MCP_SUSPICIOUS_LOCATION,
    MCP_TOOL_POISONING,
};
use crate::posture::danger::{in_shell, is_loopback_text, secret_place};
use crate::posture::finding::{Draft, Effect, Findings, Severity};
use crate::posture::json::Doc;
use crate::posture::model::{Server, suspicious, targets};
use crate::posture::prose::{Order, orders};
use crate::posture::source::{Scope, Source, list};
use crate::posture::url::{self, Url};
use crate::posture::{Context, repository, unicode};

pub(super) fn run(context: &Context<'_>, found: &mut Findings<'_>) {
    consent(context, found);
    for server in &context.model.servers {
        command(context, server, found);
        location(context, server, found);
        reach(context, server, found);
        address(context, server, found);
        forwards(context, server, found);
        described(context, server, found);
        if server.in_front {
            add(
                context,
                AGENT_FRONTMATTER_HOOK,
                server,
                server.offset,
                Severity::Medium,
                server.line(),
                found,
            );
        }
    }
    shadows(context, found);
}

/// What a repository's servers may do waits for consent, unless somebody gave it in advance.
pub(super) fn effect(context: &Context<'_>, server: &Server) -> Effect {
    let from_repository = server.scope.is_from_repository() && !server.in_front;
    let consent = context.model.is_on(&["enableAllProjectMcpServers"])
        || context
            .model
            .every(&["enabledMcpjsonServers"])
            .any(|(_, list)| list.texts().any(|(name, _)| name == server.name));
    if from_repository && consent {
        context.at_once(server.scope)
    } else {
        context.effect(server.scope)
    }
}

pub(super) fn add(
    context: &Context<'_>,
    check: &'static Check,
    server: &Server,
    offset: usize,
    severity: Severity,
    evidence: String,
    found: &mut Findings<'_>,
) {
    let draft = Draft::at(check, &server.source, offset)
        .severity(severity)
        .scope(server.scope);
    found.add(
        draft
            .effect(effect(context, server))
            .evidence(format!("{}: {evidence}", server.name)),
    );
}

fn consent(context: &Context<'_>, found: &mut Findings<'_>) {
    for (file, value) in context
        .model
        .every(&["enableAllProjectMcpServers"])
        .filter(|(_, value)| value.flag() == Some(true))
    {
        let draft =
            on_value(context, MCP_ENABLE_ALL_PROJECT, value).effect(context.at_once(file.scope));
        found.add(draft.evidence("servers of every repository start without a question"));
    }
    let Some(project) = &context.model.places.project else {
        return;
    };
    for (file, value) in context
        .model
        .every(&["enabledMcpjsonServers"])
        .filter(|(file, _)| file.scope.is_from_repository())
    {
        let names: Vec<&str> = value.texts().map(|(name, _)| name).collect();
        if names.is_empty() {
            continue;
        }
        // The client itself writes consents to the local file; a repository that brings it along does not have them.
        let own = file.scope == Scope::Local
            && !repository::is_tracked(project, ".claude/settings.local.json");
        let severity = if own { Severity::Info } else { Severity::High };
        let draft = on_value(context, MCP_SELF_APPROVED, value)
            .severity(severity)
            .effect(context.at_once(file.scope));
        found.add(draft.evidence(names.join(", ")));
    }
}

fn command(context: &Context<'_>, server: &Server, found: &mut Findings<'_>) {
    let Some((text, offset)) = &server.parts.command else {
        return;
    };
    let line = server.line();
    let shell = matches!(
        server.program(),
        "sh" | "bash" | "zsh" | "dash" | "fish" | "cmd" | "powershell" | "pwsh"
    );
    let flags = [
        "-c",
        "-lc",
        "-ic",
        "-ec",
        "/c",
        "/C",
        "-Command",
        "-command",
        "-EncodedCommand",
        "-enc",
    ];
    let through = shell && server.words().iter().any(|word| flags.contains(word));
    let joined = |text: &str| {
        ["|", ";", "&&", "$(", "`", ">"]
            .iter()
            .any(|sign| text.contains(sign))
    };
    let sights = in_shell(&line);
    let (severity, evidence) = match sights.first() {
        Some(sight) => (Severity::Critical, sight.what.clone()),
        None if through && server.words().iter().any(|word| joined(word)) => {
            let own = server.scope == Scope::User || server.scope == Scope::Managed;
            (
                if own {
                    Severity::Medium
                } else {
                    Severity::Critical
                },
                line,
            )
        }
        None if through && server.program() != "cmd" => (Severity::Low, line),
        None if joined(text) => (Severity::High, line),
        None => return,
    };
    add(
        context,
        MCP_SHELL_COMMAND,
        server,
        *offset,
        severity,
        evidence,
        found,
    );
}

fn location(context: &Context<'_>, server: &Server, found: &mut Findings<'_>) {
    let places = &context.model.places;
    for target in targets(&server.line()) {
        let path = places.resolve(&target);
        let offset = server
            .parts
            .args
            .iter()
            .chain(&server.parts.command)
            .find(|(text, _)| *text == target)
            .map_or(server.offset, |(_, at)| *at);
        if let Some(why) = suspicious(places, &path) {
            add(
                context,
                MCP_SUSPICIOUS_LOCATION,
                server,
                offset,
                Severity::High,
                format!("{target} {why}"),
                found,
            );
        }
        if let Some(mode) = mode::of(&path).filter(|mode| mode.writers() == Others::Some) {
            add(
                context,
                MCP_SUSPICIOUS_LOCATION,
                server,
                offset,
                Severity::High,
                format!("{target}: others may write it, {mode}"),
                found,
            );
        }
        code(context, server, &path, found);
    }
    for module in modules(server) {
        code(context, server, &places.resolve(&module), found);
    }
}

/// The files of `python -m name`.
fn modules(server: &Server) -> Vec<String> {
    let words = server.words();
    let names = words
        .windows(2)
        .filter(|pair| pair[0] == "-m")
        .map(|pair| pair[1].replace('.', "/"));
    names
        .flat_map(|name| [format!("{name}.py"), format!("{name}/__main__.py")])
        .collect()
}

/// How many files beside a server's own are read.
const BESIDE: usize = 40;

/// A server's file, and those beside it if it has a folder of its own.
fn code(context: &Context<'_>, server: &Server, path: &Path, found: &mut Findings<'_>) {
    let places = &context.model.places;
    let Some((rest, _)) = places.inside(path) else {
        return;
    };
    let own = path
        .parent()
        .filter(|_| path.is_file() && rest.components().count() > 1);
    let beside = own
        .map(list)
        .unwrap_or_default()
        .into_iter()
        .filter(|other| other != path && is_code(other));
    for path in [path.to_owned()].into_iter().chain(beside.take(BESIDE)) {
        if let Some(source) = context.reader.read(&path, server.scope) {
            program(context, server, &source, found);
        }
    }
}

fn is_code(path: &Path) -> bool {
    let suffix = path
        .extension()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned();
    ["js", "mjs", "cjs", "ts", "py", "json", "go", "rb", "sh"].contains(&suffix.as_str())
}

/// The server's own code, where it is at hand.
fn program(context: &Context<'_>, server: &Server, source: &Source, found: &mut Findings<'_>) {
    if source.text.contains('\0') {
        return;
    }
    let at = |check, offset| {
        Draft::at(check, source, offset)
            .scope(server.scope)
            .effect(effect(context, server))
    };
    if let Some((offset, what)) = poisoned(&source.text) {
        found.add(at(MCP_TOOL_POISONING, offset).evidence(what));
    }
    let listens = source.text.lines().enumerate().find(|(_, line)| {
        everywhere(line)
            && ["listen", "host", "bind", "run(", "serve", "addr"]
                .iter()
                .any(|word| line.to_lowercase().contains(word))
    });
    if let Some((line, text)) = listens {
        let draft = Draft::on_line(MCP_BIND_ALL, source, line + 1)
            .scope(server.scope)
            .effect(effect(context, server));
        found.add(draft.evidence(text.trim()));
    }
}

fn everywhere(line: &str) -> bool {
    line.contains("0.0.0.0")
        || ["\"::\"", "'::'", "[::]"]
            .iter()
            .any(|any| line.contains(any))
}

/// An order to the model where a description of a tool belongs.
fn poisoned(text: &str) -> Option<(usize, String)> {
    if let Some(sentence) = orders(text)
        .into_iter()
        .find(|sentence| matches!(sentence.order, Order::Injection | Order::FalseConsent))
    {
        return Some((sentence.offset, sentence.text));
    }
    let hidden = unicode::hidden(text)
        .into_iter()
        .find(|hidden| hidden.severity >= Severity::High);
    if let Some(hidden) = hidden {
        return Some((hidden.offset, hidden.what));
    }
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let lower = line.to_lowercase();
        let speaks = [
            "before using",
            "before calling",
            "before you use",
            "first read",
            "you must",
            "must first",
            "<important>",
            "<system>",
            "always read",
            "read the file",
            "read the content",
        ];
        let about = lower.contains("description")
            || lower.contains("\"\"\"")
            || lower.contains("this tool")
            || lower.contains("<important>")
            || lower.contains("parameter");
        if about && speaks.iter().any(|word| lower.contains(word)) && secret_place(&lower).is_some()
        {
            return Some((at, line.trim().to_owned()));
        }
        at += line.len();
    }
    None
}

/// What the configuration itself says about the server and its tools.
fn described(context: &Context<'_>, server: &Server, found: &mut Findings<'_>) {
    if server.in_front
        || !server.source.name.ends_with("mcp.json") && !server.source.name.ends_with("plugin.json")
    {
        return;
    }
    let Some(doc) = Doc::lenient(&server.source) else {
        return;
    };
    let Some(entry) = doc.root().at(&["mcpServers", &server.name]) else {
        return;
    };
    for (text, value) in entry
        .strings()
        .into_iter()
        .filter(|(text, _)| text.contains(' '))
    {
        if in_shell(text).is_empty()
            && let Some((_, what)) = poisoned(text)
        {
            add(
                context,
                MCP_TOOL_POISONING,
                server,
                value.offset(),
                Severity::Critical,
                what,
                found,
            );
        }
    }
}

/// How much of the machine a server is given.
fn reach(context: &Context<'_>, server: &Server, found: &mut Findings<'_>) {
    let words = server.words();
    let files = words
        .iter()
        .any(|word| word.contains("filesystem") || word.contains("server-files"))
        || server.program().contains("filesystem");
    let contained = matches!(server.program(), "docker" | "podman" | "nerdctl");
    for (at, word) in words.iter().enumerate() {
        let offset = server
            .parts
            .args
            .iter()
            .find(|(text, _)| text == word)
            .map_or(server.offset, |(_, at)| *at);
        let next = words.get(at + 1).copied().unwrap_or_default();
        let whole = files && is_whole(context, word);
        let opened = contained && opens(word, next);
        if whole || opened {
            let evidence = if opened {
                format!("{word} {next}")
            } else {
                format!("the server reaches {word}")
            };
            add(
                context,
                MCP_BROAD_FS,
                server,
                offset,
                Severity::High,
                evidence,
                found,
            );
        }
        if everywhere(word)
            || matches!(
                (*word, next),
                (
                    "--host" | "--bind" | "--listen" | "--address" | "-H",
                    "::" | "*"
                )
            )
        {
            add(
                context,
                MCP_BIND_ALL,
                server,
                offset,
                Severity::High,
                format!("listens on {word}"),
                found,
            );
        }
    }
    for (name, value, offset) in &server.parts.env {
        let host = ["HOST", "BIND", "ADDR", "LISTEN", "ORIGIN"]
            .iter()
            .any(|part| name.to_ascii_uppercase().contains(part));
        if host && (everywhere(value) || matches!(value.as_str(), "::" | "*")) {
            add(
                context,
                MCP_BIND_ALL,
                server,
                *offset,
                Severity::High,
                format!("{name}={value}"),
                found,
            );
        }
    }
}

fn is_whole(context: &Context<'_>, word: &str) -> bool {
    let bare = word.trim_end_matches(['/', '*']);
    let user = bare
        .strip_prefix("/home/")
        .or_else(|| bare.strip_prefix("/Users/"))
        .is_some_and(|name| !name.contains('/'));
    let home = context.model.places.home == Path::new(bare);
    word.starts_with('/') && bare.is_empty()
        || matches!(
            bare,
            "~" | "$HOME" | "${HOME}" | "/home" | "/Users" | "/root" | "C:\\" | "C:" | "/etc"
        )
        || user
        || home
}

fn opens(word: &str, next: &str) -> bool {
    let mounts = |text: &str| {
        let source = text
            .trim_start_matches("type=bind,")
            .trim_start_matches("source=")
            .trim_start_matches("src=");
        let source = source.split([':', ',']).next().unwrap_or_default();
        matches!(
            source,
            "/" | "~" | "$HOME" | "${HOME}" | "/home" | "/Users" | "/root" | "/etc"
        ) || text.contains("docker.sock")
    };
    match word {
        "-v" | "--volume" | "--mount" => mounts(next),
        "--network" | "--net" | "--pid" | "--ipc" | "--userns" => next == "host",
        "--privileged" | "--network=host" | "--net=host" | "--pid=host" | "--cap-add=ALL" => true,
        "--cap-add" => matches!(next, "ALL" | "SYS_ADMIN"),
        _ => word
            .strip_prefix("--volume=")
            .or_else(|| word.strip_prefix("--mount="))
            .is_some_and(mounts),
    }
}

fn address(context: &Context<'_>, server: &Server, found: &mut Findings<'_>) {
    let in_args = server.parts.args.iter().filter(|(text, _)| {
        ["http://", "ws://", "https://", "wss://", "sse+http"]
            .iter()
            .any(|start| text.starts_with(start))
    });
    for (text, offset) in server.parts.url.iter().chain(in_args) {
        let Some(url) = Url::parse(text) else {
            continue;
        };
        if url.is_clear() {
            add(
                context,
                MCP_PLAIN_HTTP,
                server,
                *offset,
                Severity::High,
                format!("{}://{}", url.scheme, url.host),
                found,
            );
        }
    }
    if let Some((text, offset)) = &server.parts.url {
        let open = server.parts.headers.is_empty()
            && server.parts.helper.is_none()
            && !server.parts.has_login;
        if open && Url::parse(text).is_some_and(|url| !url.is_loopback() && url.user.is_none()) {
            add(
                context,
                MCP_REMOTE_NO_AUTH,
                server,
                *offset,
                Severity::Low,
                "no login, unless the server asks for one".to_owned(),
                found,
            );
        }
    }
    if let Some((command, offset)) = &server.parts.helper
        && !matches!(server.scope, Scope::User | Scope::Managed)
    {
        add(
            context,
            MCP_HEADERS_HELPER,
            server,
            *offset,
            Severity::High,
            format!("headersHelper {command}"),
            found,
        );
    }
}

/// Whose secret a variable is, and where it belongs.
const OWNERS: &[(&str, &[&str])] = &[
    ("ANTHROPIC", &["anthropic.com", "claude.ai", "claude.com"]),
    ("CLAUDE", &["anthropic.com", "claude.ai", "claude.com"]),
    ("AWS", &["amazonaws.com", "aws.amazon.com", "api.aws"]),
    (
        "GITHUB",
        &["github.com", "githubcopilot.com", "githubusercontent.com"],
    ),
    ("GH", &["github.com", "githubcopilot.com"]),
    ("GITLAB", &["gitlab.com"]),
    ("OPENAI", &["openai.com"]),
    ("GOOGLE", &["google.com", "googleapis.com"]),
    ("GEMINI", &["google.com", "googleapis.com"]),
    ("GCP", &["google.com", "googleapis.com"]),
    ("AZURE", &["azure.com", "microsoft.com", "windows.net"]),
    ("NPM", &["npmjs.org", "npmjs.com"]),
    ("STRIPE", &["stripe.com"]),
    ("SLACK", &["slack.com"]),
    ("HF", &["huggingface.co"]),
    ("SSH", &[]),
    ("DATABASE", &[]),
    ("VAULT", &[]),
    ("KUBE", &[]),
];

fn forwards(context: &Context<'_>, server: &Server, found: &mut Findings<'_>) {
    if matches!(server.scope, Scope::User | Scope::Managed) {
        return;
    }
    let headers = server.parts.headers.iter().map(|(_, text, at)| (text, *at));
    let rest = server
        .parts
        .url
        .iter()
        .chain(&server.parts.args)
        .map(|(text, at)| (text, *at));
    let line = server
        .parts
        .url
        .iter()
        .chain(&server.parts.args)
        .map(|(text, _)| text.as_str())
        .collect::<Vec<_>>()
        .join(" ");
    let hosts: Vec<String> = url::all(&line).map(|url| url.host).collect();
    if hosts.is_empty() || hosts.iter().all(|host| is_loopback_text(host)) {
        return;
    }
    for (text, offset) in headers.chain(rest) {
        for name in variables(text) {
            let upper = name.to_ascii_uppercase();
            let owner = OWNERS.iter().find(|(owner, _)| {
                upper.starts_with(owner) && upper[owner.len()..].starts_with('_')
            });
            let home = |domains: &[&str]| {
                hosts
                    .iter()
                    .all(|host| domains.iter().any(|domain| url::is_below(host, domain)))
            };
            if owner.is_some_and(|(_, domains)| !home(domains)) {
                add(
                    context,
                    MCP_CREDENTIAL_FORWARDING,
                    server,
                    offset,
                    Severity::Critical,
                    format!("{name} goes to {}", hosts.join(", ")),
                    found,
                );
            }
        }
    }
}

/// The names in `${NAME}`, `${NAME:-…}` and `$NAME`.
fn variables(text: &str) -> Vec<&str> {
    let pieces = text.split('$').skip(1);
    let names = pieces.map(|piece| {
        let piece = piece.strip_prefix('{').unwrap_or(piece);
        let end = piece
            .find(|c: char| !c.is_ascii_alphanumeric() && c != '_')
            .unwrap_or(piece.len());
        &piece[..end]
    });
    names.filter(|name| !name.is_empty()).collect()
}

fn shadows(context: &Context<'_>, found: &mut Findings<'_>) {
    let servers = &context.model.servers;
    for server in servers
        .iter()
        .filter(|server| server.scope.is_from_repository())
    {
        let same = |other: &&Server| {
            other.scope == Scope::User
                && other.name == server.name
                && other.line() + other.parts.url.as_ref().map_or("", |(url, _)| url)
                    != server.line() + server.parts.url.as_ref().map_or("", |(url, _)| url)
        };
        if servers.iter().any(|other| same(&other)) {
            add(
                context,
                MCP_NAME_SHADOW,
                server,
                server.offset,
                Severity::Medium,
                "the user has another server of this name".to_owned(),
                found,
            );
        }
    }
}
