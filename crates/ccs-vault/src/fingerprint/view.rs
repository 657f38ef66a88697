//! The ways a text is read: as it is, and every stretch of it that may be an encoding, decoded
//! once, each with the way back from decoded bytes to the place in the text.

mod base64;
pub(super) mod escape;
mod hex;
mod percent;

use std::ops::Range;

use super::Form;

/// A reading of the text, or of a stretch of it.
pub(crate) struct View<'a> {
    pub(crate) form: Form,
    pub(crate) bytes: &'a [u8],
    origin: Origin<'a>,
}

/// Where decoded bytes come from.
enum Origin<'a> {
    /// The same place.
    Same,
    /// Every byte of `width` characters, one each `step` characters.
    Even {
        start: usize,
        width: usize,
        step: usize,
    },
    /// Six bits of each character; characters at the places given.
    Sextets { run: &'a base64::Run, shift: usize },
    /// The byte at `i` begins at place `i`; one more place says where the last ends.
    Places(&'a [usize]),
}

impl<'a> View<'a> {
    pub(crate) fn plain(bytes: &'a [u8]) -> Self {
        Self {
            form: Form::Plain,
            bytes,
            origin: Origin::Same,
        }
    }

    /// The place in the text that these decoded bytes come from.
    pub(crate) fn source(&self, range: Range<usize>) -> Range<usize> {
        match self.origin {
            Origin::Same => range,
            Origin::Even { start, width, step } => {
                start + range.start * step..start + (range.end - 1) * step + width
            }
            Origin::Sextets { run, shift } => {
                let (first, end) = (range.start * 8 / 6, (range.end * 8).div_ceil(6));
                run.place(shift + first)..run.place(shift + end - 1) + 1
            }
            Origin::Places(places) => places[range.start]..places[range.end],
        }
    }
}

/// Shows every reading in which a value of at least `shortest` bytes may stand.
pub(crate) fn each(text: &[u8], shortest: usize, visit: &mut dyn FnMut(&View<'_>)) {
    visit(&View::plain(text));
    base64::each(text, shortest, visit);
    hex::each(text, shortest, visit);
    percent::each(text, visit);
    escape::each(text, visit);
}

/// The next stretch of at least `least` bytes of a kind, at or behind `from`. Looks at the end of
/// where one could be first, and so at few bytes of a text that has none.
fn stretch(
    text: &[u8],
    from: usize,
    least: usize,
    is_kind: impl Fn(u8) -> bool,
) -> Option<Range<usize>> {
    let mut start = from;
    loop {
        let window = text.get(start..start + least)?;
        match window.iter().rposition(|&byte| !is_kind(byte)) {
            Some(other) => start += other + 1,
            None => break,
        }
    }
    let rest = &text[start + least..];
    let more = rest.iter().position(|&byte| !is_kind(byte));
    Some(start..start + least + more.unwrap_or(rest.len()))
}
