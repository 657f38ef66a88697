//! Answers for programs: one JSON value and a newline.

use std::io::{self, Write};

use serde::Serialize;

use super::Output;

/// Writes one value, indented.
pub(crate) fn value(output: &mut Output, value: &impl Serialize) -> io::Result<()> {
    serde_json::to_writer_pretty(&mut *output, value)?;
    writeln!(output)
}

/// Writes one value on a line of its own.
pub(crate) fn line(output: &mut Output, value: &impl Serialize) -> anyhow::Result<()> {
    serde_json::to_writer(&mut *output, value)?;
    Ok(writeln!(output)?)
}
