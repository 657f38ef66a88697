//! A scratch home with a project and a state folder, and the program run in it.

#![allow(dead_code)] // each test program uses a part of it

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;

use ccs_audit::Entry;
use ccs_audit::verify::{Expect, verify};
use ccs_hooks::trail;
use serde_json::Value;

/// A home folder with a project in it.
pub(crate) struct World {
    root: tempfile::TempDir,
}

/// The program under test, which cargo builds beside the folder of the tests.
///
/// `CARGO_BIN_EXE_ccs-hook` would say so too, but a POSIX shell that wraps the compiler may drop
/// variables whose names it could not write.
pub(crate) fn program() -> PathBuf {
    let test = std::env::current_exe().expect("this program");
    let folder = test.ancestors().nth(2).expect("the target folder");
    folder.join(format!("ccs-hook{}", std::env::consts::EXE_SUFFIX))
}

/// What the program did.
pub(crate) struct Answer {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl World {
    pub(crate) fn new() -> Self {
        let root = tempfile::tempdir().expect("a folder");
        let world = Self { root };
        for folder in ["home/.claude/ccs", "home/shop/.claude"] {
            fs::create_dir_all(world.path(folder)).expect("a folder");
        }
        world
    }

    /// The same with a log that was founded before.
    pub(crate) fn founded() -> Self {
        let world = Self::new();
        copy(founded(), &world.state());
        world
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        let root = fs::canonicalize(self.root.path()).expect("a path");
        root.join(name)
    }

    pub(crate) fn state(&self) -> PathBuf {
        self.path("home/.claude/ccs")
    }

    /// The program, with an environment of its own.
    pub(crate) fn command(&self, arguments: &[String]) -> Command {
        let mut command = Command::new(program());
        command
            .args(arguments)
            .env_clear()
            .env("HOME", self.path("home"))
            .env("CLAUDE_PROJECT_DIR", self.path("home/shop"));
        command
    }

    /// Runs `command` with `stdin`.
    pub(crate) fn run(&self, mut command: Command, stdin: &[u8]) -> Answer {
        command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut child = command.spawn().expect("the program starts");
        let mut pipe = child.stdin.take().expect("a pipe");
        // a program that has seen enough closes the pipe
        let _ = pipe.write_all(stdin);
        drop(pipe);
        let output = child.wait_with_output().expect("the program ends");
        Answer {
            code: output.status.code(),
            stdout: String::from_utf8(output.stdout).expect("UTF-8"),
            stderr: String::from_utf8(output.stderr).expect("UTF-8"),
        }
    }

    /// The entries of the audit trail, with their details among the other fields; those of the
    /// log itself are left out, and what waits in the spool is chained first.
    pub(crate) fn log(&self) -> Vec<Value> {
        if !trail::folder(&self.state()).join("log.json").exists() {
            return Vec::new();
        }
        trail::note(&self.state(), Entry::new("test.end")).expect("kept");
        let mut reader = trail::read(&self.state()).expect("a log");
        let entries = reader.after(None, usize::MAX).expect("readable");
        let entries = entries.iter().map(ccs_audit::export::json);
        let ours = |entry: &Value| {
            let event = entry["event"].as_str().unwrap_or_default();
            event != "test.end" && !event.starts_with("audit.")
        };
        entries.filter(ours).map(flat).collect()
    }

    /// Whether the log holds, as far as the folder alone shows.
    pub(crate) fn assert_intact(&self) {
        let reader = trail::read(&self.state()).expect("a log");
        let report = verify(&reader, &Expect::default()).expect("readable");
        assert!(report.is_intact(), "{:?}", report.faults);
    }
}

fn flat(mut entry: Value) -> Value {
    if let Some(Value::Object(details)) = entry.get("details").cloned() {
        for (key, value) in details {
            entry[&key] = value;
        }
    }
    let findings = entry["findings"].as_array().cloned().unwrap_or_default();
    let evidence = findings
        .iter()
        .filter_map(|finding| finding.get("evidence").cloned());
    entry["evidence"] = evidence.collect();
    entry
}

/// A state folder whose log was just founded: to found one takes many writes to the disk.
fn founded() -> &'static Path {
    static FOUNDED: OnceLock<tempfile::TempDir> = OnceLock::new();
    let folder = FOUNDED.get_or_init(|| {
        let folder = tempfile::tempdir().expect("a folder");
        drop(trail::found(folder.path()).expect("founded"));
        folder
    });
    folder.path()
}

/// Copies what is in a folder, with its permissions.
fn copy(from: &Path, to: &Path) {
    for entry in fs::read_dir(from).expect("a folder") {
        let (from, to) = {
            let entry = entry.expect("an entry");
            (entry.path(), to.join(entry.file_name()))
        };
        if from.is_dir() {
            let mode = fs::metadata(&from).expect("a folder").permissions();
            fs::create_dir(&to).expect("a folder");
            fs::set_permissions(&to, mode).expect("our own");
            copy(&from, &to);
        } else {
            fs::copy(&from, &to).expect("a file");
        }
    }
}
