//! What the bench programs share: folders, entries, and the CPU time of programs they started.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use ccs_audit::{DetailsKey, Entry, Founding, Hash, Options, RootKey};

/// The options of a hook: details encrypted, the root key elsewhere.
#[must_use]
pub fn options() -> Options {
    let found = Founding { root: Some(RootKey::new([1; 32])), origin: Some("bench.example".into()) };
    Options {
        found: Some(found),
        details_key: Some(DetailsKey::new([2; 32])),
        host: "bench".into(),
        ..Options::default()
    }
}

/// An entry as long as those of a session's tool calls, of one of a thousand sessions.
#[must_use]
pub fn entry(number: u64) -> Entry {
    let tools = ["Bash", "Read", "Edit", "Write", "Grep", "WebFetch"];
    let rule = |rule: &str| vec![rule.to_owned()];
    Entry {
        session: format!("5c8a7f0e-4d5b-4c1e-9d7a-{:012x}", number / 1_000),
        user: "dev".into(),
        tool: tools[usize::try_from(number % 6).unwrap_or(0)].into(),
        decision: if number.is_multiple_of(50) { "deny" } else { "allow" }.into(),
        rules: if number.is_multiple_of(50) { rule("fs.remove-outside") } else { Vec::new() },
        target: format!("/home/dev/project/src/module_{}.rs", number % 97),
        input: Some(Hash::of(&number.to_be_bytes())),
        details: format!("{{\"first_word\":\"cargo\",\"duration_us\":{number}}}"),
        ..Entry::new("pre-tool-use")
    }
}

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
        command.args(arguments(number)).stdin(Stdio::null()).stdout(Stdio::null());
        let status = command.status().unwrap_or_else(|error| panic!("{program}: {error}"));
        assert!(status.success(), "{program}: {status}");
    }
    (children_cpu() - before) / count
}

/// CPU time of all children that have ended (proc(5), fields 16 and 17 of stat).
fn children_cpu() -> Duration {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields: Vec<&str> = stat.rsplit(") ").next().unwrap_or_default().split(' ').collect();
    let ticks = |field: usize| fields.get(field).and_then(|f| f.parse::<u64>().ok()).unwrap_or(0);
    Duration::from_millis((ticks(13) + ticks(14)) * 10)
}

/// CPU time of this process.
#[must_use]
pub fn own_cpu() -> Duration {
    let stat = std::fs::read_to_string("/proc/self/schedstat").unwrap_or_default();
    let nanos = stat.split(' ').next().and_then(|nanos| nanos.parse().ok());
    Duration::from_nanos(nanos.unwrap_or(0))
}

/// A file's or folder's length.
#[must_use]
pub fn bytes_of(path: &Path) -> u64 {
    std::fs::metadata(path).map_or(0, |meta| meta.len())
}
