//! An update that fails leaves everything as it was.
#![cfg(unix)]

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::PathBuf;

use ccs_integrity::update::{Outcome, Probe, Snapshot, Snapshots};

struct Machine {
    folder: tempfile::TempDir,
}

impl Machine {
    /// A client as its installer leaves it: a link to one of several versions.
    fn new() -> Self {
        let machine = Machine {
            folder: tempfile::tempdir().expect("a folder"),
        };
        fs::create_dir_all(machine.path("versions")).expect("a folder");
        fs::create_dir_all(machine.path("bin")).expect("a folder");
        machine.version("1", &"one".repeat(2000));
        symlink("../versions/1", machine.path("bin/claude")).expect("a link");
        machine
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn version(&self, name: &str, text: &str) {
        let path = self.path("versions").join(name);
        fs::write(&path, text).expect("a program");
        fs::set_permissions(path, fs::Permissions::from_mode(0o755)).expect("a mode");
    }

    fn point_at(&self, name: &str) {
        fs::remove_file(self.path("bin/claude")).expect("a link");
        symlink(format!("../versions/{name}"), self.path("bin/claude")).expect("a link");
    }

    fn snapshots(&self) -> Snapshots {
        Snapshots::new(&self.path("state"))
    }

    /// A snapshot of the client and these.
    fn snapshot(&self, also: &[PathBuf]) -> Snapshot {
        let snapshot = self.snapshots().take("a", &self.path("bin/claude"), also);
        snapshot.expect("a snapshot")
    }

    fn roll_back(&self, snapshot: &Snapshot) {
        let done = self.snapshots().rollback(snapshot);
        done.expect("the old state");
    }

    /// Link, bytes and mode of the program.
    fn state(&self) -> (PathBuf, Vec<u8>, u32) {
        let program = self.path("bin/claude");
        let mode = fs::metadata(&program)
            .expect("a program")
            .permissions()
            .mode()
            & 0o777;
        (
            fs::read_link(&program).expect("a link"),
            fs::read(&program).expect("a program"),
            mode,
        )
    }

    fn update(&self, text: &str) -> Result<(), String> {
        self.version("2", text);
        self.point_at("2");
        // Some installers clean up.
        fs::remove_file(self.path("versions/1")).map_err(|error| error.to_string())
    }
}

fn broken(_: &std::path::Path) -> Result<(), String> {
    Err("exit status 1".to_owned())
}

#[test]
fn an_update_that_works_stays() {
    let machine = Machine::new();
    let snapshot = machine.snapshot(&[]);
    let probe = Probe {
        name: "--version",
        run: &|path| {
            if path.exists() {
                Ok(())
            } else {
                Err(String::new())
            }
        },
    };
    let outcome =
        machine
            .snapshots()
            .apply(&snapshot, || machine.update(&"two".repeat(2000)), &[probe]);
    assert_eq!(outcome.expect("no error"), Outcome::Updated);
    assert_eq!(machine.state().0, PathBuf::from("../versions/2"));
    assert_eq!(machine.snapshots().pending(), None);
}

#[test]
fn a_program_that_does_not_start_is_replaced_by_the_old_one() {
    let machine = Machine::new();
    let before = machine.state();
    let snapshot = machine.snapshot(&[]);
    let probe = Probe {
        name: "--version",
        run: &broken,
    };
    let outcome =
        machine
            .snapshots()
            .apply(&snapshot, || machine.update(&"two".repeat(2000)), &[probe]);
    let why = "--version: exit status 1".to_owned();
    assert_eq!(outcome.expect("no error"), Outcome::RolledBack { why });
    assert_eq!(machine.state(), before);
}

#[test]
fn a_program_that_is_cut_off_or_cannot_run_goes_back() {
    for (text, mode) in [("short", 0o755), (&*"two".repeat(2000), 0o644)] {
        let machine = Machine::new();
        let before = machine.state();
        let snapshot = machine.snapshot(&[]);
        let update = || {
            machine.update(text)?;
            fs::set_permissions(machine.path("versions/2"), fs::Permissions::from_mode(mode))
                .map_err(|error| error.to_string())
        };
        let outcome = machine
            .snapshots()
            .apply(&snapshot, update, &[])
            .expect("no error");
        assert!(matches!(outcome, Outcome::RolledBack { .. }));
        assert_eq!(machine.state(), before);
    }
}

#[test]
fn an_update_that_was_cut_off_is_known_to_the_next_run() {
    let machine = Machine::new();
    let before = machine.state();
    let snapshot = machine.snapshot(&[]);
    let cut = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        machine.snapshots().apply(
            &snapshot,
            || {
                machine.update("x").ok();
                panic!("power off")
            },
            &[],
        )
    }));
    assert!(cut.is_err());
    let pending = machine.snapshots().pending().expect("a mark");
    machine.roll_back(&pending);
    assert_eq!(machine.state(), before);
    assert_eq!(machine.snapshots().pending(), None);
}

#[test]
fn extensions_come_back_and_what_was_not_there_goes() {
    let machine = Machine::new();
    fs::create_dir(machine.path("extension")).expect("a folder");
    fs::write(machine.path("extension/main.js"), "old").expect("a file");
    let also = [machine.path("extension"), machine.path("new")];
    let snapshot = machine.snapshot(&also);
    fs::write(machine.path("extension/main.js"), "new").expect("a file");
    fs::write(machine.path("new"), "new").expect("a file");
    machine.roll_back(&snapshot);
    machine.roll_back(&snapshot);
    assert_eq!(
        fs::read(machine.path("extension/main.js")).expect("a file"),
        b"old"
    );
    assert!(!machine.path("new").exists());
}

#[test]
fn a_copy_that_was_altered_is_not_put_back() {
    let machine = Machine::new();
    let snapshot = machine.snapshot(&[]);
    let before = machine.state();
    fs::write(machine.path("state/a/1"), "evil").expect("the copy of the program");
    assert!(machine.snapshots().rollback(&snapshot).is_err());
    assert_eq!(machine.state(), before);
}

#[test]
fn snapshots_are_private_sorted_and_named_plainly() {
    let machine = Machine::new();
    let program = machine.path("bin/claude");
    for id in ["b", "a"] {
        machine
            .snapshots()
            .take(id, &program, &[])
            .expect("a snapshot");
    }
    let ids: Vec<String> = machine
        .snapshots()
        .all()
        .into_iter()
        .map(|snapshot| snapshot.id)
        .collect();
    assert_eq!(ids, ["a", "b"]);
    let mode = fs::metadata(machine.path("state"))
        .expect("a folder")
        .permissions()
        .mode();
    assert_eq!(mode & 0o777, 0o700);
    for id in ["", "../x", "a/b", "."] {
        assert!(machine.snapshots().take(id, &program, &[]).is_err(), "{id}");
    }
    assert!(
        machine
            .snapshots()
            .take("c", &machine.path("gone"), &[])
            .is_err()
    );
}
