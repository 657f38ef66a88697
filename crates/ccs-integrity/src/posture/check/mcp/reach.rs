//! How much of the machine a server is given.

use std::path::Path;

use super::add;
use crate::posture::Context;
use crate::posture::catalog::{MCP_BIND_ALL, MCP_BROAD_FS};
use crate::posture::finding::{Findings, Severity};
use crate::posture::model::Server;

pub(super) fn everywhere(line: &str) -> bool {
    line.contains("0.0.0.0")
        || ["\"::\"", "'::'", "[::]"]
            .iter()
            .any(|any| line.contains(any))
}

/// How much of the machine a server is given.
pub(super) fn reach(context: &Context<'_>, server: &Server, found: &mut Findings<'_>) {
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
