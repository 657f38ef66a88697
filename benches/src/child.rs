//! CPU time of programs that a bench starts.

use std::process::{Command, Stdio};
use std::time::Duration;

/// Runs a program `count` times, one after the other, with the arguments that `arguments` gives
/// for each; returns the CPU time of one.
///
/// # Panics
///
/// If a program fails.
pub fn cpu_of(program: &str, count: u32, arguments: impl Fn(u32) -> Vec<String>) -> Duration {
    let before = children_cpu();
    for number in 0..count {
        let mut command = Command::new(program);
        command
            .args(arguments(number))
            .stdin(Stdio::null())
            .stdout(Stdio::null());
        let status = command
            .status()
            .unwrap_or_else(|error| panic!("{program}: {error}"));
        assert!(status.success(), "{program}: {status}");
    }
    (children_cpu() - before) / count
}

/// CPU time of all children that have ended (proc(5), fields 16 and 17 of stat).
fn children_cpu() -> Duration {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields: Vec<&str> = stat
        .rsplit(") ")
        .next()
        .unwrap_or_default()
        .split(' ')
        .collect();
    let ticks = |field: usize| {
        fields
            .get(field)
            .and_then(|f| f.parse::<u64>().ok())
            .unwrap_or(0)
    };
    Duration::from_millis((ticks(13) + ticks(14)) * 10)
}
