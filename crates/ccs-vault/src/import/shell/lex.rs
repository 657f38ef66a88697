//! Words and the ends of commands.

use std::ops::Range;

use zeroize::Zeroizing;

use super::super::{Why, ansi};
use crate::Result;
use crate::buffer::Buffer;

/// How deeply substitutions may lie in each other.
const DEPTH: usize = 32;

/// After how many quotes that are never closed the rest is not read.
const MAX_OPEN_QUOTES: usize = 16;

pub(super) enum Token {
    Word(Word),
    /// A line break, `;`, `&`, `|` or bracket: the next word begins a command.
    End,
}

pub(super) struct Word {
    pub(super) line: u32,
    pub(super) span: Range<usize>,
    pub(super) assigned: Assigned,
    /// The text of the word, or of what it assigns.
    pub(super) value: Result<Zeroizing<Vec<u8>>, Why>,
}

/// Whether the word has the form of an assignment.
pub(super) enum Assigned {
    No,
    Name {
        name: String,
        append: bool,
        array: bool,
    },
}

pub(super) struct Lexer<'a> {
    text: &'a [u8],
    at: usize,
    line: u32,
    /// The end words of here-documents whose bodies begin at the next line.
    documents: Vec<(Vec<u8>, bool)>,
    open_quotes: usize,
}

/// A word as it grows.
struct Growing {
    value: Buffer,
    why: Option<Why>,
    /// Nothing but a name so far.
    is_name: bool,
    assigned: Assigned,
}

impl<'a> Lexer<'a> {
    pub(super) fn new(text: &'a [u8]) -> Self {
        Self {
            text,
            at: 0,
            line: 1,
            documents: Vec::new(),
            open_quotes: 0,
        }
    }

    pub(super) fn next(&mut self) -> Option<Token> {
        loop {
            match (self.peek(0)?, self.peek(1)) {
                (b' ' | b'\t' | b'\r', _) => self.at += 1,
                (b'\\', Some(b'\n')) => self.skip(2),
                (b'#', _) => self.skip_comment(),
                (b'\n', _) => {
                    self.skip(1);
                    self.skip_documents();
                    return Some(Token::End);
                }
                (b';' | b'&' | b'|' | b'(' | b')', _) => {
                    self.at += 1;
                    return Some(Token::End);
                }
                (b'<' | b'>', _) => self.redirection(),
                _ => return Some(Token::Word(self.word())),
            }
        }
    }

    /// A redirection and its target, neither of which is a word of the command.
    fn redirection(&mut self) {
        let rest = &self.text[self.at..];
        let is_document = rest.starts_with(b"<<") && !rest.starts_with(b"<<<");
        let operator = rest
            .iter()
            .take_while(|byte| b"<>&|".contains(byte))
            .count();
        self.at += operator;
        let indented = is_document && self.peek(0) == Some(b'-');
        self.at += usize::from(indented);
        while matches!(self.peek(0), Some(b' ' | b'\t')) {
            self.at += 1;
        }
        if self.peek(0).is_some_and(|byte| !ends_word(byte)) {
            let target = self.word();
            if let (true, Ok(end)) = (is_document, target.value) {
                self.documents.push((end.to_vec(), indented));
            }
        } else if self.peek(0) == Some(b'(') {
            self.at += 1;
            self.skip_to(b')', 0);
        }
    }

    fn skip_documents(&mut self) {
        for (end, indented) in std::mem::take(&mut self.documents) {
            while self.at < self.text.len() {
                let rest = &self.text[self.at..];
                let length = rest
                    .iter()
                    .position(|&byte| byte == b'\n')
                    .unwrap_or(rest.len());
                let line = &rest[..length];
                let tabs = line
                    .iter()
                    .take_while(|&&byte| indented && byte == b'\t')
                    .count();
                let is_end = line[tabs..] == end[..];
                self.skip((length + 1).min(rest.len()));
                if is_end {
                    break;
                }
            }
        }
    }

    fn word(&mut self) -> Word {
        let (start, line) = (self.at, self.line);
        let mut word = Growing {
            value: Buffer::new(),
            why: None,
            is_name: true,
            assigned: Assigned::No,
        };
        while let Some(byte) = self.peek(0).filter(|&byte| !ends_word(byte)) {
            if self.piece(byte, &mut word).is_none() {
                word.why = Some(Why::OpenQuote);
                break;
            }
        }
        if let (Some(b'('), Assigned::Name { array, .. }) = (self.peek(0), &mut word.assigned)
            && word.value.is_empty()
        {
            *array = true;
            self.at += 1;
            if self.skip_to(b')', 0).is_none() {
                word.why = Some(Why::OpenQuote);
            }
        }
        let span = start..self.at;
        if word.why == Some(Why::OpenQuote) {
            self.read_again(start, line);
        }
        Word {
            line,
            span,
            assigned: word.assigned,
            value: word.why.map_or_else(|| Ok(word.value.take()), Err),
        }
    }

    /// What an open quote swallowed is read again, from the next line on. A text with many of them
    /// is no shell's, and is not read on: each of them costs the whole rest of it.
    fn read_again(&mut self, start: usize, line: u32) {
        self.open_quotes += 1;
        if self.open_quotes < MAX_OPEN_QUOTES {
            (self.at, self.line) = (start, line);
            self.skip_comment();
        } else {
            self.at = self.text.len();
        }
    }

