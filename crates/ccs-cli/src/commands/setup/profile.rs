//! A profile that was asked for: whether it fits, and what is left to find with it.

use ccs_integrity::posture::Severity;

use crate::args::{Scope, Setup};
use crate::exit::{Code, Stop};
use crate::output::human::Line;
use crate::places::Places;
use crate::posture::{Look, shown};
use crate::profile::Profile;

/// Most of what a team needs counts in managed settings only.
pub(super) fn must_fit(args: &Setup) -> Result<(), Stop> {
    if args.profile == Some(Profile::Team) && args.scope != Scope::Managed {
        let stop = Stop::new(Code::Usage, "the profile `team` is for managed settings");
        return Err(stop.next("add --scope managed, or take the profile `strict`"));
    }
    Ok(())
}

/// What the audit still finds, the worst first: settings that no profile writes.
pub(super) fn outcome(args: &Setup, places: &Places) -> anyhow::Result<Vec<Line>> {
    if args.profile.is_none_or(|profile| profile.is_none()) {
        return Ok(Vec::new());
    }
    let report = Look::at(places, None)?.audit(places);
    let bad = report
        .findings
        .iter()
        .filter(|one| one.severity >= Severity::Medium);
    let lines: Vec<Line> = bad
        .map(|finding| {
            let text = format!(
                "{} at {} [{}]",
                finding.title,
                shown(&finding.place),
                finding.id
            );
            Line::warn("profile", text).fix(finding.fix.text)
        })
        .collect();
    Ok(match lines.is_empty() {
        true => vec![Line::ok(
            "profile",
            "the audit finds nothing that is medium or worse",
        )],
        false => lines,
    })
}
