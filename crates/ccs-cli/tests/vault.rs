//! The everyday life of a secret, as its owner types it: stored, used, rotated, handed on, gone.
#![cfg(unix)]

mod support;

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::process::Command;

use support::{Machine, Run};

const KEY: &str = "sk-made-up-kR8vX2mQ9zWpTn4L";
const OTHER: &str = "sk-made-up-W7bQ2nX5cVtRz8Kd";

fn machine() -> Machine {
    let machine = Machine::new();
    machine.init();
    machine
}

/// What a shell holds in a variable after it read these assignments.
fn in_shell(assignments: &str, variable: &str) -> String {
    let script = format!("{assignments}\nprintf %s \"${variable}\"");
    let output = Command::new("sh").arg("-c").arg(script).output();
    Run::of(output).succeeds().stdout
}

#[test]
fn a_secret_goes_from_a_file_through_a_program_and_a_rotation_to_a_shell() {
    let machine = machine();
    machine.write("project/.env", format!("export API_TOKEN='{KEY}' # ours\n"));
    machine
        .run(&["vault", "import", "--dotenv", ".env"])
        .succeeds();

    let sum = "printf %s \"$API_TOKEN\" | cksum";
    let used = machine.run(&["run", "--env", "API_TOKEN", "--", "sh", "-c", sum]);
    let plain = Run::of(
        Command::new("sh")
            .args(["-c", &format!("printf %s {KEY} | cksum")])
            .output(),
    );
    assert_eq!(used.succeeds().stdout, plain.stdout);

    machine
        .tell(&["vault", "rotate", "API_TOKEN"], OTHER)
        .succeeds();
    let exported = machine.run(&["vault", "export"]).succeeds().stdout;
    assert_eq!(in_shell(&exported, "API_TOKEN"), OTHER);

    let older = machine.run(&["vault", "get", "API_TOKEN", "--older", "1"]);
    assert_eq!(older.succeeds().stdout, KEY);
    machine.run(&["vault", "revert", "API_TOKEN"]).succeeds();
    assert_eq!(machine.get("API_TOKEN"), KEY);
}

#[test]
fn nothing_below_home_holds_a_stored_value_in_plain_text() {
    let machine = machine();
    machine.put("API_TOKEN", KEY);
    machine
        .tell(&["vault", "rotate", "API_TOKEN"], OTHER)
        .succeeds();
    machine
        .run(&["run", "--env", "API_TOKEN", "--", "env"])
        .succeeds();
    for (path, (mode, bytes)) in machine.tree("home") {
        let holds = |value: &str| {
            bytes
                .windows(value.len())
                .any(|part| part == value.as_bytes())
        };
        assert!(!holds(KEY) && !holds(OTHER), "{}", path.display());
        let below_vault = path.starts_with(machine.state().join("vault"));
        assert!(!below_vault || mode & 0o077 == 0, "{}", path.display());
    }
}

#[test]
fn awkward_values_survive_every_shell_quoting() {
    let machine = machine();
    for value in [
        "it's",
        "a b\tc",
        "$(touch x)`touch x`",
        "\\n\"!*",
        "two\nlines",
        "é€𝄞",
        "-n",
    ] {
        machine.put("AWKWARD", value);
        assert_eq!(machine.get("AWKWARD"), value);
        let exported = machine.run(&["vault", "export"]).succeeds().stdout;
        assert_eq!(in_shell(&exported, "AWKWARD"), value);
    }
}

#[test]
fn one_line_break_at_the_end_is_not_part_of_a_value_unless_it_is_meant() {
    let machine = machine();
    machine.put("A", "value\n");
    assert_eq!(machine.get("A"), "value");
    machine
        .tell(&["vault", "set", "A", "--exact"], "value\n")
        .succeeds();
    assert_eq!(machine.get("A"), "value\n");
}

#[test]
fn a_value_of_64_kib_is_kept_and_a_longer_one_refused_whole() {
    let machine = machine();
    let longest = "x".repeat(64 << 10);
    machine.put("LONG", &longest);
    assert_eq!(machine.get("LONG"), longest);
    let longer = format!("{longest}xx");
    machine
        .tell(&["vault", "set", "LONG"], &longer)
        .ends_with(2);
    assert_eq!(machine.get("LONG"), longest);
}

