//! Characters that nobody sees: runs of them, what they spell, and text turned around.

use super::super::decode;
use super::super::invisible::{is_right_to_left, is_selector, is_tag, is_unseen, is_zero_width};
use super::super::view::{Recovered, View};
use super::folder::Folder;

/// Invisible characters at one place that have no business there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Trace {
    /// Offset in the plain text where they were.
    pub(crate) at: usize,
    /// Bytes of the original.
    pub(crate) start: usize,
    pub(crate) end: usize,
    pub(crate) kind: Kind,
    /// How many characters.
    pub(crate) count: usize,
}

/// Which invisible characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    /// U+E0000 to U+E007F, outside a flag.
    Tags,
    /// Variation selectors, several in a row or behind a letter that has no variants.
    Selectors,
    /// Zero-width characters and invisible operators, many in a row.
    ZeroWidth,
    /// Any of them between two Latin letters.
    Split,
    /// A direction override.
    Override,
    /// A right-to-left isolate or embedding that holds nothing written from right to left.
    Isolate,
}

/// The run of unseen characters before the next visible one, and an open direction mark.
#[derive(Debug, Default)]
pub(super) struct Unseen {
    run: Vec<char>,
    start: usize,
    end: usize,
    turned: Option<Turned>,
}

/// Text that a direction mark turns around.
#[derive(Debug)]
struct Turned {
    mark: char,
    /// Offset in the plain text.
    at: usize,
    origin: usize,
    /// Isolates that were opened inside and are not closed yet.
    inner: usize,
    ended: bool,
}

impl Turned {
    /// A mark behind it: an isolate ends with its own mark, and so does an embedding.
    fn sees(&mut self, mark: char) {
        match (mark, self.mark) {
            ('\u{2066}'..='\u{2068}', _) => self.inner += 1,
            ('\u{2069}', _) if self.inner > 0 => self.inner -= 1,
            ('\u{2069}', '\u{2067}') => self.ended = true,
            ('\u{202c}', own) if own != '\u{2067}' => self.ended = true,
            _ => {}
        }
    }
}

impl Unseen {
    /// Longer stretches end with their line, as they do on a screen.
    const LONGEST: usize = 4096;

    pub(super) fn is_open(&self) -> bool {
        !self.run.is_empty()
    }

    /// Takes the character if it is invisible.
    pub(super) fn takes(&mut self, letter: char, at: usize, origin: usize, end: usize) -> bool {
        if !is_unseen(letter) {
            return false;
        }
        if self.run.is_empty() {
            self.start = origin;
        }
        self.run.push(letter);
        self.end = end;
        let turns = matches!(letter, '\u{202b}' | '\u{202d}' | '\u{202e}' | '\u{2067}');
        match &mut self.turned {
            Some(turned) => turned.sees(letter),
            None if turns => {
                self.turned = Some(Turned {
                    mark: letter,
                    at,
                    origin,
                    inner: 0,
                    ended: false,
                });
            }
            None => {}
        }
        true
    }

    /// A visible character follows.
    pub(super) fn close(&mut self, next: char, origin: usize, folder: &mut Folder) {
        let mut run = std::mem::take(&mut self.run);
        if self.turned.as_ref().is_some_and(|turned| turned.ended) {
            self.turn_back(origin, folder);
        }
        let at = folder.out.len();
        let (start, end) = (self.start, self.end);
        let before = folder.out.chars().next_back();
        for (kind, count) in kinds(before, &run, next) {
            folder.trace(at, (start, end), kind, count);
        }
        for (view, text) in decode::unseen(&run) {
            folder.recover(at, (start, end), view, text);
        }
        run.clear();
        // the next run is written into the same memory
        self.run = run;
    }

    /// The turned text ends.
    pub(super) fn turn_back(&mut self, origin: usize, folder: &mut Folder) {
        let Some(turned) = self.turned.take() else {
            return;
        };
        let mut inside = &folder.out[turned.at.min(folder.out.len())..];
        let mut end = origin;
        if inside.len() > Self::LONGEST {
            inside = inside.lines().next().unwrap_or_default();
            end = origin.min(turned.origin + inside.len());
        }
        let count = inside.chars().count();
        let kind = match turned.mark {
            '\u{202d}' | '\u{202e}' => Kind::Override,
            _ if count == 0 || inside.chars().any(is_right_to_left) => return,
            _ => Kind::Isolate,
        };
        let start = turned.origin;
        let text: String = inside.chars().rev().collect();
        folder.recover(turned.at, (start, end), View::Reversed, text);
        folder.trace(turned.at, (start, end), kind, count);
    }
}

impl Folder {
    /// Notes characters of the original that stood at `at` of the plain text and are not in it.
    fn trace(&mut self, at: usize, (start, end): (usize, usize), kind: Kind, count: usize) {
        self.traces.push(Trace {
            at,
            start,
            end,
            kind,
            count,
        });
    }

    /// Notes what the characters of the original in `span` say, which stood at `at`.
    fn recover(&mut self, at: usize, span: (usize, usize), view: View, text: String) {
        let found = Recovered {
            text,
            start: at,
            end: at,
            view,
        };
        self.recovered.push((found, span));
    }
}

/// What a run is, between the visible characters `before` and `next`.
fn kinds(
    before: Option<char>,
    run: &[char],
    next: char,
) -> impl Iterator<Item = (Kind, usize)> + use<> {
    let mut kinds = [None; 4];
    let count = |wanted: fn(char) -> bool| run.iter().filter(|&&c| wanted(c)).count();
    let tags = count(is_tag);
    let is_flag = before == Some('\u{1f3f4}') && run.last() == Some(&'\u{e007f}');
    if tags > 0 && !is_flag {
        kinds[0] = Some((Kind::Tags, tags));
    }
    let selectors = count(is_selector);
    let after_letter = before.is_some_and(|c| c.is_ascii_alphabetic());
    if selectors >= 4 || (after_letter && selectors > 0) {
        kinds[1] = Some((Kind::Selectors, selectors));
    }
    let zero = count(is_zero_width);
    if zero >= 12 {
        kinds[2] = Some((Kind::ZeroWidth, zero));
    }
    if zero > 0 && after_letter && next.is_ascii_alphabetic() {
        kinds[3] = Some((Kind::Split, zero));
    }
    kinds.into_iter().flatten()
}
