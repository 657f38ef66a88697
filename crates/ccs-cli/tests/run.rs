//! `ccs run`: the program has its secrets, nobody else does.
#![cfg(unix)]

mod support;

use std::io::Read;
use std::process::Stdio;

use support::Machine;

const KEY: &str = "sk-made-up-kR8vX2mQ9zWpTn4L";

fn machine() -> Machine {
    let machine = Machine::new();
    machine.init();
    machine.put("API_TOKEN", KEY);
    machine
}

fn run(machine: &Machine, script: &str) -> support::Run {
    machine.run(&["run", "--env", "API_TOKEN", "--", "sh", "-c", script])
}

#[test]
fn the_exit_code_is_the_programs_also_when_it_is_killed() {
    let machine = machine();
    for code in [0, 1, 5, 42, 255] {
        run(&machine, &format!("exit {code}")).ends_with(code);
    }
    run(&machine, "kill -TERM $$").ends_with(143);
}

#[test]
fn neither_output_holds_the_value_in_any_usual_form() {
    let machine = machine();
    let script = "printf %s \"$API_TOKEN\" | base64; printf %s \"$API_TOKEN\" | od -An -tx1 | tr -d ' \\n'
        echo \"plain $API_TOKEN\" >&2; env | grep TOKEN; printf %s \"$API_TOKEN\" | base64 | fold -w 32";
    let ran = run(&machine, script).succeeds();
    assert_eq!(ran.stderr, "plain [ccs:API_TOKEN]\n");
    let base64 = "c2stbWFkZS11cC1rUjh2WDJtUTl6V3BUbjRM";
    let joined = ran.stdout.replace('\n', "");
    for form in [KEY, base64, "736b2d6d6164652d"] {
        assert!(!joined.contains(form), "{form}: {}", ran.stdout);
    }
    assert_eq!(
        joined.matches("[ccs:API_TOKEN]").count(),
        4,
        "{}",
        ran.stdout
    );
}

#[test]
fn other_output_passes_byte_for_byte() {
    let machine = machine();
    let ran = run(
        &machine,
        "i=0; while [ $i -lt 3000 ]; do echo \"line $i é\"; i=$((i+1)); done",
    );
    let lines: String = (0..3000).map(|line| format!("line {line} é\n")).collect();
    assert_eq!(ran.succeeds().stdout, lines);
}

#[test]
fn output_comes_as_it_is_written_and_not_at_the_end() {
    let machine = machine();
    let script = "echo first; read answer; echo $answer";
    let mut command = machine.command(&["run", "--env", "API_TOKEN", "--", "sh", "-c", script]);
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("started");
    let mut first = [0; 6];
    let mut output = child.stdout.take().expect("a pipe");
    output
        .read_exact(&mut first)
        .expect("a line before the program ended");
    assert_eq!(&first, b"first\n");
    drop(child.stdin.take());
    assert!(child.wait().expect("ended").success());
}

#[test]
fn the_input_is_the_programs() {
    let machine = machine();
    let args = ["run", "--env", "API_TOKEN", "--", "cat"];
    assert_eq!(
        machine.tell(&args, "for the program").succeeds().stdout,
        "for the program"
    );
}

#[cfg(target_os = "linux")]
#[test]
fn the_value_is_in_no_argument_and_in_no_environment_but_the_programs() {
    let machine = machine();
    let script = "tr '\\0' '\\n' < /proc/$PPID/cmdline; tr '\\0' '\\n' < /proc/$$/cmdline
        test -r /proc/$PPID/environ && tr '\\0' '\\n' < /proc/$PPID/environ; exit 0";
    let ran = run(&machine, script).succeeds();
    assert!(ran.stdout.contains("--env"), "{}", ran.stdout);
    // what is filtered out would have been there
    assert!(!ran.stdout.contains("[ccs:"), "{}", ran.stdout);
}

#[cfg(target_os = "linux")]
#[test]
fn the_process_that_holds_the_vault_leaves_no_core() {
    let machine = machine();
    let ran = run(&machine, "grep 'core file' /proc/$PPID/limits").succeeds();
    let words: Vec<&str> = ran.stdout.split_whitespace().collect();
    assert_eq!(words[4..6], ["0", "0"], "{}", ran.stdout);
}

#[test]
fn a_category_gives_all_its_secrets_and_a_named_one_wins() {
    let machine = machine();
    machine.put("OPENAI_API_KEY", "made-up-openai-9zWpTn4L");
    machine.put("GROQ_API_KEY", "made-up-groq-9zWpTn4L00");
    let script = "echo ${#OPENAI_API_KEY} ${#GROQ_API_KEY} ${#API_TOKEN}";
    let args = [
        "run",
        "--category",
        "llm",
        "--env",
        "GROQ_API_KEY=API_TOKEN",
    ];
    let ran = machine.run(&[&args[..], &["--", "sh", "-c", script]].concat());
    assert_eq!(ran.succeeds().stdout, "23 27 0\n");
    let none = machine
        .run(&["run", "--category", "nope", "--", "true"])
        .ends_with(125);
    assert!(none.stderr.contains("`nope`"), "{none:?}");
}

#[test]
fn a_value_in_the_place_of_a_name_is_not_repeated() {
    let machine = machine();
    for value in ["sk-made-up-W7bQ2nX5cV", "s3cr+t==", "a b"] {
        let env = format!("API_TOKEN={value}");
        let refused = machine
            .run(&["run", "--env", &env, "--", "true"])
            .ends_with(125);
        assert!(refused.stderr.contains("`API_TOKEN`"), "{refused:?}");
        assert!(!refused.stderr.contains(value), "{refused:?}");
    }
}

#[test]
fn a_value_too_short_to_be_filtered_is_named() {
    let machine = machine();
    machine.put("PIN", "123");
    let ran = machine
        .run(&["run", "--env", "PIN", "--", "true"])
        .succeeds();
    assert!(ran.stderr.contains("`PIN` is too short"), "{ran:?}");
}

#[test]
fn a_reader_that_goes_away_ends_it_quietly() {
    let machine = machine();
    let script = format!(
        "{} run --env API_TOKEN -- sh -c 'while echo y; do :; done' 2>&1 | head -n 1",
        machine.ccs().display()
    );
    let mut command = std::process::Command::new("sh");
    machine.surround(command.arg("-c").arg(script));
    let ran = support::Run::of(command.output()).succeeds();
    assert_eq!(ran.stdout, "y\n");
}
