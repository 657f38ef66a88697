//! What the client cannot be trusted to do well, and what we cannot: pipes that break, and bugs.

mod common;

use std::process::{Command, Stdio};

use common::World;

const BROKEN: &[u8] = b"{";

fn command(world: &World, event: &str) -> Command {
    let state = world.state().to_str().expect("UTF-8").to_owned();
    world.command(&[event.into(), "--state".into(), state])
}

/// Runs the program with nothing on stdin and stdout led to `stdout`.
fn code(mut command: Command, stdout: Stdio) -> Option<i32> {
    let status = command
        .stdin(Stdio::null())
        .stdout(stdout)
        .stderr(Stdio::null())
        .status();
    status.expect("the program starts").code()
}

#[test]
#[cfg(target_os = "linux")]
fn an_answer_that_does_not_reach_the_client_ends_in_two() {
    let world = World::new();
    for event in [
        "pre-tool-use",
        "permission-request",
        "session-start",
        "stop",
    ] {
        let full = std::fs::File::create("/dev/full").expect("/dev/full");
        assert_eq!(
            code(command(&world, event), full.into()),
            Some(2),
            "{event}"
        );
    }
}

#[test]
#[cfg(unix)]
fn a_pipe_that_nobody_reads_ends_in_two_and_not_in_a_signal() {
    let world = World::new();
    let (reader, writer) = std::io::pipe().expect("a pipe");
    drop(reader);
    assert_eq!(
        code(command(&world, "pre-tool-use"), writer.into()),
        Some(2)
    );
}

#[test]
#[cfg(unix)]
fn closed_standard_streams_end_in_two() {
    let world = World::new();
    let state = world.state();
    let mut shell = Command::new("/bin/sh");
    shell
        .env_clear()
        .args(["-c", r#""$0" pre-tool-use --state "$1" <&- >&- 2>&-"#]);
    shell.arg(common::program()).arg(state);

    assert_eq!(code(shell, Stdio::null()), Some(2));
}

#[test]
#[cfg(unix)]
fn arguments_that_are_no_text_end_in_two() {
    use std::os::unix::ffi::OsStrExt;
    let world = World::new();
    let odd = std::ffi::OsStr::from_bytes(b"\xFF");

    let mut event = world.command(&[]);
    event.arg(odd);
    assert_eq!(code(event, Stdio::null()), Some(2));

    let mut state = world.command(&["pre-tool-use".into(), "--state".into()]);
    state.arg(odd);
    assert_eq!(code(state, Stdio::null()), Some(2));
}

#[test]
fn a_deny_is_in_the_trail_and_the_trail_is_private() {
    let world = World::new();
    let answer = world.run(command(&world, "pre-tool-use"), BROKEN);

    assert_eq!(answer.code, Some(2));
    assert!(answer.stdout.contains("deny") && answer.stderr.contains("not JSON"));
    let log = world.log();
    assert_eq!(log.len(), 1);
    assert_eq!(log[0]["rules"][0], "hook.input-not-json");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        for name in [
            "audit.key",
            "audit.json",
            "audit/000001.db",
            "audit/epoch.key",
        ] {
            let meta = std::fs::metadata(world.state().join(name)).expect("a file");
            assert_eq!(meta.permissions().mode() & 0o777, 0o600, "{name}");
        }
    }
}

#[test]
fn neither_the_command_that_passes_nor_the_environment_is_remembered() {
    let world = World::new();
    let mut command = command(&world, "pre-tool-use");
    command.env("API_TOKEN", "synthetic-environment-value");
    let event = br#"{"tool_name":"Bash","tool_input":{"command":"echo synthetic-argument"}}"#;

    world.run(command, event);

    let text = format!("{:?}", world.log());
    assert!(
        text.contains("echo") && text.contains("input_sha256"),
        "{text}"
    );
    assert!(!text.contains("synthetic"), "{text}");
}

/// Runs this test program's own `child`, which panics as the program would for `event`.
fn panicked(event: &str) -> std::process::Output {
    let myself = std::env::current_exe().expect("this program");
    Command::new(myself)
        .args(["--exact", "child", "--nocapture"])
        .env("PANIC_ON", event)
        .output()
        .expect("this program starts")
}

#[test]
fn child() {
    if let Ok(event) = std::env::var("PANIC_ON") {
        ccs_hooks::stop_on_panic(Some(event.into()));
        panic!("secret");
    }
}

#[test]
fn a_bug_on_a_gating_event_is_a_deny_without_a_word_of_the_input() {
    let output = panicked("pre-tool-use");
    let (out, err) = (
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr),
    );
    assert_eq!(output.status.code(), Some(2));
    assert!(out.contains(r#""permissionDecision":"deny""#), "{out}");
    assert!(
        err.contains("internal error at") && !err.contains("secret"),
        "{err}"
    );
}

#[test]
fn a_bug_on_another_event_is_told_and_stops_nothing() {
    assert_eq!(panicked("stop").status.code(), Some(0));
    assert_eq!(panicked("no-such-event").status.code(), Some(2));
}
