//! Whether what a session wrote is finished, asked when it says so: at `TaskCompleted`,
//! `TeammateIdle`, `Stop` and `SubagentStop`, where the owner's policy switched that on.
//!
//! This is about quality and is no wall: where the record of the session cannot be read, or
//! nothing can be counted, the task goes through and the user is told.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime};

use ccs_audit::Hash;
use ccs_gate::policy::Quality;
use ccs_gate::quality::{Finding, Lines, MAX_TEXT, SYNTAX, Scanner};
use ccs_gate::{Decision, Severity};

use crate::config;
use crate::failure::Failure;
use crate::files::{self, Links};
use crate::log::Entry;
use crate::protocol::event::Done;
use crate::protocol::name::Name;
use crate::protocol::reply::{Answer, Reply};
use crate::run::{Outcome, Scene};

mod after;
mod git;
mod program;
mod rounds;
mod syntax;
mod written;

pub(crate) use after::written as just_written;
pub use git::{Changed, Error, Repository};
pub(crate) use rounds::forget;
use rounds::{Rounds, Turn};
pub use syntax::{Problem, check};
use written::Written;

/// How long all of it may take; the client waits ten seconds.
const PATIENCE: Duration = Duration::from_secs(6);
/// How long git may take of that.
const GIT_PATIENCE: Duration = Duration::from_secs(3);
/// The most findings that are named at once.
const MAX_NAMED: usize = 12;
/// The most reasons that are told at once.
const MAX_REASONS: usize = 8;

/// A finding and the file it is in.
struct Found {
    path: String,
    finding: Finding,
    /// What it is known by while lines move.
    mark: String,
}

pub(crate) fn run(scene: &Scene<'_>, done: &Done<'_>) -> Result<Outcome, Failure> {
    let policy = config::load(&scene.place).map_err(Failure::Policy)?.policy;
    if !is_asked(&policy.quality, scene.name()) {
        return Ok(passed(scene.name(), Vec::new()));
    }
    let gate = Gate {
        scene,
        done,
        quality: &policy.quality,
        scanner: Scanner::new(policy.secrets.scanner()),
        until: Instant::now() + PATIENCE,
    };
    Ok(gate.answer())
}

fn is_asked(quality: &Quality, name: Name) -> bool {
    match name {
        Name::TaskCompleted => quality.task_completed,
        Name::TeammateIdle => quality.teammate_idle,
        Name::Stop => quality.stop,
        Name::SubagentStop => quality.subagent_stop,
        _ => false,
    }
}

fn passed(name: Name, notes: Vec<String>) -> Outcome {
    let mut reply = Reply::new(name, Answer::Pass);
    reply.notes = notes;
    let entry = Entry::default();
    Outcome { reply, entry }
}

struct Gate<'g> {
    scene: &'g Scene<'g>,
    done: &'g Done<'g>,
    quality: &'g Quality,
    scanner: Scanner,
    until: Instant,
}

