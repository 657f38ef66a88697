//! What setup is about to do, found out by reading only.

use std::env;
use std::path::{Path, PathBuf};

use anyhow::Context;
use ccs_hooks::protocol::name::Name;

use crate::args::{Clipboard, Setup};
use crate::companions;
use crate::exit::{Code, Stop};
use crate::layout::{self, Layout};
use crate::places::{CLIPBOARD, Places};
use crate::plan::{self, Change, Kind};
use crate::policy_files;
use crate::tier;
use crate::undo::Undo;

/// Every change, in the order they are made.
pub(super) struct Prepared<'a> {
    pub(super) layout: Layout<'a>,
    /// What is ours: policy, hook program, records.
    pub(super) own: Vec<Change>,
    /// The settings, written once the hook has shown that it works.
    pub(super) settings: Vec<Change>,
}

impl Prepared<'_> {
    pub(super) fn changes(&self) -> Vec<Change> {
        self.own.iter().chain(&self.settings).cloned().collect()
    }
}

/// The folders on the way to the files in the state folder that do not exist yet; to be asked
/// for before the state folder is made.
pub(super) fn missing_folders(places: &Places) -> Vec<PathBuf> {
    plan::missing_folders(&places.in_state(Undo::FILE))
}

/// Finds out what has to be done; whatever has to be refused is refused here.
pub(super) fn prepare<'a>(
    args: &Setup,
    places: &'a Places,
    folders: &[PathBuf],
) -> anyhow::Result<Prepared<'a>> {
    let mut undo = Undo::read(places)?;
    let layout = layout_of(args, places, &undo)?;
    must_be_text(&layout)?;
    for folder in folders {
        if !undo.folders.contains(folder) {
            undo.folders.push(folder.clone());
        }
    }
    let settings = layout.settings(&undo)?;
    let mut own = policy_files::missing(places)?;
    own.push(layout.program()?);
    // The hook program asks for a policy as soon as there is a record.
    own.extend(settings.records);
    own.extend(clipboard(args.clipboard, places)?);
    let mut outside = settings.files;
    outside.extend(layout.leftover()?);
    // without the hook that takes their values, the slash commands would hand them on
    outside.extend(companions::wanted(&layout)?);
    Ok(Prepared {
        layout,
        own,
        settings: outside,
    })
}

/// What the user chose to happen with a prompt that is to be sent again.
fn clipboard(choice: Option<Clipboard>, places: &Places) -> anyhow::Result<Option<Change>> {
    let Some(choice) = choice else {
        return Ok(None);
    };
    let text = match choice {
        Clipboard::Off => None,
        Clipboard::Copy => Some(b"copy\n".to_vec()),
        Clipboard::Paste => Some(b"paste\n".to_vec()),
    };
    Change::to(places.in_state(CLIPBOARD), text, Kind::Own).map(Some)
}

/// The client's settings are JSON, which can name only paths that are text.
fn must_be_text(layout: &Layout<'_>) -> Result<(), Stop> {
    let (hook, state) = (layout.hook(), &layout.places.state);
    let settings = layout.targets.iter().map(|target| &target.path);
    let mut paths = settings.chain([&hook, state]);
    match paths.find(|path| path.to_str().is_none()) {
        Some(path) => {
            let what = format!(
                "`{}` is not UTF-8 and cannot be named in JSON",
                path.display()
            );
            Err(Stop::new(Code::Refused, what).next("use a folder with another name"))
        }
        None => Ok(()),
    }
}

/// What to install: what is there already, and the scope that was asked for, which comes last.
fn layout_of<'a>(args: &Setup, places: &'a Places, undo: &Undo) -> anyhow::Result<Layout<'a>> {
    let mut targets = layout::known(places, undo);
    let wanted = layout::target(places, args.scope)?;
    targets.retain(|target| target.path != wanted.path && target.path.exists());
    targets.push(wanted);
    Ok(Layout {
        places,
        targets,
        events: events(args.tier, places)?,
        program: program(args.hook.as_deref())?,
        profile: args.profile,
    })
}

/// The events of a tier, and those at which the policy has finished work looked at.
fn events(tier: u8, places: &Places) -> anyhow::Result<Vec<Name>> {
    let mut events = tier::events(tier);
    let policy = policy_files::coming(places)?;
    let wanted = tier::quality(&policy.quality);
    let new: Vec<Name> = wanted
        .into_iter()
        .filter(|event| !events.contains(event))
        .collect();
    events.extend(new);
    Ok(events)
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
