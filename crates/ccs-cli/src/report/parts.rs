//! The parts of the page below the pictures.

use std::fmt::Write;

use ccs_audit::{Details, Record, Stored, change};
use serde_json::{Map, Value};

use super::chart;
use super::gather::{Counts, Data, Kind, Session};
use super::html::{clipped, escaped, number, time};

/// The most rules and tools that are listed.
const MAX_RANKED: usize = 15;
/// The longest target in a list, in characters.
const MAX_TARGET: usize = 160;
/// The longest text of a detail, in characters.
const MAX_TEXT: usize = 6_000;

/// Names with their counts, the most first.
pub(super) fn ranked(title: &str, counts: &[(String, Counts)], none: &str) -> String {
    let mut part = format!("<section class=\"panel\"><h2>{title}</h2>");
    let Some(most) = counts.first().map(|(_, counts)| counts.all()) else {
        let _ = write!(part, "<p class=\"none\">{none}</p></section>");
        return part;
    };
    part.push_str("<ol class=\"ranked\">");
    for (name, counts) in counts.iter().take(MAX_RANKED) {
        let said: Vec<String> = chart::present(counts)
            .map(|(kind, count)| format!("{} {}", number(count), kind.class()))
            .collect();
        let _ = write!(
            part,
            "<li title=\"{}\"><span class=\"name\">{}</span><span class=\"count\">{}</span>{}</li>",
            escaped(&said.join(", ")),
            clipped(name, 60),
            number(counts.all()),
            chart::share(counts, most)
        );
    }
    part.push_str("</ol>");
    more(&mut part, counts.len(), MAX_RANKED);
    part.push_str("</section>");
    part
}

fn more(part: &mut String, count: usize, shown: usize) {
    if count > shown {
        let _ = write!(
            part,
            "<p class=\"more\">and {} more</p>",
            number((count - shown) as u64)
        );
    }
}

/// Calls that were denied or asked about.
pub(super) fn stopped(data: &Data) -> String {
    let all = data.counts.of(Kind::Deny) + data.counts.of(Kind::Ask);
    let about = shown_of(data.stopped.len(), all, "stopped or asked about");
    list(
        "stopped",
        "Stopped calls",
        &about,
        &data.stopped,
        "No call was stopped or asked about.",
        call,
    )
}

/// Files that calls changed, with what changed in them.
pub(super) fn changes(data: &Data) -> String {
    let about = shown_of(data.changes.len(), data.change_count, "changes");
    list(
        "changes",
        "Changed files",
        &about,
        &data.changes,
        "No change of a watched file is recorded.",
        call,
    )
}

/// Alerts and incidents.
pub(super) fn notable(data: &Data) -> String {
    if data.notable.is_empty() {
        return String::new();
    }
    let about = shown_of(
        data.notable.len(),
        data.notable_count,
        "alerts and incidents",
    );
    list(
        "alerts",
        "Alerts and incidents",
        &about,
        &data.notable,
        "",
        call,
    )
}

fn shown_of(shown: usize, all: u64, what: &str) -> String {
    let (shown, all) = (shown as u64, all);
    match shown == all {
        true => format!("{} {what}", number(all)),
        false => format!("the newest {} of {} {what}", number(shown), number(all)),
    }
}

fn list(
    id: &str,
    title: &str,
    about: &str,
    entries: &[Stored],
    none: &str,
    row: fn(&Record) -> String,
) -> String {
    let mut part = format!(
        "<section class=\"panel\" id=\"{id}\" aria-labelledby=\"{id}-title\">\
         <h2 id=\"{id}-title\">{title} <small>{about}</small></h2>"
    );
    if entries.is_empty() {
        let _ = write!(part, "<p class=\"none\">{none}</p>");
    }
    for stored in entries {
        part.push_str(&row(&stored.record));
    }
    part.push_str("</section>");
    part
}

/// One entry that opens: what was to be done, and why it was not.
fn call(record: &Record) -> String {
    let kind = Kind::of(&record.decision);
    let badge = match (record.decision.as_str(), record.event.as_str()) {
        (_, change::EVENT) => "changed",
        ("", event) => event,
        (decision, _) => decision,
    };
    let tool = if record.tool.is_empty() {
        String::new()
    } else {
        format!("<b class=\"tool\">{}</b> ", clipped(&record.tool, 40))
    };
    let rules: String = record
        .rules
        .iter()
        .map(|rule| format!("<span class=\"rule\">{}</span>", clipped(rule, 60)))
        .collect();
    let fields = fields(record);
    let why = why(&fields).map_or_else(String::new, |why| {
        format!("<span class=\"why\">{}</span>", clipped(why, MAX_TARGET))
    });
    format!(
        "<details class=\"row\" data-kind=\"{0}\"><summary><span class=\"badge {0}\">{1}</span>\
         <span class=\"what\">{tool}<code>{2}</code>{why}</span><span class=\"rules\">{rules}</span>\
         {3}</summary><div class=\"inside\">{4}</div></details>",
        kind.class(),
        clipped(badge, 24),
        clipped(what(record, &fields), MAX_TARGET),
        time(record.time),
        inside(record, &fields)
    )
}

