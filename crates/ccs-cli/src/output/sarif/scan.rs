//! Findings of a scan as SARIF 2.1.0, the form that code hosts and editors read.

use std::collections::BTreeMap;

use ccs_gate::Severity;
use serde_json::{Value, json};

use super::uri;
use crate::scan::leak::Leak;
use crate::scan::tally::Report;

/// The log of one run.
pub(crate) fn log(report: &Report) -> Value {
    let mut rules = BTreeMap::new();
    for leak in &report.findings {
        rules.entry(leak.rule.as_ref()).or_insert(leak);
    }
    let index = |leak: &Leak| rules.keys().position(|id| *id == leak.rule);
    let results: Vec<Value> = report
        .findings
        .iter()
        .map(|leak| result(leak, index(leak)))
        .collect();
    let rules: Vec<Value> = rules.values().map(|leak| rule(leak)).collect();
    let complete = report.unreadable.is_empty();
    super::log(rules, results, notifications(report), complete)
}

fn rule(leak: &Leak) -> Value {
    json!({
        "id": leak.rule,
        "shortDescription": {"text": leak.title},
        "defaultConfiguration": {"level": level(leak.severity)},
        "properties": {
            "tags": ["security", "secret"],
            "security-severity": score(leak.severity),
        },
    })
}

fn result(leak: &Leak, rule: Option<usize>) -> Value {
    let mut result = json!({
        "ruleId": leak.rule,
        "level": level(leak.severity),
        "message": {"text": message(leak)},
        "locations": [{"physicalLocation": place(leak)}],
        "properties": {"confidence": leak.confidence},
    });
    if let Some(index) = rule {
        result["ruleIndex"] = index.into();
    }
    if let Some(commit) = &leak.commit {
        result["properties"]["commit"] = commit.as_str().into();
    }
    if let Some(accepted) = &leak.accepted {
        let why = &accepted.reason;
        result["suppressions"] = json!([{"kind": "external", "justification": why}]);
    }
    result
}

fn message(leak: &Leak) -> String {
    let shown = match leak.preview.as_str() {
        "" => String::new(),
        preview => format!(": {preview}"),
    };
    match leak.rotate {
        Some(rotate) => format!("{}{shown}. Replace it: {rotate}", leak.title),
        None => format!("{}{shown}", leak.title),
    }
}

/// Columns count characters here.
fn place(leak: &Leak) -> Value {
    let mut place = json!({"artifactLocation": {"uri": uri(&leak.path)}});
    if leak.end > leak.start {
        place["region"] = json!({
            "startLine": leak.line,
            "startColumn": leak.characters.0,
            "endLine": leak.end_line,
            "endColumn": leak.characters.1,
            "byteOffset": leak.start,
            "byteLength": leak.end - leak.start,
        });
    }
    place
}

fn notifications(report: &Report) -> Vec<Value> {
    let note = |level: &str, text: String| json!({"level": level, "message": {"text": text}});
    let large = report.large.iter();
    let large = large.map(|path| note("warning", format!("{path} is too large and was not read")));
    let unreadable = report.unreadable.iter();
    large
        .chain(unreadable.map(|why| note("error", why.clone())))
        .collect()
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Info | Severity::Low => "note",
        Severity::Medium => "warning",
        Severity::High | Severity::Critical => "error",
    }
}

/// What code hosts sort by, from 0 to 10.
fn score(severity: Severity) -> &'static str {
    match severity {
        Severity::Info => "1.0",
        Severity::Low => "3.0",
        Severity::Medium => "5.5",
        Severity::High => "8.0",
        Severity::Critical => "9.5",
    }
}
