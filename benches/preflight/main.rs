//! What `ccs preflight` and `ccs posture` cost: the whole process on a home folder as somebody has
//! it after a year, with a project of some size.
//!
//! ```text
//! cargo build --release && cargo bench -p ccs-benches --bench preflight
//! ```
#![allow(clippy::print_stdout, reason = "a benchmark prints what it measured")]

use std::fs;
use std::path::Path;
use std::process::{Command, ExitCode};
use std::time::Duration;

use ccs_benches::process::{cost, median, release};
use tempfile::TempDir;

const ROUNDS: usize = 40;
/// What a person does not notice in front of a program that takes a second to start.
const MOST: Duration = Duration::from_millis(30);

const SETTINGS: &str = r#"{"permissions": {"allow": ["Bash(npm test)", "Bash(git diff *)"], "deny": ["Read(./.env)"]},
  "hooks": {"PostToolUse": [{"matcher": "Edit", "hooks": [{"type": "command", "command": "npx prettier --check ."}]}]}}"#;

fn main() -> ExitCode {
    let world = world();
    let (ccs, empty) = (release("ccs"), world.path().join("empty"));
    let run = |name: &str, codes: &[i32]| {
        let mut times = Vec::new();
        for _ in 0..ROUNDS {
            let mut command = Command::new(&ccs);
            command
                .args([name, "--json"])
                .current_dir(world.path().join("home/shop"))
                .env_clear()
                .env("HOME", world.path().join("home"));
            times.push(cost(&mut command, &empty, codes).cpu);
        }
        let time = median(times);
        println!("ccs {name}: {:.1} ms of CPU time", time.as_secs_f64() * 1e3);
        time
    };
    // An untrusted folder with a hook stops.
    let preflight = run("preflight", &[0, 1]);
    run("posture", &[0, 1]);
    ExitCode::from(u8::from(preflight > MOST))
}

/// 2,000 transcripts, 40 skills, and a project of 1,000 files.
fn world() -> TempDir {
    let folder = TempDir::new().expect("a folder");
    let put = |name: &str, text: &str| {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap_or(Path::new("/"))).expect("a folder");
        fs::write(path, text).expect("a file");
    };
    put("empty", "");
    put("home/.claude/settings.json", SETTINGS);
    put("home/shop/.claude/settings.json", SETTINGS);
    put(
        "home/shop/CLAUDE.md",
        &"- Run the tests before a commit.\n".repeat(60),
    );
    let line =
        "{\"type\":\"assistant\",\"message\":{\"content\":\"All 14 tests pass.\"}}\n".repeat(40);
    for number in 0..2_000 {
        let project = number % 20;
        put(
            &format!("home/.claude/projects/p{project}/{number}.jsonl"),
            &line,
        );
    }
    for number in 0..40 {
        let text =
            "---\nname: s\ndescription: d\n---\n\nRead the log and write one line a change.\n";
        put(&format!("home/.claude/skills/s{number}/SKILL.md"), text);
    }
    for number in 0..1_000 {
        let text = "export const add = (a, b) => a + b;\n";
        put(
            &format!("home/shop/src/d{}/f{number}.js", number % 40),
            text,
        );
    }
    folder
}
