//! MCP servers: what they run, where they connect, what they say.

mod code;
mod reach;
mod secret;

pub(super) use secret::misdirected;

use super::mode::{self, Others};
use super::on_value;
use crate::posture::catalog::{
    AGENT_FRONTMATTER_HOOK, Check, MCP_ENABLE_ALL_PROJECT, MCP_HEADERS_HELPER, MCP_NAME_SHADOW,
    MCP_PLAIN_HTTP, MCP_REMOTE_NO_AUTH, MCP_SELF_APPROVED, MCP_SHELL_COMMAND,
    MCP_SUSPICIOUS_LOCATION,
};
use crate::posture::danger::{SHELLS, in_shell, interprets};
use crate::posture::finding::{Draft, Effect, Findings, Severity};
use crate::posture::json::Val;
use crate::posture::model::{Server, suspicious, targets};
use crate::posture::source::Scope;
use crate::posture::url::Url;
use crate::posture::{Context, repository};
use code::{code, described, modules, named_files};
use reach::reach;
use secret::forwards;

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
    for value in remembered(context) {
        let draft = on_value(context, MCP_ENABLE_ALL_PROJECT, value);
        found.add(draft.evidence("servers of the repository start without a question"));
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

/// The same consent where the client keeps what it was told once.
fn remembered<'a>(context: &'a Context<'_>) -> Vec<Val<'a>> {
    let Some(state) = &context.model.state else {
        return Vec::new();
    };
    let root = state.root();
    let projects = root.get("projects").into_iter().flat_map(Val::members);
    let entries = projects.map(|(_, entry)| entry).chain([root]);
    let values = entries.filter_map(|entry| entry.get("enableAllProjectMcpServers"));
    values.filter(|value| value.flag() == Some(true)).collect()
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
    let through = shell && server.words().iter().any(|word| flags.contains(word))
        || server
            .commands()
            .iter()
            .any(|words| within_launcher(words) || given_line(words));
    let joined = |text: &str| {
        ["|", ";", "&", "$(", "`", ">"]
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
        None if shell && server.words().iter().any(|word| word.starts_with("<(")) => {
            (Severity::Critical, line)
        }
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

/// Whether an interpreter is given its program as an argument, and that starts others.
fn given_line(words: &[String]) -> bool {
    let Some((program, rest)) = words.split_first() else {
        return false;
    };
    let option = |word: &String| matches!(word.as_str(), "-c" | "-e" | "-r" | "--eval" | "-lc");
    let Some(at) = rest.iter().position(option) else {
        return false;
    };
    let starts = [
        "system",
        "exec",
        "popen",
        "subprocess",
        "child_process",
        "spawn",
        "`",
    ];
    let line = rest.get(at + 1).map_or("", String::as_str);
    SHELLS.contains(&program.as_str())
        || interprets(program) && starts.iter().any(|word| line.contains(word))
}

/// Whether a program that starts another one is given a line for a shell: `docker run … sh -c '…'`,
/// `npx -c '…'`.
fn within_launcher(words: &[String]) -> bool {
    let Some((program, rest)) = words.split_first() else {
        return false;
    };
    let pairs = || {
        rest.windows(2)
            .map(|pair| (pair[0].as_str(), pair[1].as_str()))
    };
    match program.as_str() {
        "docker" | "podman" | "nerdctl" | "sudo" | "doas" | "ssh" => {
            pairs().any(|(shell, option)| {
                let name = shell.rsplit('/').next().unwrap_or(shell);
                matches!(name, "sh" | "bash" | "ash" | "zsh") && option.starts_with('-')
            })
        }
        "npx" | "npm" | "pnpm" => pairs().any(|(option, _)| matches!(option, "-c" | "--call")),
        _ => false,
    }
}

fn location(context: &Context<'_>, server: &Server, found: &mut Findings<'_>) {
    let places = &context.model.places;
    let folder = server
        .parts
        .folder
        .as_ref()
        .map(|(folder, _)| folder.clone());
    let named = named_files(server)
        .into_iter()
        .filter(|file| file.starts_with(['~', '/', '$']));
    let line = server.line();
    let mut all: Vec<String> = targets(&line)
        .into_iter()
        .chain(named)
        .chain(folder)
        .collect();
    all.sort();
    all.dedup();
    for target in all {
        let path = server.resolve(places, &target);
        let offset = server
            .parts
            .args
            .iter()
            .chain(&server.parts.command)
            .chain(&server.parts.folder)
            .find(|(text, _)| target.contains(text.as_str()))
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
    let named = named_files(server).into_iter();
    for module in modules(server).into_iter().chain(named) {
        code(context, server, &server.resolve(places, &module), found);
    }
}

fn address(context: &Context<'_>, server: &Server, found: &mut Findings<'_>) {
    let in_args = server.parts.args.iter().filter(|(text, _)| {
        ["http://", "ws://", "https://", "wss://", "sse+http"]
            .iter()
            .any(|start| text.starts_with(start) || text.contains(&format!("={start}")))
    });
    for (text, offset) in server.parts.url.iter().chain(in_args) {
        // An option's value, or what stands for a variable that is not set.
        let text = text
            .rsplit_once('=')
            .filter(|_| text.starts_with('-'))
            .map_or(text.as_str(), |(_, value)| value);
        let text = text
            .split_once(":-")
            .filter(|_| text.starts_with("${"))
            .map_or(text, |(_, value)| value);
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
    let own = matches!(server.scope, Scope::User | Scope::Managed);
    let odd = |command: &str| {
        let places = &context.model.places;
        let relative = !command.starts_with(['/', '~', '$', '%']) && command.contains('/');
        let mut files = targets(command).into_iter();
        relative || files.any(|file| suspicious(places, &places.resolve(&file)).is_some())
    };
    if let Some((command, offset)) = &server.parts.helper
        && (!own || odd(command))
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
