//! The evidence: what the log says, how things were set, and which secrets to rotate, each file
//! with its hash.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;

use anyhow::Context;
use ccs_audit::export::{Format, write as export};
use ccs_audit::verify::verify;
use ccs_audit::{Filter, Hash, Time};
use ccs_hooks::trail;
use ccs_integrity::posture::{self, Facts, Scanners, Target};
use serde::Serialize;
use serde_json::{Value, json};

use super::redact::Redactor;
use super::tar::Tar;
use crate::args::Scope;
use crate::args::audit::Known as Args;
use crate::audit::known::Known;
use crate::audit::{Trail, config::Config};
use crate::gate::POLICY;
use crate::places::Places;

const README: &str = "\
Evidence gathered by ccs.

incident.json        what the incident is, and what this bundle covers
rotate.json          secrets that were handed out in that time: rotate them
audit/entries.jsonl  the log's entries of that time, one JSON object a line
audit/checkpoint     the log's signed checkpoint over all its entries
audit/log.json       the log's public keys
audit/verify.json    what checking the whole log found
settings/            settings of the client, without values of variables and without secrets
policy.yaml          the policy as its owner wrote it
posture.json         the checks of this installation
SHA256SUMS           the hash of each file: sha256sum -c SHA256SUMS

Encrypted details are encrypted here as well, unless the bundle was made with --details. The hash of
the whole bundle is in the log, in the entry of kind incident-bundle.
";

/// What goes into a bundle.
pub(crate) struct Wanted<'a> {
    pub(crate) incident: Value,
    pub(crate) since: Time,
    pub(crate) session: Option<&'a str>,
    pub(crate) details: bool,
}

/// A secret that was handed out.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Rotate {
    pub(crate) name: String,
    pub(crate) times: u64,
    pub(crate) last: String,
    /// By which commands.
    pub(crate) by: Vec<String>,
}

/// A file of the bundle: its name, its SHA-256, its length in bytes.
pub(crate) type Member = (String, Hash, usize);

/// What was put together.
pub(crate) struct Made {
    pub(crate) files: Vec<Member>,
    pub(crate) rotate: Vec<Rotate>,
    pub(crate) entries: u64,
    /// What could not be had.
    pub(crate) missing: Vec<String>,
}

/// Writes the archive.
pub(crate) fn write(
    wanted: &Wanted<'_>,
    log: &Trail<'_>,
    out: &mut dyn Write,
) -> anyhow::Result<Made> {
    let mut bundle = Bundle::new(out);
    let entries = bundle.log(wanted, log)?;
    let rotate = rotate(wanted, log)?;
    bundle.json("rotate.json", &rotate)?;
    bundle.settings(log.places)?;
    bundle.json("posture.json", &audit(log.places))?;
    bundle.json("incident.json", &wanted.incident)?;
    bundle.file("README", README.as_bytes())?;
    let (files, missing) = bundle.finish()?;
    Ok(Made {
        files,
        rotate,
        entries,
        missing,
    })
}

struct Bundle<'a> {
    tar: Tar<&'a mut dyn Write>,
    files: Vec<Member>,
    missing: Vec<String>,
    redactor: Redactor,
}

impl<'a> Bundle<'a> {
    fn new(out: &'a mut dyn Write) -> Self {
        let now = u64::try_from(Time::now().seconds()).unwrap_or(0);
        Bundle {
            tar: Tar::new(out, now),
            files: Vec::new(),
            missing: Vec::new(),
            redactor: Redactor::new(),
        }
    }

    fn file(&mut self, name: &str, bytes: &[u8]) -> anyhow::Result<()> {
        self.tar.file(name, bytes)?;
        self.files
            .push((name.to_owned(), Hash::of(bytes), bytes.len()));
        Ok(())
    }

    fn json(&mut self, name: &str, value: &impl Serialize) -> anyhow::Result<()> {
        let mut bytes = serde_json::to_vec_pretty(value)?;
        bytes.push(b'\n');
        self.file(name, &bytes)
    }

    /// What cannot be had is told, and the rest is gathered all the same.
    fn if_there(&mut self, name: &str, bytes: anyhow::Result<Vec<u8>>) -> anyhow::Result<()> {
        match bytes {
            Ok(bytes) => self.file(name, &bytes),
            Err(error) => {
                self.missing.push(format!("{name}: {error:#}"));
                Ok(())
            }
        }
    }

