//! `ccs threats`: which known weaknesses concern a stack; the indicators in a text.

mod iocs;

use std::io::Write;
use std::path::Path;

use serde_json::json;

use crate::args::Json;
use crate::args::threats::{Threats, Wanted};
use crate::exit::{Code, Stop};
use crate::output::audit::plain;
use crate::output::human::{self, Level, Line};
use crate::output::{Output, json};
use crate::places::Places;
use crate::threats::relevance::{Reason, reasons};
use crate::threats::severity::Severity;
use crate::threats::spec::{NAME, Spec};
use crate::threats::{Advisory, feed, stack};

/// How much of a description is shown, in characters.
const SHOWN: usize = 160;

pub(crate) fn run(args: &Threats, places: &Places, output: &mut Output) -> anyhow::Result<Code> {
    match args {
        Threats::Stack { dir, json } => list(dir.as_deref().unwrap_or(&places.cwd), json, output),
        Threats::Check { wanted, json } => check(wanted, json, places, output),
        Threats::Filter(wanted) => filter(wanted, places, output),
        Threats::Iocs(args) => iocs::run(args, places, output),
    }
}

fn list(project: &Path, args: &Json, output: &mut Output) -> anyhow::Result<Code> {
    let stack = stack::of(project)?;
    if args.json {
        let value = json!({"components": stack.components, "unreadable": stack.unreadable});
        json::value(output, &value)?;
    } else {
        for one in &stack.components {
            let version = one.version.as_deref().unwrap_or("version not known");
            let (name, from) = (plain(&one.name, 200), plain(&one.from, 200));
            writeln!(output, "{name} {} ({from})", plain(version, 80))?;
        }
        human::lines(output, &unread(&stack.unreadable))?;
    }
    Ok(told(&stack.unreadable, false))
}

fn unread(unreadable: &[String]) -> Vec<Line> {
    let line = |why: &String| Line::fail("unreadable", format!("not read: {}", plain(why, 300)));
    unreadable.iter().map(line).collect()
}

/// What could not be looked at is worse than what was found.
fn told(unreadable: &[String], found: bool) -> Code {
    match (unreadable.is_empty(), found) {
        (false, _) => Code::Unproven,
        (true, true) => Code::Findings,
        (true, false) => Code::Ok,
    }
}

/// The stack that is asked about, and the files that could not be read.
fn stack_of(wanted: &Wanted, places: &Places) -> anyhow::Result<(Spec, Vec<String>)> {
    let (mut spec, mut unreadable) = (Spec::default(), Vec::new());
    for path in &wanted.spec {
        spec.extend(Spec::read(path)?);
    }
    let here = wanted.spec.is_empty().then_some(places.cwd.as_path());
    if let Some(project) = wanted.project.as_deref().or(here) {
        let found = stack::of(project)?;
        spec.components.extend(found.components);
        unreadable = found.unreadable;
        let own = project.join(NAME);
        if wanted.spec.is_empty() && own.is_file() {
            spec.extend(Spec::read(&own)?);
        }
    }
    if spec.components.is_empty() && spec.keywords.is_empty() && unreadable.is_empty() {
        let stop = Stop::new(
            Code::Usage,
            "there is no lock file and no threat spec to go by",
        );
        return Err(stop
            .next("name one with --spec FILE or --project DIR")
            .into());
    }
    Ok((spec, unreadable))
}

/// What is not said may be the worst, and what is exploited is.
fn is_wanted(advisory: &Advisory, wanted: &Wanted) -> bool {
    let severe = match (advisory.severity, wanted.min_severity) {
        (Some(severity), Some(least)) => severity >= least || advisory.exploited,
        _ => true,
    };
    severe && (advisory.exploited || !wanted.exploited)
}

/// A weakness that concerns the stack.
struct Match {
    advisory: Advisory,
    reasons: Vec<Reason>,
}

fn check(
    wanted: &Wanted,
    args: &Json,
    places: &Places,
    output: &mut Output,
) -> anyhow::Result<Code> {
    let (spec, unreadable) = stack_of(wanted, places)?;
    let (mut found, mut count) = (Vec::new(), 0);
    for path in &wanted.feeds {
        count += feed::read(path, &mut |advisory, _| {
            let reasons = if is_wanted(&advisory, wanted) {
                reasons(&advisory, &spec)
            } else {
                Vec::new()
            };
            if !reasons.is_empty() {
                found.push(Match { advisory, reasons });
            }
            Ok(())
        })?;
    }
    found.sort_by(|a, b| {
        order(b)
            .cmp(&order(a))
            .then_with(|| a.advisory.id.cmp(&b.advisory.id))
    });
    if args.json {
        let all: Vec<_> = found.iter().map(shown).collect();
        let value = json!({
            "records": count, "components": spec.components.len(), "relevant": all,
            "unreadable": unreadable,
        });
        json::value(output, &value)?;
    } else {
        for one in &found {
            say(one, output)?;
        }
        let text = format!(
            "{} of {count} records concern the {} parts of the stack",
            found.len(),
            spec.components.len()
        );
        let level = if found.is_empty() {
            Level::Ok
        } else {
            Level::Warn
        };
        human::line(output, &Line::new(level, "threats", text))?;
        human::lines(output, &unread(&unreadable))?;
    }
    Ok(told(&unreadable, !found.is_empty()))
}

/// What is exploited first, then what is severe.
fn order(one: &Match) -> (bool, Option<Severity>) {
    (one.advisory.exploited, one.advisory.severity)
}

fn shown(one: &Match) -> serde_json::Value {
    let Advisory {
        id,
        aliases,
        severity,
        exploited,
        text,
        ..
    } = &one.advisory;
    let mut value = json!({
        "id": id, "aliases": aliases, "exploited": exploited, "text": text, "why": one.reasons,
    });
    if let Some(severity) = severity {
        value["severity"] = json!(severity);
    }
    value
}

fn say(one: &Match, output: &mut Output) -> anyhow::Result<()> {
    let advisory = &one.advisory;
    let severity = advisory.severity.map_or("unrated", Severity::name);
    let exploited = if advisory.exploited {
        ", exploited"
    } else {
        ""
    };
    let text = plain(&advisory.text, SHOWN);
    writeln!(
        output,
        "{} ({severity}{exploited}) {text}",
        plain(&advisory.id, 60)
    )?;
    for reason in &one.reasons {
        writeln!(output, "      -> {}", plain(&because(reason), 300))?;
    }
    Ok(())
}

fn because(reason: &Reason) -> String {
    match reason {
        Reason::Version {
            name,
            version,
            affected,
            from,
        } => format!("{name} {version} of {from}: affected is {affected}"),
        Reason::Name {
            name,
            affected,
            from,
        } => format!(
            "{name} of {from}: its version, or which ones are affected, is not known ({affected})"
        ),
        Reason::Keyword { word } => format!("the word `{word}`"),
    }
}

fn filter(wanted: &Wanted, places: &Places, output: &mut Output) -> anyhow::Result<Code> {
    let (spec, unreadable) = stack_of(wanted, places)?;
    for path in &wanted.feeds {
        feed::read(path, &mut |advisory, text| {
            if is_wanted(&advisory, wanted) && !reasons(&advisory, &spec).is_empty() {
                // On one line, whatever form it had.
                let value: serde_json::Value = serde_json::from_str(text)?;
                json::line(output, &value)?;
            }
            Ok(())
        })?;
    }
    for why in &unreadable {
        crate::vault::warn(&format!("not read: {}", plain(why, 300)));
    }
    Ok(told(&unreadable, false))
}
