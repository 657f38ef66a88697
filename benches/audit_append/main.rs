//! What does one entry cost a process that starts, appends it and ends, compared with a process
//! that starts and ends? `cargo bench --bench audit_append -- 2000` for so many of each.

#![allow(clippy::print_stdout)]

use ccs_benches::child::cpu_of;

const EMPTY: &str = env!("CARGO_BIN_EXE_bench-empty");
const ONE: &str = env!("CARGO_BIN_EXE_bench-audit-one");

fn main() {
    let count = std::env::args().filter_map(|word| word.parse().ok()).next();
    let count = count.unwrap_or(1_000);
    let folder = tempfile::tempdir().expect("a folder");
    let log = folder.path().join("log").display().to_string();
    for durability in ["normal", "full"] {
        // each beside its own floor: the machine may be busier a minute later
        let floor = cpu_of(EMPTY, count, |_| Vec::new());
        let arguments = |number: u32| vec![log.clone(), number.to_string(), durability.to_owned()];
        let cost = cpu_of(ONE, count, arguments);
        let ratio = cost.as_secs_f64() / floor.as_secs_f64();
        println!("{durability:<8} {cost:>10.1?}   {ratio:.2} x an empty process ({floor:.1?})");
    }
}
