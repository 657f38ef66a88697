//! `ccs doctor`: does the guard work, and what gets past it?

use std::io::Write;

use serde::Serialize;

use crate::args::Doctor;
use crate::checks::checklist::{self, Item, State};
use crate::checks::{self, Group, Machine};
use crate::exit::Code;
use crate::output::human::{self, Level, Line};
use crate::output::{Output, json, redact};
use crate::places::Places;
use crate::proof::Case;

#[derive(Serialize)]
struct Answer {
    version: &'static str,
    /// No check failed.
    ok: bool,
    checks: Vec<Line>,
    proof: Vec<Case>,
}

pub(crate) fn run(args: &Doctor, places: &Places, output: &mut Output) -> anyhow::Result<Code> {
    let places = places.with_managed(args.report.managed_settings.as_deref())?;
    let machine = Machine::read(&places);
    let report = checks::posture::report(&machine);
    if args.checklist {
        let items = checklist::items(&machine, report.as_ref());
        return list(&items, args.report.json, output);
    }
    let (groups, cases) = checks::all(&machine, report.as_ref());
    if args.pasteable {
        return paste(&groups, &places, output);
    }
    if !args.report.json {
        for group in groups.iter().filter(|group| !group.lines.is_empty()) {
            writeln!(output, "{}", human::heading(output, group.name))?;
            human::lines(output, &group.lines)?;
            writeln!(output)?;
        }
    }
    let lines = groups.into_iter().flat_map(|group| group.lines).collect();
    answer(lines, cases, args.report.json, output)
}

/// The same without what tells whose machine it is; as text, for an issue or a colleague.
fn paste(groups: &[Group], places: &Places, output: &mut Output) -> anyhow::Result<Code> {
    let mut text = format!(
        "ccs {} on {} {}\n",
        env!("CARGO_PKG_VERSION"),
        std::env::consts::OS,
        std::env::consts::ARCH
    );
    for group in groups.iter().filter(|group| !group.lines.is_empty()) {
        text.push_str(&format!("\n{}\n", group.name));
        for line in &group.lines {
            text.push_str(&human::plain(line));
        }
    }
    output.write_all(redact::redact(&text, places).as_bytes())?;
    let mut lines = groups.iter().flat_map(|group| &group.lines);
    let failed = lines.any(|line| line.level == Level::Fail);
    Ok(if failed { Code::Findings } else { Code::Ok })
}

/// Items under the time they belong to.
fn list(items: &[Item], as_json: bool, output: &mut Output) -> anyhow::Result<Code> {
    let failed = items.iter().any(|item| item.state == State::Fail);
    if as_json {
        json::value(output, &items)?;
    } else {
        for when in [checklist::SETUP, checklist::DAILY, checklist::PERIODIC] {
            writeln!(output, "{}", human::heading(output, when))?;
            for item in items.iter().filter(|item| item.when == when) {
                human::line(output, &as_line(item))?;
            }
        }
    }
    Ok(if failed { Code::Findings } else { Code::Ok })
}

fn as_line(item: &Item) -> Line {
    match item.state {
        State::Pass => Line::ok("checklist", item.what),
        State::Fail => Line::fail("checklist", item.what).fix(item.how),
        State::NotCheckable => {
            let text = format!("{} (nothing here tells)", item.what);
            Line::info("checklist", text).fix(item.how)
        }
    }
}

/// Sums up lines that people have seen, and gives programs all of it; findings are the failed
/// ones.
pub(crate) fn answer(
    checks: Vec<Line>,
    proof: Vec<Case>,
    as_json: bool,
    output: &mut Output,
) -> anyhow::Result<Code> {
    let count = |level| checks.iter().filter(|line| line.level == level).count();
    let (failed, warned) = (count(Level::Fail), count(Level::Warn));
    let ok = failed == 0;
    if as_json {
        let version = env!("CARGO_PKG_VERSION");
        json::value(
            output,
            &Answer {
                version,
                ok,
                checks,
                proof,
            },
        )?;
    } else {
        let guard = |line: &&Line| !line.id.starts_with("posture");
        let mut broken = checks.iter().filter(guard);
        let what = if ok {
            "the guard is in place"
        } else if broken.any(|line| line.level == Level::Fail) {
            "do not rely on the guard"
        } else {
            "the guard is in place, the installation is not safe"
        };
        let version = env!("CARGO_PKG_VERSION");
        writeln!(
            output,
            "ccs {version}: {what}; {failed} failed, {warned} to look at"
        )?;
    }
    Ok(if ok { Code::Ok } else { Code::Findings })
}
