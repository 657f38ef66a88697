//! The checkpoints of one segment, read once. What their signatures say does not depend on the
//! entries, so they are checked many at a time, before the replay comes to them.

use std::iter::Peekable;
use std::vec::IntoIter;

use super::signed::Signers;
use crate::checkpoint::Checkpoint;
use crate::hash::Hash;
use crate::keys::epoch_name;
use crate::log::next_key_line;
use crate::note::{self, Kind, Note, Verifier};
use crate::seam::Seam;

/// Signatures that are checked together: more are hardly cheaper.
#[cfg(feature = "batch")]
const BATCH: usize = 1024;

/// The log writes one line that names a key. A forged text of nothing else must not cost much.
const MAX_NEXT: usize = 4;

/// A segment's checkpoints in order.
pub(super) struct Checkpoints {
    notes: Peekable<IntoIter<Stored>>,
}

/// A checkpoint as the segment has it.
pub(super) struct Stored {
    pub(super) size: u64,
    pub(super) read: Result<Signed, note::Error>,
}

/// A checkpoint that can be read.
pub(super) struct Signed {
    pub(super) checkpoint: Checkpoint,
    pub(super) note: Note,
    /// The epochs it says it closes, each with the key of the next.
    next: Vec<(u64, Verifier)>,
    /// Keys that are known to have signed it.
    known: Vec<Verifier>,
}

impl Checkpoints {
    /// Those over more than `begin` entries of the tree.
    pub(super) fn new(
        stored: Vec<(u64, String)>,
        begin: u64,
        seam: &Seam,
        signers: &Signers,
    ) -> Self {
        let later = stored.into_iter().filter(|(size, _)| *size > begin);
        let mut notes: Vec<Stored> = later
            .map(|(size, text)| Stored::new(size, &text, seam))
            .collect();
        find_signed(&mut notes, signers);
        Self {
            notes: notes.into_iter().peekable(),
        }
    }

    /// The next one, if it is over at most so many entries.
    pub(super) fn up_to(&mut self, size: u64) -> Option<Stored> {
        // looked at first: `next_if` would take it out and put it back for every entry
        self.notes.peek().filter(|stored| stored.size <= size)?;
        self.notes.next()
    }

    /// The size of the next one.
    pub(super) fn rest(&mut self) -> Option<u64> {
        self.notes.next().map(|stored| stored.size)
    }
}

impl Stored {
    fn new(size: u64, text: &str, seam: &Seam) -> Self {
        let signed = |note: Note| {
            let checkpoint = Checkpoint::parse(&note.text)?;
            let lines = checkpoint.extensions.iter();
            let next = lines.filter_map(|line| next_key(line, &seam.origin));
            let next = next.take(MAX_NEXT).collect();
            Ok(Signed {
                checkpoint,
                note,
                next,
                known: Vec::new(),
            })
        };
        Self {
            size,
            read: note::parse(text).and_then(signed),
        }
    }
}

impl Signed {
    /// The key of the next epoch, if this closes `epoch`.
    pub(super) fn next_after(&self, epoch: u64) -> Option<&Verifier> {
        let next = self.next.iter().find(|(closed, _)| *closed == epoch);
        next.map(|(_, key)| key)
    }

    /// Whether `key` has signed.
    pub(super) fn verify(&self, key: &Verifier) -> Result<(), note::Error> {
        if self.known.contains(key) {
            return Ok(());
        }
        self.note.verify(std::slice::from_ref(key)).map(drop)
    }
}

/// Reads the line that names the next epoch's key.
fn next_key(line: &str, origin: &str) -> Option<(u64, Verifier)> {
    let mut words = line.rsplit(' ');
    let key = Hash::from_base64(words.next()?)?;
    let epoch: u64 = words.nth(1)?.parse().ok()?;
    let name = epoch_name(origin, epoch.checked_add(1)?);
    let next = Verifier::new(&name, Kind::Plain, key.as_bytes()).ok()?;
    (*line == next_key_line(epoch, key)).then_some((epoch, next))
}

/// Finds the keys that are said to have signed and have. What is not found here is asked for
/// signature by signature.
#[cfg(feature = "batch")]
fn find_signed(notes: &mut [Stored], signers: &Signers) {
    let claims = claims(notes, signers);
    for batch in claims.chunks(BATCH) {
        let pairs = batch.iter().filter_map(|(place, key)| {
            let signed = notes[*place].read.as_ref().ok()?;
            Some((key, &signed.note))
        });
        if !note::all_signed(&pairs.collect::<Vec<_>>()) {
            continue;
        }
        for (place, key) in batch {
            if let Ok(signed) = &mut notes[*place].read {
                signed.known.push(key.clone());
            }
        }
    }
}

/// Who is said to have signed what: the log all of them, and each epoch its own, under the key that
/// the one before it names.
#[cfg(feature = "batch")]
fn claims(notes: &[Stored], signers: &Signers) -> Vec<(usize, Verifier)> {
    let mut claims = Vec::new();
    let mut named: Option<&Signed> = None;
    for (place, stored) in notes.iter().enumerate() {
        let Ok(signed) = &stored.read else { continue };
        let epochs = signed.next.iter().filter_map(|(epoch, _)| {
            let before = epoch.checked_sub(1);
            let learned = before.and_then(|before| named?.next_after(before));
            learned.or_else(|| signers.epoch_key(*epoch))
        });
        let keys = signers.log_key().into_iter().chain(epochs);
        claims.extend(keys.map(|key| (place, key.clone())));
        named = Some(signed);
    }
    claims
}

#[cfg(not(feature = "batch"))]
fn find_signed(_: &mut [Stored], _: &Signers) {}
