//! What speaks against starting the client, for people: a few lines.

use std::io::{self, Write};

use super::Output;
use super::human::{self, Tone};
use crate::commands::preflight::Verdict;
use crate::posture::{shown, word};

/// So many lines of one kind are shown.
const MOST: usize = 10;

pub(crate) fn write(output: &mut Output, verdict: &Verdict) -> io::Result<()> {
    for finding in verdict.findings.iter().take(MOST) {
        let severity = human::toned(output, Tone::Bad, &format!("{:<8}", word(finding.severity)));
        writeln!(output, "{severity} {} [{}]", finding.title, finding.id)?;
        writeln!(
            output,
            "         {}  {}",
            shown(&finding.place),
            finding.evidence
        )?;
    }
    more(output, verdict.findings.len())?;
    for start in verdict.starts.iter().take(MOST) {
        let tone = if verdict.starts_stop {
            Tone::Bad
        } else {
            Tone::Plain
        };
        let starts = human::toned(output, tone, "starts  ");
        writeln!(output, "{starts} {}: {}", start.what, start.runs)?;
        writeln!(output, "         {}", shown(&start.place))?;
    }
    more(output, verdict.starts.len())?;
    for send in &verdict.sends {
        let tone = if send.from_repository {
            Tone::Bad
        } else {
            Tone::Odd
        };
        let sends = human::toned(output, tone, "sends   ");
        let place = send
            .place
            .as_ref()
            .map_or_else(|| "the environment".to_owned(), shown);
        writeln!(
            output,
            "{sends} requests and key go to {} ({}, {place})",
            send.host, send.variable
        )?;
    }
    for trouble in &verdict.incomplete {
        writeln!(output, "not read {}: {}", trouble.path, trouble.why)?;
    }
    writeln!(output, "preflight: {}", end(verdict))
}

fn end(verdict: &Verdict) -> &'static str {
    let quiet = verdict.starts.is_empty() && verdict.sends.is_empty();
    let found = !verdict.findings.is_empty();
    match (verdict.ok, found, verdict.starts_stop) {
        (true, ..) if quiet => "nothing here starts by itself or sends the key elsewhere",
        (true, ..) => "nothing here that you did not allow",
        (false, true, _) => "STOP. Look at this first",
        (false, false, true) => {
            "STOP. Look at what this folder does by itself; --trust goes on if it is wanted"
        }
        (false, false, false) => "STOP. Not everything could be looked at",
    }
}

fn more(output: &mut Output, number: usize) -> io::Result<()> {
    match number.checked_sub(MOST) {
        Some(more) if more > 0 => writeln!(output, "         and {more} more"),
        _ => Ok(()),
    }
}
