//! A whole log, or what fits a filter, as one stream.

use std::fmt;
use std::io::{self, Write};
use std::str::FromStr;

use super::{csv, csv_header, json, legacy, ocsf};
use crate::hash::Hash;
use crate::query::Filter;
use crate::read::{Reader, Stored};

/// Entries read at once.
const PAGE: usize = 1_000;

/// What an export is written as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// One JSON object a line, with every field.
    Jsonl,
    /// Comma-separated values with a header.
    Csv,
    /// One OCSF event a line.
    Ocsf,
    /// One object of the original's shape a line.
    Legacy,
}

impl Format {
    const ALL: [(Self, &'static str); 4] = [
        (Self::Jsonl, "jsonl"),
        (Self::Csv, "csv"),
        (Self::Ocsf, "ocsf"),
        (Self::Legacy, "legacy"),
    ];
}

impl FromStr for Format {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let known = Self::ALL.into_iter().find(|(_, name)| *name == text);
        known.map(|(format, _)| format).ok_or_else(|| {
            let names = Self::ALL.map(|(_, name)| name).join(", ");
            format!("`{text}` is none of {names}")
        })
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let known = Self::ALL.into_iter().find(|(format, _)| format == self);
        f.write_str(known.map_or("", |(_, name)| name))
    }
}

/// Writes the entries that fit, the oldest first, and returns how many there were.
///
/// # Errors
///
/// Why the log could not be read (as [`io::Error::other`] of the crate's error) or `out` not be
/// written.
pub fn write(
    reader: &mut Reader,
    filter: &Filter,
    format: Format,
    out: &mut impl Write,
) -> io::Result<u64> {
    if format == Format::Csv {
        out.write_all(csv_header().as_bytes())?;
    }
    let limit = if filter.limit == 0 {
        u64::MAX
    } else {
        filter.limit as u64
    };
    let mut count = 0;
    let mut put = |stored: &Stored, before: Option<Hash>| {
        count += 1;
        out.write_all(line(format, stored, before).as_bytes())?;
        Ok(count < limit)
    };
    if format == Format::Legacy {
        in_order(reader, filter, &mut put)?;
    } else {
        indexed(reader, filter, &mut put)?;
    }
    out.flush()?;
    Ok(count)
}

type Put<'a> = dyn FnMut(&Stored, Option<Hash>) -> io::Result<bool> + 'a;

/// Only what fits is read.
fn indexed(reader: &mut Reader, filter: &Filter, put: &mut Put<'_>) -> io::Result<()> {
    let oldest_first = true;
    let filter = Filter {
        oldest_first,
        ..filter.clone()
    };
    let mut failed = None;
    let all = reader.each(&filter, |stored| {
        Ok(put(&stored, None).unwrap_or_else(|error| {
            failed = Some(error);
            false
        }))
    });
    all.map_err(io::Error::other)?;
    failed.map_or(Ok(()), Err)
}

/// Everything is read, because every entry needs the tag of the one before.
fn in_order(reader: &mut Reader, filter: &Filter, put: &mut Put<'_>) -> io::Result<()> {
    let (mut last, mut before) = (None, None);
    loop {
        let page = reader.after(last, PAGE).map_err(io::Error::other)?;
        let Some(end) = page.last() else {
            return Ok(());
        };
        last = Some(end.record.seq);
        for stored in &page {
            if filter.matches(stored) && !put(stored, before)? {
                return Ok(());
            }
            before = Some(stored.mac);
        }
    }
}

fn line(format: Format, stored: &Stored, before: Option<Hash>) -> String {
    match format {
        Format::Jsonl => format!("{}\n", json(stored)),
        Format::Csv => csv(stored),
        Format::Ocsf => format!("{}\n", ocsf(stored)),
        Format::Legacy => format!("{}\n", legacy(stored, before)),
    }
}
