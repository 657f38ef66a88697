//! Running what was fetched: in two steps, as a package, with PowerShell.

use super::super::names::{downloads, interprets, is_loopback_text};
use super::super::{Danger, Sight};
use super::add;
use crate::posture::shell::{Script, Stage, Word};

/// Runs a package straight from an address.
pub(super) fn package(stage: &Stage, sights: &mut Vec<Sight>) {
    let Some((name, args)) = stage.program() else {
        return;
    };
    let runs = matches!(name, "npx" | "bunx" | "pnpx" | "uvx" | "pipx" | "deno");
    let far = |text: &&str| {
        let starts = ["http://", "https://", "git+", "github:", "git@"];
        starts.iter().any(|start| text.starts_with(start)) && !is_loopback_text(text)
    };
    if let Some(address) = packages(args).into_iter().find(far).filter(|_| runs) {
        let what = format!("{name} runs {address}");
        add(sights, Danger::RemoteExec, stage, what);
    }
}

/// What is fetched to be run: the first argument, and what options name besides. An address among
/// the arguments of the program itself is what that program is about.
fn packages(args: &[Word]) -> Vec<&str> {
    let texts: Vec<&str> = args.iter().map(|word| word.text.as_str()).collect();
    let named =
        |option: &str| matches!(option, "-p" | "--package" | "--from" | "--spec" | "--with");
    let mut found: Vec<&str> = texts
        .iter()
        .filter_map(|text| text.split_once('='))
        .filter(|(option, _)| named(option))
        .map(|(_, value)| value)
        .collect();
    found.extend(
        texts
            .windows(2)
            .filter(|pair| named(pair[0]))
            .map(|pair| pair[1]),
    );
    let first = texts
        .iter()
        .find(|text| !text.starts_with('-') && **text != "run");
    found.extend(first);
    found
}

/// `curl -o x …; chmod +x x; ./x`.
pub(super) fn fetched_then_run(script: &Script, sights: &mut Vec<Sight>) {
    let mut files: Vec<String> = Vec::new();
    let mut folders: Vec<String> = Vec::new();
    for stage in script.stages() {
        if let Some(file) = files.iter().find(|file| runs_file(stage, file)) {
            add(
                sights,
                Danger::RemoteExec,
                stage,
                format!("runs {file}, which was just fetched"),
            );
        }
        if downloads(stage.name()) {
            files.extend(saved(stage));
        }
        if let Some(folder) = folders.iter().find(|folder| runs_below(stage, folder)) {
            let what = format!("runs what lies in {folder}, which was just fetched");
            add(sights, Danger::RemoteExec, stage, what);
        }
        folders.extend(unpacked(stage));
    }
}

fn saved(stage: &Stage) -> Option<String> {
    let args = stage.args();
    let wanted = if stage.name() == "wget" { 'O' } else { 'o' };
    let takes = |text: &str| {
        let short = text.starts_with('-') && !text.starts_with("--") && text.ends_with(wanted);
        short || matches!(text, "--output" | "--output-document")
    };
    let named = args
        .windows(2)
        .find_map(|pair| takes(&pair[0].text).then(|| pair[1].text.clone()));
    let written = stage.writes.first().map(|word| word.text.clone());
    let address = args.iter().find(|word| word.text.contains("://"));
    let remote = address.and_then(|word| word.text.rsplit('/').next().map(str::to_owned));
    let own_name = stage.name() == "wget"
        || args
            .iter()
            .any(|word| word.text.starts_with('-') && word.text.ends_with('O'));
    let file = named
        .filter(|name| !name.contains("://"))
        .or(written)
        .or(remote.filter(|_| own_name))?;
    let name = file.trim_start_matches("./").to_owned();
    (!matches!(name.as_str(), "" | "-" | "/dev/null")).then_some(name)
}

/// The folder that a repository is cloned into by its name.
fn unpacked(stage: &Stage) -> Option<String> {
    let words = stage.args().iter().map(|word| word.text.as_str());
    let words: Vec<&str> = words.filter(|word| !word.starts_with('-')).collect();
    match (stage.name(), &words[..]) {
        ("git", ["clone", address, .., folder]) if address.contains("://") => {
            Some((*folder).to_owned())
        }
        _ => None,
    }
}

fn runs_below(stage: &Stage, folder: &str) -> bool {
    let below = |word: &Word| {
        let rest = word.text.strip_prefix(folder);
        rest.is_some_and(|rest| rest.starts_with('/'))
    };
    let direct = stage.words.first().is_some_and(below);
    let through = interprets(stage.name()) || matches!(stage.name(), "source" | ".");
    direct
        || through
            && stage
                .args()
                .iter()
                .find(|word| !word.text.starts_with('-'))
                .is_some_and(below)
}

fn runs_file(stage: &Stage, file: &str) -> bool {
    let same = |word: &Word| word.text.trim_start_matches("./") == file;
    let direct = stage
        .words
        .iter()
        .find(|word| !word.text.contains('='))
        .is_some_and(same);
    let first = stage.args().iter().find(|word| !word.text.starts_with('-'));
    let through = (interprets(stage.name()) || matches!(stage.name(), "source" | "."))
        && first.is_some_and(same);
    direct || through
}

pub(in crate::posture::danger) fn power_shell(text: &str, sights: &mut Vec<Sight>) {
    let lower = text.to_ascii_lowercase();
    let fetches = [
        "downloadstring",
        "invoke-webrequest",
        "invoke-restmethod",
        "iwr ",
        "irm ",
        "(iwr",
        "(irm",
    ];
    let runs = ["iex", "invoke-expression"];
    let word = |words: &[&str]| words.iter().find_map(|word| lower.find(word));
    if let (Some(offset), Some(_)) = (word(&fetches), word(&runs)) {
        sights.push(Sight {
            danger: Danger::RemoteExec,
            offset,
            what: "PowerShell runs what it fetches".to_owned(),
        });
    }
}
