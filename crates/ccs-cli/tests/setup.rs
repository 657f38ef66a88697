//! What setup does to files. Whether the guard protects is shown in `protection.rs`.
#![cfg(unix)]

mod support;

use std::fs;
use std::os::unix::fs::PermissionsExt;

use serde_json::Value;
use support::Machine;

const THEIRS: &str = "{\n    \"model\": \"opus\",\n    \"permissions\": { \"deny\": [\"Bash(rm:*)\"] },\n    \"hooks\": {\"Stop\": [{\"hooks\": [{\"type\": \"command\", \"command\": \"notify\"}]}]}\n}";

fn mode(machine: &Machine, name: &str) -> u32 {
    let metadata = fs::metadata(machine.path(name)).expect("there");
    metadata.permissions().mode() & 0o777
}

fn settings(machine: &Machine) -> Value {
    serde_json::from_str(&machine.read("home/.claude/settings.json")).expect("JSON")
}

#[test]
fn each_event_gets_one_handler_that_fails_closed() {
    let machine = Machine::set_up();
    let hooks = &settings(&machine)["hooks"];
    let state = machine.state();
    for (event, argument) in [
        ("SessionStart", "session-start"),
        ("ConfigChange", "config-change"),
        ("PreToolUse", "pre-tool-use"),
        ("PermissionRequest", "permission-request"),
        ("UserPromptExpansion", "user-prompt-expansion"),
    ] {
        let handler = serde_json::json!({
            "type": "command",
            "command": state.join("bin/ccs-hook"),
            "args": [argument, "--state", state],
            "timeout": 10,
            "onFailure": "block",
        });
        assert_eq!(hooks[event], serde_json::json!([{"hooks": [handler]}]));
    }
}

#[test]
fn what_is_made_is_private_and_the_hook_can_be_run() {
    let machine = Machine::set_up();
    assert_eq!(mode(&machine, "home/.claude"), 0o700);
    assert_eq!(mode(&machine, "home/.claude/ccs"), 0o700);
    assert_eq!(mode(&machine, "home/.claude/settings.json"), 0o600);
    assert_eq!(mode(&machine, "home/.claude/ccs/install.json"), 0o600);
    assert_eq!(mode(&machine, "home/.claude/ccs/bin/ccs-hook"), 0o755);
}

#[test]
fn the_record_names_what_was_registered() {
    let machine = Machine::set_up();
    let record: Value =
        serde_json::from_str(&machine.read("home/.claude/ccs/install.json")).expect("JSON");
    assert_eq!(record["version"], 1);
    assert_eq!(record["settings"], serde_json::json!([machine.settings()]));
    assert_eq!(
        record["hook"],
        serde_json::json!(machine.state().join("bin/ccs-hook"))
    );
    let events = record["events"].as_array().expect("a list");
    for event in ["PreToolUse", "UserPromptSubmit", "SessionEnd"] {
        assert!(events.contains(&event.into()), "{event}");
    }
}

#[test]
fn a_slash_command_of_the_users_own_is_left_alone() {
    let machine = Machine::new();
    machine.write("home/.claude/commands/key.md", "mine");
    machine.setup(&[]).succeeds();
    assert!(machine.path("home/.claude/commands/key-add.md").exists());

    machine.run(&["uninstall"]).succeeds();

    assert_eq!(machine.read("home/.claude/commands/key.md"), "mine");
    assert!(!machine.path("home/.claude/commands/key-add.md").exists());
    assert!(!machine.path("home/.claude/skills").exists());
}

#[test]
fn the_slash_commands_go_when_prompts_are_no_longer_looked_at() {
    let machine = Machine::set_up();
    assert!(machine.path("home/.claude/commands/key.md").exists());
    machine.setup(&["--tier", "1"]).succeeds();
    assert!(!machine.path("home/.claude/commands/key.md").exists());
}

#[test]
fn the_mod_names_the_hook_and_goes_with_everything_else() {
    let machine = Machine::set_up();
    machine.run(&["mod", "install"]).succeeds();
    let script = machine.read("home/.claude/skills/ccs-mod/hooks/register.js");
    let hook = machine.state().join("bin/ccs-hook");
    assert!(script.contains(&format!("const HOOK = \"{}\"", hook.display())));
    assert!(!script.contains("{STATE}"));

    machine.run(&["uninstall"]).succeeds();

    assert!(!machine.path("home/.claude").exists());
}

