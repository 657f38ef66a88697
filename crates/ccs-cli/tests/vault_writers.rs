//! Several programs at one vault, and programs that are killed.
#![cfg(unix)]

mod support;

use std::process::{Child, Stdio};
use std::thread;
use std::time::Duration;

use support::Machine;

fn value(name: &str) -> String {
    format!("made-up-value-of-{name}-kR8vX2mQ9z")
}

/// Starts `ccs vault set` with its value on the way.
fn set(machine: &Machine, name: &str) -> Child {
    let input = machine.write(&format!("values/{name}"), value(name));
    let mut command = machine.command(&["vault", "set", name]);
    let input = std::fs::File::open(input).expect("a file");
    command
        .stdin(input)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command.spawn().expect("started")
}

fn names(machine: &Machine) -> Vec<String> {
    let listed = machine.run(&["vault", "list", "--json"]).succeeds().json();
    let entries = listed.as_array().expect("a list").iter();
    entries
        .map(|entry| entry["name"].as_str().expect("a name").to_owned())
        .collect()
}

#[test]
fn of_eight_that_make_one_vault_one_does_and_the_others_say_so() {
    let machine = Machine::new();
    let codes: Vec<i32> = thread::scope(|scope| {
        let runs: Vec<_> = (0..8)
            .map(|_| scope.spawn(|| machine.run(&["vault", "init"]).code))
            .collect();
        runs.into_iter()
            .map(|run| run.join().expect("ended"))
            .collect()
    });
    assert_eq!(
        codes.iter().filter(|&&code| code == 0).count(),
        1,
        "{codes:?}"
    );
    assert_eq!(
        codes.iter().filter(|&&code| code == 4).count(),
        7,
        "{codes:?}"
    );
    machine.put("A", "made-up-value");
    assert_eq!(machine.get("A"), "made-up-value");
}

#[test]
fn eight_writers_at_once_lose_nothing_of_each_others() {
    let machine = Machine::new();
    machine.init();
    thread::scope(|scope| {
        for writer in 0..8 {
            let machine = &machine;
            scope.spawn(move || {
                for number in 0..6 {
                    let name = format!("W{writer}_{number}");
                    assert!(
                        set(machine, &name).wait().expect("ended").success(),
                        "{name}"
                    );
                }
            });
        }
    });
    assert_eq!(names(&machine).len(), 48);
    for writer in 0..8 {
        let name = format!("W{writer}_5");
        assert_eq!(machine.get(&name), value(&name));
    }
}

#[test]
fn a_killed_writer_leaves_a_vault_with_all_that_was_stored_before() {
    let machine = Machine::new();
    machine.init();
    let mut stored = Vec::new();
    let mut killed = 0;
    for number in 0..60_u64 {
        let name = format!("K{number}");
        let mut writer = set(&machine, &name);
        thread::sleep(Duration::from_micros(number * 211 % 9_000));
        // it may have ended already
        let _ = writer.kill();
        if writer.wait().expect("ended").success() {
            stored.push(name);
        } else {
            killed += 1;
        }
    }
    assert!(killed > 0, "no writer was caught at its work");
    machine.put("LAST", &value("LAST"));
    stored.push("LAST".to_owned());
    let there = names(&machine);
    for name in &stored {
        assert!(there.contains(name), "{name}");
    }
    for name in &there {
        assert_eq!(machine.get(name), value(name));
    }
    let status = machine
        .run(&["vault", "status", "--json"])
        .succeeds()
        .json();
    assert_eq!(status["fingerprints"], "current");
}

#[test]
fn a_rekey_among_writers_loses_nothing_that_was_reported_as_stored() {
    let machine = Machine::new();
    machine.init();
    let stored: Vec<String> = thread::scope(|scope| {
        let writers: Vec<_> = (0..4)
            .map(|writer| {
                let machine = &machine;
                scope.spawn(move || {
                    let names = (0..6).map(|number| format!("R{writer}_{number}"));
                    let done = |name: &String| set(machine, name).wait().expect("ended").success();
                    names.filter(done).collect::<Vec<_>>()
                })
            })
            .collect();
        for _ in 0..3 {
            machine.run(&["vault", "rekey"]);
        }
        writers
            .into_iter()
            .flat_map(|writer| writer.join().expect("ended"))
            .collect()
    });
    let there = names(&machine);
    assert!(
        stored.iter().all(|name| there.contains(name)),
        "{stored:?} {there:?}"
    );
}
