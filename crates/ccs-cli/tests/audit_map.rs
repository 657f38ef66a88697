//! `ccs audit map`: where secrets lie, and what stands before them.
#![cfg(unix)]

mod support;

use std::fs;
use std::os::unix::fs::PermissionsExt;

use serde_json::Value;
use support::Machine;

/// Made up, and of the form of a real one.
const TOKEN: &str = concat!("ghp", "_yXBHMoc5L40zBANMAAcNPMMcv7FQw42kWkIk");

fn place<'m>(map: &'m Value, end: &str) -> Option<&'m Value> {
    let files = map["files"].as_array().expect("files");
    files
        .iter()
        .find(|one| one["path"].as_str().is_some_and(|path| path.ends_with(end)))
}

fn private(machine: &Machine, name: &str, text: &str, mode: u32) {
    let path = machine.write(name, text);
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).expect("our own");
}

fn machine() -> Machine {
    let machine = Machine::set_up();
    private(
        &machine,
        "home/.netrc",
        &format!("machine a login b password {TOKEN}\n"),
        0o600,
    );
    private(&machine, "home/.ssh/id_ed25519", "made up\n", 0o600);
    private(
        &machine,
        "home/.ssh/known_hosts",
        "a ssh-ed25519 b\n",
        0o644,
    );
    private(
        &machine,
        "project/.env",
        &format!("GITHUB_TOKEN={TOKEN}\n"),
        0o644,
    );
    private(&machine, "project/README.md", "A shop.\n", 0o644);
    machine
}

#[test]
fn each_file_of_secrets_is_listed_with_mode_kinds_and_what_protects_it() {
    let machine = machine();
    let map = machine.run(&["audit", "map", "--json"]).ends_with(1).json();

    let netrc = place(&map, "/.netrc").expect("listed");
    assert_eq!(netrc["mode"], "0600");
    assert_eq!(netrc["open"], false);
    assert_eq!(netrc["kinds"][0], "github.personal-token");
    assert_eq!(netrc["rules"][0]["id"], "path.login-file");
    assert_eq!(netrc["rules"][0]["decision"], "deny");
    assert_eq!(netrc["fence"], "Read(~/.netrc)");

    let key = place(&map, "/.ssh/id_ed25519").expect("listed");
    assert_eq!(key["fence"], "Read(~/.ssh/**)");
    let env = place(&map, "/project/.env").expect("listed");
    assert_eq!(
        (&env["open"], &env["mode"]),
        (&Value::Bool(true), &Value::from("0644"))
    );
    for other in ["known_hosts", "README.md"] {
        assert!(place(&map, other).is_none(), "{other}");
    }
}

#[test]
fn no_value_is_shown_and_an_open_file_is_told_with_what_closes_it() {
    let machine = machine();
    for args in [&["audit", "map"][..], &["audit", "map", "--json"]] {
        let run = machine.run(args).ends_with(1);
        assert!(
            !format!("{}{}", run.stdout, run.stderr).contains(TOKEN),
            "{args:?}"
        );
    }
    let told = machine.run(&["audit", "map"]).ends_with(1).stdout;
    assert!(told.contains("chmod go-rwx"), "{told}");
}

#[test]
fn a_token_in_a_shell_startup_file_has_nothing_before_it() {
    let machine = Machine::set_up();
    private(
        &machine,
        "home/.zshrc",
        &format!("export GITHUB_TOKEN={TOKEN}\n"),
        0o600,
    );
    private(&machine, "home/.bashrc", "alias ll='ls -l'\n", 0o644);

    let map = machine.run(&["audit", "map", "--json"]).ends_with(1).json();

    let zshrc = place(&map, "/.zshrc").expect("listed");
    assert!(zshrc["rules"].as_array().expect("rules").is_empty());
    assert!(place(&map, "/.bashrc").is_none());
}
