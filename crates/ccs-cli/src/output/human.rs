//! Answers for people: one line each, worst in red.

use std::io::{self, Write};

use ccs_gate::{Decision, Finding, Mode};
use serde::Serialize;

use super::Output;

/// How a line is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Level {
    Ok,
    /// Was just changed.
    Done,
    /// Worth knowing; nothing to do about it here.
    Info,
    Warn,
    Fail,
}

/// One thing that was looked at or done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Line {
    pub(crate) level: Level,
    /// A name that stays the same from version to version.
    pub(crate) id: &'static str,
    pub(crate) text: String,
    /// One command or sentence that puts it right.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) fix: Option<String>,
}

impl Line {
    pub(crate) fn new(level: Level, id: &'static str, text: impl Into<String>) -> Self {
        Line {
            level,
            id,
            text: text.into(),
            fix: None,
        }
    }

    pub(crate) fn ok(id: &'static str, text: impl Into<String>) -> Self {
        Self::new(Level::Ok, id, text)
    }

    pub(crate) fn info(id: &'static str, text: impl Into<String>) -> Self {
        Self::new(Level::Info, id, text)
    }

    pub(crate) fn warn(id: &'static str, text: impl Into<String>) -> Self {
        Self::new(Level::Warn, id, text)
    }

    pub(crate) fn fail(id: &'static str, text: impl Into<String>) -> Self {
        Self::new(Level::Fail, id, text)
    }

    pub(crate) fn fix(mut self, fix: impl Into<String>) -> Self {
        self.fix = Some(fix.into());
        self
    }
}

/// What stands above lines about one thing.
pub(crate) fn heading(output: &Output, text: &str) -> String {
    paint(output, BOLD, text)
}

/// Writes lines under each other.
pub(crate) fn lines(output: &mut Output, lines: &[Line]) -> io::Result<()> {
    lines.iter().try_for_each(|each| line(output, each))
}

/// One line without colour, with what to do below it.
pub(crate) fn plain(line: &Line) -> String {
    let (word, _) = worded(line.level);
    match &line.fix {
        Some(fix) => format!("{word:<5} {}\n      -> {fix}\n", line.text),
        None => format!("{word:<5} {}\n", line.text),
    }
}

fn worded(level: Level) -> (&'static str, Paint) {
    match level {
        Level::Ok => ("ok", GREEN),
        Level::Done => ("done", GREEN),
        Level::Info => ("info", BLUE),
        Level::Warn => ("warn", YELLOW),
        Level::Fail => ("FAIL", RED),
    }
}

pub(crate) fn line(output: &mut Output, line: &Line) -> io::Result<()> {
    let (word, color) = worded(line.level);
    let word = paint(output, color, &format!("{word:<5}"));
    writeln!(output, "{word} {}", line.text)?;
    match &line.fix {
        Some(fix) => writeln!(output, "      -> {fix}"),
        None => Ok(()),
    }
}

/// Writes one finding with its reason and the safer way.
pub(crate) fn finding(output: &mut Output, finding: &Finding) -> io::Result<()> {
    let word = decision(output, finding.decision);
    writeln!(output, "{word} [{}] {}", finding.rule, finding.title)?;
    let parts = [
        (
            "found",
            Some(finding.evidence.as_str()).filter(|text| !text.is_empty()),
        ),
        ("why", Some(finding.why.as_ref())),
        ("instead", finding.instead.as_deref()),
    ];
    for (name, text) in parts {
        if let Some(text) = text {
            writeln!(output, "  {name:<8} {text}")?;
        }
    }
    Ok(())
}

/// The word for a mode, as policies spell it.
pub(crate) fn mode(mode: Mode) -> String {
    format!("{mode:?}").to_lowercase()
}

/// The word for a decision, in its colour.
pub(crate) fn decision(output: &Output, decision: Decision) -> String {
    let color = match decision {
        Decision::Allow => GREEN,
        Decision::Ask => YELLOW,
        Decision::Deny => RED,
    };
    paint(output, color, word(decision))
}

/// A decision without colour.
pub(crate) const fn word(decision: Decision) -> &'static str {
    match decision {
        Decision::Allow => "allow",
        Decision::Ask => "ask",
        Decision::Deny => "deny",
    }
}

/// How a word is meant, for its colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tone {
    Plain,
    Odd,
    Bad,
}

/// A word in the colour of what it means.
pub(crate) fn toned(output: &Output, tone: Tone, text: &str) -> String {
    match tone {
        Tone::Plain => text.to_owned(),
        Tone::Odd => paint(output, YELLOW, text),
        Tone::Bad => paint(output, RED, text),
    }
}

use Paint::{Bad as RED, Bold as BOLD, Good as GREEN, Info as BLUE, Warn as YELLOW};

/// How a word stands out; the number is that of the terminal's attribute.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Paint {
    Bold = 1,
    Bad = 31,
    Good = 32,
    Warn = 33,
    Info = 34,
}

pub(crate) fn paint(output: &Output, color: Paint, text: &str) -> String {
    if output.is_colored() {
        format!("\u{1b}[{}m{text}\u{1b}[0m", color as u8)
    } else {
        text.to_owned()
    }
}
