//! `ccs scan` on files, folders and the input.
#![cfg(unix)]

mod support;

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};

use serde_json::Value;
use support::{Machine, Run};

/// Made up, and put together here so that no scanner takes this file for a leak.
fn token() -> String {
    ["glpat-", "x7Kq2Rm9Tz4Wc8Vb5Np3"].concat()
}

/// Another.
fn other() -> String {
    ["glpat-", "Hq3Lw8Zt5Xn2Kc7Mv4Rb"].concat()
}

fn line() -> String {
    format!("key: {}\n", token())
}

fn paths(run: &Run) -> Vec<String> {
    let json = run.json();
    let findings = json["findings"].as_array().expect("a list");
    let path = |one: &Value| one["path"].as_str().expect("a path").to_owned();
    findings.iter().map(path).collect()
}

#[test]
fn a_secret_is_named_by_its_place_and_never_shown() {
    let machine = Machine::new();
    machine.write(
        "project/src/config.yaml",
        format!("a: 1\nb: é {}\n", token()),
    );
    let run = machine.run(&["scan", "."]).ends_with(1);
    let lines: Vec<&str> = run.stdout.lines().collect();
    assert!(
        lines[0].starts_with("src/config.yaml:2:7: gitlab.personal-token: "),
        "{run:?}"
    );
    assert_eq!(lines[1], "secretLeaks: 1, files read: 1 (38 bytes)");
    assert!(!run.stdout.contains(&token()[8..]) && run.stderr.is_empty());
}

#[test]
fn json_and_sarif_do_not_hold_the_secret_either() {
    let machine = Machine::new();
    machine.write("project/a", line());
    for format in ["--json", "--sarif"] {
        let run = machine.run(&["scan", ".", format]).ends_with(1);
        assert!(!run.stdout.contains(&token()[8..]), "{}", run.stdout);
        assert!(!run.stdout.contains("null"), "{}", run.stdout);
    }
}

#[test]
fn a_clean_tree_has_no_leaks_and_code_0() {
    let machine = Machine::new();
    machine.write("project/a", "nothing\n");
    let run = machine.run(&["scan", "."]).succeeds();
    assert_eq!(run.stdout, "secretLeaks: 0, files read: 1 (8 bytes)\n");
}

#[test]
fn hidden_files_are_read_and_ignored_ones_only_when_asked_for() {
    let machine = Machine::new();
    for name in [".env", "build/out", "kept", ".git/config"] {
        machine.write(&format!("project/{name}"), line());
    }
    machine.write("project/.gitignore", "build/\n");
    let run = machine.run(&["scan", ".", "--json"]).ends_with(1);
    assert_eq!(paths(&run), [".env", "kept"]);
    let run = machine
        .run(&["scan", ".", "--json", "--no-ignore"])
        .ends_with(1);
    assert_eq!(paths(&run), [".env", ".git/config", "build/out", "kept"]);
}

#[test]
fn excluded_names_are_left_out_wherever_they_are() {
    let machine = Machine::new();
    for name in ["a/data/x", "b.lock", "c/b.lock", "kept"] {
        machine.write(&format!("project/{name}"), line());
    }
    let args = [
        "scan",
        ".",
        "--json",
        "--exclude",
        "data/",
        "--exclude",
        "*.lock",
    ];
    assert_eq!(paths(&machine.run(&args).ends_with(1)), ["kept"]);
    let bad = machine.run(&["scan", ".", "--exclude", "a{"]).ends_with(2);
    assert!(bad.stderr.contains("--exclude"), "{bad:?}");
}

#[test]
fn links_are_not_followed_below_but_where_they_are_named() {
    let machine = Machine::new();
    machine.write("elsewhere/a", line());
    symlink(machine.path("elsewhere"), machine.path("project/link")).expect("a link");
    machine.run(&["scan", "."]).succeeds();
    machine.run(&["scan", "link"]).ends_with(1);
}

#[test]
fn what_is_no_text_is_counted_and_read_only_when_asked_for() {
    let machine = Machine::new();
    let bytes = [b"\x7fELF\0\0\0 ", line().as_bytes()].concat();
    machine.write("project/program", bytes);
    let run = machine.run(&["scan", "."]).succeeds();
    assert!(run.stdout.contains("no text: 1; --binary"), "{run:?}");
    let run = machine
        .run(&["scan", ".", "--binary", "--json"])
        .ends_with(1);
    assert_eq!(run.json()["findings"][0]["start"], 13);
}

#[test]
fn a_file_in_another_encoding_is_read_and_places_are_those_of_its_bytes() {
    let machine = Machine::new();
    let latin = [b"caf\xe9 \xff\n\xe9: ", token().as_bytes()].concat();
    machine.write("project/latin", latin);
    let units = format!("é\nkey: {}", token());
    let units = units.encode_utf16().flat_map(u16::to_le_bytes);
    let wide: Vec<u8> = [0xff, 0xfe].into_iter().chain(units).collect();
    machine.write("project/wide", wide);
    let run = machine.run(&["scan", ".", "--json"]).ends_with(1);
    let json = run.json();
    let place = |at: usize| {
        let found = &json["findings"][at];
        (
            found["start"].as_u64(),
            found["end"].as_u64(),
            found["line"].as_u64(),
        )
    };
    assert_eq!(place(0), (Some(10), Some(36), Some(2)));
    assert_eq!(place(1), (Some(16), Some(68), Some(2)));
}

