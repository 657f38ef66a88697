//! Findings that their owner accepts.

use std::env;

use ccs_integrity::posture::Severity;

use super::meant;
use crate::args::posture::Accept;
use crate::exit::{Code, Stop};
use crate::output::Output;
use crate::output::human::{self, Level, Line};
use crate::places::Places;
use crate::plan::{self, Change, Kind};
use crate::posture::baseline::{Accepted, Baseline, FILE};
use crate::posture::{Look, shown};
use crate::state;
use crate::vault::{date, now};

pub(super) fn run(args: &Accept, places: &Places, output: &mut Output) -> anyhow::Result<Code> {
    let places = &places.with_managed(args.place.managed_settings.as_deref())?;
    if args.reason.trim().is_empty() {
        let stop = Stop::new(Code::Usage, "the reason is empty");
        return Err(stop.next("say why that is all right here").into());
    }
    let Some(end) = args.expires.at(now()) else {
        let stop = Stop::new(Code::Usage, "what is accepted has to end some day");
        return Err(stop.next("--expires 90d").into());
    };
    let look = Look::at(places, args.place.project.as_deref())?;
    let report = look.audit(places);
    let findings = meant(&report.findings, &args.finding);
    if findings.is_empty() {
        let stop = Stop::new(
            Code::Usage,
            format!("nothing found is called `{}`", args.finding),
        );
        return Err(stop.next("ccs posture --all").into());
    }
    if !args.accept_critical
        && findings
            .iter()
            .any(|one| one.severity == Severity::Critical)
    {
        let stop = Stop::new(Code::Refused, "it is critical");
        return Err(stop
            .next("look at it again; --accept-critical accepts it all the same")
            .into());
    }
    let writer = state::writer(places)?;
    let mut baseline = Baseline::read(None, places, look.target.project.as_deref())?;
    let mut lines = Vec::new();
    for finding in findings {
        baseline
            .lines
            .retain(|old| old.fingerprint != finding.fingerprint);
        baseline.lines.push(Accepted {
            fingerprint: finding.fingerprint.clone(),
            id: finding.id.to_owned(),
            path: shown(&finding.place),
            reason: args.reason.clone(),
            author: author(),
            expires: date::day(end),
        });
        let text = format!(
            "{} at {} accepted until {}",
            finding.id,
            shown(&finding.place),
            date::day(end)
        );
        lines.push(Line::new(Level::Done, "accepted", text));
    }
    let change = Change::to(places.in_state(FILE), Some(baseline.to_bytes()), Kind::Own)?;
    let writer = plan::allow(writer, std::slice::from_ref(&change));
    plan::make([&change], &writer)?;
    human::lines(output, &lines)?;
    Ok(Code::Ok)
}

fn author() -> String {
    ["SUDO_USER", "USER", "USERNAME"]
        .iter()
        .find_map(|name| env::var(name).ok().filter(|value| !value.is_empty()))
        .unwrap_or_else(|| "unknown".to_owned())
}
