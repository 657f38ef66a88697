//! The program with something signed: what deviates stops what acts, and guarded files change only
//! with an approval.
#![cfg(unix)]

mod common;

use std::fs;
use std::path::Path;

use ccs_gate::approval::{self, Terms};
use ccs_hooks::approvals::{self, Approvals};
use ccs_hooks::integrity::{self, Scope, Signed};
use ccs_integrity::file::Writer;
use ccs_integrity::manifest::{Change, Digest, ManifestKey};
use ccs_integrity::walk::Root;
use common::{Answer, World};
use serde_json::{Value, json};

const APPROVES: [u8; 32] = [5; 32];

fn key() -> ManifestKey {
    ManifestKey::new(&[7; 32])
}

/// A home with a hook of its owner's and a skill, signed.
fn signed() -> World {
    let world = World::new();
    let hex = |key: [u8; 32]| key.map(|byte| format!("{byte:02x}")).concat();
    private(&world.state(), 0o700);
    for (name, public) in [
        (integrity::PUBLIC, key().public().to_bytes()),
        (approvals::PUBLIC, approval::public_key(&APPROVES)),
    ] {
        fs::write(world.state().join(name), hex(public)).expect("written");
        private(&world.state().join(name), 0o600);
    }
    write(&world, "home/.claude/hooks/mine.sh", "exit 0\n");
    write(&world, "home/.claude/settings.json", "{}\n");
    write(&world, "home/.claude/skills/report/SKILL.md", "report\n");
    write(&world, "home/.claude/CLAUDE.md", "be nice\n");
    let config = world.path("home/.claude");
    let roots = vec![
        Root::exec(config.join("hooks")),
        Root::exec(config.join("settings.json")),
        Root::exec(config.join("skills")),
        Root::docs(config.join("CLAUDE.md")),
    ];
    let writer = Writer::open(&world.path("home"), &world.state()).expect("opened");
    let store = Signed::new(&world.state()).store(&Scope::Installation);
    store.sign(&writer, &key(), roots, 1).expect("signed");
    world
}

fn private(path: &Path, mode: u32) {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).expect("ours");
}

fn write(world: &World, name: &str, text: &str) {
    let path = world.path(name);
    fs::create_dir_all(path.parent().expect("below")).expect("made");
    fs::write(path, text).expect("written");
}

fn event(world: &World, name: &str, more: Value) -> Answer {
    let mut event = json!({
        "session_id": "s1", "cwd": world.path("home/shop"), "permission_mode": "bypassPermissions",
        "transcript_path": world.path("home/.claude/projects/x.jsonl"),
    });
    for (key, value) in more.as_object().expect("an object") {
        event[key] = value.clone();
    }
    let arguments = [
        name.to_owned(),
        "--state".into(),
        world.state().display().to_string(),
    ];
    world.run(world.command(&arguments), event.to_string().as_bytes())
}

/// The reason why a tool call is denied; empty if it is let through.
fn denied(world: &World, tool: &str, input: Value) -> String {
    let more = json!({ "hook_event_name": "PreToolUse", "tool_name": tool, "tool_input": input });
    let answer = event(world, "pre-tool-use", more);
    match answer.code {
        Some(0) => String::new(),
        Some(2) => answer.stderr,
        code => panic!("{code:?} {} {}", answer.stdout, answer.stderr),
    }
}

fn bash(world: &World, command: &str) -> String {
    denied(world, "Bash", json!({ "command": command }))
}

fn rewrite(world: &World, text: &str) -> String {
    let path = world.path("home/.claude/hooks/mine.sh");
    denied(
        world,
        "Write",
        json!({ "file_path": path, "content": text }),
    )
}

