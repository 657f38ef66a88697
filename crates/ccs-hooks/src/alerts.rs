//! Alerts as their owner configures them: so many entries of a kind within so many minutes, and
//! what to do then.
//!
//! A hook counts, tells the user and may declare an incident; commands and webhooks are for
//! `ccs audit alerts run`, never for the path of a decision.

use std::path::Path;
use std::time::Duration;

use ccs_audit::alert::Rule;
use ccs_audit::{Filter, Time};
use serde::{Deserialize, Serialize};

use crate::files;
use crate::lockdown::{self, Incident};

/// The file in the state folder whose `alerts` these are.
pub const FILE: &str = "audit-config.json";
/// The longest such file, in bytes.
const MAX_FILE: u64 = 1 << 20;
/// The most alerts: each is counted with every entry it is about.
const MAX_ALERTS: usize = 32;
/// The most entries an alert may wait for.
const MAX_COUNT: u64 = 10_000;
/// The longest window, in minutes: a week.
const MAX_MINUTES: u64 = 7 * 24 * 60;

/// So many within so many minutes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Alert {
    /// What it is called.
    pub name: String,
    /// What is counted.
    pub when: When,
    /// How many raise it.
    pub count: u64,
    /// Within how many minutes.
    pub minutes: u64,
    /// What to do then.
    #[serde(rename = "do")]
    pub actions: Vec<Action>,
}

/// What is counted: all that is said must fit.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct When {
    /// `allow`, `ask`, `deny` or another word for a decision.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub decision: String,
    /// The id of a rule.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub rule: String,
    /// A tool's name.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub tool: String,
    /// A kind of entry: `pre-tool-use`, `file-change` …
    #[serde(skip_serializing_if = "String::is_empty")]
    pub kind: String,
    /// An agent.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub agent: String,
}

/// What an alert does.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Action {
    /// Tells the user: in the session, and on the desktop where `ccs audit alerts run` runs.
    Notify,
    /// Declares an incident: every call is denied from then on.
    Block,
    /// Runs this program, with the alert as JSON on its input.
    Command(Vec<String>),
    /// Posts the alert as JSON to this address.
    Webhook(String),
}

/// The alerts configured in a state folder; none if there is no file.
///
/// # Errors
///
/// Says what is wrong with the file.
pub fn read(state: &Path) -> Result<Vec<Alert>, String> {
    /// The rest of the file is for others.
    #[derive(Deserialize)]
    struct Whole {
        #[serde(default)]
        alerts: Vec<Alert>,
    }
    let path = state.join(FILE);
    let named = |why: String| format!("`{}`: {why}", path.display());
    let bytes = files::read_private(&path, MAX_FILE).map_err(|error| named(error.to_string()))?;
    let Some(bytes) = bytes else {
        return Ok(Vec::new());
    };
    let whole: Whole = serde_json::from_slice(&bytes).map_err(|error| named(error.to_string()))?;
    check(&whole.alerts).map_err(named)?;
    Ok(whole.alerts)
}

/// What the log counts for the alerts of a state folder. A file that cannot be read is told when a
/// session starts, and counts nothing.
pub(crate) fn rules(state: &Path) -> Vec<Rule> {
    let alerts = read(state).unwrap_or_default();
    alerts.iter().map(Alert::rule).collect()
}

/// What a hook does about an alert that was raised. Returns what to tell the user.
pub(crate) fn raised(state: &Path, name: &str, count: u64) -> String {
    let alerts = read(state).unwrap_or_default();
    let Some(alert) = alerts.into_iter().find(|alert| alert.name == name) else {
        return format!("ccs: alert {name}: {count}.");
    };
    let said = format!("{count} within {} minutes", alert.minutes);
    let mut note = format!("ccs: alert {name}: {said}.");
    if alert.actions.contains(&Action::Block) {
        let incident = Incident {
            id: format!("alert-{name}"),
            since: Time::now().to_string(),
            reason: said,
            by: format!("alert {name}"),
        };
        note.push_str(&match lockdown::start(state, &incident) {
            Ok(_) => " Every call is denied until a person runs `ccs incident end`.".to_owned(),
            Err(error) => format!(" Calls could not be blocked: {error}."),
        });
    }
    note
}

/// Whether the alerts can be meant.
///
/// # Errors
///
/// Names the alert and what is wrong with it.
pub fn check(alerts: &[Alert]) -> Result<(), String> {
    if alerts.len() > MAX_ALERTS {
        return Err(format!("there are more than {MAX_ALERTS} alerts"));
    }
    for (place, alert) in alerts.iter().enumerate() {
        alert
            .check()
            .map_err(|why| format!("alert `{}`: {why}", alert.name))?;
        if alerts[..place].iter().any(|other| other.name == alert.name) {
            return Err(format!("there are two alerts `{}`", alert.name));
        }
    }
    Ok(())
}

