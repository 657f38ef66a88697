//! Hooks that did not answer: calls without what should come before or after them, and sessions
//! that are over and never said so. What is not there leaves no trace of its own, so it is looked
//! for when a turn ends and when a session starts.

use std::collections::{BTreeMap, BTreeSet};

use ccs_audit::{Details, Entry, Filter, Hash, Reader, Record as Kept, Time};
use serde_json::{Value, json};

use super::pen::Pen;
use super::{Happening, process};
use crate::failure::Failure;
use crate::install::Record;
use crate::protocol::name::Name;
use crate::trail::{self, decision, event, gap};

/// The most entries of a turn and sessions of the past that are looked at.
const MAX_ENTRIES: usize = 20_000;
const MAX_SESSIONS: usize = 64;
/// The most calls that one entry names.
const MAX_NAMED: usize = 32;
/// A session of which it is not known which process it ran in counts as over after this time.
const LONG: i64 = 24 * 3_600;

/// Appends what is missing in the turn that ends: its event is in the log already.
pub(super) fn of_turn(what: &Happening<'_>, pen: &mut Pen<'_>) -> Result<(), Failure> {
    let installed = Installed::read(pen);
    let Some(mut reader) = reader(pen) else {
        return Ok(());
    };
    let Ok(turn) = Turn::read(&mut reader, what) else {
        return Ok(());
    };
    if installed.has(Name::PostToolUse) && installed.has(Name::PostToolUseFailure) {
        let unanswered = turn.without_result();
        if !unanswered.is_empty() {
            pen.append(entry(what, gap::NO_RESULT, &unanswered))?;
        }
    }
    if installed.has(Name::PreToolUse) {
        let unasked = turn.not_asked(&mut reader, what.session());
        if !unasked.is_empty() {
            pen.append(entry(what, gap::NOT_ASKED, &unasked))?;
            let count = unasked.len();
            pen.notes.push(format!(
                "ccs: {count} tool calls ran that nobody was asked about: a hook did not answer. \
                 `ccs doctor` says what to do."
            ));
        }
    }
    Ok(())
}

/// Appends which earlier sessions are over and never said so.
pub(super) fn of_other_sessions(what: &Happening<'_>, pen: &mut Pen<'_>) -> Result<(), Failure> {
    if !Installed::read(pen).has(Name::SessionEnd) {
        return Ok(());
    }
    let Some(mut reader) = reader(pen) else {
        return Ok(());
    };
    for start in unended(&mut reader, what.session()).unwrap_or_default() {
        pen.append(Entry {
            session: start.session.clone(),
            user: start.user,
            rules: vec![gap::NO_END.to_owned()],
            decision: decision::REPORT.to_owned(),
            target: format!("started at {}", start.time),
            ..Entry::new(event::GAP)
        })?;
    }
    Ok(())
}

/// The events that the hooks were installed for.
struct Installed(Vec<String>);

impl Installed {
    fn read(pen: &Pen<'_>) -> Self {
        let record = Record::read(pen.state).ok().flatten();
        Self(record.map(|record| record.events).unwrap_or_default())
    }

    fn has(&self, name: Name) -> bool {
        self.0.iter().any(|event| event == name.as_str())
    }
}

/// A log that cannot be read was told when it was written to.
fn reader(pen: &Pen<'_>) -> Option<Reader> {
    trail::read(pen.state).ok()
}

/// A call, as an entry names it.
struct Call {
    id: String,
    tool: String,
    input: Option<Hash>,
}

/// The calls of one turn of one agent.
#[derive(Default)]
struct Turn {
    /// Those that were let through.
    passed: Vec<Call>,
    /// All that were judged.
    judged: BTreeSet<String>,
    /// Those that have run or failed.
    done: BTreeMap<String, Call>,
    /// Inputs about which somebody was asked, or that the client refused.
    refused: BTreeSet<Hash>,
}

impl Turn {
    /// The entries since the turn before ended.
    fn read(reader: &mut Reader, what: &Happening<'_>) -> ccs_audit::Result<Self> {
        let agent = what.agent().to_owned();
        let ends = reader.query(&Filter {
            session: what.session().to_owned(),
            agent: agent.clone(),
            event: what.name.kebab().to_owned(),
            limit: 2,
            ..Filter::default()
        })?;
        let entries = reader.query(&Filter {
            session: what.session().to_owned(),
            agent: agent.clone(),
            after: ends.get(1).map(|end| end.record.seq),
            limit: MAX_ENTRIES,
            oldest_first: true,
            ..Filter::default()
        })?;
        let mut turn = Self::default();
        let ours = entries.into_iter().filter(|one| one.record.agent == agent);
        ours.for_each(|one| turn.add(&one.record));
        Ok(turn)
    }

