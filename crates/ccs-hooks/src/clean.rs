//! `SessionEnd`, and the start of the next session for those that were killed: what the client
//! wrote about a session is cleaned of secrets.

use std::borrow::Cow;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use ccs_gate::{Decision, Finding, Severity};

use crate::log::Entry;
use crate::prompt::find::Finder;
use crate::protocol::reply::{Answer, Reply};
use crate::run::{Outcome, Scene};
use crate::scrub::{self, Report};
use crate::{config, open_sessions};

/// How long the end of a session may take; the installer asks the client for ten seconds.
const AT_END: Duration = Duration::from_secs(8);
/// How long the start of one may take for the sake of others.
const AT_START: Duration = Duration::from_secs(3);
/// After this time without a word a session is over.
const SILENCE: Duration = Duration::from_secs(3600);

/// Cleans the session that ends.
pub(crate) fn at_end(scene: &Scene<'_>) -> Outcome {
    let state = scene.place.state.as_deref();
    let session = &scene.event.session;
    let mut reply = Reply::new(scene.name(), Answer::Pass);
    let mut entry = Entry {
        decision: "allow",
        ..Entry::default()
    };
    let Some(transcript) = session.transcript else {
        return Outcome { reply, entry };
    };
    let (finder, unread) = finder(scene);
    let until = Instant::now() + AT_END;
    let report = scrub::session(&finder, &folders(scene), Path::new(transcript), until);
    if let Some(error) = unread {
        reply.notes.push(format!(
            "ccs: secrets in the vault were not recognised in the session's record: {error}."
        ));
    }
    let is_done = report.failures.is_empty() && !report.is_cut;
    if is_done {
        open_sessions::forget(state, session);
    } else {
        open_sessions::note(state, session);
        reply.notes.push(left(&report));
    }
    if report.places > 0 {
        entry.decision = "report";
        entry.findings.push(finding(report.places));
    }
    Outcome { reply, entry }
}

/// Cleans sessions that were not seen to end, and remembers the one that starts. Says what could
/// not be done.
pub(crate) fn at_start(scene: &Scene<'_>) -> Vec<String> {
    let state = scene.place.state.as_deref();
    let open = open_sessions::others(state, &scene.event.session);
    let mut notes = Vec::new();
    if !open.is_empty() {
        let (finder, _) = finder(scene);
        let (folders, until) = (folders(scene), Instant::now() + AT_START);
        for session in open {
            let report = scrub::session(&finder, &folders, &session.transcript, until);
            if !report.failures.is_empty() {
                notes.push(left(&report));
            }
            if !report.is_cut && is_over(&session.transcript) {
                session.forget();
            }
        }
    }
    open_sessions::note(state, &scene.event.session);
    notes
}

fn finder(scene: &Scene<'_>) -> (Finder, Option<ccs_vault::Error>) {
    let (finder, error) = Finder::at(scene.place.state.as_deref());
    match config::load(&scene.place) {
        Ok(config) => (finder.heeding(&config.policy), error),
        Err(_) => (finder, error),
    }
}

/// The client's own folders.
fn folders(scene: &Scene<'_>) -> Vec<PathBuf> {
    let home = scene.place.home.as_ref();
    let home = home.map(|home| Path::new(home).join(".claude"));
    let moved = scene.around.config.as_ref().map(PathBuf::from);
    home.into_iter().chain(moved).collect()
}

fn is_over(transcript: &Path) -> bool {
    let Ok(meta) = std::fs::symlink_metadata(transcript) else {
        return true;
    };
    let silent = meta.modified().ok().and_then(|at| at.elapsed().ok());
    silent.is_some_and(|silent| silent > SILENCE)
}

fn left(report: &Report) -> String {
    let why = if report.failures.is_empty() {
        "there was not enough time".to_owned()
    } else {
        report.failures.join("; ")
    };
    format!(
        "ccs: secrets may be left in the session's record: {why}. The next session tries again."
    )
}

fn finding(places: usize) -> Finding {
    Finding {
        rule: Cow::Borrowed("secret.record"),
        severity: Severity::Medium,
        decision: Decision::Allow,
        title: Cow::Borrowed("Secrets in the session's record"),
        why: Cow::Borrowed("They were written over."),
        instead: None,
        evidence: format!("{places} places"),
    }
}
