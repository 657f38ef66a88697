//! `ccs audit ship`: entries on their way to receivers, each at least once and in order.

use std::io::Write;
use std::sync::mpsc::{self, Sender};
use std::time::Duration;

use ccs_audit::Reader;
use ccs_audit::ship::{Outbox, Progress, Sink, Step};
use ccs_integrity::file;
use serde_json::{Value, json};

use crate::args::audit_send::Ship;
use crate::audit::config::{Config, Destination};
use crate::audit::{Trail, sink};
use crate::exit::{Code, Stop};
use crate::output::human::{self, Level, Line};
use crate::output::{Output, json};

/// How long to wait when there is nothing to send.
const PAUSE: Duration = Duration::from_millis(500);

pub(super) fn ship(args: &Ship, trail: &Trail<'_>, output: &mut Output) -> anyhow::Result<Code> {
    let config = Config::read(trail.places)?;
    let chosen = chosen(args, &config)?;
    if args.status {
        return status(args, &chosen, trail, output);
    }
    let mut ways = Vec::new();
    for one in &chosen {
        ways.push(Way::open(one, args.from_now, trail)?);
    }
    match args.follow {
        true => follow(ways, output),
        false => once(args, ways, output),
    }
}

fn chosen<'c>(args: &Ship, config: &'c Config) -> Result<Vec<&'c Destination>, Stop> {
    let all = &config.destinations;
    if all.is_empty() {
        let stop = Stop::new(Code::Usage, "no destination is configured");
        return Err(stop.next("name one in audit-config.json; docs/AUDIT.md shows how"));
    }
    if args.names.is_empty() {
        return Ok(all.iter().collect());
    }
    let find = |name: &String| {
        all.iter().find(|one| one.name == *name).ok_or_else(|| {
            let names: Vec<&str> = all.iter().map(|one| one.name.as_str()).collect();
            let stop = Stop::new(Code::Usage, format!("there is no destination `{name}`"));
            stop.next(format!("there are: {}", names.join(", ")))
        })
    };
    args.names.iter().map(find).collect()
}

/// The log's end, the receiver's end, and what is between them.
struct Way {
    name: String,
    reader: Reader,
    outbox: Outbox,
    sink: Box<dyn Sink + Send>,
}

impl Way {
    fn open(one: &Destination, from_now: bool, trail: &Trail<'_>) -> anyhow::Result<Self> {
        let reader = match one.details {
            true => trail.reader()?,
            false => trail.sealed_reader()?,
        };
        let mut outbox = Outbox::open(&trail.folder, &one.name)?;
        if let (true, None, Some(last)) = (from_now, outbox.progress().last, reader.last()?) {
            outbox.begin_after(last)?;
        }
        Ok(Way {
            name: one.name.clone(),
            sink: sink::open(one, trail.places)?,
            reader,
            outbox,
        })
    }

    fn step(&mut self) -> ccs_audit::Result<Step> {
        self.outbox.step(&mut self.reader, &mut *self.sink)
    }
}

/// Sends what there is. A receiver that does not take it makes the exit code 5.
fn once(args: &Ship, ways: Vec<Way>, output: &mut Output) -> anyhow::Result<Code> {
    let (mut code, mut told) = (Code::Ok, Vec::new());
    for mut way in ways {
        let mut sent = 0;
        let waiting = loop {
            match way.step()? {
                Step::Sent { count, .. } => sent += count,
                Step::Idle => break None,
                Step::Waiting { pause, why } => break Some((pause, why)),
            }
        };
        if waiting.is_some() {
            code = Code::File;
        }
        told.push(outcome(&way, sent, waiting));
    }
    if args.json.json {
        let values: Vec<&Value> = told.iter().map(|(_, value)| value).collect();
        json::value(output, &values)?;
    } else {
        told.iter()
            .try_for_each(|(line, _)| human::line(output, line))?;
    }
    Ok(code)
}

