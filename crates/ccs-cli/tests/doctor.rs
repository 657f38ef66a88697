//! What status and doctor notice.
#![cfg(unix)]

mod support;

use std::fs;
use std::os::unix::fs::PermissionsExt;

use serde_json::{Value, json};
use support::{Machine, Run};

/// A machine set up with a recent client.
fn machine() -> Machine {
    let machine = Machine::new();
    machine.client("2.1.329");
    machine.setup(&[]).succeeds();
    machine
}

fn edit(machine: &Machine, change: impl FnOnce(&mut Value)) {
    let text = machine.read("home/.claude/settings.json");
    let mut settings = serde_json::from_str(&text).expect("JSON");
    change(&mut settings);
    machine.write("home/.claude/settings.json", settings.to_string());
}

/// The ids of the checks with this level.
fn ids(run: &Run, level: &str) -> Vec<String> {
    let answer = run.json();
    let checks = answer["checks"].as_array().expect("a list").iter();
    let of_level = checks.filter(|check| check["level"] == level);
    of_level
        .map(|check| check["id"].as_str().expect("an id").to_owned())
        .collect()
}

fn failed(machine: &Machine) -> Vec<String> {
    let run = machine.run(&["doctor", "--json"]);
    let failed = ids(&run, "fail");
    assert_eq!(run.code, i32::from(!failed.is_empty()), "{}", run.stdout);
    assert_eq!(run.json()["ok"], failed.is_empty());
    failed
}

#[test]
fn a_fresh_installation_has_nothing_wrong_and_two_things_to_look_at() {
    let machine = machine();
    let run = machine.run(&["doctor", "--json"]).succeeds();
    assert_eq!(ids(&run, "warn"), ["trail.root-key", "hole.scope"]);
    let proof = run.json()["proof"].clone();
    assert_eq!(proof.as_array().map(Vec::len), Some(3));
}

#[test]
fn without_an_installation_the_one_thing_to_do_is_named() {
    let machine = Machine::new();
    for command in ["status", "doctor"] {
        let run = machine.run(&[command]).ends_with(1);
        assert!(
            run.stdout
                .contains("FAIL  ccs is not set up\n      -> ccs setup\n"),
            "{}",
            run.stdout
        );
    }
}

#[test]
fn a_managed_installation_closes_the_last_hole() {
    let machine = machine();
    let managed = machine
        .path("etc/managed-settings.json")
        .display()
        .to_string();
    machine
        .setup(&["--scope", "managed", "--managed-settings", &managed])
        .succeeds();
    let run = machine
        .run(&["doctor", "--json", "--managed-settings", &managed])
        .succeeds();
    assert_eq!(ids(&run, "warn"), ["trail.root-key"]);
}

#[test]
fn the_root_key_is_a_warning_until_it_is_taken_elsewhere() {
    let machine = Machine::new();
    let command = "ccs audit root --take FILE";
    let said = machine.setup(&[]).succeeds().stdout;
    assert_eq!(said.matches(command).count(), 1, "{said}");
    let said = machine.run(&["doctor"]).stdout;
    assert_eq!(said.matches(command).count(), 1, "{said}");

    let elsewhere = machine.path("elsewhere").display().to_string();
    machine
        .run(&["audit", "root", "--take", &elsewhere])
        .succeeds();

    for said in [machine.setup(&[]), machine.run(&["doctor"])] {
        assert!(!said.stdout.contains(command), "{}", said.stdout);
    }
}

#[test]
fn each_way_to_weaken_the_handler_is_noticed() {
    let weakenings: [fn(&mut Value); 7] = [
        |group| group["matcher"] = json!("Bash"),
        |group| group["hooks"][0]["onFailure"] = json!("continue"),
        |group| {
            let handler = group["hooks"][0].as_object_mut().expect("an object");
            handler.remove("onFailure");
        },
        |group| group["hooks"][0]["command"] = json!("/bin/ccs-hook"),
        |group| group["hooks"][0]["args"] = json!(["stop"]),
        |group| group["hooks"] = json!([]),
        |group| group["hooks"][0]["onFailure"] = json!("deny"),
    ];
    for weaken in weakenings {
        let machine = machine();
        edit(&machine, |settings| {
            weaken(&mut settings["hooks"]["PreToolUse"][0]);
        });
        assert!(
            !failed(&machine).is_empty(),
            "{}",
            machine.read("home/.claude/settings.json")
        );
    }
}

