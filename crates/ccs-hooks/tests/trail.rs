//! What the audit trail promises those who rely on it.
#![cfg(unix)]

mod common;

use std::fs;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use ccs_gate::policy::{Policy, bundle};
use ccs_hooks::trail;
use common::{Answer, World};
use serde_json::{Value, json};

/// A session of the client, as far as a hook sees it.
struct Session {
    world: World,
}

impl Session {
    fn new() -> Self {
        let world = World::founded();
        let events = "PreToolUse PostToolUse PostToolUseFailure SessionStart SessionEnd Stop";
        let record = json!({"version": 1, "settings": [], "hook": "/bin/true",
            "events": events.split(' ').collect::<Vec<_>>()});
        let policy = bundle::seal(&Policy::default(), &[7; 32]);
        for (name, bytes) in [
            ("install.json", record.to_string().as_bytes()),
            ("policy.bundle", &policy),
            ("policy.pub", &bundle::public_key(&[7; 32])),
        ] {
            fs::write(world.state().join(name), bytes).expect("a file");
        }
        Self { world }
    }

    fn command(&self, event: &str) -> Command {
        hook(&self.world, event)
    }

    /// One hook, with these fields besides those that every event has.
    fn hook(&self, event: &str, fields: Value) -> Answer {
        self.hook_in("s-1", event, fields)
    }

    fn hook_in(&self, session: &str, event: &str, fields: Value) -> Answer {
        let mut input = json!({"session_id": session, "cwd": self.world.path("home/shop")});
        let fields = fields.as_object().expect("an object");
        for (key, value) in fields {
            input[key] = value.clone();
        }
        self.world
            .run(self.command(event), input.to_string().as_bytes())
    }

    /// A call that is let through, and its result if it has one. `act` is what the tool does.
    fn call(&self, id: &str, tool: &str, input: Value, act: impl FnOnce()) {
        let call = json!({"tool_name": tool, "tool_input": input, "tool_use_id": id});
        let before = self.hook("pre-tool-use", call.clone());
        assert_ne!(before.code, Some(2), "{}", before.stderr);
        act();
        let mut after = call;
        after["tool_response"] = json!({"stdout": "x"});
        self.hook("post-tool-use", after);
    }

    fn bash(&self, id: &str, act: impl FnOnce()) {
        self.call(id, "Bash", json!({"command": "make"}), act);
    }

    fn file(&self, name: &str) -> PathBuf {
        self.world.path("home/shop").join(name)
    }

    fn write(&self, name: &str, text: &str) {
        fs::write(self.file(name), text).expect("a file");
    }

    /// The entries of an event.
    fn entries(&self, event: &str) -> Vec<Value> {
        let log = self.world.log().into_iter();
        log.filter(|entry| entry["event"] == event).collect()
    }

    /// One member of every entry, in their order.
    fn logged(&self, member: &str) -> Vec<Value> {
        let log = self.world.log().into_iter();
        log.map(|entry| entry[member].clone()).collect()
    }
}

fn hook(world: &World, event: &str) -> Command {
    let state = world.state().to_str().expect("UTF-8").to_owned();
    world.command(&[event.into(), "--state".into(), state])
}

#[test]
fn what_happened_in_a_session_is_there_in_its_order() {
    let session = Session::new();
    session.hook("session-start", json!({"source": "startup"}));
    session.hook("user-prompt-submit", json!({"prompt": "build it"}));
    session.bash("toolu_1", || {});
    let call = json!({"tool_name": "Bash", "tool_input": {"command": "rm -rf /"}, "tool_use_id": "toolu_2"});
    session.hook("pre-tool-use", call);
    let call =
        json!({"tool_name": "Bash", "tool_input": {"command": "false"}, "tool_use_id": "toolu_3"});
    session.hook("pre-tool-use", call.clone());
    let mut failed = call;
    failed["error"] = json!("Exit code 1");
    session.hook("post-tool-use-failure", failed);
    session.hook("stop", json!({}));
    session.hook("session-end", json!({"reason": "other"}));

    let log = session.world.log();
    let said: Vec<[&str; 4]> = log
        .iter()
        .map(|entry| {
            ["event", "tool", "decision", "target"].map(|key| entry[key].as_str().unwrap_or(""))
        })
        .collect();
    assert_eq!(
        said,
        [
            ["session-start", "", "allow", "startup"],
            ["user-prompt-submit", "", "allow", ""],
            ["pre-tool-use", "Bash", "allow", "make"],
            ["post-tool-use", "Bash", "ran", "make"],
            ["pre-tool-use", "Bash", "deny", "rm"],
            ["pre-tool-use", "Bash", "allow", "false"],
            ["post-tool-use-failure", "Bash", "failed", "false"],
            ["stop", "", "", ""],
            ["session-end", "", "allow", "other"],
        ]
    );
    assert!(log.iter().all(|entry| entry["session"] == "s-1"));
    assert_eq!(log[4]["rules"][0], "fs.delete-root");
    assert_eq!(log[4]["findings"][0]["severity"], "critical");
    assert_eq!(log[6]["error"], "Exit code 1");
    session.world.assert_intact();
}