/// The details, if they are fields.
fn fields(record: &Record) -> Map<String, Value> {
    match &record.details {
        Details::Text(text) => serde_json::from_str(text).unwrap_or_default(),
        _ => Map::new(),
    }
}

/// The whole command or address if it is kept, what it was done to otherwise.
fn what<'a>(record: &'a Record, fields: &'a Map<String, Value>) -> &'a str {
    let kept = ["command", "url"]
        .iter()
        .find_map(|name| fields.get(*name)?.as_str());
    kept.unwrap_or(&record.target)
}

/// The first reason.
fn why(fields: &Map<String, Value>) -> Option<&str> {
    fields.get("findings")?.get(0)?.get("title")?.as_str()
}

/// All that is known of an entry.
fn inside(record: &Record, told: &Map<String, Value>) -> String {
    let input = record
        .input
        .map(|hash| hash.to_string())
        .unwrap_or_default();
    let fields = [
        ("entry", record.seq.to_string()),
        ("kind", record.event.clone()),
        ("session", record.session.clone()),
        ("user", record.user.clone()),
        ("agent", record.agent.clone()),
        ("host", record.host.clone()),
        ("target", record.target.clone()),
        ("input", input),
    ];
    let mut inside = "<dl>".to_owned();
    for (name, value) in fields.iter().filter(|(_, value)| !value.is_empty()) {
        field(&mut inside, name, value);
    }
    match &record.details {
        Details::None => {}
        Details::Erased => field(&mut inside, "details", "erased"),
        Details::Sealed(_) => field(
            &mut inside,
            "details",
            "encrypted, and there was no key to open them",
        ),
        Details::Text(text) if told.is_empty() => field(&mut inside, "details", text),
        Details::Text(_) => details(&mut inside, told),
    }
    inside.push_str("</dl>");
    inside
}

fn field(inside: &mut String, name: &str, value: &str) {
    let (name, value) = (clipped(name, 60), clipped(value, MAX_TEXT));
    let _ = write!(inside, "<dt>{name}</dt><dd>{value}</dd>");
}

fn details(inside: &mut String, fields: &Map<String, Value>) {
    for (name, value) in fields {
        match value {
            Value::Null => {}
            Value::Array(all) if name == "findings" => findings(inside, all),
            Value::String(text) if name == "diff" => difference(inside, text),
            Value::String(text) if text.contains('\n') => {
                let (name, text) = (clipped(name, 60), clipped(text, MAX_TEXT));
                let _ = write!(inside, "<dt>{name}</dt><dd><pre>{text}</pre></dd>");
            }
            Value::String(text) => field(inside, name, text),
            Value::Array(all) if all.iter().all(Value::is_string) => {
                let words: Vec<&str> = all.iter().filter_map(Value::as_str).collect();
                field(inside, name, &words.join(", "));
            }
            other => field(inside, name, &other.to_string()),
        }
    }
}

/// What stood against a call: in a few words, why, and what was seen of it.
fn findings(inside: &mut String, all: &[Value]) {
    inside.push_str("<dt>findings</dt><dd><ul class=\"findings\">");
    for finding in all {
        let text = |name: &str| finding[name].as_str().unwrap_or_default();
        let _ = write!(
            inside,
            "<li><b>{}</b> <span class=\"rule\">{} · {}</span>",
            clipped(text("title"), 300),
            clipped(text("rule"), 80),
            clipped(text("severity"), 20)
        );
        for (name, element) in [("why", "p"), ("evidence", "pre")] {
            if !text(name).is_empty() {
                let _ = write!(
                    inside,
                    "<{element}>{}</{element}>",
                    clipped(text(name), 2_000)
                );
            }
        }
        inside.push_str("</li>");
    }
    inside.push_str("</ul></dd>");
}

