//! Puts what a person does with ccs into the audit trail: changes of the vault, approvals, choices, what a
//! look at signed files and at the installation found. Names of the vault's entries go into the
//! encrypted part: the vault does not show them either.

use ccs_audit::Entry;
use ccs_hooks::trail;
use serde_json::{Value, json};

use crate::places::Places;
use crate::vault;

/// What the client calls its session in the environment of the commands it runs. Whoever runs one
/// can say what they like; it only says where to look.
const SESSION: &str = "CLAUDE_CODE_SESSION_ID";

/// Notes that something was done with these entries of the vault.
pub(crate) fn vault(places: &Places, done: &str, names: &[String]) {
    let entry = Entry {
        tool: "ccs vault".to_owned(),
        decision: trail::decision::ALLOW.to_owned(),
        target: done.to_owned(),
        details: json!({"names": names}).to_string(),
        ..Entry::new(trail::event::VAULT)
    };
    note(places, entry);
}

/// Notes that a person approved a call.
pub(crate) fn approval(places: &Places, tool: &str, request: &str) {
    let entry = Entry {
        tool: tool.to_owned(),
        decision: trail::decision::APPROVE.to_owned(),
        target: request.to_owned(),
        ..Entry::new(trail::event::APPROVAL)
    };
    note(places, entry);
}

/// Notes files that are not as they were signed.
pub(crate) fn drift(places: &Places, files: &[String]) {
    let Some(first) = files.first() else { return };
    let entry = Entry {
        tool: "ccs integrity".to_owned(),
        decision: trail::decision::REPORT.to_owned(),
        target: first.clone(),
        details: json!({"files": files}).to_string(),
        ..Entry::new(trail::event::DRIFT)
    };
    note(places, entry);
}

/// Notes what the checks of the installation found. A look at another home folder is no event of
/// this machine.
pub(crate) fn posture(places: &Places, checks: &[&str]) {
    if places.home_given {
        return;
    }
    let entry = Entry {
        tool: "ccs posture".to_owned(),
        decision: trail::decision::REPORT.to_owned(),
        rules: checks.iter().map(|id| (*id).to_owned()).collect(),
        details: json!({"findings": checks.len()}).to_string(),
        ..Entry::new(trail::event::POSTURE)
    };
    note(places, entry);
}

/// Notes what a person decided about ccs itself: in which command, about what, and how it was and
/// is.
pub(crate) fn choice(places: &Places, command: &str, target: &str, details: &Value) {
    let entry = Entry {
        tool: command.to_owned(),
        decision: trail::decision::ALLOW.to_owned(),
        target: target.to_owned(),
        details: details.to_string(),
        ..Entry::new(trail::event::CHOICE)
    };
    note(places, entry);
}

/// Where no log was founded nothing is noted; one that cannot be written is told.
fn note(places: &Places, entry: Entry) {
    match trail::identity(&places.state) {
        Ok(None) => return,
        Ok(Some(_)) => {}
        Err(error) => return vault::warn(&format!("this is not in the audit trail: {error}")),
    }
    let session = std::env::var(SESSION).unwrap_or_default();
    if let Err(error) = trail::note(&places.state, Entry { session, ..entry }) {
        vault::warn(&format!("this is not in the audit trail: {error}"));
    }
}