#[test]
fn a_file_that_is_read_in_pieces_has_each_secret_once_and_in_its_place() {
    let machine = Machine::new();
    let filler = "0123456789 abcdef é\n".repeat(50_000);
    let text = [&filler; 20]
        .map(|filler| format!("{filler}{}", line()))
        .concat();
    assert!(text.len() > 17 << 20);
    machine.write("project/large", &text);
    let run = machine.run(&["scan", "large", "--json"]).ends_with(1);
    let json = run.json();
    let found = json["findings"].as_array().expect("a list");
    assert_eq!(found.len(), 20);
    for (index, one) in found.iter().enumerate() {
        let start = one["start"].as_u64().expect("a number") as usize;
        assert!(text[start..].starts_with(&token()));
        assert_eq!(
            one["line"],
            (index as u64 + 1) * 50_001 - 50_001 + 50_000 + 1
        );
        assert_eq!(one["column"], 6);
    }
}

#[test]
fn files_over_the_largest_size_are_named() {
    let machine = Machine::new();
    machine.write("project/large", line().repeat(100));
    let run = machine.run(&["scan", ".", "--max-size", "1k"]).succeeds();
    assert!(
        run.stdout.contains("not read: large: it is larger"),
        "{run:?}"
    );
}

#[test]
fn a_place_that_is_not_there_is_an_error_and_no_clean_scan() {
    let run = Machine::new().run(&["scan", "nowhere"]).ends_with(5);
    assert!(run.stderr.contains("cannot read `nowhere`"), "{run:?}");
    assert!(!run.stdout.contains("secretLeaks"));
}

#[test]
fn the_input_is_scanned_as_it_comes() {
    let machine = Machine::new();
    let run = machine.tell(&["scan", "-"], &line()).ends_with(1);
    assert!(
        run.stdout.starts_with("-:1:6: gitlab.personal-token"),
        "{run:?}"
    );
    machine.tell(&["scan", "-"], "nothing").succeeds();
}

#[test]
fn only_the_rules_that_are_named_count() {
    let machine = Machine::new();
    machine.write("project/a", line());
    machine
        .run(&["scan", ".", "--rule", "gitlab.*"])
        .ends_with(1);
    machine.run(&["scan", ".", "--rule", "github.*"]).succeeds();
    let run = machine
        .run(&["scan", ".", "--rule", "gitlob.pat"])
        .ends_with(2);
    assert!(run.stderr.contains("no rule is called"), "{run:?}");
}

#[test]
fn personal_data_counts_only_when_asked_for() {
    let machine = Machine::new();
    machine.write("project/a", "write to ann.holm@example.org\n");
    machine.run(&["scan", "."]).succeeds();
    let run = machine.run(&["scan", ".", "--pii", "--json"]).ends_with(1);
    assert_eq!(run.json()["findings"][0]["rule"], "personal.email");
}

#[test]
fn marks_on_a_line_are_heeded_unless_told_otherwise() {
    let machine = Machine::new();
    machine.write("project/a", format!("{} # ccs:allow\n", token()));
    machine.run(&["scan", "."]).succeeds();
    machine.run(&["scan", ".", "--no-marks"]).ends_with(1);
}

#[test]
fn a_value_of_the_vault_is_found_by_its_name_also_where_no_rule_knows_it() {
    let machine = Machine::new();
    machine.init();
    machine.put("wiki/login", "correct-horse-battery-staple");
    machine.write(
        "project/notes",
        "log in with correct-horse-battery-staple\n",
    );
    machine.write("project/page", "Y29ycmVjdC1ob3JzZS1iYXR0ZXJ5LXN0YXBsZQ==\n");
    let run = machine.run(&["scan", ".", "--json"]).ends_with(1);
    let json = run.json();
    for (index, form) in ["plain", "base64"].into_iter().enumerate() {
        let found = &json["findings"][index];
        assert_eq!(found["rule"], "vault.stored");
        assert_eq!(
            (&found["entry"], &found["form"]),
            (&"wiki/login".into(), &form.into())
        );
    }
}

#[test]
fn fingerprints_that_cannot_be_read_are_no_clean_scan() {
    let machine = Machine::new();
    machine.init();
    machine.put("wiki/login", "correct-horse-battery-staple");
    machine.write("home/.claude/ccs/vault/fingerprints", "x");
    machine.write("project/a", "nothing\n");
    let run = machine.run(&["scan", "."]).ends_with(5);
    assert!(run.stdout.contains("fingerprints of the vault"), "{run:?}");
}