/// A unified diff, line by line.
fn difference(inside: &mut String, text: &str) {
    if text.is_empty() {
        return;
    }
    inside.push_str("<dt>diff</dt><dd><pre class=\"diff\">");
    for line in text.lines() {
        let class = match line.as_bytes().first() {
            Some(b'+') => "plus",
            Some(b'-') => "minus",
            Some(b'@') => "at",
            _ => "same",
        };
        let line = clipped(line, 600);
        let _ = writeln!(inside, "<span class=\"{class}\">{line}</span>");
    }
    inside.push_str("</pre></dd>");
}

pub(super) fn sessions(data: &Data) -> String {
    let about = shown_of(data.sessions.len(), data.session_count as u64, "sessions");
    let mut part = format!(
        "<section class=\"panel\" id=\"sessions\"><h2>Sessions <small>{about}</small></h2>"
    );
    if data.sessions.is_empty() {
        part.push_str("<p class=\"none\">No session is recorded.</p></section>");
        return part;
    }
    part.push_str(
        "<div class=\"wide\" tabindex=\"0\" role=\"region\" aria-label=\"Sessions\"><table><thead><tr>\
         <th scope=\"col\">Session</th><th scope=\"col\">Began</th><th scope=\"col\">Last entry</th>\
         <th scope=\"col\" class=\"n\">Entries</th><th scope=\"col\" class=\"n\">Denied</th>\
         <th scope=\"col\" class=\"n\">Asked</th><th scope=\"col\" class=\"n\">Changes</th>\
         <th scope=\"col\">Decisions</th></tr></thead><tbody>",
    );
    for session in &data.sessions {
        part.push_str(&row(session));
    }
    part.push_str("</tbody></table></div></section>");
    part
}

fn row(session: &Session) -> String {
    let Session {
        id,
        first,
        last,
        counts,
        changes,
        user,
    } = session;
    let user = match user.as_str() {
        "" => String::new(),
        user => format!(" <small>{}</small>", clipped(user, 40)),
    };
    format!(
        "<tr class=\"row\" data-kind=\"\"><th scope=\"row\"><code>{}</code>{user}</th><td>{}</td><td>{}</td>\
         <td class=\"n\">{}</td><td class=\"n\">{}</td><td class=\"n\">{}</td><td class=\"n\">{}</td>\
         <td>{}</td></tr>",
        clipped(id, 48),
        time(*first),
        time(*last),
        number(counts.all()),
        number(counts.of(Kind::Deny)),
        number(counts.of(Kind::Ask)),
        number(*changes),
        chart::share(counts, counts.all())
    )
}

/// What checking the log found.
pub(super) fn chain(data: &Data) -> String {
    let report = &data.checked;
    let root = report.root.map_or_else(
        || "not all entries are here".to_owned(),
        |root| root.to_string(),
    );
    let mut part =
        "<section class=\"panel\" id=\"chain\"><h2>Chain and witnesses</h2><dl class=\"chain\">"
            .to_owned();
    let fields = [
        ("log", report.origin.clone()),
        ("entries", number(report.entries)),
        ("segments", number(report.segments)),
        ("checkpoints", number(report.checkpoints)),
        ("epoch", number(report.epoch)),
        ("root of the tree", root),
        ("last tag", report.head.to_string()),
    ];
    for (name, value) in &fields {
        field(&mut part, name, value);
    }
    for witness in &data.witnesses {
        let signed = report.cosigned.iter().find(|one| one.witness == *witness);
        let said = signed.map_or_else(
            || "has cosigned nothing that is here".to_owned(),
            |one| {
                let at = ccs_audit::Time(0).plus_seconds(i64::try_from(one.time).unwrap_or(0));
                format!(
                    "cosigned the first {} entries at {}",
                    one.size,
                    crate::audit::when::second(at)
                )
            },
        );
        field(&mut part, &format!("witness {witness}"), &said);
    }
    part.push_str("</dl>");
    faults(&mut part, data);
    part.push_str("</section>");
    part
}

fn faults(part: &mut String, data: &Data) {
    let report = &data.checked;
    if !report.faults.is_empty() {
        part.push_str("<h3>What is wrong</h3><ul class=\"faults\">");
        for fault in &report.faults {
            let (name, text) = (fault.name(), escaped(&fault.to_string()));
            let _ = write!(
                part,
                "<li><span class=\"badge deny\">{name}</span> {text}</li>"
            );
        }
        part.push_str("</ul>");
        more(
            part,
            usize::try_from(report.fault_count).unwrap_or(0),
            report.faults.len(),
        );
    }
    if !report.unchecked.is_empty() {
        part.push_str("<h3>What was not checked</h3><ul class=\"unchecked\">");
        for one in &report.unchecked {
            let _ = write!(part, "<li>{}</li>", escaped(&one.to_string()));
        }
        part.push_str("</ul>");
    }
}
