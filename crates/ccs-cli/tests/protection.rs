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
        tree.retain(|path, _| path.components().all(|part| part.as_os_str() != "audit"));
        tree
    };
    let before = files(&machine);
    machine.setup(&[]).succeeds();
    assert_eq!(files(&machine), before);
}

#[test]
fn setup_and_uninstall_leave_nothing_and_work_that_was_logged_stays() {
    let machine = machine();
    machine.run(&["doctor"]).succeeds();
    machine.run(&["uninstall"]).succeeds();
    assert_eq!(machine.tree("home").len(), 0);

    machine.setup(&[]).succeeds();
    asked(&machine, "git status");
    let run = machine.run(&["uninstall"]).succeeds();
    assert!(
        run.stdout
            .contains("stays: it holds audit, audit.json, audit.key"),
        "{}",
        run.stdout
    );
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
    let file = "bashToolPatterns:\n  - {pattern: '\\bfrobnicate\\b', reason: no frobs}\n  \
                - {pattern: '\\bfrob\\s+push\\b', ask: true}\n\
                zeroAccessPaths: ['*.frob']\nreadOnlyPaths: [/srv/frob/]\n";
    let file = machine.write("damage.yaml", file).display().to_string();
    machine.run(&["policy", "import", &file]).succeeds();
    machine.run(&["policy", "compile"]).succeeds();

    assert_eq!(asked(&machine, "frobnicate x").0, 2);
    assert_eq!(asked(&machine, "cat x.frob").0, 2);
    for (args, word) in [
        (
            &["check", "sudo frobnicate x"][..],
            "deny [imported.pattern-001] no frobs",
        ),
        (&["check", "frob push"], "ask [imported.pattern-002]"),
        (&["check", "cat a/b.frob"], "deny [policy.zero-access]"),
        (
            &["check", "--tool", "Edit", "--path", "/srv/frob/x"],
            "deny [policy.read-only]",
        ),
    ] {
        let run = machine.run(args).ends_with(1);
        assert!(run.stdout.starts_with(word), "{args:?}\n{}", run.stdout);
    }
    let read = ["check", "--tool", "Read", "--path", "/srv/frob/x"];
    machine.run(&read).succeeds();
}

#[test]
fn calls_of_other_tools_are_judged_too() {
    let machine = Machine::new();
    let check = |args: &[&str]| machine.run(&[&["check", "--tool"], args].concat());
    let denied = check(&["Read", "--path", "~/.ssh/id_ed25519", "--json"]).ends_with(1);
    assert_eq!(denied.json()["decision"], "deny");
    check(&["Write", "--path", "~/.bashrc", "--text", "x"]).ends_with(1);
    check(&["Write", "--path", "src/main.rs", "--text", "fn main() {}"]).succeeds();
    check(&["mcp__files__delete", "--path", "/etc"]).ends_with(1);
    check(&["Write", "rm -rf /"]).ends_with(2);
}

#[test]
fn explain_says_what_is_the_policys_word() {
    let machine = machine();
    let policy = "rewrites: true\noverrides: {git.reset-hard: deny}\n";
    machine.write("home/.claude/ccs/policy.yaml", policy);
    machine.run(&["policy", "compile"]).succeeds();

    let run = machine.run(&["explain", "git reset --hard"]).ends_with(1);
    for shown in [
        "deny [git.reset-hard]",
        "policy   as shipped the answer is ask",
        "policy.bundle",
    ] {
        assert!(run.stdout.contains(shown), "{shown}\n{}", run.stdout);
    }
    let run = machine.run(&["explain", "git push --force"]).ends_with(1);
    let rewrite =
        "rewrite  git push --force-with-lease\n         the hook runs this in its place\n";
    assert!(run.stdout.ends_with(rewrite), "{}", run.stdout);
}

#[test]
fn what_a_project_tightens_holds_for_check_as_it_does_for_the_hook() {
    let machine = machine();
    assert_eq!(asked(&machine, "sudo ls").0, 0);
    machine.write(
        "project/.claude/ccs-policy.json",
        "{\"mode\": \"paranoid\"}",
    );

    assert_eq!(asked(&machine, "sudo ls").0, 2);
    machine.run(&["check", "sudo ls"]).ends_with(1);
    let explained = machine.run(&["explain", "sudo ls", "--json"]).json();
    let project = explained["policy"]["project"].as_str().expect("a path");
    assert!(project.ends_with("project/.claude/ccs-policy.json"));

    machine.write("project/.claude/ccs-policy.json", "{");
    machine.run(&["check", "ls"]).ends_with(4);
}

#[test]
fn what_the_policy_loosens_and_what_was_asked_is_reported() {
    let machine = machine();
    let policy = "overrides: {git.reset-hard: allow}\npaths: {exempt: [.env.example]}\n";
    machine.write("home/.claude/ccs/policy.yaml", policy);
    machine.run(&["policy", "compile"]).succeeds();
    asked(&machine, "rm -rf /");

    let run = machine.run(&["status"]).succeeds();

    for shown in [
        "milder than as shipped: milder rules: git.reset-hard; exempt paths: 1",
        ": 1, of them 1 denied and 0 asked about",
    ] {
        assert!(run.stdout.contains(shown), "{shown}\n{}", run.stdout);
    }
}