#[test]
fn a_value_can_come_from_a_file() {
    let machine = machine();
    let key = machine.write(
        "project/key.pem",
        "-----BEGIN X-----\nAAAA\n-----END X-----\n",
    );
    machine
        .run(&["vault", "set", "PEM", "--from", "key.pem", "--exact"])
        .succeeds();
    assert_eq!(machine.get("PEM"), fs::read_to_string(key).expect("a file"));
    machine
        .run(&["vault", "set", "PEM", "--from", "nowhere"])
        .ends_with(5);
}

#[test]
fn what_is_said_about_an_entry_can_be_changed_and_taken_back() {
    let machine = machine();
    machine.put("API_TOKEN", KEY);
    let edit = |more: &[&str]| machine.run(&[&["vault", "edit", "API_TOKEN"], more].concat());
    edit(&[
        "--category",
        "mine",
        "--note",
        "n",
        "--expires",
        "2020-01-01",
    ])
    .succeeds();

    let listed = machine
        .run(&["vault", "list", "--category", "mine", "--json"])
        .json();
    assert_eq!(listed[0]["note"], "n");
    assert_eq!(listed[0]["expires"], 1_577_836_800);
    assert_eq!(listed[0]["expired"], true);
    for args in [
        &["run", "--env", "API_TOKEN", "--", "true"][..],
        &["vault", "helper", "API_TOKEN"],
    ] {
        let refused = machine.run(args);
        assert!(
            refused.code != 0 && refused.stderr.contains("has expired"),
            "{refused:?}"
        );
        assert!(
            refused.stderr.contains("next: ccs vault rotate API_TOKEN"),
            "{refused:?}"
        );
    }

    edit(&["--expires", "never"]).succeeds();
    machine.run(&["vault", "helper", "API_TOKEN"]).succeeds();
}

#[test]
fn an_entry_is_renamed_with_its_history_and_removed_with_it() {
    let machine = machine();
    machine.put("OLD", KEY);
    machine.tell(&["vault", "rotate", "OLD"], OTHER).succeeds();
    machine
        .run(&["vault", "rename", "OLD", "team/new"])
        .succeeds();
    let spans = machine
        .run(&["vault", "history", "team/new", "--json"])
        .json();
    assert_eq!(spans.as_array().map(Vec::len), Some(2));
    machine.run(&["vault", "rm", "team/new"]).succeeds();
    machine.run(&["vault", "rm", "team/new"]).ends_with(2);
    assert_eq!(
        machine.run(&["vault", "list", "--json"]).json(),
        serde_json::json!([])
    );
}

#[test]
fn a_random_rotation_is_text_that_differs_each_time() {
    let machine = machine();
    machine.put("API_TOKEN", KEY);
    let mut seen = Vec::new();
    for _ in 0..2 {
        machine
            .run(&["vault", "rotate", "API_TOKEN", "--random"])
            .succeeds();
        seen.push(machine.get("API_TOKEN"));
    }
    assert!(
        seen.iter()
            .all(|value| value.len() == 64 && value.bytes().all(|it| it.is_ascii_hexdigit()))
    );
    assert_ne!(seen[0], seen[1]);
}

#[test]
fn an_import_takes_what_looks_like_a_secret_in_the_environment() {
    let machine = machine();
    let mut command = machine.command(&["vault", "import", "--env", "--json"]);
    command.env("SHOP_API_KEY", KEY).env("SHOP_PORT", "8080");
    let taken = Run::told(command, "").succeeds().json();
    assert_eq!(taken["found"].as_array().map(Vec::len), Some(1));
    assert_eq!(machine.get("SHOP_API_KEY"), KEY);
}

