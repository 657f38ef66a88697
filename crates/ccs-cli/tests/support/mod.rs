//! A scratch machine: a home folder, a project, `ccs` with a stand-in hook beside it, perhaps a
//! stand-in client.
#![allow(dead_code, reason = "each test file uses its part")]

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use tempfile::TempDir;

/// The program under test.
pub(crate) const CCS: &str = env!("CARGO_BIN_EXE_ccs");

pub(crate) struct Machine {
    root: TempDir,
}

/// How one run ended.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Machine {
    pub(crate) fn new() -> Self {
        let machine = Machine {
            root: tempfile::tempdir().expect("a scratch folder"),
        };
        for folder in ["home", "project", "bin"] {
            fs::create_dir(machine.path(folder)).expect("a folder");
        }
        put(CCS.as_ref(), &machine.ccs());
        machine.program("ccs-hook", include_str!("hook.sh"));
        machine
    }

    /// `ccs` itself.
    pub(crate) fn ccs(&self) -> PathBuf {
        self.path("bin/ccs")
    }

    /// One on which `setup` has run.
    pub(crate) fn set_up() -> Self {
        let machine = Machine::new();
        machine.setup(&[]).succeeds();
        machine
    }

    pub(crate) fn root(&self) -> &Path {
        self.root.path()
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.root.path().join(name)
    }

    pub(crate) fn home(&self) -> PathBuf {
        self.path("home")
    }

    pub(crate) fn settings(&self) -> PathBuf {
        self.path("home/.claude/settings.json")
    }

    pub(crate) fn state(&self) -> PathBuf {
        self.path("home/.claude/ccs")
    }

    pub(crate) fn write(&self, name: &str, text: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        fs::write(&path, text).expect("a file");
        path
    }

    pub(crate) fn read(&self, name: &str) -> String {
        let path = self.path(name);
        fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    }

    /// Puts a script on the search path.
    pub(crate) fn program(&self, name: &str, text: &str) -> PathBuf {
        let path = self.write(&format!("bin/{name}"), text);
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).expect("ours");
        path
    }

    /// Puts a client of this version on the search path.
    pub(crate) fn client(&self, version: &str) {
        self.program(
            "claude",
            &format!("#!/bin/sh\necho '{version} (Claude Code)'\n"),
        );
    }

    /// `ccs` with a bare environment, in the project.
    pub(crate) fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(self.ccs());
        command.args(args);
        self.surround(&mut command);
        command
    }

    pub(crate) fn surround(&self, command: &mut Command) {
        command
            .current_dir(self.path("project"))
            .env_clear()
            .env("HOME", self.home())
            .env(
                "PATH",
                format!("{}:/usr/bin:/bin", self.path("bin").display()),
            );
    }

    pub(crate) fn run(&self, args: &[&str]) -> Run {
        Run::of(self.command(args).output())
    }

    pub(crate) fn setup(&self, more: &[&str]) -> Run {
        self.run(&[&["setup"], more].concat())
    }

    /// Runs `ccs` with this input.
    pub(crate) fn tell(&self, args: &[&str], input: &str) -> Run {
        Run::told(self.command(args), input)
    }

    /// Makes a vault.
    pub(crate) fn init(&self) {
        self.run(&["vault", "init"]).succeeds();
    }

    /// Stores a value in the vault.
    pub(crate) fn put(&self, name: &str, value: &str) {
        self.tell(&["vault", "set", name], value).succeeds();
    }

    /// A value out of the vault.
    pub(crate) fn get(&self, name: &str) -> String {
        self.run(&["vault", "get", name]).succeeds().stdout
    }

    /// Every file and folder with its bytes and mode.
    pub(crate) fn tree(&self, name: &str) -> BTreeMap<PathBuf, (u32, Vec<u8>)> {
        let mut found = BTreeMap::new();
        collect(&self.path(name), &mut found);
        found
    }
}

impl Run {
    /// One that was given an input.
    pub(crate) fn told(mut command: Command, input: &str) -> Self {
        let pipes = [Stdio::piped(), Stdio::piped(), Stdio::piped()];
        let [stdin, stdout, stderr] = pipes;
        command.stdin(stdin).stdout(stdout).stderr(stderr);
        let mut child = command.spawn().expect("started");
        let mut stdin = child.stdin.take().expect("a pipe");
        // A command that does not read its input may be gone already.
        let _ = stdin.write_all(input.as_bytes());
        drop(stdin);
        Run::of(child.wait_with_output())
    }

    pub(crate) fn of(output: std::io::Result<Output>) -> Self {
        let output = output.expect("started");
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("UTF-8");
        Run {
            code: output.status.code().unwrap_or(-1),
            stdout: text(output.stdout),
            stderr: text(output.stderr),
        }
    }

    #[track_caller]
    pub(crate) fn succeeds(self) -> Self {
        self.ends_with(0)
    }

    #[track_caller]
    pub(crate) fn ends_with(self, code: i32) -> Self {
        assert_eq!(self.code, code, "{}\n{}", self.stdout, self.stderr);
        self
    }

    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.stdout).expect(&self.stdout)
    }
}

/// Puts a program into another place, without a copy where the file system allows it. A copy is made by
/// a process of its own: what a test beside this one starts must not hold it open.
pub(crate) fn put(program: &Path, place: &Path) {
    let _ = fs::remove_file(place);
    if fs::hard_link(program, place).is_err() {
        let copied = Command::new("cp").arg(program).arg(place).status();
        assert!(copied.expect("cp").success());
    }
}

fn collect(folder: &Path, found: &mut BTreeMap<PathBuf, (u32, Vec<u8>)>) {
    for entry in fs::read_dir(folder).into_iter().flatten() {
        let path = entry.expect("an entry").path();
        let mode = fs::symlink_metadata(&path)
            .expect("there")
            .permissions()
            .mode();
        if path.is_dir() && !path.is_symlink() {
            collect(&path, found);
        }
        let bytes = fs::read(&path).unwrap_or_default();
        found.insert(path, (mode, bytes));
    }
}
