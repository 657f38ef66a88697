//! Finding what is looked for in one pass over a text that may come in pieces.

use std::collections::HashMap;
use std::io::{self, Write};
use std::ops::Range;

use zeroize::Zeroizing;

use super::{SHORTEST, forms};
use crate::{Name, fingerprint};

/// The shortest value whose encoded forms are looked for.
const ENCODED: usize = 8;

/// The least digits of a line that is taken to go on in the next.
const LINE: usize = 32;

/// Everything that is looked for.
#[derive(Default)]
pub(super) struct Forms {
    /// Sorted, so that what a text may be the beginning of is found by halving.
    texts: Vec<Text>,
    /// The texts that begin with these four bytes.
    starts: HashMap<[u8; SHORTEST], Range<usize>>,
    /// Which first two bytes occur, one bit each.
    pairs: Vec<u64>,
    longest: usize,
    names: Vec<Name>,
}

struct Text {
    bytes: Zeroizing<Vec<u8>>,
    name: usize,
    /// It is also found broken over lines.
    wraps: bool,
}

/// How a text of ours fits what stands at a place.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Fit {
    No,
    /// As far as there is anything.
    Part,
    /// Whole, in that many bytes.
    Whole(usize),
}

impl Forms {
    pub(super) fn add(&mut self, name: &Name, value: &[u8]) {
        self.names.push(name.clone());
        let name = self.names.len() - 1;
        self.add_text(value, name, false);
        let parts = fingerprint::parts(value);
        let wholes = [value]
            .into_iter()
            .chain(parts.iter().map(|part| &part[..]));
        for whole in wholes.filter(|whole| whole.len() >= ENCODED) {
            self.add_text(whole, name, false);
            for form in forms::wrapping(whole) {
                self.add_text(&form, name, true);
            }
            for form in forms::others(whole) {
                self.add_text(&form, name, false);
            }
        }
    }

    fn add_text(&mut self, bytes: &[u8], name: usize, wraps: bool) {
        let bytes = Zeroizing::new(bytes.to_vec());
        self.texts.push(Text { bytes, name, wraps });
    }

    pub(super) fn sort(&mut self) {
        self.texts.sort_unstable_by(|one, two| {
            let order = one.bytes[..].cmp(&two.bytes[..]);
            order.then(two.wraps.cmp(&one.wraps))
        });
        // of two that are the same, the one that wraps is first and stays
        self.texts
            .dedup_by(|later, earlier| later.bytes == earlier.bytes);
        let lengths = self.texts.iter().map(|text| text.bytes.len());
        self.longest = lengths.max().unwrap_or(0);
        self.pairs = vec![0; 1024];
        for (at, Text { bytes, .. }) in self.texts.iter().enumerate() {
            let pair = pair(bytes[0], bytes[1]);
            self.pairs[pair / 64] |= 1 << (pair % 64);
            let start = [bytes[0], bytes[1], bytes[2], bytes[3]];
            self.starts.entry(start).or_insert(at..at).end = at + 1;
        }
    }

