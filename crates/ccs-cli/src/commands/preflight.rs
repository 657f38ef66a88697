//! `ccs preflight`: what would run, and where the key would go, if the client were started here.
//!
//! An unattended run skips the question whether a folder is trusted, and so does everything that
//! the client starts before it asks. So in a folder that is not trusted everything the repository
//! starts is a reason to stop, whether it looks harmful or not.

use std::path::Path;

use ccs_integrity::posture::{
    Base, Destination, Effect, Finding, Report, Scope, Severity, Start, Trouble, preflight,
};
use serde::Serialize;

use crate::args::posture::Preflight;
use crate::exit::Code;
use crate::output::{Output, json, preflight as out};
use crate::places::Places;
use crate::posture::{Eyes, Look, facts, scanners};

/// What speaks against starting the client here.
#[derive(Serialize)]
pub(crate) struct Verdict {
    /// Nothing speaks against it.
    pub(crate) ok: bool,
    pub(crate) trusted: bool,
    /// Findings that stop, the worst first.
    pub(crate) findings: Vec<Finding>,
    /// What the repository starts.
    pub(crate) starts: Vec<Start>,
    /// Whether that, or where the repository sends the key, stops, because nobody said that it is
    /// wanted.
    pub(crate) starts_stop: bool,
    /// Where requests and the key go, if not to Anthropic.
    pub(crate) sends: Vec<Destination>,
    pub(crate) incomplete: Vec<Trouble>,
}

pub(crate) fn run(args: &Preflight, places: &Places, output: &mut Output) -> anyhow::Result<Code> {
    let places = &places.with_managed(args.managed_settings.as_deref())?;
    let folder = args.dir.as_deref().unwrap_or(Path::new("."));
    let mut look = Look::at(places, Some(folder))?;
    look.target.quick = true;
    let eyes = Eyes::new();
    let report = preflight(&look.target, &scanners(&eyes), &facts::of(&look, places));
    let verdict = Verdict::of(report, args.fail_on.into(), args.trust);
    if args.json {
        json::value(output, &verdict)?;
    } else if !(args.quiet && verdict.ok) {
        out::write(output, &verdict)?;
    }
    Ok(verdict.code())
}

impl Verdict {
    fn of(report: Report, fail_on: Severity, trust: bool) -> Self {
        let broad = report
            .findings
            .iter()
            .any(|finding| finding.id == "trust.broad");
        // Trust that was given to a folder of clones says nothing about this one.
        let trusted = report.trusted && !broad;
        let stops = |finding: &Finding| {
            finding.severity >= fail_on
                && finding.effect != Effect::Ignored
                && (is_about_the_folder(finding) || finding.id == "trust.broad" && report.trusted)
        };
        let findings = report.findings.iter().filter(|finding| stops(finding));
        let findings: Vec<Finding> = findings.cloned().collect();
        let redirected = report.sends.iter().any(|send| send.from_repository);
        let starts_stop = (redirected || !report.starts.is_empty()) && !trusted && !trust;
        let ok = findings.is_empty() && !starts_stop && report.incomplete.is_empty();
        Verdict {
            ok,
            trusted,
            findings,
            starts: report.starts,
            starts_stop,
            sends: report.sends,
            incomplete: report.incomplete,
        }
    }

    fn code(&self) -> Code {
        match (self.ok, self.findings.is_empty() && !self.starts_stop) {
            (true, _) => Code::Ok,
            (false, true) => Code::Unproven,
            (false, false) => Code::Findings,
        }
    }
}

/// What the user himself set up was his decision; `ccs posture` speaks about it.
fn is_about_the_folder(finding: &Finding) -> bool {
    finding.place.base == Base::Project || matches!(finding.scope, Scope::Project | Scope::Local)
}
