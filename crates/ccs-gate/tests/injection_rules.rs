//! Every rule about injected instructions keeps its promises: its hits are found, its misses are
//! not.
#![allow(clippy::disallowed_methods, reason = "reads the shipped rules")]

use ccs_gate::injection::{Scanner, Source};

#[derive(serde::Deserialize)]
struct Rule {
    id: String,
    hits: Vec<String>,
    misses: Vec<String>,
}

fn rules() -> Vec<Rule> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/rules/injection");
    let mut rules = Vec::new();
    for entry in std::fs::read_dir(folder).expect("the rules are there") {
        let path = entry.expect("a file").path();
        if path.is_file() {
            let text = std::fs::read_to_string(&path).expect("a rule file");
            rules.extend(serde_yaml::from_str::<Vec<Rule>>(&text).expect("rules"));
        }
    }
    rules
}

/// Texts that are too long to write down.
fn text(example: &str) -> String {
    match example {
        "@longest" => "a word and ".repeat(500_000),
        "@deepest" => nested(5),
        other => other.to_owned(),
    }
}

fn nested(depth: usize) -> String {
    let mut text = String::from("There was a man who had two sons, and one day he went away.");
    for _ in 0..depth {
        text = hex(&text);
    }
    text
}

fn hex(text: &str) -> String {
    text.bytes().map(|byte| format!("{byte:02x}")).collect()
}

fn finds(rule: &str, example: &str) -> bool {
    let report = Scanner::builtin().scan(&text(example), Source::File);
    report.signals.iter().any(|signal| signal.rule == rule)
}

#[test]
fn every_rule_finds_its_hits_and_leaves_its_misses_alone() {
    let rules = rules();
    assert!(rules.len() > 40, "only {} rules were read", rules.len());
    let mut broken = Vec::new();
    for rule in &rules {
        assert!(
            !rule.hits.is_empty() && !rule.misses.is_empty(),
            "{}",
            rule.id
        );
        let missed = rule.hits.iter().filter(|text| !finds(&rule.id, text));
        broken.extend(missed.map(|text| format!("{} misses {text}", rule.id)));
        let wrong = rule.misses.iter().filter(|text| finds(&rule.id, text));
        broken.extend(wrong.map(|text| format!("{} finds {text}", rule.id)));
    }
    assert!(broken.is_empty(), "{broken:#?}");
}
