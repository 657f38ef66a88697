//! `rules/quality/*.yaml`: what must not be left in finished code, as static tables.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;

use crate::source;

#[path = "../src/quality/language.rs"]
#[allow(dead_code, unreachable_pub)]
mod language;
#[path = "../src/quality/pattern.rs"]
#[allow(dead_code)]
mod pattern;

use language::Language;
use pattern::{Step, What};

/// One rule, as it stands in its file.
#[derive(serde::Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct Rule {
    id: String,
    title: String,
    severity: String,
    advice: String,
    #[serde(default, rename = "in")]
    place: In,
    #[serde(default)]
    tests: bool,
    #[serde(default)]
    unexplained: bool,
    #[serde(default)]
    top: bool,
    #[serde(default)]
    unless_words: Vec<String>,
    #[serde(default)]
    unless: Vec<String>,
    /// Patterns by languages: `rust`, `java kotlin`, `all`.
    #[serde(default)]
    patterns: BTreeMap<String, Vec<String>>,
    /// The name of what no pattern can tell, by languages.
    #[serde(default)]
    shape: BTreeMap<String, String>,
    hits: BTreeMap<String, Vec<String>>,
    misses: BTreeMap<String, Vec<String>>,
}

#[derive(Default, PartialEq, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
enum In {
    #[default]
    Code,
    Comments,
}

type Sets = BTreeMap<String, Vec<String>>;

pub(crate) fn generate() {
    let (_, sets) = source::files::<Sets>("quality/words").swap_remove(0);
    let mut code = String::from("pub(super) static RULES: &[Rule] = &[\n");
    let mut ids = Vec::new();
    for (file, rules) in source::files::<Vec<Rule>>("quality") {
        for rule in &rules {
            let place = format!("{}: {}", file.display(), rule.id);
            assert!(!ids.contains(&rule.id), "{place}: the id is taken");
            ids.push(rule.id.clone());
            rule.check(&place);
            code.push_str(&rule.rust(&sets, &file, &place));
        }
    }
    code.push_str("];\npub(super) static SETS: &[(&str, &[&str])] = &[");
    for (name, phrases) in &sets {
        let _ = write!(code, "({name:?}, &{phrases:?}), ");
    }
    code.push_str("];\n");
    source::write("quality_rules.rs", &code);
}

impl Rule {
    fn check(&self, place: &str) {
        let count = |examples: &BTreeMap<String, Vec<String>>| {
            examples.values().map(Vec::len).sum::<usize>()
        };
        assert!(
            count(&self.hits) > 1 && count(&self.misses) > 0,
            "{place}: a rule needs two hits and a miss"
        );
        assert!(
            !(self.patterns.is_empty() && self.shape.is_empty()),
            "{place}: looks for nothing"
        );
    }

    fn rust(&self, sets: &Sets, file: &Path, place: &str) -> String {
        let severity = source::variant(
            &self.severity,
            &["info", "low", "medium", "high", "critical"],
            file,
        );
        let mut patterns = String::new();
        for (names, texts) in &self.patterns {
            for text in texts {
                let steps = steps(text, sets, place);
                let _ = write!(patterns, "({}, &{steps}), ", languages(names, place));
            }
        }
        let unless: Vec<String> = self
            .unless
            .iter()
            .map(|text| format!("&{}", steps(text, sets, place)))
            .collect();
        let shape = self.shape.iter().next().map(|(names, shape)| {
            format!(
                "Some(({}, Shape::{}))",
                languages(names, place),
                camel(shape)
            )
        });
        format!(
            "Rule {{ id: {:?}, title: {:?}, severity: Severity::{severity}, advice: {:?}, comments: {}, tests: {}, unexplained: {}, top: {}, unless_words: &{:?}, unless: &[{}], patterns: &[{patterns}], shape: {} }},\n",
            self.id,
            self.title,
            self.advice.trim(),
            self.place == In::Comments,
            self.tests,
            self.unexplained,
            self.top,
            self.unless_words,
            unless.join(", "),
            shape.unwrap_or_else(|| "None".into()),
        )
    }
}

/// The set of the languages that are named.
fn languages(names: &str, place: &str) -> u16 {
    if names == "all" {
        return u16::MAX;
    }
    names.split_whitespace().fold(0, |set, name| {
        let language =
            Language::named(name).unwrap_or_else(|| panic!("{place}: `{name}` is no language"));
        set | language.bit()
    })
}

fn camel(name: &str) -> String {
    name.split('-')
        .map(|word| {
            let (first, rest) = word.split_at(1.min(word.len()));
            first.to_uppercase() + rest
        })
        .collect()
}

fn steps(text: &str, sets: &Sets, place: &str) -> String {
    let steps = pattern::parse(text).unwrap_or_else(|what| panic!("{place}: {text}: {what}"));
    let steps: Vec<String> = steps.iter().map(|step| rust(step, sets, place)).collect();
    format!("[{}]", steps.join(", "))
}

fn rust(step: &Step, sets: &Sets, place: &str) -> String {
    let what = match &step.what {
        What::One(words) => {
            format!("What::One(&{words:?})")
        }
        What::Says(set) => {
            assert!(sets.contains_key(*set), "{place}: there is no set `{set}`");
            format!("What::Says({set:?})")
        }
        other => format!("What::{other:?}"),
    };
    format!(
        "step({what}, {}, {}, Place::{:?})",
        step.optional, step.not, step.place
    )
}
