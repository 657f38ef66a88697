//! Puts every event into the audit trail.
//!
//! Most calls are let through, and each waits for its hook. Such a call must not pay for a
//! database: its entry goes to the log's spool, and the next append, its own result's at the
//! latest, chains it. Everything else is appended at once.

mod changes;
mod describe;
mod gaps;
mod guarded;
mod pen;
mod process;
mod watch;

use std::time::Duration;

use crate::failure::Failure;
use crate::log::Entry;
use crate::place::{Place, Surroundings};
use crate::protocol::event::Session;
use crate::protocol::json::Object;
use crate::protocol::name::Name;
use crate::protocol::reply::{Answer, Reply};
use crate::trail::decision;
use pen::Pen;

/// Tools that change nothing.
const HARMLESS: &[&str] = &[
    "Glob",
    "Grep",
    "LS",
    "NotebookRead",
    "Read",
    "TaskGet",
    "TaskList",
    "ToolSearch",
];

/// An event that was answered.
pub(crate) struct Happening<'a> {
    pub(crate) name: Name,
    pub(crate) place: &'a Place,
    pub(crate) around: &'a Surroundings,
    pub(crate) session: &'a Session<'a>,
    /// The event as it arrived; `None` if it could not be read.
    pub(crate) input: Option<&'a Object<'a>>,
    /// What was decided.
    pub(crate) entry: &'a Entry,
    /// From the start of the program to the decision.
    pub(crate) took: Duration,
}

impl<'a> Happening<'a> {
    fn text(&self, key: &str) -> Option<&'a str> {
        self.input.and_then(|input| input.text(key))
    }

    fn object(&self, key: &str) -> Option<&'a Object<'a>> {
        self.input?.last(key)?.as_object()
    }

    fn session(&self) -> &'a str {
        self.session.id.unwrap_or_default()
    }

    /// The subagent that acts; empty if it is the main one.
    fn agent(&self) -> &'a str {
        self.session.agent_id.unwrap_or_default()
    }

    fn tool(&self) -> &str {
        let tool = self.entry.tool.as_deref();
        tool.or_else(|| self.text("tool_name")).unwrap_or_default()
    }

    /// The call's id, by which what comes before it and after it find each other.
    fn call(&self) -> Option<&'a str> {
        self.text("tool_use_id")
    }

    fn is_harmless(&self) -> bool {
        HARMLESS.contains(&self.tool())
    }
}

/// Remembers what happened, and returns the answer as it is then: an entry that is lost may change
/// it, and some of what is noticed is for the user.
pub(crate) fn record(what: &Happening<'_>, mut reply: Reply) -> Reply {
    let Some(state) = what.place.state.as_deref() else {
        let failure = Failure::NoTrail("the user's home folder is not known");
        return failure.after(reply, what.is_harmless(), Default::default());
    };
    let mut pen = Pen::new(state);
    match enter(what, &reply, &mut pen) {
        Ok(()) => {
            reply.notes.append(&mut pen.notes);
            reply
        }
        Err(failure) => failure.after(reply, what.is_harmless(), pen.choices.when_lost),
    }
}

fn enter(what: &Happening<'_>, reply: &Reply, pen: &mut Pen<'_>) -> Result<(), Failure> {
    if what.name == Name::PreToolUse && !matches!(reply.answer, Answer::Deny(_)) {
        changes::before(what, pen);
    }
    if what.name == Name::MessageDisplay {
        // a piece of an answer on its way to the screen, many a second
        return Ok(());
    }
    if is_ordinary(what, reply) {
        return pen.defer(describe::briefly(what));
    }
    pen.append(describe::entry(what))?;
    match what.name {
        Name::PostToolUse | Name::PostToolUseFailure => changes::after(what, pen)?,
        Name::SessionStart => {
            changes::look(what, pen, "")?;
            gaps::of_other_sessions(what, pen)?;
        }
        Name::UserPromptSubmit => changes::look(what, pen, "")?,
        Name::Stop | Name::SubagentStop => gaps::of_turn(what, pen)?,
        Name::SessionEnd => {
            gaps::of_turn(what, pen)?;
            changes::end(what, pen)?;
            pen.seal();
        }
        _ => {}
    }
    Ok(())
}

/// A call that is let through without a word, or a batch of results, each of which has an entry of
/// its own.
fn is_ordinary(what: &Happening<'_>, reply: &Reply) -> bool {
    matches!(what.name, Name::PreToolUse | Name::PostToolBatch)
        && reply.answer == Answer::Pass
        && matches!(what.entry.decision, "" | decision::ALLOW)
        && what.entry.findings.is_empty()
}
