//! What `status` and `doctor` look at. Each check is a function from the machine to lines.

pub(crate) mod activity;
pub(crate) mod checklist;
pub(crate) mod drift;
pub(crate) mod files;
pub(crate) mod holes;
pub(crate) mod latency;
pub(crate) mod others;
pub(crate) mod policy;
pub(crate) mod posture;
pub(crate) mod proof;
pub(crate) mod registered;
pub(crate) mod settings;
pub(crate) mod untrusted;
pub(crate) mod vault;

use std::path::PathBuf;

use ccs_hooks::install::Record;
use ccs_integrity::file;
use ccs_integrity::posture::Report;
use ccs_integrity::settings::{Found, handlers};
use serde_json::Value;

use crate::args::Scope;
use crate::client;
use crate::layout;
use crate::output::human::{Level, Line};
use crate::places::Places;
use crate::proof::Case;
use crate::undo::Undo;

/// The settings and records of this machine, read once.
pub(crate) struct Machine<'a> {
    pub(crate) places: &'a Places,
    pub(crate) files: Vec<Settings>,
    pub(crate) record: anyhow::Result<Option<Record>>,
    pub(crate) undo: anyhow::Result<Undo>,
}

/// One settings file that the client reads, if it exists.
pub(crate) struct Settings {
    pub(crate) scope: Scope,
    pub(crate) path: PathBuf,
    pub(crate) bytes: Vec<u8>,
    /// Empty if the file cannot be read as settings.
    pub(crate) handlers: Vec<Found>,
    pub(crate) value: Value,
}

impl Settings {
    fn read(scope: Scope, path: PathBuf) -> Option<Self> {
        let bytes = file::read(&path).ok()??;
        let text = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&bytes);
        Some(Settings {
            scope,
            handlers: handlers(&path, &bytes).unwrap_or_default(),
            value: serde_json::from_slice(text).unwrap_or_default(),
            path,
            bytes,
        })
    }

    /// Whether one of our handlers stands in it.
    pub(crate) fn is_guarded(&self) -> bool {
        self.handlers.iter().any(|handler| handler.ours)
    }

    pub(crate) fn flag(&self, key: &str) -> bool {
        self.value.get(key) == Some(&Value::Bool(true))
    }
}

impl<'a> Machine<'a> {
    pub(crate) fn read(places: &'a Places) -> Self {
        let undo = Undo::read(places);
        let mut paths = vec![
            (Scope::Managed, places.settings(Scope::Managed)),
            (Scope::User, places.settings(Scope::User)),
            (Scope::Project, places.cwd.join(".claude/settings.json")),
            (Scope::Project, places.settings(Scope::Project)),
        ];
        for edited in undo.iter().flat_map(|undo| &undo.files) {
            if !paths.iter().any(|(_, path)| is_same(path, &edited.path)) {
                paths.push((edited.scope, edited.path.clone()));
            }
        }
        // In the home folder the project's settings are the user's.
        paths.dedup_by(|a, b| a.1 == b.1);
        let read = |(scope, path)| Settings::read(scope, path);
        Machine {
            places,
            files: paths.into_iter().filter_map(read).collect(),
            record: layout::record(places),
            undo,
        }
    }

    pub(crate) fn guarded(&self) -> impl Iterator<Item = &Settings> {
        self.files.iter().filter(|settings| settings.is_guarded())
    }

    /// Whether a handler of ours for the event stands in a file that no project can switch off.
    pub(crate) fn is_managed(&self, event: &str) -> bool {
        let mut managed = self.files.iter().filter(|s| s.scope == Scope::Managed);
        managed.any(|s| s.handlers.iter().any(|h| h.ours && h.event == event))
    }

    pub(crate) fn has(&self, event: &str) -> bool {
        let mut handlers = self.files.iter().flat_map(|settings| &settings.handlers);
        handlers.any(|handler| handler.ours && handler.event == event)
    }
}

fn is_same(a: &std::path::Path, b: &std::path::Path) -> bool {
    a == b || a.canonicalize().is_ok_and(|a| a == b)
}

/// What can be told without running the hook.
pub(crate) fn brief(machine: &Machine<'_>) -> Vec<Line> {
    let mut lines = client::inspect(machine.places);
    lines.extend(registered::check(machine));
    lines.extend(settings::check(machine));
    lines.extend(policy::check(machine));
    lines.extend(activity::check(machine));
    lines.extend(holes::scope(machine));
    lines
}

/// Lines about one thing.
pub(crate) struct Group {
    pub(crate) name: &'static str,
    pub(crate) lines: Vec<Line>,
}

/// Everything, with the proof.
pub(crate) fn all(machine: &Machine<'_>, report: Option<&Report>) -> (Vec<Group>, Vec<Case>) {
    let mut asked = proof::Asked::default();
    let registered = registered::check(machine).into_iter();
    let guarded = machine.guarded();
    let proof = guarded.flat_map(|s| proof::of_settings(&s.path, machine.places, &mut asked));
    let proof: Vec<Line> = proof.collect();
    // a hook that does not do what it is there for is told of once
    let works = proof.iter().all(|line| line.level < Level::Fail);
    let latency = works.then(|| latency::check(machine)).flatten();
    let activity = activity::check(machine).into_iter();
    let root_key = activity::root_key(&machine.places.state);
    let groups = [
        ("client", client::inspect(machine.places)),
        (
            "settings",
            registered.chain(settings::check(machine)).collect(),
        ),
        ("policy", policy::check(machine)),
        ("proof", proof),
        ("cost", latency.into_iter().collect()),
        ("untrusted content", untrusted::check(machine, works)),
        ("signed files", drift::check(machine)),
        ("activity", activity.chain(root_key).collect()),
        ("files", files::check(machine)),
        ("vault", vec![vault::check(machine)]),
        ("other hooks", others::check(machine)),
        ("posture", posture::check(report)),
        ("ways past the hooks", holes::check(machine)),
    ];
    let groups = groups
        .into_iter()
        .map(|(name, lines)| Group { name, lines });
    (groups.collect(), asked.cases)
}