    fn add(&mut self, record: &Kept) {
        let name = Name::from_kebab(&record.event);
        if let Some(Name::PermissionRequest | Name::PermissionDenied) = name {
            self.refused.extend(record.input);
        }
        let Some(call) = call(record) else {
            return;
        };
        match name {
            Some(Name::PreToolUse) => {
                self.judged.insert(call.id.clone());
                let passed = [decision::ALLOW, decision::REWRITE];
                if passed.contains(&record.decision.as_str()) {
                    self.passed.push(call);
                }
            }
            Some(Name::PostToolUse | Name::PostToolUseFailure) => {
                self.done.insert(call.id.clone(), call);
            }
            _ => {}
        }
    }

    fn without_result(&self) -> Vec<&Call> {
        let answered = |call: &&Call| {
            self.done.contains_key(&call.id)
                || call
                    .input
                    .is_some_and(|input| self.refused.contains(&input))
        };
        self.passed.iter().filter(|call| !answered(call)).collect()
    }

    /// Calls that ran; those judged in an earlier turn are not among them.
    fn not_asked(&self, reader: &mut Reader, session: &str) -> Vec<&Call> {
        let unknown = self.done.values();
        let unknown = unknown.filter(|call| !self.judged.contains(&call.id));
        let mut was_judged = |call: &Call| {
            let earlier = reader.query(&Filter {
                session: session.to_owned(),
                event: Name::PreToolUse.kebab().to_owned(),
                text: call.id.clone(),
                limit: 1,
                ..Filter::default()
            });
            earlier.is_ok_and(|found| !found.is_empty())
        };
        let unknown = unknown.take(MAX_NAMED);
        unknown.filter(|call| !was_judged(call)).collect()
    }
}

/// The call an entry is about; `None` if it is about none, or its details cannot be read.
fn call(record: &Kept) -> Option<Call> {
    Some(Call {
        id: details(record)?.get("call")?.as_str()?.to_owned(),
        tool: record.tool.clone(),
        input: record.input,
    })
}

fn details(record: &Kept) -> Option<Value> {
    match &record.details {
        Details::Text(text) => serde_json::from_str(text).ok(),
        _ => None,
    }
}

fn entry(what: &Happening<'_>, rule: &str, calls: &[&Call]) -> Entry {
    let tools: BTreeSet<&str> = calls.iter().map(|call| call.tool.as_str()).collect();
    let tools: Vec<&str> = tools.into_iter().collect();
    let named = calls.iter().take(MAX_NAMED);
    let named: Vec<Value> = named
        .map(|call| json!({"call": call.id, "tool": call.tool}))
        .collect();
    let count = calls.len();
    Entry {
        session: what.session().to_owned(),
        user: process::user(),
        agent: what.agent().to_owned(),
        tool: tools.first().map_or("", |tool| tool).to_owned(),
        decision: decision::REPORT.to_owned(),
        rules: vec![rule.to_owned()],
        target: format!("{count} of {}", tools.join(", ")),
        details: json!({"count": count, "calls": named}).to_string(),
        ..Entry::new(event::GAP)
    }
}

/// The starts of sessions, other than this one, that are over without an end in the log.
fn unended(reader: &mut Reader, session: &str) -> ccs_audit::Result<Vec<Kept>> {
    let starts = reader.query(&Filter {
        event: Name::SessionStart.kebab().to_owned(),
        limit: MAX_SESSIONS,
        ..Filter::default()
    })?;
    let mut seen: BTreeSet<String> = BTreeSet::from([session.to_owned()]);
    let mut unended = Vec::new();
    for start in starts {
        let start = start.record;
        if seen.insert(start.session.clone()) && is_over(&start) && !is_ended(reader, &start)? {
            unended.push(start);
        }
    }
    Ok(unended)
}

/// Whether the process a session ran in is gone.
fn is_over(start: &Kept) -> bool {
    let process = details(start).and_then(|details| {
        let pid = i32::try_from(details.get("pid")?.as_i64()?).ok()?;
        Some((pid, details.get("born")?.as_u64()?))
    });
    match process {
        Some((pid, born)) => !process::is_alive(pid, born),
        None => start.time.plus_seconds(LONG) < Time::now(),
    }
}

/// Whether the log says so, or has said before that it does not.
fn is_ended(reader: &mut Reader, start: &Kept) -> ccs_audit::Result<bool> {
    for (event, rule) in [(Name::SessionEnd.kebab(), ""), (event::GAP, gap::NO_END)] {
        let found = reader.query(&Filter {
            session: start.session.clone(),
            event: event.to_owned(),
            rule: rule.to_owned(),
            after: Some(start.seq),
            limit: 1,
            ..Filter::default()
        })?;
        if !found.is_empty() {
            return Ok(true);
        }
    }
    Ok(false)
}