    /// Writes `text` with everything replaced; returns how much of it is dealt with. Unless it is
    /// the end, what may go on as a value is left. `run` digits stand before the text.
    pub(super) fn replace(
        &self,
        text: &[u8],
        before: usize,
        sink: &mut dyn Write,
        end: bool,
    ) -> io::Result<usize> {
        let (mut written, mut at) = (0, 0);
        while at < text.len() {
            if !self.may_start(text, at, before) {
                at += 1;
                continue;
            }
            let (goes_on, whole) = self.look(&text[at..], run(&text[..at], before));
            if goes_on && !end {
                break;
            } else if let Some((length, name)) = whole {
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

    /// A quick look at two bytes, which are enough nearly everywhere.
    fn may_start(&self, text: &[u8], at: usize, before: usize) -> bool {
        let (first, second) = match text[at..] {
            [first, second, ..] => (first, second),
            _ => return true,
        };
        let pair = pair(first, second);
        let word = self.pairs.get(pair / 64);
        word.is_some_and(|word| word >> (pair % 64) & 1 == 1)
            // the second of ours may stand behind the line break
            || matches!(second, b'\r' | b'\n') && run(&text[..at], before) + 1 >= LINE
    }

    /// Whether `rest` may go on as one of ours, and the longest of ours that it begins with. `run`
    /// digits stand before it.
    fn look(&self, rest: &[u8], run: usize) -> (bool, Option<(usize, &Name)>) {
        let (plain, broken) = (Head::plain(rest), Head::broken(rest, run));
        let second = (broken != plain).then_some(broken);
        let (mut goes_on, mut longest) = (false, None);
        for head in [Some(plain), second].into_iter().flatten() {
            for text in self.beginning_with(&head) {
                match text.fit(rest, run) {
                    Fit::Part => goes_on = true,
                    Fit::Whole(length) => longest = longest.max(Some((length, text.name))),
                    Fit::No => {}
                }
            }
        }
        let named = |(length, name): (usize, usize)| (length, &self.names[name]);
        (goes_on, longest.map(named))
    }

    fn beginning_with(&self, head: &Head) -> &[Text] {
        match head.start() {
            Ok(start) => {
                let range = self.starts.get(start).cloned();
                &self.texts[range.unwrap_or_default()]
            }
            Err(short) => {
                let from = self.texts.partition_point(|text| text.bytes[..] < *short);
                let more = self.texts[from..].partition_point(|text| text.bytes.starts_with(short));
                &self.texts[from..from + more]
            }
        }
    }
}

impl Text {
    fn fit(&self, rest: &[u8], mut run: usize) -> Fit {
        let mut at = 0;
        for (index, &byte) in self.bytes.iter().enumerate() {
            if self.wraps && index > 0 && run >= LINE {
                let length = line_break(&rest[at..]);
                run = if length > 0 { 0 } else { run };
                at += length;
            }
            match rest.get(at) {
                None => return Fit::Part,
                Some(&other) if other == byte => (at, run) = (at + 1, run + 1),
                Some(_) => return Fit::No,
            }
        }
        Fit::Whole(at)
    }
}

/// The first bytes of what is looked at, as many as texts are found by, or all there are.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Head {
    bytes: [u8; SHORTEST],
    length: usize,
}

impl Head {
    fn plain(rest: &[u8]) -> Self {
        let length = rest.len().min(SHORTEST);
        let mut bytes = [0; SHORTEST];
        bytes[..length].copy_from_slice(&rest[..length]);
        Self { bytes, length }
    }

    /// Without line breaks, where a line is long enough to go on in the next.
    fn broken(rest: &[u8], mut run: usize) -> Self {
        if run + SHORTEST <= LINE {
            return Self::plain(rest);
        }
        let (mut head, mut at) = (Self::plain(&[]), 0);
        while head.length < SHORTEST && at < rest.len() {
            let length = if head.length > 0 && run >= LINE {
                line_break(&rest[at..])
            } else {
                0
            };
            run = if length > 0 { 0 } else { run };
            at += length;
            let Some(&byte) = rest.get(at) else { break };
            head.bytes[head.length] = byte;
            (head.length, at, run) = (head.length + 1, at + 1, run + 1);
        }
        head
    }

    /// All of it, or the few bytes there are.
    fn start(&self) -> Result<&[u8; SHORTEST], &[u8]> {
        if self.length == SHORTEST {
            Ok(&self.bytes)
        } else {
            Err(&self.bytes[..self.length])
        }
    }
}

/// The length of a line break and the indentation behind it, or of what may become one; 0 if there
/// is none.
fn line_break(rest: &[u8]) -> usize {
    let feed = usize::from(rest.first() == Some(&b'\r'));
    match rest.get(feed) {
        None => feed,
        Some(b'\n') => {
            let behind = &rest[feed + 1..];
            let indent = behind.iter().take_while(|byte| b" \t".contains(byte));
            feed + 1 + indent.count()
        }
        Some(_) => 0,
    }
}

/// How many digits of an encoding `text` ends with, if `before` stand before it; counted as far as
/// it matters.
pub(super) fn run(text: &[u8], before: usize) -> usize {
    let is_digit = |byte: &&u8| byte.is_ascii_alphanumeric() || b"+/-_".contains(byte);
    let run = text.iter().rev().take(LINE).take_while(is_digit).count();
    if run == text.len() {
        (run + before).min(LINE)
    } else {
        run
    }
}

fn pair(first: u8, second: u8) -> usize {
    usize::from(first) << 8 | usize::from(second)
}
