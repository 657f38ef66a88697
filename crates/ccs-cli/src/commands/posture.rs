//! `ccs posture`: is this installation safe, and what can be done about it?

mod accept;
mod explain;
mod fix;

use ccs_integrity::posture::{Finding, Report, Severity};
use serde::Serialize;

use crate::args::posture::{Action, Posture};
use crate::exit::Code;
use crate::output::posture::{self as out, Result};
use crate::output::{Output, json};
use crate::places::Places;
use crate::posture::Look;
use crate::posture::baseline::{Baseline, Suppressed};
use crate::remember;
use crate::vault::now;

pub(crate) fn run(args: &Posture, places: &Places, output: &mut Output) -> anyhow::Result<Code> {
    match &args.action {
        Some(Action::Undo { json }) => fix::undo(*json, places, output),
        Some(Action::Accept(accept)) => accept::run(accept, places, output),
        Some(Action::Explain { id, json }) => explain::run(id, *json, output),
        None => look(args, places, output),
    }
}

fn look(args: &Posture, places: &Places, output: &mut Output) -> anyhow::Result<Code> {
    let places = &places.with_managed(args.place.managed_settings.as_deref())?;
    let mut look = Look::at(places, args.place.project.as_deref())?;
    look = look.with_version(args.claude_version.as_deref())?;
    look.target.deep = args.deep;
    let baseline = match args.no_baseline {
        true => Baseline::default(),
        false => Baseline::read(
            args.baseline.as_deref(),
            places,
            look.target.project.as_deref(),
        )?,
    };
    let mut report = look.audit(places);
    let (findings, suppressed) = baseline.split(std::mem::take(&mut report.findings), now());
    report.findings = findings;
    let checks: Vec<&str> = report.findings.iter().map(|finding| finding.id).collect();
    remember::posture(places, &checks);
    if args.fix {
        return fix::run(args, &look, &report, places, output);
    }
    let result = Result {
        report: &report,
        suppressed: &suppressed,
    };
    let form = &args.form;
    if form.json {
        json::value(
            output,
            &Answer::new(&report, &suppressed, args.fail_on.into()),
        )?;
    } else if form.sarif {
        out::sarif(output, &result)?;
    } else if form.md {
        out::markdown(output, &result)?;
    } else {
        out::human(output, &result, args.all)?;
    }
    Ok(code(&report, args.fail_on.into()))
}

/// A report that is not complete is never good news, whatever is in it.
fn code(report: &Report, fail_on: Severity) -> Code {
    if !report.is_complete() {
        Code::Unproven
    } else if report.worst().is_some_and(|worst| worst >= fail_on) {
        Code::Findings
    } else {
        Code::Ok
    }
}

#[derive(Serialize)]
struct Answer<'a> {
    version: &'static str,
    /// Complete, and nothing as bad as what was asked for.
    ok: bool,
    complete: bool,
    summary: Summary,
    #[serde(flatten)]
    report: &'a Report,
    suppressed: &'a [Suppressed],
}

#[derive(Serialize)]
struct Summary {
    critical: usize,
    high: usize,
    medium: usize,
    low: usize,
    info: usize,
    suppressed: usize,
}

impl<'a> Answer<'a> {
    fn new(report: &'a Report, suppressed: &'a [Suppressed], fail_on: Severity) -> Self {
        Answer {
            version: env!("CARGO_PKG_VERSION"),
            ok: code(report, fail_on) == Code::Ok,
            complete: report.is_complete(),
            summary: Summary {
                critical: out::count(report, Severity::Critical),
                high: out::count(report, Severity::High),
                medium: out::count(report, Severity::Medium),
                low: out::count(report, Severity::Low),
                info: out::count(report, Severity::Info),
                suppressed: suppressed.len(),
            },
            report,
            suppressed,
        }
    }
}

/// The findings that are meant by a fingerprint, by the beginning of one, or by the id of a check.
fn meant<'a>(findings: &'a [Finding], text: &str) -> Vec<&'a Finding> {
    let long_enough = text.len() >= 8;
    let fits = |finding: &&Finding| {
        finding.id == text || long_enough && finding.fingerprint.starts_with(text)
    };
    findings.iter().filter(fits).collect()
}
