//! What the hook costs a tool's output: the whole process `ccs-hook post-tool-use`, above the
//! least a process can cost that reads the same input.
//!
//! ```text
//! cargo build --release && cargo bench -p ccs-benches --bench hook_output
//! ```

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::time::Duration;

use ccs_benches::process::{in_turn, median_cpu, release};
use tempfile::TempDir;

const ROUNDS: usize = 60;
/// What a megabyte of output may cost the hook above the empty program.
const MOST: Duration = Duration::from_millis(10);
/// What a small output may cost with its entry in the audit log, in times the empty program.
const MOST_RATIO: f64 = 3.0;

/// Text such as programs print.
const LINES: &[&str] = &[
    "   Compiling serde_json v1.0.154 (/home/dev/shop/vendor/serde_json)",
    "src/orders/cart.rs:118:23: warning: unused variable: `total_price`",
    "test orders::cart::tests::an_empty_cart_has_no_total ... ok",
    "2026-11-21T17:40:40.118Z INFO request id=9f86d081-884c-7d65 path=/api/orders status=200 took=12ms",
    "drwxr-xr-x 14 dev dev 4096 Nov 21 17:40 node_modules",
    "commit 3b18e0f1d2c4a5968778695a4b3c2d1e0f9a8b7c",
];
/// The same, about secrets; it holds none.
const TELLING: &[&str] = &[
    "    pub fn authenticate(&self, token: &str, password: &Secret) -> Result<Session, Error> {",
    "    Read the session token from the environment and not from config.toml",
];
/// One line of so many is about secrets.
const SELDOM: usize = 50;
const OFTEN: usize = 4;

fn main() -> ExitCode {
    let world = World::new();
    let small = world.event("small.json", &text(400, SELDOM));
    let long = world.event("long.json", &text(1 << 20, SELDOM));
    let dense = world.event("dense.json", &text(1 << 20, OFTEN));
    let kept = [world.small(&small), world.long("1 MiB", &long)];
    world.long("1 MiB, dense", &dense);
    ExitCode::from(u8::from(kept.contains(&false)))
}

fn text(length: usize, telling: usize) -> String {
    let mut text = String::with_capacity(length + 100);
    let mut at = 0;
    while text.len() < length {
        let lines = if at % telling == telling - 1 {
            TELLING
        } else {
            LINES
        };
        text.push_str(lines[(at + at / telling) % lines.len()]);
        text.push('\n');
        at += 1;
    }
    text
}

/// A home folder without a vault.
struct World {
    folder: TempDir,
}

impl World {
    fn new() -> Self {
        let folder = TempDir::new().expect("a folder");
        for name in ["home/.claude/ccs", "home/shop"] {
            fs::create_dir_all(folder.path().join(name)).expect("a folder");
        }
        Self { folder }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The event of a command that printed the text.
    fn event(&self, name: &str, stdout: &str) -> PathBuf {
        let event = serde_json::json!({
            "session_id": "1", "hook_event_name": "PostToolUse", "cwd": self.path("home/shop"),
            "tool_name": "Bash", "tool_input": {"command": "make"},
            "tool_response": {"stdout": stdout, "stderr": "", "interrupted": false, "isImage": false},
        });
        let path = self.path(name);
        fs::write(&path, event.to_string()).expect("a file");
        path
    }

    fn hook(&self) -> Command {
        let mut command = Command::new(release("ccs-hook"));
        command.env_clear().arg("post-tool-use").arg("--state");
        command.arg(self.path("home/.claude/ccs"));
        command
    }

    /// CPU times of the empty program and of the hook on the same input.
    fn costs(&self, event: &Path) -> (Duration, Duration) {
        let programs = [Command::new(release("bench-empty")), self.hook()];
        let [empty, hook] = in_turn(programs.map(|program| (program, event)), ROUNDS);
        (median_cpu(&empty), median_cpu(&hook))
    }

    #[expect(clippy::print_stdout, reason = "a bench speaks to who started it")]
    fn small(&self, event: &Path) -> bool {
        let (empty, hook) = self.costs(event);
        let ratio = hook.as_secs_f64() / empty.as_secs_f64();
        println!(
            "400 bytes      {empty:9.1?} empty {hook:9.1?} hook   {ratio:5.2} times (at most {MOST_RATIO})"
        );
        ratio <= MOST_RATIO
    }

    #[expect(clippy::print_stdout, reason = "a bench speaks to who started it")]
    fn long(&self, what: &str, event: &Path) -> bool {
        let (empty, hook) = self.costs(event);
        let more = hook.saturating_sub(empty);
        println!(
            "{what:14} {empty:9.1?} empty {hook:9.1?} hook   {more:9.1?} more (at most {MOST:?})"
        );
        more <= MOST
    }
}
