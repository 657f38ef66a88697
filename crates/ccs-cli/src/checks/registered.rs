//! Are our handlers where setup put them, and as it wrote them?

use std::path::Path;

use ccs_integrity::settings::Found;

use super::{Machine, Settings};
use crate::install::Record;
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
    let mut lines: Vec<Line> = record
        .settings
        .iter()
        .map(|path| of_file(machine, record, path))
        .collect();
    lines.extend(rules(machine, record));
    lines
}

fn setup(line: Line) -> Line {
    line.fix("ccs setup")
}

fn of_file(machine: &Machine<'_>, record: &Record, path: &Path) -> Line {
    let found = machine
        .files
        .iter()
        .find(|settings| super::is_same(&settings.path, path));
    let Some(settings) = found else {
        let text = format!("`{}` is gone, and the handlers in it", path.display());
        return setup(Line::fail("registered", text));
    };
    let missing = record
        .events
        .iter()
        .find_map(|event| weakness(settings, record, event));
    match missing {
        Some(what) => setup(Line::fail(
            "registered",
            format!("`{}`: {what}", path.display()),
        )),
        None => {
            let events = record.events.join(", ");
            Line::ok(
                "registered",
                format!("`{}` registers {events}", path.display()),
            )
        }
    }
}

/// Why the handler for the event does not do what it should, if so.
fn weakness(settings: &Settings, record: &Record, event: &str) -> Option<String> {
    let of_event = |handler: &&Found| handler.ours && handler.event == event;
    let Some(handler) = settings.handlers.iter().find(of_event) else {
        return Some(format!("the handler for {event} is missing"));
    };
    let command = handler.command.as_deref().map(Path::new);
    let what = if command != Some(record.hook.as_path()) {
        "names another program"
    } else if !matches!(handler.matcher.as_deref(), None | Some("" | "*")) {
        "runs for some tools only"
    } else if handler.on_failure.as_deref() != Some("block") {
        "lets the call through when it fails"
    } else if handler.args.first() != Some(&tier::argument(event)) {
        "runs with other arguments"
    } else {
        return None;
    };
    Some(format!(
        "the handler for {event} (line {}) {what}",
        handler.line
    ))
}

/// Whether setup would write anything: finds what `weakness` has no name for.
fn rules(machine: &Machine<'_>, record: &Record) -> Option<Line> {
    let undo = machine.undo.as_ref().ok()?;
    let targets = undo
        .files
        .iter()
        .filter(|edited| record.settings.contains(&edited.path));
    let layout = Layout {
        places: machine.places,
        targets: targets.map(Target::from).collect(),
        events: record.events.clone(),
        program: Vec::new(),
    };
    let settings = layout.settings(undo).ok()?;
    let changed = settings.files.iter().find(|change| change.is_needed())?;
    let text = format!(
        "`{}`: handlers or permission rules are not as setup wrote them",
        changed.path.display()
    );
    Some(Line::warn("registered.differs", text).fix("ccs setup --dry-run, then ccs setup"))
}