#[test]
fn a_second_run_changes_no_byte() {
    let machine = Machine::new();
    machine.write("home/.claude/settings.json", THEIRS);
    machine.setup(&[]).succeeds();
    let before = machine.tree("home");

    let run = machine.setup(&[]).succeeds();

    assert!(run.stdout.contains("no file was changed"), "{}", run.stdout);
    assert_eq!(machine.tree("home"), before);
}

#[test]
fn what_the_user_had_is_kept_and_backed_up() {
    let machine = Machine::new();
    let path = machine.write("home/.claude/settings.json", THEIRS);
    fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).expect("ours");

    machine.setup(&[]).succeeds();

    assert_eq!(
        machine.read("home/.claude/settings.json.ccs-backup-1"),
        THEIRS
    );
    assert_eq!(mode(&machine, "home/.claude/settings.json"), 0o640);
    let settings = settings(&machine);
    assert_eq!(settings["model"], "opus");
    assert_eq!(settings["permissions"]["deny"][0], "Bash(rm:*)");
    assert_eq!(
        settings["hooks"]["Stop"][0]["hooks"][0]["command"],
        "notify"
    );
}

#[test]
fn a_dry_run_touches_nothing_and_shows_what_would_be_written() {
    let machine = Machine::new();
    machine.write(
        "home/.claude/settings.json",
        "{\n    \"model\": \"opus\"\n}\n",
    );
    let before = machine.tree("");

    let run = machine.setup(&["--dry-run"]).succeeds();

    assert_eq!(machine.tree(""), before);
    for shown in [
        "--- /dev/null",
        "+mode: standard",
        "bin/ccs-hook would be created (",
        "+                        \"onFailure\": \"block\"",
        "-    \"model\": \"opus\"\n+    \"model\": \"opus\",",
    ] {
        assert!(run.stdout.contains(shown), "{shown}\n{}", run.stdout);
    }
}

#[test]
fn a_dry_run_shows_exactly_what_the_run_then_does() {
    let machine = Machine::new();
    machine.write("home/.claude/settings.json", THEIRS);
    let shown = machine.setup(&["--dry-run"]).succeeds().stdout;

    machine.setup(&[]).succeeds();

    let after = machine.read("home/.claude/settings.json");
    let added: Vec<_> = shown
        .lines()
        .filter_map(|line| line.strip_prefix('+'))
        .collect();
    for line in after.lines().filter(|line| !THEIRS.contains(line.trim())) {
        assert!(added.contains(&line), "{line}");
    }
}

#[test]
fn a_lower_tier_takes_out_what_the_higher_one_registered() {
    let machine = Machine::set_up();
    machine.setup(&["--tier", "1"]).succeeds();

    let hooks = settings(&machine)["hooks"]
        .as_object()
        .expect("an object")
        .clone();
    let events: Vec<_> = hooks.keys().map(String::as_str).collect();
    assert_eq!(events, ["ConfigChange", "SessionStart"]);
}

#[test]
fn tiers_that_are_not_all_there_say_so() {
    let machine = Machine::new();
    let run = machine.setup(&["--tier", "4"]).succeeds();
    assert!(
        run.stdout.contains("registers the same as tier 3"),
        "{}",
        run.stdout
    );
    machine.setup(&["--tier", "5"]).ends_with(2);
}

#[test]
fn an_old_client_is_named_with_what_it_lacks() {
    let machine = Machine::new();
    machine.client("2.1.197");
    let run = machine.setup(&[]).succeeds();
    assert!(run.stdout.contains("2.1.197 at "), "{}", run.stdout);
    assert!(
        run.stdout.contains("below 2.1.295: `onFailure` is ignored"),
        "{}",
        run.stdout
    );
}

#[test]
fn a_client_that_hangs_holds_nothing_up_for_ever() {
    let machine = Machine::new();
    machine.program("claude", "#!/bin/sh\nexec sleep 1000\n");
    let run = machine.setup(&[]).succeeds();
    assert!(run.stdout.contains("gave no version"), "{}", run.stdout);
}

