//! The text of a JSON value, from its first byte to its last.

use std::borrow::Cow;

use super::{Error, MAX_DEPTH, MAX_VALUES, Object, Value};

/// A text and how far it was read.
pub(super) struct Reader<'a> {
    text: &'a str,
    at: usize,
    /// How many more values may come.
    left: u32,
}

impl<'a> Reader<'a> {
    pub(super) fn of(text: &'a str) -> Self {
        Self {
            text,
            at: 0,
            left: MAX_VALUES,
        }
    }

    /// The value that the text is, with nothing but white space around it.
    pub(super) fn whole(mut self) -> Result<Value<'a>, Error> {
        let value = self.value(0)?;
        self.skip_space();
        match self.peek() {
            None => Ok(value),
            Some(_) => Err(self.expected("expected the end of the text")),
        }
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn expected(&self, what: &'static str) -> Error {
        let what = match self.peek() {
            None => "the text ends too early",
            Some(_) => what,
        };
        Error { what, at: self.at }
    }

    fn skip_space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    fn eat(&mut self, byte: u8) -> bool {
        let found = self.peek() == Some(byte);
        self.at += usize::from(found);
        found
    }

    fn value(&mut self, depth: u32) -> Result<Value<'a>, Error> {
        self.skip_space();
        self.left = self.left.checked_sub(1).ok_or(Error {
            what: "too many values",
            at: self.at,
        })?;
        match self.peek() {
            Some(b'{') => self.object(depth),
            Some(b'[') => self.array(depth),
            Some(b'"') => self.string().map(Value::String),
            Some(b'-' | b'0'..=b'9') => self.number().map(Value::Number),
            Some(b't') => self.word("true", Value::Bool(true)),
            Some(b'f') => self.word("false", Value::Bool(false)),
            Some(b'n') => self.word("null", Value::Null),
            _ => Err(self.expected("expected a value")),
        }
    }

    fn word(&mut self, word: &str, value: Value<'a>) -> Result<Value<'a>, Error> {
        if !self.text.as_bytes()[self.at..].starts_with(word.as_bytes()) {
            return Err(self.expected("expected a value"));
        }
        self.at += word.len();
        Ok(value)
    }

    fn deeper(&self, depth: u32) -> Result<u32, Error> {
        if depth >= MAX_DEPTH {
            return Err(self.expected("nested too deep"));
        }
        Ok(depth + 1)
    }

    fn object(&mut self, depth: u32) -> Result<Value<'a>, Error> {
        let depth = self.deeper(depth)?;
        let start = self.at;
        self.at += 1;
        let mut pairs = Vec::new();
        self.skip_space();
        while !self.eat(b'}') {
            if !pairs.is_empty() {
                self.comma()?;
            }
            pairs.push(self.pair(depth)?);
            self.skip_space();
        }
        let raw = &self.text[start..self.at];
        Ok(Value::Object(Object { pairs, raw }))
    }

    fn pair(&mut self, depth: u32) -> Result<(Cow<'a, str>, Value<'a>), Error> {
        self.skip_space();
        if self.peek() != Some(b'"') {
            return Err(self.expected("expected a key"));
        }
        let key = self.string()?;
        self.skip_space();
        if !self.eat(b':') {
            return Err(self.expected("expected `:`"));
        }
        Ok((key, self.value(depth)?))
    }

    fn array(&mut self, depth: u32) -> Result<Value<'a>, Error> {
        let depth = self.deeper(depth)?;
        self.at += 1;
        let mut items = Vec::new();
        self.skip_space();
        while !self.eat(b']') {
            if !items.is_empty() {
                self.comma()?;
            }
            items.push(self.value(depth)?);
            self.skip_space();
        }
        Ok(Value::Array(items))
    }

    fn comma(&mut self) -> Result<(), Error> {
        if self.eat(b',') {
            Ok(())
        } else {
            Err(self.expected("expected `,` or the closing bracket"))
        }
    }

    fn number(&mut self) -> Result<&'a str, Error> {
        let start = self.at;
        self.eat(b'-');
        if !self.eat(b'0') {
            self.digits()?;
        }
        if self.eat(b'.') {
            self.digits()?;
        }
        if matches!(self.peek(), Some(b'e' | b'E')) {
            self.at += 1;
            let _ = self.eat(b'+') || self.eat(b'-');
            self.digits()?;
        }
        Ok(&self.text[start..self.at])
    }

    fn digits(&mut self) -> Result<(), Error> {
        if !matches!(self.peek(), Some(b'0'..=b'9')) {
            return Err(self.expected("expected a digit"));
        }
        while matches!(self.peek(), Some(b'0'..=b'9')) {
            self.at += 1;
        }
        Ok(())
    }

    fn string(&mut self) -> Result<Cow<'a, str>, Error> {
        self.at += 1;
        let plain = self.plain();
        if self.eat(b'"') {
            return Ok(Cow::Borrowed(plain));
        }
        let mut decoded = String::with_capacity(plain.len() + self.left_of_string());
        decoded.push_str(plain);
        loop {
            match self.peek() {
                Some(b'"') => break,
                Some(b'\\') => decoded.push(self.escape()?),
                _ => return Err(self.expected("a control character within a string")),
            }
            decoded.push_str(self.plain());
        }
        self.at += 1;
        Ok(Cow::Owned(decoded))
    }

    /// The text up to the next quote, backslash or control character.
    fn plain(&mut self) -> &'a str {
        let rest = &self.text[self.at..];
        let length = plain_length(rest.as_bytes());
        self.at += length;
        &rest[..length]
    }

    /// How many bytes there are up to the quote that closes the string.
    fn left_of_string(&self) -> usize {
        let rest = &self.text.as_bytes()[self.at..];
        let mut from = 0;
        while let Some(at) = memchr::memchr2(b'"', b'\\', &rest[from.min(rest.len())..]) {
            if rest[from + at] == b'"' {
                return from + at;
            }
            from += at + 2;
        }
        rest.len()
    }

    fn escape(&mut self) -> Result<char, Error> {
        self.at += 1;
        let letter = self.peek();
        self.at += usize::from(letter.is_some_and(|byte| byte.is_ascii()));
        Ok(match letter {
            Some(b'n') => '\n',
            Some(b't') => '\t',
            Some(b'r') => '\r',
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(byte @ (b'"' | b'\\' | b'/')) => char::from(byte),
            Some(b'u') => self.unicode()?,
            _ => return Err(self.expected("an unknown escape")),
        })
    }

    fn unicode(&mut self) -> Result<char, Error> {
        let high = self.hex()?;
        if !(0xD800..0xDC00).contains(&high) {
            return Ok(char::from_u32(high).unwrap_or(char::REPLACEMENT_CHARACTER));
        }
        let after_high = self.at;
        if self.eat(b'\\') && self.eat(b'u') {
            let low = self.hex()?;
            if (0xDC00..0xE000).contains(&low) {
                let code = 0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00);
                return Ok(char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER));
            }
        }
        self.at = after_high;
        Ok(char::REPLACEMENT_CHARACTER)
    }

    fn hex(&mut self) -> Result<u32, Error> {
        let digits = self.text.as_bytes().get(self.at..self.at + 4);
        let all_hex = |four: &&[u8]| four.iter().all(u8::is_ascii_hexdigit);
        let code = digits
            .filter(all_hex)
            .and_then(|four| std::str::from_utf8(four).ok())
            .and_then(|four| u32::from_str_radix(four, 16).ok())
            .ok_or_else(|| self.expected("expected four hex digits"))?;
        self.at += 4;
        Ok(code)
    }
}

