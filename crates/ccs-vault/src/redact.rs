//! Keeping known values out of a stream.

mod forms;
mod search;

use std::io::{self, Write};

use zeroize::Zeroizing;

use crate::{Name, Secret};
use search::Forms;

/// The shortest form that is looked for. Shorter ones occur by chance.
const SHORTEST: usize = 4;

/// Writes to a sink what is written to it, with every known value replaced by `[ccs:NAME]`: plain,
/// in base64 at any offset and in hex, both also broken over lines, percent-encoded, and escaped as
/// JSON and shells do.
///
/// A value that comes in several pieces is replaced as well: what may be the beginning of one is
/// held back until it is known not to be. [`finish`](Self::finish) writes what is still held;
/// so does dropping, except that nobody hears of an error then.
///
/// Values of less than four bytes are not looked for; [`skipped`](Self::skipped) names them.
pub struct Redactor<W: Write> {
    sink: Option<W>,
    forms: Forms,
    held: Zeroizing<Vec<u8>>,
    /// How many digits of an encoding stand before what is held.
    run: usize,
    skipped: Vec<Name>,
}

impl<W: Write> Redactor<W> {
    /// A filter for these values.
    pub fn new<'a>(sink: W, secrets: impl IntoIterator<Item = (&'a Name, &'a Secret)>) -> Self {
        let (mut forms, mut skipped) = (Forms::default(), Vec::new());
        for (name, secret) in secrets {
            if secret.expose().len() < SHORTEST {
                skipped.push(name.clone());
            } else {
                forms.add(name, secret.expose());
            }
        }
        forms.sort();
        Self {
            sink: Some(sink),
            forms,
            held: Zeroizing::new(Vec::new()),
            run: 0,
            skipped,
        }
    }

    /// The entries whose values are too short to be looked for.
    #[must_use]
    pub fn skipped(&self) -> &[Name] {
        &self.skipped
    }

    /// Writes what is held back, and returns the sink.
    ///
    /// # Errors
    ///
    /// What the sink says.
    pub fn finish(mut self) -> io::Result<W> {
        self.end()?;
        self.sink
            .take()
            .ok_or_else(|| io::Error::other("already finished"))
    }

    fn end(&mut self) -> io::Result<()> {
        let rest = std::mem::take(&mut self.held);
        let Some(sink) = self.sink.as_mut() else {
            return Ok(());
        };
        let left = self.forms.replace(&rest, self.run, sink, true)?;
        debug_assert_eq!(left, rest.len());
        sink.flush()
    }
}

impl<W: Write> Write for Redactor<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut text = Zeroizing::new(Vec::with_capacity(self.held.len() + bytes.len()));
        text.extend_from_slice(&self.held);
        text.extend_from_slice(bytes);
        let Some(sink) = self.sink.as_mut() else {
            return Ok(bytes.len());
        };
        let done = self.forms.replace(&text, self.run, sink, false)?;
        self.run = search::run(&text[..done], self.run);
        self.held = Zeroizing::new(text[done..].to_vec());
        Ok(bytes.len())
    }

    /// Flushes the sink. What may be the beginning of a value stays held.
    fn flush(&mut self) -> io::Result<()> {
        self.sink.as_mut().map_or(Ok(()), Write::flush)
    }
}

impl<W: Write> Drop for Redactor<W> {
    fn drop(&mut self) {
        let _ = self.end();
    }
}

#[cfg(test)]
mod tests;
