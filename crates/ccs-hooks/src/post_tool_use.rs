//! `PostToolUse`: a tool has run, and the model is about to read what it returned.
//!
//! `PostToolBatch` comes after it and sees what the model will read, whether a tool worked or
//! failed; what is still in there can only be stopped, not replaced.

use std::borrow::Cow;

use ccs_gate::{Decision, Finding, Policy, Severity};

use crate::config::{self, Config};
use crate::failure::Failure;
use crate::judge::Judge;
use crate::left;
use crate::log::Entry;
use crate::protocol::event::{BatchCall, ToolFailure, ToolResult};
use crate::protocol::json::Value;
use crate::protocol::reply::{Answer, JsonText, Reply};
use crate::quality;
use crate::run::{Outcome, Scene};
use crate::secrets::{Secrets, Taken, tree};
use crate::tool_results;
use crate::untrusted::{self, Seen};

/// What the model is told about marks.
const REMARK: &str = "ccs replaced secrets in this output by marks like [ccs:NAME] or [secret:KIND]. \
    Do not write a mark into a file or command. A program gets the value of NAME with \
    `ccs run --env NAME -- COMMAND`.";

/// Takes the secrets out of what a tool returned, and what speaks to the model in what a stranger
/// wrote.
pub(crate) fn run(scene: &Scene<'_>, result: &ToolResult<'_>) -> Outcome {
    let (policy, notes) = policy(scene);
    let mut outcome = passed(scene, notes);
    let judge = judge(scene, policy);
    let policy = judge.policy();
    let tool = result.call.tool;
    let seen = untrusted::returned(scene, &judge, result);
    let withheld = seen
        .as_ref()
        .filter(|seen| policy.taint.withhold && seen.is_withheld())
        .and_then(|seen| seen.without_passages(result.response));
    let is_withheld = withheld.is_some();
    let mut context: Vec<String> = Vec::new();
    if let Some(seen) = &seen {
        context.extend(seen.context(tool, is_withheld));
        note(seen, tool, &mut outcome);
    }
    let response = withheld.as_ref().unwrap_or(result.response);
    let clean = without_secrets(scene, policy, (tool, response), &mut outcome);
    if clean.is_some() {
        context.push(REMARK.into());
    }
    let withheld = withheld.and_then(|value| serde_json::to_string(&value).ok());
    let context = (!context.is_empty()).then(|| context.join("\n"));
    outcome.reply.answer = match (clean.or(withheld).and_then(JsonText::new), context) {
        (Some(output), context) => Answer::Replace { output, context },
        (None, Some(context)) => Answer::Context(context),
        (None, None) => Answer::Pass,
    };
    if matches!(outcome.reply.answer, Answer::Pass)
        && let Some(written) = quality::just_written(scene, policy, result)
    {
        outcome.reply.answer = Answer::Deny(written.feedback);
        outcome.entry.decision = "report";
        outcome.entry.tool = Some(tool.to_owned());
        outcome.entry.findings.extend(written.findings);
    }
    outcome
}

/// A tool that failed: nothing of what it says can be replaced, but the model can be told.
pub(crate) fn failed(scene: &Scene<'_>, failure: &ToolFailure<'_>) -> Outcome {
    let (policy, notes) = policy(scene);
    let mut outcome = passed(scene, notes);
    let judge = judge(scene, policy);
    if let Some(seen) = untrusted::failed(scene, &judge, failure) {
        let tool = failure.call.tool;
        note(&seen, tool, &mut outcome);
        if let Some(context) = seen.context(tool, false) {
            outcome.reply.answer = Answer::Context(context);
        }
    }
    outcome
}

fn judge<'s>(scene: &'s Scene<'_>, policy: Policy) -> Judge<'s> {
    let findings = Vec::new();
    Judge::new(&scene.place, Config { policy, findings })
}

/// Tells the user and the log what was found.
fn note(seen: &Seen, tool: &str, outcome: &mut Outcome) {
    let findings = seen.findings();
    if !findings.is_empty() {
        let rules = seen.look.rules().join(", ");
        let text =
            format!("ccs: what {tool} returned holds text that speaks to the model: {rules}.");
        outcome.reply.notes.push(text);
        outcome.entry.decision = "report";
        outcome.entry.tool = Some(tool.to_owned());
        outcome.entry.findings = findings;
    }
    let fault = seen.fault.as_deref().into_iter().chain(seen.note());
    let notes = fault.map(|fault| format!("ccs: {fault}."));
    outcome.reply.notes.extend(notes);
}

/// The response with marks in the place of its secrets, if it has some.
fn without_secrets(
    scene: &Scene<'_>,
    policy: &Policy,
    (tool, response): (&str, &Value<'_>),
    outcome: &mut Outcome,
) -> Option<String> {
    if !policy.secrets.outputs || policy.secrets.leaves_alone(tool) {
        return None;
    }
    let secrets = Secrets::for_output(policy, &scene.place);
    let mut taken = Taken::default();
    let output = tree::redacted(&secrets, response, &mut taken);
    let scrubbed = tool_results::scrub(scene, response, &secrets, &mut taken);
    let notes = &mut outcome.reply.notes;
    notes.extend(secrets.faults.iter().map(|fault| format!("ccs: {fault}.")));
    notes.extend(scrubbed.err().map(|error| format!("ccs: {error}.")));
    if !taken.is_empty() {
        notes.push(format!("ccs: taken out of what {tool} returned: {taken}."));
        let mut more = entry("redact", tool, &taken);
        more.findings.append(&mut outcome.entry.findings);
        outcome.entry = more;
    }
    output
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
