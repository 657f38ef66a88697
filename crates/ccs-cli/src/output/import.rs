//! What an import takes, line by line, and why it leaves the rest.

use std::io::{self, Write};
use std::path::PathBuf;

use ccs_vault::Name;
use ccs_vault::import::{Left, Outcome};
use serde::Serialize;

use super::Output;

/// An import, done or only planned.
#[derive(Serialize)]
pub(crate) struct Taken {
    pub(crate) dry_run: bool,
    /// The file; none for an environment.
    pub(crate) from: Option<PathBuf>,
    pub(crate) found: Vec<Row>,
    pub(crate) left: Vec<Left>,
}

/// A variable that could be taken. Lines count from 1; 0 is an environment.
#[derive(Serialize)]
pub(crate) struct Row {
    name: Name,
    line: u32,
    pub(crate) outcome: Outcome,
}

pub(crate) fn rows(outcomes: &[(Name, Outcome)], lines: &[u32]) -> Vec<Row> {
    let row = |((name, outcome), line): (&(Name, Outcome), &u32)| Row {
        name: name.clone(),
        line: *line,
        outcome: *outcome,
    };
    outcomes.iter().zip(lines).map(row).collect()
}

pub(crate) fn plan(output: &mut Output, taken: &Taken) -> io::Result<()> {
    for row in &taken.found {
        let (word, why) = word(row.outcome, taken.dry_run);
        let place = place(row.line);
        writeln!(output, "{word:<9} {}{place}{why}", row.name)?;
    }
    for left in &taken.left {
        let name = left.name.as_deref().unwrap_or("-");
        let place = place(left.line);
        writeln!(output, "{:<9} {name}{place}: {}", "left", left.why)?;
    }
    if taken.found.is_empty() && taken.left.is_empty() {
        writeln!(output, "nothing here looks like a secret; name what is one")?;
    }
    if let (Some(path), false) = (&taken.from, taken.dry_run || taken.found.is_empty()) {
        let path = path.display();
        writeln!(
            output,
            "{path} still has these values in plain text; delete the lines"
        )?;
    }
    Ok(())
}

fn place(line: u32) -> String {
    if line == 0 {
        String::new()
    } else {
        format!(", line {line}")
    }
}

fn word(outcome: Outcome, dry_run: bool) -> (&'static str, &'static str) {
    match (outcome, dry_run) {
        (Outcome::Added, false) => ("added", ""),
        (Outcome::Added, true) => ("add", ""),
        (Outcome::Replaced, false) => ("replaced", ""),
        (Outcome::Replaced, true) => ("replace", ""),
        (Outcome::Unchanged, _) => ("same", ": the vault holds this value"),
        (Outcome::Kept, _) => (
            "kept",
            ": the vault holds another value; --replace takes this one",
        ),
        _ => ("other", ""),
    }
}
