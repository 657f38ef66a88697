//! What the client loads by itself: instructions, and what it remembers of other sessions.

use std::fs;
use std::path::{Path, PathBuf};

use ccs_gate::injection::{Source, Verdict};
use ccs_gate::policy::Taint;

use super::{Look, Origin, hosts, of_verdict, told};
use crate::config;
use crate::files::{self, Links};
use crate::integrity::{Scope, Signed, Touch};
use crate::log::Entry;
use crate::place::Place;
use crate::protocol::event::Instructions;
use crate::protocol::reply::{Answer, Reply};
use crate::run::{Outcome, Scene};
use crate::taint::{self, Label, Reason};

/// The longest instructions that are looked at, in bytes.
const MAX_FILE: u64 = 1 << 20;
/// The most files of a session's memory that are looked at.
const MAX_MEMORY: usize = 64;

/// `InstructionsLoaded`: the file is in the conversation already, and no answer changes that. The
/// user is told, and the session is what it is.
pub(crate) fn instructions(scene: &Scene<'_>, loaded: &Instructions<'_>) -> Outcome {
    let mut reply = Reply::new(scene.name(), Answer::Pass);
    let mut entry = Entry::default();
    if let Some((note, findings)) = looked_at(scene, Path::new(loaded.file)) {
        reply.notes.push(note);
        entry.decision = "report";
        entry.findings = findings;
    }
    Outcome { reply, entry }
}

/// What the client remembers for the project of a session that starts: words for the model and
/// the user, and what the log keeps.
pub(crate) fn memory(scene: &Scene<'_>) -> Vec<(String, Vec<ccs_gate::Finding>)> {
    let Some(folder) = memory_folder(scene) else {
        return Vec::new();
    };
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let mut paths: Vec<PathBuf> = entries
        .map(|entry| entry.path())
        .filter(|path| path.extension().is_some_and(|ending| ending == "md"))
        .take(MAX_MEMORY)
        .collect();
    paths.sort();
    paths
        .iter()
        .filter_map(|path| looked_at(scene, path))
        .collect()
}

/// Beside the session's own record.
fn memory_folder(scene: &Scene<'_>) -> Option<PathBuf> {
    let record = Path::new(scene.event.session.transcript?);
    let folder = record.parent()?.join("memory");
    folder.is_absolute().then_some(folder)
}

fn looked_at(scene: &Scene<'_>, path: &Path) -> Option<(String, Vec<ccs_gate::Finding>)> {
    let policy = policy(scene);
    if !policy.scan {
        return None;
    }
    let bytes = files::read(path, MAX_FILE, Links::Follow).ok()??;
    let text = String::from_utf8_lossy(&bytes);
    let name = path.to_str()?;
    let (origin, look) = judged(scene, &policy, name, &text)?;
    Some((noted(&origin, &look), told::findings(&origin, &look)))
}

/// What the owner decided about untrusted content; the defaults if that cannot be read.
pub(super) fn policy(scene: &Scene<'_>) -> Taint {
    let config = config::load(&scene.place).ok();
    config.map(|config| config.policy.taint).unwrap_or_default()
}

/// What is in instructions that are not signed, if anything is; the session then is what it is.
pub(super) fn judged(
    scene: &Scene<'_>,
    policy: &Taint,
    name: &str,
    text: &str,
) -> Option<(Origin, Look)> {
    let mut look = Look::at(&[text], Source::Instructions);
    look.excuse_if(|| is_signed(&scene.place, name));
    if look.verdict == Verdict::Allow {
        return None;
    }
    let origin = Origin {
        source: Source::Instructions,
        name: name.to_owned(),
        label: Label::Clean,
        is_read: true,
    };
    if policy.rules {
        remember(scene, &origin, &look, text);
    }
    Some((origin, look))
}

/// What the user is told.
pub(super) fn noted(origin: &Origin, look: &Look) -> String {
    format!(
        "ccs: {} holds text that instructions to a model do not need ({}). Look at it; if it is \
         yours, sign it with `ccs integrity sign`.",
        origin.name,
        look.rules().join(", ")
    )
}

/// What cannot be kept is told with the next result of a tool.
fn remember(scene: &Scene<'_>, origin: &Origin, look: &Look, text: &str) {
    let store = taint::of_session(scene.place.state.as_deref(), &scene.event.session);
    let label = of_verdict(look.verdict);
    if let Some(store) = store {
        let _ = store.update(|state, _| {
            state.raise(Reason::new(label, &origin.name, look.rules()));
            hosts(state, &[text]);
        });
    }
}

/// Whether a file was signed by a person and is still as it was then.
pub(super) fn is_signed(place: &Place, path: &str) -> bool {
    let Some(signed) = place.state.as_deref().map(Signed::new) else {
        return false;
    };
    if !path.starts_with('/') || !signed.is_begun() {
        return false;
    }
    let projects = place.projects.iter();
    let projects = projects.map(|project| {
        let real = fs::canonicalize(project);
        Scope::Project(real.unwrap_or_else(|_| PathBuf::from(project)))
    });
    let mut scopes = projects.chain([Scope::Installation]);
    scopes.any(|scope| {
        let Ok(Some(look)) = signed.look(&scope) else {
            return false;
        };
        let touch = Touch { path, tree: false };
        let deviates = look.deviations.iter().any(|one| one.path == path);
        look.class_of(&touch).is_some() && !deviates
    })
}
