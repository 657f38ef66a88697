//! `ccs watch`: verifies again whenever something changes, and tells.

use std::io::Write;
use std::process::{Command, Stdio};

use ccs_hooks::integrity::{Scope, Signed};
use ccs_integrity::drift::{Drift, Report};
use ccs_integrity::watch::{self, Pace, Seen, Stop as Ends};
use serde::Serialize;

use crate::args::integrity::Watch;
use crate::exit::{Code, Stop};
use crate::output::human::{self, Line};
use crate::output::integrity::{Deviation, line_of};
use crate::output::{Output, json};
use crate::places::Places;
use crate::{scope, state, vault};

const LOCK: &str = "watch.lock";

#[derive(Serialize)]
struct Event {
    /// `started`, `changed`, `unverified` or `polling`.
    event: &'static str,
    /// Seconds since 1970.
    time: u64,
    /// How many deviations there are in all.
    deviations: usize,
    new: Vec<Deviation>,
    gone: Vec<Deviation>,
    #[serde(skip_serializing_if = "Option::is_none")]
    why: Option<String>,
}

pub(crate) fn run(args: &Watch, places: &Places, output: &mut Output) -> anyhow::Result<Code> {
    state::must_be_ours(places)?;
    let signed = Signed::new(&places.state);
    let scopes = scope::all(places, args.project.as_deref())?;
    let mut roots = Vec::new();
    for scope in &scopes {
        if let Some(trusted) = signed.load(scope).map_err(unproven)? {
            roots.extend(trusted.manifest.roots().to_vec());
        }
    }
    if roots.is_empty() {
        let stop = Stop::new(Code::Unproven, "nothing is signed, so nothing can deviate");
        return Err(stop.next("ccs integrity sign").into());
    }
    let pace = Pace {
        only_poll: args.poll,
        ..Pace::default()
    };
    let mut broken = None;
    let ends = Ends::new();
    let mut verify = || whole(&signed, &scopes);
    let mut tell = |seen: Seen<'_>| {
        let told = told(args, output, &seen).and_then(|()| Ok(output.flush()?));
        if let Err(error) = told {
            // whoever read this has gone
            broken = Some(error);
            ends.stop();
        }
    };
    watch::run(
        &roots,
        &places.in_state(LOCK),
        &pace,
        &ends,
        &mut verify,
        &mut tell,
    )?;
    match broken {
        Some(error) => Err(error),
        None => Ok(Code::Ok),
    }
}

/// All scopes together. The hooks hear of what was found through the guard files.
fn whole(signed: &Signed, scopes: &[Scope]) -> Result<Report, ccs_integrity::Error> {
    let mut all = Report::default();
    for scope in scopes {
        match signed.verify(scope) {
            Ok(Some(standing)) => {
                all.verified += standing.report.verified;
                all.accepted += standing.report.accepted;
                all.drifts.extend(standing.report.drifts);
            }
            Ok(None) => {}
            Err(ccs_hooks::integrity::Error::Manifest(error)) => return Err(error),
            Err(error) => {
                return Err(ccs_integrity::Error::File {
                    action: "cannot use the public key",
                    path: signed.store(scope).folder().to_owned(),
                    source: std::io::Error::other(error.to_string()),
                });
            }
        }
    }
    Ok(all)
}

fn unproven(error: ccs_hooks::integrity::Error) -> Stop {
    Stop::new(Code::Unproven, error.to_string()).next("ccs integrity status")
}

fn told(args: &Watch, output: &mut Output, seen: &Seen<'_>) -> anyhow::Result<()> {
    let event = Event::of(seen);
    if let Some((program, more)) = args.exec.split_first() {
        hand_over(program, more, &event)?;
    }
    if args.json {
        return json::line(output, &event);
    }
    match seen {
        Seen::Started { report } => {
            let text = format!(
                "watching {} entries; {} deviate",
                report.verified + report.accepted + report.drifts.len(),
                report.drifts.len()
            );
            human::line(output, &Line::info("watch.started", text))?;
            lines(output, &report.drifts)
        }
        Seen::Changed { report, new, gone } => {
            lines(output, new)?;
            for drift in *gone {
                let text = format!("{}: as signed again", drift.path.display());
                human::line(
                    output,
                    &Line::ok("watch.mended", crate::person::visible(&text)),
                )?;
            }
            let text = format!("{} deviate", report.drifts.len());
            Ok(human::line(output, &Line::info("watch.changed", text))?)
        }
        _ => {
            let text = event.why.unwrap_or_default();
            let line = match event.event {
                "polling" => Line::info("watch.polling", format!("looking at intervals: {text}")),
                _ => Line::fail("watch.unverified", text).fix("ccs integrity status"),
            };
            Ok(human::line(output, &line)?)
        }
    }
}

fn lines(output: &mut Output, drifts: &[Drift]) -> anyhow::Result<()> {
    for drift in drifts {
        human::line(output, &line_of(drift))?;
    }
    Ok(())
}

/// Gives an event to a program and waits for it, so that events stay in order.
fn hand_over(
    program: &std::ffi::OsStr,
    more: &[std::ffi::OsString],
    event: &Event,
) -> anyhow::Result<()> {
    let started = Command::new(program)
        .args(more)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .spawn();
    let mut child = started.map_err(|error| {
        let what = format!("cannot run `{}`: {error}", program.display());
        Stop::new(Code::File, what)
    })?;
    if let Some(mut stdin) = child.stdin.take() {
        // One that does not read its input may be gone already.
        let _ = writeln!(stdin, "{}", serde_json::to_string(event)?);
    }
    child.wait()?;
    Ok(())
}

impl Event {
    fn of(seen: &Seen<'_>) -> Self {
        let all = |drifts: &[Drift]| drifts.iter().map(Deviation::of).collect();
        let mut event = Event {
            event: "polling",
            time: vault::now(),
            deviations: 0,
            new: Vec::new(),
            gone: Vec::new(),
            why: None,
        };
        match seen {
            Seen::Started { report } => {
                event.event = "started";
                event.deviations = report.drifts.len();
                event.new = all(&report.drifts);
            }
            Seen::Changed { report, new, gone } => {
                event.event = "changed";
                event.deviations = report.drifts.len();
                (event.new, event.gone) = (all(new), all(gone));
            }
            Seen::Unverified { error } => {
                event.event = "unverified";
                event.why = Some(format!("{:#}", anyhow::anyhow!(error.to_string())));
            }
            Seen::Polling { why } => event.why = Some((*why).to_owned()),
            _ => {}
        }
        event
    }
}
