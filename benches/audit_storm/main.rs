//! Does a log survive its hooks? 64 at once, ten times, each time from nothing; then 3,000, 500 of
//! which are killed. `cargo bench --bench audit_storm -- 300` for so many instead of 3,000.

#![expect(clippy::print_stdout, reason = "a bench speaks to who started it")]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use ccs_audit::verify::{Expect, verify};
use ccs_audit::{Entry, Filter, Hash, Log, Reader};
use ccs_benches::audit::{options, root};

const ONE: &str = env!("CARGO_BIN_EXE_bench-audit-one");

fn main() {
    let hooks = std::env::args().filter_map(|word| word.parse().ok()).next();
    let since = Instant::now();
    let lost: usize = (0..10).map(|_| burst()).sum();
    println!("10 bursts of 64: {lost} lost, {:.1?}", since.elapsed());
    let since = Instant::now();
    let (killed, lost) = killed(hooks.unwrap_or(3_000));
    println!(
        "{killed} killed: {lost} of those that ended lost, {:.1?}",
        since.elapsed()
    );
}

fn start(log: &Path, number: u64) -> Child {
    let mut command = Command::new(ONE);
    command.arg(log).arg(number.to_string());
    command.stderr(Stdio::null()).spawn().expect("started")
}

fn folder() -> (tempfile::TempDir, PathBuf) {
    let home = tempfile::tempdir().expect("a folder");
    let log = home.path().join("log");
    (home, log)
}

fn burst() -> usize {
    let (_home, log) = folder();
    let all: Vec<Child> = (0..64).map(|number| start(&log, number)).collect();
    let ended = all
        .into_iter()
        .map(|mut hook| hook.wait().expect("ended").success());
    let ended: BTreeSet<u64> = (0u64..)
        .zip(ended)
        .filter(|(_, ok)| *ok)
        .map(|(n, _)| n)
        .collect();
    64 - found(&log).intersection(&ended).count()
}

/// How many were killed, and how many of the others are not in the log.
fn killed(count: u64) -> (u64, usize) {
    let (_home, log) = folder();
    let (mut ended, mut killed) = (BTreeSet::new(), 0);
    for batch in 0..count.div_ceil(12) {
        let numbers = batch * 12..(batch * 12 + 12).min(count);
        let hooks: Vec<_> = numbers
            .map(|number| (number, start(&log, number)))
            .collect();
        for (number, mut hook) in hooks {
            if number % 6 == 0 {
                std::thread::sleep(Duration::from_micros(number * 7 % 4_000));
                hook.kill().expect("killed");
            }
            if hook.wait().expect("ended").success() {
                ended.insert(number);
            } else {
                killed += 1;
            }
        }
    }
    (killed, ended.difference(&found(&log)).count())
}

/// The hooks whose entries are in the log, which must hold in every way.
fn found(folder: &Path) -> BTreeSet<u64> {
    let mut log = Log::open(folder, options()).expect("a log");
    log.append(Entry::new("last")).expect("kept"); // chains what waits in the spool
    let mut reader = Reader::open(folder, None).expect("a log");
    let root = root();
    let expect = Expect {
        root: Some(&root),
        ..Expect::default()
    };
    let report = verify(&reader, &expect).expect("readable");
    assert!(report.is_intact(), "{:?}", report.faults);
    let hooks = Filter {
        event: "pre-tool-use".into(),
        ..Filter::default()
    };
    let inputs = reader.query(&hooks).expect("readable");
    let inputs: Vec<_> = inputs.iter().map(|one| one.record.input).collect();
    let known = |number: &u64| inputs.contains(&Some(Hash::of(&number.to_be_bytes())));
    let found: BTreeSet<u64> = (0..10_000).filter(known).collect();
    assert_eq!(found.len(), inputs.len(), "an entry is there twice");
    found
}
