//! What a rule allows.

use std::path::Path;

use super::super::rule::Rule;
use super::is_broad;
use crate::posture::catalog::{
    Check, PERM_BASH_WILDCARD, PERM_INTERPRETER_ALLOW, PERM_MCP_WILDCARD, PERM_WEBFETCH_WILDCARD,
    PERM_WRITE_WILDCARD,
};
use crate::posture::finding::Severity;
use crate::posture::{danger, url};

/// Why a rule allows more than it should.
pub(super) fn too_much(rule: Rule<'_>) -> Option<(&'static Check, Severity)> {
    match rule.tool {
        "*" => Some((PERM_BASH_WILDCARD, Severity::Critical)),
        "Bash" | "PowerShell" if rule.is_any() => Some((PERM_BASH_WILDCARD, Severity::Critical)),
        "Bash" | "PowerShell" => {
            let severity = launcher(&rule.command()?)?;
            Some((PERM_INTERPRETER_ALLOW, severity))
        }
        "Edit" | "Write" | "MultiEdit" | "NotebookEdit" => {
            Some((PERM_WRITE_WILDCARD, write_reach(rule)?))
        }
        "WebFetch" => fetches_anywhere(rule).then_some((PERM_WEBFETCH_WILDCARD, Severity::Medium)),
        tool => {
            let name = tool.strip_prefix("mcp__")?;
            let whole = name == "*" || !name.contains("__") || name.ends_with("__*");
            let severity = if name.starts_with('*') {
                Severity::Medium
            } else {
                Severity::Low
            };
            whole.then_some((PERM_MCP_WILDCARD, severity))
        }
    }
}

/// Programs that run whatever they are told.
const LAUNCHERS: &[&str] = &[
    "npx",
    "pnpx",
    "bunx",
    "uvx",
    "pipx",
    "curl",
    "wget",
    "xargs",
    "env",
    "find",
    "ssh",
    "docker",
    "podman",
    "make",
    "awk",
    "gawk",
    "sudo",
    "doas",
    "eval",
    "exec",
    "nohup",
    "time",
    "timeout",
    "watch",
    "parallel",
    "kubectl",
    "osascript",
    "nc",
    "ncat",
    "socat",
    "rsync",
    "tclsh",
    "sed",
    "vim",
    "tsx",
    "source",
    "busybox",
    "chroot",
    "nsenter",
    "script",
    "expect",
    "strace",
    "gdb",
    "systemd-run",
    "crontab",
    "at",
    "emacs",
];
/// The same with a further word.
const LAUNCHING: &[(&str, &str)] = &[
    ("docker", "run"),
    ("docker", "exec"),
    ("podman", "run"),
    ("podman", "exec"),
    ("kubectl", "exec"),
    ("npm", "exec"),
    ("npm", "x"),
    ("pnpm", "dlx"),
    ("pnpm", "exec"),
    ("yarn", "dlx"),
    ("yarn", "exec"),
    ("uv", "run"),
    ("uv", "tool"),
    ("go", "run"),
    ("deno", "run"),
    ("poetry", "run"),
    ("git", "-c"),
    ("mise", "exec"),
    ("npx", "-y"),
    ("bundle", "exec"),
    ("pip", "install"),
    ("npm", "install"),
];
/// Tools of every day that can run anything, but rarely do.
const BROAD: &[&str] = &[
    "git", "npm", "pnpm", "yarn", "bun", "cargo", "go", "uv", "gh", "just",
];

/// How bad it is that a command may go on as it likes after these words.
fn launcher(words: &[&str]) -> Option<Severity> {
    let (first, rest) = words.split_first()?;
    let name = first
        .rsplit('/')
        .next()
        .unwrap_or(first)
        .trim_end_matches('*');
    let open = rest
        .iter()
        .all(|word| word.starts_with('-') || word.starts_with(|c: char| c.is_ascii_digit()));
    // `cd * && *`
    if rest
        .iter()
        .any(|word| matches!(*word, "&&" | ";" | "||" | "|"))
        && rest
            .last()
            .is_some_and(|word| matches!(*word, "&&" | ";" | "||" | "|"))
    {
        return Some(Severity::High);
    }
    if open && (danger::interprets(name) || LAUNCHERS.contains(&name)) {
        return Some(Severity::High);
    }
    if let [second] = rest
        && LAUNCHING.contains(&(name, second))
    {
        let installs = *second == "install";
        return Some(if installs {
            Severity::Low
        } else {
            Severity::High
        });
    }
    if let ["compose", "run" | "exec"] = rest
        && matches!(name, "docker" | "podman")
    {
        return Some(Severity::High);
    }
    (rest.is_empty() && BROAD.contains(&name)).then_some(Severity::Low)
}

fn write_reach(rule: Rule<'_>) -> Option<Severity> {
    let what = rule.what.map(str::trim);
    match what {
        None => Some(Severity::Low),
        Some(
            "*" | "**" | "//**" | "//*" | "~/**" | "~/*" | "/**" | "**/*" | "~" | "//"
            | "//home/**",
        ) => Some(Severity::High),
        Some(what) => {
            let place =
                danger::is_startup_place(what).is_some() || danger::secret_place(what).is_some();
            let ours = [
                ".claude",
                ".git/",
                ".mcp.json",
                ".vscode/",
                ".envrc",
                ".husky/",
            ]
            .iter()
            .any(|place| what.contains(place))
                || what.trim_end_matches(['/', '*']) == "~/.config"
                || what.starts_with("//etc")
                || what.starts_with("//usr");
            let stem = what.trim_end_matches('*').replace("//", "/");
            let whole = (what.starts_with("//") || what.starts_with('~'))
                && is_broad(Path::new(stem.trim_end_matches('/')));
            (place || ours || whole).then_some(Severity::High)
        }
    }
}

fn fetches_anywhere(rule: Rule<'_>) -> bool {
    let Some(domain) = rule.what.and_then(|what| what.strip_prefix("domain:")) else {
        return rule.is_any();
    };
    let domain = domain.trim();
    let bare = domain.trim_start_matches("*.");
    matches!(domain, "*" | "**" | "*.*")
        || domain.starts_with("*.") && !bare.contains('.')
        || url::is_drop(bare)
}
