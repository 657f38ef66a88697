//! Any bytes on the standard input of the hook: what `docs/HOOKS.md` promises of the answer.

use std::ffi::OsString;
use std::fs;
use std::path::PathBuf;
use std::sync::LazyLock;

use ccs_gate::policy::{Approve, Mode, Policy, bundle};
use ccs_hooks::Surroundings;
use serde::de::IgnoredAny;
use serde_json::Value;

const KEY: [u8; 32] = [7; 32];
/// Long enough for eight quoted kilobytes and their escapes.
const MAX_INPUT: usize = 64 << 10;

/// A home folder with a project in it, for the life of the process.
struct World {
    name: &'static str,
    folder: tempfile::TempDir,
}

static WORLDS: LazyLock<[World; 3]> = LazyLock::new(|| {
    let approve = Approve {
        harmless_commands: true,
        reads_in_project: true,
        edits_in_project: true,
    };
    let strict = Policy {
        mode: Mode::Strict,
        ..Policy::default()
    };
    let trusting = Policy {
        rewrites: true,
        approve,
        ..Policy::default()
    };
    [
        World::new("shipped", None),
        World::new("strict", Some(&strict)),
        World::new("trusting", Some(&trusting)),
    ]
});

impl World {
    fn new(name: &'static str, policy: Option<&Policy>) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let world = Self { name, folder };
        for folder in [world.state(), world.path("shop/src")] {
            fs::create_dir_all(folder).expect("a folder");
        }
        if let Some(policy) = policy {
            let write = |name, bytes: &[u8]| fs::write(world.state().join(name), bytes);
            write("policy.bundle", &bundle::seal(policy, &KEY)).expect("a file");
            write("policy.pub", &bundle::public_key(&KEY)).expect("a file");
        }
        world
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join("home").join(name)
    }

    fn state(&self) -> PathBuf {
        self.path(".claude/ccs")
    }

    fn answer(&self, event: &str, input: &[u8]) -> Answer {
        let mut around = Surroundings::default();
        around.home = Some(self.path("").into());
        around.managed = self.path("managed");
        let arguments: [OsString; 3] = [event.into(), "--state".into(), self.state().into()];
        let (mut stdout, mut stderr) = (Vec::new(), Vec::new());
        let mut stdin = input;
        let code = ccs_hooks::run(arguments, &around, &mut stdin, &mut stdout, &mut stderr);
        let text = |bytes| String::from_utf8(bytes).expect("UTF-8");
        Answer {
            code,
            stdout: text(stdout),
            stderr: text(stderr),
        }
    }
}

#[derive(Debug, PartialEq)]
struct Answer {
    code: u8,
    stdout: String,
    stderr: String,
}

/// The first line is an event and perhaps the name of a world, `{HOME}` in the rest that world's
/// home folder, and the rest what the client sends.
///
/// # Panics
///
/// If a promise is broken.
pub fn hooks_event(bytes: &[u8]) {
    let end = bytes
        .iter()
        .position(|&byte| byte == b'\n')
        .unwrap_or(bytes.len());
    let (head, rest) = bytes.split_at(end);
    let head = String::from_utf8_lossy(head);
    let (event, world) = head.split_once(' ').unwrap_or((&head, ""));
    if event.starts_with('-') {
        return; // `--help` speaks to a person
    }
    let world = WORLDS
        .iter()
        .find(|known| known.name == world)
        .unwrap_or(&WORLDS[0]);
    let rest = rest.strip_prefix(b"\n").unwrap_or(rest);
    let input = at_home(world, &rest[..rest.len().min(MAX_INPUT)]);

    let answer = world.answer(event, &input);

    let said = said(&answer);
    agrees(event, world, &answer, said.as_ref());
    if is_no_json(&input) && is_gate(event) {
        assert_eq!(answer.code, 2, "{answer:?}");
    }
    if let Ok(Value::Object(object)) = serde_json::from_slice(&input) {
        tolerates(world, event, object);
    }
}

fn at_home(world: &World, bytes: &[u8]) -> Vec<u8> {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return bytes.to_vec();
    };
    let home = world.path("");
    text.replace("{HOME}/", home.to_str().expect("UTF-8"))
        .into_bytes()
}

fn is_gate(event: &str) -> bool {
    let gates = [
        "pre-tool-use",
        "permission-request",
        "user-prompt-expansion",
        "config-change",
    ];
    gates.contains(&event)
}

/// What is on stdout: nothing, or one object on one line with no `null` in it.
fn said(answer: &Answer) -> Option<Value> {
    assert!(matches!(answer.code, 0 | 2), "{answer:?}");
    assert_eq!(
        answer.code == 2,
        answer.code != 0 && !answer.stderr.is_empty(),
        "{answer:?}"
    );
    let hidden = |c: char| c.is_control() && c != '\n' && c != '\t';
    assert!(!answer.stderr.contains(hidden), "{answer:?}");
    let line = answer.stdout.strip_suffix('\n');
    assert_eq!(line.is_none(), answer.stdout.is_empty(), "{answer:?}");
    let line = line?;
    assert!(!line.contains('\n'), "{answer:?}");
    let value: Value = serde_json::from_str(line).expect("stdout holds JSON");
    assert!(value.is_object() && !holds_null(&value), "{answer:?}");
    Some(value)
}

fn holds_null(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Array(values) => values.iter().any(holds_null),
        Value::Object(object) => object.values().any(holds_null),
        _ => false,
    }
}

/// A deny is JSON and exit code 2 and neither alone; nothing is allowed that only the user may.
fn agrees(event: &str, world: &World, answer: &Answer, said: Option<&Value>) {
    let word = |pointer: &str| said.and_then(|said| said.pointer(pointer)?.as_str());
    let stops = answer.code == 2;
    match event {
        "pre-tool-use" => {
            let decision = word("/hookSpecificOutput/permissionDecision");
            assert_eq!(stops, decision == Some("deny"), "{answer:?}");
            assert!(
                matches!(decision, None | Some("ask" | "deny")),
                "{answer:?}"
            );
        }
        "permission-request" => {
            let decision = word("/hookSpecificOutput/decision/behavior");
            assert_eq!(stops, decision == Some("deny"), "{answer:?}");
            assert!(
                decision != Some("allow") || world.name == "trusting",
                "{answer:?}"
            );
        }
        "user-prompt-expansion" | "config-change" => {
            assert_eq!(stops, word("/decision") == Some("block"), "{answer:?}");
        }
        _ => {
            let decides = word("/decision").is_some()
                || word("/hookSpecificOutput/permissionDecision").is_some();
            assert!(!decides, "{answer:?}");
        }
    }
    if event == "worktree-create" {
        assert_eq!(answer.stdout, "");
    }
}

/// Surely no JSON, however leniently read: the client could not have meant it.
fn is_no_json(input: &[u8]) -> bool {
    let text = String::from_utf8_lossy(input);
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
    !text.contains("\\u") && serde_json::from_str::<IgnoredAny>(text).is_err()
}

/// The order of fields and fields that nobody knows make no difference.
fn tolerates(world: &World, event: &str, mut object: serde_json::Map<String, Value>) {
    let plain = serde_json::to_vec(&object).expect("JSON");
    object.insert(
        "a_field_of_tomorrow".into(),
        serde_json::json!([{ "command": "rm -rf /" }]),
    );
    let more = serde_json::to_vec_pretty(&object).expect("JSON");
    assert_eq!(world.answer(event, &plain), world.answer(event, &more));
}
