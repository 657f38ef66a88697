//! The quality rules test themselves: every hit is found under its rule, no miss is.
#![allow(clippy::disallowed_methods)] // reads the folder of rule files

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use ccs_gate::Severity;
use ccs_gate::quality::{Finding, Language, Lines, Scanner};

#[derive(serde::Deserialize)]
struct Rule {
    id: String,
    hits: BTreeMap<String, Vec<String>>,
    misses: BTreeMap<String, Vec<String>>,
}

const ENDINGS: &[(&str, &str)] = &[
    ("rust", "rs"),
    ("python", "py"),
    ("javascript", "tsx"),
    ("go", "go"),
    ("java", "java"),
    ("csharp", "cs"),
    ("ruby", "rb"),
    ("php", "php"),
    ("shell", "sh"),
    ("c", "cpp"),
    ("kotlin", "kt"),
    ("swift", "swift"),
];

fn path(language: &str) -> String {
    let known = ENDINGS.iter().find(|known| known.0 == language);
    format!("src/pay.{}", known.expect("a language").1)
}

fn files() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("rules/quality");
    let entries = fs::read_dir(folder).expect("the rules are there");
    let paths = entries.map(|entry| entry.expect("readable").path());
    let mut files: Vec<_> = paths.filter(|path| path.is_file()).collect();
    files.sort();
    files
}

fn found(language: &str, text: &str) -> Vec<String> {
    let report = Scanner::default().scan(&path(language), text, &Lines::All);
    report
        .findings
        .iter()
        .map(|one| one.rule.to_string())
        .collect()
}

#[test]
fn every_rule_finds_its_hits_and_leaves_its_misses() {
    let (mut wrong, mut tried) = (Vec::new(), 0);
    for file in files() {
        let text = fs::read_to_string(&file).expect("readable");
        let rules: Vec<Rule> =
            serde_yaml::from_str(&text).unwrap_or_else(|e| panic!("{}: {e}", file.display()));
        for rule in rules {
            for (examples, is_hit) in [(&rule.hits, true), (&rule.misses, false)] {
                for (language, text) in examples
                    .iter()
                    .flat_map(|(l, texts)| texts.iter().map(move |text| (l, text)))
                {
                    tried += 1;
                    let found = found(language, text);
                    if found.contains(&rule.id) != is_hit {
                        wrong.push(format!(
                            "{}: {language}: {text:?}: found {found:?}",
                            rule.id
                        ));
                    }
                }
            }
        }
    }
    assert!(wrong.is_empty(), "\n{}\n", wrong.join("\n"));
    assert!(tried > 150, "{tried}");
}

#[test]
fn a_string_or_comment_that_quotes_code_is_no_code() {
    for (language, text) in [
        (
            "rust",
            r##"let s = r#"todo!() eval(x)"#; // eval(x); todo!()"##,
        ),
        ("python", "s = '''\neval(x)\nexcept: pass\n'''\n"),
        (
            "javascript",
            "const s = `eval(x) document.write(x)`; /* eval(x) */",
        ),
        ("shell", "cat <<'EOF'\neval \"$x\"\nEOF\n"),
        ("go", "s := `panic(\"not implemented\")`"),
        (
            "csharp",
            "var s = @\"C:\\\" + x; // throw new NotImplementedException()",
        ),
        (
            "c",
            "auto s = R\"x(throw std::runtime_error(\"not implemented\");)x\";",
        ),
        ("ruby", "s = <<~END\n  eval(x)\nEND\n"),
        ("swift", "let s = \"fatalError(\\(x))\""),
    ] {
        assert_eq!(found(language, text), [""; 0], "{language}: {text}");
    }
}

#[test]
fn only_the_lines_that_count_are_reported() {
    let text = "fn a() { todo!() }\nfn b() { todo!() }\n";
    let lines = Lines::These([2].into());
    let report = Scanner::default().scan("src/a.rs", text, &lines);

    let lines: Vec<usize> = report.findings.iter().map(|one| one.line).collect();
    assert_eq!(lines, [2]);
}

#[test]
fn a_reason_beside_it_lets_a_thing_stay_and_is_reported() {
    let text = "fn a() {\n    // ccs:allow stub.macro: the other platform comes next month\n    todo!()\n}\n";
    let report = Scanner::default().scan("src/a.rs", text, &Lines::All);

    assert_eq!(report.findings, []);
    let why: Vec<_> = report
        .accepted
        .iter()
        .filter_map(|one| one.accepted.as_deref())
        .collect();
    assert_eq!(why, ["the other platform comes next month"]);
}

