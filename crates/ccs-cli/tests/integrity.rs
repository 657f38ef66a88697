//! Signing, verifying and approving as a person does it, and as an agent tries to.
#![cfg(unix)]

mod support;
#[path = "support/terminal.rs"]
mod terminal;

use std::fs;
use std::process::Command;

use support::{Machine, Run};
use terminal::Terminal;

const PASSPHRASE: &str = "correct horse battery";

/// A machine with a hook, a skill and settings of the user's.
fn machine() -> Machine {
    let machine = Machine::set_up();
    machine.write("home/.claude/hooks/mine.sh", "exit 0\n");
    machine.write("home/.claude/skills/report/SKILL.md", "report\n");
    machine.write("home/.claude/CLAUDE.md", "be nice\n");
    machine.write("project/.claude/settings.json", "{}\n");
    machine.write("passphrase", format!("{PASSPHRASE}\n"));
    machine
}

fn sign(machine: &Machine, more: &[&str]) -> Run {
    let passphrase = machine.path("passphrase");
    let from = ["integrity", "sign", "--passphrase-from"];
    let from = [&from[..], &[passphrase.to_str().expect("text")], more].concat();
    machine.run(&from)
}

fn signed() -> Machine {
    let machine = machine();
    sign(&machine, &[]).succeeds();
    machine
}

/// `ccs` at a terminal that is its own, in a shell, as a person starts it.
fn at_terminal(machine: &Machine, args: &[&str]) -> Terminal {
    in_a_shell(machine, args, &[])
}

/// The shell waits at the end: when it goes, the terminal goes with all that it shows.
fn in_a_shell(machine: &Machine, args: &[&str], variables: &[(&str, &str)]) -> Terminal {
    let script = r#""$0" "$@"; printf 'ended with %s\036' $?; read -r end"#;
    let mut command = Command::new("setsid");
    command.args(["--ctty", "--wait", "sh", "-c", script]);
    command.arg(machine.ccs()).args(args);
    machine.surround(&mut command);
    command.envs(variables.iter().copied());
    Terminal::start(command)
}

/// The exit code, and all that was to be seen.
fn ended(mut terminal: Terminal) -> (i32, String) {
    terminal.shows("\x1e");
    terminal.types("\n");
    let seen = terminal.seen().to_owned();
    let (_, code) = seen.rsplit_once("ended with ").expect("the shell says so");
    (code.trim_end_matches('\x1e').parse().expect("a code"), seen)
}

/// The exit code of `ccs approve` for a person who types a line at each of these questions.
fn approve(machine: &Machine, id: &str, typed: &[(&str, &str)]) -> i32 {
    let mut terminal = at_terminal(machine, &["approve", id]);
    for (question, line) in typed {
        terminal.shows(question);
        terminal.types(&format!("{line}\r"));
    }
    ended(terminal).0
}

/// What the session's hook would write down for a person.
fn request(machine: &Machine, content: &str) -> String {
    let path = machine.path("home/.claude/hooks/mine.sh");
    let path = fs::canonicalize(path).expect("there");
    let wanted = ccs_hooks::approvals::Wanted {
        action: "edit",
        tool: "Write",
        path: path.to_str(),
        content: content.as_bytes(),
        session: Some("s1"),
        touches: vec![],
    };
    let approvals = ccs_hooks::approvals::Approvals::new(&machine.state());
    let now = ccs_hooks::approvals::Approvals::now();
    approvals.ask(&wanted, now).expect("written")
}

#[test]
fn what_was_signed_verifies_and_every_change_is_named() {
    let machine = machine();
    machine.run(&["integrity", "verify"]).ends_with(3);
    let done = sign(&machine, &[]).succeeds();
    assert!(done.stdout.contains("installation: "), "{}", done.stdout);
    machine.run(&["integrity", "verify"]).succeeds();

    machine.write("home/.claude/hooks/mine.sh", "exit 1\n");
    machine.write("home/.claude/skills/report/run.sh", "planted\n");
    machine.write("home/.claude/CLAUDE.md", "be nasty\n");
    machine.write("project/.mcp.json", "{}\n");
    fs::remove_file(machine.path("project/.claude/settings.json")).expect("removed");
    let found = machine.run(&["integrity", "verify"]).ends_with(1);
    for line in [
        "FAIL  ",
        "mine.sh: modified",
        "run.sh: added",
        "warn  ",
        "CLAUDE.md: modified",
        ".mcp.json: added",
        "settings.json: removed",
    ] {
        assert!(found.stdout.contains(line), "{line} in {}", found.stdout);
    }
    let json = machine
        .run(&["integrity", "status", "--json"])
        .ends_with(1)
        .json();
    assert_eq!(json["clean"], false);
    assert_eq!(
        json["scopes"][0]["deviations"].as_array().map(Vec::len),
        Some(3)
    );
    assert_eq!(json["scopes"][0]["deviations"][0]["class"], "docs");

    let diff = machine.run(&["integrity", "diff"]).ends_with(1);
    for line in ["-exit 0", "+exit 1", "+planted", "-be nice"] {
        assert!(diff.stdout.contains(line), "{line} in {}", diff.stdout);
    }
    sign(&machine, &[]).succeeds();
    machine.run(&["integrity", "verify"]).succeeds();
}

