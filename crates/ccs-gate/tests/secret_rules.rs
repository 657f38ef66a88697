//! The secret rules test themselves: every hit is found where it is marked, under its own rule
//! or a more telling one, and no miss is found at all.
#![allow(clippy::disallowed_methods)] // reads the folder of rule files

use std::fs;
use std::path::Path;

use ccs_gate::secret::Scanner;

#[derive(serde::Deserialize)]
struct Rule {
    id: String,
    hits: Vec<String>,
    misses: Vec<String>,
}

/// A hit as text, and the span that `«…»` marks. `·` stands in samples so that no other scanner
/// takes them for real ones; it is not part of the text.
fn read(hit: &str) -> (String, usize, usize) {
    let plain = hit.replace('·', "");
    let start = plain.find('«').expect("a hit marks its secret");
    let end = plain.find('»').expect("a hit marks its secret") - '«'.len_utf8();
    (plain.replace(['«', '»'], ""), start, end)
}

#[test]
fn every_rule_finds_its_hits_and_leaves_its_misses() {
    let scanner = Scanner::builtin();
    let mut wrong = Vec::new();
    let mut files: Vec<_> =
        fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("rules/secret"))
            .expect("the rules are there")
            .map(|entry| entry.expect("readable").path())
            .collect();
    files.sort();
    for file in files {
        let name = file
            .file_name()
            .expect("a file")
            .to_string_lossy()
            .into_owned();
        let text = fs::read_to_string(&file).expect("readable");
        let rules: Vec<Rule> =
            serde_yaml::from_str(&text).unwrap_or_else(|e| panic!("{name}: {e}"));
        for rule in rules {
            for hit in &rule.hits {
                let (text, start, end) = read(hit);
                let found = scanner.scan(&text);
                if !found
                    .iter()
                    .any(|f| f.rule == rule.id && f.start == start && f.end == end)
                {
                    let found: Vec<_> = found
                        .iter()
                        .map(|f| (&f.rule, &text[f.start..f.end]))
                        .collect();
                    wrong.push(format!("{name}: {}: hit {hit:?}: found {found:?}", rule.id));
                }
            }
            for miss in &rule.misses {
                for found in scanner.scan(miss) {
                    wrong.push(format!(
                        "{name}: {}: miss {miss:?}: {}",
                        rule.id, found.rule
                    ));
                }
            }
        }
    }
    assert!(
        wrong.is_empty(),
        "{}\n{} in all",
        wrong.join("\n"),
        wrong.len()
    );
}
