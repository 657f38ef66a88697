//! Findings as SARIF 2.1.0, the exchange format of code scanning.
//!
//! Knows nothing of who found what: the audit describes its rules and results in the words here,
//! and `scan` has its own; both share the log around them.

pub(crate) mod scan;

use std::collections::BTreeSet;
use std::io::{self, Write};

use serde_json::{Value, json};

use super::Output;

const SCHEMA: &str =
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

/// A kind of finding.
pub(crate) struct Rule<'a> {
    pub(crate) id: &'a str,
    pub(crate) title: &'a str,
    /// What to do.
    pub(crate) help: &'a str,
    /// 0 to 10, as code scanning sorts by.
    pub(crate) score: &'a str,
    /// Entries of other catalogues: the catalogue's name and the id there.
    pub(crate) maps: Vec<(&'a str, &'a str)>,
}

/// One finding.
pub(crate) struct Result<'a> {
    pub(crate) rule: &'a str,
    pub(crate) level: Level,
    pub(crate) message: String,
    /// With `/` between names; not encoded.
    pub(crate) path: String,
    /// What the path is relative to, such as `PROJECT`; `None` if it is absolute.
    pub(crate) base: Option<&'a str>,
    /// Counted from 1; 0 if it is about the file.
    pub(crate) line: usize,
    /// In characters, counted from 1; 0 if it is about the line.
    pub(crate) column: usize,
    /// Stays the same when lines move.
    pub(crate) fingerprint: &'a str,
    /// Why it is left out, if it is.
    pub(crate) accepted: Option<&'a str>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Level {
    Error,
    Warning,
    Note,
}

impl Level {
    fn word(self) -> &'static str {
        match self {
            Level::Error => "error",
            Level::Warning => "warning",
            Level::Note => "note",
        }
    }
}

/// Something that could not be looked at.
pub(crate) struct Trouble {
    pub(crate) path: String,
    pub(crate) base: Option<&'static str>,
    pub(crate) why: String,
}

/// Writes one run. A run with troubles says that it was not complete.
pub(crate) fn write(
    output: &mut Output,
    rules: &[Rule<'_>],
    results: &[Result<'_>],
    troubles: &[Trouble],
) -> io::Result<()> {
    serde_json::to_writer_pretty(&mut *output, &audited(rules, results, troubles))?;
    writeln!(output)
}

fn audited(rules: &[Rule<'_>], results: &[Result<'_>], troubles: &[Trouble]) -> Value {
    let maps = rules.iter().flat_map(|rule| &rule.maps);
    let catalogues: BTreeSet<&str> = maps.map(|map| map.0).collect();
    let bases: BTreeSet<&str> = results.iter().filter_map(|result| result.base).collect();
    let bases = bases.into_iter().map(|base| {
        let text = format!("The folder called {base} in this report");
        (base.to_owned(), json!({"description": {"text": text}}))
    });
    let mut log = log(
        rules.iter().map(rule).collect(),
        results.iter().map(|one| result(one, rules)).collect(),
        troubles.iter().map(trouble).collect(),
        troubles.is_empty(),
    );
    let run = &mut log["runs"][0];
    let named = catalogues.iter().map(|name| json!({"name": name}));
    run["tool"]["driver"]["supportedTaxonomies"] = named.collect();
    run["taxonomies"] = catalogues
        .iter()
        .map(|name| taxonomy(name, rules))
        .collect();
    run["originalUriBaseIds"] = Value::Object(bases.collect());
    log
}

/// What every log has: one run of ccs with its rules, its results, and whether it was complete.
fn log(rules: Vec<Value>, results: Vec<Value>, notes: Vec<Value>, complete: bool) -> Value {
    json!({
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {
                "name": "ccs",
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "informationUri": env!("CARGO_PKG_REPOSITORY"),
                "rules": rules,
            }},
            "columnKind": "unicodeCodePoints",
            "invocations": [{
                "executionSuccessful": complete,
                "toolExecutionNotifications": notes,
            }],
            "results": results,
        }],
    })
}

fn rule(rule: &Rule<'_>) -> Value {
    let relationships = rule.maps.iter().map(|(catalogue, id)| {
        json!({
            "target": {"id": id, "toolComponent": {"name": catalogue}},
            "kinds": ["relevant"],
        })
    });
    let tags = rule
        .maps
        .iter()
        .map(|(catalogue, id)| format!("{catalogue}/{id}"));
    let tags = std::iter::once("security".to_owned()).chain(tags);
    json!({
        "id": rule.id,
        "shortDescription": {"text": rule.title},
        "help": {"text": rule.help},
        "relationships": relationships.collect::<Vec<_>>(),
        "properties": {"security-severity": rule.score, "tags": tags.collect::<Vec<_>>()},
    })
}

fn taxonomy(name: &str, rules: &[Rule<'_>]) -> Value {
    let maps = rules.iter().flat_map(|rule| &rule.maps);
    let ids: BTreeSet<&str> = maps.filter(|map| map.0 == name).map(|map| map.1).collect();
    json!({"name": name, "taxa": ids.iter().map(|id| json!({"id": id})).collect::<Vec<_>>()})
}

fn result(result: &Result<'_>, rules: &[Rule<'_>]) -> Value {
    let mut value = json!({
        "ruleId": result.rule,
        "level": result.level.word(),
        "message": {"text": result.message},
        "locations": [{"physicalLocation": location(&result.path, result.base, result.line, result.column)}],
        "partialFingerprints": {"ccs/v1": result.fingerprint},
    });
    if let Some(index) = rules.iter().position(|rule| rule.id == result.rule) {
        value["ruleIndex"] = json!(index);
    }
    if let Some(reason) = result.accepted {
        value["suppressions"] =
            json!([{"kind": "external", "status": "accepted", "justification": reason}]);
    }
    value
}

fn location(path: &str, base: Option<&str>, line: usize, column: usize) -> Value {
    let mut artifact = match base {
        Some(base) => json!({"uri": uri(path), "uriBaseId": base}),
        None => json!({"uri": uri(path)}),
    };
    if path.is_empty() {
        artifact["uri"] = json!("./");
    }
    let mut location = json!({"artifactLocation": artifact});
    if line > 0 {
        location["region"] = json!({"startLine": line});
        if column > 0 {
            location["region"]["startColumn"] = json!(column);
        }
    }
    location
}

fn trouble(trouble: &Trouble) -> Value {
    json!({
        "level": "error",
        "message": {"text": trouble.why},
        "locations": [{"physicalLocation": location(&trouble.path, trouble.base, 0, 0)}],
    })
}

/// A path as a reference: what is no plain character in one is escaped.
fn uri(path: &str) -> String {
    let absolute = path.starts_with('/').then_some("file://");
    let mut uri = absolute.unwrap_or_default().to_owned();
    for byte in path.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'.' | b'-' | b'_' | b'~' => {
                uri.push(char::from(byte));
            }
            b'\\' => uri.push('/'),
            _ => uri.push_str(&format!("%{byte:02X}")),
        }
    }
    uri
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_encoded_as_an_address_wants_it() {
        assert_eq!(uri("a b/ü#.md"), "a%20b/%C3%BC%23.md");
    }

    #[test]
    fn a_finding_about_a_file_has_no_region() {
        assert!(location("a", Some("HOME"), 0, 0).get("region").is_none());
        assert_eq!(location("a", None, 3, 0)["region"], json!({"startLine": 3}));
    }
}
