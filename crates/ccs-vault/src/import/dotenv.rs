//! `.env` files: one assignment a line, quotes over several. Where the programs that read such
//! files disagree, the assignment is left.

use zeroize::Zeroizing;

use super::{Item, Why};
use crate::Result;
use crate::buffer::Buffer;

pub(super) fn read(text: &str) -> Vec<Item> {
    let mut reader = Reader {
        text: text.strip_prefix('\u{feff}').unwrap_or(text).as_bytes(),
        before: text.len() - text.strip_prefix('\u{feff}').unwrap_or(text).len(),
        at: 0,
        line: 1,
    };
    let mut items = Vec::new();
    while reader.at < reader.text.len() {
        items.extend(reader.line());
    }
    items
}

struct Reader<'a> {
    text: &'a [u8],
    /// Bytes of a byte order mark before the text.
    before: usize,
    at: usize,
    line: u32,
}

type Value = Result<Zeroizing<Vec<u8>>, Why>;

impl Reader<'_> {
    /// Takes a line, or as many as its quotes span.
    fn line(&mut self) -> Option<Item> {
        self.skip_blanks();
        let (start, line) = (self.at, self.line);
        if matches!(self.peek(), None | Some(b'#' | b'\n' | b'\r')) {
            self.skip_line();
            return None;
        }
        let name = self.name();
        let value = match name {
            Some(_) => self.value(),
            None => Err(Why::NoAssignment),
        };
        let end = self.at;
        if value.is_err() {
            // whatever the broken value swallowed is read again, from the next line on
            (self.at, self.line) = (start, line);
        }
        self.skip_line();
        Some(Item {
            name,
            line,
            span: self.before + start..self.before + end,
            value,
        })
    }

    /// `NAME =`, perhaps after `export`; the value's first byte is next.
    fn name(&mut self) -> Option<String> {
        let word = self.word();
        self.skip_blanks();
        let word = match (word.as_str(), self.peek()) {
            ("export", Some(next)) if next != b'=' => self.word(),
            _ => word,
        };
        self.skip_blanks();
        if word.is_empty() || self.peek() != Some(b'=') {
            return None;
        }
        self.at += 1;
        self.skip_blanks();
        Some(word)
    }

    fn word(&mut self) -> String {
        let start = self.at;
        while self
            .peek()
            .is_some_and(|byte| !b" \t\r\n=#'\"`$".contains(&byte))
        {
            self.at += 1;
        }
        String::from_utf8_lossy(&self.text[start..self.at]).into_owned()
    }

    fn value(&mut self) -> Value {
        match self.peek() {
            Some(b'\'') => self.quoted(b'\''),
            Some(b'"') => self.quoted(b'"'),
            _ => self.bare(),
        }
    }

    fn quoted(&mut self, quote: u8) -> Value {
        self.at += 1;
        let mut value = Buffer::new();
        loop {
            match self.next().ok_or(Why::OpenQuote)? {
                byte if byte == quote => break,
                b'\\' if quote == b'"' => self.escape(&mut value)?,
                byte if quote == b'"' => {
                    self.must_be_plain(byte)?;
                    value.push(byte);
                }
                byte => value.push(byte),
            }
        }
        let end = self.at;
        self.skip_blanks();
        let closed = match self.peek() {
            None | Some(b'\n' | b'\r') => true,
            Some(b'#') => self.at > end,
            Some(_) => false,
        };
        self.at = end;
        if closed {
            Ok(value.take())
        } else {
            Err(Why::AfterQuote)
        }
    }

    /// An escape these programs agree on; any other stays as it is.
    fn escape(&mut self, value: &mut Buffer) -> Result<(), Why> {
        match self.next().ok_or(Why::OpenQuote)? {
            b'n' => value.push(b'\n'),
            b'r' => value.push(b'\r'),
            b't' => value.push(b'\t'),
            byte @ (b'"' | b'\\' | b'$' | b'`') => value.push(byte),
            other => value.extend(&[b'\\', other]),
        }
        Ok(())
    }

    /// To the end of the line, or to a `#` behind a blank.
    fn bare(&mut self) -> Value {
        let start = self.at;
        while let Some(byte) = self.peek().filter(|byte| !b"\r\n".contains(byte)) {
            if byte == b'#' && (self.at == start || b" \t".contains(&self.text[self.at - 1])) {
                break;
            }
            if b"'\"".contains(&byte) {
                return Err(Why::AfterQuote);
            }
            self.at += 1;
            self.must_be_plain(byte)?;
        }
        let value = self.text[start..self.at].trim_ascii_end();
        self.at = start + value.len();
        Ok(Zeroizing::new(value.to_vec()))
    }

    /// `byte`, which was just taken, begins no expansion.
    fn must_be_plain(&self, byte: u8) -> Result<(), Why> {
        match (byte, self.peek()) {
            (b'`', _) | (b'$', Some(b'(')) => Err(Why::Command),
            (b'$', Some(b'{' | b'_' | b'a'..=b'z' | b'A'..=b'Z')) => Err(Why::Expansion),
            _ => Ok(()),
        }
    }

    fn peek(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }

    fn next(&mut self) -> Option<u8> {
        let byte = self.peek()?;
        self.at += 1;
        self.line += u32::from(byte == b'\n');
        Some(byte)
    }

    fn skip_blanks(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t')) {
            self.at += 1;
        }
    }

    fn skip_line(&mut self) {
        while self.next().is_some_and(|byte| byte != b'\n') {}
    }
}
