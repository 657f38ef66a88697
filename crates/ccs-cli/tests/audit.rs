//! `ccs audit`: looking at the log, checking it, proving parts of it, and letting parts of it go.
#![cfg(unix)]

#[path = "support/log.rs"]
mod log;
mod support;

use std::io::{BufRead, BufReader};
use std::process::Stdio;

use ccs_audit::{Entry, Log, Options, Rotate};
use ccs_hooks::trail;
use log::call;
use rusqlite::Connection;
use support::{Machine, Run};

fn audit(machine: &Machine, args: &[&str]) -> Run {
    machine.run(&[&["audit"], args].concat())
}

fn change(machine: &Machine, sql: &str) {
    let path = log::folder(machine).join("000001.db");
    let db = Connection::open(path).expect("opened");
    db.execute_batch(sql).expect("changed");
}

#[test]
fn a_query_finds_what_fits_and_nothing_else() {
    let machine = log::machine(40);
    for (args, count) in [
        (&["--decision", "deny"][..], 8),
        (&["--session", "session-0"], 14),
        (&["--tool", "Write", "--decision", "deny"], 4),
        (&["--rule", "fs.remove", "--limit", "3"], 3),
        (&["--text", "TARGET 39"], 1),
        (&["--kind", "audit.segment"], 1),
        (&["--since", "1h", "--limit", "0"], 41),
        (&["--until", "1h"], 0),
    ] {
        let found = audit(&machine, &[&["query", "--json"], args].concat()).succeeds();
        assert_eq!(
            found.json().as_array().expect("a list").len(),
            count,
            "{args:?}"
        );
    }
    let count = audit(&machine, &["query", "--decision", "deny", "--count"]).succeeds();
    assert_eq!(count.stdout, "8\n");
}

#[test]
fn the_tail_ends_with_the_newest_entry_and_goes_on_with_those_to_come() {
    let machine = log::machine(30);
    let shown = audit(&machine, &["tail", "-n", "2"]).succeeds().stdout;
    let lines: Vec<&str> = shown.lines().collect();
    assert!(
        lines[0].contains("target 28") && lines[1].contains("target 29"),
        "{shown}"
    );

    let mut command = machine.command(&["audit", "tail", "-f", "-n", "1", "--json"]);
    let mut child = command.stdout(Stdio::piped()).spawn().expect("started");
    let mut lines = BufReader::new(child.stdout.take().expect("a pipe")).lines();
    let mut next = || lines.next().expect("a line").expect("text");
    assert!(next().contains("target 29"));
    log::log(&machine).append(call(77)).expect("kept");
    assert!(next().contains("target 77"));
    child.kill().expect("ended");
    child.wait().expect("ended");
}

#[test]
fn an_entry_cannot_steer_the_terminal_that_shows_it() {
    let machine = log::machine(1);
    let hostile = Entry {
        target: "\u{1b}[2Jharmless\u{202e}\nfake line".into(),
        details: "{\"reason\":\"\\u001b]0;owned\\u0007\"}".into(),
        ..call(1)
    };
    log::log(&machine).append(hostile).expect("kept");
    for args in [&["tail"][..], &["query"], &["show", "2"]] {
        let shown = audit(&machine, args).succeeds().stdout;
        assert!(
            !shown.contains(['\u{1b}', '\u{7}', '\u{202e}']),
            "{shown:?}"
        );
        assert!(
            !shown.lines().any(|line| line.starts_with("fake")),
            "{shown}"
        );
    }
}

#[test]
fn a_log_that_is_intact_ends_in_0_whoever_checks_it() {
    let machine = log::machine(42);
    let key = log::root_key(&machine);
    for args in [&[][..], &["--root-key", &key], &["--offline", "--remember"]] {
        let report = audit(&machine, &[&["verify", "--json"], args].concat()).succeeds();
        assert_eq!(report.json()["intact"], true);
        assert_eq!(report.json()["entries"], 43);
    }
}