#[test]
fn of_a_prompt_only_the_hash_and_the_length_are_kept() {
    let session = Session::new();
    session.hook("user-prompt-submit", json!({"prompt": "my synthetic plan"}));

    let entry = session.entries("user-prompt-submit").remove(0);
    let hash = ccs_audit::Hash::of(b"my synthetic plan").to_string();
    assert_eq!(entry["input_sha256"], hash.as_str());
    assert_eq!(entry["bytes"], 17);
    assert!(!entry.to_string().contains("synthetic"));
}

#[test]
fn no_secret_of_a_call_or_a_file_reaches_the_trail() {
    let session = Session::new();
    let token = ["AKIA6", "NYOTQ23WVBLYWN3"].concat();
    let input = json!({"command": format!("curl -H 'Authorization: Bearer {token}' x.example")});
    let call = json!({"tool_name": "Bash", "tool_input": input, "tool_use_id": "toolu_1",
        "tool_response": {"stdout": token}, "error": format!("bad {token}")});
    for event in ["pre-tool-use", "post-tool-use", "post-tool-use-failure"] {
        session.hook(event, call.clone());
    }
    session.write("CLAUDE.md", "one\n");
    session.hook("session-start", json!({"source": "startup"}));
    session.bash("toolu_2", || {
        session.write("CLAUDE.md", &format!("use {token}\n"));
    });

    let text = format!("{:?}", session.world.log());
    assert!(
        text.contains("file-change") && text.contains("curl"),
        "{text}"
    );
    assert!(!text.contains(&token), "{text}");
    let found = grep(&session.world.state(), token.as_bytes());
    assert_eq!(found, Vec::<PathBuf>::new());
}

/// The files below a folder that hold these bytes.
fn grep(folder: &std::path::Path, bytes: &[u8]) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            found.extend(grep(&path, bytes));
        } else if fs::read(&path)
            .expect("a file")
            .windows(bytes.len())
            .any(|part| part == bytes)
        {
            found.push(path);
        }
    }
    found
}

// The agent changes what steers it

#[test]
fn an_edit_of_a_guarded_file_is_shown_with_what_it_held_before() {
    let session = Session::new();
    session.write("CLAUDE.md", "one\n");
    let input =
        json!({"file_path": session.file("CLAUDE.md"), "old_string": "one", "new_string": "two"});
    let call = json!({"tool_name": "Edit", "tool_input": input, "tool_use_id": "toolu_1"});
    session.hook("pre-tool-use", call.clone());
    session.write("CLAUDE.md", "two\n");
    let mut after = call;
    after["tool_response"] = json!({});
    session.hook("post-tool-use", after);

    let entry = session.entries("file-change").remove(0);
    assert_eq!(entry["tool"], "Edit");
    assert_eq!(
        (&entry["change"], &entry["call"]),
        (&json!("modified"), &json!("toolu_1"))
    );
    let diff = entry["diff"].as_str().expect("a diff");
    assert!(diff.contains("-one\n+two\n"), "{diff}");
    let old = ccs_audit::Hash::of(b"one\n").to_string();
    assert_eq!(entry["before"]["sha256"], old.as_str());
    let kept = grep_names(&trail::folder(&session.world.state()).join("blobs"), &old);
    assert!(kept, "the old contents are kept by their hash");
}

fn grep_names(folder: &std::path::Path, name: &str) -> bool {
    let entries = fs::read_dir(folder).expect("a folder");
    entries.flatten().any(|entry| {
        let path = entry.path();
        path.ends_with(name) || path.is_dir() && grep_names(&path, name)
    })
}

