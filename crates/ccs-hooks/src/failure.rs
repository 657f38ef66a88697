//! What happens when the program cannot do its work: one table, read top to bottom.

use std::borrow::Cow;
use std::path::PathBuf;

use ccs_gate::{Decision, Finding, Severity};

use crate::files;
use crate::protocol::event::Malformed;
use crate::protocol::json;
use crate::protocol::name::{Name, Stance};
use crate::protocol::reply::{Answer, Reply};
use crate::trail::{self, WhenLost};

/// One way to fail.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    /// The arguments are wrong: the installation is.
    #[error("{0}; run `ccs setup` to repair the hooks")]
    Usage(String),
    /// More bytes on stdin than the program takes.
    #[error("the input is longer than {} MiB", crate::MAX_INPUT >> 20)]
    TooBig,
    /// Reading stdin failed.
    #[error("the input cannot be read: {0}")]
    Unreadable(std::io::Error),
    /// The bytes are not JSON.
    #[error("the input is not JSON: {0}")]
    NotJson(json::Error),
    /// The JSON text is not the event it should be.
    #[error("the input is not understood: {0}")]
    Malformed(#[from] Malformed),
    /// There is a policy, but not one that can be trusted.
    #[error("the policy cannot be used: {0}")]
    Policy(PolicyError),
    /// The text of a slash command or skill cannot be judged.
    #[error("the commands within the skill cannot be judged: {0}")]
    Expansion(String),
    /// The install record is there, but cannot be used.
    #[error("the install record cannot be used: {0}; run `ccs setup`")]
    Record(String),
    /// An entry of the audit trail was not written, and is not kept anywhere else.
    #[error("this is not in the audit trail: {0}")]
    Trail(#[from] trail::Error),
    /// No place for the audit trail is known.
    #[error("there is no audit trail: {0}")]
    NoTrail(&'static str),
    /// An incident is on.
    #[error("{0}; every call is denied until a person runs `ccs incident end`")]
    Lockdown(String),
    /// A bug.
    #[error("internal error at {0}; this is a bug in ccs")]
    Panic(String),
}

/// Why a policy cannot be trusted.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PolicyError {
    #[error("`{}`: {error}; make it yours alone (chmod go-w, chown), or move it away", path.display())]
    File { path: PathBuf, error: files::Error },
    #[error("`{}` is missing; run `ccs policy compile`", .0.display())]
    Missing(PathBuf),
    #[error("`{}` is not an Ed25519 public key; run `ccs policy compile`", .0.display())]
    Key(PathBuf),
    #[error("`{}` does not open: {error}; run `ccs policy compile`", path.display())]
    Bundle { path: PathBuf, error: String },
}

/// What a failure leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Row {
    /// A deny or block: JSON, stderr, exit 2.
    Stop,
    /// The reason on stderr and exit 2.
    Refuse,
    /// A message to the user, exit 0.
    Tell,
    /// The reason on stderr, exit 0.
    Mutter,
    /// The answer stands; the user is told besides.
    Note,
}

/// The table. An answer that cannot be written is the one failure not in it: it is found when
/// the answer is, and ends in exit 2 whatever the event.
fn row(failure: &Failure, stance: Stance) -> Row {
    use Failure as F;
    use Stance::{Gate, Mute, Tell};
    match (failure, stance) {
        (F::Trail(_) | F::NoTrail(_), _) => Row::Note,
        (F::Usage(_), Tell | Mute) => Row::Refuse,
        (_, Gate) => Row::Stop,
        (_, Tell) => Row::Tell,
        (_, Mute) => Row::Mutter,
    }
}

/// What an entry that is lost does to an answer that stands. A call that could change something
/// without a trace is stopped, unless the owner chose to be told only; a deny stays one, and what
/// cannot be stopped is told.
fn row_when_lost(event: Name, answer: &Answer, harmless: bool, choice: WhenLost) -> Row {
    match (event, answer) {
        (_, Answer::Deny(_) | Answer::Withhold(_) | Answer::Refuse(_)) => Row::Note,
        (Name::PreToolUse, _) if !harmless && choice == WhenLost::Deny => Row::Stop,
        _ => Row::Note,
    }
}

