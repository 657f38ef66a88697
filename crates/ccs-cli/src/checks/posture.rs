//! What the audit of the installation comes to, in one line for each severity that matters.

use ccs_integrity::posture::{Effect, Report, Severity};

use super::Machine;
use crate::output::human::Line;
use crate::posture::Look;

/// The audit of this machine and the current folder, without what stands in other lines; `None` if it could not be made.
pub(crate) fn report(machine: &Machine<'_>) -> Option<Report> {
    let look = Look::at(machine.places, None).ok()?;
    Some(look.alone())
}

pub(crate) fn check(report: Option<&Report>) -> Vec<Line> {
    let Some(report) = report else {
        let text = "the installation could not be audited";
        return vec![Line::fail("posture", text).fix("ccs posture")];
    };
    let count = |severity| {
        let findings = report.findings.iter();
        findings
            .filter(|one| one.severity == severity && one.effect != Effect::Ignored)
            .count()
    };
    let (critical, high, medium) = (
        count(Severity::Critical),
        count(Severity::High),
        count(Severity::Medium),
    );
    let mut lines = Vec::new();
    if critical > 0 {
        lines.push(Line::fail(
            "posture.critical",
            format!("{critical} critical findings"),
        ));
    }
    if high + medium > 0 {
        let text = format!("{high} high and {medium} medium findings");
        lines.push(Line::warn("posture.findings", text));
    }
    if !report.is_complete() {
        let text = format!("{} places could not be looked at", report.incomplete.len());
        lines.push(Line::warn("posture.incomplete", text));
    }
    if lines.is_empty() {
        let text = "nothing found that is medium or worse";
        return vec![Line::ok("posture", text)];
    }
    lines
        .into_iter()
        .map(|line| line.fix("ccs posture"))
        .collect()
}
