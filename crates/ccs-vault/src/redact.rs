//! Keeping known values out of a stream.

mod forms;

use std::collections::HashMap;
use std::io::{self, Write};
use std::ops::Range;

use zeroize::Zeroizing;

use crate::{Name, Secret, fingerprint};

/// The shortest form that is looked for. Shorter ones occur by chance.
const SHORTEST: usize = 4;

/// The shortest value whose encoded forms are looked for.
const ENCODED: usize = 8;

/// Writes to a sink what is written to it, with every known value replaced by `[ccs:NAME]`: plain,
/// in base64 at any offset, in hex, percent-encoded, and escaped as JSON and shells do.
///
/// A value that comes in several pieces is replaced as well: what may be the beginning of one is
/// held back until it is known not to be. [`finish`](Self::finish) writes what is still held;
/// so does dropping, except that nobody hears of an error then.
///
/// Values of less than four bytes are not looked for; [`skipped`](Self::skipped) names them. An
/// encoding that is broken over several lines is not found either: that takes a whole text, and
/// [`Fingerprints`](crate::Fingerprints).
pub struct Redactor<W: Write> {
    sink: Option<W>,
    forms: Forms,
    held: Zeroizing<Vec<u8>>,
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
        let left = self.forms.replace(&rest, sink, true)?;
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
        let done = self.forms.replace(&text, sink, false)?;
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

/// Everything that is looked for.
#[derive(Default)]
struct Forms {
    /// Sorted, so that what a text may be the beginning of is found by halving.
    texts: Vec<(Zeroizing<Vec<u8>>, usize)>,
    /// The texts that begin with these four bytes.
    starts: HashMap<[u8; SHORTEST], Range<usize>>,
    /// Which first two bytes occur, one bit each.
    pairs: Vec<u64>,
    longest: usize,
    names: Vec<Name>,
}

impl Forms {
    fn add(&mut self, name: &Name, value: &[u8]) {
        self.names.push(name.clone());
        let name = self.names.len() - 1;
        self.texts.push((Zeroizing::new(value.to_vec()), name));
        let parts = fingerprint::parts(value);
        let wholes = [value]
            .into_iter()
            .chain(parts.iter().map(|part| &part[..]));
        for whole in wholes.filter(|whole| whole.len() >= ENCODED) {
            self.texts.push((Zeroizing::new(whole.to_vec()), name));
            self.texts
                .extend(forms::of(whole).into_iter().map(|form| (form, name)));
        }
    }

    fn sort(&mut self) {
        self.texts
            .sort_unstable_by(|(one, _), (two, _)| one[..].cmp(&two[..]));
        self.texts.dedup_by(|later, earlier| later.0 == earlier.0);
        self.longest = self
            .texts
            .iter()
            .map(|(text, _)| text.len())
            .max()
            .unwrap_or(0);
        self.pairs = vec![0; 1024];
        for (at, (text, _)) in self.texts.iter().enumerate() {
            let pair = pair(text);
            self.pairs[pair / 64] |= 1 << (pair % 64);
            let start = [text[0], text[1], text[2], text[3]];
            self.starts.entry(start).or_insert(at..at).end = at + 1;
        }
    }

    /// Writes `text` with everything replaced; returns how much of it is dealt with. Unless it is
    /// the end, what may go on as a value is left.
    fn replace(&self, text: &[u8], sink: &mut impl Write, end: bool) -> io::Result<usize> {
        let (mut written, mut at) = (0, 0);
        while at < text.len() {
            let rest = &text[at..];
            if !self.may_start(rest) {
                at += 1;
            } else if !end && self.may_go_on(rest) {
                break;
            } else if let Some((length, name)) = self.longest_in(rest) {
                sink.write_all(&text[written..at])?;
                sink.write_all(fingerprint::mark(name).as_bytes())?;
                at += length;
                written = at;
            } else {
                at += 1;
            }
        }
        sink.write_all(&text[written..at])?;
        Ok(at)
    }

    fn may_start(&self, rest: &[u8]) -> bool {
        let pair = pair(rest);
        rest.len() < 2
            || self
                .pairs
                .get(pair / 64)
                .is_some_and(|word| word >> (pair % 64) & 1 == 1)
    }

    /// Whether a longer text of ours begins so.
    fn may_go_on(&self, rest: &[u8]) -> bool {
        let first = self.texts.partition_point(|(text, _)| text[..] < *rest);
        let mut from_here = self.texts[first..].iter().map(|(text, _)| text);
        let longer = from_here.find(|text| text.len() != rest.len());
        rest.len() < self.longest && longer.is_some_and(|text| text.starts_with(rest))
    }

    /// The longest text of ours that `rest` begins with. Of several, the longest sorts last.
    fn longest_in(&self, rest: &[u8]) -> Option<(usize, &Name)> {
        let range = self.starts.get(rest.first_chunk::<SHORTEST>()?)?.clone();
        let mut texts = self.texts[range].iter().rev();
        let (text, name) = texts.find(|(text, _)| rest.starts_with(text))?;
        Some((text.len(), &self.names[*name]))
    }
}

fn pair(text: &[u8]) -> usize {
    match text {
        [one, two, ..] => usize::from(*one) << 8 | usize::from(*two),
        _ => 0,
    }
}

#[cfg(test)]
mod tests;
