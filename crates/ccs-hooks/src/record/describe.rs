//! An event as an entry of the audit trail.

use ccs_audit::{Entry, Hash};
use ccs_gate::Finding;
use serde_json::{Map, Value, json};

use super::Happening;
use super::process;
use crate::log;
use crate::protocol::event::Session;
use crate::protocol::json::Object;
use crate::protocol::name::Name;
use crate::redact::redact;
use crate::trail::decision;

/// The most findings of one entry.
const MAX_FINDINGS: usize = 12;
/// The longest command, error or address in the details, in bytes.
const MAX_TEXT: usize = 2_000;
/// The longest quotation of a finding, in bytes.
const MAX_EVIDENCE: usize = 300;

/// All there is to remember. Commands and what went wrong are there with what looks secret
/// masked, prompts by their hash and length alone, and the environment not at all.
pub(super) fn entry(what: &Happening<'_>) -> Entry {
    Entry {
        rules: rules(what),
        details: Value::Object(details(what)).to_string(),
        ..plainly(what)
    }
}

/// The same without what belongs to the session alone: this much may be kept unencrypted.
pub(super) fn briefly(what: &Happening<'_>) -> Entry {
    let details = what.call().map(|call| json!({"call": clipped(call, 128)}));
    Entry {
        details: details.map_or_else(String::new, |details| details.to_string()),
        ..plainly(what)
    }
}

fn plainly(what: &Happening<'_>) -> Entry {
    Entry {
        session: what.session().to_owned(),
        user: process::user(),
        agent: what.agent().to_owned(),
        event: what.name.kebab().to_owned(),
        tool: what.tool().to_owned(),
        decision: decision(what).to_owned(),
        target: target(what),
        input: input(what),
        ..Entry::default()
    }
}

fn decision(what: &Happening<'_>) -> &'static str {
    match (what.name, what.entry.decision) {
        (Name::PostToolUse, "" | decision::ALLOW) => decision::RAN,
        (Name::PostToolUseFailure, "" | decision::ALLOW) => decision::FAILED,
        (Name::UserPromptSubmit, "") => decision::ALLOW,
        (_, decided) => decided,
    }
}

fn rules(what: &Happening<'_>) -> Vec<String> {
    let findings = what.entry.findings.iter().take(MAX_FINDINGS);
    findings.map(|finding| finding.rule.to_string()).collect()
}

/// What it was done to or came from, in a word.
fn target(what: &Happening<'_>) -> String {
    if let Some(word) = &what.entry.first_word {
        return word.clone();
    }
    let of_call = what.object("tool_input").and_then(of_input);
    let about = || about(what.name).iter().find_map(|key| what.text(key));
    let target = of_call.or_else(|| about().map(str::to_owned));
    clipped(&target.unwrap_or_default(), 1_000)
}

fn of_input(input: &Object<'_>) -> Option<String> {
    let path = ["file_path", "notebook_path", "path", "skill"];
    if let Some(path) = path.iter().find_map(|key| input.text(key)) {
        return Some(path.to_owned());
    }
    if let Some(url) = input.text("url") {
        return Some(host(url).to_owned());
    }
    log::first_word(input.text("command")?)
}

/// An address without what may be secret in it.
fn host(url: &str) -> &str {
    let end = url.find(['?', '#']).unwrap_or(url.len());
    let rest = url[..end].split_once("://").map_or(url, |(_, rest)| rest);
    let host = rest.split('/').next().unwrap_or(rest);
    host.rsplit('@').next().unwrap_or(host)
}

/// The field of an event that says what it is about.
fn about(name: Name) -> &'static [&'static str] {
    match name {
        Name::SessionStart => &["source"],
        Name::SessionEnd => &["reason"],
        Name::Setup | Name::PreCompact | Name::PostCompact => &["trigger"],
        Name::ConfigChange | Name::InstructionsLoaded | Name::FileChanged => {
            &["file_path", "source"]
        }
        Name::SubagentStart | Name::SubagentStop => &["agent_type"],
        Name::UserPromptExpansion => &["command_name"],
        Name::PreModelSwitch | Name::PostModelSwitch => &["to_model"],
        Name::CwdChanged => &["new_cwd"],
        Name::DirectoryAdded => &["directory"],
        Name::Notification => &["notification_type"],
        Name::Elicitation | Name::ElicitationResult => &["mcp_server_name"],
        Name::TaskCreated | Name::TaskCompleted => &["task_id"],
        _ => &[],
    }
}

