//! Logs for the commands to look at, written by the library as the hooks do.
#![allow(dead_code, reason = "each test file uses its part")]

use std::path::{Path, PathBuf};

use ccs_audit::{Entry, Founding, Log, Options, RootKey};

use crate::support::Machine;

/// The name of every test's log.
pub(crate) const ORIGIN: &str = "test.example/log";

/// The log's folder on a machine.
pub(crate) fn folder(machine: &Machine) -> PathBuf {
    machine.state().join("audit")
}

/// Small epochs, and a root key the tests know and the folder does not hold.
pub(crate) fn options() -> Options {
    Options {
        found: Some(Founding {
            root: Some(RootKey::new([1; 32])),
            origin: Some(ORIGIN.into()),
        }),
        epoch_entries: 8,
        ..Options::default()
    }
}

/// The machine's log.
pub(crate) fn log(machine: &Machine) -> Log {
    let folder = folder(machine);
    make_private(folder.parent().expect("a folder"));
    Log::open(&folder, options()).expect("a log")
}

fn make_private(path: &Path) {
    use std::os::unix::fs::DirBuilderExt;
    let mut builder = std::fs::DirBuilder::new();
    builder
        .recursive(true)
        .mode(0o700)
        .create(path)
        .expect("made");
}

/// A tool call as the hooks write it.
pub(crate) fn call(number: u64) -> Entry {
    let denied = number.is_multiple_of(5);
    Entry {
        session: format!("session-{}", number % 3),
        user: "dev".into(),
        tool: if number.is_multiple_of(2) {
            "Bash"
        } else {
            "Write"
        }
        .into(),
        decision: if denied { "deny" } else { "allow" }.into(),
        rules: if denied {
            vec!["fs.remove".into()]
        } else {
            vec![]
        },
        target: format!("target {number}"),
        details: format!("{{\"reason\":\"because of {number}\"}}"),
        ..Entry::new("pre-tool-use")
    }
}

/// So many calls, after what is there.
pub(crate) fn fill(machine: &Machine, count: u64) {
    let mut log = log(machine);
    for number in 0..count {
        log.append(call(number)).expect("kept");
    }
}

/// A machine with a log of so many calls; the entry that founds it comes on top.
pub(crate) fn machine(count: u64) -> Machine {
    let machine = Machine::new();
    fill(&machine, count);
    machine
}

/// The file with the root key, elsewhere than the log.
pub(crate) fn root_key(machine: &Machine) -> String {
    let path = machine.write("elsewhere/root", "01".repeat(32));
    path.display().to_string()
}

/// The log of a machine, as it is on the disk.
pub(crate) fn copy_folder(from: &Path, to: &Path) {
    let _ = std::fs::remove_dir_all(to);
    make_private(to);
    for file in std::fs::read_dir(from).expect("a folder") {
        let file = file.expect("a file");
        let to = to.join(file.file_name());
        match file.path().is_dir() {
            true => copy_folder(&file.path(), &to),
            false => drop(std::fs::copy(file.path(), to).expect("copied")),
        }
    }
}
