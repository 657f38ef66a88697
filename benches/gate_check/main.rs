//! How many ordinary commands `ccs check --jsonl` answers in a second of one core.
//!
//! ```text
//! cargo build --release && cargo bench -p ccs-benches --bench gate_check [-- CORPUS.jsonl]
//! ```
//!
//! A corpus is one object with `command` on each line.

mod commands;

use std::fs;
use std::path::Path;
use std::process::{Command, ExitCode};
use std::time::Duration;

use ccs_benches::process::{cost, release};

/// Commands in a second of CPU time.
const LEAST_RATE: f64 = 50_000.0;
const LINES: usize = 50_000;
const ROUNDS: usize = 7;

#[expect(clippy::print_stdout, reason = "a bench speaks to who started it")]
fn main() -> ExitCode {
    let folder = tempfile::tempdir().expect("a folder");
    let corpus = std::env::args().skip(1).find(|arg| !arg.starts_with('-'));
    let lines = corpus.map_or_else(commands::made_up, |path| read(&path));
    let lines: Vec<String> = lines.into_iter().cycle().take(LINES).collect();
    let least = |name: &str, text: &str| {
        let path = folder.path().join(name);
        fs::write(&path, text).expect("a file");
        (0..ROUNDS)
            .map(|_| checked(&path, folder.path()))
            .min()
            .expect("there are rounds")
    };

    let time = least("commands", &lines.concat()) - least("nothing", "");

    let rate = LINES as f64 / time.as_secs_f64();
    let each = time.as_secs_f64() * 1e6 / LINES as f64;
    println!("{rate:.0} commands a second and core (at least {LEAST_RATE}), {each:.1} us each");
    ExitCode::from(u8::from(rate < LEAST_RATE))
}

/// The lines of a corpus, each with its end.
fn read(path: &str) -> Vec<String> {
    let text = fs::read_to_string(path).unwrap_or_else(|error| panic!("{path}: {error}"));
    text.lines().map(|line| format!("{line}\n")).collect()
}

/// The CPU time of one run over all lines.
fn checked(input: &Path, home: &Path) -> Duration {
    let mut command = Command::new(release("ccs"));
    command
        .args(["check", "--jsonl"])
        .env_clear()
        .env("HOME", home);
    cost(&mut command, input, &[0, 1]).cpu
}
