//! `ccs incident`: everything stops, the evidence is gathered, a person goes on.

use std::io::{self, IsTerminal, Write};

use ccs_audit::{Entry, Hash, Time};
use ccs_hooks::lockdown::{self, Incident as Known};
use serde_json::json;

use crate::args::Json;
use crate::args::audit_send::{Bundle, End, Incident, Start};
use crate::audit::Trail;
use crate::audit::file::{self, Existing};
use crate::exit::{Code, Stop};
use crate::incident::bundle::{self, Made, Wanted};
use crate::incident::{self, BUNDLED, ENDED, STARTED};
use crate::output::audit::plain;
use crate::output::human::{self, Level, Line};
use crate::output::{Output, json};
use crate::places::Places;

/// How long before an incident its evidence begins, in seconds.
const BEFORE: i64 = 86_400;

pub(crate) fn run(args: &Incident, places: &Places, output: &mut Output) -> anyhow::Result<Code> {
    match args {
        Incident::Start(args) => start(args, places, output),
        Incident::End(args) => end(args, places, output),
        Incident::Bundle(args) => bundle(args, places, output),
        Incident::Status(args) => status(args, places, output),
    }
}

fn start(args: &Start, places: &Places, output: &mut Output) -> anyhow::Result<Code> {
    crate::state::must_be_ours(places)?;
    let declared = incident::new(&args.reason, &incident::user())?;
    let path = places.in_state(lockdown::FILE);
    let is_first = lockdown::start(&places.state, &declared).map_err(|error| {
        let what = format!(
            "cannot write `{}`: {error}; nothing is locked",
            path.display()
        );
        Stop::new(Code::File, what)
            .next("make the folder yours and writable, or end the sessions by hand")
    })?;
    if !is_first {
        let known = incident::current(places)?.unwrap_or_default();
        human::line(
            output,
            &Line::info("incident", format!("{} stands", said(&known))),
        )?;
        return Ok(Code::Ok);
    }
    incident::record(places, entry(STARTED, &declared.id, &args.reason));
    if args.json.json {
        json::value(output, &declared)?;
        return Ok(Code::Ok);
    }
    let id = &declared.id;
    let lines = [
        Line::new(
            Level::Done,
            "incident",
            format!("incident {id} is on; every call is denied from now on"),
        ),
        Line::info(
            "vault",
            "`ccs run` and `ccs vault get`, `helper` and `export` hand out nothing; \
            a vault that a key file opens is not sealed by that: who can read its folder can open it \
            with another program",
        ),
        Line::info(
            "running",
            "what runs already goes on running: end it, and close its sessions",
        ),
        Line::info("next", "the evidence").fix("ccs incident bundle"),
        Line::info("next", "when it is over, at a terminal").fix("ccs incident end"),
    ];
    human::lines(output, &lines)?;
    Ok(Code::Ok)
}

fn said(known: &Known) -> String {
    match (known.id.as_str(), known.reason.as_str()) {
        ("", _) => "an incident whose file cannot be read".to_owned(),
        (id, reason) => {
            let (since, by) = (plain(&known.since, 30), plain(&known.by, 60));
            let (id, reason) = (plain(id, 40), plain(reason, 300));
            format!("incident {id} since {since}, declared by {by}: {reason}")
        }
    }
}

fn entry(event: &str, id: &str, text: &str) -> Entry {
    Entry {
        target: format!("{id}: {text}"),
        user: incident::user(),
        ..Entry::new(event)
    }
}

fn status(args: &Json, places: &Places, output: &mut Output) -> anyhow::Result<Code> {
    let known = incident::current(places)?;
    if args.json {
        json::value(output, &json!({"on": known.is_some(), "incident": known}))?;
    } else {
        let line = match &known {
            None => Line::ok("incident", "there is no incident"),
            Some(known) => Line::fail("incident", said(known)).fix("ccs incident end"),
        };
        human::line(output, &line)?;
    }
    Ok(if known.is_some() {
        Code::Findings
    } else {
        Code::Ok
    })
}

