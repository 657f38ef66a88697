//! Fingerprints: recognising a stored value in any text, without the vault and without the value.
//!
//! For each value the file `fingerprints` holds its length, a 16-bit keyed tag of the eight bytes
//! in its middle, and a 128-bit HMAC of all of it; the key lies in another file. Only the value
//! itself is fingerprinted. Its encoded forms are found by decoding the text, so they cost no
//! further bits, and a value is also found in the middle of something longer that was encoded.
//!
//! What someone learns who has the file but not its key: about how many values there are. Who has
//! both learns names and lengths, which names share a value, and can try guesses without asking
//! anyone, at the price of one HMAC each; the tag takes at most 16 bits off the guessing. That is
//! why values that could be guessed get no fingerprint. Nothing about a value can be computed from
//! the two files in any other way.

mod read;
mod record;
mod store;
mod strength;
mod view;

use std::ops::Range;

use ring::hmac;
use serde::Serialize;

use crate::keys::{self, Key32};
use crate::{Name, Secret};
use record::Tagger;
use view::View;

pub(crate) use read::read;
pub(crate) use record::{parts, recognised, records, texts};
pub(crate) use store::{FILE, KEY_FILE, Opened, Record, Records, State};

/// How many places of a text are looked at together.
const BLOCK: usize = 64;

/// The stored values of a vault, as they are recognised in texts.
pub struct Fingerprints {
    names: Vec<Name>,
    known: Vec<Known>,
    /// Which tags occur, one bit each.
    filter: Box<[u64; 1024]>,
    tagger: Tagger,
    mac: hmac::Key,
    shortest: usize,
}

struct Known {
    tag: u16,
    length: usize,
    mac: [u8; 16],
    name: usize,
}

/// A stored value found in a text.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Match<'a> {
    /// Where it begins, in bytes.
    pub start: usize,
    /// Where it ends, in bytes.
    pub end: usize,
    /// The entry it is stored in.
    pub name: &'a Name,
    /// How it is written there.
    pub form: Form,
}

/// How a value is written in a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Form {
    /// As it is.
    Plain,
    /// In base64, in either alphabet, at any offset, also over several lines.
    Base64,
    /// In hex digits of either case, also with one separator between the bytes.
    Hex,
    /// With `%XX` in it, as in a URL.
    Percent,
    /// With backslash escapes, as in JSON.
    Escaped,
}

impl Fingerprints {
    pub(crate) fn new(key: &Key32, records: &Records) -> Self {
        let tagger = Tagger::new(key);
        let mut prints = Self {
            names: Vec::new(),
            known: Vec::with_capacity(records.0.len()),
            filter: Box::new([0; 1024]),
            tagger,
            mac: record::mac_key(key),
            shortest: usize::MAX,
        };
        for record in &records.0 {
            prints.add(record);
        }
        prints.known.sort_by_key(|known| known.tag);
        prints
    }

    fn add(&mut self, record: &Record) {
        if self.names.last() != Some(&record.name) {
            self.names.push(record.name.clone());
        }
        self.filter[usize::from(record.tag >> 6)] |= 1 << (record.tag & 63);
        self.shortest = self.shortest.min(record.length as usize);
        self.known.push(Known {
            tag: record.tag,
            length: record.length as usize,
            mac: record.mac,
            name: self.names.len() - 1,
        });
    }

    /// How many values, and parts of composed ones, are recognised.
    #[must_use]
    pub fn len(&self) -> usize {
        self.known.len()
    }

