//! Entries of the vault, as people and programs see them: never a value.

use std::io::{self, Write};

use ccs_vault::{Kind, Length, Meta, Older, Recognised};
use serde::Serialize;

use super::Output;
use crate::vault::date;

/// An entry. Times are seconds since 1970, UTC.
#[derive(Serialize)]
pub(crate) struct Row<'a> {
    #[serde(flatten)]
    pub(crate) meta: &'a Meta,
    expired: bool,
    /// The program that gives the value, and its arguments.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) command: Option<Vec<String>>,
}

impl<'a> Row<'a> {
    pub(crate) fn new(meta: &'a Meta, now: u64) -> Self {
        Row {
            meta,
            expired: meta.is_expired(now),
            command: None,
        }
    }

    fn expiry(&self) -> String {
        match self.meta.expires {
            None => "-".to_owned(),
            Some(at) if self.expired => format!("{} EXPIRED", date::day(at)),
            Some(at) => date::day(at),
        }
    }
}

/// One line for each entry, under a heading.
pub(crate) fn table(output: &mut Output, rows: &[Row<'_>]) -> io::Result<()> {
    let heading = ["NAME", "CATEGORY", "HOLDS", "CHANGED", "EXPIRES"].map(str::to_owned);
    let cells = rows.iter().map(|row| {
        [
            row.meta.name.to_string(),
            row.meta.category.to_string(),
            kind(row.meta.kind).to_owned(),
            date::day(row.meta.updated),
            row.expiry(),
        ]
    });
    let cells: Vec<[String; 5]> = std::iter::once(heading).chain(cells).collect();
    let width = |column: usize| cells.iter().map(|row| row[column].chars().count()).max();
    let widths: Vec<usize> = (0..4).map(|column| width(column).unwrap_or(0)).collect();
    for [name, category, holds, changed, expires] in &cells {
        let [a, b, c, d] = widths[..] else { continue };
        let line = format!("{name:a$}  {category:b$}  {holds:c$}  {changed:d$}  {expires}");
        writeln!(output, "{line}")?;
    }
    Ok(())
}

/// All that is known of an entry.
pub(crate) fn entry(output: &mut Output, row: &Row<'_>) -> io::Result<()> {
    let meta = row.meta;
    let history = format!(
        "{} older kept, {} at most; rotated {} times",
        meta.older, meta.keep, meta.rotations
    );
    let command = row.command.as_ref().map(|words| words.join(" "));
    let lines = [
        ("name", Some(meta.name.to_string())),
        ("category", Some(meta.category.to_string())),
        (
            "holds",
            Some(format!("{}{}", kind(meta.kind), length(meta))),
        ),
        ("command", command),
        (
            "note",
            Some(meta.note.clone()).filter(|note| !note.is_empty()),
        ),
        ("created", Some(date::minute(meta.created))),
        ("changed", Some(date::minute(meta.updated))),
        ("expires", Some(row.expiry())),
        ("values", Some(history)),
        ("redacted", Some(recognised(meta.recognised).to_owned())),
    ];
    for (name, text) in lines {
        if let Some(text) = text {
            writeln!(output, "{name:<9} {text}")?;
        }
    }
    Ok(())
}

/// How long a value was the current one. Times are seconds since 1970, UTC.
#[derive(Serialize)]
pub(crate) struct Span {
    /// 0 is the current value, 1 the one before.
    older: usize,
    since: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    until: Option<u64>,
}

impl Span {
    pub(crate) fn current(since: u64) -> Self {
        Span {
            older: 0,
            since,
            until: None,
        }
    }

    pub(crate) fn older(age: usize, value: &Older) -> Self {
        Span {
            older: age,
            since: value.since,
            until: Some(value.until),
        }
    }
}

pub(crate) fn spans(output: &mut Output, spans: &[Span]) -> io::Result<()> {
    for span in spans {
        let since = date::minute(span.since);
        match span.until {
            None => writeln!(output, "{:<3} since {since}", span.older)?,
            Some(until) => {
                let until = date::minute(until);
                writeln!(output, "{:<3} from  {since} to {until}", span.older)?;
            }
        }
    }
    Ok(())
}

fn kind(kind: Kind) -> &'static str {
    match kind {
        Kind::Value => "value",
        Kind::Reference => "command",
        Kind::Totp => "codes",
        _ => "other",
    }
}

fn length(meta: &Meta) -> &'static str {
    match (meta.kind, meta.length) {
        (Kind::Value, Length::Short) => ", less than 16 bytes",
        (Kind::Value, Length::Medium) => ", 16 to 63 bytes",
        (Kind::Value, Length::Long) => ", 64 to 255 bytes",
        (Kind::Value, Length::Text) => ", 256 bytes or more",
        _ => "",
    }
}

fn recognised(recognised: Recognised) -> &'static str {
    match recognised {
        Recognised::Yes => "yes: the value is recognised in other texts",
        Recognised::TooShort => "no: the value has less than 8 bytes",
        Recognised::Predictable => "no: the value could be guessed",
        _ => "no: the vault does not hold the value",
    }
}
