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
    let (lines, cases) = checks::all(&machine);
    answer(lines, cases, args.json, output)
}

/// Writes the lines and a summary; findings are the failed ones.
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
        human::lines(output, &checks)?;
        writeln!(
            output,
            "ccs {}: {failed} failed, {warned} to look at",
            env!("CARGO_PKG_VERSION")
        )?;
    }
    Ok(if ok { Code::Ok } else { Code::Findings })
}
