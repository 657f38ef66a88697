//! `ccs taint`: what sessions have read, and a person's word that it is all right.

use ccs_hooks::taint::{Error, Known, Label, State, Store, sessions};
use serde::Serialize;
use serde_json::json;

use crate::args::taint::Taint;
use crate::exit::{Code, Stop};
use crate::output::human::{self, Level, Line};
use crate::output::{Output, json as as_json};
use crate::person::{Person, visible};
use crate::places::Places;
use crate::remember;

/// The most sessions shown in one go.
const MAX_SHOWN: usize = 20;
/// The most hosts of a session that are shown in words.
const MAX_HOSTS: usize = 8;

#[derive(Serialize)]
struct Session {
    session: String,
    state: State,
    known: Known,
}

pub(crate) fn run(args: &Taint, places: &Places, output: &mut Output) -> anyhow::Result<Code> {
    match args {
        Taint::Show { session, json } => {
            let shown = found(session.as_deref(), places)?;
            if json.json {
                as_json::value(output, &shown)?;
            } else {
                human::lines(output, &lines(&shown))?;
            }
            Ok(match shown.is_empty() {
                true => Code::Ok,
                false => Code::Findings,
            })
        }
        Taint::Clear { session } => clear(session, places, output),
    }
}

fn found(only: Option<&str>, places: &Places) -> anyhow::Result<Vec<Session>> {
    let names = match only {
        Some(name) => vec![name.to_owned()],
        None => sessions(&places.state)
            .into_iter()
            .take(MAX_SHOWN)
            .collect(),
    };
    let mut found = Vec::new();
    for name in names {
        let store = store(&name, places)?;
        if let Some(state) = store.read() {
            found.push(Session {
                session: name,
                state,
                known: store.known(),
            });
        }
    }
    Ok(found)
}

fn lines(sessions: &[Session]) -> Vec<Line> {
    if sessions.is_empty() {
        return vec![Line::ok("taint", "no session has read untrusted content")];
    }
    sessions.iter().map(line).collect()
}

fn line(one: &Session) -> Line {
    let level = match one.state.label {
        Label::Hostile => Level::Fail,
        _ => Level::Warn,
    };
    let mut text = format!("{} {}", visible(&one.session), one.state.label);
    for reason in &one.state.reasons {
        text.push_str(&format!(
            "\n  {}: {}",
            reason.label,
            visible(&reason.origin)
        ));
        if !reason.rules.is_empty() {
            text.push_str(&format!(" ({})", reason.rules.join(", ")));
        }
    }
    let hosts: Vec<String> = one
        .state
        .hosts
        .iter()
        .take(MAX_HOSTS)
        .map(|host| visible(host))
        .collect();
    if !hosts.is_empty() {
        text.push_str(&format!("\n  hosts: {}", hosts.join(", ")));
        if one.state.hosts.len() > MAX_HOSTS {
            text.push_str(" …");
        }
    }
    if one.known.secret_read {
        text.push_str("\n  it has read secrets");
    }
    Line::new(level, "taint", text)
}

fn clear(session: &str, places: &Places, output: &mut Output) -> anyhow::Result<Code> {
    let mut person = Person::find()?;
    let store = store(session, places)?;
    let Some(state) = store.read() else {
        let text = format!("{} is clean", visible(session));
        human::line(output, &Line::ok("taint", text))?;
        return Ok(Code::Ok);
    };
    let one = Session {
        session: session.to_owned(),
        state,
        known: store.known(),
    };
    person.show(&format!("\n{}\n\n", line(&one).text))?;
    if !person.agrees("Let it count as clean, secrets and all? [y/N] ")? {
        return Err(Stop::new(Code::Refused, "stopped; nothing was changed").into());
    }
    store.update(|state, known| {
        *state = State::default();
        known.secret_read = false;
    })?;
    let details = json!({"was": one.state.label.name(), "secret_read": one.known.secret_read});
    remember::choice(
        places,
        "ccs taint",
        &format!("clear {}", visible(session)),
        &details,
    );
    let text = format!("{} counts as clean", visible(session));
    human::line(output, &Line::new(Level::Done, "taint", text))?;
    Ok(Code::Ok)
}

fn store(session: &str, places: &Places) -> Result<Store, Stop> {
    Store::of(&places.state, session)
        .map_err(|error: Error| Stop::new(Code::Usage, error.to_string()).next("ccs taint show"))
}
