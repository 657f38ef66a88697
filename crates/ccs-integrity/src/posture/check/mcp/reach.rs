//! How much of the machine a server is given.

use super::add;
use crate::posture::Context;
use crate::posture::catalog::{MCP_BIND_ALL, MCP_BROAD_FS};
use crate::posture::danger::secret_place;
use crate::posture::finding::{Findings, Severity};
use crate::posture::model::Server;

pub(super) fn everywhere(line: &str) -> bool {
    let port = |call: &str| {
        let rest = line.split_once(call).map(|(_, rest)| rest);
        rest.is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
    };
    if ["ListenAndServe(\":", "Listen(\"tcp\", \":", "Run(\":"]
        .iter()
        .any(|call| port(call))
    {
        return true;
    }
    line.contains("0.0.0.0") && !line.contains("0.0.0.0/")
        || line.contains("HTTPServer((''")
        || line.contains("HTTPServer((\"\"")
        || line.contains("bind((''")
        || line.contains("bind((\"\"")
        || ["\"::\"", "'::'", "[::]"]
            .iter()
            .any(|any| line.contains(any))
}

/// How much of the machine a server is given.
pub(super) fn reach(context: &Context<'_>, server: &Server, found: &mut Findings<'_>) {
    let words = server.words();
    let about_files = |word: &str| {
        word.contains("filesystem") || word.contains("server-files") || word.contains("fs-mcp")
    };
    let files = words.iter().any(|word| about_files(word)) || about_files(server.program());
    let contained = matches!(server.program(), "docker" | "podman" | "nerdctl");
    for (at, word) in words.iter().enumerate() {
        let offset = server
            .parts
            .args
            .iter()
            .find(|(text, _)| text == word)
            .map_or(server.offset, |(_, at)| *at);
        let next = words.get(at + 1).copied().unwrap_or_default();
        let whole = files && is_whole(context, word)
            || is_folder_option(words.get(at.wrapping_sub(1)).copied().unwrap_or_default())
                && is_whole(context, word)
            || word.split_once('=').is_some_and(|(option, value)| {
                is_folder_option(option) && is_whole(context, value)
            });
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
                    "::" | "::0" | "*"
                )
            )
            || listens(word, next)
            || contained && published(word, next)
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
        let folders = ["ALLOWED", "ROOT_DIR", "BASE_DIR", "ROOT_PATH", "BASE_PATH"]
            .iter()
            .any(|part| name.to_ascii_uppercase().contains(part));
        if folders
            && value
                .split([',', ':', ';'])
                .any(|folder| is_whole(context, folder.trim()))
        {
            let evidence = format!("{name}={value}");
            add(
                context,
                MCP_BROAD_FS,
                server,
                *offset,
                Severity::High,
                evidence,
                found,
            );
        }
        let host = ["HOST", "BIND", "ADDR", "LISTEN", "ORIGIN"]
            .iter()
            .any(|part| name.to_ascii_uppercase().contains(part));
        if host
            && (everywhere(value)
                || value.starts_with(":::")
                || matches!(value.as_str(), "::" | "*"))
        {
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

/// Whether an option says where to listen and names a port alone, which is every address.
fn listens(word: &str, next: &str) -> bool {
    let (option, value) = word.split_once('=').unwrap_or((word, next));
    let about = ["listen", "addr", "bind", "http"];
    let port = value
        .strip_prefix(':')
        .is_some_and(|port| !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit()));
    port && option.starts_with('-') && about.iter().any(|part| option.contains(part))
}

/// Whether a container's port is opened without saying for whom.
fn published(word: &str, next: &str) -> bool {
    let value = match word {
        "-p" | "--publish" => next,
        _ => word.strip_prefix("--publish=").unwrap_or_default(),
    };
    let value = value.split('/').next().unwrap_or_default();
    let ports =
        |value: &str| !value.is_empty() && value.bytes().all(|b| b.is_ascii_digit() || b == b'-');
    value
        .split_once(':')
        .is_some_and(|(host, inner)| ports(host) && ports(inner))
}

/// Whether an option names the folders that a server may use.
fn is_folder_option(option: &str) -> bool {
    let name = option.trim_start_matches('-');
    let words = [
        "allow",
        "root",
        "dir",
        "directory",
        "base",
        "path",
        "workspace",
        "folder",
    ];
    option.starts_with("--")
        && name
            .split(['-', '_'])
            .any(|part| words.contains(&part) || part == "allowed" || part == "write")
}

fn is_whole(context: &Context<'_>, word: &str) -> bool {
    let bare = word.trim_end_matches(['/', '*']);
    let user = bare
        .strip_prefix("/home/")
        .or_else(|| bare.strip_prefix("/Users/"))
        .is_some_and(|name| !name.contains('/'));
    let places = &context.model.places;
    let path = places.resolve(bare);
    let home = bare.starts_with('/') && places.home == path
        || bare.starts_with("..") && places.home.starts_with(&path);
    let secret = [
        bare,
        &format!("{bare}/config"),
        &format!("{bare}/config.json"),
    ]
    .iter()
    .any(|text| bare.contains('/') && secret_place(text).is_some());
    word.starts_with('/') && bare.is_empty()
        || matches!(
            bare,
            "~" | "$HOME" | "${HOME}" | "/home" | "/Users" | "/root" | "C:\\" | "C:" | "/etc"
        )
        || user
        || home
        || secret
}

fn opens(word: &str, next: &str) -> bool {
    let mounts = |text: &str| {
        let named = text.split(',').find_map(|part| {
            part.strip_prefix("source=")
                .or_else(|| part.strip_prefix("src="))
        });
        let source = named.unwrap_or_else(|| text.split(':').next().unwrap_or_default());
        let user = source
            .strip_prefix("/home/")
            .or_else(|| source.strip_prefix("/Users/"));
        matches!(
            source.trim_end_matches('/'),
            "" | "~" | "$HOME" | "${HOME}" | "/home" | "/Users" | "/root" | "/etc" | "/var/run"
        ) || user.is_some_and(|name| !name.trim_end_matches('/').contains('/'))
            || secret_place(source).is_some()
            || text.contains("docker.sock")
    };
    match word {
        "-v" | "--volume" | "--mount" => mounts(next),
        "--network" | "--net" | "--pid" | "--ipc" | "--userns" => next == "host",
        "--privileged"
        | "--network=host"
        | "--net=host"
        | "--pid=host"
        | "--cap-add=ALL"
        | "--cap-add=SYS_ADMIN"
        | "--userns=host"
        | "--ipc=host" => true,
        "--security-opt" => next.ends_with("unconfined"),
        "--device" => {
            next.starts_with("/dev/sd") || next.starts_with("/dev/nvme") || next == "/dev/mem"
        }
        "--cap-add" => matches!(next, "ALL" | "SYS_ADMIN"),
        _ if word.starts_with("--security-opt=") => word.ends_with("unconfined"),
        _ => word
            .strip_prefix("--volume=")
            .or_else(|| word.strip_prefix("--mount="))
            .or_else(|| word.strip_prefix("-v"))
            .is_some_and(mounts),
    }
}
