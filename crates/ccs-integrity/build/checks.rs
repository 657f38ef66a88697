//! `checks/*.yaml` to a table, with one name for each check.

use std::fmt::Write;
use std::path::PathBuf;
use std::{env, fs};

use serde::Deserialize;
use serde_yaml::Value;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Group {
    group: String,
    checks: Vec<Check>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Check {
    id: String,
    title: String,
    severity: String,
    looks_at: String,
    evidence: String,
    fix: String,
    auto: Auto,
    #[serde(default)]
    preflight: bool,
    /// Comes from elsewhere and has no name in the code.
    #[serde(default)]
    given: bool,
    maps: [String; 4],
    /// Only tests read the examples.
    #[serde(default, rename = "hits")]
    _hits: Vec<Value>,
    #[serde(default, rename = "misses")]
    _misses: Vec<Value>,
}

/// YAML reads a bare `yes` or `no` as a string in one version and as a flag in the other.
#[derive(Deserialize)]
#[serde(untagged)]
enum Auto {
    Flag(bool),
    Word(String),
}

/// The order of the documentation.
const FILES: &[&str] = &[
    "files",
    "settings",
    "permission",
    "sandbox",
    "environment",
    "secret",
    "hook",
    "mcp",
    "text",
    "extension",
    "repository",
    "machine",
    "own",
];

pub(crate) fn generate() {
    let folder =
        PathBuf::from(env::var("CARGO_MANIFEST_DIR").expect("cargo sets it")).join("checks");
    println!("cargo::rerun-if-changed={}", folder.display());
    let mut names = String::new();
    let mut table = String::from("static CHECKS: &[Check] = &[\n");
    let mut count = 0;
    for file in FILES {
        let path = folder.join(format!("{file}.yaml"));
        let text = fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        let group: Group =
            serde_yaml::from_str(&text).unwrap_or_else(|e| panic!("{file}.yaml: {e}"));
        for check in &group.checks {
            let name = check.id.to_uppercase().replace('.', "_");
            if !check.given {
                writeln!(
                    names,
                    "pub(in crate::posture) static {name}: &Check = &CHECKS[{count}];"
                )
                .expect("a string");
            }
            write_check(&mut table, &group.group, check);
            count += 1;
        }
    }
    table.push_str("];\n");
    let out = PathBuf::from(env::var("OUT_DIR").expect("cargo sets it")).join("checks.rs");
    fs::write(out, format!("{table}{names}")).expect("the output folder is ours");
}

fn write_check(table: &mut String, group: &str, check: &Check) {
    let severity = capital(&check.severity);
    let auto = match &check.auto {
        Auto::Flag(true) => "Yes",
        Auto::Flag(false) => "No",
        Auto::Word(word) => &capital(word),
    };
    let [agentic, llm, atlas, cis] = &check.maps;
    writeln!(
        table,
        "Check {{ id: {:?}, group: {group:?}, title: {:?}, severity: Severity::{severity}, looks_at: {:?}, \
         evidence: {:?}, fix: {:?}, auto: Auto::{auto}, preflight: {}, given: {}, maps: Maps {{ \
         owasp_agentic: {agentic:?}, owasp_llm: {llm:?}, atlas: {atlas:?}, cis: {cis:?} }} }},",
        check.id, check.title, check.looks_at, check.evidence, check.fix, check.preflight, check.given
    )
    .expect("a string");
}

fn capital(word: &str) -> String {
    let (first, rest) = word.split_at(1);
    first.to_uppercase() + rest
}
