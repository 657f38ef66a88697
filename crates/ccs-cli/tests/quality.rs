//! `ccs quality` with real files and the real git.
#![cfg(unix)]

#[path = "support/schema.rs"]
mod schema;
mod support;

use std::process::Command;

use serde_json::Value;
use support::{Machine, Run};

const STUB: &str = "def pay(amount):\n    raise NotImplementedError\n";

fn git(machine: &Machine, args: &[&str]) {
    let mut git = Command::new("git");
    git.args(["-c", "user.name=Ann", "-c", "user.email=ann@example.org"])
        .args(args);
    machine.surround(&mut git);
    git.env("GIT_CONFIG_NOSYSTEM", "1")
        .current_dir(machine.path("project"));
    Run::of(git.output()).succeeds();
}

fn repository() -> Machine {
    let machine = Machine::new();
    git(&machine, &["init", "-q", "-b", "main"]);
    machine
}

fn places(run: &Run) -> Vec<String> {
    let report = run.json();
    let findings = report["findings"].as_array().expect("findings").iter();
    let place = |one: &Value| {
        let text = |key: &str| one[key].as_str().expect("a text").to_owned();
        format!("{}:{} {}", text("path"), one["line"], text("rule"))
    };
    findings.map(place).collect()
}

#[test]
fn files_are_looked_through_in_folders_and_ignored_ones_are_not() {
    let machine = repository();
    machine.write("project/src/pay.py", STUB);
    machine.write("project/.gitignore", "build\n");
    machine.write("project/build/pay.py", STUB);
    machine.write("project/node_modules/x/pay.py", STUB);
    machine.write("project/data/items.yaml", "a: [1, 2\nb: 3\n");

    let run = machine.run(&["quality", ".", "--json"]).ends_with(1);

    let places = places(&run);
    assert!(places[0].starts_with("data/items.yaml:") && places[0].ends_with("syntax.error"));
    assert_eq!(places[1..], ["src/pay.py:2 stub.throws"]);
}

#[test]
fn only_staged_lines_count_and_as_they_are_in_the_index() {
    let machine = repository();
    machine.write("project/pay.py", "# TODO: old\nx = 1\n");
    git(&machine, &["add", "-A"]);
    git(&machine, &["commit", "-qm", "first"]);
    machine.write("project/pay.py", "# TODO: old\nx = 1\n# FIXME: new\n");
    git(&machine, &["add", "-A"]);
    machine.write(
        "project/pay.py",
        "# TODO: old\nx = 1\n# FIXME: new\n# HACK: later\n",
    );

    let run = machine.run(&["quality", "--staged", "--json"]).ends_with(1);
    assert_eq!(places(&run), ["pay.py:3 todo.comment"]);

    let run = machine.run(&["quality", "--since", "30m", "--json"]);
    assert_eq!(run.ends_with(1).json()["files"], 1);
}

#[test]
fn what_is_accepted_or_left_out_does_not_count() {
    let machine = Machine::new();
    machine.write(
        "project/pay.py",
        "# ccs:allow todo.comment: kept for the next release\n# TODO: more\n",
    );
    let run = machine.run(&["quality", "pay.py"]).succeeds();
    assert!(
        run.stdout.contains("kept for the next release"),
        "{}",
        run.stdout
    );

    machine.write("project/pay.py", STUB);
    machine.run(&["quality", ".", "--off", "stub.*"]).succeeds();
    machine
        .run(&["quality", ".", "--at-least", "critical"])
        .succeeds();
    machine.run(&["quality", "."]).ends_with(1);
}

#[test]
fn a_secret_is_named_and_not_shown() {
    let machine = Machine::new();
    let token = ["glpat-", "x7Kq2Rm9Tz4Wc8Vb5Np3"].concat();
    machine.write("project/pay.py", format!("KEY = '{token}'\n"));

    for format in [&[][..], &["--json"], &["--sarif"]] {
        let run = machine
            .run(&[&["quality", "."][..], format].concat())
            .ends_with(1);
        assert!(run.stdout.contains("secret.") && !run.stdout.contains(&token));
    }
}

