//! `ccs vault where`: copies of stored values in files.
#![cfg(unix)]

mod support;

use std::fs;
use std::os::unix::fs::symlink;

use support::Machine;

const KEY: &str = "sk-made-up/kR8vX2mQ9zWpTn4L";

fn machine() -> Machine {
    let machine = Machine::new();
    machine.init();
    machine.put("API_TOKEN", KEY);
    machine
}

/// Path, line and form of every copy found.
fn found(machine: &Machine, args: &[&str]) -> Vec<(String, u64, String)> {
    let run = machine.run(&[&["vault", "where", "--json"], args].concat());
    let answer = run.json();
    let copies = answer["copies"].as_array().expect("a list").iter();
    copies
        .map(|copy| {
            let text = |key: &str| copy[key].as_str().expect("text").to_owned();
            (
                text("path"),
                copy["line"].as_u64().expect("a number"),
                text("form"),
            )
        })
        .collect()
}

#[test]
fn a_copy_is_found_in_every_form_and_place() {
    let machine = machine();
    machine.write("project/a/.env", format!("\n\nK={KEY}"));
    machine.write(
        "project/b.json",
        "{\"k\": \"sk-made-up\\/kR8vX2mQ9zWpTn4L\"}",
    );
    machine.write(
        "project/c.url",
        "https://x/?k=sk-made-up%2FkR8vX2mQ9zWpTn4L&y",
    );
    machine.write(
        "project/d.hex",
        "736b2d6d6164652d75702f6b523876583 26d51".replace(' ', "") + "397a5770546e344c",
    );
    machine.write(
        "project/e.bin",
        [&[0xff, 0, 10][..], KEY.as_bytes(), &[0xfe]].concat(),
    );
    let found = found(&machine, &["."]);
    let forms: Vec<&str> = found.iter().map(|(_, _, form)| form.as_str()).collect();
    assert_eq!(forms, ["plain", "escaped", "percent", "hex", "plain"]);
    assert_eq!(found[0].1, 3);
    assert_eq!(found[4].1, 2);
}

#[test]
fn nothing_is_written_and_no_value_is_shown() {
    let machine = machine();
    machine.write("project/.env", KEY);
    let before = machine.tree("home");
    let run = machine.run(&["vault", "where", "."]).ends_with(1);
    assert!(!run.stdout.contains(KEY));
    assert_eq!(machine.tree("home"), before);
}

#[test]
fn copies_are_found_while_the_vault_is_locked() {
    let machine = machine();
    machine.write("project/.env", KEY);
    fs::remove_file(machine.state().join("vault/vault.key")).expect("ours");
    machine.run(&["vault", "list"]).ends_with(5);
    assert_eq!(found(&machine, &["."]).len(), 1);
}

#[test]
fn the_value_before_a_rotation_is_found_as_well() {
    let machine = machine();
    machine
        .tell(
            &["vault", "rotate", "API_TOKEN"],
            "made-up-other-W7bQ2nX5cV",
        )
        .succeeds();
    machine.write("project/.env", format!("{KEY} made-up-other-W7bQ2nX5cV"));
    assert_eq!(found(&machine, &["."]).len(), 2);
}

#[test]
fn one_entry_can_be_looked_for_alone() {
    let machine = machine();
    machine.put("SECOND", "made-up-second-W7bQ2nX5cV");
    machine.write("project/.env", format!("{KEY} made-up-second-W7bQ2nX5cV"));
    assert_eq!(found(&machine, &[".", "--name", "SECOND"]).len(), 1);
    assert_eq!(found(&machine, &[".", "--name", "NOPE"]).len(), 0);
}

#[test]
fn links_on_the_way_are_not_followed_and_pipes_not_waited_for() {
    let machine = machine();
    machine.write("outside/.env", KEY);
    let outside = machine.path("outside");
    symlink(outside, machine.path("project/link")).expect("a link");
    symlink(".", machine.path("project/loop")).expect("a link");
    let fifo = std::process::Command::new("mkfifo")
        .arg(machine.path("project/pipe"))
        .status();
    assert!(fifo.expect("mkfifo").success());
    machine.run(&["vault", "where", "."]).succeeds();
    assert_eq!(found(&machine, &["link"]).len(), 1);
}

#[test]
fn the_vault_itself_is_no_copy() {
    let machine = machine();
    let home = machine.home().display().to_string();
    machine
        .run(&["vault", "where", "--no-ignore", &home])
        .succeeds();
}

#[test]
fn git_is_heeded_unless_it_is_not_to_be() {
    let machine = machine();
    machine.write("project/.gitignore", "build/\n*.log\n!keep.log\n");
    for name in ["build/out", "x.log", "keep.log", ".git/config", "src/.env"] {
        machine.write(&format!("project/{name}"), KEY);
    }
    let paths = |args: &[&str]| -> Vec<String> {
        found(&machine, args)
            .into_iter()
            .map(|(path, ..)| path)
            .collect()
    };
    assert_eq!(paths(&["."]), ["./keep.log", "./src/.env"]);
    assert_eq!(paths(&[".", "--no-ignore"]).len(), 5);
    assert_eq!(paths(&["x.log"]), ["x.log"]);
}