    /// Whether no value is recognised.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.known.is_empty()
    }

    /// Every stored value in `text`, plain or encoded once, in order and without overlaps. Takes
    /// time in proportion to the text. Offsets fall between characters.
    #[must_use]
    pub fn find(&self, text: &str) -> Vec<Match<'_>> {
        let mut found = self.find_in(text.as_bytes());
        for hit in &mut found {
            while !text.is_char_boundary(hit.start) {
                hit.start -= 1;
            }
            while !text.is_char_boundary(hit.end) {
                hit.end += 1;
            }
        }
        found
    }

    /// As [`find`](Self::find), in bytes that need not be text.
    #[must_use]
    pub fn find_in(&self, bytes: &[u8]) -> Vec<Match<'_>> {
        if self.known.is_empty() || bytes.len() < self.shortest {
            return Vec::new();
        }
        let mut found = Vec::new();
        view::each(bytes, self.shortest, &mut |view| {
            self.scan(view, &mut |range, name| {
                let range = view.source(range);
                found.push(Match {
                    start: range.start,
                    end: range.end,
                    name,
                    form: view.form,
                });
            });
        });
        without_overlaps(found)
    }

    /// `text` with every stored value replaced by `[ccs:NAME]`; `None` if there is none in it.
    #[must_use]
    pub fn redact(&self, text: &str) -> Option<String> {
        let found = self.find(text);
        if found.is_empty() {
            return None;
        }
        let (mut redacted, mut from) = (String::with_capacity(text.len()), 0);
        for hit in found {
            redacted.push_str(text.get(from..hit.start).unwrap_or_default());
            redacted.push_str(&mark(hit.name));
            from = hit.end;
        }
        redacted.push_str(text.get(from..).unwrap_or_default());
        Some(redacted)
    }

    /// The entry that holds exactly this value, if its fingerprint is kept.
    #[must_use]
    pub fn name_of(&self, value: &Secret) -> Option<&Name> {
        let bytes = value.expose();
        let view = View::plain(bytes);
        let mut holder = None;
        self.scan(&view, &mut |range, name| {
            if range == (0..bytes.len()) {
                holder = Some(name);
            }
        });
        holder
    }

    fn scan<'a>(&'a self, view: &View<'_>, hit: &mut dyn FnMut(Range<usize>, &'a Name)) {
        let mut at = 0;
        while let Some(block) = view.bytes[at..].first_chunk() {
            let mut places = self.known_in(block);
            while places != 0 {
                self.check(view.bytes, at + places.trailing_zeros() as usize, hit);
                places &= places - 1;
            }
            at += BLOCK;
        }
        for place in at..(view.bytes.len() + 1).saturating_sub(record::SHORTEST) {
            self.check(view.bytes, place, hit);
        }
    }

    /// The places in a block at which a tag that occurs begins, one bit each: no branch until one
    /// does, which is seldom.
    fn known_in(&self, block: &[u8; BLOCK + record::SHORTEST - 1]) -> u64 {
        let windows = block.windows(record::SHORTEST);
        let tags = windows
            .filter_map(<[u8]>::first_chunk)
            .map(|window| self.tagger.tag(window));
        tags.rev()
            .fold(0, |places, tag| places << 1 | self.is_known(tag))
    }

    /// 1 if the tag occurs.
    fn is_known(&self, tag: u16) -> u64 {
        self.filter[usize::from(tag >> 6)] >> (tag & 63) & 1
    }

    /// Compares what stands around a place with every value of its tag.
    #[cold]
    #[inline(never)]
    fn check<'a>(&'a self, bytes: &[u8], at: usize, hit: &mut dyn FnMut(Range<usize>, &'a Name)) {
        let Some(window) = bytes[at..].first_chunk() else {
            return;
        };
        let tag = self.tagger.tag(window);
        let first = self.known.partition_point(|known| known.tag < tag);
        for known in self.known[first..]
            .iter()
            .take_while(|known| known.tag == tag)
        {
            let start = at.checked_sub(record::middle(known.length));
            let value = start.and_then(|start| bytes.get(start..start + known.length));
            let fits = value.is_some_and(|value| record::mac(&self.mac, value) == known.mac);
            if let (Some(start), true) = (start, fits) {
                hit(start..start + known.length, &self.names[known.name]);
            }
        }
    }
}

/// What stands in a text in the place of a value.
pub(crate) fn mark(name: &Name) -> String {
    format!("[ccs:{name}]")
}

/// In order; where two overlap, the later begins where the earlier ends.
fn without_overlaps(mut found: Vec<Match<'_>>) -> Vec<Match<'_>> {
    found.sort_by_key(|hit| (hit.start, usize::MAX - hit.end, hit.form));
    let mut end = 0;
    found.retain_mut(|hit| {
        hit.start = hit.start.max(end);
        let kept = hit.start < hit.end;
        end = end.max(hit.end);
        kept
    });
    found
}

/// The key that the files' own key is split into.
fn part_key(key: &Key32, purpose: &str) -> Key32 {
    keys::derive(&**key, &[], purpose, &[])
}

#[cfg(test)]
mod tests;
