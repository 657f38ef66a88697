//! The decision log: one line of JSON for every decision.
//!
//! It says what was decided and why, not what was said: commands appear only as the evidence of
//! a finding, with secrets masked, and otherwise as a hash and their first word. The environment
//! is never written.

use std::path::Path;
use std::time::{Duration, SystemTime};

use ccs_gate::Finding;
use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::failure::Failure;
use crate::files;
use crate::protocol::event::Session;
use crate::protocol::name::Name;
use crate::redact::redact;
use crate::time::rfc3339;

/// The log's name within the state folder; the one before it has `.1` at its end.
const FILE: &str = "decisions.jsonl";
/// The log moves aside before it grows beyond this.
const MAX_LOG: u64 = 16 << 20;
/// The longest line, in bytes.
const MAX_LINE: usize = 8 << 10;
/// The most findings of one line.
const MAX_FINDINGS: usize = 12;

/// What was decided, and on what grounds.
#[derive(Clone, Debug, Default)]
pub(crate) struct Entry {
    /// `allow`, `ask`, `deny`, `rewrite`, `approve` or `report`.
    pub(crate) decision: &'static str,
    pub(crate) tool: Option<String>,
    pub(crate) findings: Vec<Finding>,
    /// SHA-256 of the tool input as the client sent it.
    pub(crate) input_sha256: Option<String>,
    /// The first word of the command.
    pub(crate) first_word: Option<String>,
}

#[derive(Serialize)]
struct Line<'a> {
    time: String,
    event: &'static str,
    decision: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    session_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    agent_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tool: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cwd: Option<String>,
    rules: Vec<&'a str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    evidence: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    first_word: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    input_sha256: Option<&'a str>,
    duration_us: u64,
}

/// Appends the entry to the log in `state`, making the folder if it is not there.
///
/// # Errors
///
/// [`Failure::Log`] if the line was not written, [`Failure::NoLog`] if there is nowhere to.
pub(crate) fn append(
    state: Option<&Path>,
    event: Name,
    session: &Session<'_>,
    entry: &Entry,
    took: Duration,
) -> Result<(), Failure> {
    let state = state.ok_or(Failure::NoLog("the user's home folder is not known"))?;
    let path = state.join(FILE);
    let line = line(event, session, entry, took);
    let failed = |error| Failure::Log {
        path: path.clone(),
        error,
    };
    match files::append(&path, line.as_bytes(), MAX_LOG) {
        Err(files::Error::Io(error)) if error.kind() == std::io::ErrorKind::NotFound => {
            files::make_private_folder(state)
                .map_err(files::Error::Io)
                .map_err(failed)?;
            files::append(&path, line.as_bytes(), MAX_LOG).map_err(failed)
        }
        other => other.map_err(failed),
    }
}

fn line(event: Name, session: &Session<'_>, entry: &Entry, took: Duration) -> String {
    let mut line = Line {
        time: rfc3339(SystemTime::now()),
        event: event.as_str(),
        decision: entry.decision,
        session_id: session.id.map(|id| clipped(id, 80)),
        agent_id: session.agent_id.map(|id| clipped(id, 80)),
        tool: entry.tool.as_deref().map(|tool| clipped(tool, 120)),
        cwd: session.cwd.map(|cwd| clipped(cwd, 1_000)),
        rules: rules(entry),
        evidence: evidence(entry),
        first_word: entry.first_word.as_deref().map(|word| clipped(word, 80)),
        input_sha256: entry.input_sha256.as_deref(),
        duration_us: u64::try_from(took.as_micros()).unwrap_or(u64::MAX),
    };
    let mut text = written(&line);
    if text.len() > MAX_LINE {
        line.evidence.clear();
        line.cwd = None;
        text = written(&line);
    }
    text
}

fn written(line: &Line<'_>) -> String {
    let mut text = serde_json::to_string(line).unwrap_or_default();
    text.push('\n');
    text
}

fn rules(entry: &Entry) -> Vec<&str> {
    let rules = entry.findings.iter().take(MAX_FINDINGS);
    rules
        .map(|finding| finding.rule.get(..80).unwrap_or(&finding.rule))
        .collect()
}

fn evidence(entry: &Entry) -> Vec<String> {
    let findings = entry.findings.iter().take(MAX_FINDINGS);
    findings
        .filter(|finding| !finding.evidence.is_empty())
        .map(|finding| clipped(&redact(&finding.evidence), 300))
        .collect()
}

