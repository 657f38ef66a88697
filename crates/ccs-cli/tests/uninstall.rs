//! Uninstall leaves everything as it was.
#![cfg(unix)]

mod support;

use std::fs;

use support::Machine;

const THEIRS: &str = "\u{feff}{\r\n\t\"hooks\" : { },\r\n\t\"permissions\": {\"deny\": [ \"Read(~/.ssh/**)\" ]}\r\n}";

#[test]
fn an_empty_home_is_empty_again() {
    let machine = Machine::new();
    machine.setup(&[]).succeeds();
    machine.run(&["uninstall"]).succeeds();
    assert_eq!(machine.tree("home").len(), 0);
}

#[test]
fn settings_that_were_there_come_back_byte_for_byte() {
    let machine = Machine::new();
    machine.write("home/.claude/settings.json", THEIRS);
    machine.write("home/.claude/history.jsonl", "{}");
    let before = machine.tree("home");

    machine.setup(&[]).succeeds();
    assert_ne!(machine.tree("home"), before);
    machine.setup(&["--tier", "1"]).succeeds();
    machine.run(&["uninstall"]).succeeds();

    let mut after = machine.tree("home");
    // Copies of versions that are not restored stay for the user to look at.
    after.retain(|path, _| !path.to_string_lossy().contains(".ccs-backup-"));
    assert_eq!(after, before);
}

#[test]
fn what_the_user_changed_in_between_stays() {
    let machine = Machine::new();
    machine.write(
        "home/.claude/settings.json",
        "{\n  \"model\": \"opus\"\n}\n",
    );
    machine.setup(&[]).succeeds();
    let text = machine
        .read("home/.claude/settings.json")
        .replace("opus", "sonnet");
    machine.write("home/.claude/settings.json", text);

    machine.run(&["uninstall"]).succeeds();

    assert_eq!(
        machine.read("home/.claude/settings.json"),
        "{\n  \"model\": \"sonnet\"\n}\n"
    );
}

#[test]
fn a_policy_its_owner_changed_stays_with_its_keys() {
    let machine = Machine::set_up();
    machine.write("home/.claude/ccs/policy.yaml", "mode: strict\n");

    let run = machine.run(&["uninstall"]).succeeds();

    assert!(
        run.stdout
            .contains("it holds policy.bundle, policy.key, policy.pub, policy.yaml"),
        "{}",
        run.stdout
    );
    assert_eq!(
        machine.read("home/.claude/ccs/policy.yaml"),
        "mode: strict\n"
    );
    assert!(!machine.settings().exists());
}

#[test]
fn state_is_kept_when_asked_for() {
    let machine = Machine::set_up();
    machine.run(&["uninstall", "--keep-state"]).succeeds();
    assert!(machine.state().join("policy.yaml").exists());
    assert!(!machine.settings().exists());
    assert!(!machine.state().join("install.json").exists());
}

#[test]
fn a_dry_run_touches_nothing() {
    let machine = Machine::set_up();
    let before = machine.tree("");
    let run = machine.run(&["uninstall", "--dry-run"]).succeeds();
    assert_eq!(machine.tree(""), before);
    assert!(
        run.stdout.contains("-            \"onFailure\": \"block\""),
        "{}",
        run.stdout
    );
}

#[test]
fn one_scope_goes_and_the_other_stays_guarded() {
    let machine = Machine::set_up();
    let managed = machine
        .path("etc/managed-settings.json")
        .display()
        .to_string();
    let named = ["--scope", "managed", "--managed-settings", &managed];
    machine.setup(&named).succeeds();

    machine
        .run(&[&["uninstall"], &named[..]].concat())
        .succeeds();

    assert_eq!(machine.tree("etc").len(), 0);
    let own = machine.state().join("bin/ccs-hook").display().to_string();
    assert!(own_command(&machine).contains(&own));
    assert!(machine.state().join("bin/ccs-hook").exists());
    assert!(
        machine
            .run(&["doctor"])
            .succeeds()
            .stdout
            .contains("rm -rf / -> blocked")
    );
}

fn own_command(machine: &Machine) -> String {
    machine.read("home/.claude/settings.json")
}

#[test]
fn a_project_that_was_deleted_does_not_come_back() {
    let machine = Machine::set_up();
    machine.setup(&["--scope", "project"]).succeeds();
    fs::remove_dir_all(machine.path("project/.claude")).expect("ours");

    machine.run(&["uninstall", "--scope", "user"]).succeeds();

    assert_eq!(machine.tree("project").len(), 0);
    assert_eq!(machine.tree("home").len(), 0);
}

#[test]
fn handlers_are_found_without_any_record() {
    let machine = Machine::new();
    machine.write(
        "home/.claude/settings.json",
        "{\n  \"model\": \"opus\"\n}\n",
    );
    machine.setup(&[]).succeeds();
    fs::remove_dir_all(machine.state()).expect("ours");

    machine.run(&["uninstall"]).succeeds();

    let text = machine.read("home/.claude/settings.json");
    assert!(!text.contains("ccs-hook"), "{text}");
    assert!(!machine.state().exists());
}

#[test]
fn without_an_installation_nothing_happens() {
    let machine = Machine::new();
    machine.write("home/.claude/settings.json", THEIRS);
    let before = machine.tree("home");
    let run = machine.run(&["uninstall"]).succeeds();
    assert!(run.stdout.contains("ccs is not set up"), "{}", run.stdout);
    assert_eq!(machine.tree("home"), before);
}

#[test]
fn broken_settings_are_refused_with_their_place_and_nothing_is_lost() {
    let machine = Machine::set_up();
    let text = machine
        .read("home/.claude/settings.json")
        .replacen('{', "{ // mine\n", 1);
    machine.write("home/.claude/settings.json", &text);
    let before = machine.tree("home");

    let run = machine.run(&["uninstall"]).ends_with(4);

    assert!(
        run.stderr
            .contains("settings.json:1:3: comments are not JSON"),
        "{}",
        run.stderr
    );
    assert_eq!(machine.tree("home"), before);
}

#[test]
fn without_a_record_permission_rules_stay_and_are_named() {
    let machine = Machine::set_up();
    fs::remove_file(machine.state().join("undo.json")).expect("ours");

    let run = machine.run(&["uninstall"]).succeeds();

    assert!(
        run.stdout.contains("keeps its permission rules"),
        "{}",
        run.stdout
    );
    let settings = machine.read("home/.claude/settings.json");
    assert!(settings.contains("Read(~/.ssh/**)") && !settings.contains("ccs-hook"));
}
