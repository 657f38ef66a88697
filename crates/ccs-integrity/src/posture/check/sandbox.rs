//! The client's sandbox.

use super::rule::Rule;
use super::{on_path, on_value};
use crate::posture::catalog::{
    Check, SANDBOX_BINARY_OVERRIDE, SANDBOX_CREDENTIALS_UNSET, SANDBOX_DISABLED,
    SANDBOX_ESCAPE_ALLOWED, SANDBOX_EXCLUDED_BROAD, SANDBOX_GLOB_RULE_IGNORED,
    SANDBOX_NETWORK_WILDCARD, SANDBOX_PLAINTEXT_INJECT, SANDBOX_UNAVAILABLE, SANDBOX_UNIX_SOCKET,
    SANDBOX_WEAKENED, SANDBOX_WRITE_BROAD,
};
use crate::posture::finding::{Draft, Effect, Findings, Severity};
use crate::posture::json::Val;
use crate::posture::source::{Scope, status};
use crate::posture::{Context, danger, url};

pub(super) fn run(context: &Context<'_>, found: &mut Findings<'_>) {
    let on = context.model.is_on(&["sandbox", "enabled"]);
    switches(context, on, found);
    lists(context, on, found);
    if on {
        globs(context, found);
        environment(context, found);
    }
}

/// Without a sandbox its other settings have no effect.
fn add(
    context: &Context<'_>,
    on: bool,
    found: &mut Findings<'_>,
    check: &'static Check,
    value: Val<'_>,
    evidence: &str,
) {
    let draft = on_value(context, check, value).evidence(evidence);
    found.add(weigh(on, draft));
}

fn weigh(on: bool, draft: Draft) -> Draft {
    if on {
        draft
    } else {
        draft.effect(Effect::Ignored)
    }
}

fn switches(context: &Context<'_>, on: bool, found: &mut Findings<'_>) {
    let model = context.model;
    let mut seen = false;
    for (_, value) in model.every(&["sandbox", "enabled"]) {
        seen = true;
        if value.flag() == Some(false) {
            found.add(
                on_value(context, SANDBOX_DISABLED, value).evidence("sandbox.enabled is false"),
            );
        }
    }
    if !seen {
        let path = model.places.config.join("settings.json");
        found.add(
            on_path(context, SANDBOX_DISABLED, &path, Scope::User)
                .severity(Severity::Info)
                .evidence("no settings file turns the sandbox on"),
        );
    }
    let escape = ["sandbox", "allowUnsandboxedCommands"];
    match model.effective(&escape) {
        Some((_, value)) if value.flag() != Some(false) => add(
            context,
            on,
            found,
            SANDBOX_ESCAPE_ALLOWED,
            value,
            "allowUnsandboxedCommands",
        ),
        None if on => {
            let Some((_, value)) = model.effective(&["sandbox", "enabled"]) else {
                return;
            };
            let draft = on_value(context, SANDBOX_ESCAPE_ALLOWED, value).severity(Severity::Low);
            found.add(draft.evidence(
                "commands may ask to run outside, because allowUnsandboxedCommands is not false",
            ));
        }
        _ => {}
    }
    for key in [
        "enableWeakerNestedSandbox",
        "enableWeakerNetworkIsolation",
        "allowAppleEvents",
    ] {
        flag(context, on, &["sandbox", key], SANDBOX_WEAKENED, found);
    }
    flag(
        context,
        on,
        &["sandbox", "filesystem", "disabled"],
        SANDBOX_WEAKENED,
        found,
    );
    flag(
        context,
        on,
        &["sandbox", "network", "disabled"],
        SANDBOX_WEAKENED,
        found,
    );
    flag(
        context,
        on,
        &["sandbox", "network", "allowAllUnixSockets"],
        SANDBOX_UNIX_SOCKET,
        found,
    );
    flag(
        context,
        on,
        &["sandbox", "credentials", "allowPlaintextInject"],
        SANDBOX_PLAINTEXT_INJECT,
        found,
    );
}

fn flag(
    context: &Context<'_>,
    on: bool,
    path: &[&str],
    check: &'static Check,
    found: &mut Findings<'_>,
) {
    for (_, value) in context
        .model
        .every(path)
        .filter(|(_, value)| value.flag() == Some(true))
    {
        add(context, on, found, check, value, &path.join("."));
    }
}

const SOCKETS: &[&str] = &[
    "docker.sock",
    "containerd",
    "podman",
    "crio",
    "ssh-agent",
    "agent.",
    "s.gpg-agent",
    "ssh_auth_sock",
    "dbus",
    "system_bus_socket",
    "/bus",
    "launchd",
    "*",
];
const ESCAPES: &[&str] = &[
    "docker", "podman", "git", "make", "npm", "npx", "ssh", "kubectl",
];

/// Whether a socket is one of the system's services; data bases are what work needs.
fn is_of_the_system(path: &str) -> bool {
    let bare = path
        .trim_start_matches("/private")
        .trim_start_matches("/var");
    let Some(name) = bare.strip_prefix("/run/") else {
        return false;
    };
    let work = [
        "postgres",
        "mysql",
        "mariadb",
        "redis",
        "memcached",
        "valkey",
        "mongo",
        "php",
    ];
    !work.iter().any(|service| name.contains(service))
}

