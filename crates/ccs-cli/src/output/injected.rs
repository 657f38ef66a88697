//! Texts that speak to the model, as a compiler names places.

use std::io::{self, Write};

use super::foreign::{not_read, printable};
use super::{Output, human};
use crate::scan::injected::{Finding, Report, Sign};

pub(crate) fn report(output: &mut Output, report: &Report) -> io::Result<()> {
    for finding in &report.findings {
        one(output, finding)?;
    }
    not_read(output, &report.large, &report.unreadable)?;
    if report.binary > 0 {
        writeln!(
            output,
            "not read: files that are no text: {}",
            report.binary
        )?;
    }
    let verdict = human::heading(output, report.verdict.name());
    let found = report.findings.len();
    writeln!(
        output,
        "{verdict}: {found} of the texts read: {}",
        report.files
    )
}

fn one(output: &mut Output, finding: &Finding) -> io::Result<()> {
    let path = printable(&finding.path);
    let place = human::heading(output, &path);
    let (verdict, score) = (finding.verdict.name(), finding.score);
    writeln!(output, "{place}: {verdict} ({score:.2})")?;
    for sign in &finding.signals {
        let Sign { line, column, .. } = sign;
        let (rule, title, text) = (sign.rule, sign.title, &sign.text);
        write!(output, "  {path}:{line}:{column}: {rule}: {title}")?;
        if sign.view != "plain" {
            write!(output, " [{}]", sign.view)?;
        }
        writeln!(output, ": {text}")?;
    }
    Ok(())
}
