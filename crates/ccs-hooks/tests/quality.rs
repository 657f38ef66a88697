//! Work that is said to be finished is held while something is left in it, and never for ever.
#![cfg(unix)]

mod common;

use std::fs;
use std::path::Path;
use std::process::Command;

use ccs_gate::policy::{Policy, Quality, bundle};
use common::{Answer, World};
use serde_json::{Value, json};

const KEY: [u8; 32] = [7; 32];
const SESSION: &str = "9dd3bfa2-5ef3-4bce-a065-0d66f28c6de1";

/// A world whose policy has every gate switched on.
fn world() -> World {
    with(Quality {
        task_completed: true,
        teammate_idle: true,
        stop: true,
        subagent_stop: true,
        rounds: 2,
        ..Quality::default()
    })
}

fn with(quality: Quality) -> World {
    let world = World::founded();
    let policy = Policy {
        quality,
        ..Policy::default()
    };
    fs::write(
        world.state().join("policy.bundle"),
        bundle::seal(&policy, &KEY),
    )
    .expect("a file");
    fs::write(world.state().join("policy.pub"), bundle::public_key(&KEY)).expect("a file");
    world
}

/// The record of the session, as the client writes it.
fn record(world: &World) -> std::path::PathBuf {
    world
        .path("home/.claude/projects/-home-shop")
        .join(format!("{SESSION}.jsonl"))
}

fn append(path: &Path, records: &[Value]) {
    fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
    let mut text = fs::read_to_string(path).unwrap_or_default();
    for record in records {
        text.push_str(&format!("{record}\n"));
    }
    fs::write(path, text).expect("a file");
}

/// What the client records of a call that wrote a file: the call, and what came of it.
fn written(world: &World, name: &str, text: &str) -> [Value; 2] {
    let path = world.path("home/shop").join(name);
    fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
    fs::write(&path, text).expect("a file");
    let input = json!({"file_path": path, "content": text});
    [
        json!({"parentUuid": null, "isSidechain": false, "type": "assistant", "uuid": "u1", "sessionId": SESSION,
            "message": {"role": "assistant", "content": [{"type": "tool_use", "id": "toolu_1", "name": "Write", "input": input}]}}),
        json!({"parentUuid": "u1", "isSidechain": false, "type": "user", "sessionId": SESSION,
            "message": {"role": "user", "content": [{"tool_use_id": "toolu_1", "type": "tool_result", "content": "done"}]},
            "toolUseResult": {"type": "create", "filePath": path, "content": text, "structuredPatch": [], "originalFile": null}}),
    ]
}

fn event(world: &World, name: &str, more: &Value) -> Value {
    let mut event = json!({"session_id": SESSION, "transcript_path": record(world), "cwd": world.path("home/shop"),
        "hook_event_name": name});
    for (key, value) in more.as_object().expect("an object") {
        event[key] = value.clone();
    }
    event
}

fn answer(world: &World, argument: &str, event: &Value) -> Answer {
    let state = world.state().to_str().expect("UTF-8").to_owned();
    let command = world.command(&[argument.into(), "--state".into(), state]);
    let answer = world.run(command, event.to_string().as_bytes());
    assert!(matches!(answer.code, Some(0 | 2)), "{:?}", answer.code);
    answer
}

fn stop(world: &World, again: bool) -> Answer {
    let event = event(
        world,
        "Stop",
        &json!({"stop_hook_active": again, "last_assistant_message": "All done."}),
    );
    answer(world, "stop", &event)
}

fn task(world: &World) -> Answer {
    let event = event(
        world,
        "TaskCompleted",
        &json!({"task_id": "1", "task_subject": "S", "task_description": "D"}),
    );
    answer(world, "task-completed", &event)
}

fn git(world: &World, arguments: &[&str]) {
    let mut git = Command::new("git");
    git.args(["-c", "user.name=Ann", "-c", "user.email=ann@example.org"])
        .args(arguments)
        .env("HOME", world.path("home"))
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .current_dir(world.path("home/shop"));
    assert!(git.output().expect("git").status.success(), "{arguments:?}");
}

const STUB: &str = "def pay(amount):\n    raise NotImplementedError\n";

