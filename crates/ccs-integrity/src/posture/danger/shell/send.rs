//! What leaves the machine: secrets, and what a script itself is given.

use super::super::names::{interprets, is_loopback_text, secret_place};
use super::super::{Danger, Sight, code};
use super::add;
use crate::posture::shell::{Pipeline, Script, Stage, Word, parse};

pub(super) fn exfiltrates(pipeline: &Pipeline, sights: &mut Vec<Sight>) {
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
    let has = |words: &[&str]| {
        stage
            .args()
            .iter()
            .any(|arg| words.contains(&arg.text.as_str()))
    };
    match stage.name() {
        "gpg" | "gpg2" => has(&["--export-secret-keys", "--export-secret-subkeys"]),
        "security" => has(&[
            "find-generic-password",
            "find-internet-password",
            "dump-keychain",
        ]),
        "secret-tool" => has(&["lookup", "search"]),
        "pass" | "gopass" => has(&["show"]),
        "op" => has(&["read", "get"]),
        "gh" | "glab" => has(&["auth"]) && has(&["token"]),
        "gcloud" => has(&["print-access-token", "print-identity-token"]),
        "aws" => has(&[
            "export-credentials",
            "get-secret-value",
            "get-session-token",
        ]),
        "kubectl" => has(&["secret", "secrets"]),
        "vault" => has(&["read", "kv"]),
        _ => false,
    }
}

/// `for f in ~/.ssh/*; do curl -T "$f" …; done`
pub(super) fn looped(script: &Script, sights: &mut Vec<Sight>) {
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
    let named = |word: &Word| {
        word.split
            .iter()
            .chain(&word.whole)
            .any(|name| names.contains(name))
    };
    let given = |stage: &Stage| {
        stage.args().iter().any(|word| {
            let text = word.text.as_str();
            matches!(text, "@-" | "-d@-" | "-T-" | "-" | "." | "/dev/stdin")
                || text.ends_with("=@-")
                || text.ends_with("=/dev/stdin")
                || text.ends_with("=-") && stage.name() == "wget"
                || named(word)
                || word
                    .inner
                    .iter()
                    .any(|(inner, _)| inner.stages().any(reads_input))
        })
    };
    let raw = |stage: &Stage| {
        matches!(stage.name(), "nc" | "ncat" | "netcat" | "telnet")
            && !stage.has_arg(&["-z", "-l", "-zv", "-vz"])
    };
    let piped = |pipeline: &Pipeline| {
        let fed = pipeline.stages.iter().position(reads_input);
        let after = fed.map_or(&[][..], |at| &pipeline.stages[at + 1..]);
        after
            .iter()
            .any(|stage| matches!(stage.name(), "ssh" | "http" | "https" | "xh"))
    };
    let pipelines = script.all().into_iter();
    let stage = pipelines
        .flat_map(|pipeline| pipeline.stages.iter().map(move |stage| (pipeline, stage)))
        .find(|(pipeline, stage)| sends(stage) && (given(stage) || raw(stage) || piped(pipeline)))
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
        "jq" => {
            !stage.has_arg(&["-n", "--null-input"])
                && stage.args().iter().filter(files).count() == 0
        }
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