#[test]
fn a_log_that_was_tampered_with_ends_in_1_and_one_that_cannot_be_checked_in_3() {
    let machine = log::machine(42);
    change(
        &machine,
        include_str!("../../ccs-audit/tests/tamper/edit_an_entry.sql"),
    );
    let key = log::root_key(&machine);
    let report = audit(&machine, &["verify", "--json", "--root-key", &key]).ends_with(1);
    assert_eq!(report.json()["faults"][0]["name"], "altered");
    assert_eq!(report.json()["faults"][0]["seq"], 11);
    let legacy = audit(&machine, &["verify", "--legacy", "--root-key", &key]).ends_with(1);
    assert_eq!(legacy.json()["first_broken"], 12);

    let nothing = Machine::new();
    let refused = audit(&nothing, &["verify"]).ends_with(3);
    assert!(
        refused.stderr.contains("cannot verify: no audit log"),
        "{}",
        refused.stderr
    );
    let folder = log::folder(&machine);
    std::fs::write(folder.join("000001.db"), "not a database at all").expect("written");
    for aside in ["000001.db-wal", "000001.db-shm"] {
        let _ = std::fs::remove_file(folder.join(aside));
    }
    audit(&machine, &["verify"]).ends_with(3);
}

#[test]
fn what_stays_unchecked_ends_in_3_if_that_is_asked_for() {
    let machine = log::machine(42);
    audit(&machine, &["verify", "--strict"]).ends_with(3);
    audit(&machine, &["verify", "--remember"]).succeeds();
    let key = log::root_key(&machine);
    audit(&machine, &["verify", "--strict", "--root-key", &key]).succeeds();
}

#[test]
fn a_log_cut_back_shows_to_whoever_remembers_it() {
    let machine = log::machine(20);
    let earlier = machine.path("earlier");
    log::copy_folder(&log::folder(&machine), &earlier);
    log::fill(&machine, 20);
    audit(&machine, &["checkpoint"]).succeeds();
    audit(&machine, &["verify", "--remember"]).succeeds();
    log::copy_folder(&earlier, &log::folder(&machine));

    let report = audit(&machine, &["verify", "--json"]).ends_with(1);
    assert_eq!(report.json()["faults"][0]["name"], "rolled-back");
}

#[test]
fn a_proof_holds_without_the_log_and_for_nothing_else() {
    let machine = log::machine(42);
    let out = machine.path("entry.proof").display().to_string();
    audit(&machine, &["prove", "11", "--out", &out]).succeeds();
    let identity = machine.path("log.json").display().to_string();
    std::fs::copy(log::folder(&machine).join("log.json"), &identity).expect("copied");
    std::fs::remove_dir_all(log::folder(&machine)).expect("removed");

    let check = |key: &str| {
        audit(
            &machine,
            &["prove", "--check", &out, "--key", key, "--json"],
        )
    };
    let held = check(&identity).succeeds().json();
    assert_eq!(held["entry"]["target"], "target 10");

    let proof = std::fs::read_to_string(&out).expect("read");
    let moved = proof.replace("index 11", "index 12");
    std::fs::write(&out, moved).expect("written");
    assert_eq!(check(&identity).ends_with(1).json()["holds"], false);
    std::fs::write(&out, "c2sp.org/tlog-proof@v1\nnonsense").expect("written");
    check(&identity).ends_with(4);
    audit(&machine, &["prove", "--check", &out]).ends_with(2);
}

#[test]
fn that_the_log_only_grew_is_proved_between_two_checkpoints() {
    let machine = log::machine(10);
    let place = |name: &str| machine.path(name).display().to_string();
    let [old, growth] = [place("old"), place("growth")];
    audit(&machine, &["checkpoint", "--out", &old]).succeeds();
    log::fill(&machine, 20);
    audit(&machine, &["checkpoint"]).succeeds();
    audit(&machine, &["prove", "--since", "11", "--out", &growth]).succeeds();
    let check = |from: &str| audit(&machine, &["prove", "--check", &growth, "--from", from]);
    assert!(
        check(&old)
            .succeeds()
            .stdout
            .contains("first 11 of 31 entries")
    );

    let other = log::machine(10);
    let another = place("another");
    audit(&other, &["checkpoint", "--out", &another]).succeeds();
    check(&another).ends_with(1); // the same log's key, another history
    audit(&machine, &["prove", "--check", &growth]).ends_with(2);
    audit(&machine, &["prove", "--since", "99"]).ends_with(2);
}

#[test]
fn an_entry_without_a_checkpoint_says_how_to_get_one() {
    let machine = log::machine(10);
    let refused = audit(&machine, &["prove", "10"]).ends_with(3);
    assert!(
        refused.stderr.contains("next: ccs audit checkpoint"),
        "{}",
        refused.stderr
    );
    audit(&machine, &["prove", "999"]).ends_with(2);
}

