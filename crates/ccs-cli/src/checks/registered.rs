//! Are our handlers where setup put them, and as it wrote them?

use std::path::Path;

use ccs_hooks::install::{Damage, Record};

use super::Machine;
use crate::layout::{Layout, Target};
use crate::output::human::Line;
use crate::tier;

pub(crate) fn check(machine: &Machine<'_>) -> Vec<Line> {
    let record = match &machine.record {
        Ok(record) => record.as_ref(),
        Err(error) => return vec![setup(Line::fail("record", format!("{error:#}")))],
    };
    let Some(record) = record else {
        return match machine.guarded().next() {
            None => vec![setup(Line::fail("registered", "ccs is not set up"))],
            Some(settings) => {
                let text = format!(
                    "`{}` names the hook, but there is no install record",
                    settings.path.display()
                );
                vec![setup(Line::fail("record", text))]
            }
        };
    };
    let files = record.settings.iter();
    let mut lines: Vec<Line> = files
        .flat_map(|path| of_file(machine, record, path))
        .collect();
    lines.extend(differs(machine, record));
    lines
}

fn setup(line: Line) -> Line {
    line.fix("ccs setup")
}

fn of_file(machine: &Machine<'_>, record: &Record, path: &Path) -> Vec<Line> {
    let mut files = machine.files.iter();
    let found = files.find(|settings| super::is_same(&settings.path, path));
    let bytes = found.map(|settings| settings.bytes.as_slice());
    let name = path.display();
    let mut damage = record.damage(bytes, &machine.places.state);
    // Said by the check of the settings, with more words.
    damage.retain(|what| *what != Damage::Disabled);
    if damage.is_empty() {
        let events = record.events.join(", ");
        return vec![Line::ok(
            "registered",
            format!("`{name}` registers {events}"),
        )];
    }
    let lines = damage.iter().map(|what| format!("`{name}`: {what}"));
    lines
        .map(|text| setup(Line::fail("registered", text)))
        .collect()
}

/// Whether setup would write anything: finds what has no name of its own.
fn differs(machine: &Machine<'_>, record: &Record) -> Option<Line> {
    let undo = machine.undo.as_ref().ok()?;
    let targets = undo
        .files
        .iter()
        .filter(|edited| record.settings.contains(&edited.path));
    let layout = Layout {
        places: machine.places,
        targets: targets.map(Target::from).collect(),
        events: tier::named(&record.events),
        program: Vec::new(),
        profile: None,
    };
    let settings = layout.settings(undo).ok()?;
    let changed = settings.files.iter().find(|change| change.is_needed())?;
    let text = format!(
        "`{}`: handlers or permission rules are not as setup wrote them",
        changed.path.display()
    );
    Some(Line::warn("registered.differs", text).fix("ccs setup --dry-run, then ccs setup"))
}
