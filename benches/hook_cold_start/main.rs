//! What the hooks cost a tool call: the whole process before it, and the one after it with its
//! entry in the audit log, against the least a process can cost and against a stand-in for a guard
//! in Python.
//!
//! ```text
//! cargo build --release && cargo bench -p ccs-benches --bench hook_cold_start
//! ```

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use ccs_benches::process::{Cost, in_turn, median, median_cpu, release};
use tempfile::TempDir;

const ROUNDS: usize = 200;
/// What the hook may cost: so many times the empty program, so many bytes.
const MOST_RATIO: f64 = 1.5;
const MOST_RATIO_AFTER: f64 = 3.0;
const MOST_MEMORY: u64 = 8 << 20;
/// How much less than Python it should be.
const LEAST_GAIN: f64 = 100.0;

/// What the client sent before and after a call of Bash, its folders aside.
const BEFORE: &str =
    include_str!("../../crates/ccs-hooks/tests/fixtures/claude-code-2.1.329/PreToolUse.Bash.json");
const AFTER: &str =
    include_str!("../../crates/ccs-hooks/tests/fixtures/claude-code-2.1.329/PostToolUse.Bash.json");

fn main() -> ExitCode {
    let world = World::new();
    let (before, after) = (
        world.event("before.json", BEFORE),
        world.event("after.json", AFTER),
    );
    let programs = [
        (world.empty(), &*before),
        (world.hook("pre-tool-use"), &*before),
        (world.hook("post-tool-use"), &*after),
        (world.python(), &*before),
    ];
    report(&in_turn(programs, ROUNDS))
}

#[expect(clippy::print_stdout, reason = "a bench speaks to who started it")]
fn report(costs: &[Vec<Cost>; 4]) -> ExitCode {
    let names = [
        "empty static program",
        "ccs-hook pre-tool-use",
        "ccs-hook post-tool-use",
        "python stand-in",
    ];
    for (name, costs) in names.iter().zip(costs) {
        let cpu = median(costs.iter().map(|cost| cost.cpu.as_micros()));
        let memory = median(costs.iter().map(|cost| cost.memory >> 10));
        println!("{name:22} {cpu:7} us CPU {memory:6} KiB");
    }
    let [empty, before, after, python] = costs
        .each_ref()
        .map(|costs| median_cpu(costs).as_secs_f64());
    let mut kept = median(costs[1].iter().map(|cost| cost.memory)) <= MOST_MEMORY;
    for (name, hook, most) in [
        ("pre-tool-use", before, MOST_RATIO),
        ("post-tool-use", after, MOST_RATIO_AFTER),
    ] {
        let (ratio, gain) = (hook / empty, python / hook);
        println!("{name} / empty   {ratio:6.2}  (at most {most})");
        println!("python / {name}  {gain:6.1}  (at least {LEAST_GAIN})");
        kept &= ratio <= most && gain >= LEAST_GAIN;
    }
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
        world
    }

    /// The event, in the scratch project.
    fn event(&self, name: &str, event: &str) -> PathBuf {
        let mut event: serde_json::Value = serde_json::from_str(event).expect("JSON");
        event["cwd"] = self.path("home/shop").to_string_lossy().into();
        let path = self.path(name);
        fs::write(&path, event.to_string()).expect("a file");
        path
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

    /// The hook as setup installs it: a copy that was written at once.
    fn hook(&self, event: &str) -> Command {
        let (built, installed) = (release("ccs-hook"), self.path("ccs-hook"));
        let bytes = std::fs::read(built).expect("cargo build --release made it");
        std::fs::write(&installed, bytes).expect("the scratch folder is writable");
        let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
        std::fs::set_permissions(&installed, mode).expect("our own file");
        let mut command = self.program(&installed);
        command
            .arg(event)
            .arg("--state")
            .arg(self.path("home/.claude/ccs"));
        command
    }

    /// Static, as the compiler does it when asked for nothing else.
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
            rustc.arg("-Ctarget-feature=+crt-static");
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
