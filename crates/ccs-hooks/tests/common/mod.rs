//! A scratch home with a project and a state folder, and the program run in it.

use std::fs;
use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Stdio};

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

    /// The lines of the decision log.
    pub(crate) fn log(&self) -> Vec<Value> {
        let text = fs::read_to_string(self.state().join("decisions.jsonl")).unwrap_or_default();
        let lines = text.lines().map(serde_json::from_str);
        lines.collect::<Result<_, _>>().expect("JSON lines")
    }
}