#[test]
fn a_task_with_a_stub_stays_open_and_the_model_is_told_where_it_is() {
    let world = world();
    append(&record(&world), &written(&world, "pay.py", STUB));

    let answer = task(&world);

    assert_eq!(answer.code, Some(2));
    assert!(
        answer.stderr.contains("pay.py:2 [stub.throws]"),
        "{}",
        answer.stderr
    );
    let value: Value = serde_json::from_str(&answer.stdout).expect("JSON");
    assert_eq!(value["decision"], "block");
    let entry = world.log().pop().expect("an entry");
    assert_eq!(
        (&entry["event"], &entry["decision"]),
        (&json!("task-completed"), &json!("deny"))
    );
    assert_eq!(entry["rules"][0], "stub.throws");
}

#[test]
fn finished_work_passes_in_silence() {
    let world = world();
    append(
        &record(&world),
        &written(&world, "pay.py", "def pay(amount):\n    return amount\n"),
    );

    for answer in [task(&world), stop(&world, false)] {
        assert_eq!(
            (answer.code, answer.stdout.as_str(), answer.stderr.as_str()),
            (Some(0), "", "")
        );
    }
}

#[test]
fn what_stood_there_before_does_not_hold() {
    let world = world();
    let path = world.path("home/shop/pay.py");
    let text = "# TODO: an old note\ndef pay(a):\n    return a\n";
    fs::write(&path, text).expect("a file");
    let input =
        json!({"file_path": path, "old_string": "    return 0", "new_string": "    return a"});
    let patch = json!([{"oldStart": 2, "newStart": 2, "lines": [" def pay(a):", "-    return 0", "+    return a"]}]);
    append(
        &record(&world),
        &[
            json!({"type": "assistant", "message": {"content": [{"type": "tool_use", "id": "t", "name": "Edit", "input": input}]}}),
            json!({"type": "user", "message": {"content": [{"type": "tool_result", "tool_use_id": "t"}]},
            "toolUseResult": {"filePath": path, "structuredPatch": patch}}),
        ],
    );

    assert_eq!(stop(&world, false).code, Some(0));
}

#[test]
fn the_same_findings_hold_a_turn_twice_and_then_the_user_is_told_once() {
    let world = world();
    append(&record(&world), &written(&world, "pay.py", STUB));

    let answers: Vec<Answer> = (0..4).map(|round| stop(&world, round > 0)).collect();

    let codes: Vec<_> = answers.iter().map(|answer| answer.code).collect();
    assert_eq!(codes, [Some(2), Some(2), Some(0), Some(0)]);
    let told: Value = serde_json::from_str(&answers[2].stdout).expect("JSON");
    let message = told["systemMessage"].as_str().expect("a message");
    assert!(message.contains("pay.py:2 [stub.throws]"), "{message}");
    assert_eq!(told.get("decision"), None);
    assert_eq!(answers[3].stdout, "");
}

#[test]
fn a_session_without_a_record_is_let_through_and_the_user_is_told() {
    let world = world();
    let answer = stop(&world, false);

    assert_eq!(answer.code, Some(0));
    assert!(
        answer
            .stdout
            .contains("what this session wrote cannot be told"),
        "{}",
        answer.stdout
    );
}

#[test]
fn where_nothing_can_be_counted_nothing_is_held() {
    let world = world();
    append(&record(&world), &written(&world, "pay.py", STUB));
    fs::write(world.state().join("quality"), "in the way").expect("a file");

    let answer = stop(&world, false);

    assert_eq!(answer.code, Some(0));
    assert!(answer.stdout.contains("systemMessage"), "{}", answer.stdout);
}

#[test]
fn nothing_is_looked_at_unless_the_policy_says_so() {
    let world = with(Quality::default());
    append(&record(&world), &written(&world, "pay.py", STUB));

    for answer in [task(&world), stop(&world, false)] {
        assert_eq!((answer.code, answer.stdout.as_str()), (Some(0), ""));
    }
}

