//! Repairs: thought out, kept in a copy, made, looked at again, and undone.
//!
//! A repair is a set of steps. Before the first of them everything they touch is copied into the
//! state folder with a record; the record goes when the steps were undone.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use ccs_integrity::file::{self, New, Writer};
use ccs_integrity::manifest::Digest;
use ccs_integrity::posture::catalog::{Auto, by_id};
use ccs_integrity::posture::repair::{self, Edit, Repair};
use ccs_integrity::posture::{Finding, Severity};
use ccs_integrity::settings;
use serde::{Deserialize, Serialize};

use super::Look;
use crate::exit::{Code, Stop};
use crate::places::Places;

/// The folder of the records in the state folder.
pub(crate) const FOLDER: &str = "posture";
const RECORD: &str = "record.json";

/// One file before and after.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// Its permission bits.
    Mode {
        path: PathBuf,
        was: u32,
        becomes: u32,
    },
    /// Its text.
    Text {
        path: PathBuf,
        before: Vec<u8>,
        after: Vec<u8>,
    },
}

impl Step {
    pub(crate) fn path(&self) -> &Path {
        match self {
            Step::Mode { path, .. } | Step::Text { path, .. } => path,
        }
    }
}

/// What shall be done, and about which findings.
#[derive(Debug, Default)]
pub(crate) struct Plan {
    pub(crate) steps: Vec<Step>,
    pub(crate) findings: Vec<Finding>,
    /// Findings that were asked for and that ccs cannot repair, with the reason.
    pub(crate) left: Vec<(Finding, String)>,
}

/// Whether a finding is repaired: by itself, or because its check was named.
fn is_wanted(finding: &Finding, only: &[String]) -> bool {
    if only.is_empty() {
        finding.fix.auto == Auto::Yes
    } else {
        only.iter().any(|id| id == finding.id)
    }
}

/// What has to change, by file.
#[derive(Default)]
struct Changes {
    /// The permission bits that go.
    modes: BTreeMap<PathBuf, u32>,
    texts: BTreeMap<PathBuf, Edits>,
}

/// Edits with their line and column.
type Edits = Vec<((usize, usize), Edit)>;

impl Changes {
    fn add(&mut self, finding: &Finding, repair: Repair, look: &Look) {
        let path = look.path(&finding.place);
        match repair {
            Repair::Mode(bits) => *self.modes.entry(path).or_default() |= bits,
            Repair::ModeOfFolder(bits) => {
                *self.modes.entry(folder_of(&path, look)).or_default() |= bits;
            }
            Repair::Settings(edit) => {
                let place = (finding.place.line, finding.place.column);
                let edits = self.texts.entry(path).or_default();
                if !edits.iter().any(|(known, _)| *known == place) {
                    edits.push((place, edit));
                }
            }
        }
    }

    fn steps(self) -> anyhow::Result<Vec<Step>> {
        let mut steps = Vec::new();
        for (path, bits) in self.modes {
            steps.extend(mode_step(path, bits)?);
        }
        for (path, edits) in self.texts {
            steps.extend(text_step(path, &edits)?);
        }
        Ok(steps)
    }
}

/// Finds out what has to change. Nothing is changed.
pub(crate) fn plan(findings: &[Finding], only: &[String], look: &Look) -> anyhow::Result<Plan> {
    if let Some(id) = only.iter().find(|id| by_id(id).is_none()) {
        let stop = Stop::new(Code::Usage, format!("there is no check `{id}`"));
        return Err(stop.next("docs/POSTURE.md has all of them").into());
    }
    let mut plan = Plan::default();
    let mut changes = Changes::default();
    for finding in findings.iter().filter(|finding| is_wanted(finding, only)) {
        match possible(finding, look) {
            Ok(repair) => {
                changes.add(finding, repair, look);
                plan.findings.push(finding.clone());
            }
            Err(why) => plan.left.push((finding.clone(), why)),
        }
    }
    plan.steps = changes.steps()?;
    Ok(plan)
}

/// The repair of a finding, or why it stays as it is.
fn possible(finding: &Finding, look: &Look) -> Result<Repair, String> {
    let repair = repair::of(finding).ok_or("a person has to decide that")?;
    match reason_against(&look.path(&finding.place), &repair) {
        Some(why) => Err(why),
        None => Ok(repair),
    }
}