#[test]
fn what_a_command_changes_in_guarded_files_is_shown() {
    let session = Session::new();
    session.write("CLAUDE.md", "one\n");
    let skill = session.world.path("home/.claude/skills/x");
    fs::create_dir_all(&skill).expect("a folder");
    session.hook("session-start", json!({"source": "startup"}));
    session.bash("toolu_1", || {});
    assert_eq!(session.entries("file-change").len(), 0);
    session.bash("toolu_2", || {
        session.write("CLAUDE.md", "two\n");
        fs::write(skill.join("SKILL.md"), "new\n").expect("a file");
    });
    session.bash("toolu_3", || {
        fs::remove_file(session.file("CLAUDE.md")).expect("removed");
    });

    let entries = session.entries("file-change");
    let said: Vec<_> = entries
        .iter()
        .map(|entry| {
            let name = entry["target"]
                .as_str()
                .and_then(|path| path.rsplit('/').next());
            let [change, call] = ["change", "call"].map(|key| entry[key].as_str().unwrap_or(""));
            (
                name.unwrap_or("").to_owned(),
                change.to_owned(),
                call.to_owned(),
            )
        })
        .collect();
    let said: Vec<(&str, &str, &str)> = said.iter().map(|(a, b, c)| (&**a, &**b, &**c)).collect();
    assert_eq!(
        said,
        [
            ("SKILL.md", "created", "toolu_2"),
            ("CLAUDE.md", "modified", "toolu_2"),
            ("CLAUDE.md", "deleted", "toolu_3"),
        ]
    );
    assert!(entries.iter().all(|entry| entry["tool"] == "Bash"));
    assert!(
        entries[1]["diff"]
            .as_str()
            .expect("a diff")
            .contains("-one\n+two\n")
    );
}

#[test]
fn two_edits_in_one_second_are_two_records_and_neither_is_told_twice() {
    let session = Session::new();
    session.write("CLAUDE.md", "0\n");
    session.hook("session-start", json!({"source": "startup"}));
    for number in 1..=2 {
        let id = format!("toolu_{number}");
        let text = format!("{number}\n");
        let input = json!({"file_path": session.file("CLAUDE.md"), "content": text});
        let call = json!({"tool_name": "Write", "tool_input": input, "tool_use_id": id});
        session.hook("pre-tool-use", call.clone());
        session.write("CLAUDE.md", &text);
        let mut after = call;
        after["tool_response"] = json!({});
        session.hook("post-tool-use", after);
    }
    session.bash("toolu_3", || {});

    let diffs: Vec<_> = session
        .entries("file-change")
        .iter()
        .map(|entry| entry["diff"].clone())
        .collect();
    assert_eq!(diffs.len(), 2, "{diffs:?}");
    assert!(diffs[0].as_str().expect("text").contains("-0\n+1\n"));
    assert!(diffs[1].as_str().expect("text").contains("-1\n+2\n"));
}

#[test]
fn a_change_whose_call_was_never_heard_of_again_shows_at_the_end() {
    let session = Session::new();
    session.write("CLAUDE.md", "one\n");
    let input = json!({"file_path": session.file("CLAUDE.md"), "content": "two\n"});
    let call = json!({"tool_name": "Write", "tool_input": input, "tool_use_id": "toolu_1"});
    session.hook("pre-tool-use", call);
    session.write("CLAUDE.md", "two\n");
    session.hook("session-end", json!({"reason": "other"}));

    let entries = session.entries("file-change");
    assert_eq!(entries.len(), 1);
    assert_eq!(entries[0]["noticed"], "session-end");
}

// Hooks that do not answer

#[test]
fn a_call_without_a_result_and_a_result_without_a_call_are_noticed_when_the_turn_ends() {
    let session = Session::new();
    let call =
        |id: &str| json!({"tool_name": "Bash", "tool_input": {"command": id}, "tool_use_id": id});
    session.bash("toolu_1", || {});
    session.hook("pre-tool-use", call("toolu_2"));
    let mut result = call("toolu_3");
    result["tool_response"] = json!({});
    session.hook("post-tool-use", result);
    let answer = session.hook("stop", json!({}));

    let gaps = session.entries("gap");
    let said: Vec<_> = gaps
        .iter()
        .map(|gap| (&gap["rules"][0], &gap["calls"][0]["call"]))
        .collect();
    assert_eq!(
        said,
        [
            (&json!("gap.no-result"), &json!("toolu_2")),
            (&json!("gap.not-asked"), &json!("toolu_3")),
        ]
    );
    assert!(
        answer
            .stdout
            .contains("1 tool calls ran that nobody was asked about")
    );
    session.hook("stop", json!({}));
    assert_eq!(session.entries("gap").len(), 2, "told once");
}

