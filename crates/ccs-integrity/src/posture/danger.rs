//! What a command line or a program does that it should not. Judged by its text alone.

mod code;
mod names;
mod shell;
#[cfg(test)]
mod tests;

pub(super) use code::{base64 as decoded, posts_input};
pub(super) use names::{
    SHELLS, downloads, interprets, is_loopback_text, is_startup_place, secret_place,
};
pub(super) use shell::sends_input;

/// A thing that is not done by accident.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Danger {
    /// Runs what it fetches from somewhere else.
    RemoteExec,
    /// Runs what it decodes, or gives somebody else a shell.
    Encoded,
    /// Arranges to be run again.
    Persistence,
    /// Reads secrets and sends them away.
    Exfiltration,
}

/// One such thing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Sight {
    pub(super) danger: Danger,
    /// Where in the text.
    pub(super) offset: usize,
    /// What is done, in one line.
    pub(super) what: String,
}

/// Judges a command line or a shell script.
pub(super) fn in_shell(text: &str) -> Vec<Sight> {
    unique(shell::judge(text, 0))
}

/// Judges a program; a shell script if its name or first line says so.
pub(super) fn in_program(name: &str, text: &str) -> Vec<Sight> {
    if is_shell(name, text) {
        return in_shell(text);
    }
    unique(code::judge(text))
}

/// Whether a file is a shell script, by its name or its first line.
pub(super) fn is_shell(name: &str, text: &str) -> bool {
    let suffix = name.rsplit_once('.').map_or("", |(_, suffix)| suffix);
    match suffix {
        "sh" | "bash" | "zsh" | "ksh" | "envrc" => true,
        "py" | "pyw" | "js" | "jsx" | "mjs" | "cjs" | "ts" | "rb" | "pl" | "php" | "ps1" | "go"
        | "rs" | "lua" => false,
        _ => {
            let first = text.lines().next().unwrap_or_default();
            !first.starts_with("#!") || names::SHELLS.iter().any(|shell| first.contains(shell))
        }
    }
}

/// Each danger once, at its first place.
fn unique(mut sights: Vec<Sight>) -> Vec<Sight> {
    sights.sort_by_key(|sight| (sight.danger, sight.offset));
    sights.dedup_by(|a, b| a.danger == b.danger);
    sights
}
