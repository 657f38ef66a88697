//! `ccs incident`: everything stops at once, the evidence is whole, and a person ends it.
#![cfg(unix)]

#[path = "support/log.rs"]
mod log;
mod support;
#[allow(dead_code, reason = "nothing secret is typed here")]
#[path = "support/terminal.rs"]
mod terminal;

use std::process::Command;

use ccs_audit::Entry;
use support::{Machine, Run};
use terminal::Terminal;

fn incident(machine: &Machine, args: &[&str]) -> Run {
    machine.run(&[&["incident"], args].concat())
}

#[test]
fn while_an_incident_is_on_the_vault_hands_out_nothing_and_takes_new_values() {
    let machine = Machine::set_up();
    machine.init();
    machine.put("API_KEY", "made-up-value-of-some-length");
    incident(&machine, &["start", "keys leaked"]).succeeds();
    for args in [
        &["vault", "get", "API_KEY"][..],
        &["vault", "helper", "API_KEY"],
        &["vault", "export"],
    ] {
        let refused = machine.run(args).ends_with(4);
        assert!(
            refused.stderr.contains("an incident is on"),
            "{}",
            refused.stderr
        );
        assert_eq!(refused.stdout, "");
    }
    let ran = machine.run(&["run", "--env", "API_KEY", "--", "/usr/bin/env"]);
    assert!(ran.ends_with(125).stdout.is_empty());
    machine
        .tell(&["vault", "rotate", "API_KEY"], "another-made-up-value")
        .succeeds();
    assert!(
        incident(&machine, &["status"])
            .ends_with(1)
            .stdout
            .contains("keys leaked")
    );
}

#[test]
fn the_file_of_an_incident_locks_whatever_it_holds() {
    let machine = Machine::set_up();
    machine.init();
    machine.put("API_KEY", "made-up-value-of-some-length");
    machine.write("home/.claude/ccs/incident.json", "");
    machine.run(&["vault", "get", "API_KEY"]).ends_with(4);
    incident(&machine, &["status"]).ends_with(1);
}

#[test]
fn only_a_person_at_a_terminal_ends_an_incident() {
    let machine = Machine::set_up();
    log::fill(&machine, 3);
    incident(&machine, &["start", "a drill"]).succeeds();
    let id = incident(&machine, &["status", "--json"])
        .ends_with(1)
        .json();
    let id = id["incident"]["id"].as_str().expect("an id").to_owned();
    let refused = machine
        .tell(&["incident", "end"], &format!("{id}\n"))
        .ends_with(4);
    assert!(
        refused.stderr.contains("at a terminal"),
        "{}",
        refused.stderr
    );

    let mut terminal = Terminal::start(machine.command(&["incident", "end"]));
    terminal.shows("to end it: ");
    terminal.types("yes\n");
    assert_eq!(terminal.ends().0, 4);
    incident(&machine, &["status"]).ends_with(1);

    let mut terminal = Terminal::start(machine.command(&["incident", "end", "--note", "a drill"]));
    terminal.shows("to end it: ");
    terminal.types(&format!("{id}\n"));
    let (code, seen) = terminal.ends();
    assert_eq!(code, 0, "{seen}");
    incident(&machine, &["status"]).succeeds();
    let kinds = machine
        .run(&["audit", "query", "--json", "--text", &id])
        .succeeds()
        .json();
    let kinds: Vec<_> = kinds
        .as_array()
        .expect("a list")
        .iter()
        .map(|one| &one["event"])
        .collect();
    assert_eq!(kinds, ["incident-end", "incident-start"]);
}

#[test]
fn the_first_of_two_incidents_stands() {
    let machine = Machine::set_up();
    incident(&machine, &["start", "first"]).succeeds();
    let second = incident(&machine, &["start", "second"]).succeeds();
    assert!(second.stdout.contains("first") && !second.stdout.contains("second"));
}

#[test]
fn the_evidence_is_whole_holds_no_secret_and_says_what_to_rotate() {
    let machine = Machine::set_up();
    log::fill(&machine, 12);
    let access = Entry {
        target: "API_KEY".into(),
        tool: "ccs run".into(),
        ..Entry::new("vault")
    };
    log::log(&machine).append(access).expect("kept");
    let secret = "hunter2-hunter2-hunter2";
    machine.write(
        "project/.claude/settings.json",
        format!("{{\"env\":{{\"TOKEN\":\"{secret}\"}},\"model\":\"m\"}}"),
    );
    incident(&machine, &["start", "keys leaked"]).succeeds();
    let out = machine.path("evidence.tar").display().to_string();
    let made = incident(&machine, &["bundle", "--out", &out, "--json"])
        .succeeds()
        .json();
    assert_eq!(made["rotate"][0]["name"], "API_KEY");

    let unpacked = machine.path("unpacked");
    std::fs::create_dir(&unpacked).expect("made");
    let run = |program: &str, args: &[&str]| {
        let ran = Command::new(program)
            .args(args)
            .current_dir(&unpacked)
            .output();
        let ran = ran.expect("started");
        assert!(
            ran.status.success(),
            "{}",
            String::from_utf8_lossy(&ran.stderr)
        );
        String::from_utf8_lossy(&ran.stdout).into_owned()
    };
    run("tar", &["-xf", &out]);
    run("sha256sum", &["--check", "--strict", "SHA256SUMS"]);
    let sum = run("sha256sum", &[&out]);
    assert!(
        sum.starts_with(made["sha256"].as_str().expect("a hash")),
        "{sum}"
    );
    let recorded = machine.run(&["audit", "query", "--kind", "incident-bundle", "--json"]);
    assert_eq!(recorded.json()[0]["input_sha256"], made["sha256"]);

    let entries = machine.read("unpacked/audit/entries.jsonl");
    assert!(entries.lines().count() >= 14, "{entries}");
    let settings = machine.read("unpacked/settings/project.json");
    assert!(
        settings.contains("TOKEN") && settings.contains("\"m\""),
        "{settings}"
    );
    for (path, (_, bytes)) in machine.tree("unpacked") {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        assert!(!text.contains(secret), "{}", path.display());
    }
    let verified: serde_json::Value =
        serde_json::from_str(&machine.read("unpacked/audit/verify.json")).expect("JSON");
    assert_eq!(verified["intact"], true);
}
