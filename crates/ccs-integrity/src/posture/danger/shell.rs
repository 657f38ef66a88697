//! Command lines.

mod fetch;
mod send;

use super::names::{SHELLS, downloads, interprets, is_startup_place};
use super::{Danger, Sight, code};
use crate::posture::shell::{Pipeline, Script, Stage, Word, parse};
pub(super) use fetch::power_shell;
use fetch::{fetched_then_run, package};
pub(in crate::posture) use send::sends_input;
use send::{exfiltrates, looped};

/// How deep `sh -c 'sh -c …'` is followed.
const DEPTH: usize = 4;

pub(super) fn judge(text: &str, depth: usize) -> Vec<Sight> {
    let script = parse(text);
    let mut sights = Vec::new();
    for pipeline in script.all() {
        piped(pipeline, &mut sights);
        for stage in &pipeline.stages {
            substituted(stage, &mut sights);
            connects(stage, &mut sights);
            persists(stage, &mut sights);
            inline(stage, depth, &mut sights);
            package(stage, &mut sights);
        }
        exfiltrates(pipeline, &mut sights);
    }
    fetched_then_run(&script, &mut sights);
    kept(&script, &mut sights);
    looped(&script, &mut sights);
    power_shell(text, &mut sights);
    sights
}

fn add(sights: &mut Vec<Sight>, danger: Danger, stage: &Stage, what: impl Into<String>) {
    let what = what.into();
    let offset = stage.offset;
    sights.push(Sight {
        danger,
        offset,
        what,
    });
}

/// `curl … | sh`, `base64 -d | sh`.
fn piped(pipeline: &Pipeline, sights: &mut Vec<Sight>) {
    for (at, stage) in pipeline.stages.iter().enumerate() {
        if !runs_input(stage) {
            continue;
        }
        let (before, after) = pipeline.stages.split_at(at);
        let name = stage.name();
        let outside = |stage: &&Stage| matches!(stage.name(), "nc" | "ncat" | "netcat" | "telnet");
        if let Some(line) = after.iter().find(outside) {
            let what = format!("{name} answers to {}", line.name());
            add(sights, Danger::Encoded, stage, what);
        }
        if let Some(source) = before.iter().find(|stage| fetches(stage)) {
            let what = format!("{} into {name}", source.name());
            add(sights, Danger::RemoteExec, source, what);
        }
        if let Some(decoder) = before.iter().find(|stage| decodes(stage)) {
            let what = format!("{} into {name}{}", decoder.name(), decoded(before));
            add(sights, Danger::Encoded, decoder, what);
        }
    }
}

/// Whether a stage runs what it gets from the one before it, rather than a program it names.
fn runs_input(stage: &Stage) -> bool {
    let Some((name, args)) = stage.program() else {
        return false;
    };
    if !interprets(name) && !matches!(name, "source" | ".") {
        return false;
    }
    let first = args
        .iter()
        .map(|word| word.text.as_str())
        .find(|text| !text.is_empty());
    let shell = SHELLS.contains(&name);
    // `… | xargs sh -c` makes the input the program.
    let handed = stage
        .words
        .first()
        .is_some_and(|word| word.name() == "xargs")
        && args.last().is_some_and(|word| word.text == "-c");
    match first {
        _ if handed => true,
        None | Some("-" | "/dev/stdin") => true,
        Some("-c" | "-e" | "-m" | "-r" | "--eval" | "--print" | "-p" | "run") => false,
        Some(option) if option.starts_with('-') && shell => {
            !option.trim_start_matches('-').contains('c')
        }
        Some(option) => {
            option.starts_with('-') && args.iter().all(|word| word.text.starts_with('-'))
        }
    }
}

fn fetches(stage: &Stage) -> bool {
    let line = matches!(stage.name(), "nc" | "ncat" | "netcat" | "telnet" | "socat");
    downloads(stage.name()) || line || stage.name() == "openssl" && stage.has_arg(&["s_client"])
}

