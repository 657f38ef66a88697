//! A command with secrets: in its environment, in nothing else, and out of its output.
#![cfg(unix)]

mod common;

use std::io;
use std::process::{Command, Stdio};

use ccs_vault::provider::{Reference, SystemRunner};
use ccs_vault::{Error, NewEntry, Variable, Vault, exit_code};
use common::{Place, entry, name, put, refused};

const VALUE: &str = "kR8v/X2mQ'9z WpTn";

fn vault(place: &Place) -> Vault {
    let mut vault = place.create();
    put(&mut vault, "MY_KEY", VALUE);
    vault
        .put(entry("OLD", "expired value").expires(50), 0)
        .expect("put");
    vault
        .put(entry("github/token", "another value 8"), 0)
        .expect("put");
    let reference = Reference::command(["printf", "from a command\\n"]).expect("a reference");
    vault
        .put(NewEntry::reference(name("REF"), reference), 0)
        .expect("put");
    vault
}

#[test]
fn a_child_has_the_chosen_secrets_in_its_environment_and_they_are_not_in_its_output() {
    let place = Place::new();
    let vault = vault(&place);
    let wanted = [
        Variable::same(name("MY_KEY")),
        Variable {
            variable: "GH".into(),
            entry: name("github/token"),
        },
        Variable::same(name("REF")),
    ];
    let environment = vault
        .environment(wanted, &SystemRunner, 100)
        .expect("an environment");
    let script = "
        [ \"$MY_KEY\" = \"kR8v/X2mQ'9z WpTn\" ] && echo right
        echo \"$MY_KEY\"; printf %s \"$MY_KEY\" | base64; printf %s \"$MY_KEY\" | od -An -v -tx1 | tr -d ' \\n'
        echo; echo \"$GH, $REF\"; exit 3";
    let mut child = Command::new("sh");
    child.args(["-c", script]).stdout(Stdio::piped());
    environment.apply(&mut child);
    let mut child = child.spawn().expect("started");
    let mut redactor = environment.redactor(Vec::new());
    io::copy(&mut child.stdout.take().expect("a pipe"), &mut redactor).expect("copied");
    let out = redactor.finish().expect("finished");

    assert_eq!(child.wait().expect("ended").code(), Some(3));
    assert_eq!(
        String::from_utf8_lossy(&out),
        "right\n[ccs:MY_KEY]\n[ccs:MY_KEY]=\n[ccs:MY_KEY]\n[ccs:github/token], [ccs:REF]\n"
    );
    assert!(
        std::env::var_os("MY_KEY").is_none(),
        "this process has nothing of it"
    );
}

#[test]
fn an_expired_secret_and_a_variable_that_decides_what_runs_are_refused() {
    let place = Place::new();
    let vault = vault(&place);
    let environment = |variable: &str, entry: &str| {
        let variable = Variable {
            variable: variable.into(),
            entry: name(entry),
        };
        vault.environment([variable], &SystemRunner, 50)
    };
    assert!(matches!(
        refused(environment("OLD", "OLD")),
        Error::Expired { .. }
    ));
    assert!(matches!(
        refused(environment("X", "NO")),
        Error::NoEntry { .. }
    ));
    for variable in ["PATH", "LD_PRELOAD", "A=B", "", "1A", "github/token"] {
        let error = refused(environment(variable, "MY_KEY"));
        assert!(
            matches!(
                error,
                Error::Invalid {
                    what: "variable",
                    ..
                }
            ),
            "{variable}"
        );
    }
}

#[test]
fn a_value_with_a_nul_is_in_no_environment() {
    let place = Place::new();
    let mut vault = place.create();
    put(&mut vault, "A", "a\0b");
    let error = refused(vault.environment([Variable::same(name("A"))], &SystemRunner, 0));
    assert!(matches!(error, Error::Invalid { what: "value", .. }));
}

/// Runs a script of sh with `MY_KEY`; what came out of it, and its exit code.
fn run(script: &str) -> (String, String, u8) {
    let place = Place::new();
    let environment = vault(&place)
        .environment([Variable::same(name("MY_KEY"))], &SystemRunner, 0)
        .expect("an environment");
    let mut command = Command::new("sh");
    command.args(["-c", script]).stdin(Stdio::null());
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let end = environment
        .run(&mut command, &mut out, &mut err)
        .expect("run");
    let text = |bytes| String::from_utf8(bytes).expect("text");
    (text(out), text(err), exit_code(end))
}

#[test]
fn a_run_redacts_both_outputs_and_keeps_the_exit_code() {
    let (out, err, code) = run("echo \"out $MY_KEY\"; echo \"err $MY_KEY\" >&2; exit 7");
    assert_eq!(out, "out [ccs:MY_KEY]\n");
    assert_eq!(err, "err [ccs:MY_KEY]\n");
    assert_eq!(code, 7);
}

#[test]
fn a_program_that_was_killed_ends_as_a_shell_would_say() {
    let (_, _, code) = run("kill -TERM $$");
    assert_eq!(code, 128 + 15);
}

#[test]
fn a_secret_printed_byte_by_byte_or_at_the_very_end_does_not_come_out() {
    let script = "printf %s \"$MY_KEY\" | dd bs=1 2>/dev/null; printf ,%s \"$MY_KEY\"";
    let (out, _, _) = run(script);
    assert_eq!(out, "[ccs:MY_KEY],[ccs:MY_KEY]");
}

#[test]
fn more_output_than_a_pipe_holds_comes_out_on_both_sides() {
    let script = "head -c 300000 /dev/zero | tr '\\0' a; head -c 300000 /dev/zero | tr '\\0' b >&2";
    let (out, err, code) = run(script);
    assert_eq!((out.len(), err.len(), code), (300_000, 300_000, 0));
}

#[test]
fn a_reader_that_went_away_stops_the_program_and_is_no_error() {
    struct Gone;
    impl io::Write for Gone {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(io::ErrorKind::BrokenPipe.into())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    let place = Place::new();
    let environment = vault(&place)
        .environment([], &SystemRunner, 0)
        .expect("an environment");
    let end = environment
        .run(&mut Command::new("yes"), Gone, Vec::new())
        .expect("run");
    assert!(!end.success(), "it wrote into a closed pipe");
}

#[test]
fn a_program_that_is_not_there_is_named() {
    let place = Place::new();
    let environment = vault(&place)
        .environment([], &SystemRunner, 0)
        .expect("an environment");
    let mut command = Command::new("/no/such/program");
    let error = refused(environment.run(&mut command, Vec::new(), Vec::new()));
    assert!(
        matches!(&error, Error::Run { program, source }
            if program.ends_with("program") && source.kind() == io::ErrorKind::NotFound),
        "{error}"
    );
}

/// What a program was started with is readable for everyone on the machine; its environment only
/// for its user.
#[cfg(target_os = "linux")]
#[test]
fn no_secret_is_in_the_arguments_of_a_run() {
    let (out, _, _) =
        run("tr '\\0' '\\n' < /proc/$$/cmdline; echo; tr '\\0' '\\n' < /proc/$PPID/cmdline");
    assert!(out.starts_with("sh\n-c\n"), "{out}");
    assert!(!out.contains("[ccs:"), "{out}");
}