/// Why a file stays as it is; `None` if it can be changed.
fn reason_against(path: &Path, repair: &Repair) -> Option<String> {
    let metadata = match fs::symlink_metadata(path) {
        Ok(metadata) => metadata,
        Err(error) => return Some(error.to_string()),
    };
    if metadata.is_symlink() {
        return Some("it is a link; what it leads to is not touched".to_owned());
    }
    if file::is_foreign(&metadata) {
        return Some("it belongs to another user".to_owned());
    }
    match repair {
        Repair::Settings(_) if !metadata.is_file() => Some("it is no ordinary file".to_owned()),
        _ => None,
    }
}

/// The folder right below the client's that a file is in; the file itself if there is none.
fn folder_of(path: &Path, look: &Look) -> PathBuf {
    let Some(config) = &look.target.config else {
        return path.to_owned();
    };
    let first = path
        .strip_prefix(config)
        .ok()
        .and_then(|rest| rest.components().next());
    first.map_or_else(|| path.to_owned(), |first| config.join(first))
}

fn mode_step(path: PathBuf, bits: u32) -> anyhow::Result<Option<Step>> {
    let metadata = fs::symlink_metadata(&path)?;
    let was = file::mode(&metadata);
    let becomes = was & !bits;
    Ok((was != becomes).then_some(Step::Mode { path, was, becomes }))
}

fn text_step(path: PathBuf, edits: &[((usize, usize), Edit)]) -> anyhow::Result<Option<Step>> {
    let before = file::read(&path)?.unwrap_or_default();
    let (after, _) = settings::edit(&path, &before, edits)?;
    Ok((before != after).then_some(Step::Text {
        path,
        before,
        after,
    }))
}

/// What was done, so that it can be undone.
#[derive(Debug, Serialize, Deserialize)]
struct Record {
    version: u32,
    steps: Vec<Done>,
}

#[derive(Debug, Serialize, Deserialize)]
struct Done {
    path: PathBuf,
    /// The permission bits before and after, if they were changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    mode: Option<(u32, u32)>,
    /// The name of the copy, and the SHA-256 of the text after the repair.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    text: Option<(String, String)>,
}

/// A writer that may touch what the steps name.
pub(crate) fn allow<'a>(writer: Writer, paths: impl Iterator<Item = &'a Path>) -> Writer {
    paths.fold(writer, |writer, path| {
        writer.allow_file(path).allow_mode(path)
    })
}

/// Copies, then makes every step. If one fails, the ones before are undone.
pub(crate) fn make(plan: &Plan, places: &Places, writer: &Writer) -> anyhow::Result<PathBuf> {
    let folder = keep(&plan.steps, places, writer)?;
    for step in &plan.steps {
        if let Err(error) = one(step, writer) {
            undo(&folder, writer)?;
            return Err(error.context("a repair failed and everything was put back"));
        }
    }
    Ok(folder)
}

fn one(step: &Step, writer: &Writer) -> anyhow::Result<()> {
    match step {
        Step::Mode { path, was, becomes } => {
            writer.tighten(path, was & !becomes)?;
        }
        Step::Text {
            path,
            before,
            after,
        } => {
            let before = Some(before.as_slice());
            writer.replace(
                path,
                &New {
                    before,
                    bytes: after,
                    mode: None,
                },
            )?;
        }
    }
    Ok(())
}

/// Writes the copies and the record; answers where.
fn keep(steps: &[Step], places: &Places, writer: &Writer) -> anyhow::Result<PathBuf> {
    let number = records(places).last().map_or(1, |(number, _)| number + 1);
    let folder = places.in_state(FOLDER).join(format!("{number:04}"));
    writer.create_folder(&folder, 0o700)?;
    let mut done = Vec::new();
    for (number, step) in steps.iter().enumerate() {
        let path = step.path().to_owned();
        done.push(match step {
            Step::Mode { was, becomes, .. } => Done {
                path,
                mode: Some((*was, *becomes)),
                text: None,
            },
            Step::Text { before, after, .. } => {
                let name = format!("{number}.before");
                let new = New {
                    before: None,
                    bytes: before,
                    mode: Some(0o600),
                };
                writer.replace(&folder.join(&name), &new)?;
                Done {
                    path,
                    mode: None,
                    text: Some((name, Digest::of(after).to_string())),
                }
            }
        });
    }
    let mut bytes = serde_json::to_vec_pretty(&Record {
        version: 1,
        steps: done,
    })?;
    bytes.push(b'\n');
    let new = New {
        before: None,
        bytes: &bytes,
        mode: Some(0o600),
    };
    writer.replace(&folder.join(RECORD), &new)?;
    Ok(folder)
}

