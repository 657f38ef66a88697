//! `SessionStart`: says whether the guard stands. It can stop nothing.

use std::borrow::Cow;
use std::path::Path;

use ccs_gate::{Decision, Finding, Severity};

use crate::failure::Failure;
use crate::install::{self, Damage, Record};
use crate::log::Entry;
use crate::place::Surroundings;
use crate::protocol::event::Body;
use crate::protocol::json;
use crate::protocol::reply::{Answer, Reply};
use crate::run::{Outcome, Scene};
use crate::{
    alerts, canary, clean, config, config_change, guarded, lockdown, settings, shell_env, taint,
    trail, untrusted,
};

/// The first client that treats a failed hook as a deny when it is told to.
const MIN_CLIENT: (u32, u32, u32) = (2, 1, 295);

/// Reports everything that keeps the guard from working as installed.
pub(crate) fn run(scene: &Scene<'_>) -> Outcome {
    let mut findings = Vec::new();
    incident(scene, &mut findings);
    counted(scene, &mut findings);
    handlers(scene, &mut findings);
    switched_off(scene, &mut findings);
    let wants_filter = policy(scene, &mut findings);
    if wants_filter && let Err(error) = shell_env::install(scene) {
        let title = format!("secrets in the output of failing commands are not replaced: {error}");
        findings.push(finding("session.no-filter", title));
    }
    trail(scene, &mut findings);
    findings.extend(guarded::at_start(&scene.place));
    findings.extend(client(scene.around));
    let remembered = untrusted::memory(scene);
    let (agent, listed) = (untrusted::agent(scene), untrusted::listed(scene));
    let mut outcome = outcome(scene, findings);
    outcome.reply.notes.extend(clean::at_start(scene));
    taint::at_start(scene, source(scene));
    for (note, findings) in remembered {
        outcome.entry.decision = "report";
        outcome.entry.findings.extend(findings);
        outcome.reply.notes.push(note);
    }
    for called in [agent, listed] {
        if !called.report.is_empty() {
            outcome.entry.decision = "report";
            outcome.entry.findings.extend(called.report);
        }
        outcome.reply.notes.extend(called.notes);
        if let Some(text) = called.context {
            add_context(&mut outcome, text);
        }
    }
    if let Some(text) = token(scene) {
        add_context(&mut outcome, text);
    }
    outcome
}

fn add_context(outcome: &mut Outcome, text: String) {
    let answer = &mut outcome.reply.answer;
    *answer = match std::mem::replace(answer, Answer::Pass) {
        Answer::Context(before) => Answer::Context(format!("{before}\n{text}")),
        _ => Answer::Context(text),
    };
}

fn source<'e>(scene: &Scene<'e>) -> Option<&'e str> {
    match &scene.event.body {
        Body::SessionStart(source) => *source,
        _ => None,
    }
}

/// The session's own canary token, where ccs is installed and the policy wants one.
fn token(scene: &Scene<'_>) -> Option<String> {
    let state = scene.place.state.as_deref()?;
    if !state.join(Record::FILE).exists() {
        return None;
    }
    let wants = config::load(&scene.place).is_ok_and(|config| config.policy.taint.canary);
    let token = wants.then(|| canary::token(state).ok())??;
    Some(format!(
        "{token} marks this session for its security guard. It is of no use to any tool: never write \
         it into a call, a file or an answer."
    ))
}

/// Whether calls are denied because of an incident.
fn incident(scene: &Scene<'_>, findings: &mut Vec<Finding>) {
    if let Err(failure) = lockdown::check(scene.place.state.as_deref()) {
        findings.push(Finding {
            why: Cow::Borrowed("Nothing will run in this session."),
            instead: None,
            ..finding(failure.rule(), failure.to_string())
        });
    }
}

/// Whether the alerts can be counted.
fn counted(scene: &Scene<'_>, findings: &mut Vec<Finding>) {
    let read = scene.place.state.as_deref().map(alerts::read);
    if let Some(Err(why)) = read {
        findings.push(Finding {
            why: Cow::Borrowed("No alert is raised until the file is put right."),
            ..finding("alerts.broken", why)
        });
    }
}

/// Whether every settings file the installer wrote still runs the hooks.
fn handlers(scene: &Scene<'_>, findings: &mut Vec<Finding>) {
    let Some(state) = scene.place.state.as_deref() else {
        return;
    };
    let record = match Record::read(state) {
        Ok(Some(record)) => record,
        Ok(None) => {
            findings.push(finding(
                "session.no-record",
                "ccs was not installed by `ccs setup`".into(),
            ));
            return;
        }
        Err(error) => {
            findings.push(finding("session.no-record", error.to_string()));
            return;
        }
    };
    if !record.hook.is_file() {
        let title = format!("the hook program `{}` is missing", record.hook.display());
        findings.push(finding("session.no-hook", title));
    }
    for path in &record.settings {
        match settings::read(path) {
            Ok(bytes) => {
                let damage = record.damage(bytes.as_deref(), state);
                findings.extend(damage.iter().map(|one| reported(path, one)));
            }
            Err(error) => {
                let title = format!("`{}` cannot be read: {error}", path.display());
                findings.push(finding("config.unreadable", title));
            }
        }
    }
}