#[test]
fn an_import_that_replaces_keeps_the_value_before() {
    let machine = machine();
    machine.put("API_KEY", KEY);
    machine.write("project/.env", format!("API_KEY={OTHER}\n"));
    machine
        .run(&["vault", "import", "--dotenv", ".env"])
        .ends_with(1);
    assert_eq!(machine.get("API_KEY"), KEY);
    machine
        .run(&["vault", "import", "--dotenv", ".env", "--replace"])
        .succeeds();
    assert_eq!(machine.get("API_KEY"), OTHER);
    machine.run(&["vault", "revert", "API_KEY"]).succeeds();
    assert_eq!(machine.get("API_KEY"), KEY);
}

#[test]
fn a_dry_run_changes_nothing() {
    let machine = machine();
    machine.write("project/.env", format!("API_KEY={OTHER}\n"));
    let before = machine.tree("home");
    machine
        .run(&["vault", "import", "--dotenv", ".env", "--dry-run"])
        .succeeds();
    assert_eq!(machine.tree("home"), before);
}

#[test]
fn a_plaintext_key_file_is_taken_over_and_gone() {
    let machine = machine();
    let file = machine.write("home/.token", format!("{KEY}\n"));
    let path = file.display().to_string();
    machine
        .run(&["vault", "migrate", &path, "TOKEN"])
        .succeeds();
    assert!(!file.exists());
    assert_eq!(machine.get("TOKEN"), KEY);

    let other = machine.write("home/.other", OTHER);
    let path = other.display().to_string();
    machine
        .run(&["vault", "migrate", &path, "TOKEN"])
        .ends_with(4);
    assert_eq!(fs::read_to_string(other).expect("still there"), OTHER);
}

#[test]
fn a_program_can_give_the_value_each_time() {
    let machine = machine();
    machine.program("give", &format!("#!/bin/sh\necho {KEY}\n"));
    machine
        .run(&["vault", "provide", "GIVEN", "--", "give"])
        .succeeds();
    assert_eq!(machine.get("GIVEN"), KEY);
    let used = machine.run(&["run", "--env", "GIVEN", "--", "sh", "-c", "echo $GIVEN"]);
    assert_eq!(used.succeeds().stdout, "[ccs:GIVEN]\n");

    machine.program("give", "#!/bin/sh\nexit 3\n");
    let failed = machine.run(&["vault", "get", "GIVEN"]).ends_with(5);
    assert!(
        failed.stderr.contains("`GIVEN`") && failed.stderr.contains("failed"),
        "{failed:?}"
    );
}

#[test]
fn no_error_repeats_a_value_that_was_put_on_the_command_line() {
    let machine = machine();
    machine.put("API_TOKEN", KEY);
    for args in [
        &["vault", "set", "API_TOKEN", OTHER][..],
        &["vault", "set", OTHER, "API_TOKEN"],
        &["vault", "set", "API_TOKEN", "--", OTHER],
        &["vault", "set", &format!("API_TOKEN={OTHER}")],
        &["vault", "rotate", "API_TOKEN", OTHER],
        &["vault", "rotate", &format!("API_TOKEN={OTHER}")],
    ] {
        let refused = machine.tell(args, "").ends_with(2);
        assert!(
            !refused.stderr.contains(OTHER),
            "{args:?}: {}",
            refused.stderr
        );
    }
    assert_eq!(machine.get("API_TOKEN"), KEY);
}

#[test]
fn a_folder_that_others_can_use_is_refused_with_what_puts_it_right() {
    let machine = machine();
    let folder = machine.state().join("vault");
    fs::set_permissions(&folder, fs::Permissions::from_mode(0o750)).expect("ours");
    let refused = machine.run(&["vault", "list"]).ends_with(4);
    assert!(refused.stderr.contains("chmod 700"), "{}", refused.stderr);
}

#[test]
fn setup_and_uninstall_leave_a_vault_alone() {
    let machine = machine();
    machine.put("API_TOKEN", KEY);
    machine.setup(&[]).succeeds();
    assert_eq!(machine.get("API_TOKEN"), KEY);
    let gone = machine.run(&["uninstall", "--yes"]).succeeds();
    assert!(
        gone.stdout.contains("keep it for the secrets in the vault"),
        "{}",
        gone.stdout
    );
    assert_eq!(machine.get("API_TOKEN"), KEY);
}