#[test]
fn a_call_that_somebody_was_asked_about_may_have_been_refused_and_is_no_gap() {
    let session = Session::new();
    let call =
        json!({"tool_name": "Bash", "tool_input": {"command": "make"}, "tool_use_id": "toolu_1"});
    session.hook("pre-tool-use", call.clone());
    session.hook(
        "permission-request",
        json!({"tool_name": "Bash", "tool_input": {"command": "make"}}),
    );
    session.hook("stop", json!({}));
    assert_eq!(session.entries("gap").len(), 0);
}

#[test]
fn a_session_that_is_over_without_an_end_is_noticed_at_the_next_start_and_once() {
    let session = Session::new();
    // this test is the client, and lives on; a shell that runs the hook does not
    session.hook_in("alive", "session-start", json!({"source": "startup"}));
    let mut shell = Command::new("/bin/sh");
    let hook = session.command("session-start");
    shell
        .args(["-c", "\"$@\"; exit 0", "sh"])
        .arg(hook.get_program())
        .args(hook.get_args());
    session
        .world
        .run(shell, br#"{"session_id":"dead","source":"startup"}"#);
    for _ in 0..2 {
        session.hook_in("next", "session-start", json!({"source": "startup"}));
    }

    let gaps = session.entries("gap");
    let said: Vec<_> = gaps
        .iter()
        .map(|gap| (&gap["session"], &gap["rules"][0]))
        .collect();
    assert_eq!(said, [(&json!("dead"), &json!("gap.no-end"))]);
}

// Where the log is and is not

#[test]
fn a_log_that_is_gone_is_told_and_none_takes_its_place() {
    let session = Session::new();
    let (log, away) = (
        trail::folder(&session.world.state()),
        session.world.path("away"),
    );
    fs::rename(&log, &away).expect("renamed");

    let start = session.hook("session-start", json!({"source": "startup"}));
    assert!(start.stdout.contains("[audit.gone]"), "{}", start.stdout);
    session.bash("toolu_1", || {});
    assert!(!log.join("log.json").exists());

    let _ = fs::remove_dir_all(&log);
    fs::rename(&away, &log).expect("put back");
    let events = session.logged("event");
    assert_eq!(events, ["session-start", "pre-tool-use", "post-tool-use"]);
    session.world.assert_intact();
}

#[test]
fn another_log_in_its_place_and_one_that_was_cut_are_told() {
    let (session, other) = (Session::new(), Session::new());
    session.hook("session-end", json!({"reason": "other"}));
    let copy = |from: &World, to: &World| {
        let _ = fs::remove_dir_all(trail::folder(&to.state()));
        let copied = Command::new("cp")
            .arg("-a")
            .arg(trail::folder(&from.state()))
            .arg(to.state())
            .status();
        assert!(copied.expect("cp").success());
    };
    let start = |session: &Session| {
        session
            .hook("session-start", json!({"source": "startup"}))
            .stdout
    };
    copy(&other.world, &session.world); // as it was founded
    let said = start(&session);
    assert!(said.contains("[audit.cut]"), "{said}");

    let _ = fs::remove_dir_all(other.world.state());
    drop(trail::found(&other.world.state()).expect("founded anew"));
    copy(&other.world, &session.world);
    let said = start(&session);
    assert!(said.contains("[audit.replaced]"), "{said}");
}

#[test]
fn without_their_key_details_are_left_out_and_not_written_for_all_to_read() {
    let session = Session::new();
    fs::remove_file(session.world.state().join("audit.key")).expect("removed");
    let start = session.hook("session-start", json!({"source": "startup"}));
    session.bash("toolu_1", || {});

    assert!(start.stdout.contains("[audit.no-key]"), "{}", start.stdout);
    let entry = session.entries("post-tool-use").remove(0);
    assert_eq!(entry["withheld"], "the key of the details is missing");
    assert_eq!(entry.get("command"), None);
}

#[test]
fn the_log_of_earlier_versions_stays_and_is_bound_in_by_its_hash() {
    let world = World::new();
    let old = "{\"event\":\"PreToolUse\"}\n{\"event\":\"Stop\"}\n";
    fs::write(world.state().join("decisions.jsonl"), old).expect("a file");
    world.run(hook(&world, "stop"), b"{}");

    let log = world.log();
    assert_eq!(log[0]["event"], "import");
    assert_eq!(
        log[0]["input_sha256"],
        ccs_audit::Hash::of(old.as_bytes()).to_string().as_str()
    );
    assert_eq!(log[0]["lines"], 2);
    let kept = fs::read_to_string(world.state().join("decisions.jsonl")).expect("still there");
    assert_eq!(kept, old);
}

// Trouble

#[test]
fn a_damaged_log_is_set_aside_and_nothing_after_it_is_lost() {
    let session = Session::new();
    session.bash("toolu_1", || {});
    let segment = trail::folder(&session.world.state()).join("000001.db");
    fs::remove_file(segment.with_extension("db-wal")).expect("removed");
    fs::write(&segment, vec![b'x'; 8_192]).expect("damaged");
    session.bash("toolu_2", || {});

    let calls = session.logged("call");
    assert_eq!(calls, ["toolu_2", "toolu_2"]);
    assert!(segment.with_extension("damaged").exists());
}

#[test]
fn a_log_of_a_later_version_is_left_alone_and_entries_wait_for_it() {
    let session = Session::new();
    session.bash("toolu_1", || {});
    let version = |number: u32| {
        // user_version, big-endian at byte 60 of the first page
        let segment = trail::folder(&session.world.state()).join("000001.db");
        let mut bytes = fs::read(&segment).expect("a segment");
        bytes[60..64].copy_from_slice(&number.to_be_bytes());
        fs::write(&segment, bytes).expect("written");
    };
    version(99);
    let call = json!({"tool_name": "Bash", "tool_input": {"command": "make"}, "tool_use_id": "toolu_2", "tool_response": {}});
    let answer = session.hook("post-tool-use", call);
    assert!(answer.stdout.contains("has format 99"), "{}", answer.stdout);
    version(1);

    let calls = session.logged("call");
    assert_eq!(calls, ["toolu_1", "toolu_1", "toolu_2"]);
    session.world.assert_intact();
}

/// The limit on the length of files stands in for a full disk.
#[test]
fn on_a_full_disk_a_call_is_stopped_or_kept() {
    let session = Session::new();
    let big = "x".repeat(1_500);
    let (mut kept, mut stopped) = (0, 0);
    for number in 0..40 {
        let call = json!({"session_id": "s-1", "tool_name": "Bash", "tool_use_id": format!("toolu_{number}"),
            "tool_input": {"command": format!("git push --force {big}")}});
        let hook = session.command("pre-tool-use");
        let mut shell = Command::new("/bin/sh");
        shell.args(["-c", "trap '' XFSZ; ulimit -f 96; exec \"$@\"", "sh"]);
        shell.arg(hook.get_program()).args(hook.get_args());
        let answer = session.world.run(shell, call.to_string().as_bytes());
        match answer.code {
            Some(0) => kept += 1,
            Some(2) => {
                assert!(
                    answer.stderr.contains("not in the audit trail"),
                    "{}",
                    answer.stderr
                );
                stopped += 1;
            }
            other => panic!("{other:?}"),
        }
    }
    assert!(kept > 0 && stopped > 0, "{kept} kept, {stopped} stopped");
    assert_eq!(session.entries("pre-tool-use").len(), kept);
    session.world.assert_intact();
}

#[test]
fn in_a_folder_that_cannot_be_written_a_call_that_may_change_something_is_stopped() {
    use std::os::unix::fs::PermissionsExt;
    use std::os::unix::process::CommandExt;
    const NOBODY: u32 = 65_534;
    let session = Session::new();
    let state = session.world.state();
    let locked = |mode: u32| fs::set_permissions(&state, fs::Permissions::from_mode(mode));
    locked(0o500).expect("our own");
    let log = trail::folder(&state);
    fs::set_permissions(&log, fs::Permissions::from_mode(0o500)).expect("our own");
    let mut hook = session.command("pre-tool-use");
    if rustix::process::geteuid().is_root() {
        // nothing is read-only for root
        let whole = session.world.path("");
        fs::set_permissions(&whole, fs::Permissions::from_mode(0o755)).expect("our own");
        let given = Command::new("chown")
            .arg("-R")
            .arg(NOBODY.to_string())
            .arg(&whole)
            .status();
        assert!(given.expect("chown").success());
        let program = session.world.path("hook");
        // by a process of its own: what a test beside this one starts must not hold the copy open
        let copied = Command::new("cp")
            .arg(common::program())
            .arg(&program)
            .status();
        assert!(copied.expect("cp").success());
        let mut as_nobody = Command::new(program);
        as_nobody.args(hook.get_args()).uid(NOBODY);
        hook = as_nobody;
    }
    for file in fs::read_dir(&log).expect("a folder").flatten() {
        fs::set_permissions(file.path(), fs::Permissions::from_mode(0o400)).expect("our own");
    }
    let call = br#"{"tool_name":"Bash","tool_input":{"command":"make"}}"#;
    let answer = session.world.run(hook, call);

    assert_eq!(answer.code, Some(2), "{}", answer.stderr);
    assert!(
        answer.stderr.contains("not in the audit trail"),
        "{}",
        answer.stderr
    );
    locked(0o700).expect("for cleaning up");
    fs::set_permissions(&log, fs::Permissions::from_mode(0o700)).expect("for cleaning up");
}

// Many at once

fn start(world: &World, event: &str, number: usize) -> Child {
    let input = json!({"session_id": format!("s-{}", number % 7), "tool_name": "Bash",
        "tool_use_id": format!("{event}-{number}"), "tool_input": {"command": "make"}, "tool_response": {}});
    let path = world.path(&format!("{event}-{number}.json"));
    fs::write(&path, input.to_string()).expect("a file");
    let mut command = hook(world, event);
    let input = fs::File::open(path).expect("a file");
    command
        .stdin(input)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command.spawn().expect("the program starts")
}

/// The ids of the calls in the log, each of which must be there once.
fn calls(world: &World) -> Vec<String> {
    let log = world.log();
    let calls = log.iter().filter_map(|entry| entry["call"].as_str());
    let mut calls: Vec<String> = calls.map(str::to_owned).collect();
    calls.sort();
    let count = calls.len();
    calls.dedup();
    assert_eq!(calls.len(), count, "an entry is there twice");
    calls
}

/// Half of them leave their entry for others, the other half append.
fn event(number: usize) -> &'static str {
    ["pre-tool-use", "post-tool-use"][number % 2]
}

