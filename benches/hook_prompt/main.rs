//! What the hook costs a prompt: the whole process `ccs-hook user-prompt-submit`, above what the
//! same program costs on an event that it only reads.
//!
//! ```text
//! cargo build --release && cargo bench -p ccs-benches --bench hook_prompt
//! ```

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::time::Duration;

use ccs_benches::process::{in_turn, median_cpu, release};
use ccs_vault::{Name, NewEntry, NewSlot, Secret, Vault};
use tempfile::TempDir;

const ROUNDS: usize = 200;
/// How many values the vault holds.
const ENTRIES: usize = 20;
/// What a prompt may cost above an event that is only read.
const MOST: Duration = Duration::from_micros(400);

/// About 200 bytes each; neither holds a secret.
const PROMPTS: [(&str, &str); 2] = [
    (
        "ordinary",
        "Please refactor the parser so that it keeps the order of the keys, add tests for empty \
         input and for very long lines, then run the tests of that crate and tell me which of them fail.",
    ),
    (
        "speaks of keys",
        "the token, the password and the api_key of github are in the environment: read \
         GITHUB_TOKEN, DB_PASSWORD and STRIPE_KEY from there, print none of them, and write tests.",
    ),
];

fn main() -> ExitCode {
    let world = World::new();
    let kept = PROMPTS.map(|(name, prompt)| world.is_kept(name, prompt));
    ExitCode::from(u8::from(kept.contains(&false)))
}

/// A home folder with a vault.
struct World {
    folder: TempDir,
}

impl World {
    fn new() -> Self {
        let folder = TempDir::new().expect("a folder");
        let world = Self { folder };
        let vault = world.path("home/.claude/ccs/vault");
        fs::create_dir_all(world.path("home/.claude/ccs")).expect("a folder");
        let mut vault = Vault::create(&vault, NewSlot::File, 1).expect("a vault");
        let entry = |number| {
            let name = Name::new(&format!("KEY_{number}")).expect("a name");
            NewEntry::value(name, Secret::random(32).expect("random bytes")).expect("an entry")
        };
        vault.put_all((0..ENTRIES).map(entry), 1).expect("stored");
        world
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn hook(&self, event: &str) -> Command {
        let mut command = Command::new(release("ccs-hook"));
        command.env_clear().arg(event).arg("--state");
        command.arg(self.path("home/.claude/ccs"));
        command
    }

    /// CPU times on an event that is only read, and on the prompt, with the same input.
    fn costs(&self, event: &Path) -> (Duration, Duration) {
        let programs = [self.hook("stop"), self.hook("user-prompt-submit")];
        let [floor, prompt] = in_turn(programs.map(|program| (program, event)), ROUNDS);
        (median_cpu(&floor), median_cpu(&prompt))
    }

    #[expect(clippy::print_stdout, reason = "a bench speaks to who started it")]
    fn is_kept(&self, name: &str, prompt: &str) -> bool {
        let event = serde_json::json!({"session_id": "1", "cwd": "/tmp", "prompt": prompt});
        let path = self.path("event.json");
        fs::write(&path, event.to_string()).expect("a file");
        let (floor, cost) = self.costs(&path);
        let more = cost.saturating_sub(floor);
        println!(
            "{name:15} {floor:9.1?} read only {cost:9.1?} looked at   {more:9.1?} more (at most {MOST:?})"
        );
        more <= MOST
    }
}
