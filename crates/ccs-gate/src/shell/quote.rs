//! Quoted text: `'…'`, `"…"`, `$'…'` and the backslash.

use std::borrow::Cow;

use super::ast::Part;
use super::cursor::Cursor;

impl<'a> Cursor<'a> {
    /// `'…'`, with the cursor on the opening quote. An unclosed one goes to the end.
    pub(super) fn single_quoted(&mut self) -> Part<'a> {
        self.step(1);
        let start = self.at;
        self.skip_until(|b| b == b'\'');
        let text = self.since(start);
        self.eat("'");
        Part::Quoted(Cow::Borrowed(text))
    }

    /// `"…"`, with the cursor on the opening quote.
    pub(super) fn double_quoted(&mut self, parts: &mut Vec<Part<'a>>) {
        self.step(1);
        let before = parts.len();
        while let Some(byte) = self.byte() {
            if byte == b'"' {
                break;
            }
            if !self.spend() {
                return;
            }
            self.inside_double_quotes(byte, parts);
        }
        self.eat("\"");
        if parts.len() == before {
            parts.push(Part::Quoted(Cow::Borrowed("")));
        }
    }

    fn inside_double_quotes(&mut self, byte: u8, parts: &mut Vec<Part<'a>>) {
        match byte {
            b'$' => self.dollar(true, parts),
            b'`' => parts.push(self.backtick(true)),
            b'\\' => self.escaped_in_double_quotes(parts),
            _ => {
                let start = self.at;
                self.skip_until(|b| matches!(b, b'"' | b'$' | b'`' | b'\\'));
                parts.push(Part::Quoted(Cow::Borrowed(self.since(start))));
            }
        }
    }

    fn escaped_in_double_quotes(&mut self, parts: &mut Vec<Part<'a>>) {
        let start = self.at;
        match self.peek(1) {
            Some(b'\n') => self.step(2),
            Some(b'"' | b'$' | b'`' | b'\\') => {
                self.step(2);
                parts.push(Part::Quoted(Cow::Borrowed(self.since(start + 1))));
            }
            _ => {
                self.step(1);
                parts.push(Part::Quoted(Cow::Borrowed("\\")));
            }
        }
    }

    /// A backslash outside quotes.
    pub(super) fn escaped(&mut self, parts: &mut Vec<Part<'a>>) {
        self.step(1);
        match self.byte() {
            Some(b'\n') => self.step(1),
            Some(_) => {
                let start = self.at;
                self.bump();
                parts.push(Part::Quoted(Cow::Borrowed(self.since(start))));
            }
            None => parts.push(Part::Quoted(Cow::Borrowed("\\"))),
        }
    }

    /// `` `…` ``, with the cursor on the opening one. The text is unescaped when it is run.
    pub(super) fn backtick(&mut self, quoted: bool) -> Part<'a> {
        self.step(1);
        let start = self.at;
        loop {
            self.skip_until(|b| b == b'`' || b == b'\\');
            if self.byte() != Some(b'\\') {
                break;
            }
            self.step(2);
        }
        let text = self.since(start);
        self.eat("`");
        Part::Backtick(text, quoted)
    }

    /// `$'…'`, with the cursor on the quote after the dollar sign.
    pub(super) fn ansi_quoted(&mut self) -> Part<'a> {
        self.step(1);
        let start = self.at;
        loop {
            self.skip_until(|b| b == b'\'' || b == b'\\');
            if self.byte() != Some(b'\\') {
                break;
            }
            self.step(2);
        }
        let text = self.since(start);
        self.eat("'");
        Part::Quoted(unescape_ansi(text))
    }
}

/// The escapes of `$'…'`, which are also those of `echo -e`, more or less. NUL bytes are dropped,
/// as a shell drops them.
pub(crate) fn unescape_ansi(text: &str) -> Cow<'_, str> {
    match unescape_printf(text) {
        Cow::Owned(text) if text.contains('\0') => Cow::Owned(text.replace('\0', "")),
        text => text,
    }
}

/// The escapes of printf's format, which can make NUL bytes.
pub(crate) fn unescape_printf(text: &str) -> Cow<'_, str> {
    if !text.contains('\\') {
        return Cow::Borrowed(text);
    }
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, after)) = rest.split_first() {
        if first == b'\\' {
            rest = escape(after, &mut bytes);
        } else {
            bytes.push(first);
            rest = after;
        }
    }
    Cow::Owned(String::from_utf8_lossy(&bytes).into_owned())
}

/// Decodes one escape after its backslash and gives what follows it.
fn escape<'b>(text: &'b [u8], out: &mut Vec<u8>) -> &'b [u8] {
    let Some((&kind, rest)) = text.split_first() else {
        out.push(b'\\');
        return text;
    };
    let simple = match kind {
        b'a' => 7,
        b'b' => 8,
        b'e' | b'E' => 27,
        b'f' => 12,
        b'n' => b'\n',
        b'r' => b'\r',
        b't' => b'\t',
        b'v' => 11,
        b'\\' | b'\'' | b'"' | b'?' => kind,
        b'0'..=b'7' => return digits(text, if kind == b'0' { 4 } else { 3 }, 8, out),
        b'x' => return digits(rest, 2, 16, out),
        b'u' => return unicode(rest, 4, out),
        b'U' => return unicode(rest, 8, out),
        b'c' => return control(rest, out),
        _ => {
            out.extend([b'\\', kind]);
            return rest;
        }
    };
    out.push(simple);
    rest
}

fn digits<'b>(text: &'b [u8], most: usize, radix: u32, out: &mut Vec<u8>) -> &'b [u8] {
    let (value, used) = number(text, most, radix);
    if used > 0 {
        out.push((value & 0xff) as u8);
    }
    &text[used..]
}

fn unicode<'b>(text: &'b [u8], most: usize, out: &mut Vec<u8>) -> &'b [u8] {
    let (value, used) = number(text, most, 16);
    let letter = char::from_u32(value).unwrap_or(char::REPLACEMENT_CHARACTER);
    out.extend(letter.encode_utf8(&mut [0; 4]).as_bytes());
    &text[used..]
}

fn control<'b>(text: &'b [u8], out: &mut Vec<u8>) -> &'b [u8] {
    match text.split_first() {
        Some((&letter, rest)) => {
            out.push(letter & 0x1f);
            rest
        }
        None => text,
    }
}

fn number(text: &[u8], most: usize, radix: u32) -> (u32, usize) {
    let used = text
        .iter()
        .take(most)
        .take_while(|&&b| (b as char).is_digit(radix))
        .count();
    let value = text[..used]
        .iter()
        .filter_map(|&b| (b as char).to_digit(radix))
        .fold(0_u32, |sum, digit| {
            sum.wrapping_mul(radix).wrapping_add(digit)
        });
    (value, used)
}

#[cfg(test)]
mod tests {
    use super::unescape_ansi;

    #[test]
    fn ansi_escapes_become_their_bytes() {
        assert_eq!(unescape_ansi(r"\x72\155 \u002drf\n"), "rm -rf\n");
        assert_eq!(unescape_ansi(r"caf\303\251"), "café");
        assert_eq!(unescape_ansi(r"a\qb\"), r"a\qb\");
    }
}