#[test]
fn a_hook_that_does_not_block_is_not_registered() {
    let machine = Machine::new();
    machine.write("home/.claude/settings.json", THEIRS);
    let run = machine.run(&["setup", "--hook", "/bin/true"]).ends_with(3);
    assert!(
        run.stderr.contains("`rm -rf /` should be blocked"),
        "{}",
        run.stderr
    );
    assert_eq!(machine.read("home/.claude/settings.json"), THEIRS);
}

#[test]
fn a_hook_that_blocks_everything_is_not_registered() {
    let machine = Machine::new();
    machine.program(
        "ccs-hook",
        "#!/bin/sh\ncat >/dev/null\necho no >&2\nexit 2\n",
    );
    machine.setup(&[]).ends_with(3);
    assert!(!machine.settings().exists());
}

#[test]
fn a_hook_that_is_not_there_is_an_error_with_a_next_step() {
    let machine = Machine::new();
    let run = machine.run(&["setup", "--hook", "gone"]).ends_with(5);
    assert!(run.stderr.contains("next: build it"), "{}", run.stderr);
    assert!(!machine.path("home/.claude").exists());
}

#[test]
fn a_newer_hook_program_replaces_the_old_one() {
    let machine = Machine::set_up();
    let newer = format!("{}# newer\n", include_str!("support/hook.sh"));
    machine.program("ccs-hook", &newer);

    machine.setup(&[]).succeeds();

    assert_eq!(machine.read("home/.claude/ccs/bin/ccs-hook"), newer);
}

#[test]
fn the_managed_scope_has_a_hook_of_its_own_that_everybody_can_run() {
    let machine = Machine::set_up();
    let managed = machine.path("etc/managed-settings.json");

    machine
        .setup(&[
            "--scope",
            "managed",
            "--managed-settings",
            managed.to_str().expect("UTF-8"),
        ])
        .succeeds();

    let hook = serde_json::json!(machine.path("etc/ccs/bin/ccs-hook"));
    let text: Value =
        serde_json::from_str(&machine.read("etc/managed-settings.json")).expect("JSON");
    for settings in [&text, &settings(&machine)] {
        assert_eq!(
            settings["hooks"]["PreToolUse"][0]["hooks"][0]["command"],
            hook
        );
    }
    assert_eq!(mode(&machine, "etc/ccs/bin"), 0o755);
    assert_eq!(mode(&machine, "etc/managed-settings.json"), 0o644);
    assert!(!machine.path("home/.claude/ccs/bin/ccs-hook").exists());
}

#[test]
fn the_project_scope_uses_the_settings_that_stay_out_of_version_control() {
    let machine = Machine::new();
    machine.setup(&["--scope", "project"]).succeeds();
    assert!(machine.path("project/.claude/settings.local.json").exists());
    assert!(!machine.settings().exists());
}

#[test]
fn other_places_can_be_named_in_the_environment() {
    let machine = Machine::new();
    let run = machine
        .command(&["setup"])
        .env("CLAUDE_CODE_SECURITY_HOME", machine.path("elsewhere"))
        .env("CCS_HOME", machine.path("state"))
        .output();
    support::Run::of(run).succeeds();
    let settings = machine.read("elsewhere/settings.json");
    assert!(settings.contains(&format!("\"{}\"", machine.path("state").display())));
    assert!(machine.path("state/install.json").exists());
}

#[test]
fn a_relative_place_in_the_environment_is_refused() {
    let machine = Machine::new();
    let run = machine
        .command(&["status"])
        .env("CCS_HOME", "state")
        .output();
    let run = support::Run::of(run).ends_with(2);
    assert!(run.stderr.contains("CCS_HOME is `state`"), "{}", run.stderr);
}

#[test]
fn under_sudo_the_home_folder_must_be_named() {
    let machine = Machine::new();
    let run = machine.command(&["setup"]).env("SUDO_USER", "dev").output();
    let run = support::Run::of(run).ends_with(2);
    assert!(
        run.stderr.contains("next: add --home ~dev"),
        "{}",
        run.stderr
    );
}

#[test]
fn the_answer_in_json_tells_steps_and_proof() {
    let machine = Machine::new();
    let answer = machine.setup(&["--json"]).succeeds().json();
    assert_eq!(answer["dry_run"], false);
    let held: Vec<_> = answer["proof"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|case| &case["held"])
        .collect();
    assert_eq!(held, [true, true, true]);
    let done = answer["steps"].as_array().expect("a list");
    assert!(done.iter().any(|step| step["level"] == "done"));
}
