//! Secrets taken over from where they lie in plain text, and handed to a shell.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use anyhow::Context;
use ccs_vault::import::{
    Existing, MAX_TEXT, Outcome, Plan, Wanted, Why, from_dotenv, from_environment, from_shell,
};
use ccs_vault::{Error, Meta, Name, Shell, Take, Vault};
use zeroize::Zeroizing;

use super::done;
use crate::args::vault_change::{Export, Import, Migrate, ShellKind};
use crate::exit::{Code, Stop};
use crate::incident;
use crate::output::import::{self as text, Taken};
use crate::output::{Output, json};
use crate::places::Places;
use crate::vault::{self, code};

pub(super) fn import(args: &Import, places: &Places, output: &mut Output) -> anyhow::Result<Code> {
    let plan = plan(args)?;
    let lines: Vec<u32> = plan.found.iter().map(|found| found.line).collect();
    let left = plan.left.clone();
    let outcomes = carry_out(args, plan, places)?;
    let taken = Taken {
        dry_run: args.dry_run,
        from: origin(args),
        found: text::rows(&outcomes, &lines),
        left,
    };
    if args.json.json {
        json::value(output, &taken)?;
    } else {
        text::plan(output, &taken)?;
    }
    Ok(code_of(&taken))
}

/// What could not be taken is a finding: somebody may rely on it. A line that a later one overrides
/// is not missed.
fn code_of(taken: &Taken) -> Code {
    let kept = |row: &text::Row| row.outcome == Outcome::Kept;
    let missed = taken.left.iter().any(|left| left.why != Why::Overridden);
    if missed || taken.found.iter().any(kept) {
        Code::Findings
    } else {
        Code::Ok
    }
}

fn carry_out(args: &Import, plan: Plan, places: &Places) -> anyhow::Result<Vec<(Name, Outcome)>> {
    let existing = if args.replace {
        Existing::Replace
    } else {
        Existing::Keep
    };
    if !args.dry_run {
        let mut opened = vault::open(&args.unlock, places)?;
        let category = args.category.as_ref();
        return Ok(opened.import(plan.found, existing, category, vault::now())?);
    }
    match vault::open(&args.unlock, places) {
        Ok(opened) => Ok(opened.preview(&plan.found, existing)?),
        // before there is a vault, all would be new
        Err(error) if is_before_init(&error, places) => {
            let names = plan.found.into_iter().map(|found| found.name);
            Ok(names.map(|name| (name, Outcome::Added)).collect())
        }
        Err(error) => Err(error),
    }
}

fn is_before_init(error: &anyhow::Error, places: &Places) -> bool {
    let missing = matches!(error.downcast_ref(), Some(Error::Missing { path, .. }) if *path == places.vault());
    missing && !places.vault().exists()
}

fn plan(args: &Import) -> anyhow::Result<Plan> {
    let wanted = if args.all {
        Wanted::All
    } else if args.names.is_empty() {
        Wanted::Likely
    } else {
        Wanted::Named(&args.names)
    };
    Ok(match (&args.dotenv, &args.shell) {
        (Some(path), _) => from_dotenv(&read(path)?, wanted),
        (_, Some(path)) => from_shell(&read(path)?, wanted),
        _ => from_environment(std::env::vars_os(), wanted),
    })
}

fn origin(args: &Import) -> Option<PathBuf> {
    args.dotenv.as_ref().or(args.shell.as_ref()).cloned()
}

/// A text whose buffer is wiped. One that is too long is cut there, which the plan then says.
fn read(path: &Path) -> anyhow::Result<Zeroizing<String>> {
    let mut bytes = Zeroizing::new(Vec::with_capacity(MAX_TEXT + 2));
    let failed = || format!("cannot read `{}`", path.display());
    let file = File::open(path).with_context(failed)?;
    let limit = MAX_TEXT as u64 + 1;
    file.take(limit)
        .read_to_end(&mut bytes)
        .with_context(failed)?;
    match String::from_utf8(std::mem::take(&mut *bytes)) {
        Ok(text) => Ok(Zeroizing::new(text)),
        Err(error) => {
            drop(Zeroizing::new(error.into_bytes()));
            let what = format!("`{}` is not UTF-8", path.display());
            let next = "save it as UTF-8, or store its values with ccs vault set";
            Err(Stop::new(Code::Refused, what).next(next).into())
        }
    }
}

pub(super) fn export(args: &Export, places: &Places, output: &mut Output) -> anyhow::Result<Code> {
    if output.is_terminal() && !args.reveal {
        let stop = Stop::new(Code::Refused, "the values would be shown on the terminal");
        let next = "ccs run gives them to one program; eval \"$(ccs vault export)\" to this shell; \
                    --reveal shows them";
        return Err(stop.next(next).into());
    }
    incident::must_not_be_on(places)?;
    let mut opened = vault::open(&args.unlock, places)?;
    code::must_be_given(&mut opened, &args.code)?;
    let exported = written(&opened, args)?;
    let is_out = |name: &Name| exported.left.iter().all(|(left, _)| left != name);
    let category = args.category.as_ref();
    let is_wanted = |meta: &&Meta| category.is_none_or(|one| *one == meta.category);
    let out = opened
        .list()
        .filter(is_wanted)
        .filter(|meta| is_out(&meta.name));
    incident::handed_out(places, "ccs vault export", out.map(|meta| &meta.name));
    output.secret(&exported.text)?;
    for (name, why) in &exported.left {
        vault::warn(&format!("`{name}` is left out: {why}"));
    }
    Ok(if exported.left.is_empty() {
        Code::Ok
    } else {
        Code::Findings
    })
}

fn written(opened: &Vault, args: &Export) -> ccs_vault::Result<ccs_vault::Export> {
    let shell = match args.shell {
        ShellKind::Sh => Shell::Sh,
        ShellKind::Fish => Shell::Fish,
        ShellKind::PowerShell => Shell::PowerShell,
    };
    let mut exported = opened.export(shell, args.category.as_ref(), vault::now())?;
    // the generator of codes is nothing that anybody misses
    let totp = code::name()?;
    exported.left.retain(|(name, _)| *name != totp);
    Ok(exported)
}

pub(super) fn migrate(
    args: &Migrate,
    places: &Places,
    output: &mut Output,
) -> anyhow::Result<Code> {
    let mut opened = vault::open(&args.unlock, places)?;
    let take = if args.exact { Take::Bytes } else { Take::Line };
    opened.migrate(&args.file, args.name.clone(), take, vault::now())?;
    let text = format!(
        "`{}` holds what was in {}, which is wiped; backups and snapshots may have it still",
        args.name,
        args.file.display()
    );
    done(output, "migrate", text)
}
