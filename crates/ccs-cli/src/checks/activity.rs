//! What the guard was asked so far: a guard that nobody asks guards nothing.

use std::borrow::Cow;

use ccs_integrity::file;
use serde::Deserialize;

use super::Machine;
use crate::output::human::Line;
use crate::proof::SESSION;

/// The hook program's log in the state folder.
pub(crate) const LOG: &str = "decisions.jsonl";

/// A line of the log, as far as it matters here.
#[derive(Deserialize)]
struct Entry<'a> {
    #[serde(borrow)]
    time: Cow<'a, str>,
    #[serde(borrow)]
    event: Cow<'a, str>,
    #[serde(borrow)]
    decision: Cow<'a, str>,
    #[serde(borrow, default)]
    session_id: Option<Cow<'a, str>>,
}

pub(crate) fn check(machine: &Machine<'_>) -> Option<Line> {
    machine.guarded().next()?;
    let path = machine.places.in_state(LOG);
    let bytes = match file::read(&path) {
        Ok(bytes) => bytes.unwrap_or_default(),
        Err(error) => {
            let line = Line::warn("activity", format!("the log cannot be read: {error}"));
            return Some(line.fix(format!("look at `{}`", path.display())));
        }
    };
    Some(Line::info("activity", summary(&bytes)))
}

/// Whether a log holds nothing but what the guard was tried with.
pub(crate) fn is_ours_alone(log: &[u8]) -> bool {
    let mut lines = log.split(|&byte| byte == b'\n');
    lines.all(|line| {
        let ours = |entry: Entry<'_>| entry.session_id.is_none_or(|session| session == SESSION);
        line.is_empty() || serde_json::from_slice(line).is_ok_and(ours)
    })
}

/// The calls in a log, without those with which the guard was tried.
fn summary(log: &[u8]) -> String {
    let lines = log.split(|&byte| byte == b'\n');
    let entries = lines.filter_map(|line| serde_json::from_slice::<Entry<'_>>(line).ok());
    let real = |entry: &Entry<'_>| {
        let session = entry.session_id.as_deref();
        entry.event == "PreToolUse" && session.is_some_and(|session| session != SESSION)
    };
    let calls: Vec<Entry<'_>> = entries.filter(real).collect();
    let (Some(first), Some(last)) = (calls.first(), calls.last()) else {
        return "no session has asked about a tool call yet".to_owned();
    };
    let count = |decision| {
        let such = calls.iter().filter(|entry| entry.decision == decision);
        such.count()
    };
    format!(
        "tool calls judged since {}: {}, of them {} denied and {} asked about; the last at {}",
        first.time,
        calls.len(),
        count("deny"),
        count("ask"),
        last.time
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calls_are_counted_and_our_own_are_not() {
        let line = |time: &str, event: &str, decision: &str, session: &str| {
            format!(
                "{{\"time\":\"{time}\",\"event\":\"{event}\",\"decision\":\"{decision}\",\"session_id\":\"{session}\"}}\n"
            )
        };
        let log = [
            line("t0", "PreToolUse", "deny", SESSION),
            "{\"time\":\"t0\",\"event\":\"PreToolUse\",\"decision\":\"deny\"}\n".to_owned(),
            line("t1", "PreToolUse", "deny", "s"),
            line("t2", "SessionStart", "report", "s"),
            line("t3", "PreToolUse", "ask", "s"),
            line("t4", "PreToolUse", "allow", "s"),
            "{\"time\":\"t5\",\"event\":\"Pre".to_owned(),
        ];
        assert_eq!(
            summary(log.concat().as_bytes()),
            "tool calls judged since t1: 3, of them 1 denied and 1 asked about; the last at t4"
        );
        assert!(!is_ours_alone(log.concat().as_bytes()));
    }

    #[test]
    fn a_log_of_trials_alone_is_told_from_one_of_work() {
        let ours = format!(
            "{{\"time\":\"t\",\"event\":\"PreToolUse\",\"decision\":\"deny\",\"session_id\":\"{SESSION}\"}}\n"
        );
        assert_eq!(
            summary(ours.as_bytes()),
            "no session has asked about a tool call yet"
        );
        assert!(is_ours_alone(ours.as_bytes()));
        assert!(!is_ours_alone(format!("{ours}?").as_bytes()));
        assert!(!is_ours_alone(ours.replace(SESSION, "s").as_bytes()));
    }
}
