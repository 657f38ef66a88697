//! What does one entry cost a process that starts, appends it and ends, compared with a process
//! that starts and ends? `cargo bench --bench audit_append -- 2000` for so many of each.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use ccs_benches::process::{Cost, cost, median};

const EMPTY: &str = env!("CARGO_BIN_EXE_bench-empty");
const ONE: &str = env!("CARGO_BIN_EXE_bench-audit-one");

fn main() {
    let count = std::env::args().filter_map(|word| word.parse().ok()).next();
    let count: u64 = count.unwrap_or(1_000);
    let folder = tempfile::tempdir().expect("a folder");
    let log = folder.path().join("log");
    let (mut empty, mut normal, mut full) = (Vec::new(), Vec::new(), Vec::new());
    for number in 0..count {
        // in turn, so that a busy moment of the machine hits all three
        empty.push(run(&mut Command::new(EMPTY)));
        normal.push(run(&mut one(&log, number, "normal")));
        full.push(run(&mut one(&log, number, "full")));
    }
    report(
        median(empty),
        &[("normal", median(normal)), ("full", median(full))],
    );
}

#[expect(clippy::print_stdout, reason = "a bench speaks to who started it")]
fn report(floor: Duration, costs: &[(&str, Duration)]) {
    println!("empty process        {floor:>9.1?}");
    for (durability, cost) in costs {
        let ratio = cost.as_secs_f64() / floor.as_secs_f64();
        println!("append, {durability:<12} {cost:>9.1?}   {ratio:.2} x empty");
    }
}

fn one(log: &Path, number: u64, durability: &str) -> Command {
    let mut command = Command::new(ONE);
    command.arg(log).arg(number.to_string()).arg(durability);
    command
}

fn run(command: &mut Command) -> Duration {
    let Cost { cpu, .. } = cost(command, Path::new("/dev/null"), &[0]);
    cpu
}
