//! `ccs uninstall`: takes the guard out and leaves everything else as it was.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context;
use ccs_hooks::install::Record;
use ccs_hooks::{canary, opinion, taint, trail};
use ccs_integrity::file::{self, Writer};
use ccs_integrity::settings;
use serde::Serialize;

use crate::args::{Scope, Uninstall};
use crate::checks::activity;
use crate::commands::consent;
use crate::companions;
use crate::exit::Code;
use crate::fence;
use crate::gate::{BUNDLE, POLICY, PUBLIC, SECRET};
use crate::layout::{self, Layout, Target};
use crate::output::Output;
use crate::output::human::{self, Level, Line};
use crate::output::json;
use crate::places::{CLIPBOARD, Places, RESEND, SESSIONS};
use crate::plan::{self, Change, Kind};
use crate::policy_files;
use crate::state;
use crate::tier;
use crate::undo::Undo;

#[derive(Serialize)]
struct Answer {
    dry_run: bool,
    steps: Vec<Line>,
}

pub(crate) fn run(args: &Uninstall, places: &Places, output: &mut Output) -> anyhow::Result<Code> {
    let places = &places.with_managed(args.change.managed_settings.as_deref())?;
    consent::must_know_whose(places)?;
    let steps = if args.change.dry_run {
        let removal = Removal::plan(args, places)?;
        if !args.change.json {
            plan::show(&removal.changes, output)?;
        }
        plan::summary(&removal.changes)
    } else if !places.state.exists() && layout::known(places, &Undo::default()).is_empty() {
        vec![Line::ok("files", "ccs is not set up; no file was changed")]
    } else {
        carry_out(args, places)?
    };
    if args.change.json {
        let dry_run = args.change.dry_run;
        json::value(output, &Answer { dry_run, steps })?;
    } else if !args.change.dry_run {
        human::lines(output, &steps)?;
    }
    Ok(Code::Ok)
}

fn carry_out(args: &Uninstall, places: &Places) -> anyhow::Result<Vec<Line>> {
    let above = places.above_state(&plan::missing_folders(&places.in_state(Undo::FILE)));
    let writer = state::writer(places)?;
    let removal = match agreed(args, places) {
        Ok(removal) => removal,
        Err(error) => {
            writer.close_and_tidy(&above)?;
            return Err(error);
        }
    };
    let mut writer = plan::allow(writer, &removal.changes);
    for backup in &removal.backups {
        writer = writer.allow_file(backup);
    }
    let mut steps = plan::make(&removal.changes, &writer)?;
    steps.extend(removal.notes.clone());
    for backup in &removal.backups {
        writer.remove(backup)?;
    }
    removal.tidy_trail(places, &writer)?;
    removal.tidy_outside(places, &writer)?;
    if removal.is_last && !args.keep_state {
        let judge = places.in_state(opinion::FOLDER);
        if judge.is_dir() {
            remove_all(&judge, &writer)?;
        }
        steps.push(removal.tidy_state(places, writer)?);
    }
    if steps.is_empty() {
        steps.push(Line::ok(
            "files",
            "ccs is not set up there; no file was changed",
        ));
    }
    Ok(steps)
}

/// What is to be done, if nothing and nobody speaks against it.
fn agreed(args: &Uninstall, places: &Places) -> anyhow::Result<Removal> {
    let removal = Removal::plan(args, places)?;
    consent::must_be_root(&removal.selected, "run it with sudo and --home ~YOU")?;
    consent::confirm(&args.change, &removal.changes)?;
    Ok(removal)
}

/// What is taken out and what stays.
struct Removal {
    selected: Vec<Target>,
    changes: Vec<Change>,
    /// Copies that hold nothing but what is restored anyway.
    backups: Vec<PathBuf>,
    /// What stays although it may be ours.
    notes: Vec<Line>,
    /// No settings file holds handlers afterwards.
    is_last: bool,
    /// Folders that setup made, outermost first.
    folders: Vec<PathBuf>,
    /// The audit trail holds nothing but our own trials, and goes.
    forgets: bool,
}

