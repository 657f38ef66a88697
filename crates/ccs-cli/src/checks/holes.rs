//! The ways past any hook that the client leaves open, and which of them are open here.

use std::env;
use std::fs;

use super::Machine;
use crate::commands::setup::managed_command;
use crate::output::human::Line;

/// Variables that make the client skip the user's hooks.
const SKIPPING: &[&str] = &["CLAUDE_CODE_SIMPLE", "CLAUDE_CODE_SAFE_MODE"];

pub(crate) fn check(machine: &Machine<'_>) -> Vec<Line> {
    if machine.guarded().next().is_none() {
        return Vec::new();
    }
    let mut lines: Vec<Line> = scope(machine).into_iter().collect();
    lines.extend([tampering(machine), expansion(machine)]);
    lines.extend(environment());
    lines.extend(loaded_by_itself(machine));
    lines.extend([
        Line::info(
            "hole.mention",
            "files mentioned with @ are read without a tool call; only permission rules stop that",
        ),
        Line::info(
            "hole.bang",
            "commands typed after ! in a session are yours: no hook sees them, the model sees their output",
        ),
        Line::info(
            "hole.memory",
            "CLAUDE.md and the files it imports are read without a tool call",
        ),
        Line::info(
            "hole.session-start",
            "a SessionStart hook cannot stop a session; what it finds is only reported",
        ),
    ]);
    lines
}

/// Whether a project can switch the hooks off; nothing if there are none.
pub(super) fn scope(machine: &Machine<'_>) -> Option<Line> {
    machine.guarded().next()?;
    if machine.is_managed("PreToolUse") {
        let text = "registered in managed settings: no project, variable or option switches it off";
        return Some(Line::ok("hole.scope", text));
    }
    let text = "a project's `disableAllHooks`, `--bare`, `--safe-mode`, `--setting-sources` and \
                CLAUDE_CONFIG_DIR switch the hooks off; managed settings withstand them";
    Some(Line::warn("hole.scope", text).fix(managed_command(machine.places)))
}

fn tampering(machine: &Machine<'_>) -> Line {
    if machine.has("ConfigChange") {
        let text = "a change of the settings during a session is judged before it counts";
        return Line::ok("hole.config-change", text);
    }
    let text = "a change of the settings during a session takes effect unseen";
    Line::fail("hole.config-change", text).fix("ccs setup")
}

fn expansion(machine: &Machine<'_>) -> Line {
    let disabled = machine
        .files
        .iter()
        .any(|s| s.flag("disableSkillShellExecution"));
    if disabled || machine.has("UserPromptExpansion") {
        let text = "commands inside slash commands and skills are judged before they run";
        return Line::ok("hole.expansion", text);
    }
    let text = "commands inside slash commands and skills run without a tool call";
    Line::warn("hole.expansion", text).fix("ccs setup --tier 2")
}

fn environment() -> Vec<Line> {
    let set = SKIPPING
        .iter()
        .filter(|name| env::var_os(name).is_some_and(|v| !v.is_empty()));
    let line = |name: &&str| {
        let text = format!("{name} is set: sessions started from here skip the user's hooks");
        Line::warn("hole.environment", text).fix(format!("unset {name}"))
    };
    set.map(line).collect()
}

/// Skills that bring hooks or modules load at the next start without a question.
fn loaded_by_itself(machine: &Machine<'_>) -> Vec<Line> {
    let mut lines = Vec::new();
    for (folder, depth) in [("skills", 1), ("dev-mods", 2)] {
        let root = machine.places.claude.join(folder);
        for hooks in find(&root, depth) {
            let text = format!(
                "`{}` runs code in every session without a question",
                hooks.display()
            );
            lines.push(
                Line::warn("hole.mods", text).fix("look at it, and delete it if it is not yours"),
            );
        }
    }
    lines
}

fn find(folder: &std::path::Path, depth: usize) -> Vec<std::path::PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let mut found = Vec::new();
    for entry in entries {
        let hooks = entry.path().join("hooks/hooks.json");
        if hooks.is_file() {
            found.push(hooks);
        } else if depth > 1 {
            found.extend(find(&entry.path(), depth - 1));
        }
    }
    found.sort();
    found
}
