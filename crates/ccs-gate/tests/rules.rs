//! The shipped rules prove themselves: their examples are their tests.
#![cfg(feature = "compile")]

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use ccs_gate::rule::{self, Rules};

#[test]
fn every_rule_does_what_its_examples_say() {
    let report = rule::test();

    assert!(report.rules > 350 && report.examples > 4 * report.rules);
    let lines = report.disagreements;
    assert!(lines.is_empty(), "\n{}\n", lines.join("\n"));
}

#[test]
fn the_tables_hold_what_the_files_say() {
    let read: Vec<_> = rule::sources()
        .filter(|(name, _)| name.starts_with("command/"))
        .flat_map(|(name, text)| {
            let rules = Rules::parse(text).unwrap_or_else(|error| panic!("{name}: {error}"));
            rules.iter().cloned().collect::<Vec<_>>()
        })
        .collect();

    assert!(rule::builtin().eq(read.iter()));
}

#[test]
fn no_id_is_used_twice() {
    let ids: Vec<_> = rule::metas().map(|meta| meta.id).collect();
    let distinct: BTreeSet<_> = ids.iter().collect();

    assert_eq!(ids.len(), distinct.len());
}

#[test]
fn every_file_in_the_folders_is_shipped() {
    let shipped: BTreeSet<String> = rule::sources().map(|(name, _)| name).collect();

    assert_eq!(there(), shipped);
}

fn there() -> BTreeSet<String> {
    let rules = Path::new(env!("CARGO_MANIFEST_DIR")).join("rules");
    let mut names = BTreeSet::new();
    for folder in ["command", "effect", "path"] {
        let entries = fs::read_dir(rules.join(folder)).expect("the folder is part of the crate");
        for entry in entries {
            let name = entry.expect("readable").file_name();
            names.insert(format!("{folder}/{}", name.to_string_lossy()));
        }
    }
    names
}