/// At most `limit` bytes, without control characters, which would take six bytes each in JSON.
fn clipped(text: &str, limit: usize) -> String {
    let mut clipped = String::new();
    for letter in text.chars() {
        if clipped.len() + letter.len_utf8() > limit {
            clipped.push('…');
            break;
        }
        clipped.push(if letter.is_control() { ' ' } else { letter });
    }
    clipped
}

/// What the log says about an input it does not quote.
pub(crate) fn digest(text: &str) -> String {
    use std::fmt::Write;
    Sha256::digest(text.as_bytes())
        .iter()
        .fold(String::with_capacity(64), |mut hex, byte| {
            let _ = write!(hex, "{byte:02x}");
            hex
        })
}

/// The first word of a command. Of an assignment only the name, because its value may be secret.
pub(crate) fn first_word(command: &str) -> Option<String> {
    let word = command.split_whitespace().next()?;
    let name = word.split_once('=').map_or(word, |(name, _)| name);
    Some(redact(name))
}

#[cfg(test)]
mod tests {
    use super::*;
    use ccs_gate::{Decision, Severity};

    fn finding(evidence: &str) -> Finding {
        Finding {
            rule: "fs.remove".into(),
            severity: Severity::High,
            decision: Decision::Deny,
            title: "t".into(),
            why: "w".into(),
            instead: None,
            evidence: evidence.into(),
        }
    }

    fn entry(findings: Vec<Finding>) -> Entry {
        Entry {
            decision: "deny",
            tool: Some("Bash".into()),
            findings,
            ..Entry::default()
        }
    }

    fn session(cwd: &str) -> Session<'_> {
        Session {
            id: Some("s"),
            cwd: Some(cwd),
            ..Session::default()
        }
    }

    #[test]
    fn a_line_names_the_decision_its_rules_and_masked_evidence() {
        let entry = entry(vec![finding("curl --password hunter2 x")]);
        let line = line(
            Name::PreToolUse,
            &session("/p"),
            &entry,
            Duration::from_micros(7),
        );

        let value: serde_json::Value = serde_json::from_str(&line).expect("JSON");
        assert_eq!(value["decision"], "deny");
        assert_eq!(value["rules"][0], "fs.remove");
        assert_eq!(value["evidence"][0], "curl --password [masked] x");
        assert_eq!(value["duration_us"], 7);
        assert!(line.ends_with("}\n") && !line.contains("null"));
    }

    #[test]
    fn the_longest_line_is_bounded_whatever_it_is_about() {
        let hostile = "\"\u{1}\\é".repeat(10_000);
        let mut entry = entry(vec![finding(&hostile); 50]);
        entry.tool = Some(hostile.clone());
        entry.first_word = Some(hostile.clone());

        let line = line(Name::PreToolUse, &session(&hostile), &entry, Duration::MAX);

        assert!(line.len() <= MAX_LINE, "{}", line.len());
        assert_eq!(line.find('\n'), Some(line.len() - 1));
    }

    #[test]
    fn a_missing_state_folder_is_made_private() {
        let home = tempfile::tempdir().expect("a folder");
        let state = home.path().join(".claude/ccs");
        append(
            Some(&state),
            Name::PreToolUse,
            &session("/p"),
            &entry(vec![]),
            Duration::ZERO,
        )
        .expect("a line");

        assert!(matches!(files::is_private_folder(&state), Ok(true)));
        assert!(state.join(FILE).exists());
    }

    #[test]
    fn a_log_that_cannot_be_written_is_a_failure_that_names_it() {
        let file = tempfile::NamedTempFile::new().expect("a file");
        let refused = append(
            Some(file.path()),
            Name::PreToolUse,
            &session("/p"),
            &entry(vec![]),
            Duration::ZERO,
        );
        let text = refused.err().map(|e| e.to_string()).unwrap_or_default();
        assert!(
            text.contains("decisions.jsonl` cannot be written"),
            "{text}"
        );
    }

    #[test]
    fn a_command_is_remembered_by_its_hash_and_first_word() {
        assert_eq!(
            digest("abc"),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
        assert_eq!(first_word("  git push").as_deref(), Some("git"));
        assert_eq!(first_word("TOKEN=abc curl x").as_deref(), Some("TOKEN"));
        assert_eq!(first_word(" "), None);
    }
}
