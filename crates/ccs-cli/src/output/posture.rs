//! The audit for people and programs: short on a terminal, whole as Markdown, SARIF and JSON.

use std::io::{self, Write};

use ccs_integrity::posture::catalog::{self, Check};
use ccs_integrity::posture::{Base, Effect, Finding, Report, Severity};

use super::human::{self, Tone};
use super::{Output, sarif};
use crate::posture::baseline::Suppressed;
use crate::posture::{SEVERITIES, shown, word};

/// So many places of one check are shown.
const PLACES: usize = 3;

/// What an audit came to.
pub(crate) struct Result<'a> {
    pub(crate) report: &'a Report,
    pub(crate) suppressed: &'a [Suppressed],
}

/// Findings of one check that have the same effect, and how bad the worst is.
struct Group<'a> {
    check: &'a str,
    severity: Severity,
    effect: Effect,
    findings: Vec<&'a Finding>,
}

fn grouped<'a>(findings: impl Iterator<Item = &'a Finding>) -> Vec<Group<'a>> {
    let mut groups: Vec<Group<'a>> = Vec::new();
    for finding in findings {
        let same =
            |group: &&mut Group<'_>| group.check == finding.id && group.effect == finding.effect;
        match groups.iter_mut().find(same) {
            Some(group) => {
                group.severity = group.severity.max(finding.severity);
                group.findings.push(finding);
            }
            None => groups.push(Group {
                check: finding.id,
                severity: finding.severity,
                effect: finding.effect,
                findings: vec![finding],
            }),
        }
    }
    groups
}

/// Writes what matters; all of it with `all`.
pub(crate) fn human(output: &mut Output, result: &Result<'_>, all: bool) -> io::Result<()> {
    let report = result.report;
    let matters = |finding: &&Finding| {
        all || finding.severity >= Severity::Medium && finding.effect != Effect::Ignored
    };
    let groups = grouped(report.findings.iter().filter(matters));
    for group in &groups {
        self::group(output, group, all)?;
    }
    for trouble in &report.incomplete {
        let path = short(trouble.base, &trouble.path);
        writeln!(
            output,
            "{} {path}: {}",
            human::toned(output, Tone::Bad, "not read"),
            trouble.why
        )?;
    }
    if !groups.is_empty() || !report.incomplete.is_empty() {
        writeln!(output)?;
    }
    let shown: usize = groups.iter().map(|group| group.findings.len()).sum();
    summary(output, result, report.findings.len() - shown)
}

fn group(output: &mut Output, group: &Group<'_>, all: bool) -> io::Result<()> {
    let tone = match group.severity {
        Severity::Critical | Severity::High => Tone::Bad,
        Severity::Medium => Tone::Odd,
        Severity::Low | Severity::Info => Tone::Plain,
    };
    let severity = human::toned(output, tone, &format!("{:<8}", word(group.severity)));
    let first = group.findings[0];
    let effect = match group.effect {
        Effect::Active => "",
        Effect::Always => " (needs no trust)",
        Effect::OnTrust => " (once the folder is trusted)",
        Effect::Ignored => " (without effect)",
    };
    writeln!(
        output,
        "{severity} {} [{}]{effect}",
        first.title, group.check
    )?;
    let most = if all { usize::MAX } else { PLACES };
    for finding in group.findings.iter().take(most) {
        let evidence = match finding.evidence.as_str() {
            "" => String::new(),
            evidence => format!("  {evidence}"),
        };
        writeln!(output, "         {}{evidence}", shown(&finding.place))?;
    }
    if group.findings.len() > most {
        writeln!(output, "         and {} more", group.findings.len() - most)?;
    }
    writeln!(output, "      -> {}", first.fix.text)
}

fn summary(output: &mut Output, result: &Result<'_>, hidden: usize) -> io::Result<()> {
    let report = result.report;
    let counts: Vec<String> = SEVERITIES
        .iter()
        .filter_map(|&severity| {
            let number = count(report, severity);
            (number > 0).then(|| format!("{number} {}", word(severity)))
        })
        .collect();
    let text = match counts.is_empty() {
        true => "nothing found".to_owned(),
        false => counts.join(", "),
    };
    let mut notes = Vec::new();
    if hidden > 0 {
        notes.push(format!("{hidden} not shown: --all"));
    }
    if !result.suppressed.is_empty() {
        notes.push(format!("{} accepted", result.suppressed.len()));
    }
    let fixable = report.findings.iter();
    let fixable = fixable
        .filter(|finding| finding.fix.auto == catalog::Auto::Yes)
        .count();
    if fixable > 0 {
        notes.push(format!("{fixable} to repair with --fix"));
    }
    if !report.is_complete() {
        notes.push("NOT COMPLETE".to_owned());
    }
    let notes = match notes.is_empty() {
        true => String::new(),
        false => format!(" ({})", notes.join("; ")),
    };
    writeln!(output, "posture: {text}{notes}")
}

pub(crate) fn count(report: &Report, severity: Severity) -> usize {
    report
        .findings
        .iter()
        .filter(|finding| finding.severity == severity)
        .count()
}

fn short(base: Base, path: &str) -> String {
    shown(&ccs_integrity::posture::Place {
        base,
        path: path.to_owned(),
        line: 0,
        column: 0,
    })
}

