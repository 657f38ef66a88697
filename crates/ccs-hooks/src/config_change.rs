//! `ConfigChange`: a settings file changed while the session runs.
//!
//! Stopping the event keeps the old settings in force, hooks included, for this session. What
//! would take our handlers out is stopped; everything else is the user's business.

use std::borrow::Cow;
use std::path::{Path, PathBuf};

use ccs_gate::{Decision, Finding, Resolve, Severity};

use crate::failure::Failure;
use crate::install::{Damage, Record};
use crate::log::Entry;
use crate::protocol::event::Config;
use crate::protocol::json;
use crate::protocol::reply::{Answer, Reply};
use crate::resolve::Links;
use crate::run::{Outcome, Scene};
use crate::{guarded, install, settings};

/// Stops a change that would switch the guard off.
pub(crate) fn run(scene: &Scene<'_>, config: &Config<'_>) -> Result<Outcome, Failure> {
    let record = record(scene)?;
    let mut findings = Vec::new();
    findings.extend(unsigned(scene, config));
    for path in changed(scene, config) {
        for damage in damage(scene, record.as_ref(), &path) {
            findings.push(finding(&path, &damage));
        }
    }
    Ok(outcome(scene, config, findings))
}

/// A change of what was signed, whichever file it is in: the event may come before the one that
/// is about the others.
fn unsigned(scene: &Scene<'_>, config: &Config<'_>) -> Option<Finding> {
    let is_known = config.source.ends_with("_settings") || config.source == "skills";
    is_known.then(|| guarded::stops(&scene.place)).flatten()
}

fn record(scene: &Scene<'_>) -> Result<Option<Record>, Failure> {
    let Some(state) = scene.place.state.as_deref() else {
        return Ok(None);
    };
    Record::read(state).map_err(|error| Failure::Record(error.to_string()))
}

/// The file the event names, or all that its source has.
fn changed(scene: &Scene<'_>, config: &Config<'_>) -> Vec<PathBuf> {
    let is_settings = matches!(
        config.source,
        "user_settings" | "project_settings" | "local_settings" | "policy_settings"
    );
    if !is_settings {
        return Vec::new();
    }
    if let Some(file) = config.file {
        let cwd = scene.place.cwd.as_deref().unwrap_or("/");
        return vec![Path::new(cwd).join(file)];
    }
    match config.source {
        "user_settings" => settings::user(&scene.place).into_iter().collect(),
        "policy_settings" => settings::managed(scene.around).unwrap_or_default(),
        _ => settings::project(&scene.place),
    }
}

/// What the file, as it is now, would do to us.
fn damage(scene: &Scene<'_>, record: Option<&Record>, path: &Path) -> Vec<Damage> {
    let bytes = settings::read(path).unwrap_or_else(|error| Some(error.to_string().into_bytes()));
    if let (Some(record), Some(state)) = (record, scene.place.state.as_deref())
        && record.settings.iter().any(|ours| is_same(ours, path))
    {
        return record.damage(bytes.as_deref(), state);
    }
    bytes.map_or_else(Vec::new, |bytes| elsewhere(&bytes))
}

/// What a file that holds none of our handlers can do to them.
fn elsewhere(bytes: &[u8]) -> Vec<Damage> {
    let text = json::text(bytes);
    match json::parse(&text) {
        Err(error) => vec![Damage::NotJson(error)],
        Ok(value) if value.as_object().is_some_and(install::is_disabled) => vec![Damage::Disabled],
        Ok(_) => Vec::new(),
    }
}

/// Whether two paths are one file, whatever links lead to it.
fn is_same(a: &Path, b: &Path) -> bool {
    let real = |path: &Path| Links::new(None).real_path(path.to_str()?);
    a == b || real(a).is_some_and(|a| real(b) == Some(a))
}

pub(crate) fn finding(path: &Path, damage: &Damage) -> Finding {
    let rule = match damage {
        Damage::NotJson(_) | Damage::Malformed(_) => "config.unreadable",
        Damage::Disabled => "config.hooks-disabled",
        _ => "config.hooks-removed",
    };
    Finding {
        rule: Cow::Borrowed(rule),
        severity: Severity::High,
        decision: Decision::Deny,
        title: Cow::Owned(format!("`{}`: {damage}", path.display())),
        why: Cow::Borrowed("Tool calls would no longer be checked."),
        instead: None,
        evidence: String::new(),
    }
}

fn outcome(scene: &Scene<'_>, config: &Config<'_>, findings: Vec<Finding>) -> Outcome {
    let mut reply = Reply::new(scene.name(), Answer::Pass);
    let mut entry = Entry {
        decision: "allow",
        tool: Some(config.source.to_owned()),
        ..Entry::default()
    };
    if !findings.is_empty() {
        let texts: Vec<String> = findings.iter().map(ToString::to_string).collect();
        let text = format!("ccs: {}", texts.join("\n"));
        // the client does not let a hook stop a change of managed settings
        if config.source == "policy_settings" {
            entry.decision = "report";
            reply.notes.push(text);
        } else {
            entry.decision = "deny";
            reply.answer = Answer::Deny(format!(
                "{text}\nThe change does not take effect in this session. \
                 To change the guard itself, use `ccs setup` or `ccs uninstall`."
            ));
        }
        entry.findings = findings;
    }
    Outcome { reply, entry }
}