/// How many bytes there are before a quote, a backslash or a control character. Looks at eight at
/// once: a tool's output is one string of up to megabytes.
fn plain_length(bytes: &[u8]) -> usize {
    let ends = |byte: u8| byte == b'"' || byte == b'\\' || byte < 0x20;
    let (words, _) = bytes.as_chunks::<8>();
    let whole = words.iter().take_while(|word| !holds_end(**word)).count() * 8;
    let more = bytes[whole..].iter().position(|&byte| ends(byte));
    more.map_or(bytes.len(), |more| whole + more)
}

/// Whether one of eight bytes may end a plain piece; never wrong about a no.
fn holds_end(word: [u8; 8]) -> bool {
    const ONES: u64 = u64::MAX / 255;
    let word = u64::from_ne_bytes(word);
    // a byte below `than` borrows from its own highest bit
    let below = |word: u64, than: u64| word.wrapping_sub(ONES * than) & !word;
    let quote = below(word ^ (ONES * u64::from(b'"')), 1);
    let backslash = below(word ^ (ONES * u64::from(b'\\')), 1);
    (below(word, 0x20) | quote | backslash) & (ONES << 7) != 0
}

#[cfg(test)]
mod tests {
    use super::plain_length;

    #[test]
    fn a_plain_piece_ends_at_the_first_byte_that_ends_it_wherever_that_is() {
        for end in [b'"', b'\\', b'\n', 0, 0x1f] {
            for at in 0..40 {
                let mut bytes = vec![b'!'; 40];
                bytes[at] = end;
                assert_eq!(plain_length(&bytes), at, "{end} at {at}");
            }
        }
        for byte in (0x20..=0xff).filter(|byte| ![b'"', b'\\'].contains(byte)) {
            assert_eq!(plain_length(&[byte; 21]), 21, "{byte}");
        }
    }
}