fn lists(context: &Context<'_>, on: bool, found: &mut Findings<'_>) {
    each(context, &["sandbox", "excludedCommands"], |text, item| {
        let first = text.split([' ', ':']).next().unwrap_or_default();
        let first = first.rsplit('/').next().unwrap_or(first);
        let severity = match first {
            "*" | "**" | "" => Severity::High,
            name if danger::interprets(name)
                || matches!(name, "env" | "xargs" | "sudo" | "curl" | "wget") =>
            {
                Severity::High
            }
            name if ESCAPES.contains(&name) => Severity::Low,
            _ => return,
        };
        found.add(weigh(
            on,
            on_value(context, SANDBOX_EXCLUDED_BROAD, item)
                .severity(severity)
                .evidence(text),
        ));
    });
    each(
        context,
        &["sandbox", "network", "allowUnixSockets"],
        |text, item| {
            let lower = text.to_ascii_lowercase();
            let every = matches!(
                lower.trim_end_matches('/'),
                "" | "/run" | "/var/run" | "/tmp" | "~"
            );
            if every
                || is_of_the_system(&lower)
                || SOCKETS.iter().any(|socket| lower.contains(socket))
            {
                add(context, on, found, SANDBOX_UNIX_SOCKET, item, text);
            }
        },
    );
    each(
        context,
        &["sandbox", "network", "allowedDomains"],
        |text, item| {
            let host = text.split_once("://").map_or(text, |(_, rest)| rest);
            let host = host.split(':').next().unwrap_or(host);
            let bare = host.trim_start_matches("*.");
            let any = host.trim_matches(['*', '.']).is_empty() || text.ends_with("/0");
            let shared = !bare.contains('.') || url::is_shared(bare) || url::is_suffix(bare);
            let whole = host.starts_with("*.") && shared;
            if any || whole || url::is_drop(bare) {
                add(context, on, found, SANDBOX_NETWORK_WILDCARD, item, text);
            }
        },
    );
    each(
        context,
        &["sandbox", "filesystem", "allowWrite"],
        |text, item| {
            let broad = matches!(
                text.trim_end_matches(['*', '/']),
                "" | "~"
                    | "/home"
                    | "/Users"
                    | "/etc"
                    | "/usr"
                    | "$HOME"
                    | "${HOME}"
                    | "/root"
                    | "/var"
                    | "/opt"
                    | "/usr/local"
                    | "/usr/local/bin"
                    | "/usr/bin"
                    | "/bin"
                    | "~/.config"
                    | "~/bin"
                    | "~/Library"
                    | ".."
            ) || text == "//"
                || context.model.places.resolve(text) == context.model.places.home
                || (text.starts_with('/') && text.trim_end_matches('/').ends_with("/bin"));
            let place = danger::is_startup_place(text).is_some()
                || danger::secret_place(text).is_some()
                || text.contains(".claude")
                || text.contains(".git");
            if broad || place {
                add(context, on, found, SANDBOX_WRITE_BROAD, item, text);
            }
        },
    );
    for path in [
        &["sandbox", "ripgrep", "command"][..],
        &["sandbox", "bwrapPath"],
        &["sandbox", "socatPath"],
    ] {
        for (file, value) in context
            .model
            .every(path)
            .filter(|(file, _)| file.scope != Scope::Managed)
        {
            let severity = if file.scope.is_from_repository() {
                Severity::High
            } else {
                Severity::Low
            };
            let evidence = format!("{} = {}", path.join("."), value.raw());
            found.add(weigh(
                on,
                on_value(context, SANDBOX_BINARY_OVERRIDE, value)
                    .severity(severity)
                    .evidence(evidence),
            ));
        }
    }
}

fn each<'a>(
    context: &'a Context<'_>,
    path: &'a [&'a str],
    mut judge: impl FnMut(&'a str, Val<'a>),
) {
    for (_, value) in context.model.every(path) {
        value.texts().for_each(|(text, item)| judge(text, item));
    }
}

/// On Linux the sandbox enforces paths, not patterns; a folder and all below it is a path.
fn globs(context: &Context<'_>, found: &mut Findings<'_>) {
    if context.target.live && !cfg!(target_os = "linux") {
        return;
    }
    for (_, text, value) in context.model.rules("deny") {
        let Some(Rule {
            tool: "Read" | "Edit",
            what: Some(what),
        }) = Rule::parse(text)
        else {
            continue;
        };
        let stem = what.strip_suffix("/**").unwrap_or(what);
        if stem.contains(['*', '?', '[']) && stem != "**" {
            found.add(on_value(context, SANDBOX_GLOB_RULE_IGNORED, value).evidence(text));
        }
    }
}

fn environment(context: &Context<'_>, found: &mut Findings<'_>) {
    let model = context.model;
    let Some((_, enabled)) = model.effective(&["sandbox", "enabled"]) else {
        return;
    };
    let guarded = model.every(&["sandbox", "credentials"]).next().is_some()
        || model
            .every(&["sandbox", "filesystem", "denyRead"])
            .next()
            .is_some();
    let kept = [".aws", ".netrc", ".config/gcloud"]
        .iter()
        .find(|name| status(&model.places.home.join(name)).is_some());
    if let Some(kept) = kept.filter(|_| !guarded) {
        found.add(
            on_value(context, SANDBOX_CREDENTIALS_UNSET, enabled)
                .evidence(format!("~/{kept} is readable in the sandbox")),
        );
    }
    let path = context
        .target
        .environment
        .iter()
        .find(|(name, _)| name == "PATH")
        .map(|(_, value)| value.as_str());
    let Some(path) = path.filter(|_| {
        context.target.live
            && cfg!(target_os = "linux")
            && !model.is_on(&["sandbox", "failIfUnavailable"])
    }) else {
        return;
    };
    for tool in ["bwrap", "socat"] {
        if !std::env::split_paths(path).any(|folder| folder.join(tool).is_file()) {
            found.add(
                on_value(context, SANDBOX_UNAVAILABLE, enabled).evidence(format!(
                    "{tool} is not installed; commands run without a sandbox"
                )),
            );
        }
    }
}