/// Only a person at a terminal ends an incident: a program that wants to would have to pretend to
/// be one, and every call of the client's is denied until then.
fn end(args: &End, places: &Places, output: &mut Output) -> anyhow::Result<Code> {
    let Some(known) = incident::current(places)? else {
        human::line(output, &Line::ok("incident", "there is no incident"))?;
        return Ok(Code::Ok);
    };
    if !io::stdin().is_terminal() || !io::stderr().is_terminal() {
        let stop = Stop::new(
            Code::Refused,
            "an incident is ended by a person at a terminal",
        );
        return Err(stop.next("run ccs incident end there").into());
    }
    let word = if known.id.is_empty() {
        "end"
    } else {
        &known.id
    };
    let question = format!(
        "{}\nEvery call is judged as before once it is ended. Type `{}` to end it: ",
        said(&known),
        plain(word, 40)
    );
    io::stderr().write_all(question.as_bytes())?;
    let mut answer = String::new();
    io::stdin().read_line(&mut answer)?;
    if answer.trim() != word {
        return Err(Stop::new(Code::Refused, "stopped; the incident is still on").into());
    }
    let note = args.note.as_deref().unwrap_or("ended");
    incident::record(places, entry(ENDED, &known.id, note));
    lockdown::end(&places.state)?;
    let text = format!("incident {} is over", known.id);
    human::line(output, &Line::new(Level::Done, "incident", text))?;
    Ok(Code::Ok)
}

fn bundle(args: &Bundle, places: &Places, output: &mut Output) -> anyhow::Result<Code> {
    let known = incident::current(places)?;
    let since = args.since.unwrap_or_else(|| {
        let begun = known.as_ref().and_then(|known| Time::parse(&known.since));
        begun.unwrap_or_else(Time::now).plus_seconds(-BEFORE)
    });
    let now = Time::now();
    let wanted = Wanted {
        incident: json!({
            "incident": known,
            "covers": {"since": since.to_string(), "until": now.to_string(), "session": args.session},
            "made": {"at": now.to_string(), "by": incident::user(), "with": concat!("ccs ", env!("CARGO_PKG_VERSION"))},
        }),
        since,
        session: args.session.as_deref(),
        details: args.details,
    };
    let trail = Trail::own(places);
    let made = file::write(&args.out, Existing::Keep, |out| {
        bundle::write(&wanted, &trail, out)
    })?;
    let sha256 = Hash::of(&std::fs::read(&args.out)?);
    let id = known.map_or_else(String::new, |known| known.id);
    let text = format!("{} files, {} entries", made.files.len(), made.entries);
    incident::record(
        places,
        Entry {
            input: Some(sha256),
            ..entry(BUNDLED, &id, &text)
        },
    );
    told(args, &made, sha256, output)
}

fn told(args: &Bundle, made: &Made, sha256: Hash, output: &mut Output) -> anyhow::Result<Code> {
    if args.json.json {
        let files: Vec<_> = made
            .files
            .iter()
            .map(|(name, hash, length)| json!({"name": name, "sha256": hash, "length": length}))
            .collect();
        let value = json!({
            "bundle": args.out, "sha256": sha256, "files": files, "entries": made.entries,
            "rotate": made.rotate, "missing": made.missing,
        });
        json::value(output, &value)?;
    } else {
        let path = args.out.display();
        let text = format!(
            "{} entries and {} files are in `{path}`",
            made.entries,
            made.files.len()
        );
        human::line(output, &Line::new(Level::Done, "bundle", text))?;
        human::line(output, &Line::info("sha256", format!("sha256 {sha256}")))?;
        for one in &made.rotate {
            let (name, times) = (plain(&one.name, 100), one.times);
            let text = format!("`{name}` left the vault, {times} ×");
            human::line(
                output,
                &Line::warn("rotate", text).fix(format!("ccs vault rotate {name}")),
            )?;
        }
        for text in &made.missing {
            human::line(output, &Line::warn("missing", text))?;
        }
    }
    Ok(if made.missing.is_empty() {
        Code::Ok
    } else {
        Code::Unproven
    })
}