#[test]
fn sixty_four_hooks_at_once_from_nothing_lose_no_entry_in_ten_rounds() {
    for round in 0..10 {
        let world = World::new();
        let hooks: Vec<_> = (0..64)
            .map(|number| start(&world, event(number), number))
            .collect();
        for hook in hooks {
            let ended = hook.wait_with_output().expect("ended");
            assert!(
                ended.status.success() && ended.stdout.is_empty(),
                "round {round}: {ended:?}"
            );
        }
        assert_eq!(calls(&world).len(), 64, "round {round}");
        world.assert_intact();
    }
}

/// Up to a third of so many hooks is killed. `CCS_STORM=3000` for the full size.
#[test]
fn hooks_that_are_killed_leave_a_chain_that_holds_and_every_entry_of_those_that_ended() {
    let count = std::env::var("CCS_STORM")
        .ok()
        .and_then(|count| count.parse().ok());
    let count = count.unwrap_or(240);
    let world = World::new();
    let (mut ended, mut killed) = (Vec::new(), 0);
    for batch in 0..count / 12 {
        let mut hooks = Vec::new();
        for number in batch * 12..batch * 12 + 12 {
            let mut hook = start(&world, event(number), number);
            if number % 6 == 0 || number % 6 == 3 {
                // from before it has begun to about when it ends
                std::thread::sleep(Duration::from_micros((number as u64 * 137) % 6_000));
                hook.kill().expect("killed");
            }
            hooks.push((number, hook));
        }
        for (number, mut hook) in hooks {
            match hook.wait().expect("ended").success() {
                true => ended.push(format!("{}-{number}", event(number))),
                false => killed += 1,
            }
        }
    }
    assert!(
        killed > 0 && ended.len() > killed,
        "{killed} killed, {} ended",
        ended.len()
    );
    let calls = calls(&world);
    let lost: Vec<_> = ended.iter().filter(|call| !calls.contains(call)).collect();
    assert_eq!(
        lost,
        Vec::<&String>::new(),
        "of {killed} killed and {} ended",
        ended.len()
    );
    world.assert_intact();
}