#[test]
fn the_word_secrets_names_what_is_looked_for_and_not_a_file() {
    let machine = Machine::new();
    machine.write("project/secrets", line());
    let asked = format!("{{\"id\":1,\"text\":\"{}\"}}\n", token());
    let run = machine
        .tell(&["scan", "secrets", "--jsonl"], &asked)
        .ends_with(1);
    assert_eq!(run.json()["findings"][0]["rule"], "gitlab.personal-token");
    machine.run(&["scan", "secrets"]).ends_with(2);
    machine.run(&["scan", "secrets", "."]).ends_with(1);
    machine.run(&["scan", "./secrets"]).ends_with(1);
}

#[test]
fn marks_count_for_nothing_in_the_texts_of_programs() {
    let asked = format!("{{\"id\":1,\"text\":\"{} # ccs:allow\"}}\n", token());
    Machine::new()
        .tell(&["scan", "secrets", "--jsonl"], &asked)
        .ends_with(1);
}

#[test]
fn what_is_accepted_stays_accepted_until_it_changes_moves_or_ends() {
    let machine = Machine::new();
    machine.write("project/a", line());
    let file = ["scan", ".", "--baseline", "known.json"];
    machine.run(&file).ends_with(5);
    let accept = ["--accept", "a sample", "--until", "9999-12-31"];
    machine.run(&[&file[..], &accept].concat()).succeeds();
    assert!(!machine.read("project/known.json").contains(&token()[8..]));

    let run = machine.run(&file).succeeds();
    assert!(
        run.stdout.contains("accepted by the baseline: 1"),
        "{run:?}"
    );
    machine.write("project/a", format!("\n\n{}", line()));
    machine.run(&file).succeeds();
    machine.write("project/b", line());
    machine.run(&file).ends_with(1);
    fs::remove_file(machine.path("project/b")).expect("ours");
    machine.write("project/a", format!("key: {}\n", other()));
    machine.run(&file).ends_with(1);
    machine.write("project/a", line());
    let ended = machine
        .read("project/known.json")
        .replace("9999-12-31", "2020-01-01");
    machine.write("project/known.json", ended);
    machine.run(&file).ends_with(1);
}

#[test]
fn a_baseline_needs_a_reason_a_day_and_its_key() {
    let machine = Machine::new();
    machine.write("project/a", line());
    let file = ["scan", ".", "--baseline", "known.json"];
    machine
        .run(&[&file[..], &["--accept", " "]].concat())
        .ends_with(2);
    machine
        .run(&[&file[..], &["--accept", "x", "--until", "soon"]].concat())
        .ends_with(2);
    assert!(!machine.path("project/known.json").exists());
    machine
        .run(&[&file[..], &["--accept", "x"]].concat())
        .succeeds();

    let key = machine.path("home/.claude/ccs/baseline.key");
    let mode = fs::metadata(&key).expect("a key").permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    fs::remove_file(&key).expect("ours");
    let run = machine.run(&file).ends_with(3);
    assert!(
        run.stderr.contains("baseline.key") && !key.exists(),
        "{run:?}"
    );
}

#[test]
fn a_damaged_baseline_is_refused_and_kept() {
    let machine = Machine::new();
    machine.write("project/a", line());
    machine.write("project/known.json", "{\"version\": 1, \"accepted\": [{}]}");
    let args = ["scan", ".", "--baseline", "known.json", "--accept", "x"];
    machine.run(&args).ends_with(4);
    assert!(machine.read("project/known.json").contains("[{}]"));
}

#[test]
fn redact_check_names_what_a_repository_must_not_hold() {
    let machine = Machine::new();
    for name in [
        ".DS_Store",
        "proxy.log",
        "s/1.jsonl",
        "settings.json.opus-backup",
    ] {
        machine.write(&format!("project/{name}"), "x\n");
    }
    let router = ["sk-or-", "v1-", &"4f9a1c7e2b8d6035".repeat(4)].concat();
    machine.write("project/key.txt", format!("OPENROUTER_API_KEY={router}\n"));
    machine.write(
        "project/run.sh",
        "cd /Users/karin.holm/src\ncd /Users/you/src\n",
    );
    machine
        .run(&["scan", ".", "--exclude", "key.txt"])
        .succeeds();
    for command in [
        &["redact-check", "--json"][..],
        &["scan", "--release", ".", "--json"],
    ] {
        let run = machine.run(command).ends_with(1);
        let json = run.json();
        let findings = json["findings"].as_array().expect("a list");
        let rules: Vec<_> = findings.iter().map(|one| one["rule"].as_str()).collect();
        let wanted = [
            "release.ds-store",
            "openrouter.api-key",
            "release.log",
            "release.user-path",
            "release.transcript",
            "release.backup",
        ];
        assert_eq!(rules, wanted.map(Some), "{json}");
        assert_eq!(json["secretLeaks"], 6);
    }
}

#[test]
fn redact_check_of_a_clean_tree_says_so_as_the_scripts_that_ask_expect() {
    let machine = Machine::new();
    machine.write("project/a.rs", "fn main() {}\n");
    let run = machine.run(&["redact-check"]).succeeds();
    assert!(run.stdout.contains("secretLeaks: 0"), "{run:?}");
}