#[test]
fn an_export_has_every_entry_in_every_form_and_replaces_no_file() {
    let machine = log::machine(25);
    let lines = |format: &str| {
        let export = audit(&machine, &["export", "--format", format]).succeeds();
        export.stdout.lines().count()
    };
    assert_eq!(
        (lines("jsonl"), lines("ocsf"), lines("legacy")),
        (26, 26, 26)
    );
    assert_eq!(lines("csv"), 27);
    let out = machine.path("out.csv").display().to_string();
    let export = || audit(&machine, &["export", "--format", "csv", "--out", &out]);
    export().succeeds();
    export().ends_with(4);
    use std::os::unix::fs::PermissionsExt;
    let mode = std::fs::metadata(&out).expect("there").permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}

/// A log whose details are encrypted, in segments of eight entries.
fn sealed() -> Machine {
    let machine = Machine::new();
    // makes the key; its log has other options than the ones wanted here
    drop(trail::found(&machine.state()).expect("a log"));
    std::fs::remove_dir_all(log::folder(&machine)).expect("removed");
    std::fs::remove_file(machine.state().join(trail::IDENTITY)).expect("removed");
    let options = Options {
        details_key: trail::details_key(&machine.state()).expect("readable"),
        rotate: Rotate {
            entries: 8,
            ..Rotate::default()
        },
        ..log::options()
    };
    let mut log = Log::open(&log::folder(&machine), options).expect("a log");
    (0..30).for_each(|number| drop(log.append(call(number)).expect("kept")));
    machine
}

#[test]
fn an_erased_session_is_unreadable_and_the_chain_holds() {
    let machine = sealed();
    assert!(
        audit(&machine, &["show", "1"])
            .succeeds()
            .stdout
            .contains("because of 0")
    );
    audit(&machine, &["erase", "session-0"]).ends_with(2); // nobody to ask
    audit(&machine, &["erase", "session-0", "--yes"]).succeeds();
    let shown = audit(&machine, &["show", "1"]).succeeds().stdout;
    assert!(
        shown.contains("erased") && !shown.contains("because of"),
        "{shown}"
    );
    assert!(
        audit(&machine, &["show", "2"])
            .succeeds()
            .stdout
            .contains("because of 1")
    );
    let key = log::root_key(&machine);
    audit(&machine, &["verify", "--root-key", &key]).succeeds();
    audit(&machine, &["erase", "session-0", "--yes"]).ends_with(1);
}

#[test]
fn segments_leave_and_what_stays_is_checked_and_found_as_before() {
    let machine = sealed();
    let old = machine.path("old").display().to_string();
    let all = audit(&machine, &["query", "--limit", "0", "--count"])
        .succeeds()
        .stdout;
    let gone = audit(&machine, &["archive", &old, "--json"])
        .succeeds()
        .json();
    assert!(gone.as_array().expect("a list").len() >= 2, "{gone}");
    let key = log::root_key(&machine);
    audit(&machine, &["verify", "--root-key", &key]).succeeds();
    let here = audit(&machine, &["query", "--limit", "0", "--count"])
        .succeeds()
        .stdout;
    assert_ne!(here, all);
    let args = ["query", "--text", "target 3", "--count", "--archive", &old];
    assert_eq!(audit(&machine, &args).succeeds().stdout, "1\n");
    let refused = audit(&machine, &["show", "1"]).ends_with(3);
    assert!(refused.stderr.contains("--archive"), "{}", refused.stderr);

    let left = audit(&machine, &["retain", "--keep", "1d", "--delete"])
        .succeeds()
        .stdout;
    assert!(left.contains("no closed segment is that old"), "{left}");
    audit(&machine, &["retain", "--keep", "1d"]).ends_with(2);
}

#[test]
fn the_root_key_is_taken_elsewhere_once_it_is_safe_there() {
    let machine = Machine::new();
    let found = Some(ccs_audit::Founding::default());
    let options = Options {
        found,
        ..Options::default()
    };
    machine.write("home/.claude/ccs/policy.yaml", "");
    drop(Log::open(&log::folder(&machine), options).expect("a log"));
    audit(&machine, &["root"]).ends_with(1);
    let inside = log::folder(&machine).join("copy").display().to_string();
    audit(&machine, &["root", "--take", &inside]).ends_with(2);
    let out = machine.path("root").display().to_string();
    audit(&machine, &["root", "--take", &out]).succeeds();
    audit(&machine, &["root"]).succeeds();
    let report = audit(&machine, &["verify", "--json", "--root-key", &out])
        .succeeds()
        .json();
    let unchecked = report["unchecked"].to_string();
    assert!(!unchecked.contains("root key"), "{unchecked}");
}