impl Alert {
    /// What the log counts for it.
    #[must_use]
    pub fn rule(&self) -> Rule {
        let when = &self.when;
        Rule {
            name: self.name.clone(),
            when: Filter {
                decision: when.decision.clone(),
                rule: when.rule.clone(),
                tool: when.tool.clone(),
                event: when.kind.clone(),
                agent: when.agent.clone(),
                ..Filter::default()
            },
            count: self.count,
            window: Duration::from_secs(self.minutes * 60),
        }
    }

    fn check(&self) -> Result<(), String> {
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
        if self.name.is_empty() || self.name.len() > 64 || !self.name.chars().all(plain) {
            return Err("a name has letters, digits, `-`, `_` and `.`, 64 at most".into());
        }
        if self.when == When::default() {
            return Err("`when` says nothing, so it would count everything".into());
        }
        if !(1..=MAX_COUNT).contains(&self.count) {
            return Err(format!("`count` is between 1 and {MAX_COUNT}"));
        }
        if !(1..=MAX_MINUTES).contains(&self.minutes) {
            return Err(format!("`minutes` is between 1 and {MAX_MINUTES}"));
        }
        if self.actions.is_empty() {
            return Err("`do` says nothing".into());
        }
        self.actions.iter().try_for_each(Action::check)
    }
}

impl Action {
    fn check(&self) -> Result<(), String> {
        match self {
            Action::Command(words) => match words.first() {
                Some(program) if Path::new(program).is_absolute() => Ok(()),
                _ => Err("a command begins with the absolute path of a program".into()),
            },
            Action::Webhook(url) if url.chars().any(|c| c.is_whitespace() || c.is_control()) => {
                Err("a webhook's address holds white space".into())
            }
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn alerts(json: &str) -> Result<Vec<Alert>, String> {
        let alerts: Vec<Alert> = serde_json::from_str(json).map_err(|error| error.to_string())?;
        check(&alerts).map(|()| alerts)
    }

    #[test]
    fn an_alert_is_read_as_it_is_documented() {
        let read = alerts(
            r#"[{"name":"storm","when":{"decision":"deny","rule":"fs.remove"},"count":5,"minutes":10,
                 "do":["notify","block",{"command":["/usr/bin/logger","-t","ccs"]},
                       {"webhook":"https://hooks.example.com/1"}]}]"#,
        )
        .expect("alerts");
        assert_eq!(read[0].actions.len(), 4);
        let again = serde_json::to_string(&read).expect("JSON");
        assert_eq!(alerts(&again), Ok(read));
    }

    #[test]
    fn what_cannot_be_meant_is_named() {
        let one = |text: &str| format!("[{{{text}}}]");
        for (json, why) in [
            (
                one(r#""name":"a","when":{},"count":1,"minutes":1,"do":["notify"]"#),
                "count everything",
            ),
            (
                one(r#""name":"a","when":{"rule":"x"},"count":0,"minutes":1,"do":["notify"]"#),
                "`count`",
            ),
            (
                one(r#""name":"a","when":{"rule":"x"},"count":1,"minutes":0,"do":["notify"]"#),
                "`minutes`",
            ),
            (
                one(r#""name":"a","when":{"rule":"x"},"count":1,"minutes":1,"do":[]"#),
                "`do`",
            ),
            (
                one(r#""name":"a","when":{"rule":"x"},"count":1,"minutes":1,"do":["shout"]"#),
                "unknown variant",
            ),
            (
                one(r#""name":"a","when":{"rules":"x"},"count":1,"minutes":1,"do":["notify"]"#),
                "unknown field",
            ),
            (
                one(
                    r#""name":"a","when":{"rule":"x"},"count":1,"minutes":1,"do":[{"command":["logger"]}]"#,
                ),
                "absolute path",
            ),
            (
                one(r#""name":"a b","when":{"rule":"x"},"count":1,"minutes":1,"do":["notify"]"#),
                "a name has",
            ),
        ] {
            let refused = alerts(&json).expect_err(&json);
            assert!(refused.contains(why), "{refused}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn other_parts_of_the_file_do_not_matter_and_a_damaged_file_is_named() {
        let folder = tempfile::tempdir().expect("a folder");
        assert_eq!(read(folder.path()), Ok(vec![]));
        let write = |text: &str| {
            let path = folder.path().join(FILE);
            files::replace(&path, text.as_bytes()).expect("written");
        };
        write(r#"{"version":1,"destinations":[{"name":"x"}]}"#);
        assert_eq!(read(folder.path()), Ok(vec![]));
        write("{");
        assert!(read(folder.path()).expect_err("damaged").contains(FILE));
    }
}