impl Failure {
    /// The answer when `reply` was the answer and this kept it out of the audit trail. `harmless`
    /// is a call that changes nothing.
    pub(crate) fn after(self, mut reply: Reply, harmless: bool, choice: WhenLost) -> Reply {
        // a machine on which nobody knows where is has nothing to be kept in
        let choice = match self {
            Failure::NoTrail(_) => WhenLost::Warn,
            _ => choice,
        };
        match row_when_lost(reply.event, &reply.answer, harmless, choice) {
            Row::Stop => {
                let text = "Calls that may change something are not let through without a trace.";
                let reason = format!("ccs: {self}. {text}");
                reply.answer = Answer::Deny(reason);
            }
            _ => reply.notes.push(format!("ccs: {self}.")),
        }
        // a question that was not to be asked may be asked: no trace would be left of the grant
        if reply.answer == Answer::Approve {
            reply.answer = Answer::Pass;
        }
        reply
    }

    /// The answer to `event` when this happened before there was one.
    pub(crate) fn reply(&self, event: Name) -> Reply {
        let text = format!("ccs: {self}.");
        match row(self, event.stance()) {
            Row::Stop => Reply::new(event, Answer::Deny(format!("{text} {}", stopped(event)))),
            Row::Refuse => Reply::new(event, Answer::Refuse(text)),
            Row::Mutter => Reply::new(event, Answer::Mutter(text)),
            Row::Tell | Row::Note => {
                let mut reply = Reply::new(event, Answer::Pass);
                reply.notes.push(text);
                reply
            }
        }
    }

    /// What the audit trail keeps of it.
    pub(crate) fn finding(&self) -> Finding {
        Finding {
            rule: Cow::Borrowed(self.rule()),
            severity: Severity::High,
            decision: Decision::Deny,
            title: Cow::Borrowed("The hook could not do its work"),
            why: Cow::Borrowed("What cannot be judged is not let through."),
            instead: None,
            evidence: self.to_string(),
        }
    }

    /// Its id.
    pub(crate) fn rule(&self) -> &'static str {
        match self {
            Failure::Usage(_) => "hook.usage",
            Failure::TooBig => "hook.input-too-big",
            Failure::Unreadable(_) => "hook.input-unreadable",
            Failure::NotJson(_) => "hook.input-not-json",
            Failure::Malformed(_) => "hook.input-malformed",
            Failure::Policy(_) => "hook.policy",
            Failure::Expansion(_) => "hook.expansion",
            Failure::Record(_) => "hook.record",
            Failure::Trail(_) | Failure::NoTrail(_) => "hook.trail",
            Failure::Lockdown(_) => "incident.lockdown",
            Failure::Panic(_) => "hook.panic",
        }
    }
}

fn stopped(event: Name) -> &'static str {
    match event {
        Name::ConfigChange => "The change does not take effect in this session.",
        Name::UserPromptExpansion => "The command was not expanded.",
        Name::UserPromptSubmit => "The prompt was not sent because it could not be looked at.",
        Name::PostToolBatch => "The turn was stopped: what the tools returned may hold secrets.",
        _ => "The call was stopped because it could not be judged.",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn before_an_answer() -> Vec<Failure> {
        vec![
            Failure::Usage("x".into()),
            Failure::TooBig,
            Failure::Unreadable(std::io::Error::other("x")),
            Failure::NotJson(json::parse("{").expect_err("not JSON")),
            Failure::Malformed(Malformed::NotAnObject),
            Failure::Policy(PolicyError::Missing("/x".into())),
            Failure::Expansion("x".into()),
            Failure::Record("x".into()),
            Failure::Lockdown("x".into()),
            Failure::Panic("x".into()),
        ]
    }

    fn code(reply: &Reply) -> u8 {
        reply.write(&mut Vec::new(), &mut Vec::new())
    }

    #[test]
    fn whatever_fails_on_a_gating_event_stops_it() {
        let gates = Name::ALL
            .iter()
            .filter(|name| name.stance() == Stance::Gate);
        for event in gates {
            for failure in before_an_answer() {
                let reply = failure.reply(*event);
                assert!(
                    matches!(reply.answer, Answer::Deny(_)),
                    "{event}: {failure}"
                );
                assert_eq!(code(&reply), 2);
            }
        }
    }

    #[test]
    fn whatever_fails_on_another_event_is_told_and_stops_nothing() {
        let others = Name::ALL
            .iter()
            .filter(|name| name.stance() == Stance::Tell);
        for event in others {
            for failure in before_an_answer().into_iter().skip(1) {
                let reply = failure.reply(*event);
                assert_eq!(
                    (reply.notes.len(), code(&reply)),
                    (1, 0),
                    "{event}: {failure}"
                );
            }
        }
    }

    #[test]
    fn a_wrong_call_of_the_program_ends_in_two_on_every_event() {
        for event in Name::ALL {
            assert_eq!(code(&Failure::Usage("x".into()).reply(*event)), 2);
        }
    }
}
