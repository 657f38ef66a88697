//! What the guard was asked so far: a guard that nobody asks guards nothing. And whether what it
//! remembers is still there.

use std::path::Path;

use ccs_audit::{Filter, Reader, Time};
use ccs_hooks::protocol::name::Name;
use ccs_hooks::trail::{self, decision};

use super::Machine;
use crate::output::human::Line;
use crate::proof::SESSION;

/// How far back calls are counted, in seconds.
const MONTH: i64 = 30 * 86_400;

pub(crate) fn check(machine: &Machine<'_>) -> Vec<Line> {
    if machine.guarded().next().is_none() {
        return Vec::new();
    }
    let state = &machine.places.state;
    let found = trail::findings(state).into_iter().map(|finding| {
        let line = Line::fail("trail", finding.to_string());
        line.fix(format!("look at `{}`", trail::folder(state).display()))
    });
    let mut lines: Vec<Line> = found.collect();
    match trail::read(state).map(|mut reader| summary(&mut reader)) {
        Ok(Ok(text)) => lines.push(Line::info("activity", text)),
        Ok(Err(error)) => {
            let line = Line::warn("activity", format!("the log cannot be read: {error}"));
            lines.push(line.fix(format!("look at `{}`", trail::folder(state).display())));
        }
        Err(trail::Error::Missing(_)) => lines.push(Line::info("activity", NOTHING)),
        // said above
        Err(_) => {}
    }
    lines
}

/// What is left to do by hand while the key that can forge the log lies beside it.
pub(crate) fn root_key(state: &Path) -> Option<Line> {
    let beside = trail::read(state).is_ok_and(|reader| reader.has_root());
    let text =
        "the root key of the audit log lies beside it: whoever can read it can forge the past";
    beside.then(|| {
        Line::warn("trail.root-key", text)
            .fix("ccs audit root --take FILE, with FILE on another disk")
    })
}

const NOTHING: &str = "no session has asked about a tool call yet";

/// Whether a log holds nothing but what the guard was tried with.
pub(crate) fn is_ours_alone(reader: &Reader) -> bool {
    let stats = reader.stats();
    let ours = |stats: ccs_audit::Stats| {
        let mut events = stats.events.keys();
        let asked = [Name::PreToolUse, Name::PostToolUse].map(Name::kebab);
        let own = |event: &String| event.starts_with("audit.") || asked.contains(&event.as_str());
        stats.sessions.keys().all(|session| session == SESSION) && events.all(own)
    };
    stats.is_ok_and(ours)
}

/// Whether nothing but trials waits to be put into the log.
pub(crate) fn waits_ours_alone(state: &Path) -> bool {
    [trail::folder(state), state.join(trail::SPOOL)]
        .iter()
        .all(|folder| {
            let ours = |session: &Option<String>| session.as_deref() == Some(SESSION);
            ccs_audit::waiting(folder).is_ok_and(|sessions| sessions.iter().all(ours))
        })
}

/// The calls of the last month, without those with which the guard was tried.
fn summary(reader: &mut Reader) -> ccs_audit::Result<String> {
    let filter = Filter {
        event: Name::PreToolUse.kebab().to_owned(),
        since: Some(Time::now().plus_seconds(-MONTH)),
        oldest_first: true,
        ..Filter::default()
    };
    let (mut span, mut calls, mut denied, mut asked) = (None, 0, 0, 0);
    reader.each(&filter, |call| {
        let record = call.record;
        if !record.session.is_empty() && record.session != SESSION {
            let (first, _) = span.unwrap_or((record.time, record.time));
            span = Some((first, record.time));
            calls += 1;
            denied += u64::from(record.decision == decision::DENY);
            asked += u64::from(record.decision == decision::ASK);
        }
        Ok(true)
    })?;
    Ok(span.map_or_else(
        || NOTHING.to_owned(),
        |(first, last)| {
            format!(
                "tool calls judged since {}: {calls}, of them {denied} denied and {asked} asked \
                 about; the last at {}",
                seconds(first),
                seconds(last)
            )
        },
    ))
}

/// A moment without its parts of a second.
fn seconds(time: Time) -> String {
    let text = time.to_string();
    text.split_once('.')
        .map_or_else(|| text.clone(), |(second, _)| format!("{second}Z"))
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use ccs_audit::Entry;

    use super::*;

    fn note(state: &Path, event: &str, decision: &str, session: &str) {
        let entry = Entry {
            decision: decision.into(),
            session: session.into(),
            ..Entry::new(event)
        };
        trail::note(state, entry).expect("kept");
    }

    fn said(state: &Path) -> String {
        let mut reader = trail::read(state).expect("a log");
        summary(&mut reader).expect("readable")
    }

    #[test]
    fn calls_are_counted_and_our_own_are_not() {
        let state = tempfile::tempdir().expect("a folder");
        for (event, decision, session) in [
            ("pre-tool-use", "deny", SESSION),
            ("pre-tool-use", "deny", ""),
            ("pre-tool-use", "deny", "s"),
            ("session-start", "report", "s"),
            ("pre-tool-use", "ask", "s"),
            ("pre-tool-use", "allow", "s"),
        ] {
            note(state.path(), event, decision, session);
        }
        let said = said(state.path());
        assert!(
            said.contains(": 3, of them 1 denied and 1 asked about; the last at "),
            "{said}"
        );
    }

    #[test]
    fn a_log_of_trials_alone_is_told_from_one_of_work() {
        let state = tempfile::tempdir().expect("a folder");
        let is_ours = || is_ours_alone(&trail::read(state.path()).expect("a log"));
        note(state.path(), "pre-tool-use", "deny", SESSION);
        note(state.path(), "pre-tool-use", "deny", "");
        assert_eq!(said(state.path()), NOTHING);
        assert!(is_ours());
        note(state.path(), "pre-tool-use", "allow", "s");
        assert!(!is_ours());
    }
}
