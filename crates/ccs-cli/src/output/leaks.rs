//! Findings of a scan, as a compiler names places, and never a secret itself.

use std::io::{self, Write};

use super::foreign::{not_read, printable};
use super::{Output, human};
use crate::scan::leak::Leak;
use crate::scan::size;
use crate::scan::tally::Report;

pub(crate) fn report(output: &mut Output, report: &Report) -> io::Result<()> {
    let open = report.findings.iter().filter(|leak| leak.is_open());
    for leak in open {
        one(output, leak)?;
    }
    notes(output, report)?;
    let files = report.files;
    let size = size::show(report.bytes);
    let text = format!("secretLeaks: {}", report.leaks);
    let text = human::heading(output, &text);
    writeln!(output, "{text}, files read: {files} ({size})")
}

fn one(output: &mut Output, leak: &Leak) -> io::Result<()> {
    let place = format!("{}:{}:{}", leak.path, leak.line, leak.column);
    let place = human::heading(output, &printable(&place));
    let (rule, title) = (&leak.rule, &leak.title);
    write!(output, "{place}: {rule}: {title}")?;
    if let Some(entry) = &leak.entry {
        write!(output, ", in `{entry}`")?;
    }
    if !leak.preview.is_empty() {
        write!(output, ": {}", printable(&leak.preview))?;
    }
    if let Some(commit) = &leak.commit {
        let short = commit.get(..12).unwrap_or(commit);
        write!(output, ", since commit {short}")?;
    }
    writeln!(output)
}

fn notes(output: &mut Output, report: &Report) -> io::Result<()> {
    not_read(output, &report.large, &report.unreadable)?;
    if report.binary > 0 {
        let count = report.binary;
        writeln!(
            output,
            "not read: files that are no text: {count}; --binary reads them"
        )?;
    }
    if report.accepted > 0 {
        writeln!(output, "accepted by the baseline: {}", report.accepted)?;
    }
    Ok(())
}