#[test]
fn a_handler_with_more_keys_than_setup_writes_differs() {
    for key in ["if", "async", "once"] {
        let machine = machine();
        edit(&machine, |settings| {
            settings["hooks"]["PreToolUse"][0]["hooks"][0][key] = json!(true);
        });
        let run = machine.run(&["doctor", "--json"]);
        assert!(
            ids(&run, "warn").contains(&"registered.differs".to_owned()),
            "{}",
            run.stdout
        );
    }
}

#[test]
fn hooks_that_are_switched_off_are_noticed() {
    let machine = machine();
    edit(&machine, |settings| {
        settings["disableAllHooks"] = json!(true);
    });
    assert_eq!(failed(&machine), ["settings.disabled"]);
}

#[test]
fn a_project_that_switches_hooks_off_is_noticed() {
    for name in ["settings.json", "settings.local.json"] {
        let machine = machine();
        machine.write(
            &format!("project/.claude/{name}"),
            "{\"disableAllHooks\": true}",
        );
        assert_eq!(failed(&machine), ["settings.disabled"]);
    }
}

#[test]
fn settings_the_client_ignores_are_noticed() {
    let machine = machine();
    edit(&machine, |settings| settings["model"] = json!(7));
    assert_eq!(failed(&machine), ["settings.invalid"]);
}

#[test]
fn a_hook_that_is_gone_or_cannot_run_is_noticed() {
    let machine = machine();
    let hook = machine.state().join("bin/ccs-hook");
    fs::set_permissions(&hook, fs::Permissions::from_mode(0o600)).expect("ours");
    assert_eq!(failed(&machine), ["proof", "proof", "proof", "hook.mode"]);

    fs::remove_file(&hook).expect("ours");
    assert_eq!(
        failed(&machine),
        ["proof", "proof", "proof", "hook.missing"]
    );
}

#[test]
fn a_hook_that_was_replaced_by_a_harmless_one_is_noticed() {
    let machine = machine();
    machine.write("home/.claude/ccs/bin/ccs-hook", "#!/bin/sh\nexit 0\n");
    assert_eq!(failed(&machine), ["proof", "proof"]);
}

#[test]
fn a_newer_hook_beside_ccs_is_named() {
    let machine = machine();
    machine.program("ccs-hook", "#!/bin/sh\nexit 2\n");
    let run = machine.run(&["doctor", "--json"]).succeeds();
    assert!(ids(&run, "warn").contains(&"hook.outdated".to_owned()));
}

#[test]
fn a_hook_that_hangs_does_not_hang_doctor() {
    let machine = machine();
    machine.write(
        "home/.claude/ccs/bin/ccs-hook",
        "#!/bin/sh\nexec sleep 1000\n",
    );
    assert_eq!(failed(&machine), ["proof", "proof", "proof"]);
}

#[test]
fn what_others_can_change_is_noticed() {
    for (name, mode, id) in [
        ("home/.claude/settings.json", 0o666, "files.mode"),
        ("home/.claude/ccs/bin/ccs-hook", 0o777, "files.mode"),
        ("home/.claude/ccs", 0o755, "state.mode"),
    ] {
        let machine = machine();
        let path = machine.path(name);
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).expect("ours");
        assert_eq!(failed(&machine)[0], id, "{name}");
    }
}

#[test]
fn an_old_client_fails_with_what_it_lacks() {
    let machine = machine();
    machine.client("2.1.197");
    assert_eq!(failed(&machine), ["client.version"]);
}

#[test]
fn hooks_of_others_that_allow_or_rewrite_are_named() {
    let machine = machine();
    machine.write("project/.claude/hooks/fix.py", "print({'updatedInput': 1})");
    machine.write("home/ok.sh", "echo '{\"permissionDecision\": \"allow\"}'");
    let group = |command: &str| json!([{"hooks": [{"type": "command", "command": command}]}]);
    let project = json!({"hooks": {
        "PreToolUse": group("python3 \"$CLAUDE_PROJECT_DIR/.claude/hooks/fix.py\""),
        "PermissionRequest": group("~/ok.sh --quiet"),
        "Stop": group("echo '\"allow\"'"),
    }});
    machine.write("project/.claude/settings.json", project.to_string());

    let run = machine.run(&["doctor", "--json"]).ends_with(1);

    assert_eq!(
        ids(&run, "warn"),
        [
            "trail.root-key",
            "others.allow",
            "others.rewrite",
            "posture.findings",
            "hole.scope"
        ]
    );
    // One of them allows without a look.
    assert_eq!(ids(&run, "fail"), ["posture.critical"]);
}

