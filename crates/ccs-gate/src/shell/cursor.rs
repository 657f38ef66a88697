//! The position in the source, the limits, and the smallest reading steps.

use std::borrow::Cow;

/// Nesting beyond this is left unread. bash itself nests deeper, people do not.
const MAX_DEPTH: u16 = 60;
/// Words, parts and commands beyond this are left unread.
const MAX_NODES: u32 = 60_000;
/// How often `((` may turn out not to be arithmetic.
const MAX_RETRIES: u16 = 64;

/// A here-document whose text comes after the next newline.
#[derive(Debug)]
pub(super) struct Pending {
    pub(super) delimiter: String,
    pub(super) strip_tabs: bool,
    pub(super) body: usize,
}

/// Reads a source text from left to right.
#[derive(Debug)]
pub(super) struct Cursor<'a> {
    pub(super) source: &'a str,
    pub(super) at: usize,
    pub(super) bodies: Vec<Cow<'a, str>>,
    pub(super) pending: Vec<Pending>,
    pub(super) unread: Option<&'a str>,
    depth: u16,
    nodes: u32,
    retries: u16,
}

impl<'a> Cursor<'a> {
    pub(super) fn new(source: &'a str) -> Self {
        Self {
            source,
            at: 0,
            bodies: Vec::new(),
            pending: Vec::new(),
            unread: None,
            depth: 0,
            nodes: 0,
            retries: 0,
        }
    }

    pub(super) fn byte(&self) -> Option<u8> {
        self.peek(0)
    }

    pub(super) fn peek(&self, ahead: usize) -> Option<u8> {
        self.source.as_bytes().get(self.at + ahead).copied()
    }

    pub(super) fn rest(&self) -> &'a str {
        self.source.get(self.at..).unwrap_or("")
    }

    pub(super) fn left(&self) -> &'a [u8] {
        self.source.as_bytes().get(self.at..).unwrap_or_default()
    }

    pub(super) fn looking_at(&self, text: &str) -> bool {
        self.left().starts_with(text.as_bytes())
    }

    /// Goes past `text` if it comes next.
    pub(super) fn eat(&mut self, text: &str) -> bool {
        let found = self.looking_at(text);
        if found {
            self.at += text.len();
        }
        found
    }

    /// Goes past some bytes, and never past the end.
    pub(super) fn step(&mut self, bytes: usize) {
        self.at = (self.at + bytes).min(self.source.len());
    }

    /// The source from `start` up to here.
    pub(super) fn since(&self, start: usize) -> &'a str {
        self.source.get(start..self.at).unwrap_or("")
    }

    /// Goes past the character here, whole.
    pub(super) fn bump(&mut self) {
        self.step(self.rest().chars().next().map_or(1, char::len_utf8));
    }

    /// Goes on to the first byte that `stop` accepts.
    pub(super) fn skip_until(&mut self, stop: impl Fn(u8) -> bool) {
        let rest = self.left();
        self.at += rest.iter().position(|&b| stop(b)).unwrap_or(rest.len());
    }

    /// Counts one node. False if the reader has reached a limit and must not go on.
    pub(super) fn spend(&mut self) -> bool {
        self.nodes += 1;
        if self.nodes > MAX_NODES {
            self.give_up();
        }
        self.unread.is_none()
    }

    /// Enters a nesting level; `None` leaves the rest of the source unread.
    pub(super) fn nested<T: Default>(&mut self, read: impl FnOnce(&mut Self) -> T) -> T {
        if self.depth >= MAX_DEPTH {
            self.give_up();
            return T::default();
        }
        self.depth += 1;
        let value = read(self);
        self.depth -= 1;
        value
    }

    /// Whether another attempt at an ambiguous construct is affordable.
    pub(super) fn may_retry(&mut self) -> bool {
        self.retries += 1;
        self.retries <= MAX_RETRIES
    }

    fn give_up(&mut self) {
        if self.unread.is_none() {
            self.unread = Some(self.rest());
            self.at = self.source.len();
        }
    }

    /// Blanks, line continuations and comments up to the next token of the same line.
    pub(super) fn skip_blanks(&mut self) {
        loop {
            match self.byte() {
                Some(b' ' | b'\t' | b'\r') => self.step(1),
                Some(b'\\') if self.peek(1) == Some(b'\n') => self.step(2),
                Some(b'\\') if self.looking_at("\\\r\n") => self.at += 3,
                Some(b'#') if self.starts_word() => self.skip_until(|b| b == b'\n'),
                _ => return,
            }
        }
    }

    /// Blanks, comments and newlines, with the here-documents that newlines bring.
    pub(super) fn skip_lines(&mut self) {
        loop {
            self.skip_blanks();
            if self.byte() != Some(b'\n') {
                return;
            }
            self.newline();
        }
    }

    /// Goes past a newline and reads the here-documents that were announced before it.
    pub(super) fn newline(&mut self) {
        for pending in std::mem::take(&mut self.pending) {
            self.step(1); // the end of the line, or of the delimiter before
            let text = self.here_text(&pending.delimiter, pending.strip_tabs);
            self.bodies[pending.body] = text;
        }
        self.eat("\n");
    }

    fn here_text(&mut self, delimiter: &str, strip_tabs: bool) -> Cow<'a, str> {
        let start = self.at.min(self.source.len());
        self.at = start;
        loop {
            let line_start = self.at;
            self.skip_until(|b| b == b'\n');
            let line = self.since(line_start);
            let line = if strip_tabs {
                line.trim_start_matches('\t')
            } else {
                line
            };
            if line.trim_end_matches('\r') == delimiter || self.at >= self.source.len() {
                let closed = line.trim_end_matches('\r') == delimiter;
                let end = if closed { line_start } else { self.at };
                return strip(&self.source[start..end], strip_tabs);
            }
            self.step(1);
        }
    }

    fn starts_word(&self) -> bool {
        self.at == 0 || matches!(self.source.as_bytes()[self.at - 1], b if is_meta(b))
    }

    /// Announces a here-document and says where its text will be.
    pub(super) fn expect_here(&mut self, delimiter: String, strip_tabs: bool) -> usize {
        let body = self.bodies.len();
        self.bodies.push(Cow::Borrowed(""));
        self.pending.push(Pending {
            delimiter,
            strip_tabs,
            body,
        });
        body
    }
}

fn strip(text: &str, tabs: bool) -> Cow<'_, str> {
    if !tabs || !text.contains('\t') {
        return Cow::Borrowed(text);
    }
    Cow::Owned(
        text.split_inclusive('\n')
            .map(|line| line.trim_start_matches('\t'))
            .collect(),
    )
}

/// Bytes that end an unquoted word.
pub(super) fn is_meta(byte: u8) -> bool {
    matches!(
        byte,
        b' ' | b'\t' | b'\n' | b'\r' | b'|' | b'&' | b';' | b'(' | b')' | b'<' | b'>'
    )
}

/// Bytes of a variable name.
pub(super) fn is_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}
