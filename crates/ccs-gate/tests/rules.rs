//! The shipped rules prove themselves: their examples are their tests.
#![cfg(feature = "compile")]

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use ccs_gate::rule::{self, Rules};

#[test]
fn every_rule_does_what_its_examples_say() {
    let mut disagreements = Vec::new();
    for (file, text) in rule::sources() {
        let report = rule::check(text).unwrap_or_else(|error| panic!("{file}: {error}"));
        let lines = report.disagreements.iter();
        disagreements.extend(lines.map(|line| format!("{file}: {line}")));
    }
    assert!(disagreements.is_empty(), "\n{}\n", disagreements.join("\n"));
}

#[test]
fn the_tables_hold_what_the_files_say() {
    let texts = rule::sources().iter().map(|(_, text)| text);
    let read: Vec<_> = texts
        .flat_map(|text| {
            Rules::parse(text)
                .expect("the build read it too")
                .iter()
                .cloned()
                .collect::<Vec<_>>()
        })
        .collect();
    assert!(rule::builtin().eq(read.iter()));
}

#[test]
fn no_id_is_used_twice() {
    let ids: Vec<_> = rule::builtin().map(|rule| &rule.id).collect();
    let distinct: BTreeSet<_> = ids.iter().collect();
    assert_eq!(ids.len(), distinct.len());
}

#[test]
fn every_file_in_the_folder_is_shipped() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("rules/command");
    let there: BTreeSet<String> = fs::read_dir(folder)
        .expect("the folder is part of the crate")
        .map(|entry| {
            entry
                .expect("readable")
                .file_name()
                .to_string_lossy()
                .into_owned()
        })
        .collect();
    let shipped = rule::sources().iter().map(|(file, _)| (*file).to_owned());
    assert_eq!(there, shipped.collect());
}