fn decodes(stage: &Stage) -> bool {
    match stage.name() {
        "base64" | "base32" | "gbase64" => stage.has_arg(&["-d", "-D", "--decode", "-di", "-id"]),
        "xxd" => stage
            .args()
            .iter()
            .any(|word| word.text.starts_with("-r") || word.text == "-ps"),
        "openssl" => stage.has_arg(&["-d", "-base64"]),
        "gzip" | "zstd" | "xz" | "bzip2" => stage.has_arg(&["-d", "-dc", "-cd", "--decompress"]),
        "gunzip" | "zcat" | "uudecode" | "rev" | "xzcat" => true,
        // Letters for other letters, as against `tr a-z A-Z`.
        "tr" => stage.args().get(1).is_some_and(|word| {
            let ranges = word.text.matches('-').count();
            ranges > 1 && !word.text.starts_with(['-', '['])
        }),
        name if name.starts_with("python") => {
            stage.has_arg(&["base64", "-mbase64"]) && stage.has_arg(&["-d"])
        }
        "printf" | "echo" => stage
            .args()
            .iter()
            .any(|word| word.text.matches("\\x").count() > 3),
        _ => false,
    }
}

/// The beginning of what a literal in the stages decodes to.
fn decoded(stages: &[Stage]) -> String {
    let words = stages.iter().flat_map(Stage::args);
    let literal = words
        .map(|word| word.text.as_str())
        .find(|text| text.len() >= 16);
    match literal.and_then(code::base64) {
        Some(text) => format!(": `{}`", text.chars().take(80).collect::<String>()),
        None => String::new(),
    }
}

/// `eval "$(curl …)"`, `bash <(curl …)`, `sh -c "$(base64 -d …)"`.
fn substituted(stage: &Stage, sights: &mut Vec<Sight>) {
    let Some((name, args)) = stage.program() else {
        return;
    };
    if !interprets(name) && !matches!(name, "eval" | "source" | ".") {
        // `$(curl …)` as the command itself.
        let own = stage.words.first().filter(|word| word.text.is_empty());
        own.into_iter()
            .for_each(|word| from_inner(name, stage, word, sights));
        return;
    }
    for word in args {
        from_inner(name, stage, word, sights);
    }
}

/// `x=$(curl …); eval "$x"`
fn kept(script: &Script, sights: &mut Vec<Sight>) {
    let words = script.stages().flat_map(|stage| &stage.words);
    let fetched: Vec<&str> = words
        .filter(|word| {
            word.inner
                .iter()
                .any(|(inner, _)| inner.stages().any(fetches))
        })
        .filter_map(|word| Some(word.text.split_once('=')?.0))
        .collect();
    for stage in script.stages() {
        let runs = interprets(stage.name()) || stage.name() == "eval";
        let mut used = stage
            .args()
            .iter()
            .flat_map(|word| word.split.iter().chain(&word.whole));
        if let Some(name) = used
            .find(|name| fetched.contains(&name.as_str()))
            .filter(|_| runs)
        {
            let what = format!("{} runs ${name}, which was fetched", stage.name());
            add(sights, Danger::RemoteExec, stage, what);
        }
    }
}

fn from_inner(name: &str, stage: &Stage, word: &Word, sights: &mut Vec<Sight>) {
    let name = if name.is_empty() { "the shell" } else { name };
    for (inner, _) in &word.inner {
        if let Some(source) = inner.stages().find(|stage| fetches(stage)) {
            add(
                sights,
                Danger::RemoteExec,
                stage,
                format!("{name} runs what {} fetches", source.name()),
            );
        }
        for pipeline in inner.all() {
            if let Some(decoder) = pipeline.stages.iter().find(|stage| decodes(stage)) {
                let what = format!(
                    "{name} runs what {} decodes{}",
                    decoder.name(),
                    decoded(&pipeline.stages)
                );
                add(sights, Danger::Encoded, stage, what);
            }
        }
    }
}