    fn log(&mut self, wanted: &Wanted<'_>, log: &Trail<'_>) -> anyhow::Result<u64> {
        // closes the epoch, so that all entries are covered; a log that cannot be written has one
        let closed = log.log().and_then(|mut log| Ok(log.checkpoint()?));
        let note = closed.or_else(|_| {
            let newest = log.sealed_reader()?.checkpoint()?;
            newest.context("there is none")
        });
        self.if_there(
            "audit/checkpoint",
            note.map(|note| note.to_string().into_bytes()),
        )?;
        let identity = std::fs::read(log.folder.join("log.json"));
        self.if_there("audit/log.json", identity.map_err(anyhow::Error::from))?;
        self.if_there("audit/verify.json", verified(log))?;
        let exported = entries(wanted, log);
        let count = exported.as_ref().map_or(0, |(_, count)| *count);
        self.if_there("audit/entries.jsonl", exported.map(|(bytes, _)| bytes))?;
        Ok(count)
    }

    fn settings(&mut self, places: &Places) -> anyhow::Result<()> {
        let files = [
            ("settings/user.json", places.settings(Scope::User)),
            ("settings/managed.json", places.settings(Scope::Managed)),
            (
                "settings/project.json",
                places.cwd.join(".claude/settings.json"),
            ),
            (
                "settings/project.local.json",
                places.settings(Scope::Project),
            ),
            ("policy.yaml", places.in_state(POLICY)),
        ];
        for (name, path) in files {
            if !path.exists() {
                continue;
            }
            let read = read(&path).map(|bytes| match name {
                "policy.yaml" => {
                    let text = self.redactor.text(&String::from_utf8_lossy(&bytes));
                    text.into_bytes()
                }
                _ => self.redactor.settings(&bytes),
            });
            self.if_there(name, read)?;
        }
        Ok(())
    }

    /// The files that are in it, and the names of those that were not there.
    fn finish(mut self) -> anyhow::Result<(Vec<Member>, Vec<String>)> {
        let sums: String = self
            .files
            .iter()
            .map(|(name, hash, _)| format!("{hash}  {name}\n"))
            .collect();
        self.tar.file("SHA256SUMS", sums.as_bytes())?;
        self.tar.finish()?;
        Ok((self.files, self.missing))
    }
}

fn read(path: &Path) -> anyhow::Result<Vec<u8>> {
    let bytes = ccs_integrity::file::read(path)?;
    Ok(bytes.unwrap_or_default())
}

fn verified(log: &Trail<'_>) -> anyhow::Result<Vec<u8>> {
    let config = Config::read(log.places)?;
    let known = Known::gather(&Args::default(), log, &config)?;
    let report = verify(&log.sealed_reader()?, &known.expect())?;
    let faults: Vec<String> = report.faults.iter().map(ToString::to_string).collect();
    let unchecked: Vec<String> = report.unchecked.iter().map(ToString::to_string).collect();
    let value = json!({
        "intact": report.is_intact(), "entries": report.entries, "origin": report.origin,
        "size": report.size, "root": report.root, "faults": faults, "unchecked": unchecked,
    });
    Ok(serde_json::to_vec_pretty(&value)?)
}

fn filter(wanted: &Wanted<'_>) -> Filter {
    Filter {
        session: wanted.session.unwrap_or_default().to_owned(),
        since: Some(wanted.since),
        ..Filter::default()
    }
}

fn entries(wanted: &Wanted<'_>, log: &Trail<'_>) -> anyhow::Result<(Vec<u8>, u64)> {
    let mut reader = match wanted.details {
        true => log.reader()?,
        false => log.sealed_reader()?,
    };
    let mut bytes = Vec::new();
    let count = export(&mut reader, &filter(wanted), Format::Jsonl, &mut bytes)?;
    Ok((bytes, count))
}

/// The secrets that were handed out, by name. The session does not matter: whoever has them has
/// them.
fn rotate(wanted: &Wanted<'_>, log: &Trail<'_>) -> anyhow::Result<Vec<Rotate>> {
    let Ok(mut reader) = log.sealed_reader() else {
        return Ok(Vec::new()); // told with the entries
    };
    let filter = Filter {
        event: trail::event::VAULT.to_owned(),
        since: Some(wanted.since),
        oldest_first: true,
        ..Filter::default()
    };
    let mut secrets: BTreeMap<String, Rotate> = BTreeMap::new();
    reader.each(&filter, |stored| {
        let record = stored.record;
        let one = secrets.entry(record.target.clone()).or_default();
        one.name = record.target;
        one.times += 1;
        one.last = record.time.to_string();
        if !one.by.contains(&record.tool) {
            one.by.push(record.tool);
        }
        Ok(true)
    })?;
    Ok(secrets.into_values().collect())
}

fn audit(places: &Places) -> posture::Report {
    let target = Target {
        home: places.home.clone(),
        config: Some(places.claude.clone()),
        project: Some(places.cwd.clone()),
        managed: places.managed.parent().map(Path::to_path_buf),
        live: true,
        ..Target::default()
    };
    posture::audit(&target, &Scanners::default(), &Facts::default())
}