impl Gate<'_> {
    fn answer(&self) -> Outcome {
        let (changed, mut notes) = self.changed();
        let (found, accepted) = self.look(&changed);
        let session = &self.scene.event.session;
        let Some(mut rounds) = Rounds::of(self.scene.place.state.as_deref(), session) else {
            let text = "ccs: what this session wrote was not held back for anything, because it cannot be counted how often.";
            notes.extend((!found.is_empty()).then(|| text.to_owned()));
            return passed(self.scene.name(), notes);
        };
        notes.extend(reasons(&accepted, &mut rounds));
        if !self.done.again && matches!(self.scene.name(), Name::Stop | Name::SubagentStop) {
            rounds.begin(&self.what());
        }
        let marks: Vec<String> = found.iter().map(|one| one.mark.clone()).collect();
        let turn = rounds.turn(&self.what(), &marks, u32::from(self.quality.rounds));
        let reply = match turn {
            Turn::Pass => return passed(self.scene.name(), notes),
            Turn::Hold => Answer::Deny(feedback(&found)),
            Turn::GiveUp => {
                notes.push(given_up(&found));
                Answer::Pass
            }
        };
        let mut reply = Reply::new(self.scene.name(), reply);
        reply.notes = notes;
        let entry = Entry {
            decision: if turn == Turn::Hold { "deny" } else { "report" },
            findings: found.iter().map(logged).collect(),
            ..Entry::default()
        };
        Outcome { reply, entry }
    }

    /// What is counted by itself: a task, a teammate, a subagent, the turn.
    fn what(&self) -> String {
        let session = &self.scene.event.session;
        let which = self.done.task.or(self.done.teammate).or(session.agent_id);
        format!("{} {}", self.scene.name(), which.unwrap_or_default())
    }

    /// What the session wrote, and what there is to say about what could not be told.
    fn changed(&self) -> (Vec<Changed>, Vec<String>) {
        let (written, notes) = match self.written() {
            Ok(written) => (written, Vec::new()),
            Err(error) => {
                let text = format!("ccs: what this session wrote cannot be told: {error}.");
                (Written::default(), vec![text])
            }
        };
        let mut files: BTreeMap<PathBuf, Changed> = BTreeMap::new();
        // what the record speaks of is known to the line; git knows the rest
        for changed in self.by_git() {
            files.insert(changed.path.clone(), changed);
        }
        for (path, pieces) in &written.files {
            let bytes = files::read(path, MAX_TEXT as u64, Links::Follow);
            let text = bytes.ok().flatten().map(String::from_utf8);
            if let Some(Ok(text)) = text {
                let lines = Lines::These(written::lines(pieces, &text));
                files.insert(path.clone(), self.changed_file(path, text, lines));
            }
        }
        let mut changed: Vec<Changed> = files.into_values().collect();
        changed.extend(written.cells.into_iter().map(|(path, text)| {
            let mut cell = self.changed_file(&path, text, Lines::All);
            cell.name.push_str(".py");
            cell
        }));
        (changed, notes)
    }

    fn changed_file(&self, path: &Path, text: String, lines: Lines) -> Changed {
        Changed {
            path: path.to_owned(),
            name: self.shown(path),
            text,
            lines,
        }
    }

    fn written(&self) -> std::io::Result<Written> {
        let session = &self.scene.event.session;
        let (record, agents) = match self.done.agent_transcript {
            Some(record) => (Some(record), false),
            None => (session.transcript, true),
        };
        match record {
            Some(record) => Written::read(Path::new(record), agents),
            None => Err(std::io::Error::other("the session has no record")),
        }
    }

    /// Files that changed lately, in whatever way; none where there is no git.
    fn by_git(&self) -> Vec<Changed> {
        let Some(cwd) = self.scene.place.cwd.as_deref() else {
            return Vec::new();
        };
        let window = Duration::from_secs(u64::from(self.quality.minutes) * 60);
        let Some(since) = SystemTime::now()
            .checked_sub(window)
            .filter(|_| !window.is_zero())
        else {
            return Vec::new();
        };
        let since = self.begin().map_or(since, |begin| begin.max(since));
        let until = self.until.min(Instant::now() + GIT_PATIENCE);
        let home = self.scene.place.home.as_deref().map(Path::new);
        let repository = Repository::around(Path::new(cwd), home, until);
        repository
            .and_then(|repository| repository.since(since))
            .unwrap_or_default()
    }

    /// When the session began, as the birth of its record tells.
    fn begin(&self) -> Option<SystemTime> {
        let record = self.scene.event.session.transcript?;
        std::fs::metadata(record)
            .and_then(|meta| meta.created())
            .ok()
    }

    /// What is wrong with it: what holds, and what stays for a reason that the code gives.
    fn look(&self, changed: &[Changed]) -> (Vec<Found>, Vec<Found>) {
        let (mut found, mut accepted) = (Vec::new(), Vec::new());
        for one in changed.iter().filter(|one| !self.is_excluded(&one.path)) {
            let report = self.scanner.scan(&one.name, &one.text, &one.lines);
            let file = |finding: Finding| Found::new(self.shown(&one.path), finding, &one.text);
            found.extend(report.findings.into_iter().map(file));
            accepted.extend(report.accepted.into_iter().map(file));
            if self.quality.syntax
                && let Some(problem) = check(Path::new(&one.name), &one.text, self.until)
            {
                found.push(file(unparsed(&problem)));
            }
        }
        found.retain(|one| holds(self.quality, &one.finding));
        found.sort_by_key(|one| std::cmp::Reverse(one.finding.severity));
        (found, accepted)
    }

    fn is_excluded(&self, path: &Path) -> bool {
        self.quality.excludes(&path.to_string_lossy())
    }

    /// A path as it is named to the model: from the working folder, if it is in it.
    fn shown(&self, path: &Path) -> String {
        let cwd = self.scene.place.cwd.as_deref().unwrap_or("/");
        path.strip_prefix(cwd)
            .unwrap_or(path)
            .to_string_lossy()
            .into_owned()
    }
}

