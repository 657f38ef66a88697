//! `ccs setup`: puts the guard in place, step by step, and shows that it works.

mod prepare;
mod profile;

use std::env;
use std::io::Write;
use std::path::PathBuf;

use ccs_hooks::protocol::name::Name;
use ccs_hooks::trail;
use serde::Serialize;

use crate::args::{Scope, Setup};
use crate::checks;
use crate::client;
use crate::commands::consent;
use crate::exit::{Code, Stop};
use crate::layout::Layout;
use crate::output::Output;
use crate::output::human::{self, Line};
use crate::output::json;
use crate::places::Places;
use crate::plan;
use crate::proof::{self, Case};
use crate::state;
use crate::tier;
use prepare::{Prepared, prepare};

#[derive(Serialize)]
struct Answer {
    dry_run: bool,
    steps: Vec<Line>,
    /// What the installed hook answered; empty on a dry run.
    proof: Vec<Case>,
}

pub(crate) fn run(args: &Setup, places: &Places, output: &mut Output) -> anyhow::Result<Code> {
    let places = &places.with_managed(args.change.managed_settings.as_deref())?;
    consent::must_know_whose(places)?;
    profile::must_fit(args)?;
    let mut run = Run {
        json: args.change.json,
        output,
        steps: Vec::new(),
    };
    run.say(client::inspect(places))?;
    if let Some(missing) = tier::missing(args.tier) {
        run.say([Line::info("tier", missing)])?;
    }
    if args.change.dry_run {
        return dry_run(args, places, run);
    }
    let proof = install(args, places, &mut run)?;
    run.say(profile::outcome(args, places)?)?;
    run.end(false, proof)
}

/// What was done so far: printed as it happens, or collected for `--json`.
struct Run<'a> {
    json: bool,
    output: &'a mut Output,
    steps: Vec<Line>,
}

impl Run<'_> {
    fn say(&mut self, lines: impl IntoIterator<Item = Line>) -> anyhow::Result<()> {
        for line in lines {
            if !self.json {
                human::line(self.output, &line)?;
                self.output.flush()?;
            }
            self.steps.push(line);
        }
        Ok(())
    }

    fn end(self, dry_run: bool, proof: Vec<Case>) -> anyhow::Result<Code> {
        if self.json {
            let answer = Answer {
                dry_run,
                steps: self.steps,
                proof,
            };
            json::value(self.output, &answer)?;
        }
        Ok(Code::Ok)
    }
}

fn dry_run(args: &Setup, places: &Places, mut run: Run<'_>) -> anyhow::Result<Code> {
    let folders = prepare::missing_folders(places);
    let changes = prepare(args, places, &folders)?.changes();
    if run.json {
        run.say(plan::summary(&changes))?;
    } else {
        plan::show(&changes, run.output)?;
    }
    run.end(true, Vec::new())
}

/// Makes every change while no other run can, and shows the result. If it comes to nothing, the
/// state folder that was made to hold the lock goes again.
fn install(args: &Setup, places: &Places, run: &mut Run<'_>) -> anyhow::Result<Vec<Case>> {
    let folders = prepare::missing_folders(places);
    let writer = state::writer(places)?;
    let prepared = match agreed(args, places, &folders) {
        Ok(prepared) => prepared,
        Err(error) => {
            writer.close_and_tidy(&places.above_state(&folders))?;
            return Err(error);
        }
    };
    let changes = prepared.changes();
    let writer = plan::allow(writer, &changes);
    if plan::paths(&changes).next().is_none() {
        let text = "everything is in place; no file was changed";
        run.say([Line::ok("files", text)])?;
    }
    run.say(plan::make(&prepared.own, &writer)?)?;
    run.say(remember(places))?;
    // A registered hook that does not work would stop every session.
    prove(&prepared.layout)?;
    run.say(plan::make(&prepared.settings, &writer)?)?;
    run.say(after(&prepared.layout))?;
    run.say(checks::activity::root_key(&places.state))?;
    demonstrate(&prepared.layout, run)
}

/// Founds the audit log before anything is written to it, so that its keys are made here and not
/// by the first hook that runs.
fn remember(places: &Places) -> Option<Line> {
    match trail::found(&places.state) {
        Ok(_) => None,
        Err(error) => Some(
            Line::warn("trail", format!("no audit log: {error}"))
                .fix("put that right; hooks found the log when they first need it"),
        ),
    }
}

/// What is to be done, if nothing and nobody speaks against it.
fn agreed<'a>(
    args: &Setup,
    places: &'a Places,
    folders: &[PathBuf],
) -> anyhow::Result<Prepared<'a>> {
    let prepared = prepare(args, places, folders)?;
    let wanted = prepared
        .layout
        .targets
        .last()
        .map_or(&[][..], std::slice::from_ref);
    consent::must_be_root(wanted, &managed_command(places))?;
    consent::confirm(&args.change, &prepared.changes())?;
    Ok(prepared)
}

fn prove(layout: &Layout<'_>) -> anyhow::Result<()> {
    let cases = proof::ask_all(
        &layout.hook(),
        &layout.arguments(Name::PreToolUse),
        layout.places,
    );
    let Some(wrong) = cases.iter().find(|case| !case.held) else {
        return Ok(());
    };
    let hook = layout.hook();
    let what = format!(
        "`{}` does not work: `{}` should be {}, but: {}; no settings were changed",
        hook.display(),
        wrong.call,
        wrong.expected,
        wrong.answer,
    );
    Err(Stop::new(Code::Unproven, what)
        .next("install a hook program of this version")
        .into())
}

/// Asks the hook that the settings on the disk name.
fn demonstrate(layout: &Layout<'_>, run: &mut Run<'_>) -> anyhow::Result<Vec<Case>> {
    let mut asked = checks::proof::Asked::default();
    for target in &layout.targets {
        run.say(checks::settings::look(target.scope, &target.path))?;
        let lines = checks::proof::of_settings(&target.path, layout.places, &mut asked);
        let failed = lines.iter().any(|line| line.level == human::Level::Fail);
        run.say(lines)?;
        if failed {
            let what = format!(
                "the hook named in `{}` does not protect",
                target.path.display()
            );
            return Err(Stop::new(Code::Unproven, what).next("ccs doctor").into());
        }
    }
    Ok(asked.cases)
}

/// What is left to do by hand.
fn after(layout: &Layout<'_>) -> Option<Line> {
    if layout
        .targets
        .iter()
        .any(|target| target.scope == Scope::Managed)
    {
        return None;
    }
    let text = "a project can still switch these hooks off with `disableAllHooks`; only managed \
                settings withstand that, and writing them needs root";
    Some(Line::info("scope", text).fix(managed_command(layout.places)))
}

/// The command that registers the hook where no project can switch it off.
pub(crate) fn managed_command(places: &Places) -> String {
    let us = env::current_exe().unwrap_or_else(|_| "ccs".into());
    format!(
        "sudo {} setup --scope managed --home {}",
        us.display(),
        places.home.display()
    )
}
