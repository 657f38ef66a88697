//! What does one entry cost a process that starts, appends it and ends, compared with a process
//! that starts and ends?

#![allow(clippy::print_stdout)]

use ccs_benches::cpu_of;

fn main() {
    let count = std::env::args().filter_map(|word| word.parse().ok()).next().unwrap_or(1_000);
    let [empty, one] = [env!("CARGO_BIN_EXE_bench-empty"), env!("CARGO_BIN_EXE_bench-audit-one")];
    let folder = tempfile::tempdir().expect("a folder");
    let log = folder.path().join("log").display().to_string();
    let floor = cpu_of(empty, count, |_| Vec::new());
    println!("empty process                {floor:>10.2?}");
    for durability in ["normal", "full"] {
        let arguments = |number: u32| vec![log.clone(), number.to_string(), durability.to_owned()];
        let cost = cpu_of(one, count, arguments);
        let ratio = cost.as_secs_f64() / floor.as_secs_f64();
        println!("append, durability {durability:<9} {cost:>10.2?}   {ratio:.2} x empty");
    }
}
