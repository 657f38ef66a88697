//! What is left in code, for people, programs and code hosts. No line of the code is quoted: it may
//! hold a secret.

use std::collections::BTreeMap;
use std::io::{self, Write};

use ccs_gate::Severity;
use ccs_gate::quality::{Finding, Rule};
use serde::Serialize;
use serde_json::json;

use super::foreign::printable;
use super::sarif::{self, Level, Trouble};
use super::{Output, human, json};

/// A finding and where it is.
#[derive(Debug, Serialize)]
pub(crate) struct One {
    pub(crate) path: String,
    #[serde(flatten)]
    pub(crate) finding: Finding,
}

impl One {
    pub(crate) fn new(path: String, finding: Finding) -> Self {
        Self { path, finding }
    }
}

/// What a run found.
#[derive(Debug, Default, Serialize)]
pub(crate) struct Report {
    pub(crate) findings: Vec<One>,
    /// What stays for a reason that the code gives.
    pub(crate) accepted: Vec<One>,
    /// How many files were looked through.
    pub(crate) files: usize,
    /// What could not be read, and why.
    pub(crate) unreadable: Vec<String>,
}

impl Report {
    pub(crate) fn sort(&mut self) {
        let key = |one: &One| (one.path.clone(), one.finding.line, one.finding.rule.clone());
        self.findings.sort_by_key(key);
        self.accepted.sort_by_key(key);
    }
}

pub(crate) fn human(output: &mut Output, report: &Report) -> io::Result<()> {
    for one in &report.findings {
        let Finding {
            rule,
            title,
            advice,
            line,
            ..
        } = &one.finding;
        let place = human::heading(output, &printable(&format!("{}:{line}", one.path)));
        writeln!(output, "{place}: {rule}: {}. {advice}", printable(title))?;
    }
    for one in &report.accepted {
        let reason = one.finding.accepted.as_deref().unwrap_or_default();
        let place = printable(&format!("{}:{}", one.path, one.finding.line));
        writeln!(
            output,
            "left as it is: {place}: {}: {}",
            one.finding.rule,
            printable(reason)
        )?;
    }
    for why in &report.unreadable {
        writeln!(output, "not read: {}", printable(why))?;
    }
    let text = human::heading(output, &format!("unfinished: {}", report.findings.len()));
    writeln!(output, "{text}, files read: {}", report.files)
}

pub(crate) fn rules(output: &mut Output, rules: &[Rule], as_json: bool) -> anyhow::Result<()> {
    if as_json {
        let row = |rule: &Rule| json!({"id": rule.id, "title": rule.title, "severity": rule.severity, "advice": rule.advice});
        return Ok(json::value(
            output,
            &rules.iter().map(row).collect::<Vec<_>>(),
        )?);
    }
    for rule in rules {
        let severity = word(rule.severity);
        writeln!(output, "{:<24} {severity:<8} {}", rule.id, rule.title)?;
    }
    Ok(())
}

pub(crate) fn sarif(output: &mut Output, report: &Report) -> io::Result<()> {
    let all: Vec<(&One, String)> = report
        .findings
        .iter()
        .chain(&report.accepted)
        .map(|one| (one, print(one)))
        .collect();
    let known: BTreeMap<&str, &Finding> = all
        .iter()
        .map(|(one, _)| (&*one.finding.rule, &one.finding))
        .collect();
    let rules: Vec<_> = known.values().map(|finding| rule(finding)).collect();
    let results: Vec<_> = all.iter().map(|(one, print)| result(one, print)).collect();
    let troubles = report.unreadable.iter().map(|why| Trouble {
        path: String::new(),
        base: None,
        why: why.clone(),
    });
    sarif::write(output, &rules, &results, &troubles.collect::<Vec<_>>())
}

fn rule(finding: &Finding) -> sarif::Rule<'_> {
    sarif::Rule {
        id: &finding.rule,
        title: &finding.title,
        help: &finding.advice,
        score: match finding.severity {
            Severity::Info => "1.0",
            Severity::Low => "3.0",
            Severity::Medium => "5.5",
            Severity::High => "8.0",
            Severity::Critical => "9.5",
        },
        maps: Vec::new(),
    }
}

fn result<'a>(one: &'a One, print: &'a str) -> sarif::Result<'a> {
    let Finding {
        rule,
        title,
        advice,
        severity,
        line,
        accepted,
        ..
    } = &one.finding;
    sarif::Result {
        rule,
        level: match severity {
            Severity::Info | Severity::Low => Level::Note,
            Severity::Medium => Level::Warning,
            Severity::High | Severity::Critical => Level::Error,
        },
        message: format!("{title}. {advice}"),
        path: one.path.clone(),
        base: None,
        line: *line,
        column: 0,
        fingerprint: print,
        accepted: accepted.as_deref(),
    }
}

/// What the finding is known by. Lines move, but where nothing is quoted they are all there is.
fn print(one: &One) -> String {
    format!("{}:{}:{}", one.finding.rule, one.path, one.finding.line)
}

fn word(severity: Severity) -> &'static str {
    match severity {
        Severity::Info => "info",
        Severity::Low => "low",
        Severity::Medium => "medium",
        Severity::High => "high",
        Severity::Critical => "critical",
    }
}
