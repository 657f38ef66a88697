//! Stored values in a file of any length, piece by piece.

use std::io::{self, Read};

use ccs_vault::{Fingerprints, Match};

/// How much is looked at together.
const PIECE: usize = 8 << 20;
/// How much of a piece is looked at again with the next: more than the longest value takes up in
/// its longest form.
const OVERLAP: usize = 1 << 20;

/// Where something begins; lines and columns count from 1, columns in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) line: u64,
    pub(crate) column: u64,
}

/// Tells of every stored value in a file.
pub(crate) fn each(
    file: impl Read,
    prints: &Fingerprints,
    hit: &mut dyn FnMut(Place, &Match<'_>),
) -> io::Result<()> {
    pieces(file, PIECE, OVERLAP, &mut |bytes, end, mut at| {
        let (mut done, mut from) = (end, 0);
        for found in prints.find_in(bytes) {
            if found.start < end {
                at = at.after(&bytes[from..found.start]);
                from = found.start;
                done = done.max(found.end);
                hit(at, &found);
            }
        }
        done
    })
}

/// Reads piece by piece. `look` gets a piece, where what is new to the next piece ends, and the
/// place of its beginning; it returns how much of it is done with.
fn pieces(
    mut file: impl Read,
    size: usize,
    overlap: usize,
    look: &mut dyn FnMut(&[u8], usize, Place) -> usize,
) -> io::Result<()> {
    let mut bytes = Vec::new();
    let mut at = Place { line: 1, column: 1 };
    loop {
        let wanted = (size + overlap).saturating_sub(bytes.len());
        let read = file.by_ref().take(wanted as u64).read_to_end(&mut bytes)?;
        if read < wanted {
            look(&bytes, bytes.len(), at);
            return Ok(());
        }
        let done = look(&bytes, size, at);
        at = at.after(&bytes[..done]);
        bytes.drain(..done);
    }
}

impl Place {
    /// The place that comes after these bytes.
    fn after(self, bytes: &[u8]) -> Self {
        let breaks = bytes.iter().filter(|&&byte| byte == b'\n').count() as u64;
        match bytes.iter().rposition(|&byte| byte == b'\n') {
            None => Self {
                column: self.column + bytes.len() as u64,
                ..self
            },
            Some(last) => Self {
                line: self.line + breaks,
                column: (bytes.len() - last) as u64,
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What stands for a stored value here.
    const VALUE: &[u8] = b"needle";

    fn places(text: &[u8], size: usize) -> Vec<Place> {
        let mut places = Vec::new();
        pieces(text, size, 8, &mut |bytes, end, at| {
            let starts = (0..end).filter(|&start| bytes[start..].starts_with(VALUE));
            let starts: Vec<usize> = starts.collect();
            places.extend(starts.iter().map(|&start| at.after(&bytes[..start])));
            starts
                .last()
                .map_or(end, |&start| end.max(start + VALUE.len()))
        })
        .expect("bytes in memory are read");
        places
    }

    #[test]
    fn a_value_is_found_once_wherever_the_pieces_end() {
        let text = b"one\nneedle two needle\n\nthree\nneedle";
        let all = [(2, 1), (2, 12), (5, 1)].map(|(line, column)| Place { line, column });
        for size in 1..text.len() + 2 {
            assert_eq!(places(text, size), all, "pieces of {size}");
        }
    }
}