    /// Takes one quoted or unquoted piece of a word; `None` if it does not end.
    fn piece(&mut self, byte: u8, word: &mut Growing) -> Option<()> {
        match byte {
            b'=' if word.is_name && !word.value.is_empty() => {
                self.at += 1;
                word.assign();
                if self.peek(0) == Some(b'~') {
                    word.why = Some(Why::Expansion);
                }
                return Some(());
            }
            b'\'' => self.single(word)?,
            b'"' => self.double(word)?,
            b'$' if self.peek(1) == Some(b'\'') => self.ansi(word)?,
            b'$' if self.peek(1) == Some(b'"') => self.at += 1,
            b'$' | b'`' => self.expansion(word)?,
            b'\\' => {
                let next = self.peek(1)?;
                if next != b'\n' {
                    word.value.push(next);
                }
                self.skip(2);
            }
            _ => {
                word.value.push(byte);
                self.at += 1;
                let in_name = byte.is_ascii_alphanumeric() || b"_+".contains(&byte);
                word.is_name &= in_name;
                return Some(());
            }
        }
        word.is_name = false;
        Some(())
    }

    fn single(&mut self, word: &mut Growing) -> Option<()> {
        let rest = &self.text[self.at + 1..];
        let length = rest.iter().position(|&byte| byte == b'\'')?;
        word.value.extend(&rest[..length]);
        self.skip(length + 2);
        Some(())
    }

    fn double(&mut self, word: &mut Growing) -> Option<()> {
        self.at += 1;
        loop {
            match (self.peek(0)?, self.peek(1)) {
                (b'"', _) => break,
                (b'$' | b'`', _) => self.expansion(word)?,
                (b'\\', Some(b'\n')) => self.skip(2),
                (b'\\', Some(next @ (b'$' | b'`' | b'"' | b'\\'))) => {
                    word.value.push(next);
                    self.at += 2;
                }
                (byte, _) => {
                    word.value.push(byte);
                    self.skip(1);
                }
            }
        }
        self.at += 1;
        Some(())
    }

    fn ansi(&mut self, word: &mut Growing) -> Option<()> {
        self.at += 2;
        loop {
            match self.peek(0)? {
                b'\'' => break,
                b'\\' => match ansi::escape(&self.text[self.at + 1..]) {
                    Some((bytes, length)) => {
                        word.value.extend(&Zeroizing::new(bytes));
                        self.at += 1 + length;
                    }
                    None => {
                        word.value.push(b'\\');
                        self.at += 1;
                    }
                },
                byte => {
                    word.value.push(byte);
                    self.skip(1);
                }
            }
        }
        self.at += 1;
        Some(())
    }

    /// `$…` or a backquote. A lone `$` is itself; anything else spoils the word's value.
    fn expansion(&mut self, word: &mut Growing) -> Option<()> {
        let why = match (self.peek(0)?, self.peek(1)) {
            (b'`', _) => {
                self.at += 1;
                self.skip_to(b'`', 0)?;
                Why::Command
            }
            (_, Some(b'(')) => {
                self.at += 2;
                self.skip_to(b')', 0)?;
                Why::Command
            }
            (_, Some(b'{')) => {
                self.at += 2;
                self.skip_to(b'}', 0)?;
                Why::Expansion
            }
            (_, Some(next)) if next.is_ascii_alphanumeric() || b"_@*#?$!-".contains(&next) => {
                self.at += 2;
                Why::Expansion
            }
            _ => {
                word.value.push(b'$');
                self.at += 1;
                return Some(());
            }
        };
        word.why.get_or_insert(why);
        Some(())
    }

    /// Passes over what a substitution holds, quotes and further substitutions in it, up to and
    /// including `close`.
    fn skip_to(&mut self, close: u8, depth: usize) -> Option<()> {
        if depth > DEPTH {
            return None;
        }
        let mut quoted = false;
        loop {
            let (byte, next) = (self.peek(0)?, self.peek(1));
            self.skip(1);
            match (byte, next) {
                (b'\\', Some(_)) => self.skip(1),
                (b'"', _) => quoted = !quoted,
                (_, _) if byte == close && (!quoted || close == b'`') => return Some(()),
                (b'\'', _) if !quoted && close != b'`' => {
                    let rest = &self.text[self.at..];
                    let length = rest.iter().position(|&byte| byte == b'\'')?;
                    self.skip(length + 1);
                }
                (b'`', _) => self.skip_to(b'`', depth + 1)?,
                (b'$', Some(b'{')) => {
                    self.at += 1;
                    self.skip_to(b'}', depth + 1)?;
                }
                (b'$', Some(b'(')) => {
                    self.at += 1;
                    self.skip_to(b')', depth + 1)?;
                }
                (b'(', _) if !quoted && close == b')' => self.skip_to(b')', depth + 1)?,
                (b' ' | b'\t' | b'\n', Some(b'#')) if !quoted && close == b')' => {
                    self.skip_comment();
                }
                _ => {}
            }
        }
    }

    fn skip_comment(&mut self) {
        let rest = &self.text[self.at..];
        self.at += rest
            .iter()
            .position(|&byte| byte == b'\n')
            .unwrap_or(rest.len());
    }

    fn peek(&self, ahead: usize) -> Option<u8> {
        self.text.get(self.at + ahead).copied()
    }

    fn skip(&mut self, length: usize) {
        let passed = &self.text[self.at..self.at + length];
        self.line += passed.iter().filter(|&&byte| byte == b'\n').count() as u32;
        self.at += length;
    }
}

impl Growing {
    /// What was read so far is the name of what follows.
    fn assign(&mut self) {
        let name = String::from_utf8_lossy(&self.value).into_owned();
        let append = name.ends_with('+');
        let name = name.trim_end_matches('+').to_owned();
        self.assigned = Assigned::Name {
            name,
            append,
            array: false,
        };
        self.is_name = false;
        self.value = Buffer::new();
    }
}

fn ends_word(byte: u8) -> bool {
    b" \t\r\n;&|()<>".contains(&byte)
}