/// Gives somebody else a shell.
fn connects(stage: &Stage, sights: &mut Vec<Sight>) {
    let words = || stage.words.iter().chain(&stage.writes);
    // Without a host it is a pattern that somebody looks for.
    let opens = |word: &Word| {
        let hosts = ["/dev/tcp/", "/dev/udp/", "/inet/tcp/"]
            .iter()
            .filter_map(|device| word.text.split_once(device));
        hosts
            .into_iter()
            .any(|(_, host)| host.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '$'))
    };
    if words().any(opens) {
        add(
            sights,
            Danger::Encoded,
            stage,
            "a connection through /dev/tcp",
        );
    }
    let executes = match stage.name() {
        "nc" | "ncat" | "netcat" => stage.has_arg(&["-e", "-c", "--exec", "--sh-exec"]),
        "socat" => words().any(|word| {
            let text = word.text.to_ascii_uppercase();
            text.contains("EXEC:") || text.contains("SYSTEM:")
        }),
        _ => false,
    };
    if executes {
        add(
            sights,
            Danger::Encoded,
            stage,
            format!("{} gives a program to the network", stage.name()),
        );
    }
}

fn persists(stage: &Stage, sights: &mut Vec<Sight>) {
    let args = stage.args();
    let written: Vec<&Word> = match stage.name() {
        "tee" | "install" | "dd" => args.iter().collect(),
        "cp" | "mv" | "ln" | "rsync" => args.last().into_iter().collect(),
        "sed" | "perl"
            if args
                .iter()
                .any(|word| word.text.starts_with("-i") || word.text == "-pi") =>
        {
            args.iter().collect()
        }
        _ => Vec::new(),
    };
    for word in stage.writes.iter().chain(written) {
        if let Some(place) = is_startup_place(&word.text) {
            add(
                sights,
                Danger::Persistence,
                stage,
                format!("writes {place}"),
            );
        }
    }
    let scheduled = match stage.name() {
        "at" | "batch" => args.len() > 1 || stage.fed.is_some(),
        "systemd-run" => stage.has_arg(&["--user", "--on-calendar", "--on-boot"]),
        "crontab" => !stage.has_arg(&["-l", "-h", "--help"]),
        "systemctl" => {
            stage.has_arg(&["enable"]) || stage.has_arg(&["--user"]) && stage.has_arg(&["start"])
        }
        "launchctl" => stage.has_arg(&["load", "bootstrap"]),
        "schtasks" => stage.has_arg(&["/create", "/Create"]),
        "claude" => {
            stage.has_arg(&["mcp", "plugin"]) && stage.has_arg(&["add", "add-json", "install"])
        }
        "npm" | "pnpm" => {
            stage.has_arg(&["config"])
                && args.iter().any(|word| {
                    word.text.contains("script-shell") || word.text.contains("node-options")
                })
        }
        "git" => {
            stage.has_arg(&["--global"])
                && args
                    .iter()
                    .any(|w| w.text == "core.hooksPath" || w.text.starts_with("alias."))
        }
        _ => false,
    };
    if scheduled {
        add(
            sights,
            Danger::Persistence,
            stage,
            format!("{} arranges a later run", stage.name()),
        );
    }
}

/// Programs within the command line: `sh -c '…'`, `python -c '…'`, `sh <<EOF`.
fn inline(stage: &Stage, depth: usize, sights: &mut Vec<Sight>) {
    let Some((name, args)) = stage.program() else {
        return;
    };
    if depth >= DEPTH || !(interprets(name) || name == "eval" || name == "ssh" || name == "su") {
        return;
    }
    let shell = SHELLS.contains(&name) || matches!(name, "eval" | "ssh" | "su");
    let programs = args
        .iter()
        .map(|word| word.text.as_str())
        .chain(stage.fed.as_deref());
    for program in programs.filter(|program| program.len() > 8) {
        let inner = if shell {
            judge(program, depth + 1)
        } else {
            code::judge(program)
        };
        sights.extend(inner.into_iter().map(|sight| Sight {
            offset: stage.offset,
            ..sight
        }));
    }
    let encoded = |word: &Word| {
        let option = word.text.to_ascii_lowercase();
        option.len() >= 2 && "-encodedcommand".starts_with(&option) && option.starts_with("-e")
    };
    if matches!(name, "pwsh" | "powershell") && args.iter().any(encoded) {
        add(
            sights,
            Danger::Encoded,
            stage,
            "PowerShell runs an encoded command",
        );
    }
}
