//! Alerts: too much of something within a window of time.
//!
//! They are counted in the log itself, in the transaction that appends the entry, and leave an
//! entry of their own. So the count is right whatever processes wrote the entries, and one burst
//! is one alert. What to do about it is the caller's.

use std::time::Duration;

use crate::entry::{Details, Draft, Entry, View};
use crate::error::Result;
use crate::query::Filter;
use crate::segment::{Columns, Segment};
use crate::time::{Time, uptime};

/// The event of the entry an alert leaves; its rule is the alert's name.
pub const EVENT: &str = "audit.alert";
/// The most entries that are looked back over.
const MAX_LOOK: usize = 10_000;

/// When to raise an alert.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rule {
    /// What the alert is called.
    pub name: String,
    /// What is counted. Its times and limit do not matter.
    pub when: Filter,
    /// This many within the window raise the alert.
    pub count: u64,
    /// The length of the window.
    pub window: Duration,
}

/// A rule's count was reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Alert {
    /// The rule's name.
    pub name: String,
    /// How many there were.
    pub count: u64,
    /// The rule's window.
    pub window: Duration,
    /// The entry that was one too many.
    pub seq: u64,
    /// Its session.
    pub session: String,
    /// Its time.
    pub time: Time,
}

impl Alert {
    pub(crate) fn to_draft(&self) -> Draft {
        let (count, seconds, seq) = (self.count, self.window.as_secs(), self.seq);
        let entry = Entry {
            session: self.session.clone(),
            rules: vec![self.name.clone()],
            target: format!("{count} within {seconds} s, the last is entry {seq}"),
            ..Entry::new(EVENT)
        };
        Draft::new(&entry, &Details::None, Time::now(), uptime())
    }
}

/// The alerts that entry `seq`, the last, sets off.
pub(crate) fn check(rules: &[Rule], segment: &Segment, seq: u64) -> Result<Vec<Alert>> {
    if rules.is_empty() {
        return Ok(Vec::new());
    }
    let row = segment.row(seq)?.unwrap_or_default();
    let Some(entry) = View::read(&row.body) else {
        return Ok(Vec::new());
    };
    let mut alerts = Vec::new();
    for rule in rules
        .iter()
        .filter(|rule| rule.count > 0 && rule.when.fits(&entry))
    {
        let count = count(rule, segment, seq, entry.head.time)?;
        if count >= rule.count {
            let (name, window) = (rule.name.clone(), rule.window);
            let (session, time) = (entry.session().to_owned(), entry.head.time);
            alerts.push(Alert {
                name,
                count,
                window,
                seq,
                session,
                time,
            });
        }
    }
    Ok(alerts)
}

/// How many entries fit the rule since the window began or the rule last raised an alert.
fn count(rule: &Rule, segment: &Segment, seq: u64, now: Time) -> Result<u64> {
    let window = i64::try_from(rule.window.as_micros()).unwrap_or(i64::MAX);
    let begin = now.0.saturating_sub(window);
    let (mut count, mut looked) = (0, 0);
    segment.rows_back(Columns::Body, seq, |row| {
        let Some(entry) = View::read(&row.body) else {
            return Ok(true);
        };
        let raised = entry.event() == EVENT && entry.rules().any(|name| name == rule.name);
        looked += 1;
        if raised || entry.head.time.0 < begin || looked > MAX_LOOK {
            return Ok(false);
        }
        count += u64::from(rule.when.fits(&entry));
        Ok(count < rule.count)
    })?;
    Ok(count)
}
