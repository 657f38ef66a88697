//! The guard protects: claims about the real hook program and the real gate.
//!
//! Needs `ccs-hook` built beside `ccs`, as `cargo build` does for the whole workspace.
#![cfg(unix)]

mod support;

use std::path::Path;
use std::process::{Command, Stdio};

use support::{CCS, Machine, Run};

/// A machine with the hook program of the same build.
fn bare() -> Machine {
    let hook = Path::new(CCS).with_file_name("ccs-hook");
    assert!(
        hook.exists(),
        "{} is not built; run `cargo build --workspace`",
        hook.display()
    );
    let machine = Machine::new();
    support::put(&hook, &machine.path("bin/ccs-hook"));
    machine.client("2.1.329");
    machine
}

/// The same, set up.
fn machine() -> Machine {
    let machine = bare();
    machine.setup(&[]).succeeds();
    machine
}

/// What the installed hook answers to a Bash call, as (exit code, stdout).
fn asked(machine: &Machine, command: &str) -> (i32, String) {
    let event = serde_json::json!({
        "session_id": "s", "transcript_path": machine.path("t.jsonl"), "cwd": machine.path("project"),
        "permission_mode": "bypassPermissions", "hook_event_name": "PreToolUse", "tool_name": "Bash",
        "tool_input": {"command": command}, "tool_use_id": "toolu_1",
    });
    let input = machine.write("event.json", event.to_string());
    let text = machine.read("home/.claude/settings.json");
    let settings: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    let handler = &settings["hooks"]["PreToolUse"][0]["hooks"][0];
    let args = handler["args"].as_array().expect("a list").iter();
    let output = Command::new(handler["command"].as_str().expect("a path"))
        .args(args.map(|arg| arg.as_str().expect("a string")))
        .env("HOME", machine.home())
        .stdin(std::fs::File::open(input).expect("a file"))
        .stderr(Stdio::null())
        .output();
    let run = Run::of(output);
    (run.code, run.stdout)
}

#[test]
fn setup_ends_by_showing_a_blocked_and_an_allowed_call() {
    let run = bare().setup(&[]).succeeds();
    let last: Vec<&str> = run.stdout.lines().rev().take(3).collect();
    assert!(
        last[2].contains("rm -rf / -> blocked (exit code 2: "),
        "{}",
        run.stdout
    );
    assert!(
        last[1].contains("git status -> allowed (exit code 0)"),
        "{}",
        run.stdout
    );
    assert!(
        last[0].contains("input cut off in the middle -> blocked"),
        "{}",
        run.stdout
    );
}

#[test]
fn the_installed_hook_denies_what_destroys_and_says_nothing_to_what_does_not() {
    let machine = machine();
    for command in [
        "rm -rf /",
        "sudo sh -c 'rm -rf /usr'",
        "dd if=/dev/zero of=/dev/sda",
    ] {
        let (code, answer) = asked(&machine, command);
        assert_eq!(code, 2, "{command}: {answer}");
        assert!(
            answer.contains("\"permissionDecision\":\"deny\""),
            "{command}: {answer}"
        );
    }
    for command in ["git status", "cargo test", "grep -rn 'rm -rf /' docs"] {
        let (code, answer) = asked(&machine, command);
        assert_eq!(code, 0, "{command}: {answer}");
        assert!(
            !answer.contains("permissionDecision"),
            "{command}: {answer}"
        );
    }
}

#[test]
fn doctor_proves_it_and_the_policy_is_signed() {
    let machine = machine();
    let run = machine.run(&["doctor"]).succeeds();
    for shown in [
        "rm -rf / -> blocked",
        "git status -> allowed",
        "the policy is signed and whole",
    ] {
        assert!(run.stdout.contains(shown), "{shown}\n{}", run.stdout);
    }
}

#[test]
fn a_second_setup_changes_no_byte_of_keys_policy_or_settings() {
    let machine = machine();
    let files = |machine: &Machine| {
        let mut tree = machine.tree("home");
        // The hook writes down what it was asked.
        tree.retain(|path, _| path.extension().is_none_or(|kind| kind != "jsonl"));
        tree
    };
    let before = files(&machine);
    machine.setup(&[]).succeeds();
    assert_eq!(files(&machine), before);
}

#[test]
fn check_denies_with_a_reason_and_exit_code_1() {
    let machine = Machine::new();
    let run = machine
        .run(&["--home", "/home/dev", "check", "rm -rf ~"])
        .ends_with(1);
    assert!(run.stdout.starts_with("deny ["), "{}", run.stdout);
    assert!(run.stdout.contains("\n  why "), "{}", run.stdout);
    machine.run(&["check", "git status"]).succeeds();
}

#[test]
fn explain_shows_what_runs_what_it_does_and_what_to_do_instead() {
    let machine = Machine::new();
    let run = machine
        .run(&["explain", "cd /; sudo rm -rf ."])
        .ends_with(1);
    for shown in ["runs ", "does ", "answer   deny", "why "] {
        assert!(run.stdout.contains(shown), "{shown}\n{}", run.stdout);
    }
}

#[test]
fn the_shipped_rules_are_listed_shown_and_agree_with_their_examples() {
    let machine = Machine::new();
    let list = machine.run(&["rules", "list", "--json"]).succeeds().json();
    let id = list[0]["id"].as_str().expect("an id").to_owned();
    assert!(
        machine
            .run(&["rules", "show", &id])
            .succeeds()
            .stdout
            .starts_with(&id)
    );
    machine.run(&["rules", "test"]).succeeds();
}

#[test]
fn a_stricter_policy_takes_effect_once_it_is_compiled() {
    let machine = machine();
    let command = "frobnicate --all";
    machine.write(
        "home/.claude/ccs/policy.yaml",
        format!("deny: ['{command}']\n"),
    );
    machine.run(&["policy", "diff"]).ends_with(1);
    assert_eq!(asked(&machine, command).0, 0);

    machine.run(&["policy", "compile"]).succeeds();

    machine.run(&["policy", "diff"]).succeeds();
    assert_eq!(asked(&machine, command).0, 2);
    machine.run(&["check", command]).ends_with(1);
}

#[test]
fn a_policy_that_was_tampered_with_is_not_used() {
    let machine = machine();
    let bundle = machine.state().join("policy.bundle");
    let mut bytes = std::fs::read(&bundle).expect("a file");
    *bytes.last_mut().expect("not empty") ^= 1;
    std::fs::write(&bundle, bytes).expect("ours");

    machine.run(&["check", "ls"]).ends_with(3);
    machine.run(&["doctor"]).ends_with(1);
    assert_eq!(asked(&machine, "git status").0, 2);
}

#[test]
fn an_imported_damage_control_file_takes_effect() {
    let machine = machine();
    let file = "bashToolPatterns:\n  - {pattern: '\\bfrobnicate\\b', reason: no frobs}\nzeroAccessPaths: ['*.frob']\n";
    let file = machine.write("damage.yaml", file).display().to_string();
    machine.run(&["policy", "import", &file]).succeeds();
    machine.run(&["policy", "compile"]).succeeds();
    assert_eq!(asked(&machine, "frobnicate x").0, 2);
    assert_eq!(asked(&machine, "cat x.frob").0, 2);
}
