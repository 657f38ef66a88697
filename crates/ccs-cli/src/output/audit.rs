//! Entries of the log, as people see them. What they quote was written by others: nothing in it
//! reaches the terminal as more than text.

use std::io::{self, Write};

use ccs_audit::{Details, Record, Stats, Stored};
use serde_json::Value;

use super::Output;
use super::foreign::is_format;
use super::human::{self, Paint};
use crate::audit::when;

/// The longest text in a line of a list, in characters.
const MAX_TARGET: usize = 100;

/// One line about an entry.
pub(crate) fn line(output: &mut Output, stored: &Stored) -> io::Result<()> {
    let record = &stored.record;
    let decision = decision(output, &record.decision, 7);
    let rules = match record.rules.as_slice() {
        [] => String::new(),
        rules => format!("[{}] ", plain(&rules.join(" "), 60)),
    };
    let line = format!(
        "{:>7}  {}  {decision}  {:<16}  {:<10}  {rules}{}",
        record.seq,
        when::second(record.time),
        plain(&record.event, 16),
        plain(&record.tool, 24),
        plain(&record.target, MAX_TARGET),
    );
    writeln!(output, "{}", line.trim_end())
}

/// All that is known of an entry.
pub(crate) fn entry(output: &mut Output, stored: &Stored) -> io::Result<()> {
    let record = &stored.record;
    let rules = record.rules.join(" ");
    let lines = [
        ("entry", record.seq.to_string()),
        ("time", record.time.to_string()),
        ("kind", record.event.clone()),
        ("session", record.session.clone()),
        ("user", record.user.clone()),
        ("agent", record.agent.clone()),
        ("tool", record.tool.clone()),
        ("decision", record.decision.clone()),
        ("rules", rules),
        ("target", record.target.clone()),
        ("host", record.host.clone()),
        ("input", input(record)),
        ("clock", clock(record)),
        ("epoch", record.epoch.to_string()),
        ("leaf", stored.leaf.to_string()),
        ("tag", stored.mac.to_string()),
    ];
    for (name, text) in lines.iter().filter(|(_, text)| !text.is_empty()) {
        writeln!(output, "{name:<9} {}", plain(text, 4 << 10))?;
    }
    details(output, &record.details)
}

fn input(record: &Record) -> String {
    let hash = record.input.map(|hash| format!("sha256 {hash}"));
    hash.unwrap_or_default()
}

fn clock(record: &Record) -> String {
    match record.clock_step_us {
        0 => String::new(),
        step => format!("was set by {:+.1} s before this entry", step as f64 / 1e6),
    }
}

fn details(output: &mut Output, details: &Details) -> io::Result<()> {
    let text = match details {
        Details::None => return Ok(()),
        Details::Sealed(_) => return writeln!(output, "details   encrypted, and there is no key"),
        Details::Erased => return writeln!(output, "details   erased"),
        Details::Text(text) => text,
    };
    writeln!(output, "details")?;
    match serde_json::from_str(text) {
        Ok(Value::Object(fields)) => fields
            .iter()
            .try_for_each(|(name, value)| field(output, name, value)),
        _ => paragraph(output, text),
    }
}

fn field(output: &mut Output, name: &str, value: &Value) -> io::Result<()> {
    let name = plain(name, 60);
    match value {
        Value::Null => Ok(()),
        Value::String(text) if text.contains('\n') => {
            writeln!(output, "  {name}:")?;
            paragraph(output, text)
        }
        Value::String(text) => writeln!(output, "  {name}: {}", plain(text, 4 << 10)),
        other => writeln!(output, "  {name}: {}", plain(&other.to_string(), 4 << 10)),
    }
}

/// Lines under each other; those of a difference in their colours.
fn paragraph(output: &mut Output, text: &str) -> io::Result<()> {
    for line in text.lines() {
        let shown = plain(line, 4 << 10);
        let shown = match line.as_bytes().first() {
            Some(b'+') => human::paint(output, Paint::Good, &shown),
            Some(b'-') => human::paint(output, Paint::Bad, &shown),
            _ => shown,
        };
        writeln!(output, "    {shown}")?;
    }
    Ok(())
}

/// How many of what.
pub(crate) fn stats(output: &mut Output, stats: &Stats) -> io::Result<()> {
    let megabytes = stats.bytes as f64 / 1e6;
    let (entries, segments) = (stats.entries, stats.segments);
    writeln!(
        output,
        "{entries} entries in {segments} segments, {megabytes:.1} MB"
    )?;
    if let Some((from, to)) = stats.span {
        writeln!(
            output,
            "from {} to {}",
            when::second(from),
            when::second(to)
        )?;
    }
    let groups = [
        ("decisions", &stats.decisions),
        ("kinds", &stats.events),
        ("tools", &stats.tools),
        ("rules", &stats.rules),
        ("sessions", &stats.sessions),
        ("agents", &stats.agents),
        ("users", &stats.users),
    ];
    for (name, counts) in groups.into_iter().filter(|(_, counts)| !counts.is_empty()) {
        let title = human::heading(output, name);
        writeln!(output, "\n{title}")?;
        let mut counts: Vec<_> = counts.iter().collect();
        counts.sort_by_key(|(name, count)| (std::cmp::Reverse(**count), (*name).clone()));
        for (value, count) in counts.iter().take(20) {
            writeln!(output, "{count:>9}  {}", plain(value, MAX_TARGET))?;
        }
        if let Some(more) = counts.len().checked_sub(20).filter(|more| *more > 0) {
            writeln!(output, "           and {more} more")?;
        }
    }
    Ok(())
}

/// The word for a decision in its colour, so wide.
fn decision(output: &Output, word: &str, width: usize) -> String {
    let shown = format!("{:<width$}", plain(word, width));
    match word {
        "deny" => human::paint(output, Paint::Bad, &shown),
        "ask" | "rewrite" => human::paint(output, Paint::Warn, &shown),
        "allow" | "approve" => human::paint(output, Paint::Good, &shown),
        _ => shown,
    }
}

/// The text on one line, at most so many characters, without what steers a terminal or hides in
/// it.
pub(crate) fn plain(text: &str, limit: usize) -> String {
    let mut shown = String::with_capacity(text.len().min(limit));
    for (place, letter) in text.chars().enumerate() {
        if place == limit {
            shown.pop();
            shown.push('…');
            break;
        }
        shown.push(if is_hidden(letter) {
            '\u{FFFD}'
        } else {
            letter
        });
    }
    shown
}

pub(crate) fn is_hidden(letter: char) -> bool {
    letter.is_control() || is_format(letter)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_entries_quote_cannot_steer_a_terminal() {
        assert_eq!(
            plain("a\u{1b}[2J\nb\u{202e}c", 99),
            "a\u{FFFD}[2J\u{FFFD}b\u{FFFD}c"
        );
        assert_eq!(plain("äöüß", 4), "äöüß");
        assert_eq!(plain("äöüßx", 4), "äöü…");
    }
}