/// Writes a report with every finding.
pub(crate) fn markdown(output: &mut Output, result: &Result<'_>) -> io::Result<()> {
    let report = result.report;
    writeln!(output, "# Posture\n")?;
    let client = report.client.as_deref().unwrap_or("of unknown version");
    let trusted = if report.trusted {
        "trusted"
    } else {
        "not trusted"
    };
    writeln!(output, "Claude Code {client}; the folder is {trusted}.\n")?;
    writeln!(output, "| severity | findings |\n|---|---|")?;
    for severity in SEVERITIES {
        writeln!(
            output,
            "| {} | {} |",
            word(severity),
            count(report, severity)
        )?;
    }
    for group in grouped(report.findings.iter()) {
        let first = group.findings[0];
        writeln!(output, "\n## {}: {}\n", word(group.severity), first.title)?;
        let maps = first.maps;
        writeln!(
            output,
            "`{}`, {}. OWASP {} and {}, ATLAS {}, CIS {}. **{}.**\n",
            group.check,
            effect(group.effect),
            maps.owasp_agentic,
            maps.owasp_llm,
            maps.atlas,
            maps.cis,
            first.fix.text,
        )?;
        for finding in &group.findings {
            let number = &finding.fingerprint[..12.min(finding.fingerprint.len())];
            writeln!(
                output,
                "* {} {} ({number})",
                code(&shown(&finding.place)),
                code(&finding.evidence)
            )?;
        }
    }
    if !result.suppressed.is_empty() {
        writeln!(output, "\n## Accepted\n")?;
    }
    for one in result.suppressed {
        let place = code(&shown(&one.finding.place));
        writeln!(
            output,
            "* `{}` at {place} until {}: {}",
            one.finding.id,
            one.expires,
            plain(&one.reason)
        )?;
    }
    if !report.incomplete.is_empty() {
        writeln!(output, "\n## Not complete\n")?;
    }
    for trouble in &report.incomplete {
        writeln!(
            output,
            "* {}: {}",
            code(&short(trouble.base, &trouble.path)),
            trouble.why
        )?;
    }
    Ok(())
}

/// As code in Markdown, whatever it holds.
fn code(text: &str) -> String {
    match text {
        "" => String::new(),
        text => format!("`` {} ``", text.replace('`', "'")),
    }
}

fn plain(text: &str) -> String {
    text.replace(['\n', '\r', '|', '`', '<', '['], " ")
}

fn effect(effect: Effect) -> &'static str {
    match effect {
        Effect::Always => "needs no trust",
        Effect::Active => "in force",
        Effect::OnTrust => "in force once the folder is trusted",
        Effect::Ignored => "without effect",
    }
}

/// Writes SARIF: rules for what was found, accepted findings marked as such.
pub(crate) fn sarif(output: &mut Output, result: &Result<'_>) -> io::Result<()> {
    let accepted = result.suppressed.iter();
    let accepted = accepted.map(|one| (&one.finding, Some(one.reason.as_str())));
    let all = result
        .report
        .findings
        .iter()
        .map(|finding| (finding, None))
        .chain(accepted);
    let all: Vec<(&Finding, Option<&str>)> = all.collect();
    let found = |check: &&Check| all.iter().any(|(finding, _)| finding.id == check.id);
    let rules: Vec<sarif::Rule<'_>> = catalog::all().iter().filter(found).map(rule).collect();
    let results: Vec<sarif::Result<'_>> = all
        .iter()
        .map(|(finding, reason)| of(finding, *reason))
        .collect();
    let troubles = result
        .report
        .incomplete
        .iter()
        .map(|trouble| sarif::Trouble {
            path: trouble.path.clone(),
            base: base(trouble.base),
            why: trouble.why.clone(),
        });
    sarif::write(output, &rules, &results, &troubles.collect::<Vec<_>>())
}

fn rule(check: &Check) -> sarif::Rule<'_> {
    sarif::Rule {
        id: check.id,
        title: check.title,
        help: check.fix,
        score: score(check.severity),
        maps: vec![
            ("OWASP-Agentic-2026", check.maps.owasp_agentic),
            ("OWASP-LLM-2025", check.maps.owasp_llm),
            ("MITRE-ATLAS", check.maps.atlas),
            ("CIS-Controls-8.1", check.maps.cis),
        ],
    }
}

fn score(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical => "9.5",
        Severity::High => "8.0",
        Severity::Medium => "5.5",
        Severity::Low => "3.0",
        Severity::Info => "0.0",
    }
}

fn of<'a>(finding: &'a Finding, accepted: Option<&'a str>) -> sarif::Result<'a> {
    let level = match finding.severity {
        Severity::Critical | Severity::High => sarif::Level::Error,
        Severity::Medium => sarif::Level::Warning,
        Severity::Low | Severity::Info => sarif::Level::Note,
    };
    sarif::Result {
        rule: finding.id,
        level,
        message: format!(
            "{} ({}). {}",
            finding.title,
            effect(finding.effect),
            finding.evidence
        ),
        path: finding.place.path.clone(),
        base: base(finding.place.base),
        line: finding.place.line,
        column: finding.place.column,
        fingerprint: &finding.fingerprint,
        accepted,
    }
}

fn base(base: Base) -> Option<&'static str> {
    match base {
        Base::Home => Some("HOME"),
        Base::Project => Some("PROJECT"),
        Base::Managed => Some("MANAGED"),
        Base::Root => None,
    }
}
