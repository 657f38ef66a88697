//! `ccs update` with stand-ins for the client.
#![cfg(unix)]

mod support;

use std::fs;

use support::Machine;

/// A client of this version that is as large as a program.
fn client(version: &str) -> String {
    format!(
        "#!/bin/sh\ncase $1 in --version) echo '{version} (Claude Code)';; esac\nexit 0\n{}",
        "# as large as a program\n".repeat(200)
    )
}

fn machine() -> Machine {
    let machine = Machine::set_up();
    machine.program("claude", &client("2.1.329"));
    machine.write("home/.claude/skills/report/SKILL.md", "report\n");
    machine
}

/// An update that puts this text into the program's place.
fn update(machine: &Machine, text: &str) -> support::Run {
    let new = machine.write("new", text);
    let to = machine.path("bin/claude");
    let script = format!("cat {} > {}", new.display(), to.display());
    machine.run(&["update", "apply", "--no-session", "--", "sh", "-c", &script])
}

fn version(machine: &Machine) -> String {
    let text = machine.read("bin/claude");
    let at = text.find("2.1.").expect("a version");
    text[at..at + 7].to_owned()
}

#[test]
fn an_update_that_passes_every_look_stays() {
    let machine = machine();
    let done = update(&machine, &client("2.1.330")).succeeds();
    assert!(done.stdout.contains("passed every look"), "{}", done.stdout);
    assert_eq!(version(&machine), "2.1.330");
    machine.run(&["update", "status"]).succeeds();

    machine.run(&["update", "rollback"]).succeeds();
    assert_eq!(version(&machine), "2.1.329");
}

#[test]
fn an_update_that_fails_a_look_is_undone_and_said_why() {
    for (text, why) in [
        ("#!/bin/sh\necho 2.1.330\n".to_owned(), "is no program"),
        (client("nothing"), "--version"),
        (client("2.1.330").replace("exit 0", "exit 7"), "--version"),
    ] {
        let machine = machine();
        machine.write("home/.claude/skills/report/SKILL.md", "report\n");
        let failed = update(&machine, &text).ends_with(1);
        assert!(failed.stdout.contains(why), "{why} in {}", failed.stdout);
        assert_eq!(version(&machine), "2.1.329");
    }
}

#[test]
fn an_update_that_was_killed_is_found_and_undone() {
    let machine = machine();
    let kills = format!(
        "echo broken > {}; kill -9 $PPID",
        machine.path("bin/claude").display()
    );
    let mut command =
        machine.command(&["update", "apply", "--no-session", "--", "sh", "-c", &kills]);
    command.output().expect("ended");

    let status = machine.run(&["update", "status"]).ends_with(1);
    assert!(status.stdout.contains("cut off"), "{}", status.stdout);
    machine
        .run(&["update", "apply", "--no-session", "--", "true"])
        .ends_with(4);
    machine.run(&["update", "rollback"]).succeeds();
    assert_eq!(version(&machine), "2.1.329");
    machine.run(&["update", "status"]).succeeds();
}

#[test]
fn a_client_that_runs_no_session_is_not_kept() {
    let machine = machine();
    let new = machine.write("new", client("2.1.330"));
    let to = machine.path("bin/claude");
    let script = format!("cat {} > {}", new.display(), to.display());
    let args = ["update", "apply", "--json", "--", "sh", "-c", &script];
    let answer = machine.run(&args).ends_with(1).json();
    assert_eq!(answer["outcome"], "rolled-back");
    assert!(
        answer["why"]
            .as_str()
            .expect("text")
            .starts_with("hooks: no session"),
        "{answer}"
    );
}

#[test]
fn only_the_latest_snapshots_are_kept() {
    let machine = machine();
    let folder = machine.state().join("updates");
    for number in 0..4 {
        machine.run(&["update", "snapshot"]).succeeds();
        // names have a second's grain
        let made = fs::read_dir(&folder).expect("there").flatten();
        let newest = made.map(|entry| entry.path()).max().expect("one");
        let older = folder.join(format!("20200101-0000{number}"));
        let record = fs::read_to_string(newest.join("snapshot.json")).expect("there");
        let name = newest.file_name().expect("a name").to_str().expect("text");
        let record = record.replace(name, &format!("20200101-0000{number}"));
        fs::write(newest.join("snapshot.json"), record).expect("written");
        fs::rename(&newest, older).expect("moved");
    }
    machine.run(&["update", "snapshot"]).succeeds();
    let list = machine
        .run(&["update", "status", "--json"])
        .succeeds()
        .json();
    assert_eq!(list["snapshots"].as_array().map(Vec::len), Some(3));
}
