//! What is typed and shown on a terminal.
#![cfg(unix)]

mod support;
#[path = "support/terminal.rs"]
mod terminal;

use support::Machine;
use terminal::Terminal;

const KEY: &str = "sk-made-up-kR8vX2mQ9zWpTn4L";

fn machine() -> Machine {
    let machine = Machine::new();
    machine.init();
    machine
}

fn start(machine: &Machine, args: &[&str]) -> Terminal {
    Terminal::start(machine.command(args))
}

#[test]
fn a_typed_value_is_stored_and_not_shown() {
    let machine = machine();
    let mut terminal = start(&machine, &["vault", "set", "API_TOKEN"]);
    terminal.shows("Value of API_TOKEN: ");
    assert!(!terminal.echoes());
    // with a mistake taken back, and a line begun anew
    terminal.types(&format!("nonsense\x15{KEY}x\x7f\r"));
    terminal.shows("is stored");
    let echoes = terminal.echoes();
    let (code, seen) = terminal.ends();
    assert_eq!((code, echoes), (0, true), "{seen}");
    assert!(!seen.contains("made-up"), "{seen}");
    assert_eq!(machine.get("API_TOKEN"), KEY);
}

#[test]
fn an_interrupted_question_stores_nothing_and_leaves_the_terminal_as_it_was() {
    let machine = machine();
    for key in ["\x03", "\x04"] {
        let mut terminal = start(&machine, &["vault", "set", "API_TOKEN"]);
        terminal.shows("Value of API_TOKEN: ");
        terminal.types(key);
        terminal.shows("nothing was changed");
        assert!(terminal.echoes());
        assert_eq!(terminal.ends().0, 4);
    }
    machine.run(&["vault", "get", "API_TOKEN"]).ends_with(2);
}

#[test]
fn several_pasted_lines_are_refused_and_not_left_for_the_shell() {
    let machine = machine();
    let mut terminal = start(&machine, &["vault", "set", "API_TOKEN"]);
    terminal.shows("Value of API_TOKEN: ");
    terminal.types(&format!("{KEY}\r{KEY}\r"));
    let (code, seen) = terminal.ends();
    assert_eq!(code, 2, "{seen}");
    assert!(
        seen.contains("more than one line") && !seen.contains("made-up"),
        "{seen}"
    );
    machine.run(&["vault", "get", "API_TOKEN"]).ends_with(2);
}

#[test]
fn a_value_is_shown_on_a_terminal_only_if_that_is_asked_for() {
    let machine = machine();
    machine.put("API_TOKEN", KEY);
    for args in [
        &["get", "API_TOKEN"][..],
        &["export"],
        &["helper", "API_TOKEN"],
    ] {
        let (code, seen) = start(&machine, &[&["vault"], args].concat()).ends();
        assert_eq!(code, 4, "{seen}");
        assert!(!seen.contains(KEY), "{seen}");
    }
    for args in [
        &["get", "API_TOKEN", "--reveal"][..],
        &["export", "--reveal"],
    ] {
        let (code, seen) = start(&machine, &[&["vault"], args].concat()).ends();
        assert!(code == 0 && seen.contains(KEY), "{seen}");
    }
}

#[test]
fn a_new_passphrase_is_typed_twice_the_same() {
    let machine = machine();
    let args = [
        "vault",
        "slots",
        "add",
        "passphrase",
        "--memory",
        "19",
        "--passes",
        "2",
    ];
    for (again, code) in [("correct horse", 0), ("corect horse", 2)] {
        let mut terminal = start(&machine, &args);
        terminal.shows("New passphrase of the vault: ");
        terminal.types("correct horse\r");
        terminal.shows("The same again: ");
        terminal.types(&format!("{again}\r"));
        let (ended, seen) = terminal.ends();
        assert_eq!(ended, code, "{seen}");
    }
    let mut terminal = start(&machine, &["vault", "list", "--unlock", "passphrase"]);
    terminal.shows("Passphrase of the vault: ");
    terminal.types("correct horse\r");
    assert_eq!(terminal.ends().0, 0);
}

#[test]
fn an_app_that_gives_no_right_code_is_not_enrolled() {
    let machine = machine();
    let mut terminal = start(&machine, &["vault", "totp", "enrol"]);
    for wrong in ["1", "2", "3"] {
        terminal.shows("One-time code: ");
        terminal.forgets();
        terminal.types(&format!("{wrong}\r"));
    }
    let (code, seen) = terminal.ends();
    assert_eq!(code, 3, "{seen}");
    assert!(seen.contains("nothing was enrolled"), "{seen}");
    machine.run(&["vault", "export"]).succeeds();
}

#[test]
fn on_a_terminal_a_program_gets_it_and_the_user_is_told_that_nothing_is_redacted() {
    let machine = machine();
    machine.put("API_TOKEN", KEY);
    let script = "test -t 1 && echo \"seen $API_TOKEN\"; exit 5";
    let run = ["run", "--env", "API_TOKEN", "--", "sh", "-c", script];
    let (code, seen) = start(&machine, &run).ends();
    assert_eq!(code, 5, "{seen}");
    assert!(
        seen.contains("is not redacted") && seen.contains(&format!("seen {KEY}")),
        "{seen}"
    );

    let script = "echo \"seen $API_TOKEN\"; exit 5";
    let run = [
        "run",
        "--redact",
        "--env",
        "API_TOKEN",
        "--",
        "sh",
        "-c",
        script,
    ];
    let (code, seen) = start(&machine, &run).ends();
    assert_eq!(code, 5, "{seen}");
    assert!(
        seen.contains("seen [ccs:API_TOKEN]") && !seen.contains(KEY),
        "{seen}"
    );
}