/// Every record, the oldest first.
fn records(places: &Places) -> Vec<(u32, PathBuf)> {
    let entries = fs::read_dir(places.in_state(FOLDER))
        .into_iter()
        .flatten()
        .flatten();
    let numbered = entries.filter_map(|entry| {
        let number = entry.file_name().to_str()?.parse().ok()?;
        Some((number, entry.path()))
    });
    let mut records: Vec<_> = numbered.collect();
    records.sort();
    records
}

/// The latest record that was not undone.
pub(crate) fn latest(places: &Places) -> Option<PathBuf> {
    let with_record = |(_, folder): (u32, PathBuf)| folder.join(RECORD).exists().then_some(folder);
    records(places).into_iter().rev().find_map(with_record)
}

/// The files that a record is about.
pub(crate) fn paths(folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    Ok(read(folder)?
        .steps
        .into_iter()
        .map(|done| done.path)
        .collect())
}

fn read(folder: &Path) -> anyhow::Result<Record> {
    let path = folder.join(RECORD);
    let bytes = file::read(&path)?.unwrap_or_default();
    match serde_json::from_slice(&bytes) {
        Ok(record @ Record { version: 1, .. }) => Ok(record),
        _ => {
            let what = format!("`{}` is not a record of this version", path.display());
            let next = format!(
                "the copies beside it can be put back by hand; then delete {}",
                folder.display()
            );
            Err(Stop::new(Code::Refused, what).next(next).into())
        }
    }
}

/// Puts back bytes and modes, the last step first; answers what was put back. Nothing is touched
/// unless everything still is as the repair left it, or as it was before.
pub(crate) fn undo(folder: &Path, writer: &Writer) -> anyhow::Result<Vec<PathBuf>> {
    let record = read(folder)?;
    let mut back = Vec::new();
    for done in record.steps.iter().rev() {
        back.extend(prepare(done, folder)?);
    }
    let mut restored = Vec::new();
    for step in back {
        match &step {
            Step::Mode { path, was, becomes } => writer.loosen(path, *was, *becomes)?,
            Step::Text { .. } => one(&step, writer)?,
        }
        restored.push(step.path().to_owned());
    }
    for name in record.steps.iter().filter_map(|done| done.text.as_ref()) {
        writer.remove(&folder.join(&name.0))?;
    }
    writer.remove(&folder.join(RECORD))?;
    writer.remove_folder(folder)?;
    Ok(restored)
}

/// The step back; `None` if it was never made.
fn prepare(done: &Done, folder: &Path) -> anyhow::Result<Option<Step>> {
    let path = done.path.clone();
    let changed = || {
        let what = format!(
            "`{}` was changed since; nothing was put back",
            path.display()
        );
        let next = format!("the copies are in {}", folder.display());
        anyhow::Error::from(Stop::new(Code::Refused, what).next(next))
    };
    if let Some((was, became)) = done.mode {
        let now = file::mode(&fs::symlink_metadata(&path).map_err(|_| changed())?);
        return match now {
            now if now == was => Ok(None),
            now if now == became => Ok(Some(Step::Mode {
                path,
                was: became,
                becomes: was,
            })),
            _ => Err(changed()),
        };
    }
    let Some((name, digest)) = &done.text else {
        return Ok(None);
    };
    let now = file::read(&path)?.ok_or_else(changed)?;
    let was = file::read(&folder.join(name))?.ok_or_else(changed)?;
    if now == was {
        return Ok(None);
    }
    if Digest::of(&now).to_string() != *digest {
        return Err(changed());
    }
    Ok(Some(Step::Text {
        path,
        before: now,
        after: was,
    }))
}

/// Of the findings that were repaired, one that is still there; and one that is there only since.
pub(crate) fn failed<'a>(
    plan: &Plan,
    before: &[Finding],
    after: &'a [Finding],
) -> Option<&'a Finding> {
    let about_mode = |finding: &Finding| {
        matches!(
            repair::of(finding),
            Some(Repair::Mode(_) | Repair::ModeOfFolder(_))
        )
    };
    let same = |a: &Finding, b: &Finding| {
        let alike = a.id == b.id && a.place.base == b.place.base && a.place.path == b.place.path;
        a.fingerprint == b.fingerprint || alike && about_mode(a)
    };
    let stays = |finding: &&Finding| plan.findings.iter().any(|repaired| same(repaired, finding));
    let is_new = |finding: &&Finding| {
        finding.severity >= Severity::Medium
            && !before
                .iter()
                .any(|old| same(old, finding) || old.id == finding.id)
    };
    after
        .iter()
        .find(|finding| stays(finding) || is_new(finding))
}
