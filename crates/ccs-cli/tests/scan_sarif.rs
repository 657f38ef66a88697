//! `ccs scan --sarif` keeps to the schema of SARIF 2.1.0, as far as it is used: which members an
//! object may and must have, of which type, and what they refer to. The schema itself allows no
//! others in any of these objects.
#![cfg(unix)]

mod support;

use serde_json::Value;
use support::Machine;

/// An object of the schema: its members, those that it must have with `!`.
type Object = &'static [(&'static str, Kind)];

#[derive(Clone, Copy)]
enum Kind {
    Text,
    /// A number, at least this.
    Number(u64),
    Bool,
    One(&'static [&'static str]),
    Of(Object),
    List(&'static Kind),
    /// A bag of properties: anything.
    Bag,
}

use Kind::{Bag, Bool, List, Number, Of, One, Text};

const LEVEL: Kind = One(&["none", "note", "warning", "error"]);
const MESSAGE: Kind = Of(&[("text!", Text)]);
const RULE: Kind = Of(&[
    ("id!", Text),
    ("shortDescription", MESSAGE),
    ("defaultConfiguration", Of(&[("level", LEVEL)])),
    ("properties", Bag),
]);
const DRIVER: Kind = Of(&[
    ("name!", Text),
    ("semanticVersion", Text),
    ("informationUri", Text),
    ("rules", List(&RULE)),
]);
const REGION: Kind = Of(&[
    ("startLine", Number(1)),
    ("startColumn", Number(1)),
    ("endLine", Number(1)),
    ("endColumn", Number(1)),
    ("byteOffset", Number(0)),
    ("byteLength", Number(1)),
]);
const LOCATION: Kind = Of(&[(
    "physicalLocation",
    Of(&[
        ("artifactLocation", Of(&[("uri", Text)])),
        ("region", REGION),
    ]),
)]);
const SUPPRESSION: Kind = Of(&[
    ("kind!", One(&["inSource", "external"])),
    ("justification", Text),
]);
const RESULT: Kind = Of(&[
    ("ruleId", Text),
    ("ruleIndex", Number(0)),
    ("level", LEVEL),
    ("message!", MESSAGE),
    ("locations", List(&LOCATION)),
    ("suppressions", List(&SUPPRESSION)),
    ("properties", Bag),
]);
const NOTIFICATION: Kind = Of(&[("level", LEVEL), ("message!", MESSAGE)]);
const INVOCATION: Kind = Of(&[
    ("executionSuccessful!", Bool),
    ("toolExecutionNotifications", List(&NOTIFICATION)),
]);
const RUN: Kind = Of(&[
    ("tool!", Of(&[("driver!", DRIVER)])),
    ("columnKind", One(&["utf16CodeUnits", "unicodeCodePoints"])),
    ("invocations", List(&INVOCATION)),
    ("results", List(&RESULT)),
]);
const LOG: Kind = Of(&[
    ("$schema", Text),
    ("version!", One(&["2.1.0"])),
    ("runs!", List(&RUN)),
]);

/// Checks a value and what is in it; `at` says where it stands.
fn check(value: &Value, kind: Kind, at: &str) {
    let good = match kind {
        Text => value.is_string(),
        Number(least) => value.as_u64().is_some_and(|number| number >= least),
        Bool => value.is_boolean(),
        One(words) => value.as_str().is_some_and(|word| words.contains(&word)),
        Bag => value.is_object(),
        List(kind) => {
            let list = value
                .as_array()
                .unwrap_or_else(|| panic!("{at} is no list"));
            list.iter().for_each(|one| check(one, *kind, at));
            true
        }
        Of(members) => {
            object(value, members, at);
            true
        }
    };
    assert!(good, "{at}: {value}");
}

fn object(value: &Value, members: Object, at: &str) {
    let object = value
        .as_object()
        .unwrap_or_else(|| panic!("{at} is no object"));
    let plain = |name: &'static str| name.trim_end_matches('!');
    for (name, value) in object {
        let known = members.iter().find(|(known, _)| plain(known) == name);
        let (_, kind) = known.unwrap_or_else(|| panic!("{at} must not have `{name}`"));
        check(value, *kind, &format!("{at}.{name}"));
    }
    for (name, _) in members.iter().filter(|(name, _)| name.ends_with('!')) {
        assert!(object.contains_key(plain(name)), "{at} lacks `{name}`");
    }
}

fn log(args: &[&str]) -> Value {
    let machine = Machine::new();
    let token = ["glpat-", "x7Kq2Rm9Tz4Wc8Vb5Np3"].concat();
    machine.write("project/a b/é%.txt", format!("é key: {token}\n"));
    machine.write("project/two.txt", format!("{token}\n\n{token}\n"));
    machine.write("project/run.log", "x\n");
    machine.write("project/large", "x".repeat(5000));
    let accept = [
        "scan",
        "two.txt",
        "--baseline",
        "known",
        "--accept",
        "a sample",
    ];
    machine.run(&accept).succeeds();
    machine
        .run(&[&["scan", ".", "--sarif"], args].concat())
        .ends_with(1)
        .json()
}

#[test]
fn a_log_has_the_members_of_the_schema_and_no_others() {
    let args = ["--release", "--baseline", "known", "--max-size", "1k"];
    check(&log(&args), LOG, "log");
}

#[test]
fn every_result_refers_to_its_rule_and_place() {
    let log = log(&["--release", "--baseline", "known"]);
    let run = &log["runs"][0];
    let results = run["results"].as_array().expect("a list");
    assert_eq!(results.len(), 4);
    for result in results {
        let index = result["ruleIndex"].as_u64().expect("a number") as usize;
        assert_eq!(
            run["tool"]["driver"]["rules"][index]["id"],
            result["ruleId"]
        );
    }
    let place = &results[0]["locations"][0]["physicalLocation"];
    assert_eq!(place["artifactLocation"]["uri"], "a%20b/%C3%A9%25.txt");
    // columns count characters, bytes are counted beside them
    let region = &place["region"];
    let numbers = ["startColumn", "endColumn", "byteOffset", "byteLength"];
    assert_eq!(
        numbers.map(|name| region[name].as_u64()),
        [8, 34, 8, 26].map(Some)
    );
}

#[test]
fn what_is_accepted_is_suppressed_with_its_reason() {
    let log = log(&["--baseline", "known"]);
    let results = log["runs"][0]["results"].as_array().expect("a list");
    let reasons = results
        .iter()
        .map(|one| &one["suppressions"][0]["justification"]);
    let reasons: Vec<_> = reasons.filter_map(Value::as_str).collect();
    assert_eq!(reasons, ["a sample", "a sample"]);
}
