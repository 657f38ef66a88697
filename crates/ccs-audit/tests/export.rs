//! Whole logs in the forms that other programs read.

mod common;

use ccs_audit::Filter;
use ccs_audit::export::{Format, write};
use common::{Home, fill};
use serde_json::Value;

fn exported(home: &Home, filter: &Filter, format: &str) -> String {
    let format: Format = format.parse().expect("a format");
    let mut out = Vec::new();
    write(&mut home.reader(), filter, format, &mut out).expect("written");
    String::from_utf8(out).expect("text")
}

fn objects(text: &str) -> Vec<Value> {
    let lines = text.lines().map(serde_json::from_str);
    lines.collect::<Result<_, _>>().expect("JSON on every line")
}

#[test]
fn every_form_has_every_entry_once_and_in_order() {
    let home = Home::new();
    fill(&mut home.log(), 300);
    let all = Filter::default();
    for (format, field) in [("jsonl", "/seq"), ("ocsf", "/metadata/sequence")] {
        let numbers: Vec<_> = objects(&exported(&home, &all, format))
            .iter()
            .map(|one| one.pointer(field).and_then(Value::as_u64))
            .collect();
        assert_eq!(numbers, (0..=300).map(Some).collect::<Vec<_>>(), "{format}");
    }
    let csv = exported(&home, &all, "csv");
    assert_eq!(csv.matches("\r\n").count(), 302, "a header and 301 lines");
}

#[test]
fn the_originals_chain_is_followed_from_hash_to_hash() {
    let home = Home::new();
    fill(&mut home.log(), 300);
    let all = objects(&exported(&home, &Filter::default(), "legacy"));
    assert_eq!(all[0]["prev_hash"], "0".repeat(64));
    for pair in all.windows(2) {
        assert_eq!(pair[1]["prev_hash"], pair[0]["entry_hash"]);
        assert_eq!(
            pair[1]["id"].as_u64(),
            pair[0]["id"].as_u64().map(|id| id + 1)
        );
    }
    let some = Filter {
        decision: "deny".into(),
        limit: 2,
        ..Filter::default()
    };
    let some = objects(&exported(&home, &some, "legacy"));
    assert_eq!(some.len(), 2);
    assert_eq!(some[1], all[6], "the same whether others are shown or not");
}

#[test]
fn only_what_fits_is_written() {
    let home = Home::new();
    fill(&mut home.log(), 300);
    let filter = Filter {
        session: "session-1".into(),
        tool: "Bash".into(),
        limit: 7,
        ..Filter::default()
    };
    let found = objects(&exported(&home, &filter, "jsonl"));
    assert_eq!(found.len(), 7);
    assert!(
        found
            .iter()
            .all(|one| one["session"] == "session-1" && one["tool"] == "Bash")
    );
}

#[test]
fn an_unknown_form_is_refused_with_those_that_are_known() {
    let refused = "xml".parse::<Format>();
    assert_eq!(
        refused,
        Err("`xml` is none of jsonl, csv, ocsf, legacy".into())
    );
    assert_eq!(
        "ocsf".parse::<Format>().map(|format| format.to_string()),
        Ok("ocsf".into())
    );
}