/// SHA-256 of what the event is about, as it arrived: the tool's input, or the prompt.
fn input(what: &Happening<'_>) -> Option<Hash> {
    if what.entry.input.is_some() {
        return what.entry.input;
    }
    if let Some(input) = what.object("tool_input") {
        return Some(Hash::of(input.raw.as_bytes()));
    }
    Some(Hash::of(what.text("prompt")?.as_bytes()))
}

fn details(what: &Happening<'_>) -> Map<String, Value> {
    let mut details = Map::new();
    let Session {
        cwd,
        permission_mode,
        ..
    } = *what.session;
    put(&mut details, "call", what.call(), 128);
    put(&mut details, "cwd", cwd, 1_000);
    put(&mut details, "mode", permission_mode, 40);
    if !what.entry.findings.is_empty() {
        let findings = what.entry.findings.iter().take(MAX_FINDINGS);
        details.insert("findings".into(), findings.map(finding).collect());
    }
    match what.name {
        Name::UserPromptSubmit => {
            let length = what.text("prompt").map(str::len);
            details.insert("bytes".into(), json!(length.unwrap_or_default()));
        }
        Name::SessionStart => start(what, &mut details),
        _ => call(what, &mut details),
    }
    let took = u64::try_from(what.took.as_micros()).unwrap_or(u64::MAX);
    details.insert("took_us".into(), json!(took));
    details
}

/// What a tool was called with and what came of it.
fn call(what: &Happening<'_>, details: &mut Map<String, Value>) {
    let masked = |text: &str| redact(&clipped(text, MAX_TEXT));
    if let Some(input) = what.object("tool_input") {
        for key in ["command", "url"] {
            put(
                details,
                key,
                input.text(key).map(masked).as_deref(),
                MAX_TEXT,
            );
        }
    }
    for key in ["error", "reason"] {
        put(
            details,
            key,
            what.text(key).map(masked).as_deref(),
            MAX_TEXT,
        );
    }
    if let Some(response) = what.object("tool_response") {
        details.insert("response_bytes".into(), json!(response.raw.len()));
    }
    let millis = what.input.and_then(|input| input.last("duration_ms"));
    if let Some(crate::protocol::json::Value::Number(millis)) = millis
        && let Ok(millis) = millis.parse::<u64>()
    {
        details.insert("duration_ms".into(), json!(millis));
    }
}

fn start(what: &Happening<'_>, details: &mut Map<String, Value>) {
    let client = what.around.agent.as_ref().and_then(|agent| agent.to_str());
    put(details, "client", client, 100);
    put(details, "model", what.text("model"), 100);
    if let Some((pid, born)) = process::client() {
        details.insert("pid".into(), json!(pid));
        details.insert("born".into(), json!(born));
    }
}

fn finding(finding: &Finding) -> Value {
    let mut fields = Map::new();
    fields.insert("rule".into(), json!(finding.rule));
    fields.insert("severity".into(), json!(finding.severity));
    fields.insert("decision".into(), json!(finding.decision));
    put(&mut fields, "title", Some(&finding.title), MAX_EVIDENCE);
    put(&mut fields, "why", Some(&finding.why), MAX_EVIDENCE);
    let evidence = (!finding.evidence.is_empty()).then(|| redact(&finding.evidence));
    put(&mut fields, "evidence", evidence.as_deref(), MAX_EVIDENCE);
    Value::Object(fields)
}

fn put(fields: &mut Map<String, Value>, key: &str, text: Option<&str>, limit: usize) {
    if let Some(text) = text {
        fields.insert(key.into(), clipped(text, limit).into());
    }
}

/// At most `limit` bytes, without control characters but the ends of lines.
fn clipped(text: &str, limit: usize) -> String {
    let mut clipped = String::new();
    for letter in text.chars() {
        if clipped.len() + letter.len_utf8() > limit {
            clipped.push('…');
            break;
        }
        let hidden = letter.is_control() && letter != '\n';
        clipped.push(if hidden { ' ' } else { letter });
    }
    clipped
}

#[cfg(test)]
mod tests;
