//! `ccs approve`: a person allows one call, once.

use std::io::Write;
use std::path::{Path, PathBuf};

use ccs_gate::approval::{self, Terms};
use ccs_hooks::approvals::{Approvals, Error, Request};
use ccs_hooks::integrity::{Scope, Signed};
use ccs_integrity::diff;
use ccs_integrity::manifest::{Change, Class, Digest};

use crate::args::integrity::{self as args, Approve};
use crate::exit::{Code, Stop};
use crate::output::human::{self, Level, Line};
use crate::output::{Output, json};
use crate::person::{Person, visible};
use crate::places::Places;
use crate::remember;
use crate::signing::{self, From, Keys};

pub(crate) fn run(args: &Approve, places: &Places, output: &mut Output) -> anyhow::Result<Code> {
    let mut person = Person::find()?;
    let approvals = Approvals::new(&places.state);
    let (request, content) = request(args, &approvals)?;
    person.show(&shown(&request, &content)?)?;
    if !person.agrees(&format!(
        "Allow exactly this, once, within {} seconds? [y/N] ",
        args.seconds
    ))? {
        return Err(Stop::new(Code::Refused, "stopped; nothing was approved").into());
    }
    let keys = signing::open(places, From::Person(&mut person))?;
    let change = change(places, &keys, &request, &content)?;
    let token = token(args, &approvals, &keys, &request, &content)?;
    approvals.grant(&request, &token, change.as_deref())?;
    remember::approval(places, &request.tool, &request.id);
    let text = format!(
        "{} may happen once; the same call has to be made again",
        request.id
    );
    human::line(output, &Line::new(Level::Done, "approval.given", text))?;
    Ok(Code::Ok)
}

pub(crate) fn list(
    args: &args::Approvals,
    places: &Places,
    output: &mut Output,
) -> anyhow::Result<Code> {
    let approvals = Approvals::new(&places.state);
    match args {
        args::Approvals::Revoke => {
            let generation = approvals.revoke()?;
            let text =
                format!("every approval given so far is taken back; generation {generation}");
            human::line(output, &Line::new(Level::Done, "approval.revoked", text))?;
        }
        args::Approvals::List(args) if args.json => json::value(output, &json_of(&approvals)?)?,
        args::Approvals::List(_) => in_words(&approvals, output)?,
    }
    Ok(Code::Ok)
}

fn request(args: &Approve, approvals: &Approvals) -> anyhow::Result<(Request, Vec<u8>)> {
    let now = Approvals::now();
    let id = match &args.id {
        Some(id) => id.to_lowercase(),
        None => {
            let newest = approvals.requests(now).into_iter().next();
            let none = || Stop::new(Code::Usage, "nothing is waiting for an approval");
            newest.ok_or_else(none)?.id
        }
    };
    approvals.request(&id, now).map_err(|error| match error {
        Error::NoRequest(_) => Stop::new(Code::Usage, error.to_string())
            .next("ccs approvals list; a request is kept for an hour")
            .into(),
        error => error.into(),
    })
}

/// What a person has to read before they agree.
fn shown(request: &Request, content: &[u8]) -> anyhow::Result<String> {
    let new = String::from_utf8_lossy(content);
    let mut text = format!(
        "\nRequest {} of the tool {}",
        request.id,
        visible(&request.tool)
    );
    match &request.path {
        Some(path) => {
            let old = std::fs::read(path).unwrap_or_default();
            let old = String::from_utf8_lossy(&old);
            text.push_str(&format!(" to change {}\n\n", visible(path)));
            let diff = diff::unified(("now", "then"), &visible(&old), &visible(&new));
            text.push_str(if diff.is_empty() {
                "nothing changes\n"
            } else {
                &diff
            });
        }
        None => {
            text.push_str(&format!(" to run\n\n{}", visible(&new)));
            text.push_str("\nSigned files that it changes:\n");
            for path in &request.touches {
                text.push_str(&format!("  {}\n", visible(path)));
            }
            text.push_str(
                "What they hold afterwards has to be signed with `ccs integrity sign`.\n",
            );
        }
    }
    text.push('\n');
    Ok(text)
}

fn token(
    args: &Approve,
    approvals: &Approvals,
    keys: &Keys,
    request: &Request,
    content: &[u8],
) -> anyhow::Result<String> {
    let mut id = [0; 16];
    getrandom::fill(&mut id)?;
    let terms = Terms {
        id,
        now: Approvals::now(),
        seconds: args.seconds,
        generation: approvals.generation()?,
        realm: &approvals.realm()?,
    };
    Ok(approval::issue(
        &keys.approval,
        &request.wanted(content).act(),
        &terms,
    )?)
}

/// The signed change to the manifest that covers the file; `None` if none does, or the request is
/// about a command, of which nobody knows what it leaves behind.
fn change(
    places: &Places,
    keys: &Keys,
    request: &Request,
    content: &[u8],
) -> anyhow::Result<Option<Vec<u8>>> {
    let Some(path) = request.path.as_deref().map(Path::new) else {
        return Ok(None);
    };
    let signed = Signed::new(&places.state);
    let around = path
        .ancestors()
        .skip(1)
        .map(|folder| Scope::Project(folder.to_owned()));
    for scope in std::iter::once(Scope::Installation).chain(around) {
        let Some(trusted) = signed.load(&scope)? else {
            continue;
        };
        if trusted.manifest.class_of(path) == Some(Class::Exec) {
            let change = Change {
                path: PathBuf::from(path),
                before: std::fs::read(path).ok().map(|bytes| Digest::of(&bytes)),
                after: Some(Digest::of(content)),
            };
            let now = Approvals::now();
            return Ok(Some(signed.store(&scope).draft(
                &keys.manifest,
                change,
                now,
            )?));
        }
    }
    Ok(None)
}

fn json_of(approvals: &Approvals) -> anyhow::Result<serde_json::Value> {
    let now = Approvals::now();
    let waiting = approvals.waiting(now);
    let waiting: Vec<_> = waiting.into_iter().map(|waiting| waiting.id).collect();
    let history: Vec<serde_json::Value> = approvals
        .history()
        .iter()
        .filter_map(|line| serde_json::from_str(line).ok())
        .collect();
    Ok(serde_json::json!({
        "generation": approvals.generation()?,
        "requests": approvals.requests(now),
        "waiting": waiting,
        "history": history,
    }))
}

fn in_words(approvals: &Approvals, output: &mut Output) -> anyhow::Result<()> {
    let now = Approvals::now();
    let requests = approvals.requests(now);
    for request in &requests {
        let what = match &request.path {
            Some(path) => format!("{} {}", request.action, visible(path)),
            None => format!("{} a command", request.action),
        };
        let text = format!(
            "{}: {what}, {} s ago",
            request.id,
            now.saturating_sub(request.time)
        );
        let line = Line::info("approval.request", text).fix(format!("ccs approve {}", request.id));
        human::line(output, &line)?;
    }
    let waiting = approvals.waiting(now);
    for one in &waiting {
        let text = format!("{}: approved, not used yet", one.id);
        human::line(output, &Line::info("approval.waiting", text))?;
    }
    if requests.is_empty() && waiting.is_empty() {
        writeln!(output, "nothing is waiting for an approval")?;
    }
    for line in approvals.history().iter().rev().take(10) {
        writeln!(output, "{}", visible(line))?;
    }
    Ok(())
}