impl Removal {
    fn plan(args: &Uninstall, places: &Places) -> anyhow::Result<Self> {
        let undo = Undo::read(places)?;
        let is_meant = |target: &Target| args.scope.is_none_or(|scope| scope == target.scope);
        let (selected, mut rest): (Vec<_>, Vec<_>) =
            layout::known(places, &undo).into_iter().partition(is_meant);
        rest.retain(|target| target.path.exists());
        let mut removal = Removal {
            is_last: rest.is_empty(),
            folders: undo.folders.clone(),
            forgets: false,
            changes: Vec::new(),
            backups: Vec::new(),
            notes: Vec::new(),
            selected,
        };
        // Before the handlers go, the program must be where the remaining ones will look for it.
        let remaining = remaining(places, rest)?;
        if let Some(layout) = &remaining {
            removal.changes.push(layout.program()?);
        }
        removal.restore(&undo, places)?;
        match remaining {
            Some(layout) => removal.keep(&layout, &undo)?,
            None => removal.remove_own(places, args.keep_state)?,
        }
        Ok(removal)
    }

    /// Every selected settings file as it was.
    fn restore(&mut self, undo: &Undo, places: &Places) -> anyhow::Result<()> {
        for target in &self.selected {
            let Some(before) = file::read(&target.path)? else {
                continue;
            };
            let edited = undo.of(&target.path);
            let receipt = edited.map(|edited| &edited.receipt);
            let after = settings::remove(&target.path, &before, receipt)?;
            if edited.is_none() {
                self.notes.extend(undecided(&target.path, &after, places));
            }
            let created = edited.is_some_and(|edited| edited.created);
            self.backups.extend(superfluous(&target.path, &after)?);
            self.changes.push(Change {
                path: target.path.clone(),
                before: Some(before),
                after: Some(after).filter(|text| !(created && is_empty_object(text))),
                kind: Kind::Restored,
            });
        }
        Ok(())
    }

    /// The other scopes, brought up to date.
    fn keep(&mut self, layout: &Layout<'_>, undo: &Undo) -> anyhow::Result<()> {
        let settings = layout.settings(undo)?;
        self.changes.extend(settings.records);
        self.changes.extend(settings.files);
        let managed = self
            .selected
            .iter()
            .find(|target| target.scope == Scope::Managed);
        if let Some(target) = managed {
            let shared = layout.places.hook(Some(&target.path));
            self.changes
                .push(Change::to(shared, None, Kind::SharedProgram)?);
        }
        Ok(())
    }

    /// Our own files. A policy that its owner changed stays, and so does what is not ours to
    /// judge, such as logs.
    fn remove_own(&mut self, places: &Places, keep_state: bool) -> anyhow::Result<()> {
        let managed = self
            .selected
            .iter()
            .filter(|target| target.scope == Scope::Managed);
        let shared = managed.map(|target| places.hook(Some(&target.path)));
        for hook in shared.chain([places.hook(None)]) {
            self.changes.push(Change::to(hook, None, Kind::Program)?);
        }
        let policy = file::read(&places.in_state(POLICY))?;
        let is_default = policy.as_deref().is_some_and(policy_files::is_example);
        let mut files = vec![(Undo::FILE, Kind::Own), (Record::FILE, Kind::Own)];
        if !keep_state && is_default {
            files.extend([BUNDLE, PUBLIC, SECRET].map(|name| (name, Kind::Opaque)));
            files.push((POLICY, Kind::Own));
        }
        if !keep_state {
            files.extend([(CLIPBOARD, Kind::Own), (RESEND, Kind::Opaque)]);
            files.push((canary::KEY, Kind::Opaque));
        }
        for (name, kind) in files {
            let change = Change::to(places.in_state(name), None, kind)?;
            self.changes.push(change);
        }
        self.changes.extend(companions::gone(places)?);
        for folder in [SESSIONS, taint::FOLDER] {
            self.changes.extend(sessions(places, folder)?);
        }
        let is_ours = trail::read(&places.state)
            .is_ok_and(|reader| activity::is_ours_alone(&reader))
            && activity::waits_ours_alone(&places.state);
        self.forgets = !keep_state && is_ours;
        Ok(())
    }

    /// Deletes an audit trail that nothing but our own trials is in.
    fn tidy_trail(&self, places: &Places, writer: &Writer) -> anyhow::Result<()> {
        if !self.forgets {
            return Ok(());
        }
        for name in [trail::IDENTITY, trail::CHECKPOINT, trail::KEY] {
            writer.remove(&places.in_state(name))?;
        }
        let watch = places.in_state(trail::WATCH);
        if watch.is_dir() {
            remove_all(&watch, writer)?;
        }
        remove_all(&trail::folder(&places.state), writer)
    }

