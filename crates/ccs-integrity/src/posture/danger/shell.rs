//! Command lines.

mod fetch;

use super::names::{
    SHELLS, downloads, interprets, is_loopback_text, is_startup_place, secret_place,
};
use super::{Danger, Sight, code};
use crate::posture::shell::{Pipeline, Script, Stage, Word, parse};
pub(super) use fetch::power_shell;
use fetch::{fetched_then_run, package};

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
    downloads(stage.name()) || stage.name() == "nc" || stage.name() == "ncat"
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
        .filter(|word| word.inner.iter().any(|(inner, _)| inner.stages().any(fetches)))
        .filter_map(|word| Some(word.text.split_once('=')?.0))
        .collect();
    for stage in script.stages() {
        let runs = interprets(stage.name()) || stage.name() == "eval";
        let mut used = stage.args().iter().flat_map(|word| word.split.iter().chain(&word.whole));
        if let Some(name) = used.find(|name| fetched.contains(&name.as_str())).filter(|_| runs) {
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
        let hosts = ["/dev/tcp/", "/dev/udp/"]
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

fn exfiltrates(pipeline: &Pipeline, sights: &mut Vec<Sight>) {
    let Some(sender) = pipeline.stages.iter().find(|stage| sends(stage)) else {
        return;
    };
    let words = || pipeline.stages.iter().flat_map(|stage| &stage.words);
    let inner = words()
        .flat_map(|word| &word.inner)
        .flat_map(|(script, _)| script.stages());
    let all: Vec<&Stage> = pipeline.stages.iter().chain(inner).collect();
    let to_itself = words().any(|word| is_loopback_text(&word.text));
    let place = all
        .iter()
        .flat_map(|stage| &stage.words)
        .find_map(|word| secret_place(&word.text));
    let environment = all
        .iter()
        .any(|stage| matches!(stage.name(), "env" | "printenv" | "set") && stage.args().is_empty());
    let what = match place {
        _ if to_itself => return,
        Some(place) => format!("{} sends {place}", sender.name()),
        None if environment => format!("{} sends the environment", sender.name()),
        None => match pipeline.stages.iter().find(|stage| reveals(stage)) {
            Some(keeper) => format!("{} sends what {} keeps", sender.name(), keeper.name()),
            None => return,
        },
    };
    add(sights, Danger::Exfiltration, sender, what);
}

/// Whether a program prints a secret that it keeps.
fn reveals(stage: &Stage) -> bool {
    let has = |words: &[&str]| stage.args().iter().any(|arg| words.contains(&arg.text.as_str()));
    match stage.name() {
        "gpg" | "gpg2" => has(&["--export-secret-keys", "--export-secret-subkeys"]),
        "security" => has(&["find-generic-password", "find-internet-password", "dump-keychain"]),
        "secret-tool" => has(&["lookup", "search"]),
        "pass" | "gopass" => has(&["show"]),
        "op" => has(&["read", "get"]),
        "gh" | "glab" => has(&["auth"]) && has(&["token"]),
        "gcloud" => has(&["print-access-token", "print-identity-token"]),
        "aws" => has(&["export-credentials", "get-secret-value", "get-session-token"]),
        "kubectl" => has(&["secret", "secrets"]),
        "vault" => has(&["read", "kv"]),
        _ => false,
    }
}

/// `for f in ~/.ssh/*; do curl -T "$f" …; done`
fn looped(script: &Script, sights: &mut Vec<Sight>) {
    let stages: Vec<&Stage> = script.stages().collect();
    for list in stages
        .iter()
        .filter(|stage| stage.words.first().is_some_and(|w| w.text == "for"))
    {
        let variable = list.words.get(1).map_or("", |word| word.text.as_str());
        let place = list
            .words
            .iter()
            .skip(2)
            .find_map(|word| secret_place(&word.text));
        let uses = |stage: &&&Stage| {
            let mut words = stage
                .words
                .iter()
                .flat_map(|word| word.split.iter().chain(&word.whole));
            sends(stage) && words.any(|name| name == variable)
        };
        if let (Some(place), Some(sender)) = (place, stages.iter().find(uses)) {
            let what = format!("{} sends {place}", sender.name());
            add(sights, Danger::Exfiltration, sender, what);
        }
    }
}

fn sends(stage: &Stage) -> bool {
    let option = |starts: &[&str]| {
        let is = |word: &Word| starts.iter().any(|start| word.text.starts_with(start));
        stage.args().iter().any(is)
    };
    match stage.name() {
        "curl" => {
            option(&[
                "-d",
                "--data",
                "-F",
                "--form",
                "-T",
                "--upload-file",
                "--json",
            ]) || query(stage)
        }
        "wget" => option(&["--post", "--body", "--method"]) || query(stage),
        "nc" | "ncat" | "netcat" | "telnet" | "scp" | "sftp" | "rsync" | "rclone" => true,
        "http" | "https" | "xh" => stage.has_arg(&["POST", "PUT"]),
        // A command on another machine that keeps what it is given.
        "ssh" => {
            let keeps = |word: &Word| word.text.starts_with("cat") || word.text.contains('>');
            stage.args().iter().any(keeps)
        }
        "mail" | "sendmail" | "mutt" => true,
        "dig" | "nslookup" | "host" | "ping" => {
            stage.args().iter().any(|word| !word.inner.is_empty())
        }
        _ => false,
    }
}

/// Whether an address is made of something: `curl https://x/?$(…)`.
fn query(stage: &Stage) -> bool {
    stage
        .args()
        .iter()
        .any(|word| word.text.contains("://") && !word.inner.is_empty())
}

/// Whether a command line passes its own input to another machine, and to which address.
pub(in crate::posture) fn sends_input(text: &str) -> Option<String> {
    let script = parse(text);
    let names = inputs(&script);
    let named = |word: &Word| word.split.iter().chain(&word.whole).any(|name| names.contains(name));
    let given = |stage: &Stage| {
        stage.args().iter().any(|word| {
            let text = word.text.as_str();
            matches!(text, "@-" | "-d@-" | "-T-" | "-" | "." | "/dev/stdin")
                || text.ends_with("=@-")
                || text.ends_with("=/dev/stdin")
                || text.ends_with("=-") && stage.name() == "wget"
                || named(word)
                || word.inner.iter().any(|(inner, _)| inner.stages().any(reads_input))
        })
    };
    let raw = |stage: &Stage| {
        matches!(stage.name(), "nc" | "ncat" | "netcat" | "telnet")
            && !stage.has_arg(&["-z", "-l", "-zv", "-vz"])
    };
    let piped = |pipeline: &Pipeline| {
        let fed = pipeline.stages.iter().position(reads_input);
        let after = fed.map_or(&[][..], |at| &pipeline.stages[at + 1..]);
        after.iter().any(|stage| matches!(stage.name(), "ssh" | "http" | "https" | "xh"))
    };
    let pipelines = script.all().into_iter();
    let stage = pipelines
        .flat_map(|pipeline| pipeline.stages.iter().map(move |stage| (pipeline, stage)))
        .find(|(pipeline, stage)| {
            sends(stage) && (given(stage) || raw(stage) || piped(pipeline))
        })
        .map(|(_, stage)| stage);
    let Some(stage) = stage else {
        return inline_input(&script);
    };
    let address = stage.args().iter().find(|word| word.text.contains("://"));
    let address = address.map_or_else(|| stage.name().to_owned(), |word| word.text.clone());
    let local = stage.args().iter().any(|word| is_loopback_text(&word.text));
    (!local).then_some(address)
}

/// Whether a command reads what the script itself is given.
fn reads_input(stage: &Stage) -> bool {
    let files = |word: &&Word| !word.text.starts_with(['-', '.']);
    match stage.name() {
        "cat" | "tee" => stage.args().is_empty() || stage.has_arg(&["-", "/dev/stdin"]),
        "jq" => !stage.has_arg(&["-n", "--null-input"]) && stage.args().iter().filter(files).count() == 0,
        _ => false,
    }
}

/// Variables that hold what the script is given: `x=$(cat)`.
fn inputs(script: &Script) -> Vec<String> {
    let words = script.stages().flat_map(|stage| &stage.words);
    let taken = words.filter(|word| {
        word.inner.iter().any(|(inner, _)| {
            let whole = |stage: &Stage| stage.name() == "cat" && reads_input(stage);
            inner.stages().any(whole)
        })
    });
    taken
        .filter_map(|word| Some(word.text.split_once('=')?.0.to_owned()))
        .collect()
}

/// The same for a program within the line: `python3 -c '…'`.
fn inline_input(script: &Script) -> Option<String> {
    let programs = script.stages().filter(|stage| interprets(stage.name()));
    let mut texts = programs.flat_map(|stage| stage.args().iter().map(|word| word.text.as_str()));
    texts.find_map(code::posts_input)
}
