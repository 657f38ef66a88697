//! `ccs audit map`: each file that holds secrets, of what kinds, and what stands before it.

use crate::args::Json;
use crate::checks::Machine;
use crate::exit::Code;
use crate::gate::Guard;
use crate::output::human::{self, Line};
use crate::output::{Output, json};
use crate::person::visible;
use crate::places::Places;
use crate::secret_map::{self, Map, Place};

pub(super) fn run(args: &Json, places: &Places, output: &mut Output) -> anyhow::Result<Code> {
    let guard = Guard::in_force(places)?;
    let machine = Machine::read(places);
    let map = secret_map::of(&machine, &guard.gate);
    if args.json {
        json::value(output, &map)?;
    } else {
        human::lines(output, &lines(&map))?;
    }
    let safe = map
        .files
        .iter()
        .all(|place| !place.open && !place.is_bare());
    Ok(if safe { Code::Ok } else { Code::Findings })
}

fn lines(map: &Map) -> Vec<Line> {
    let mut lines: Vec<Line> = map.files.iter().map(line).collect();
    if lines.is_empty() {
        lines.push(Line::ok("map", "no file is known to hold secrets"));
    }
    if map.incomplete {
        let text = "there are more files than are looked at";
        lines.push(Line::warn("map.incomplete", text));
    }
    lines
}

fn line(place: &Place) -> Line {
    let path = visible(&place.path.display().to_string());
    let mode = place.mode.as_deref().unwrap_or("-");
    let kinds = match (place.unread, place.kinds.is_empty()) {
        (true, _) => "not readable by you".to_owned(),
        (_, true) => "no secret known by its form".to_owned(),
        _ => place.kinds.join(", "),
    };
    let rules = place
        .rules
        .iter()
        .map(|rule| format!("{} ({})", rule.id, human::word(rule.decision)));
    let guards: Vec<String> = rules.chain(place.fence.clone()).collect();
    let guards = match guards.is_empty() {
        true => "nothing asks before it is read".to_owned(),
        false => guards.join(", "),
    };
    let text = format!("{path} {mode}: {kinds}; {guards}");
    if place.open {
        return Line::warn("map.open", text).fix(format!("chmod go-rwx '{path}'"));
    }
    if place.is_bare() {
        return Line::warn("map.bare", text)
            .fix("move the value into the vault: ccs vault put NAME");
    }
    Line::ok("map", text)
}
