//! What is kept, for how long, and what is destroyed: `retain`, `archive`, `erase`, `root`.

use std::io::{self, IsTerminal, Write};
use std::path::Path;

use ccs_audit::{Archived, Fate, Time};
use serde_json::json;

use crate::args::audit::{Archive, Erase, Retain, Root};
use crate::audit::file::{self, Existing};
use crate::audit::{Trail, keys};
use crate::exit::{Code, Stop};
use crate::output::human::{self, Level, Line};
use crate::output::{Output, json};

pub(super) fn retain(
    args: &Retain,
    trail: &Trail<'_>,
    output: &mut Output,
) -> anyhow::Result<Code> {
    let fate = match &args.into {
        Some(folder) => Fate::Move(std::path::absolute(folder)?),
        None => Fate::Delete,
    };
    leave(trail, args.keep, &fate, args.json.json, output)
}

pub(super) fn archive(
    args: &Archive,
    trail: &Trail<'_>,
    output: &mut Output,
) -> anyhow::Result<Code> {
    let fate = Fate::Move(std::path::absolute(&args.folder)?);
    leave(trail, args.before, &fate, args.json.json, output)
}

fn leave(
    trail: &Trail<'_>,
    before: Time,
    fate: &Fate,
    json: bool,
    output: &mut Output,
) -> anyhow::Result<Code> {
    let archived = trail.log()?.archive(before, fate)?;
    if json {
        let value: Vec<_> = archived.iter().map(to_json).collect();
        json::value(output, &value)?;
        return Ok(Code::Ok);
    }
    for one in &archived {
        let (first, last) = one.entries;
        let how = match &one.to {
            Some(to) => format!("is now `{}`", to.display()),
            None => "is deleted".to_owned(),
        };
        let text = format!(
            "segment {} with entries {first} to {last} {how}",
            one.segment
        );
        human::line(output, &Line::new(Level::Done, "segment", text))?;
    }
    if archived.is_empty() {
        let text = "no closed segment is that old; the newest stays as it is written to";
        human::line(output, &Line::ok("segment", text))?;
    }
    Ok(Code::Ok)
}

fn to_json(one: &Archived) -> serde_json::Value {
    json!({
        "segment": one.segment,
        "first": one.entries.0,
        "last": one.entries.1,
        "sha256": one.sha256,
        "to": one.to,
    })
}

pub(super) fn erase(args: &Erase, trail: &Trail<'_>, output: &mut Output) -> anyhow::Result<Code> {
    let session = &args.session;
    if !args.yes {
        let question = format!(
            "The details and kept files of session `{session}` will be unreadable for ever.\n\
             Go on? [y/N] "
        );
        if !is_agreed(&question)? {
            return Err(Stop::new(Code::Refused, "stopped; nothing was erased").into());
        }
    }
    if trail.log()?.erase(session)? {
        let text = format!("the content of session `{session}` is destroyed; its entries stay");
        return super::done(output, "erase", text);
    }
    let text =
        format!("session `{session}` has no key: nothing of it is encrypted, or it is erased");
    human::line(output, &Line::warn("erase", text))?;
    Ok(Code::Findings)
}

/// A yes typed at a terminal.
fn is_agreed(question: &str) -> anyhow::Result<bool> {
    if !io::stdin().is_terminal() || !io::stderr().is_terminal() {
        let stop = Stop::new(Code::Usage, "there is no terminal to ask at");
        return Err(stop.next("--yes does not ask").into());
    }
    io::stderr().write_all(question.as_bytes())?;
    let mut answer = String::new();
    io::stdin().read_line(&mut answer)?;
    Ok(matches!(answer.trim().to_lowercase().as_str(), "y" | "yes"))
}

pub(super) fn root(args: &Root, trail: &Trail<'_>, output: &mut Output) -> anyhow::Result<Code> {
    let log = trail.log()?;
    let Some(key) = log.root()? else {
        let text = "the root key is not in the log's folder, as it should be";
        human::line(output, &Line::ok("root", text))?;
        return Ok(Code::Ok);
    };
    let Some(path) = &args.take else {
        let text = "the root key lies in the log's folder: whoever can read it can forge the past";
        let line = Line::warn("root", text).fix("ccs audit root --take FILE, on another disk");
        human::line(output, &line)?;
        return Ok(Code::Findings);
    };
    must_be_elsewhere(path, trail)?;
    let text = keys::as_text(key.expose());
    file::write(path, Existing::Keep, |out| {
        Ok(out.write_all(text.as_bytes())?)
    })?;
    // only now, when the copy is on its disk and reads back as the same key
    if keys::root(path)?.expose() != key.expose() {
        let what = format!("`{}` does not hold what was written", path.display());
        return Err(Stop::new(Code::File, what)
            .next("the key is still in the log's folder")
            .into());
    }
    log.forget_root()?;
    let text = format!(
        "the root key is in `{}` and nowhere else; verify with --root-key",
        path.display()
    );
    super::done(output, "root", text)
}

fn must_be_elsewhere(path: &Path, trail: &Trail<'_>) -> anyhow::Result<()> {
    let path = std::path::absolute(path)?;
    if path.starts_with(&trail.folder) {
        let stop = Stop::new(Code::Usage, "that is the log's own folder");
        return Err(stop.next("name a file on another disk or machine").into());
    }
    Ok(())
}
