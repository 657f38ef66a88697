//! Hooks of others that stand beside ours.
//!
//! All hooks for a call run at the same time and see the same input. A deny of ours wins over
//! whatever another one says, but a rewrite by another one is not seen by ours, and an allow by
//! another one skips the question to the user.

use std::fs;
use std::path::{Path, PathBuf};

use ccs_integrity::settings::Found;

use super::{Machine, Settings};
use crate::output::human::Line;

/// The events on which a hook can decide about a call.
const DECIDING: &[&str] = &["PreToolUse", "PermissionRequest"];
/// No hook script is longer than this, in bytes.
const MAX_SCRIPT: u64 = 1 << 20;

pub(crate) fn check(machine: &Machine<'_>) -> Vec<Line> {
    let mut lines = Vec::new();
    for settings in &machine.files {
        let others = settings.handlers.iter().filter(|handler| !handler.ours);
        let deciding = others.filter(|handler| DECIDING.contains(&handler.event.as_str()));
        lines.extend(deciding.map(|handler| line(settings, handler, machine)));
    }
    lines
}

fn line(settings: &Settings, handler: &Found, machine: &Machine<'_>) -> Line {
    let command = handler.command.as_deref().unwrap_or(&handler.kind);
    let what = format!(
        "`{}:{}`: another {} hook, `{command}`,",
        settings.path.display(),
        handler.line,
        handler.event
    );
    let text = source(handler, machine);
    let says = |words: &[&str]| words.iter().any(|word| text.contains(word));
    let fix = "see what it answers, and that you want it";
    if says(&["updatedInput"]) {
        let text = format!("{what} can rewrite a call after ccs has judged it");
        return Line::warn("others.rewrite", text).fix(fix);
    }
    if says(&["\"allow\"", "'allow'", "\"approve\"", "'approve'"]) {
        let text = format!("{what} can allow a call without a question");
        return Line::warn("others.allow", text).fix(fix);
    }
    Line::info("others", format!("{what} runs beside ccs"))
}

/// The handler's own words and those of the script it names, as far as they can be read.
fn source(handler: &Found, machine: &Machine<'_>) -> String {
    let command = handler.command.as_deref().unwrap_or_default();
    let mut text = command.to_owned();
    let words = command
        .split_whitespace()
        .chain(handler.args.iter().map(String::as_str));
    for word in words {
        text.push('\n');
        text.push_str(&script(word, machine).unwrap_or_else(|| word.to_owned()));
    }
    text
}

fn script(word: &str, machine: &Machine<'_>) -> Option<String> {
    let word = word.trim_matches(['"', '\'']);
    let path: PathBuf = match word.strip_prefix("~/").or(word.strip_prefix("$HOME/")) {
        Some(below) => machine.places.home.join(below),
        None => {
            let word = word.replace("${CLAUDE_PROJECT_DIR}", "$CLAUDE_PROJECT_DIR");
            let below = word.strip_prefix("$CLAUDE_PROJECT_DIR/").unwrap_or(&word);
            machine.places.cwd.join(below)
        }
    };
    readable(&path)
        .then(|| fs::read(&path).ok())
        .flatten()
        .map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
}

fn readable(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|metadata| metadata.is_file() && metadata.len() <= MAX_SCRIPT)
}
