//! One pass over one text: keywords set off matchers, matchers leave candidates.

use memchr::memmem;

use super::form;
use super::near::Tried;
use super::rule::{Keyword, Set, Use};
use super::{assign, command, header, jwt, near, pem, prefilter, url};

/// How sure a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Confidence {
    /// It has the shape of a secret, and nothing speaks against it.
    Low,
    /// Its surroundings say that it is one.
    Medium,
    /// Nothing else looks like this.
    High,
}

/// A place that a matcher takes for a secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Candidate {
    /// Index in [`super::rule::RULES`].
    pub(super) rule: u16,
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) confidence: Confidence,
}

/// What the matchers share.
pub(super) struct Scan<'t> {
    pub(super) text: &'t [u8],
    pub(super) found: Vec<Candidate>,
    /// Up to here, names have been read.
    pub(super) named: usize,
    /// Up to here, sentences have been read.
    pub(super) told: usize,
    /// What is known of where [`Scan::next`] found something, for each of its needles.
    next: [Known; 3],
    /// The last run measured: its set, where it begins and ends.
    run: (Set, usize, usize),
    /// What was read last of each kind.
    reads: [Stretch; 3],
    /// What was tried for forms that need a word nearby.
    pub(super) tried: Vec<Tried>,
    /// Bytes looked at beside the prefilter's: what keeps the scanner linear is a test.
    pub(super) work: u64,
}

/// What ends a block that may be long.
#[derive(Clone, Copy)]
pub(super) enum Needle {
    KeyEnd,
    PuttyLines,
    PuttyMac,
}

impl Needle {
    fn text(self) -> &'static [u8] {
        match self {
            Self::KeyEnd => b"---END ",
            Self::PuttyLines => b"Private-Lines:",
            Self::PuttyMac => b"Private-MAC:",
        }
    }
}

/// What is read from each of many places on.
#[derive(Clone, Copy)]
pub(super) enum Kind {
    Value,
    Address,
    Command,
}

/// Up to where text was read, and from how many places before that.
#[derive(Clone, Copy, Default)]
struct Stretch {
    end: usize,
    times: u32,
}

/// From how many places a stretch is read: a name may stand in the value of another, but not
/// without end.
const TIMES: u32 = 8;

/// The needle does not stand in `from..to`; if it was found, it stands at `to`.
#[derive(Clone, Copy, Default)]
struct Known {
    from: usize,
    to: usize,
    found: bool,
}

impl<'t> Scan<'t> {
    pub(super) fn new(text: &'t [u8]) -> Self {
        Self {
            text,
            found: Vec::new(),
            named: 0,
            told: 0,
            next: [Known::default(); 3],
            run: (Set(0), 0, 0),
            reads: [Stretch::default(); 3],
            tried: Vec::new(),
            work: 0,
        }
    }

    /// Runs all matchers.
    pub(super) fn run(mut self) -> Self {
        prefilter::each(self.text, |at, keyword| self.hit(at, keyword));
        self
    }

    fn hit(&mut self, at: usize, keyword: &'static Keyword) {
        self.work += 1;
        let end = at + keyword.text.len();
        for action in keyword.uses {
            match *action {
                Use::Form(form) | Use::Inner(form) => form::at(self, form, at),
                Use::Near(form) => near::at(self, form, at, end),
                Use::Flags(flags) => command::at(self, flags, at, end),
                Use::Name => assign::at(self, at, end),
                Use::Pem => pem::at(self, at),
                Use::Putty => pem::putty(self, at),
                Use::Jwt => jwt::at(self, at),
                Use::Url => url::at(self, at),
                Use::Basic => header::basic(self, at, end),
                Use::Bearer => header::bearer(self, at, end),
            }
        }
    }

    pub(super) fn add(&mut self, rule: u16, start: usize, end: usize, confidence: Confidence) {
        let candidate = Candidate {
            rule,
            start,
            end,
            confidence,
        };
        if self.found.last() != Some(&candidate) {
            self.found.push(candidate);
        }
    }

    /// Where a run of characters of the set ends that begins at `from`. Text is measured once,
    /// however often it is asked about.
    pub(super) fn run_end(&mut self, set: Set, from: usize) -> usize {
        let (known, start, end) = self.run;
        if known == set && start <= from && from <= end {
            return end;
        }
        let rest = &self.text[from.min(self.text.len())..];
        let len = rest.iter().take_while(|&&byte| set.has(byte)).count();
        self.work += len as u64 + 1;
        self.run = (set, from, from + len);
        from + len
    }

    /// Where the needle stands next from `from` on and before `limit`. Text is searched once,
    /// however often it is asked about.
    pub(super) fn next(&mut self, needle: Needle, from: usize, limit: usize) -> Option<usize> {
        let known = &mut self.next[needle as usize];
        if from < known.from || from > known.to {
            *known = Known {
                from,
                to: from,
                found: false,
            };
        }
        if !known.found && known.to < limit {
            let start = known.to.saturating_sub(needle.text().len() - 1).max(from);
            let limit = limit.min(self.text.len());
            let found = memmem::find(&self.text[start..limit], needle.text());
            known.found = found.is_some();
            known.to = found.map_or(limit, |at| start + at);
            self.work += (known.to - start) as u64;
        }
        (known.found && known.to < limit).then_some(known.to)
    }

    /// Notes that text was read from `at` to `end`.
    pub(super) fn read(&mut self, kind: Kind, at: usize, end: usize) {
        let stretch = &mut self.reads[kind as usize];
        if at >= stretch.end {
            *stretch = Stretch { end, times: 0 };
        }
        stretch.times += 1;
    }

    /// Whether `at` stands in a stretch that was read often enough. What is nested in itself a
    /// thousand times would else be read a thousand times.
    pub(super) fn is_read(&self, kind: Kind, at: usize) -> bool {
        let stretch = self.reads[kind as usize];
        at < stretch.end && stretch.times >= TIMES
    }

    /// The byte at `at`, or a line break beyond the ends.
    pub(super) fn byte(&self, at: usize) -> u8 {
        self.text.get(at).copied().unwrap_or(b'\n')
    }

    /// The byte before `at`, or a line break at the start.
    pub(super) fn before(&self, at: usize) -> u8 {
        at.checked_sub(1).map_or(b'\n', |at| self.byte(at))
    }

    /// Where the line with `at` begins, at most `most` bytes before.
    pub(super) fn line_start(&self, at: usize, most: usize) -> usize {
        let from = at.saturating_sub(most);
        let back = self.text[from..at].iter().rev().position(|&b| b == b'\n');
        back.map_or(from, |back| at - back)
    }

    /// Where the line with `at` ends, at most `most` bytes on.
    pub(super) fn line_end(&self, at: usize, most: usize) -> usize {
        let to = (at + most).min(self.text.len());
        let at = at.min(to);
        let on = self.text[at..to].iter().position(|&b| b == b'\n');
        on.map_or(to, |on| at + on)
    }
}

#[cfg(test)]
mod tests;