impl Found {
    fn new(path: String, finding: Finding, text: &str) -> Self {
        let line = text
            .lines()
            .nth(finding.line.saturating_sub(1))
            .unwrap_or_default();
        let mark =
            Hash::of(format!("{}\0{path}\0{}", finding.rule, line.trim()).as_bytes()).to_string();
        let mark = mark[..32.min(mark.len())].to_owned();
        Self {
            path,
            finding,
            mark,
        }
    }
}

/// Whether the owner wants to hear of it.
fn holds(quality: &Quality, finding: &Finding) -> bool {
    finding.severity >= quality.at_least && !quality.is_off(&finding.rule)
}

/// The finding that a file does not parse.
#[must_use]
pub fn unparsed(problem: &Problem) -> Finding {
    let mut finding = Finding::of_line(SYNTAX, Severity::High, problem.line);
    finding.title = Cow::Owned(format!("The file does not parse: {}", problem.what));
    finding.advice = Cow::Borrowed("Correct it; nothing in the file works until then.");
    finding
}

/// What the model is to do.
fn feedback(found: &[Found]) -> String {
    let head = match found.len() {
        1 => "ccs: this is not finished yet:".to_owned(),
        count => format!("ccs: this is not finished yet, {count} places are left:"),
    };
    format!(
        "{head}{}\nCorrect these and finish again. {MAY_STAY}; the user is shown the reason.",
        places(found)
    )
}

/// How something is left as it is.
const MAY_STAY: &str =
    "What has to stay gets a comment on its line or the line above, `ccs:allow RULE: REASON`";

/// A line for each of the first findings. Code is never quoted.
fn places(found: &[Found]) -> String {
    let place = |one: &Found| {
        let finding = &one.finding;
        let (line, rule) = (finding.line, &finding.rule);
        let (title, advice) = (&finding.title, &finding.advice);
        format!("\n{}:{line} [{rule}] {title}. {advice}", one.path)
    };
    let mut text: String = found.iter().take(MAX_NAMED).map(place).collect();
    if found.len() > MAX_NAMED {
        text.push_str(&format!("\n… and {} more", found.len() - MAX_NAMED));
    }
    text
}

/// What the user is told when something is left.
fn given_up(found: &[Found]) -> String {
    let places: Vec<String> = found
        .iter()
        .take(MAX_NAMED)
        .map(|one| format!("{}:{} [{}]", one.path, one.finding.line, one.finding.rule))
        .collect();
    let more = found.len().saturating_sub(MAX_NAMED);
    let more = if more > 0 {
        format!(" and {more} more")
    } else {
        String::new()
    };
    format!(
        "ccs: Claude was told, and left this as it is: {}{more}. `ccs quality` shows it.",
        places.join(", ")
    )
}

/// What the code itself gives a reason for, said once.
fn reasons(accepted: &[Found], rounds: &mut Rounds) -> Option<String> {
    let mut new: Vec<&Found> = accepted
        .iter()
        .filter(|one| rounds.is_new(format!("accepted {}", one.mark)))
        .collect();
    new.truncate(MAX_REASONS);
    let line = |one: &&Found| {
        let reason = one.finding.accepted.as_deref().unwrap_or_default();
        format!(
            "{}:{} [{}] {reason}",
            one.path, one.finding.line, one.finding.rule
        )
    };
    let lines: Vec<String> = new.iter().map(line).collect();
    (!lines.is_empty()).then(|| {
        format!(
            "ccs: left as it is, for the reason given in the code:\n{}",
            lines.join("\n")
        )
    })
}

fn logged(found: &Found) -> ccs_gate::Finding {
    let Finding {
        rule,
        title,
        advice,
        severity,
        line,
        ..
    } = &found.finding;
    ccs_gate::Finding {
        rule: rule.clone(),
        severity: *severity,
        decision: Decision::Deny,
        title: title.clone(),
        why: advice.clone(),
        instead: None,
        evidence: format!("{}:{line}", found.path),
    }
}
