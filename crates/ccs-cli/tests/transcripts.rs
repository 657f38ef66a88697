//! Walks tests/cmd: one file for each thing a person types, with everything they get to see.
//!
//! `CCS_BLESS=1` writes what is seen now into the files, to be read through before committing.
#![cfg(unix)]

mod support;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use support::Machine;

#[derive(Debug, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Transcript {
    /// What it shows.
    about: String,
    /// Arguments of `ccs`.
    args: Vec<String>,
    /// Whether `setup` ran before, with a stand-in hook.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    set_up: bool,
    /// The version of the client on the search path, if there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    client: Option<String>,
    /// Entries of a vault that was made before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    vault: Option<BTreeMap<String, String>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    stdin: Option<String>,
    #[serde(default)]
    status: i32,
    #[serde(default)]
    stdout: String,
    #[serde(default)]
    stderr: String,
    /// Files below the scratch folder, written before.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    files: BTreeMap<String, String>,
}

fn transcripts() -> Vec<(PathBuf, Transcript)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cmd");
    let entries = fs::read_dir(folder).expect("a folder");
    let mut paths: Vec<_> = entries
        .map(|entry| entry.expect("an entry").path())
        .collect();
    paths.sort();
    let read = |path: PathBuf| {
        let text = fs::read_to_string(&path).expect("a file");
        let transcript =
            toml::from_str(&text).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        (path, transcript)
    };
    paths.into_iter().map(read).collect()
}

fn play(transcript: &Transcript) -> Transcript {
    let machine = Machine::new();
    if let Some(version) = &transcript.client {
        machine.client(version);
    }
    if transcript.set_up {
        machine.setup(&[]).succeeds();
    }
    for (name, value) in transcript
        .vault
        .iter()
        .inspect(|_| machine.init())
        .flatten()
    {
        machine.put(name, value);
    }
    for (name, text) in &transcript.files {
        machine.write(name, text);
    }
    let args: Vec<String> = transcript
        .args
        .iter()
        .map(|arg| fill(arg, &machine))
        .collect();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    let run = machine.tell(&args, transcript.stdin.as_deref().unwrap_or_default());
    Transcript {
        about: transcript.about.clone(),
        args: transcript.args.clone(),
        set_up: transcript.set_up,
        client: transcript.client.clone(),
        vault: transcript.vault.clone(),
        stdin: transcript.stdin.clone(),
        status: run.code,
        stdout: blank(&run.stdout, &machine),
        stderr: blank(&run.stderr, &machine),
        files: transcript.files.clone(),
    }
}

fn fill(text: &str, machine: &Machine) -> String {
    text.replace("[ROOT]", &machine.root().display().to_string())
}

/// What differs from run to run, under a name.
fn blank(text: &str, machine: &Machine) -> String {
    text.replace(&machine.root().display().to_string(), "[ROOT]")
        .replace(env!("CARGO_PKG_VERSION"), "[VERSION]")
        .split_inclusive(|letter: char| !letter.is_ascii_digit() && letter != '-' && letter != ':')
        .map(without_time)
        .collect::<String>()
        .split_inclusive(" ms")
        .map(without_duration)
        .collect()
}

/// Milliseconds with a decimal, under a name.
fn without_duration(part: &str) -> String {
    let Some((before, number)) = part
        .strip_suffix(" ms")
        .and_then(|part| part.rsplit_once(' '))
    else {
        return part.to_owned();
    };
    match number.contains('.') && number.parse::<f64>().is_ok() {
        true => format!("{before} [DURATION] ms"),
        false => part.to_owned(),
    }
}

/// A date, a time of day or seconds since 1970, under a name; the letter after it stays.
fn without_time(word: &str) -> String {
    let end = word
        .trim_end_matches(|letter: char| !letter.is_ascii_digit())
        .len();
    let (number, rest) = word.split_at(end);
    let digits: String = number
        .chars()
        .map(|it| if it.is_ascii_digit() { '0' } else { it })
        .collect();
    let name = match digits.as_str() {
        "0000-00-00" => "[DATE]",
        "00:00" => "[TIME]",
        "0000000000" => "[SECONDS]",
        _ => number,
    };
    format!("{name}{rest}")
}

#[test]
fn each_command_answers_as_written_down() {
    let bless = std::env::var_os("CCS_BLESS").is_some();
    let mut wrong = String::new();
    for (path, expected) in transcripts() {
        let seen = play(&expected);
        if seen == expected {
            continue;
        }
        if bless {
            let text = toml::to_string_pretty(&seen).expect("plain data");
            fs::write(&path, text).expect("written");
        } else {
            let seen = toml::to_string_pretty(&seen).expect("plain data");
            wrong.push_str(&format!("{} differs; seen now:\n{seen}\n", path.display()));
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn every_command_has_a_transcript_of_its_help() {
    let machine = Machine::new();
    let pages = machine.run(&["man", "--dir", "pages"]).succeeds().stdout;
    let shown: Vec<String> = transcripts()
        .into_iter()
        .map(|(_, transcript)| ["ccs".to_owned(), transcript.args.join("-")].join("-"))
        .collect();
    for page in pages.lines() {
        let name = Path::new(page).file_stem().expect("a name");
        let name = name.to_string_lossy();
        let help = format!("{name}---help");
        assert!(shown.contains(&help), "no transcript of {name} --help");
    }
}

#[test]
fn every_shell_is_offered_every_command() {
    let machine = Machine::new();
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let script = machine.run(&["completions", shell]).succeeds().stdout;
        for word in [
            "setup",
            "doctor",
            "import",
            "managed-settings",
            "helper",
            "passphrase-from",
        ] {
            assert!(script.contains(word), "{shell}: {word}");
        }
    }
}