    /// Deletes the folders that setup made and that are empty now.
    fn tidy_outside(&self, places: &Places, writer: &Writer) -> anyhow::Result<()> {
        let own = ["bin", SESSIONS, taint::FOLDER].map(|name| places.state.join(name));
        let held = |folder: &Path| {
            self.changes
                .iter()
                .any(|change| change.path.starts_with(folder))
        };
        let outside = self
            .folders
            .iter()
            .filter(|folder| !places.state.starts_with(folder) && held(folder));
        companions::tidy_mod(places, &self.changes, writer)?;
        for folder in own.iter().chain(outside.rev()) {
            writer.remove_folder(folder)?;
        }
        Ok(())
    }

    /// Deletes the state folder and those made for it, if they are empty; says so if not.
    fn tidy_state(&self, places: &Places, writer: Writer) -> anyhow::Result<Line> {
        let state = places.state.display();
        if writer.close_and_tidy(&places.above_state(&self.folders))? {
            return Ok(Line::new(Level::Done, "state", format!("{state} deleted")));
        }
        let text = format!("{state} stays: it holds {}", left(&places.state)?);
        let fix = if places.vault().exists() {
            format!("keep it for the secrets in the vault; else rm -r {state}")
        } else {
            format!("rm -r {state}, if you do not need that")
        };
        Ok(Line::info("state", text).fix(fix))
    }
}

/// Deletes a folder of ours with everything in it.
fn remove_all(folder: &Path, writer: &Writer) -> anyhow::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            remove_all(&path, writer)?;
        } else {
            writer.remove(&path)?;
        }
    }
    writer.remove_folder(folder)?;
    Ok(())
}

/// What the hooks noted about sessions.
fn sessions(places: &Places, folder: &str) -> anyhow::Result<Vec<Change>> {
    let Ok(listing) = fs::read_dir(places.in_state(folder)) else {
        return Ok(Vec::new());
    };
    let paths = listing.flatten().map(|entry| entry.path());
    let files = paths.filter(|path| path.is_file());
    files
        .map(|path| Change::to(path, None, Kind::Opaque))
        .collect()
}

/// Without a record nobody can tell whose the permission rules are.
fn undecided(path: &Path, settings: &[u8], places: &Places) -> Option<Line> {
    let text = String::from_utf8_lossy(settings);
    let mut rules = fence::rules(places).into_iter();
    rules.find(|rule| text.contains(&format!("\"{rule}\"")))?;
    let path = path.display();
    let text = format!(
        "`{path}` keeps its permission rules: there is no record of which of them ccs added"
    );
    Some(Line::info("permissions", text).fix(format!("look at permissions.deny in `{path}`")))
}

/// The names of what is left in a folder.
fn left(folder: &Path) -> anyhow::Result<String> {
    let mut names = Vec::new();
    for entry in fs::read_dir(folder)? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        // The lock says nothing to anybody.
        if !name.starts_with('.') {
            names.push(name);
        }
    }
    names.sort();
    Ok(names.join(", "))
}

/// The installation in the scopes that stay; `None` if none does.
fn remaining(places: &Places, rest: Vec<Target>) -> anyhow::Result<Option<Layout<'_>>> {
    if rest.is_empty() {
        return Ok(None);
    }
    let record = layout::record(places)?;
    let events = record
        .as_ref()
        .map_or_else(|| tier::events(2), |record| tier::named(&record.events));
    let hook = record.map_or_else(|| places.hook(None), |record| record.hook);
    let program = file::read(&hook)?.with_context(|| {
        format!(
            "the hook program `{}` is missing; run ccs setup",
            hook.display()
        )
    })?;
    Ok(Some(Layout {
        places,
        targets: rest,
        events,
        program,
        profile: None,
    }))
}

/// Backups of the file that equal what it is restored to.
fn superfluous(path: &Path, restored: &[u8]) -> anyhow::Result<Vec<PathBuf>> {
    let mut same = Vec::new();
    for backup in file::backups(path)? {
        if file::read(&backup)?.as_deref() == Some(restored) {
            same.push(backup);
        }
    }
    Ok(same)
}

fn is_empty_object(text: &[u8]) -> bool {
    let mut signs = text.iter().filter(|byte| !byte.is_ascii_whitespace());
    signs.next() == Some(&b'{') && signs.next() == Some(&b'}') && signs.next().is_none()
}
