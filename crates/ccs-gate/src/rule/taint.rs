//! Rules about a session that has read what strangers wrote. Each asks; what a session has read
//! makes it more than that, see `docs/TAINT.md`.

use std::borrow::Cow;

use super::Meta;
use crate::verdict::{Decision, Severity};

const fn rule(
    id: &'static str,
    severity: Severity,
    title: &'static str,
    why: &'static str,
    instead: &'static str,
) -> Meta {
    Meta {
        id: Cow::Borrowed(id),
        title: Cow::Borrowed(title),
        severity,
        decision: Decision::Ask,
        why: Cow::Borrowed(why),
        instead: Some(Cow::Borrowed(instead)),
    }
}

const NAME_IT: &str = "If this is what the user wants, the user names the host in a prompt, lists it \
    in the policy under `taint: hosts`, or writes ccs:trust into the next prompt.";
const CONFIRM: &str = "If this is what the user wants, the user writes ccs:trust into the next \
    prompt, or `ccs taint clear SESSION` at a terminal.";

pub(crate) static HOST: Meta = rule(
    "taint.unnamed-host",
    Severity::High,
    "Speaks with a host that only untrusted content named",
    "What a page or a tool names may be the place that collects what it asked for.",
    NAME_IT,
);
pub(crate) static EGRESS: Meta = rule(
    "taint.secret-egress",
    Severity::Critical,
    "Sends data after this session has read secrets and untrusted content",
    "Whoever wrote that content may have asked for the secrets.",
    CONFIRM,
);
pub(crate) static CODE: Meta = rule(
    "taint.fetched-code",
    Severity::Critical,
    "Runs code from the network in a session with untrusted content",
    "Installing something is what an attacker's page asks for first.",
    CONFIRM,
);
pub(crate) static CONFIG: Meta = rule(
    "taint.config-write",
    Severity::High,
    "Changes configuration that runs or steers programs, in a session with untrusted content",
    "What is written there outlives the session and acts for whoever asked for it.",
    CONFIRM,
);
pub(crate) static SECRET: Meta = rule(
    "taint.secret-read",
    Severity::High,
    "Reads secrets in a session that was told what to do by untrusted content",
    "Text that speaks to the model most often asks for keys.",
    CONFIRM,
);
pub(crate) static AUTHORITY: Meta = rule(
    "taint.authority",
    Severity::High,
    "Approves, merges, publishes or grants in a session with untrusted content",
    "It uses the user's authority where a stranger may have asked for it.",
    CONFIRM,
);
pub(crate) static PUBLISH: Meta = rule(
    "taint.publish",
    Severity::High,
    "Makes something public in a session with untrusted content",
    "What is public can be read by whoever asked for it.",
    CONFIRM,
);
pub(crate) static CHECKS: Meta = rule(
    "taint.checks-off",
    Severity::High,
    "Takes a check or a test away in a session with untrusted content",
    "Nobody would notice afterwards what the check was there for.",
    CONFIRM,
);
pub(crate) static HOSTILE: Meta = rule(
    "taint.hostile",
    Severity::High,
    "Leaves the work tree in a session that was attacked",
    "Untrusted content tried to take this session over.",
    CONFIRM,
);
pub(crate) static INSTRUCTIONS: Meta = rule(
    "taint.instructions",
    Severity::High,
    "Loads a skill, command or agent whose text attacks its reader",
    "The client would put that text into the conversation as if it were the user's own.",
    "Look at the file. If it is yours as it stands, `ccs integrity sign` says so.",
);
pub(crate) static CANARY: Meta = rule(
    "canary.used",
    Severity::Critical,
    "Carries a canary token",
    "Nothing but a leak brings it there: nobody has a use for it.",
    "Find out what asked for it: `ccs taint show`.",
);

/// All of them.
pub(crate) static ALL: [&Meta; 11] = [
    &HOST,
    &EGRESS,
    &CODE,
    &CONFIG,
    &SECRET,
    &AUTHORITY,
    &PUBLISH,
    &CHECKS,
    &HOSTILE,
    &INSTRUCTIONS,
    &CANARY,
];