/// What a person does who agrees to the newest request.
fn agree(world: &World) -> String {
    let approvals = Approvals::new(&world.state());
    let now = Approvals::now();
    let request = approvals.requests(now).remove(0);
    let (request, content) = approvals.request(&request.id, now).expect("there");
    let terms = Terms {
        id: std::array::from_fn(|at| request.id.as_bytes()[at % 10]),
        now,
        seconds: 300,
        generation: 0,
        realm: &approvals.realm().expect("signed"),
    };
    let token =
        approval::issue(&APPROVES, &request.wanted(&content).act(), &terms).expect("issued");
    let change = request.path.as_ref().map(|path| {
        let change = Change {
            path: path.into(),
            before: None,
            after: Some(Digest::of(&content)),
        };
        let store = Signed::new(&world.state()).store(&Scope::Installation);
        store.draft(&key(), change, now).expect("signed")
    });
    approvals
        .grant(&request, &token, change.as_deref())
        .expect("written");
    String::from_utf8(content).expect("text")
}

#[test]
fn a_guarded_file_changes_only_with_an_approval_of_exactly_that_content() {
    let world = signed();
    let reason = rewrite(&world, "exit 1\n");
    assert!(reason.contains("integrity.guarded-file"), "{reason}");
    assert!(reason.contains("ccs approve "), "{reason}");

    assert_eq!(agree(&world), "exit 1\n");
    assert!(rewrite(&world, "exit 9\n").contains("integrity.guarded-file"));
    assert_eq!(rewrite(&world, "exit 1\n"), "");
    write(&world, "home/.claude/hooks/mine.sh", "exit 1\n");

    // the approval was the signed change, and is used up
    assert_eq!(bash(&world, "make"), "");
    assert!(rewrite(&world, "exit 1\n").contains("integrity.guarded-file"));
}

#[test]
fn an_edit_is_approved_by_the_content_it_leads_to() {
    let world = signed();
    let edit = |world: &World| {
        let path = world.path("home/.claude/hooks/mine.sh");
        denied(
            world,
            "Edit",
            json!({ "file_path": path, "old_string": "exit 0", "new_string": "exit 3" }),
        )
    };
    assert!(edit(&world).contains("ccs approve "));
    assert_eq!(agree(&world), "exit 3\n");
    assert_eq!(edit(&world), "");
}

#[test]
fn a_command_that_touches_a_guarded_file_wants_an_approval_too() {
    let world = signed();
    let home = world.path("home");
    for command in [
        "echo x >> ~/.claude/hooks/mine.sh".to_owned(),
        "rm ~/.claude/hooks/*".to_owned(),
        "mv ~/.claude/skills /tmp/x".to_owned(),
        "chmod 600 ../.claude/hooks/mine.sh".to_owned(),
        format!("cp a {}/.claude/settings.json", home.display()),
    ] {
        let reason = bash(&world, &command);
        assert!(reason.contains("ccs: ["), "{command}: {reason}");
    }
}

#[test]
fn what_was_agreed_to_for_a_command_is_good_once() {
    let world = signed();
    let reason = bash(&world, "chmod 600 ../.claude/hooks/mine.sh");
    assert!(reason.contains("integrity.guarded-file"), "{reason}");
    let content = agree(&world);
    assert!(
        content.contains("chmod 600 ../.claude/hooks/mine.sh"),
        "{content}"
    );
    assert_eq!(bash(&world, "chmod 600 ../.claude/hooks/mine.sh"), "");
    assert!(bash(&world, "chmod 600 ../.claude/hooks/mine.sh").contains("ccs approve "));
}

#[test]
fn a_neighbour_of_a_guarded_file_is_nobodys_business() {
    let world = signed();
    for command in ["echo x > hooks.txt", "make", "rm -f build.log"] {
        assert_eq!(bash(&world, command), "", "{command}");
    }
}

#[test]
fn a_link_to_a_guarded_file_is_the_file() {
    let world = signed();
    let link = world.path("home/shop/link");
    std::os::unix::fs::symlink(world.path("home/.claude/hooks/mine.sh"), &link).expect("a link");
    let reason = denied(
        &world,
        "Write",
        json!({ "file_path": link, "content": "x" }),
    );
    assert!(reason.contains("integrity.guarded-file"), "{reason}");
}

