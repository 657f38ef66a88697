//! What opening a vault of 10,000 entries costs, with reading one value. The bound is 50 ms of CPU
//! time.
#![allow(clippy::print_stdout, reason = "a benchmark prints what it measured")]

use std::error::Error;
use std::process::ExitCode;
use std::time::Duration;

use ccs_benches::cpu;
use ccs_vault::{Fingerprints, Key, Name, NewEntry, NewSlot, Secret, Vault};

const ENTRIES: usize = 10_000;
const BOUND: Duration = Duration::from_millis(50);

fn main() -> Result<ExitCode, Box<dyn Error>> {
    let place = tempfile::tempdir()?;
    let folder = place.path().join("vault");
    let mut vault = Vault::create(&folder, NewSlot::File, 0)?;
    vault.put_all((0..ENTRIES).map(entry).collect::<Result<Vec<_>, _>>()?, 0)?;
    let name = Name::new("NAME0")?;
    let opened = cpu::least(20, || {
        let vault = Vault::open(&folder, Key::File).expect("our own vault");
        assert_eq!(vault.list().len(), ENTRIES);
        assert!(vault.get(&name).is_ok());
    });
    let read = cpu::least(20, || {
        let prints = Fingerprints::read(&folder).expect("our own vault");
        assert_eq!(prints.map(|prints| prints.len()), Some(ENTRIES));
    });
    println!(
        "{ENTRIES} entries: opened, and one value read, in {opened:?}; fingerprints in {read:?}"
    );
    Ok(if opened <= BOUND {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

fn entry(number: usize) -> ccs_vault::Result<NewEntry> {
    let random = (number as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let value = Secret::new(format!("value-{random:016x}kR8vX2mQ9z"));
    NewEntry::value(Name::new(&format!("NAME{number}"))?, value)
}
