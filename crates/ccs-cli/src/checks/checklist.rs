//! The checklist of the security guide: what belongs to setting up, to daily use and to keeping up,
//! with what can be told by looking. What only a person can say is said to be so.

use std::fs;

use ccs_integrity::file;
use ccs_integrity::posture::{Finding, Report, Severity};
use serde::Serialize;

use super::{Machine, activity, files, policy, registered};
use crate::args::Scope;
use crate::output::human::{Level, Line};

/// How an item stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum State {
    Pass,
    Fail,
    /// Nothing on this machine tells.
    NotCheckable,
}

/// One item.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Item {
    pub(crate) when: &'static str,
    pub(crate) what: &'static str,
    pub(crate) state: State,
    /// A command, or what to look at.
    pub(crate) how: &'static str,
}

pub(crate) const SETUP: &str = "initial setup";
pub(crate) const DAILY: &str = "daily use";
pub(crate) const PERIODIC: &str = "periodic maintenance";

/// All items, in their order.
pub(crate) fn items(machine: &Machine<'_>, report: Option<&Report>) -> Vec<Item> {
    let seen = Seen { machine, report };
    let item = |when, what, state, how| Item {
        when,
        what,
        state,
        how,
    };
    let by_hand = State::NotCheckable;
    vec![
        item(
            SETUP,
            "API key securely stored",
            seen.none(&[
                "secret.settings",
                "secret.mcp",
                "auth.key_in_shell_rc",
                "fs.credentials.perms_readable",
                "fs.backup.secret_readable",
            ]),
            "ccs vault import",
        ),
        item(
            SETUP,
            "configuration file permissions correct",
            seen.permissions(),
            "ccs posture --fix",
        ),
        item(SETUP, "audit logging enabled", seen.logging(), "ccs setup"),
        item(
            SETUP,
            "access control configured",
            seen.lines(&policy::check(machine)),
            "ccs policy show",
        ),
        item(
            SETUP,
            "sensitive data filtering set up",
            seen.guard(),
            "ccs setup",
        ),
        item(
            DAILY,
            "no hardcoded keys in code",
            seen.none(&[
                "secret.env_tracked",
                "secret.memory",
                "secret.settings",
                "secret.mcp",
                "perm.secret_in_rule",
            ]),
            "ccs scan .",
        ),
        item(DAILY, "review generated code", by_hand, "git diff"),
        item(
            DAILY,
            "check file permissions",
            seen.permissions(),
            "ccs posture --fix",
        ),
        item(DAILY, "monitor audit logs", by_hand, "ccs status"),
        item(
            DAILY,
            "regularly update the client",
            seen.none(&["version.vulnerable", "update.disabled"]),
            "claude update",
        ),
        item(
            PERIODIC,
            "rotate API keys",
            seen.rotation(),
            "ccs vault rotate NAME",
        ),
        item(PERIODIC, "review access logs", by_hand, "ccs status"),
        item(
            PERIODIC,
            "update security rules",
            seen.lines(&files::check(machine)),
            "ccs setup",
        ),
        item(
            PERIODIC,
            "scan for vulnerabilities",
            seen.none(&[
                "version.vulnerable",
                "mcp.vulnerable_version",
                "mcp.known_malicious",
            ]),
            "ccs posture",
        ),
        item(
            PERIODIC,
            "back up the configuration",
            seen.backup(),
            "cp -a the client's folder to another disk",
        ),
    ]
}

struct Seen<'a> {
    machine: &'a Machine<'a>,
    report: Option<&'a Report>,
}

impl Seen<'_> {
    fn state(holds: bool) -> State {
        if holds { State::Pass } else { State::Fail }
    }

    fn findings(&self, wanted: impl Fn(&Finding) -> bool) -> State {
        match self.report {
            Some(report) => Self::state(!report.findings.iter().any(wanted)),
            None => State::NotCheckable,
        }
    }

    /// Nothing found of these checks that is worse than low.
    fn none(&self, ids: &[&str]) -> State {
        self.findings(|one| one.severity >= Severity::Medium && ids.contains(&one.id))
    }

    fn permissions(&self) -> State {
        self.findings(|one| one.severity >= Severity::Medium && one.id.starts_with("fs."))
    }

    fn lines(&self, lines: &[Line]) -> State {
        Self::state(lines.iter().all(|line| line.level < Level::Warn) && self.is_guarded())
    }

    fn is_guarded(&self) -> bool {
        self.machine.guarded().next().is_some()
    }

    fn guard(&self) -> State {
        let lines = registered::check(self.machine);
        Self::state(
            self.machine.has("PreToolUse") && lines.iter().all(|line| line.level < Level::Fail),
        )
    }

    /// The hook writes the log, or says that it cannot.
    fn logging(&self) -> State {
        let lines = activity::check(self.machine);
        let written = !lines.is_empty() && lines.iter().all(|line| line.level < Level::Warn);
        Self::state(self.machine.has("PreToolUse") && written)
    }

    fn rotation(&self) -> State {
        match self.machine.places.vault().exists() {
            true => self.none(&["auth.key_age"]),
            false => State::NotCheckable,
        }
    }

    /// Copies that setup keeps beside the settings.
    fn backup(&self) -> State {
        let settings = self.machine.places.settings(Scope::User);
        match (fs::metadata(&settings), file::backups(&settings)) {
            (Ok(_), Ok(copies)) if !copies.is_empty() => State::Pass,
            _ => State::NotCheckable,
        }
    }
}