#[test]
fn what_cannot_be_verified_has_a_code_of_its_own() {
    let machine = signed();
    let manifest = machine.path("home/.claude/ccs/integrity/manifest");
    let good = fs::read(&manifest).expect("there");
    for damage in [None, Some(&b"{}"[..])] {
        fs::remove_file(&manifest).expect("removed");
        if let Some(bytes) = damage {
            fs::write(&manifest, bytes).expect("written");
        }
        for command in ["verify", "status", "diff"] {
            machine.run(&["integrity", command]).ends_with(3);
        }
        // nor does signing again bless what happened
        sign(&machine, &[]).ends_with(3);
        fs::write(&manifest, &good).expect("written");
    }
    machine.run(&["integrity", "verify"]).succeeds();
}

#[test]
fn a_wrong_passphrase_signs_nothing_and_a_lost_key_is_not_made_again() {
    let machine = signed();
    machine.write("passphrase", "wrong horse battery\n");
    let wrong = sign(&machine, &[]);
    assert!(wrong.code != 0, "{}", wrong.stdout);
    machine.run(&["integrity", "verify"]).succeeds();

    machine.write("passphrase", PASSPHRASE);
    fs::remove_dir_all(machine.path("home/.claude/ccs/signing")).expect("removed");
    let lost = sign(&machine, &[]).ends_with(3);
    assert!(lost.stderr.contains("--new-key"), "{}", lost.stderr);
    sign(&machine, &["--new-key"]).succeeds();
    machine.run(&["integrity", "verify"]).succeeds();
}

#[test]
fn a_public_key_that_was_exchanged_is_noticed() {
    let machine = signed();
    machine.write("home/.claude/ccs/integrity.pub", "11".repeat(32));
    machine.run(&["integrity", "verify"]).ends_with(3);
    sign(&machine, &[]).ends_with(3);
}

#[test]
fn a_person_signs_at_a_terminal_after_seeing_what_changed() {
    let machine = signed();
    machine.write("home/.claude/hooks/mine.sh", "exit 1\n");
    let mut terminal = at_terminal(&machine, &["integrity", "sign"]);
    terminal.shows("mine.sh");
    terminal.shows("Passphrase of the signing keys: ");
    assert!(!terminal.echoes());
    terminal.types(&format!("{PASSPHRASE}\r"));
    let (code, seen) = ended(terminal);
    assert_eq!(code, 0, "{seen}");
    machine.run(&["integrity", "verify"]).succeeds();
}

#[test]
fn an_approval_shows_the_change_and_wants_the_passphrase() {
    let machine = signed();
    let id = request(&machine, "exit 1 # \u{1b}[2Jnew\n");
    let list = machine.run(&["approvals", "list"]).succeeds();
    assert!(list.stdout.contains(&id), "{}", list.stdout);

    let mut terminal = at_terminal(&machine, &["approve", &id]);
    terminal.shows("-exit 0");
    terminal.shows("+exit 1 # <U+001B>[2Jnew");
    terminal.shows("[y/N] ");
    terminal.types("y\r");
    terminal.shows("Passphrase");
    terminal.types(&format!("{PASSPHRASE}\r"));
    let (code, seen) = ended(terminal);
    assert_eq!(code, 0, "{seen}");
    let waiting = machine
        .run(&["approvals", "list", "--json"])
        .succeeds()
        .json();
    assert_eq!(waiting["waiting"][0], id.as_str());

    machine.run(&["approvals", "revoke"]).succeeds();
    let after = machine
        .run(&["approvals", "list", "--json"])
        .succeeds()
        .json();
    assert_eq!(
        (&after["waiting"][0], &after["generation"]),
        (&serde_json::Value::Null, &1.into())
    );
}