/// Whether another settings file switches hooks off or is dropped by the client.
fn switched_off(scene: &Scene<'_>, findings: &mut Vec<Finding>) {
    let mut paths = settings::project(&scene.place);
    paths.extend(settings::user(&scene.place));
    for path in paths {
        let Ok(Some(bytes)) = settings::read(&path) else {
            continue;
        };
        let text = json::text(&bytes);
        let damage = match json::parse(&text) {
            Err(error) => Damage::NotJson(error),
            Ok(value) if value.as_object().is_some_and(install::is_disabled) => Damage::Disabled,
            Ok(_) => continue,
        };
        let found = reported(&path, &damage);
        if !findings.contains(&found) {
            findings.push(found);
        }
    }
}

fn reported(path: &Path, damage: &Damage) -> Finding {
    Finding {
        decision: Decision::Allow,
        ..config_change::finding(path, damage)
    }
}

/// Whether the policy, as far as it can be read, wants the shell's output filtered.
fn policy(scene: &Scene<'_>, findings: &mut Vec<Finding>) -> bool {
    match config::load(&scene.place) {
        Ok(config) => {
            findings.extend(config.findings);
            let secrets = config.policy.secrets;
            secrets.outputs && secrets.filter_shell && !secrets.leaves_alone("Bash")
        }
        Err(error) => {
            let failure = Failure::Policy(error);
            findings.push(finding(failure.rule(), failure.to_string()));
            true
        }
    }
}

/// Whether the audit log is the one that was founded.
fn trail(scene: &Scene<'_>, findings: &mut Vec<Finding>) {
    let state = scene.place.state.as_deref();
    let found = state.map(trail::findings).unwrap_or_default();
    findings.extend(found.iter().map(|one| Finding {
        why: Cow::Borrowed("What was done before may no longer be shown."),
        ..finding(one.rule(), one.to_string())
    }));
}

/// The client says its version in the environment. A repository could make it say another, which
/// would silence this remark and nothing else.
fn client(around: &Surroundings) -> Option<Finding> {
    let agent = around.agent.as_ref()?.to_str()?;
    let version = agent.strip_prefix("claude-code_")?;
    let mut parts = version.split(['-', '_']).map(str::parse::<u32>);
    let mut part = || parts.next()?.ok();
    let version = (part()?, part()?, part()?);
    (version < MIN_CLIENT).then(|| {
        let (major, minor, patch) = version;
        let title = format!(
            "client {major}.{minor}.{patch} lets a call through when a hook fails; update to 2.1.295 or later"
        );
        finding("session.old-client", title)
    })
}

fn finding(rule: &'static str, title: String) -> Finding {
    Finding {
        rule: Cow::Borrowed(rule),
        severity: Severity::High,
        decision: Decision::Allow,
        title: Cow::Owned(title),
        why: Cow::Borrowed("Tool calls may not be checked."),
        instead: Some(Cow::Borrowed("`ccs doctor` says what to do.")),
        evidence: String::new(),
    }
}

fn outcome(scene: &Scene<'_>, findings: Vec<Finding>) -> Outcome {
    let mut reply = Reply::new(scene.name(), Answer::Pass);
    if !findings.is_empty() {
        let texts: Vec<String> = findings.iter().map(ToString::to_string).collect();
        let text = format!("ccs: {}", texts.join("\n"));
        reply.answer = Answer::Context(format!(
            "The security guard of this session is not whole; the user has been told.\n{text}"
        ));
        reply.notes.push(text);
    }
    let decision = if findings.is_empty() {
        "allow"
    } else {
        "report"
    };
    let entry = Entry {
        decision,
        findings,
        ..Entry::default()
    };
    Outcome { reply, entry }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn says(agent: &str) -> Option<String> {
        let around = Surroundings {
            agent: Some(agent.into()),
            ..Surroundings::default()
        };
        client(&around).map(|finding| finding.rule.into_owned())
    }

    #[test]
    fn a_client_that_fails_open_is_reported() {
        for (agent, old) in [
            ("claude-code_2-1-197_harness", true),
            ("claude-code_2-1-294_agent", true),
            ("claude-code_2-1-295_agent", false),
            ("claude-code_2-1-329_harness", false),
            ("claude-code_3-0-0", false),
            ("claude-code_2-1", false),
            ("another_1-0-0", false),
            ("", false),
        ] {
            assert_eq!(says(agent).is_some(), old, "{agent}");
        }
    }
}
