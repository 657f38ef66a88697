//! `ccs audit witness`: being one, and having one.

use std::io::Write;
use std::sync::mpsc;

use ccs_audit::Checkpoint;
use ccs_audit::note::{Note, Verifier};
use serde_json::json;

use crate::args::audit_send::{Add, Cosign, List, Serve, Witness};
use crate::audit::config::{Config, Key, Witness as Configured};
use crate::audit::{Trail, known};
use crate::exit::{Code, Stop};
use crate::output::human::{self, Level, Line};
use crate::output::{Output, json};
use crate::places::Places;
use crate::witness::client::{self, Outcome};
use crate::witness::server::{Place, Server};
use crate::witness::store::Store;

pub(super) fn run(args: &Witness, trail: &Trail<'_>, output: &mut Output) -> anyhow::Result<Code> {
    match args {
        Witness::Serve(args) => serve(args, trail.places, output),
        Witness::Cosign(args) => cosign(args, trail, output),
        Witness::Add(args) => add(args, trail.places, output),
        Witness::List(args) => list(args, trail.places, output),
    }
}

fn serve(args: &Serve, places: &Places, output: &mut Output) -> anyhow::Result<Code> {
    let store = Store::of(&args.memory, places)?;
    let (news, heard) = mpsc::channel();
    let server = Server {
        witness: store.open()?,
        signer: store.signer()?,
        news,
    };
    let place = match (&args.listen, &args.socket) {
        (Some(address), _) => Place::tcp(address)?,
        (_, Some(path)) => Place::socket(&std::path::absolute(path)?)?,
        _ => return Err(Stop::new(Code::Usage, "it is not said where to listen").into()),
    };
    let (key, count) = (server.signer.verifier(), store.logs()?.len());
    let text = format!("at {} for {count} logs, with the key {key}", place.url());
    human::line(output, &Line::ok("witness", text))?;
    output.flush()?;
    std::thread::spawn(move || place.serve(server));
    for text in heard {
        writeln!(output, "{text}")?;
        output.flush()?;
    }
    Ok(Code::Ok)
}

fn cosign(args: &Cosign, trail: &Trail<'_>, output: &mut Output) -> anyhow::Result<Code> {
    let witnesses = asked(args, trail.places)?;
    let (mut worst, mut told) = (Code::Ok, Vec::new());
    for witness in &witnesses {
        let (code, line) = match client::cosign(trail, witness) {
            Ok(outcome) => told_of(witness, &outcome),
            // our own log that cannot be read is told as such
            Err(error) if error.downcast_ref::<ccs_audit::Error>().is_some() => return Err(error),
            Err(error) => {
                let text = format!("{witness} was not reached: {error:#}");
                (Code::File, Line::warn("witness", text))
            }
        };
        worst = worse(worst, code);
        told.push(line);
    }
    match args.json.json {
        true => json::value(output, &told)?,
        false => human::lines(output, &told)?,
    }
    Ok(worst)
}

/// A log that was changed matters more than a witness that is not there.
fn worse(one: Code, other: Code) -> Code {
    let rank = |code: Code| match code {
        Code::Findings => 3,
        Code::Unproven => 2,
        Code::Ok => 0,
        _ => 1,
    };
    if rank(other) > rank(one) { other } else { one }
}

fn told_of(witness: &Configured, outcome: &Outcome) -> (Code, Line) {
    let name = witness.key.0.name();
    match outcome {
        Outcome::Cosigned { size } => {
            let text = format!("`{name}` cosigned the first {size} entries");
            (Code::Ok, Line::new(Level::Done, "witness", text))
        }
        Outcome::RolledBack { have, known } => {
            let text = format!("rolled-back: there are {have} entries; `{name}` has seen {known}");
            (Code::Findings, Line::fail("witness", text))
        }
        Outcome::Forked { size } => {
            let text = format!("forked: `{name}` has seen other entries among the first {size}");
            (Code::Findings, Line::fail("witness", text))
        }
        Outcome::Refused { why } => {
            let line = Line::warn("witness", format!("`{name}` does not sign: {why}"));
            let fix = "ccs audit witness add, on the witness's machine, with a copy of log.json";
            (Code::Unproven, line.fix(fix))
        }
    }
}

fn asked(args: &Cosign, places: &Places) -> anyhow::Result<Vec<Configured>> {
    let configured = Config::read(places)?.witnesses;
    let Some(url) = &args.to else {
        if configured.is_empty() {
            let stop = Stop::new(Code::Usage, "no witness is configured");
            return Err(stop
                .next("name one in audit-config.json, or with --to and --key")
                .into());
        }
        return Ok(configured);
    };
    let key = match &args.key {
        Some(key) => Some(Key(known::witness(key)?)),
        None => configured
            .into_iter()
            .find(|one| one.url == *url)
            .map(|one| one.key),
    };
    let Some(key) = key else {
        let stop = Stop::new(Code::Usage, "the key of that witness is not known");
        return Err(stop.next("name it with --key").into());
    };
    let url = url.clone();
    Ok(vec![Configured { url, key }])
}

fn add(args: &Add, places: &Places, output: &mut Output) -> anyhow::Result<Code> {
    let store = Store::of(&args.memory, places)?;
    let log = known::log_key(&args.of)?;
    let signer = store.make(args.name.as_deref())?;
    let added = store.add(&log)?;
    let (name, own) = (log.name(), signer.verifier());
    let how = if added { "signs" } else { "already signs" };
    super::done(
        output,
        "witness",
        format!("it {how} for `{name}`, with the key {own}"),
    )
}

fn list(args: &List, places: &Places, output: &mut Output) -> anyhow::Result<Code> {
    let store = Store::of(&args.memory, places)?;
    let own = store.signer()?.verifier();
    let (logs, notes) = (store.logs()?, store.remembered()?);
    let seen = |log: &Verifier| notes.iter().find_map(|note| size_of(note, log));
    if args.json.json {
        let logs: Vec<_> = logs
            .iter()
            .map(|log| json!({"origin": log.name(), "key": log.to_string(), "size": seen(log)}))
            .collect();
        let value = json!({"key": own.to_string(), "folder": store.path(), "logs": logs});
        json::value(output, &value)?;
        return Ok(Code::Ok);
    }
    writeln!(output, "key  {own}")?;
    for log in &logs {
        match seen(log) {
            Some(size) => writeln!(output, "log  {}, the first {size} entries seen", log.name())?,
            None => writeln!(output, "log  {}, nothing seen yet", log.name())?,
        }
    }
    Ok(Code::Ok)
}

fn size_of(note: &Note, log: &Verifier) -> Option<u64> {
    let point = Checkpoint::parse(&note.text).ok()?;
    (point.origin == log.name()).then_some(point.size)
}
