//! Which files an installation consists of, and how they come to be so.
//!
//! There is one hook program and one list of handlers; every settings file of every scope holds
//! all of them. So a change of one scope rewrites the others where they differ.

use std::path::{Path, PathBuf};

use anyhow::Context;
use ccs_hooks::install::{self, Record};
use ccs_hooks::protocol::name::Name;
use ccs_integrity::file;
use ccs_integrity::settings::{self, Handler, Wanted};

use crate::args::Scope;
use crate::companions;
use crate::fence;
use crate::places::Places;
use crate::plan::{Change, Kind, missing_folders};
use crate::profile::Profile;
use crate::undo::{Edited, Undo};

/// Seconds the client waits for a hook. The client's own default is ten minutes.
const TIMEOUT: u32 = 10;
/// What a settings file that does not exist starts from.
const EMPTY: &[u8] = b"{}\n";

/// A settings file that shall hold handlers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Target {
    pub(crate) scope: Scope,
    /// The file itself, no link to it.
    pub(crate) path: PathBuf,
}

/// What shall be installed.
pub(crate) struct Layout<'a> {
    pub(crate) places: &'a Places,
    pub(crate) targets: Vec<Target>,
    pub(crate) events: Vec<Name>,
    /// The bytes of the hook program.
    pub(crate) program: Vec<u8>,
    /// What was asked for the last target; the others, and this one without it, keep theirs.
    pub(crate) profile: Option<Profile>,
}

impl Layout<'_> {
    /// The hook program's place.
    pub(crate) fn hook(&self) -> PathBuf {
        let managed = self
            .targets
            .iter()
            .find(|target| target.scope == Scope::Managed);
        self.places
            .hook(managed.map(|target| target.path.as_path()))
    }

    /// The arguments of the handler for an event.
    pub(crate) fn arguments(&self, event: Name) -> Vec<String> {
        install::arguments(event, &self.places.state).into()
    }

    /// The hook program where it belongs.
    pub(crate) fn program(&self) -> anyhow::Result<Change> {
        let hook = self.hook();
        let kind = match hook == self.places.hook(None) {
            true => Kind::Program,
            false => Kind::SharedProgram,
        };
        Change::to(hook, Some(self.program.clone()), kind)
    }

    /// The hook program gone from where no handler names it any more.
    pub(crate) fn leftover(&self) -> anyhow::Result<Option<Change>> {
        let own = self.places.hook(None);
        if own == self.hook() {
            return Ok(None);
        }
        Change::to(own, None, Kind::Program).map(Some)
    }

    /// The handlers in every settings file, and the records of what was done.
    pub(crate) fn settings(&self, old: &Undo) -> anyhow::Result<Settings> {
        let mut undo = Undo {
            version: 1,
            files: Vec::new(),
            folders: old.folders.clone(),
        };
        let mut files = Vec::new();
        for target in &self.targets {
            let (change, edited) = self.merge(target, old.of(&target.path))?;
            files.push(change);
            undo.files.push(edited);
        }
        let records = [self.places.in_state(Undo::FILE), self.hook()];
        let companions = companions::wanted(self)?;
        let changes = files.iter().chain(&companions);
        let made = records.iter().chain(changes.map(|change| &change.path));
        for folder in made.flat_map(|path| missing_folders(path)) {
            if !undo.folders.contains(&folder) {
                undo.folders.push(folder);
            }
        }
        let records = self.records(&undo)?;
        Ok(Settings { records, files })
    }

    fn merge(&self, target: &Target, old: Option<&Edited>) -> anyhow::Result<(Change, Edited)> {
        let before = file::read(&target.path)?;
        let text = before.as_deref().unwrap_or(EMPTY);
        let receipt = old.map(|edited| &edited.receipt);
        let asked = self.profile.filter(|_| self.targets.last() == Some(target));
        let profile = asked
            .or(old.map(|edited| edited.profile))
            .unwrap_or_default();
        let merged = settings::merge(&target.path, text, &self.wanted(profile), receipt)?;
        let edited = Edited {
            profile,
            scope: target.scope,
            path: target.path.clone(),
            created: old.map_or(before.is_none(), |edited| edited.created),
            receipt: merged.receipt,
        };
        let kind = match target.scope {
            Scope::Managed => Kind::Managed,
            Scope::User | Scope::Project => Kind::Settings,
        };
        let change = Change {
            path: target.path.clone(),
            before,
            after: Some(merged.bytes),
            kind,
        };
        Ok((change, edited))
    }

    fn wanted(&self, profile: Profile) -> Wanted {
        let command = self.hook().to_string_lossy().into_owned();
        let handler = |&event: &Name| Handler {
            event: event.as_str().to_owned(),
            command: command.clone(),
            args: self.arguments(event),
            timeout: TIMEOUT,
        };
        let mut deny = fence::rules(self.places);
        deny.extend(profile.deny());
        Wanted {
            handlers: self.events.iter().map(handler).collect(),
            deny,
            values: profile.values(),
        }
    }

    fn records(&self, undo: &Undo) -> anyhow::Result<Vec<Change>> {
        let settings = self
            .targets
            .iter()
            .map(|target| target.path.clone())
            .collect();
        let record = Record::new(settings, self.hook(), &self.events);
        let mut record = serde_json::to_vec_pretty(&record)?;
        record.push(b'\n');
        let record_path = self.places.in_state(Record::FILE);
        let undo_path = self.places.in_state(Undo::FILE);
        Ok(vec![
            Change::to(undo_path, Some(undo.to_bytes()), Kind::Own)?,
            Change::to(record_path, Some(record), Kind::Own)?,
        ])
    }
}

/// The part of an installation outside the state folder, with its records.
pub(crate) struct Settings {
    pub(crate) records: Vec<Change>,
    pub(crate) files: Vec<Change>,
}

/// The settings file of a scope, with a link followed on purpose.
pub(crate) fn target(places: &Places, scope: Scope) -> anyhow::Result<Target> {
    let path = file::resolve(&places.settings(scope))?;
    Ok(Target { scope, path })
}

/// The install record; `None` if there is none.
pub(crate) fn record(places: &Places) -> anyhow::Result<Option<Record>> {
    let path = places.in_state(Record::FILE);
    let bytes = file::read(&path)?;
    let record = bytes.map(|bytes| Record::parse(&bytes));
    record
        .transpose()
        .with_context(|| path.display().to_string())
}

/// The settings a handler of ours stands in: those recorded, and those of every scope.
pub(crate) fn known(places: &Places, undo: &Undo) -> Vec<Target> {
    let mut targets: Vec<Target> = undo.files.iter().map(Target::from).collect();
    for scope in [Scope::User, Scope::Managed, Scope::Project] {
        let Ok(target) = target(places, scope) else {
            continue;
        };
        if !targets.iter().any(|known| known.path == target.path) && holds_ours(&target.path) {
            targets.push(target);
        }
    }
    targets
}

impl From<&Edited> for Target {
    fn from(edited: &Edited) -> Self {
        Target {
            scope: edited.scope,
            path: edited.path.clone(),
        }
    }
}

fn holds_ours(path: &Path) -> bool {
    let Ok(Some(bytes)) = file::read(path) else {
        return false;
    };
    // Bytes that cannot be read as settings but name our program are looked at again, and then
    // refused with the place of the mistake.
    match settings::handlers(path, &bytes) {
        Ok(found) => found.iter().any(|handler| handler.ours),
        Err(_) => String::from_utf8_lossy(&bytes).contains(settings::PROGRAM),
    }
}
