//! `ccs mod`: a mod of the client that takes secrets out before they are recorded or sent.

use ccs_hooks::install::Record;
use ccs_hooks::protocol::name::Name;
use serde::Serialize;

use crate::args::{Change as Options, Mod};
use crate::commands::consent;
use crate::companions;
use crate::exit::{Code, Stop};
use crate::layout;
use crate::output::Output;
use crate::output::human::{self, Line};
use crate::output::json;
use crate::places::Places;
use crate::plan;
use crate::state;

#[derive(Serialize)]
struct Answer {
    dry_run: bool,
    steps: Vec<Line>,
}

pub(crate) fn run(command: &Mod, places: &Places, output: &mut Output) -> anyhow::Result<Code> {
    consent::must_know_whose(places)?;
    let (options, changes) = match command {
        Mod::Install(options) => (options, wanted(places)?),
        Mod::Rm(options) => (options, companions::mod_gone(places)?),
    };
    let steps = if options.dry_run {
        if !options.json {
            plan::show(&changes, output)?;
        }
        plan::summary(&changes)
    } else {
        make(options, places, &changes)?
    };
    if options.json {
        let dry_run = options.dry_run;
        json::value(output, &Answer { dry_run, steps })?;
    } else if !options.dry_run {
        human::lines(output, &steps)?;
    }
    Ok(Code::Ok)
}

/// The mod runs the installed hook program, and leaves to the hook for prompts what it cannot do.
fn wanted(places: &Places) -> anyhow::Result<Vec<plan::Change>> {
    let needs = Name::UserPromptSubmit.as_str();
    let record = layout::record(places)?;
    let guards = |record: &Record| record.events.iter().any(|event| event == needs);
    let record = record.filter(guards).ok_or_else(|| {
        let stop = Stop::new(Code::Refused, "ccs is not set up to look at prompts");
        stop.next("ccs setup, then ccs mod install")
    })?;
    companions::mod_wanted(places, &record.hook)
}

fn make(options: &Options, places: &Places, changes: &[plan::Change]) -> anyhow::Result<Vec<Line>> {
    if plan::paths(changes).next().is_none() {
        return Ok(vec![Line::ok(
            "files",
            "nothing to do; no file was changed",
        )]);
    }
    consent::confirm(options, changes)?;
    let writer = plan::allow(state::writer(places)?, changes);
    let mut steps = plan::make(changes, &writer)?;
    companions::tidy_mod(places, changes, &writer)?;
    steps.push(Line::info("mod", "sessions that start from now on heed it"));
    Ok(steps)
}