/// What the log has of a kind: tool, decision, target.
fn logged(machine: &Machine, kind: &str) -> Vec<[String; 3]> {
    let found = machine.run(&["audit", "query", "--kind", kind, "--json"]);
    let entries = found.succeeds().json();
    let text = |entry: &serde_json::Value, key: &str| entry[key].as_str().unwrap_or("").to_owned();
    let all = entries.as_array().expect("a list").iter();
    all.map(|entry| ["tool", "decision", "target"].map(|key| text(entry, key)))
        .collect()
}

#[test]
fn what_a_person_approved_is_in_the_log_and_what_they_refused_is_not() {
    let machine = signed();
    let id = request(&machine, "exit 1\n");
    assert_eq!(approve(&machine, &id, &[("[y/N] ", "n")]), 4);
    assert_eq!(logged(&machine, "approval"), [[""; 3]; 0]);

    let typed = [("[y/N] ", "y"), ("Passphrase", PASSPHRASE)];
    assert_eq!(approve(&machine, &id, &typed), 0);

    assert_eq!(logged(&machine, "approval"), [["Write", "approve", &id]]);
}

#[test]
fn what_is_not_as_it_was_signed_is_in_the_log_each_time_it_is_found() {
    let machine = signed();
    machine.run(&["integrity", "verify"]).succeeds();
    assert_eq!(logged(&machine, "drift"), [[""; 3]; 0]);
    machine.write("home/.claude/hooks/mine.sh", "exit 1\n");
    machine.write("home/.claude/hooks/another.sh", "exit 2\n");
    for times in 1..=2 {
        machine.run(&["integrity", "verify"]).ends_with(1);
        let found = logged(&machine, "drift");
        assert_eq!(found.len(), times);
        let [tool, decision, target] = &found[0];
        assert_eq!((&**tool, &**decision), ("ccs integrity", "report"));
        assert!(target.contains(".sh"), "{target}");
    }
    let details = machine.run(&["audit", "query", "--kind", "drift", "--json"]);
    for name in ["mine.sh", "another.sh"] {
        assert!(details.stdout.contains(name), "{}", details.stdout);
    }
}

#[test]
fn without_a_yes_or_the_passphrase_nothing_is_approved() {
    let machine = signed();
    let id = request(&machine, "exit 1\n");
    assert_eq!(approve(&machine, &id, &[("[y/N] ", "n")]), 4);

    let typed = [("[y/N] ", "y"), ("Passphrase", "a guess of the agent")];
    assert_ne!(approve(&machine, &id, &typed), 0);
    let list = machine
        .run(&["approvals", "list", "--json"])
        .succeeds()
        .json();
    assert_eq!(list["waiting"], serde_json::json!([]));
}

#[test]
fn an_agents_shell_can_neither_approve_nor_sign() {
    let machine = signed();
    let id = request(&machine, "exit 1\n");
    // without a terminal
    let mut command = Command::new("setsid");
    command
        .arg("--wait")
        .arg(machine.ccs())
        .args(["approve", &id]);
    machine.surround(&mut command);
    let refused = Run::told(command, "y\n").ends_with(4);
    assert!(refused.stderr.contains("terminal"), "{}", refused.stderr);
    // with one, but in a session's shell
    for name in ["CLAUDECODE", "CLAUDE_PROJECT_DIR"] {
        let terminal = in_a_shell(&machine, &["approve", &id], &[(name, "1")]);
        let (code, seen) = ended(terminal);
        assert_eq!(code, 4, "{seen}");
        assert!(seen.contains("agent's session"), "{seen}");
    }
    // with the variable taken out again
    let script = format!(
        "env -u CLAUDECODE {} integrity sign",
        machine.ccs().display()
    );
    let mut command = Command::new("sh");
    command.args(["-c", &format!("{script}; exit $?")]);
    machine.surround(&mut command);
    command.env("CLAUDECODE", "1");
    let refused = Run::of(command.output()).ends_with(4);
    assert!(
        refused.stderr.contains("was started by one"),
        "{}",
        refused.stderr
    );
}

#[test]
fn a_project_is_signed_on_its_own() {
    let machine = machine();
    sign(&machine, &["--no-project"]).succeeds();
    let status = machine.run(&["integrity", "status"]).succeeds();
    assert!(status.stdout.contains("never signed"), "{}", status.stdout);
    sign(&machine, &[]).succeeds();
    machine.write("project/.claude/settings.json", "{\"env\":{}}\n");
    machine.run(&["integrity", "verify"]).ends_with(1);
    let other = machine.path("bin");
    let other = [
        "integrity",
        "verify",
        "--project",
        other.to_str().expect("text"),
    ];
    machine.run(&other).succeeds();
}