fn outcome(way: &Way, sent: usize, waiting: Option<(Duration, String)>) -> (Line, Value) {
    let (name, progress) = (&way.name, way.outbox.progress());
    let mut value = json!({"name": name, "sent": sent, "progress": progress});
    let line = match waiting {
        None => {
            let text = format!("`{name}`: {sent} sent, {} in all", progress.sent);
            Line::new(Level::Done, "ship", with_refused(text, progress))
        }
        Some((pause, why)) => {
            let seconds = pause.as_secs();
            value["waiting"] = json!({"seconds": seconds, "why": why});
            let text = format!("`{name}`: {sent} sent; then: {}", plain(&why));
            Line::warn("ship", with_refused(text, progress)).fix(format!(
                "it is left alone for {seconds} s; run the command again after that"
            ))
        }
    };
    (line, value)
}

fn with_refused(text: String, progress: &Progress) -> String {
    match progress.refused {
        0 => text,
        count => format!("{text}; {count} were refused for good, --status names them"),
    }
}

/// What a receiver says is not ours.
fn plain(text: &str) -> String {
    crate::output::audit::plain(text, 300)
}

/// Each receiver has a thread of its own, so that one that is down does not hold up the others.
fn follow(ways: Vec<Way>, output: &mut Output) -> anyhow::Result<Code> {
    let (news, heard) = mpsc::channel();
    for way in ways {
        let news = news.clone();
        std::thread::spawn(move || go_on(way, &news));
    }
    drop(news);
    for text in heard {
        writeln!(output, "{text}")?;
        output.flush()?;
    }
    // threads end when the log can no longer be read or progress not be kept
    Ok(Code::File)
}

fn go_on(mut way: Way, news: &Sender<String>) {
    let mut was_waiting = false;
    loop {
        let (text, pause) = match way.step() {
            Ok(Step::Sent { count, last }) => {
                was_waiting = false;
                (
                    format!("{}: {count} sent, up to entry {last}", way.name),
                    None,
                )
            }
            Ok(Step::Idle) => (String::new(), Some(PAUSE)),
            Ok(Step::Waiting { pause, why }) => {
                let text = format!("{}: waiting: {}", way.name, plain(&why));
                let text = if was_waiting { String::new() } else { text };
                was_waiting = true;
                (text, Some(pause))
            }
            Err(error) => {
                let _ = news.send(format!("{}: stopped: {error}", way.name));
                return;
            }
        };
        if !text.is_empty() && news.send(text).is_err() {
            return;
        }
        if let Some(pause) = pause {
            std::thread::sleep(pause);
        }
    }
}

fn status(
    args: &Ship,
    chosen: &[&Destination],
    trail: &Trail<'_>,
    output: &mut Output,
) -> anyhow::Result<Code> {
    let last = trail.sealed_reader()?.last()?;
    let mut values = Vec::new();
    for one in chosen {
        let progress = progress(trail, &one.name)?;
        let behind = last.map_or(0, |last| last + 1) - progress.last.map_or(0, |seq| seq + 1);
        if args.json.json {
            values.push(json!({"name": one.name, "behind": behind, "progress": progress}));
            continue;
        }
        human::line(output, &standing(&one.name, behind, &progress))?;
        for (seq, why) in &progress.refusals {
            let text = format!("  entry {seq} was refused for good: {}", plain(why));
            human::line(output, &Line::warn("refused", text))?;
        }
    }
    if args.json.json {
        json::value(output, &values)?;
    }
    Ok(Code::Ok)
}

fn standing(name: &str, behind: u64, progress: &Progress) -> Line {
    let text = format!("`{name}`: {} sent, {behind} to go", progress.sent);
    match progress.failures {
        0 => Line::ok("ship", text),
        failures => {
            let why = plain(&progress.failure);
            Line::warn(
                "ship",
                format!("{text}; failed {failures} times in a row: {why}"),
            )
        }
    }
}

/// Read without the lock that the one who ships holds.
fn progress(trail: &Trail<'_>, name: &str) -> anyhow::Result<Progress> {
    let path = trail.folder.join(format!("ship-{name}.json"));
    let Some(bytes) = file::read(&path)? else {
        return Ok(Progress::default());
    };
    let read = serde_json::from_slice(&bytes);
    Ok(read.map_err(|error| {
        let what = format!("`{}`: {error}", path.display());
        Stop::new(Code::Refused, what).next("delete it: the receiver gets everything again")
    })?)
}
