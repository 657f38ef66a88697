//! `ccs setup`: puts the guard in place, step by step, and shows that it works.

use std::env;
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::Context;
use ccs_integrity::file::Writer;
use serde::Serialize;

use crate::args::{Scope, Setup};
use crate::checks;
use crate::client;
use crate::commands::consent;
use crate::exit::{Code, Stop};
use crate::layout::{self, Layout};
use crate::output::Output;
use crate::output::human::{self, Line};
use crate::output::json;
use crate::places::Places;
use crate::plan::{self, Change};
use crate::policy_files;
use crate::proof::{self, Case};
use crate::tier;
use crate::undo::Undo;

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
    let mut run = Run {
        json: args.change.json,
        output,
        steps: Vec::new(),
    };
    let layout = layout_of(args, places, program(args.hook.as_deref())?)?;
    run.say(client::inspect(places))?;
    if let Some(missing) = tier::missing(args.tier) {
        run.say([Line::info("tier", missing)])?;
    }
    // Whatever has to be refused is refused before anything is written.
    let changes = changes(&layout)?;
    if args.change.dry_run {
        return dry_run(&changes, run);
    }
    consent::must_be_root(
        &layout.targets[layout.targets.len() - 1..],
        &managed_command(places),
    )?;
    consent::confirm(&args.change, &changes)?;
    let layout = install(args, layout, &mut run)?;
    run.say(after(&layout))?;
    let proof = demonstrate(&layout, &mut run)?;
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

/// What to install: what is there already, and the scope that was asked for.
fn layout_of<'a>(args: &Setup, places: &'a Places, program: Vec<u8>) -> anyhow::Result<Layout<'a>> {
    let undo = Undo::read(places)?;
    let mut targets = layout::known(places, &undo);
    let wanted = layout::target(places, args.scope)?;
    targets.retain(|target| target.path != wanted.path && target.path.exists());
    targets.push(wanted);
    Ok(Layout {
        places,
        targets,
        events: tier::events(args.tier),
        program,
    })
}

/// The bytes of the hook program to install.
fn program(given: Option<&Path>) -> anyhow::Result<Vec<u8>> {
    let path = match given {
        Some(path) => path.to_owned(),
        None => beside_us()?,
    };
    let next = "build it with `cargo build --release`, or name it with --hook FILE";
    let bytes = ccs_integrity::file::read(&path)?;
    bytes.filter(|bytes| !bytes.is_empty()).ok_or_else(|| {
        let what = format!("there is no hook program at `{}`", path.display());
        Stop::new(Code::File, what).next(next).into()
    })
}

fn beside_us() -> anyhow::Result<PathBuf> {
    let us = env::current_exe().and_then(|us| us.canonicalize());
    let us = us.context("where this program is cannot be told")?;
    Ok(us.with_file_name(format!("ccs-hook{}", env::consts::EXE_SUFFIX)))
}

fn dry_run(changes: &[Change], mut run: Run<'_>) -> anyhow::Result<Code> {
    if run.json {
        run.say(plan::summary(changes))?;
    } else {
        plan::show(changes, run.output)?;
    }
    run.end(true, Vec::new())
}

/// Every change, in the order they are made.
fn changes(layout: &Layout<'_>) -> anyhow::Result<Vec<Change>> {
    let settings = layout.settings(&Undo::read(layout.places)?)?;
    let mut changes = policy_files::missing(layout.places)?;
    changes.push(layout.program()?);
    changes.extend(settings.records);
    changes.extend(settings.files);
    changes.extend(layout.leftover()?);
    Ok(changes)
}

/// Writes the files. The settings come last, and only if the hook has shown that it works:
/// a registered hook that does not work stops every session.
fn install<'a>(args: &Setup, planned: Layout<'a>, run: &mut Run<'_>) -> anyhow::Result<Layout<'a>> {
    let places = planned.places;
    // Before anything is created, so that uninstall knows what was there.
    let folders = Folders::missing(places);
    let writer = Writer::open(&places.home, &places.state)?;
    // Another run may have installed something before the lock was ours.
    let layout = layout_of(args, places, planned.program)?;
    let undo = folders.added_to(Undo::read(places)?);
    let settings = layout.settings(&undo)?;
    let mut own = policy_files::missing(places)?;
    own.push(layout.program()?);
    let mut outside = settings.records;
    outside.extend(settings.files);
    outside.extend(layout.leftover()?);
    let every: Vec<Change> = own.iter().chain(&outside).cloned().collect();
    let writer = plan::allow(writer, &every);
    if plan::paths(&every).next().is_none() {
        run.say([Line::ok(
            "files",
            "everything is in place; no file was changed",
        )])?;
    }
    run.say(plan::make(&own, &writer)?)?;
    prove(&layout)?;
    run.say(plan::make(&outside, &writer)?)?;
    Ok(layout)
}

/// Folders on the way to the state folder that do not exist before it is made.
struct Folders(Vec<PathBuf>);

impl Folders {
    fn missing(places: &Places) -> Self {
        Folders(plan::missing_folders(&places.in_state(Undo::FILE)))
    }

    fn added_to(self, mut undo: Undo) -> Undo {
        let new = self
            .0
            .into_iter()
            .filter(|folder| !undo.folders.contains(folder));
        undo.folders = undo.folders.iter().cloned().chain(new).collect();
        undo
    }
}

fn prove(layout: &Layout<'_>) -> anyhow::Result<()> {
    let cases = proof::ask_all(
        &layout.hook(),
        &layout.arguments("PreToolUse"),
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
