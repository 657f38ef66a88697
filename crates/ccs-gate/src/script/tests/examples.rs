//! The rule files test themselves.

use super::lines;
use crate::script::table::EXAMPLES;

fn kind(line: &str) -> &str {
    line.split(' ').next().unwrap_or("")
}

/// Whether `found` is the act that `expected` describes, whatever text was written.
fn is_act(found: &str, expected: &str) -> bool {
    let rest = found.strip_prefix(expected);
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(':'))
}

#[test]
fn every_example_of_the_rule_files_holds() {
    let mut wrong = Vec::new();
    for example in EXAMPLES {
        let place = format!("{}.yaml: {}", example.file, example.entry);
        for (expected, source) in example.hits {
            let found = lines(example.language, source);
            if !found.iter().any(|line| is_act(line, expected)) {
                wrong.push(format!(
                    "{place}: {source}: wants {expected}, shows {found:?}"
                ));
            }
        }
        let kinds: Vec<&str> = example.hits.iter().map(|(hit, _)| kind(hit)).collect();
        for source in example.misses {
            let found = lines(example.language, source);
            if found.iter().any(|line| kinds.contains(&kind(line))) {
                wrong.push(format!("{place}: {source}: must not show {found:?}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
