//! Looking at entries: `tail`, `query`, `show`, `stats`.

use std::io::Write;
use std::thread::sleep;
use std::time::Duration;

use ccs_audit::{Filter, Stored, export};

use crate::args::Json;
use crate::args::audit::{Query, Show, Tail};
use crate::audit::{self, Trail};
use crate::exit::Code;
use crate::output::{Output, audit as text, json};

/// How often a followed log is looked at.
const PAUSE: Duration = Duration::from_millis(200);
/// Entries read at once.
const PAGE: usize = 1_000;

pub(super) fn tail(args: &Tail, trail: &Trail<'_>, output: &mut Output) -> anyhow::Result<Code> {
    let mut reader = trail.reader()?;
    let filter = audit::filter(&args.select);
    // before the entries are read, so that none is left out in between
    let mut last = reader.last()?;
    if args.lines > 0 {
        let limit = args.lines;
        let mut found = reader.query(&Filter {
            limit,
            ..filter.clone()
        })?;
        found.reverse();
        for stored in &found {
            print(output, stored, args.json)?;
            last = last.max(Some(stored.record.seq));
        }
    }
    output.flush()?;
    if !args.follow {
        return Ok(Code::Ok);
    }
    loop {
        reader.refresh()?;
        let page = reader.after(last, PAGE)?;
        for stored in page.iter().filter(|stored| filter.matches(stored)) {
            print(output, stored, args.json)?;
        }
        output.flush()?;
        match page.last() {
            Some(stored) => last = Some(stored.record.seq),
            None => sleep(PAUSE),
        }
    }
}

fn print(output: &mut Output, stored: &Stored, json: bool) -> std::io::Result<()> {
    if json {
        writeln!(output, "{}", export::json(stored))
    } else {
        text::line(output, stored)
    }
}

pub(super) fn query(args: &Query, trail: &Trail<'_>, output: &mut Output) -> anyhow::Result<Code> {
    let mut reader = trail.reader()?;
    let filter = Filter {
        limit: args.limit,
        oldest_first: args.oldest_first,
        ..audit::filter(&args.select)
    };
    if args.count {
        let count = reader.count(&filter)?;
        match args.json.json {
            true => json::value(output, &serde_json::json!({ "count": count }))?,
            false => writeln!(output, "{count}")?,
        }
        return Ok(Code::Ok);
    }
    let found = reader.query(&filter)?;
    if args.json.json {
        let found: Vec<_> = found.iter().map(export::json).collect();
        json::value(output, &found)?;
        return Ok(Code::Ok);
    }
    found
        .iter()
        .try_for_each(|stored| text::line(output, stored))?;
    if args.limit > 0 && found.len() == args.limit {
        writeln!(output, "(the first {}; --limit shows more)", args.limit)?;
    }
    Ok(Code::Ok)
}

pub(super) fn show(args: &Show, trail: &Trail<'_>, output: &mut Output) -> anyhow::Result<Code> {
    let stored = trail.reader()?.entry(args.seq)?;
    match args.json.json {
        true => json::value(output, &export::json(&stored))?,
        false => text::entry(output, &stored)?,
    }
    Ok(Code::Ok)
}

pub(super) fn stats(args: &Json, trail: &Trail<'_>, output: &mut Output) -> anyhow::Result<Code> {
    let stats = trail.sealed_reader()?.stats()?;
    if args.json {
        let mut value = serde_json::to_value(&stats)?;
        let span = stats
            .span
            .map(|(from, to)| [from, to].map(|time| time.to_string()));
        value["span"] = serde_json::json!(span);
        json::value(output, &value)?;
    } else {
        text::stats(output, &stats)?;
    }
    Ok(Code::Ok)
}
