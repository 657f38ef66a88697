//! What a quality gate costs: the whole process `ccs-hook stop`, against an empty program, with
//! gates off, after a session that wrote nothing, and after one that wrote twenty files.
//!
//! ```text
//! cargo build --release && cargo bench -p ccs-benches --bench quality_gate
//! ```

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::time::Duration;

use ccs_benches::process::{in_turn, median_cpu, release};
use ccs_gate::policy::{Policy, Quality, bundle};
use serde_json::{Value, json};
use tempfile::TempDir;

const ROUNDS: usize = 100;
const KEY: [u8; 32] = [7; 32];
const SESSION: &str = "9dd3bfa2-5ef3-4bce-a065-0d66f28c6de1";
/// How many files the session wrote, and of how many functions each.
const FILES: usize = 20;
const FUNCTIONS: usize = 30;
/// What a gate with nothing to look at may cost, in times the empty program.
const MOST_RATIO: f64 = 6.0;
/// What a megabyte of written code may cost above that.
const MOST: Duration = Duration::from_millis(250);

fn main() -> ExitCode {
    let off = World::new(Quality::default(), 0);
    let on = Quality {
        stop: true,
        syntax: false,
        minutes: 0,
        ..Quality::default()
    };
    let idle = World::new(on.clone(), 0);
    let busy = World::new(on, FILES);
    let (empty, off) = off.costs();
    let (_, idle) = idle.costs();
    let (_, looked) = busy.costs();
    let kept = [
        ratio("gates off", empty, off),
        ratio("nothing written", empty, idle),
        more(busy.bytes, idle, looked),
    ];
    ExitCode::from(u8::from(kept.contains(&false)))
}

#[expect(clippy::print_stdout, reason = "a bench speaks to who started it")]
fn ratio(what: &str, empty: Duration, hook: Duration) -> bool {
    let ratio = hook.as_secs_f64() / empty.as_secs_f64();
    println!(
        "{what:15} {empty:9.1?} empty {hook:9.1?} hook   {ratio:5.2} times (at most {MOST_RATIO})"
    );
    ratio <= MOST_RATIO
}

#[expect(clippy::print_stdout, reason = "a bench speaks to who started it")]
fn more(bytes: usize, idle: Duration, hook: Duration) -> bool {
    let more = hook.saturating_sub(idle);
    let each = more.as_secs_f64() * (1 << 20) as f64 / bytes as f64;
    println!(
        "{FILES} files, {} KiB {hook:9.1?} hook {more:9.1?} more, {:.0} ms a MiB (at most {MOST:?})",
        bytes >> 10,
        each * 1000.0
    );
    each <= MOST.as_secs_f64()
}

/// A home folder whose policy has gates, and the record of a session.
struct World {
    folder: TempDir,
    event: PathBuf,
    /// How much code the session wrote.
    bytes: usize,
}

impl World {
    fn new(quality: Quality, files: usize) -> Self {
        let folder = TempDir::new().expect("a folder");
        let path = |name: &str| folder.path().join(name);
        let state = path("home/.claude/ccs");
        for name in [
            "home/.claude/ccs",
            "home/.claude/projects/-shop",
            "home/shop/src",
        ] {
            fs::create_dir_all(path(name)).expect("a folder");
        }
        let policy = Policy {
            quality,
            ..Policy::default()
        };
        fs::write(state.join("policy.bundle"), bundle::seal(&policy, &KEY)).expect("a file");
        fs::write(state.join("policy.pub"), bundle::public_key(&KEY)).expect("a file");
        let record = path(&format!("home/.claude/projects/-shop/{SESSION}.jsonl"));
        let (mut lines, mut bytes) = (String::new(), 0);
        for number in 0..files {
            let (file, text) = (
                path(&format!("home/shop/src/part{number}.rs")),
                code(number),
            );
            fs::write(&file, &text).expect("a file");
            bytes += text.len();
            for line in written(&file, &text, number) {
                lines.push_str(&format!("{line}\n"));
            }
        }
        fs::write(&record, lines).expect("a file");
        let event = path("event.json");
        let said = json!({"session_id": SESSION, "transcript_path": record, "cwd": path("home/shop"),
            "hook_event_name": "Stop", "stop_hook_active": false});
        fs::write(&event, said.to_string()).expect("a file");
        Self {
            folder,
            event,
            bytes,
        }
    }

    /// CPU times of the empty program and of the hook on the same input.
    fn costs(&self) -> (Duration, Duration) {
        let mut hook = Command::new(release("ccs-hook"));
        hook.env_clear().arg("stop").arg("--state");
        hook.arg(self.folder.path().join("home/.claude/ccs"));
        let programs = [Command::new(release("bench-empty")), hook];
        let event: &Path = &self.event;
        let [empty, hook] = in_turn(programs.map(|program| (program, event)), ROUNDS);
        (median_cpu(&empty), median_cpu(&hook))
    }
}

/// Ordinary code in which nothing is left to do.
fn code(number: usize) -> String {
    let function = |at: usize| {
        format!(
            "/// Adds what part {number} knows about item {at}.\n\
             pub fn item_{at}(cart: &mut Cart, name: &str) -> Result<u64, Error> {{\n    \
                 let price = cart.price_of(name).ok_or(Error::Unknown)?;\n    \
                 let total = cart.total.checked_add(price).ok_or(Error::TooMuch)?;\n    \
                 cart.total = total;\n    \
                 log::info!(\"added {{name}} for {{price}}\");\n    \
                 Ok(total)\n\
             }}\n\n"
        )
    };
    (0..FUNCTIONS).map(function).collect()
}

/// What the client records of a call that wrote a file: the call, and what came of it.
fn written(path: &Path, text: &str, number: usize) -> [Value; 2] {
    let id = format!("toolu_{number}");
    [
        json!({"type": "assistant", "uuid": "u1", "sessionId": SESSION, "message": {"role": "assistant",
            "content": [{"type": "tool_use", "id": id, "name": "Write",
                "input": {"file_path": path, "content": text}}]}}),
        json!({"parentUuid": "u1", "type": "user", "sessionId": SESSION, "message": {"role": "user",
            "content": [{"tool_use_id": id, "type": "tool_result", "content": "done"}]},
            "toolUseResult": {"type": "create", "filePath": path, "content": text,
                "structuredPatch": [], "originalFile": null}}),
    ]
}