#[test]
fn files_that_commands_wrote_are_known_through_git() {
    let world = world();
    append(
        &record(&world),
        &[json!({"type": "user", "message": {"content": "go"}})],
    );
    fs::write(world.path("home/shop/old.py"), "# TODO: long ago\nx = 1\n").expect("a file");
    git(&world, &["init", "-q"]);
    git(&world, &["add", "-A"]);
    git(
        &world,
        &[
            "-c",
            "core.commitGraph=false",
            "commit",
            "-qm",
            "first",
            "--date=2020-01-01T00:00:00Z",
        ],
    );
    let old = [("GIT_COMMITTER_DATE", "2020-01-01T00:00:00Z")];
    let mut amend = Command::new("git");
    amend.args([
        "-c",
        "user.name=Ann",
        "-c",
        "user.email=ann@example.org",
        "commit",
        "-q",
        "--amend",
        "--no-edit",
    ]);
    amend
        .envs(old)
        .env("HOME", world.path("home"))
        .current_dir(world.path("home/shop"));
    assert!(amend.status().expect("git").success());
    fs::write(
        world.path("home/shop/old.py"),
        "# TODO: long ago\nx = 1\n# FIXME: today\n",
    )
    .expect("a file");
    fs::write(
        world.path("home/shop/new.sh"),
        "#!/bin/sh\n# TODO: all of it\n",
    )
    .expect("a file");

    let answer = stop(&world, false);

    assert_eq!(answer.code, Some(2));
    assert!(
        answer.stderr.contains("old.py:3 [todo.comment]"),
        "{}",
        answer.stderr
    );
    assert!(
        answer.stderr.contains("new.sh:2 [todo.comment]"),
        "{}",
        answer.stderr
    );
    assert!(!answer.stderr.contains("old.py:1 "), "{}", answer.stderr);
}

#[test]
fn a_repository_cannot_have_a_program_run() {
    let world = world();
    append(
        &record(&world),
        &[json!({"type": "user", "message": {"content": "go"}})],
    );
    git(&world, &["init", "-q"]);
    fs::write(
        world.path("home/shop/.gitattributes"),
        "* filter=evil diff=evil\n",
    )
    .expect("a file");
    fs::write(world.path("home/shop/a.py"), "x = 1\n").expect("a file");
    git(&world, &["add", "-A"]);
    git(&world, &["commit", "-qm", "first"]);
    let made = world.path("made");
    let script = world.path("home/shop/evil.sh");
    fs::write(
        &script,
        format!("#!/bin/sh\ntouch '{}'\ncat\n", made.display()),
    )
    .expect("a file");
    fs::set_permissions(&script, std::os::unix::fs::PermissionsExt::from_mode(0o755))
        .expect("ours");
    let program = script.to_str().expect("UTF-8");
    for key in [
        "filter.evil.clean",
        "filter.evil.smudge",
        "filter.evil.process",
        "diff.evil.textconv",
        "diff.evil.command",
        "diff.external",
        "core.fsmonitor",
        "core.pager",
        "core.sshCommand",
        "core.editor",
    ] {
        git(&world, &["config", key, program]);
    }
    git(
        &world,
        &[
            "config",
            "core.hooksPath",
            world.path("home/shop").to_str().expect("UTF-8"),
        ],
    );
    fs::write(world.path("home/shop/a.py"), "x = 1\n# TODO: more\n").expect("a file");

    let answer = stop(&world, false);

    assert!(
        answer.stderr.contains("a.py:2 [todo.comment]"),
        "{}",
        answer.stderr
    );
    assert!(!made.exists());
}

#[test]
fn a_subagents_own_record_says_what_it_wrote() {
    let world = world();
    append(
        &record(&world),
        &[json!({"type": "user", "message": {"content": "go"}})],
    );
    let agent = record(&world)
        .with_extension("")
        .join("subagents/agent-a1.jsonl");
    append(&agent, &written(&world, "pay.py", STUB));

    let event = event(
        &world,
        "SubagentStop",
        &json!({"agent_id": "a1", "agent_type": "general-purpose",
        "stop_hook_active": false, "agent_transcript_path": agent}),
    );
    assert_eq!(answer(&world, "subagent-stop", &event).code, Some(2));
    assert_eq!(stop(&world, false).code, Some(2));
}

