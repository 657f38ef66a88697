//! Comma-separated values (RFC 4180), safe to open in a spreadsheet.

use super::details_text;
use crate::read::Stored;

const COLUMNS: [&str; 16] = [
    "seq",
    "time",
    "event",
    "session",
    "user",
    "agent",
    "tool",
    "decision",
    "rules",
    "target",
    "host",
    "input_sha256",
    "details",
    "epoch",
    "leaf",
    "mac",
];

/// The names of the columns, with the line's end.
#[must_use]
pub fn csv_header() -> String {
    format!("{}\r\n", COLUMNS.join(","))
}

/// One line, with its end.
#[must_use]
pub fn csv(stored: &Stored) -> String {
    let record = &stored.record;
    let input = record
        .input
        .map(|hash| hash.to_string())
        .unwrap_or_default();
    let cells = [
        &record.seq.to_string(),
        &record.time.to_string(),
        &record.event,
        &record.session,
        &record.user,
        &record.agent,
        &record.tool,
        &record.decision,
        &record.rules.join(" "),
        &record.target,
        &record.host,
        &input,
        details_text(record),
        &record.epoch.to_string(),
        &stored.leaf.to_string(),
        &stored.mac.to_string(),
    ];
    format!("{}\r\n", cells.map(cell).join(","))
}

/// A spreadsheet takes a cell that begins with one of these for a formula and computes it. An
/// apostrophe in front makes it text.
fn cell(text: &str) -> String {
    let formula = text.starts_with([
        '=', '+', '-', '@', '\t', '\r', '\n', '|', '%', '＝', '＋', '－', '＠',
    ]);
    let text = if formula {
        format!("'{text}")
    } else {
        text.to_owned()
    };
    if text.contains([',', '"', '\r', '\n', ';', '\'', '\t']) {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text
    }
}
