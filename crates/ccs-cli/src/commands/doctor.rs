//! `ccs doctor`: does the guard work, and what gets past it?

use std::io::Write;

use serde::Serialize;

use crate::args::Report;
use crate::checks::{self, Machine};
use crate::exit::Code;
use crate::output::human::{self, Level, Line};
use crate::output::{Output, json};
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

pub(crate) fn run(args: &Report, places: &Places, output: &mut Output) -> anyhow::Result<Code> {
    let places = places.with_managed(args.managed_settings.as_deref())?;
    let machine = Machine::read(&places);
    let (groups, cases) = checks::all(&machine);
    if !args.json {
        for group in groups.iter().filter(|group| !group.lines.is_empty()) {
            writeln!(output, "{}", human::heading(output, group.name))?;
            human::lines(output, &group.lines)?;
            writeln!(output)?;
        }
    }
    let lines = groups.into_iter().flat_map(|group| group.lines).collect();
    answer(lines, cases, args.json, output)
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
        let what = if ok {
            "the guard is in place"
        } else {
            "do not rely on the guard"
        };
        let version = env!("CARGO_PKG_VERSION");
        writeln!(
            output,
            "ccs {version}: {what}; {failed} failed, {warned} to look at"
        )?;
    }
    Ok(if ok { Code::Ok } else { Code::Findings })
}
