//! `ccs update`: a new Claude Code program with a way back.

mod model;
mod session;

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use ccs_integrity::update::{Outcome, Probe, Snapshot, Snapshots};
use serde::Serialize;

use crate::args::update::{Apply, Rollback, Update};
use crate::client;
use crate::exit::{Code, Stop};
use crate::output::human::{self, Level, Line};
use crate::output::{Output, json};
use crate::person;
use crate::places::Places;
use crate::{proof, state, vault};

const FOLDER: &str = "updates";
/// Snapshots are as large as the client, so only the latest are kept.
const KEPT: usize = 3;
/// How long the new program may take to say its version, and to look at itself.
const PATIENCE: Duration = Duration::from_secs(30);
/// What belongs to the program in its own folder, besides what changes with every session.
const ALSO: &[&str] = &[
    "settings.json",
    "settings.local.json",
    "CLAUDE.md",
    "hooks",
    "commands",
    "agents",
    "skills",
    "plugins",
    "dev-mods",
    "output-styles",
    "rules",
];

#[derive(Serialize)]
struct Answer {
    outcome: &'static str,
    snapshot: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    why: Option<String>,
    steps: Vec<Line>,
}

pub(crate) fn run(args: &Update, places: &Places, output: &mut Output) -> anyhow::Result<Code> {
    state::must_be_ours(places)?;
    let snapshots = Snapshots::new(&places.in_state(FOLDER));
    match args {
        Update::Status(args) => status(args.json, &snapshots, output),
        Update::Snapshot(args) => {
            let snapshot = take(&snapshots, places)?;
            if args.json {
                json::value(output, &snapshot.id)?;
            } else {
                human::line(output, &taken(&snapshot))?;
            }
            Ok(Code::Ok)
        }
        Update::Apply(args) => apply(args, &snapshots, places, output),
        Update::Rollback(args) => rollback(args, &snapshots, output),
    }
}

fn take(snapshots: &Snapshots, places: &Places) -> anyhow::Result<Snapshot> {
    drop(state::writer(places)?); // makes the folder, closed to others
    let program = client::find(places).ok_or_else(|| {
        Stop::new(Code::Usage, "Claude Code was not found on this machine")
            .next("put it on the PATH")
    })?;
    let also = ALSO.iter().map(|name| places.claude.join(name));
    let also: Vec<PathBuf> = also
        .chain([places.home.join(".claude.json")])
        .filter(|path| path.exists())
        .collect();
    let now = vault::now();
    let day = vault::date::day(now).replace('-', "");
    let id = format!("{day}-{:05}", now % 86_400);
    let snapshot = snapshots.take(&id, &program, &also)?;
    snapshots.prune(KEPT)?;
    Ok(snapshot)
}

fn taken(snapshot: &Snapshot) -> Line {
    let text = format!("snapshot {} of {}", snapshot.id, snapshot.program.display());
    Line::new(Level::Done, "update.snapshot", text)
}

/// Says at once what happens, or collects it for `--json`.
struct Steps<'a> {
    output: &'a mut Output,
    json: bool,
    lines: Vec<Line>,
}

impl Steps<'_> {
    fn say(&mut self, line: Line) -> anyhow::Result<()> {
        if !self.json {
            human::line(self.output, &line)?;
            self.output.flush()?;
        }
        self.lines.push(line);
        Ok(())
    }
}

fn apply(
    args: &Apply,
    snapshots: &Snapshots,
    places: &Places,
    output: &mut Output,
) -> anyhow::Result<Code> {
    person::must_not_be_an_agent()?;
    if let Some(pending) = snapshots.pending() {
        let what = format!(
            "an update was cut off; snapshot {} is what was there",
            pending.id
        );
        return Err(Stop::new(Code::Refused, what)
            .next("ccs update rollback")
            .into());
    }
    let mut steps = Steps {
        output,
        json: args.json.json,
        lines: Vec::new(),
    };
    let snapshot = take(snapshots, places)?;
    steps.say(taken(&snapshot))?;
    steps.say(Line::info("update.running", shown(args, &snapshot)))?;
    let outcome = try_it(args, snapshots, &snapshot, places)?;
    end(steps, &snapshot, outcome)
}

fn try_it(
    args: &Apply,
    snapshots: &Snapshots,
    snapshot: &Snapshot,
    places: &Places,
) -> anyhow::Result<Outcome> {
    let version = |program: &Path| says_version(program, places);
    let doctor = |program: &Path| looks_at_itself(program, places);
    let hooks = |program: &Path| session::obeys(program, places);
    let mut probes = vec![
        Probe {
            name: "--version",
            run: &version,
        },
        Probe {
            name: "doctor",
            run: &doctor,
        },
    ];
    if !args.no_session {
        probes.push(Probe {
            name: "hooks",
            run: &hooks,
        });
    }
    Ok(snapshots.apply(snapshot, || update(args, snapshot), &probes)?)
}

