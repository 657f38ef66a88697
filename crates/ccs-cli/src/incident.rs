//! An incident as the commands see it: what is refused while it is on, and the evidence of it.

pub(crate) mod bundle;
pub(crate) mod redact;
pub(crate) mod tar;

use anyhow::Context;
use ccs_audit::{Entry, Time};
use ccs_hooks::lockdown::{self, Incident};
use ccs_hooks::trail;
use ccs_vault::Name;

use crate::exit::{Code, Stop};
use crate::places::Places;
use crate::vault;

/// The kinds of entries that incidents leave in the log.
pub(crate) const STARTED: &str = "incident-start";
pub(crate) const ENDED: &str = "incident-end";
pub(crate) const BUNDLED: &str = "incident-bundle";

/// An incident that begins now.
pub(crate) fn new(reason: &str, by: &str) -> anyhow::Result<Incident> {
    let mut chance = [0; 2];
    getrandom::fill(&mut chance).context("no random bytes")?;
    let now = Time::now();
    let digits: String = now.to_string()[..19]
        .chars()
        .filter(char::is_ascii_digit)
        .collect();
    let (day, clock) = digits.split_at(8);
    let [one, two] = chance;
    Ok(Incident {
        id: format!("{day}-{clock}-{one:02x}{two:02x}"),
        since: now.to_string(),
        reason: reason.to_owned(),
        by: by.to_owned(),
    })
}

/// The incident that is on.
pub(crate) fn current(places: &Places) -> anyhow::Result<Option<Incident>> {
    let path = places.in_state(lockdown::FILE);
    lockdown::look(&places.state).with_context(|| format!("cannot look at `{}`", path.display()))
}

/// Refuses to hand out secrets while an incident is on, and when that cannot be told.
pub(crate) fn must_not_be_on(places: &Places) -> anyhow::Result<()> {
    if !lockdown::is_on(&places.state) {
        return Ok(());
    }
    let stop = Stop::new(
        Code::Refused,
        "an incident is on: the vault hands out nothing",
    );
    Err(stop
        .next("ccs incident status; a person ends it with ccs incident end")
        .into())
}

/// Appends an entry to the log, if there is one. What goes wrong is said and stops nothing.
pub(crate) fn record(places: &Places, entry: Entry) {
    if !trail::folder(&places.state).exists() {
        return;
    }
    if let Err(error) = trail::note(&places.state, entry) {
        vault::warn(&format!("not in the log: {error}"));
    }
}

/// Remembers that values left the vault, by name: what to rotate if it comes to that.
pub(crate) fn handed_out<'n>(
    places: &Places,
    how: &str,
    names: impl IntoIterator<Item = &'n Name>,
) {
    if !trail::folder(&places.state).exists() {
        return;
    }
    let remembered = trail::found(&places.state).and_then(|mut log| {
        for name in names {
            log.append(Entry {
                tool: how.to_owned(),
                user: user(),
                target: name.to_string(),
                decision: trail::decision::ALLOW.to_owned(),
                ..Entry::new(trail::event::VAULT)
            })?;
        }
        Ok(())
    });
    if let Err(error) = remembered {
        vault::warn(&format!("not in the log: {error}"));
    }
}

/// Who runs this, as the environment has it.
pub(crate) fn user() -> String {
    let variable = |name| std::env::var(name).ok().filter(|value| !value.is_empty());
    variable("SUDO_USER")
        .or_else(|| variable("USER"))
        .or_else(|| variable("LOGNAME"))
        .unwrap_or_else(|| "unknown".to_owned())
}