#[test]
fn the_report_keeps_to_the_schema_of_sarif() {
    let machine = Machine::new();
    machine.write("project/a b/pay.py", STUB);
    machine.write("project/ok.json", "{\"a\": 1,\n}\n");
    let log = machine
        .run(&["quality", ".", "--sarif"])
        .ends_with(1)
        .json();

    let schema: Value =
        serde_json::from_str(include_str!("support/sarif-schema-2.1.0.json")).expect("a schema");
    assert_eq!(schema::violations(&schema, &log), [""; 0]);
    let results = log["runs"][0]["results"].as_array().expect("results");
    let uri = &results[0]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"];
    assert_eq!((results.len(), uri), (2, &"a%20b/pay.py".into()));
}

#[test]
fn a_wrong_call_is_refused() {
    let machine = Machine::new();
    machine.run(&["quality"]).ends_with(2);
    machine
        .run(&["quality", ".", "--off", "nothing.*"])
        .ends_with(2);
    machine.run(&["quality", "--since", "soon"]).ends_with(2);
    machine.run(&["quality", "--staged"]).ends_with(5);
    machine.run(&["quality", "no-such-file"]).ends_with(5);
}

#[test]
fn setup_registers_what_the_policy_asks_for_and_doctor_misses_it() {
    let machine = Machine::new();
    machine.setup(&[]).succeeds();
    assert!(
        !machine
            .read("home/.claude/settings.json")
            .contains("TaskCompleted")
    );
    let policy = machine.state().join("policy.yaml");
    std::fs::write(policy, "quality:\n  task_completed: true\n").expect("a file");
    machine.run(&["policy", "compile"]).succeeds();
    let doctor = machine.run(&["doctor"]);
    assert!(
        doctor.stdout.contains("registered for TaskCompleted"),
        "{}",
        doctor.stdout
    );

    machine.setup(&[]).succeeds();

    let settings = machine.read("home/.claude/settings.json");
    assert!(settings.contains("TaskCompleted") && !settings.contains("TeammateIdle"));
    let doctor = machine.run(&["doctor"]);
    assert!(
        !doctor.stdout.contains("registered for TaskCompleted"),
        "{}",
        doctor.stdout
    );
}

#[test]
fn switching_gates_on_is_in_the_log_with_what_it_was_before() {
    let machine = Machine::set_up();
    let policy = machine.state().join("policy.yaml");
    std::fs::write(
        policy,
        "quality:\n  stop: true\ntaint:\n  withhold: false\n",
    )
    .expect("a file");
    machine.run(&["policy", "compile"]).succeeds();
    machine.run(&["policy", "compile"]).succeeds();

    let log = machine.run(&["audit", "query", "--kind", "choice", "--json"]);
    let entries = log.succeeds().json();

    let entries = entries.as_array().expect("a list");
    assert_eq!(entries.len(), 1, "{entries:?}");
    let text = entries[0].to_string();
    assert!(
        text.contains("quality, ") && text.contains("taint"),
        "{text}"
    );
    assert!(
        text.contains(r#""stop":true"#) && text.contains(r#""withhold":false"#),
        "{text}"
    );
}

#[test]
fn a_weakness_is_looked_for_alone_by_its_usual_name() {
    let machine = repository();
    let code = "import sqlite3\n\ndef find(db, name):\n    # TODO: pages\n    return db.execute(\"SELECT * FROM users WHERE name = '\" + name + \"'\")\n\ndef run(text):\n    return eval(text)\n";
    machine.write("project/src/app.py", code);
    let rules = |check: &str| {
        let run = machine.run(&["quality", "src", "--check", check, "--json"]);
        places(&run)
            .into_iter()
            .map(|place| {
                place
                    .rsplit(' ')
                    .next()
                    .unwrap_or_default()
                    .split('.')
                    .next()
                    .unwrap_or_default()
                    .to_owned()
            })
            .collect::<Vec<_>>()
    };
    assert_eq!(rules("sql-injection"), ["sql"]);
    assert_eq!(rules("no-sql-injection,no-eval"), ["sql", "exec"]);
    assert_eq!(rules("xss"), [""; 0]);
    machine
        .run(&["quality", "src", "--check", "sql-injektion"])
        .ends_with(2);
}