fn end(mut steps: Steps<'_>, snapshot: &Snapshot, outcome: Outcome) -> anyhow::Result<Code> {
    let (code, word, why) = match outcome {
        Outcome::Updated => {
            let text = "the new program passed every look";
            let line = Line::new(Level::Done, "update.applied", text);
            steps.say(line.fix("ccs integrity sign, so that the new program counts as yours"))?;
            (Code::Ok, "updated", None)
        }
        Outcome::RolledBack { why } => {
            let why = person::visible(&why);
            let text = format!("the update failed, everything is as before: {why}");
            steps.say(Line::fail("update.rolled-back", text))?;
            (Code::Findings, "rolled-back", Some(why))
        }
    };
    if steps.json {
        let answer = Answer {
            outcome: word,
            snapshot: snapshot.id.clone(),
            why,
            steps: steps.lines,
        };
        json::value(steps.output, &answer)?;
    }
    Ok(code)
}

fn shown(args: &Apply, snapshot: &Snapshot) -> String {
    if args.command.is_empty() {
        return format!("{} update", snapshot.program.display());
    }
    let words = args.command.iter().map(|word| word.to_string_lossy());
    words.collect::<Vec<_>>().join(" ")
}

/// Runs the update; what it says goes to stderr.
fn update(args: &Apply, snapshot: &Snapshot) -> Result<(), String> {
    let mut command = match args.command.split_first() {
        Some((program, more)) => {
            let mut command = Command::new(program);
            command.args(more);
            command
        }
        None => {
            let mut command = Command::new(&snapshot.program);
            command.arg("update");
            command
        }
    };
    command
        .stdin(Stdio::null())
        .stdout(Stdio::from(std::io::stderr()));
    match command.status() {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(format!("the update ended with {status}")),
        Err(error) => Err(format!("the update could not be started: {error}")),
    }
}

fn says_version(program: &Path, places: &Places) -> Result<(), String> {
    let answer = proof::ask(program, &["--version".into()], b"", &places.home, PATIENCE);
    let answer = answer.map_err(|error| error.to_string())?;
    match client::Version::parse(&answer.stdout) {
        Some(_) if answer.code == Some(0) => Ok(()),
        _ => Err(format!("it says `{}`", answer.stdout.trim())),
    }
}

/// In a home of its own, so that nothing of the user's is touched.
fn looks_at_itself(program: &Path, places: &Places) -> Result<(), String> {
    let scratch = session::Scratch::new(places).map_err(|error| error.to_string())?;
    let answer = proof::ask(program, &["doctor".into()], b"", scratch.home(), PATIENCE);
    let answer = answer.map_err(|error| error.to_string())?;
    match answer.code {
        // it wants a terminal in some versions, and then says so or waits for a key
        Some(_) | None if answer.stderr.contains("raw mode") => Ok(()),
        Some(0) | None => Ok(()),
        Some(code) => Err(format!("it ended with {code}: {}", answer.stderr.trim())),
    }
}

fn rollback(args: &Rollback, snapshots: &Snapshots, output: &mut Output) -> anyhow::Result<Code> {
    person::must_not_be_an_agent()?;
    let all = snapshots.all();
    let snapshot = match &args.id {
        Some(id) => all.into_iter().find(|snapshot| snapshot.id == *id),
        None => snapshots.pending().or_else(|| all.into_iter().next_back()),
    };
    let none = || Stop::new(Code::Usage, "there is no such snapshot").next("ccs update status");
    let snapshot = snapshot.ok_or_else(none)?;
    snapshots.rollback(&snapshot)?;
    if args.json.json {
        json::value(output, &snapshot.id)?;
    } else {
        let text = format!(
            "{} is as in snapshot {}",
            snapshot.program.display(),
            snapshot.id
        );
        human::line(output, &Line::new(Level::Done, "update.rolled-back", text))?;
    }
    Ok(Code::Ok)
}

fn status(as_json: bool, snapshots: &Snapshots, output: &mut Output) -> anyhow::Result<Code> {
    let (all, pending) = (snapshots.all(), snapshots.pending());
    if as_json {
        let ids: Vec<&str> = all.iter().map(|snapshot| snapshot.id.as_str()).collect();
        let mut answer = serde_json::json!({ "snapshots": ids });
        if let Some(pending) = &pending {
            answer["pending"] = pending.id.as_str().into();
        }
        json::value(output, &answer)?;
    } else {
        for snapshot in &all {
            let text = format!("{}  {}", snapshot.id, snapshot.program.display());
            human::line(output, &Line::info("update.snapshot", text))?;
        }
        if all.is_empty() {
            writeln!(output, "no snapshots")?;
        }
        if let Some(pending) = &pending {
            let text = format!("an update was cut off after snapshot {}", pending.id);
            human::line(
                output,
                &Line::fail("update.pending", text).fix("ccs update rollback"),
            )?;
        }
    }
    Ok(if pending.is_some() {
        Code::Findings
    } else {
        Code::Ok
    })
}