#[test]
fn a_secret_is_found_in_any_file_and_no_comment_lets_it_stay() {
    let token = ["glpat-", "x7Kq2Rm9Tz4Wc8Vb5Np3"].concat();
    for path in ["src/a.py", "config.yaml", "notes"] {
        let text = format!("key = '{token}'  # ccs:allow secret.*: it is only for the demo\n");
        let report = Scanner::default().scan(path, &text, &Lines::All);
        assert!(
            report
                .findings
                .iter()
                .any(|one| one.rule.starts_with("secret.")),
            "{path}"
        );
    }
}

#[test]
fn tests_are_treated_mildly() {
    let python = "mock_data = [1]\neval(x)\n# TODO: more\n";
    let rules = |path: &str| -> Vec<String> {
        let report = Scanner::default().scan(path, python, &Lines::All);
        report
            .findings
            .iter()
            .map(|one| one.rule.to_string())
            .collect()
    };
    assert_eq!(rules("tests/test_a.py"), ["todo.comment"]);
    assert_eq!(rules("src/a.py").len(), 3);

    let rust =
        "fn a() {}\n#[cfg(test)]\nmod tests {\n    fn b() { panic!(\"not implemented\") }\n}\n";
    let report = Scanner::default().scan("src/a.rs", rust, &Lines::All);
    assert!(
        report.findings.iter().all(|one| one.line == 1),
        "{:?}",
        report.findings
    );
}

#[test]
fn text_of_any_kind_is_answered() {
    for language in ENDINGS.iter().map(|known| known.0) {
        for text in [
            "",
            "\"",
            "'",
            "`",
            "/*",
            "((((",
            "))))",
            "\"${",
            "f\"{",
            "<<EOF",
            "<<EOF\n",
            "#{",
            "r#\"",
            "é'é",
            "\\",
            "$\"{",
            "\u{0}\u{1}",
            "{{{{}}}}",
            "/[/",
            "<?php \"",
            "'\\",
            "@\"",
            "#\"",
        ] {
            let report = Scanner::default().scan(&path(language), text, &Lines::All);
            for one in report.findings {
                assert!(text.is_char_boundary(one.start) && text.is_char_boundary(one.end));
            }
        }
    }
}

#[test]
fn the_language_of_a_script_is_told_by_its_first_line() {
    assert_eq!(
        Language::of("bin/run", "#!/usr/bin/env python3\n"),
        Language::Python
    );
    assert_eq!(Language::of("bin/run", "#!/bin/sh -e\n"), Language::Shell);
    assert_eq!(Language::of("README", "text\n"), Language::Other);
}

/// Every Rust file below a folder.
fn sources(folder: &Path, into: &mut Vec<PathBuf>) {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    for path in entries.map(|entry| entry.path()) {
        if path.is_dir() {
            sources(&path, into);
        } else if path.extension().is_some_and(|end| end == "rs") {
            into.push(path);
        }
    }
}

#[test]
fn ordinary_code_passes_as_our_own_does() {
    let crates = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut files = Vec::new();
    sources(&crates.join("ccs-gate/src/quality"), &mut files);
    for tier in ["ccs-hooks", "ccs-audit", "ccs-vault"] {
        sources(&crates.join(tier).join("src"), &mut files);
    }
    let scanner = Scanner::default();
    let mut wrong = Vec::new();
    for file in &files {
        let text = fs::read_to_string(file).expect("UTF-8");
        let name = file.strip_prefix(&crates).expect("below").to_string_lossy();
        let report = scanner.scan(&name, &text, &Lines::All);
        // samples of secrets are made up
        let holds =
            |one: &&Finding| one.severity >= Severity::Medium && !one.rule.starts_with("secret.");
        let findings = report.findings.iter().filter(holds);
        wrong.extend(findings.map(|one| format!("{name}:{}: {}", one.line, one.rule)));
    }
    assert!(
        wrong.is_empty(),
        "{} files\n{}\n",
        files.len(),
        wrong.join("\n")
    );
    // in the package of this crate there are no others
    assert!(files.len() > 10, "{}", files.len());
}
