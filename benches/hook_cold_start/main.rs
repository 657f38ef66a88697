//! What the hook costs a tool call: the whole process, against the least a process can cost and
//! against a stand-in for a guard in Python.
//!
//! ```text
//! cargo build --release && cargo bench -p ccs-benches --bench hook_cold_start
//! ```

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use ccs_benches::process::{Cost, cost, median, release};
use tempfile::TempDir;

const ROUNDS: usize = 200;
/// What the hook may cost: so many times the empty program, so many bytes.
const MOST_RATIO: f64 = 1.5;
const MOST_MEMORY: u64 = 8 << 20;
/// How much less than Python it should be.
const LEAST_GAIN: f64 = 100.0;

/// What the client sent for a call of Bash, its folders aside.
const EVENT: &str =
    include_str!("../../crates/ccs-hooks/tests/fixtures/claude-code-2.1.329/PreToolUse.Bash.json");

fn main() -> ExitCode {
    let world = World::new();
    let python = world.python();
    let mut commands = [world.empty(), world.hook(), python];
    let mut costs: [Vec<Cost>; 3] = Default::default();
    for round in 0..ROUNDS + 3 {
        for (command, costs) in commands.iter_mut().zip(&mut costs) {
            let cost = cost(command, &world.path("event.json"), &[0]);
            if round >= 3 {
                costs.push(cost);
            }
        }
    }
    report(&costs)
}

#[expect(clippy::print_stdout, reason = "a bench speaks to who started it")]
fn report(costs: &[Vec<Cost>; 3]) -> ExitCode {
    let [empty, hook, python] = costs
        .each_ref()
        .map(|costs| median(costs.iter().map(|cost| cost.cpu)));
    let names = [
        "empty static program",
        "ccs-hook pre-tool-use",
        "python stand-in",
    ];
    for (name, costs) in names.iter().zip(costs) {
        let cpu = median(costs.iter().map(|cost| cost.cpu.as_micros()));
        let memory = median(costs.iter().map(|cost| cost.memory >> 10));
        println!("{name:22} {cpu:7} us CPU {memory:6} KiB");
    }
    let ratio = hook.as_secs_f64() / empty.as_secs_f64();
    let gain = python.as_secs_f64() / hook.as_secs_f64();
    let memory = median(costs[1].iter().map(|cost| cost.memory));
    println!("hook / empty   {ratio:6.2}  (at most {MOST_RATIO})");
    println!("python / hook  {gain:6.1}  (at least {LEAST_GAIN})");
    let kept = ratio <= MOST_RATIO && gain >= LEAST_GAIN && memory <= MOST_MEMORY;
    ExitCode::from(u8::from(!kept))
}

/// A home folder with a project and the empty program in it.
struct World {
    folder: TempDir,
}

impl World {
    fn new() -> Self {
        let world = Self {
            folder: TempDir::new().expect("a folder"),
        };
        for folder in ["home/.claude/ccs", "home/shop"] {
            fs::create_dir_all(world.path(folder)).expect("a folder");
        }
        let mut event: serde_json::Value = serde_json::from_str(EVENT).expect("JSON");
        event["cwd"] = world.path("home/shop").to_string_lossy().into();
        fs::write(world.path("event.json"), event.to_string()).expect("a file");
        world
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn program(&self, path: &Path) -> Command {
        let mut command = Command::new(path);
        command
            .env_clear()
            .env("HOME", self.path("home"))
            .env("LANG", "C.UTF-8");
        command.current_dir(self.path("home/shop"));
        command
    }

    fn hook(&self) -> Command {
        let mut command = self.program(&release("ccs-hook"));
        command
            .arg("pre-tool-use")
            .arg("--state")
            .arg(self.path("home/.claude/ccs"));
        command
    }

    /// Linked as `tools/rustc` links the hook.
    fn empty(&self) -> Command {
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("hook_cold_start/empty.rs");
        let path = self.path("empty");
        let mut rustc = Command::new(std::env::var_os("RUSTC").unwrap_or("rustc".into()));
        rustc.args([
            "-O",
            "-Cpanic=abort",
            "-Cstrip=symbols",
            "-Clto=fat",
            "-Ccodegen-units=1",
        ]);
        if cfg!(all(target_os = "linux", target_env = "gnu")) {
            rustc.args(["-Ctarget-feature=+crt-static", "-Crelocation-model=static"]);
        }
        let status = rustc
            .arg(source)
            .arg("-o")
            .arg(&path)
            .status()
            .expect("rustc");
        assert!(status.success(), "{rustc:?}");
        self.program(&path)
    }

    /// The interpreter itself, and not a script that looks for it.
    fn python(&self) -> Command {
        let mut which = Command::new("python3");
        let found = which
            .args(["-c", "import sys; print(sys.executable)"])
            .output();
        let found = found.expect("python3 is installed").stdout;
        let path = String::from_utf8(found).expect("UTF-8");
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("hook_cold_start/stand_in.py");
        let mut command = self.program(Path::new(path.trim()));
        command.arg(script);
        command
    }
}