#[test]
fn a_reason_in_the_code_lets_it_stay_and_is_shown_to_the_user() {
    let world = world();
    let text = "def pay(amount):\n    # ccs:allow stub.throws: the bank's side is not there yet\n    raise NotImplementedError\n";
    append(&record(&world), &written(&world, "pay.py", text));

    let (first, second) = (stop(&world, false), stop(&world, false));

    assert_eq!((first.code, second.code), (Some(0), Some(0)));
    assert!(
        first.stdout.contains("the bank's side is not there yet"),
        "{}",
        first.stdout
    );
    assert_eq!(second.stdout, "");
}

#[test]
fn a_teammate_goes_on_while_a_file_does_not_parse() {
    let world = world();
    append(
        &record(&world),
        &written(&world, "data/items.json", "{\"a\": 1,\n}\n"),
    );

    let event = event(
        &world,
        "TeammateIdle",
        &json!({"teammate_name": "ann", "team_name": "t"}),
    );
    let answer = answer(&world, "teammate-idle", &event);

    assert_eq!(answer.code, Some(2));
    assert!(
        answer.stderr.contains("data/items.json:2 [syntax.error]"),
        "{}",
        answer.stderr
    );
}

#[test]
fn a_secret_holds_and_is_not_repeated() {
    let world = world();
    let token = ["glpat-", "x7Kq2Rm9Tz4Wc8Vb5Np3"].concat();
    append(
        &record(&world),
        &written(&world, "pay.py", &format!("KEY = '{token}'\n")),
    );

    let answer = stop(&world, false);

    assert_eq!(answer.code, Some(2));
    assert!(
        answer.stderr.contains("pay.py:1 [secret."),
        "{}",
        answer.stderr
    );
    assert!(!answer.stderr.contains(&token) && !answer.stdout.contains(&token));
}

#[test]
fn what_the_owner_switched_off_does_not_hold() {
    let world = with(Quality {
        stop: true,
        off: vec!["todo.*".into()],
        exclude: vec!["*/generated/*".into()],
        ..Quality::default()
    });
    append(
        &record(&world),
        &written(&world, "pay.py", "# TODO: more\n"),
    );
    append(&record(&world), &written(&world, "generated/pay.py", STUB));

    assert_eq!(stop(&world, false).code, Some(0));
}

#[test]
fn counts_are_forgotten_with_the_session() {
    let world = world();
    append(&record(&world), &written(&world, "pay.py", STUB));
    stop(&world, false);
    let counts = world.state().join("quality").join(SESSION);
    assert!(counts.exists());

    answer(
        &world,
        "session-end",
        &event(&world, "SessionEnd", &json!({"reason": "other"})),
    );

    assert!(!counts.exists());
}

fn wrote(world: &World, name: &str, text: &str) -> Answer {
    let path = world.path("home/shop").join(name);
    fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
    fs::write(&path, text).expect("a file");
    let event = json!({"session_id": SESSION, "cwd": world.path("home/shop"), "tool_name": "Write",
        "tool_input": {"file_path": path, "content": text},
        "tool_response": {"type": "create", "filePath": path, "content": text, "structuredPatch": [],
            "originalFile": null, "userModified": false}});
    let state = world.state().display().to_string();
    let command = world.command(&["post-tool-use".to_owned(), "--state".to_owned(), state]);
    world.run(command, event.to_string().as_bytes())
}

#[test]
fn what_a_call_wrote_is_corrected_at_once_where_the_owner_wants_that() {
    let code = "def run(text):\n    return eval(text)\n";
    let on = with(Quality {
        written: true,
        ..Quality::default()
    });
    let answer = wrote(&on, "src/app.py", code);
    assert_eq!(answer.code, Some(2));
    assert!(
        answer.stderr.contains("src/app.py:2 [exec."),
        "{}",
        answer.stderr
    );
    assert_eq!(
        wrote(&on, "src/fine.py", "def add(a, b):\n    return a + b\n").code,
        Some(0)
    );

    let off = with(Quality::default());
    assert_eq!(wrote(&off, "src/app.py", code).code, Some(0));
}