#[test]
fn text_for_a_model_may_be_changed_and_the_user_is_told() {
    let world = signed();
    let path = world.path("home/.claude/CLAUDE.md");
    let more = json!({ "hook_event_name": "PreToolUse", "tool_name": "Write",
        "permission_mode": "default", "tool_input": { "file_path": path, "content": "x" } });
    let answer = event(&world, "pre-tool-use", more);
    assert!(
        answer.stdout.contains("will count as modified"),
        "{}",
        answer.stdout
    );
}

#[test]
fn what_deviates_stops_everything_that_acts_until_it_is_as_signed_again() {
    for name in ["hooks/mine.sh", "settings.json", "skills/report/SKILL.md"] {
        let world = signed();
        assert_eq!(bash(&world, "make"), "");
        let file = format!("home/.claude/{name}");
        let before = fs::read_to_string(world.path(&file)).expect("there");
        write(&world, &file, "tampered\n");

        let reason = bash(&world, "make");
        assert!(reason.contains("integrity.deviation"), "{name}: {reason}");
        assert!(reason.contains(name), "{name}: {reason}");
        let path = world.path("home/shop/new.c");
        let written = denied(
            &world,
            "Write",
            json!({ "file_path": path, "content": "x" }),
        );
        assert!(written.contains("integrity.deviation"), "{name}: {written}");
        // looking stays possible
        let path = world.path("home/shop/main.c");
        assert_eq!(denied(&world, "Read", json!({ "file_path": path })), "");

        write(&world, &file, &before);
        assert_eq!(bash(&world, "make"), "", "{name}");
    }
}

#[test]
fn a_skill_is_verified_as_a_whole_before_it_is_expanded() {
    let world = signed();
    assert_eq!(denied(&world, "Skill", json!({ "skill": "report" })), "");
    write(
        &world,
        "home/.claude/skills/report/deep/run.sh",
        "planted\n",
    );
    let reason = denied(&world, "Skill", json!({ "skill": "report" }));
    assert!(reason.contains("integrity.deviation"), "{reason}");
}

#[test]
fn without_a_manifest_to_trust_nothing_acts() {
    let world = signed();
    fs::remove_file(world.state().join("integrity/manifest")).expect("removed");
    assert!(bash(&world, "make").contains("integrity.unverified"));
    let start = event(
        &world,
        "session-start",
        json!({ "hook_event_name": "SessionStart", "source": "startup" }),
    );
    assert!(
        start.stdout.contains("integrity.unverified"),
        "{}",
        start.stdout
    );
}

#[test]
fn a_session_begins_with_what_deviates() {
    let world = signed();
    let start = |world: &World| {
        let more = json!({ "hook_event_name": "SessionStart", "source": "startup" });
        event(world, "session-start", more).stdout
    };
    assert!(!start(&world).contains("integrity."));
    write(&world, "home/.claude/hooks/mine.sh", "tampered\n");
    write(&world, "home/.claude/CLAUDE.md", "be nasty\n");
    let said = start(&world);
    for text in [
        "integrity.deviation",
        "mine.sh modified",
        "integrity.text",
        "CLAUDE.md modified",
    ] {
        assert!(said.contains(text), "{text} in {said}");
    }
}

#[test]
fn a_change_of_signed_settings_does_not_take_effect_in_a_session() {
    let world = signed();
    let change = |world: &World| {
        let path = world.path("home/.claude/settings.json");
        let more = json!({ "hook_event_name": "ConfigChange", "source": "user_settings", "file_path": path });
        event(world, "config-change", more)
    };
    assert_eq!(change(&world).code, Some(0));
    write(&world, "home/.claude/settings.json", "{\"env\":{}}\n");
    let answer = change(&world);
    assert_eq!(answer.code, Some(2));
    assert!(
        answer.stdout.contains("integrity.deviation"),
        "{}",
        answer.stdout
    );
}
