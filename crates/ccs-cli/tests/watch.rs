//! `ccs watch` as a process: what it says, and that it is alone.
#![cfg(unix)]

mod support;

use std::fs;
use std::io::{BufRead, BufReader};
use std::process::{Child, ChildStdout, Stdio};

use serde_json::Value;
use support::Machine;

struct Watch {
    child: Child,
    lines: BufReader<ChildStdout>,
}

impl Watch {
    fn start(machine: &Machine, more: &[&str]) -> Self {
        let args = [&["watch", "--json"], more].concat();
        let mut command = machine.command(&args);
        let mut child = command.stdout(Stdio::piped()).spawn().expect("started");
        let lines = BufReader::new(child.stdout.take().expect("a pipe"));
        Watch { child, lines }
    }

    fn next(&mut self) -> Value {
        let mut line = String::new();
        self.lines.read_line(&mut line).expect("readable");
        serde_json::from_str(&line).expect(&line)
    }

    /// Waits until so many entries deviate, and answers how many events that took.
    fn until(&mut self, deviations: u64) -> Value {
        loop {
            let event = self.next();
            if event["deviations"] == deviations {
                return event;
            }
        }
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn signed() -> Machine {
    let machine = Machine::set_up();
    machine.write("home/.claude/hooks/mine.sh", "exit 0\n");
    let passphrase = machine.write("passphrase", "correct horse battery\n");
    let passphrase = passphrase.to_str().expect("text").to_owned();
    machine
        .run(&["integrity", "sign", "--passphrase-from", &passphrase])
        .succeeds();
    machine
}

#[test]
fn changes_are_told_as_they_happen_and_a_second_watcher_is_refused() {
    let machine = signed();
    let mut watch = Watch::start(&machine, &[]);
    assert_eq!(watch.next()["event"], "started");
    machine.run(&["watch"]).ends_with(4);

    machine.write("home/.claude/hooks/mine.sh", "exit 1\n");
    let event = watch.until(1);
    assert_eq!(event["new"][0]["change"], "modified");
    machine.write("home/.claude/hooks/mine.sh", "exit 0\n");
    assert_eq!(watch.until(0)["gone"][0]["change"], "modified");
}

#[test]
fn of_a_burst_of_ten_thousand_files_the_final_state_is_told() {
    let machine = signed();
    let mut watch = Watch::start(&machine, &[]);
    watch.until(0);
    let hooks = machine.path("home/.claude/hooks");
    for number in 0..10_000 {
        let folder = hooks.join((number % 50).to_string());
        if number < 50 {
            fs::create_dir(&folder).expect("made");
        }
        let file = folder.join(number.to_string());
        fs::write(&file, "x").expect("written");
        if number % 2 == 0 {
            fs::remove_file(&file).expect("removed");
        }
    }
    watch.until(5_000);
}

#[test]
fn without_the_systems_events_it_looks_at_intervals_and_hands_events_over() {
    let machine = signed();
    let heard = machine.path("heard");
    let hears = machine.program("hears", &format!("#!/bin/sh\ncat >> {}\n", heard.display()));
    let hears = hears.to_str().expect("text").to_owned();
    let mut watch = Watch::start(&machine, &["--poll", "--exec", &hears]);
    assert_eq!(watch.next()["event"], "polling");
    watch.until(0);
    machine.write("home/.claude/hooks/mine.sh", "exit 1\n");
    watch.until(1);
    let heard = fs::read_to_string(heard).expect("there");
    assert_eq!(heard.lines().count(), 3, "{heard}");
    assert!(heard.contains("\"modified\""), "{heard}");
}

#[test]
fn without_a_signature_there_is_nothing_to_watch() {
    let machine = Machine::set_up();
    machine.run(&["watch"]).ends_with(3);
}
