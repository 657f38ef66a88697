//! `PostToolUse`: a tool has run, and the model is about to read what it returned.
//!
//! `PostToolBatch` comes after it and sees what the model will read, whether a tool worked or
//! failed; what is still in there can only be stopped, not replaced.

use std::borrow::Cow;

use ccs_gate::{Decision, Finding, Policy, Severity};

use crate::config;
use crate::failure::Failure;
use crate::left;
use crate::log::Entry;
use crate::protocol::event::{BatchCall, ToolResult};
use crate::protocol::reply::{Answer, JsonText, Reply};
use crate::run::{Outcome, Scene};
use crate::secrets::{Secrets, Taken, tree};
use crate::tool_results;

/// What the model is told about marks.
const REMARK: &str = "ccs replaced secrets in this output by marks like [ccs:NAME] or [secret:KIND]. \
    Do not write a mark into a file or command. A program gets the value of NAME with \
    `ccs run --env NAME -- COMMAND`.";

/// Takes the secrets out of what a tool returned.
pub(crate) fn run(scene: &Scene<'_>, result: &ToolResult<'_>) -> Outcome {
    let (policy, notes) = policy(scene);
    let mut outcome = passed(scene, notes);
    if !policy.secrets.outputs || policy.secrets.leaves_alone(result.call.tool) {
        return outcome;
    }
    let secrets = Secrets::for_output(&policy, &scene.place);
    let mut taken = Taken::default();
    let output = tree::redacted(&secrets, result.response, &mut taken);
    let scrubbed = tool_results::scrub(scene, result.response, &secrets, &mut taken);
    let notes = &mut outcome.reply.notes;
    notes.extend(secrets.faults.iter().map(|fault| format!("ccs: {fault}.")));
    notes.extend(scrubbed.err().map(|error| format!("ccs: {error}.")));
    if let Some(output) = output.and_then(JsonText::new) {
        outcome.reply.answer = Answer::Replace {
            output,
            context: Some(REMARK.into()),
        };
    }
    if !taken.is_empty() {
        let tool = result.call.tool;
        notes.push(format!("ccs: taken out of what {tool} returned: {taken}."));
        outcome.entry = entry("redact", tool, &taken);
    }
    outcome
}

/// Stops the turn if a secret is left in what the model is about to read.
pub(crate) fn batch(scene: &Scene<'_>, calls: &[BatchCall<'_>]) -> Outcome {
    let (policy, notes) = policy(scene);
    let mut outcome = passed(scene, notes);
    if !policy.secrets.outputs {
        return outcome;
    }
    let secrets = Secrets::for_output(&policy, &scene.place);
    for call in calls {
        let tool = call.call.tool;
        let mut taken = Taken::default();
        if let (Some(response), false) = (call.response, policy.secrets.leaves_alone(tool)) {
            tree::each_text("", response, &mut |text| secrets.likely(text, &mut taken));
        }
        if !taken.is_empty() {
            outcome.reply.answer = Answer::Deny(stopped(tool, &taken));
            if let Err(error) = left::note(scene.place.state.as_deref(), &scene.event.session) {
                let text = format!("ccs: the next prompt will not be stopped: {error}.");
                outcome.reply.notes.push(text);
            }
            outcome.entry = entry("deny", tool, &taken);
            break;
        }
    }
    outcome
}

/// A broken policy does not keep secrets from being taken out; the calls themselves are stopped
/// before they run.
fn policy(scene: &Scene<'_>) -> (Policy, Vec<String>) {
    match config::load(&scene.place) {
        Ok(config) => (config.policy, Vec::new()),
        Err(error) => {
            let text = format!("ccs: {}.", Failure::Policy(error));
            (Policy::default(), vec![text])
        }
    }
}

/// Nothing to say, and nothing for the log.
fn passed(scene: &Scene<'_>, notes: Vec<String>) -> Outcome {
    let mut reply = Reply::new(scene.name(), Answer::Pass);
    reply.notes = notes;
    let entry = Entry::default();
    Outcome { reply, entry }
}

fn entry(decision: &'static str, tool: &str, taken: &Taken) -> Entry {
    Entry {
        decision,
        tool: Some(tool.to_owned()),
        findings: taken.marks().map(finding).collect(),
        ..Entry::default()
    }
}

/// What the log keeps of a secret that was found: its kind or its name.
fn finding(mark: &str) -> Finding {
    Finding {
        rule: Cow::Owned(mark.trim_matches(['[', ']']).to_owned()),
        severity: Severity::High,
        decision: Decision::Deny,
        title: Cow::Borrowed("A secret in what a tool returned"),
        why: Cow::Borrowed("What the model reads leaves the machine."),
        instead: None,
        evidence: String::new(),
    }
}

fn stopped(tool: &str, taken: &Taken) -> String {
    format!(
        "ccs: [secret.left] what {tool} returned holds secrets that could not be taken out: {taken}. \
         The turn was stopped before the model reads them. What to do: start anew (/clear), or go back \
         to before the call (/rewind) and write ccs:gone into the next prompt, which is stopped \
         otherwise because it would send them; then let the program read the value from its environment with `ccs run --env NAME -- COMMAND`, which \
         keeps it out of the output. What is no secret can be listed in the policy under \
         `secrets: allow`."
    )
}