#[test]
fn variables_that_skip_hooks_are_named() {
    let machine = machine();
    let run = machine
        .command(&["doctor", "--json"])
        .env("CLAUDE_CODE_SIMPLE", "1")
        .output();
    assert!(ids(&Run::of(run), "warn").contains(&"hole.environment".to_owned()));
}

#[test]
fn skills_that_bring_hooks_are_named() {
    let machine = machine();
    machine.write("home/.claude/skills/x/hooks/hooks.json", "{}");
    let run = machine.run(&["doctor", "--json"]).succeeds();
    assert!(ids(&run, "warn").contains(&"hole.mods".to_owned()));
}

#[test]
fn every_failure_and_warning_comes_with_one_thing_to_do() {
    let machine = machine();
    edit(&machine, |settings| {
        settings["disableAllHooks"] = json!(true);
        settings["hooks"]["PreToolUse"] = json!([]);
    });
    let answer = machine.run(&["doctor", "--json"]).ends_with(1).json();
    for check in answer["checks"].as_array().expect("a list") {
        if check["level"] == "fail" || check["level"] == "warn" {
            assert!(check["fix"].is_string(), "{check}");
        }
    }
}

#[test]
fn half_a_policy_is_noticed() {
    let machine = machine();
    machine.write("home/.claude/ccs/policy.pub", "00".repeat(32));
    fs::remove_file(machine.state().join("policy.bundle")).ok();
    assert_eq!(failed(&machine), ["policy"]);
}

#[test]
fn the_report_to_paste_names_nobody_and_no_folder() {
    let machine = machine();
    let run = machine.run(&["doctor", "--report"]).succeeds();
    let root = machine.root().display().to_string();
    assert!(
        !run.stdout.contains(&format!("{root}/home")),
        "{}",
        run.stdout
    );
    assert!(
        !run.stdout.contains(&format!("{root}/project")),
        "{}",
        run.stdout
    );
    assert!(
        run.stdout.contains("ok    `~/.claude/ccs` is private"),
        "{}",
        run.stdout
    );
}

#[test]
fn the_name_of_the_person_and_the_machine_go() {
    let machine = machine();
    let mut command = machine.command(&["doctor", "--report"]);
    command.env("USER", "proof").env("HOSTNAME", "files");
    let run = Run::of(command.output()).succeeds();
    assert!(run.stdout.contains("\nUSER\n"), "{}", run.stdout);
}

#[test]
fn the_checklist_has_fifteen_items_and_says_which_it_cannot_tell() {
    let machine = machine();
    let run = machine.run(&["doctor", "--checklist", "--json"]).succeeds();
    let items = run.json();
    let state = |wanted: &str| {
        let items = items.as_array().expect("a list").iter();
        items.filter(|item| item["state"] == wanted).count()
    };
    assert_eq!(items.as_array().map(Vec::len), Some(15));
    assert_eq!(state("fail"), 0, "{}", run.stdout);
    assert!(state("pass") >= 9, "{}", run.stdout);
    assert!(state("not-checkable") >= 3, "{}", run.stdout);
}

#[test]
fn the_checklist_fails_where_a_key_lies_about() {
    let machine = machine();
    let key = format!(
        "sk-{}-api03-{}",
        "ant", "q8Zr3vT1xY7bN2mK9sD4fG6hJ0pL5wEq8Zr3vT1xY7bN2mK9"
    );
    edit(&machine, |settings| {
        settings["env"] = json!({"ANTHROPIC_API_KEY": key});
    });
    let run = machine.run(&["doctor", "--checklist"]).ends_with(1);
    assert!(
        run.stdout.contains("FAIL  API key securely stored\n"),
        "{}",
        run.stdout
    );
}

#[test]
fn what_the_audit_finds_is_a_line_of_doctor() {
    let machine = machine();
    machine.write(
        "project/.claude/settings.json",
        "{\"permissions\": {\"allow\": [\"Bash\"]}}",
    );
    assert_eq!(failed(&machine), ["posture.critical"]);
}

#[test]
fn a_vault_that_others_can_reach_is_noticed() {
    let machine = machine();
    machine.init();
    let path = machine.state().join("vault");
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).expect("ours");
    assert!(failed(&machine).contains(&"vault.mode".to_owned()));
}
