//! A JSON reader for input that may be hostile.
//!
//! It keeps what ordinary readers lose: every value of a repeated key, and strings whose
//! `\u` escapes are half of a surrogate pair. A guard that refuses such text has not judged it,
//! and one that keeps only the last value has judged something the client may not run. In every
//! other respect it is as strict as `JSON.parse`. Linear in the input; nesting is bounded.

use std::borrow::Cow;

use serde::ser::{Serialize, SerializeMap, SerializeSeq, Serializer};

/// The deepest nesting that is read; the client itself never comes near it.
pub const MAX_DEPTH: u32 = 128;

/// The most values that are read: a list of small numbers takes many times its text in memory.
pub const MAX_VALUES: u32 = 1 << 20;

/// A JSON value. Strings without escapes borrow from the text.
#[derive(Clone, Debug, PartialEq)]
pub enum Value<'a> {
    /// `null`
    Null,
    /// `true` or `false`
    Bool(bool),
    /// A number as it was written.
    Number(&'a str),
    /// A string, decoded; a lone surrogate has become U+FFFD.
    String(Cow<'a, str>),
    /// A list.
    Array(Vec<Value<'a>>),
    /// An object with all its pairs, repeated keys included.
    Object(Object<'a>),
}

/// The pairs of an object in the order they were written.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Object<'a> {
    /// Keys and values; a key may occur more than once.
    pub pairs: Vec<(Cow<'a, str>, Value<'a>)>,
    /// The text the object was read from.
    pub raw: &'a str,
}

/// Why a text is not JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{what} at byte {at}")]
pub struct Error {
    what: &'static str,
    at: usize,
}

impl Error {
    /// Where reading stopped, in bytes from the start.
    #[must_use]
    pub fn at(&self) -> usize {
        self.at
    }
}

/// Bytes as text: without a byte order mark, and with U+FFFD for what is not UTF-8.
#[must_use]
pub fn text(bytes: &[u8]) -> Cow<'_, str> {
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    // several times as fast as the lossy way, and it is nearly always UTF-8
    match std::str::from_utf8(bytes) {
        Ok(text) => Cow::Borrowed(text),
        Err(_) => String::from_utf8_lossy(bytes),
    }
}

/// Reads one JSON value, with nothing but white space around it.
///
/// # Errors
///
/// [`Error`] with the place where the text stops being JSON, is nested deeper than [`MAX_DEPTH`]
/// or holds more than [`MAX_VALUES`].
///
/// # Examples
///
/// ```
/// use ccs_hooks::protocol::json;
///
/// let value = json::parse(r#"{"command":"ls","command":"rm -rf /"}"#)?;
/// let object = value.as_object().expect("an object");
/// let seen: Vec<_> = object.all("command").filter_map(|v| v.as_str()).collect();
/// assert_eq!(seen, ["ls", "rm -rf /"]);
/// # Ok::<(), json::Error>(())
/// ```
pub fn parse(text: &str) -> Result<Value<'_>, Error> {
    let mut reader = Reader {
        text,
        at: 0,
        left: MAX_VALUES,
    };
    let value = reader.value(0)?;
    reader.skip_space();
    match reader.peek() {
        None => Ok(value),
        Some(_) => Err(reader.expected("expected the end of the text")),
    }
}

impl<'a> Value<'a> {
    /// The text, if this is a string.
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Value::String(text) => Some(text),
            _ => None,
        }
    }

    /// The pairs, if this is an object.
    #[must_use]
    pub fn as_object(&self) -> Option<&Object<'a>> {
        match self {
            Value::Object(object) => Some(object),
            _ => None,
        }
    }

    /// The elements, if this is a list.
    #[must_use]
    pub fn as_array(&self) -> Option<&[Value<'a>]> {
        match self {
            Value::Array(items) => Some(items),
            _ => None,
        }
    }
}

impl<'a> Object<'a> {
    /// Every value of `key`, in the order written.
    pub fn all<'s>(&'s self, key: &str) -> impl Iterator<Item = &'s Value<'a>> {
        self.pairs
            .iter()
            .filter_map(move |(name, value)| (name == key).then_some(value))
    }

    /// The value of `key`; the last one if it is repeated, as in `JSON.parse`.
    #[must_use]
    pub fn last(&self, key: &str) -> Option<&Value<'a>> {
        self.all(key).last()
    }

    /// The string under `key`, unless it is missing, not a string, or said in two ways.
    #[must_use]
    pub fn text(&self, key: &str) -> Option<&str> {
        let mut values = self.all(key);
        let first = values.next()?;
        values.all(|other| other == first).then_some(())?;
        first.as_str()
    }
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
    left: u32,
}

impl<'a> Reader<'a> {
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

impl Serialize for Value<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Value::Null => serializer.serialize_unit(),
            Value::Bool(value) => serializer.serialize_bool(*value),
            Value::Number(text) => number(text, serializer),
            Value::String(text) => serializer.serialize_str(text),
            Value::Array(items) => {
                let mut list = serializer.serialize_seq(Some(items.len()))?;
                for item in items {
                    list.serialize_element(item)?;
                }
                list.end()
            }
            Value::Object(object) => {
                let mut map = serializer.serialize_map(Some(object.pairs.len()))?;
                for (key, value) in &object.pairs {
                    map.serialize_entry(key, value)?;
                }
                map.end()
            }
        }
    }
}

/// Integers stay integers; the rest is a double, which is all JavaScript knows.
fn number<S: Serializer>(text: &str, serializer: S) -> Result<S::Ok, S::Error> {
    if let Ok(value) = text.parse::<i64>() {
        return serializer.serialize_i64(value);
    }
    if let Ok(value) = text.parse::<u64>() {
        return serializer.serialize_u64(value);
    }
    serializer.serialize_f64(text.parse().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn string(text: &str) -> Value<'static> {
        Value::String(Cow::Owned(text.into()))
    }

    #[test]
    fn half_a_surrogate_pair_becomes_the_replacement_character() {
        assert_eq!(parse(r#""a\ud800b""#), Ok(string("a\u{FFFD}b")));
        assert_eq!(parse(r#""\udc00""#), Ok(string("\u{FFFD}")));
        assert_eq!(
            parse(r#""\ud800\ud83d\ude00""#),
            Ok(string("\u{FFFD}\u{1F600}"))
        );
        assert_eq!(parse(r#""\ud800\n""#), Ok(string("\u{FFFD}\n")));
    }

    #[test]
    fn a_repeated_key_keeps_every_value_and_has_no_single_text() {
        let value = parse(r#"{"a":"x","a":"y","b":"z","b":"z"}"#).expect("JSON");
        let object = value.as_object().expect("an object");

        assert_eq!(object.all("a").count(), 2);
        assert_eq!(object.last("a"), Some(&string("y")));
        assert_eq!(object.text("a"), None);
        assert_eq!(object.text("b"), Some("z"));
    }

    #[test]
    fn an_object_remembers_the_text_it_was_read_from() {
        let value = parse(r#" {"in" : { "a" : [1, 2] } } "#).expect("JSON");
        let outer = value.as_object().expect("an object");
        let inner = outer.last("in").and_then(Value::as_object);

        assert_eq!(inner.map(|object| object.raw), Some(r#"{ "a" : [1, 2] }"#));
    }

    #[test]
    fn what_json_parse_refuses_is_refused_with_its_place() {
        for (text, at) in [
            ("", 0),
            ("{", 1),
            ("{}x", 2),
            ("{} {}", 3),
            ("{\"a\" 1}", 5),
            ("[1,]", 3),
            ("{\"a\":1,}", 7),
            ("01", 1),
            ("1.", 2),
            ("-", 1),
            ("// c\n{}", 0),
            ("'a'", 0),
            ("\"a\nb\"", 2),
            ("\"\\x41\"", 3),
            ("\"\\u12g4\"", 3),
            ("\"\\", 2),
            ("\"\\é\"", 2),
            ("nul", 0),
        ] {
            assert_eq!(parse(text).map_err(|e| e.at()), Err(at), "{text:?}");
        }
    }

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

    #[test]
    fn nesting_is_read_up_to_the_bound_and_not_beyond() {
        let nested = |n: usize| format!("{}{}", "[".repeat(n), "]".repeat(n));

        assert!(parse(&nested(MAX_DEPTH as usize)).is_ok());
        assert!(parse(&nested(MAX_DEPTH as usize + 1)).is_err());
        assert!(parse(&"[".repeat(1_000_000)).is_err());
    }

    #[test]
    fn values_are_read_up_to_their_bound_and_not_beyond() {
        let list = |n: u32| format!("[{}0]", "0,".repeat(n as usize));

        assert!(parse(&list(MAX_VALUES - 2)).is_ok());
        assert!(parse(&list(MAX_VALUES - 1)).is_err());
    }

    #[test]
    fn a_byte_order_mark_is_dropped_and_bad_bytes_are_replaced() {
        assert_eq!(text(b"\xEF\xBB\xBF{}"), "{}");
        assert_eq!(text(b"\"\xFF\""), "\"\u{FFFD}\"");
    }

    fn any_json() -> impl Strategy<Value = serde_json::Value> {
        let leaf = prop_oneof![
            Just(serde_json::Value::Null),
            any::<bool>().prop_map(Into::into),
            any::<i64>().prop_map(Into::into),
            any::<u64>().prop_map(Into::into),
            any::<String>().prop_map(Into::into),
        ];
        leaf.prop_recursive(5, 40, 6, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..6).prop_map(Into::into),
                prop::collection::btree_map(any::<String>(), inner, 0..6)
                    .prop_map(|map| serde_json::Value::Object(map.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn it_reads_what_serde_json_writes_and_writes_what_serde_json_reads(value in any_json()) {
            let written = value.to_string();
            let read = parse(&written).expect("serde_json writes JSON");

            let again: serde_json::Value =
                serde_json::to_value(&read).expect("a value can be written");
            prop_assert_eq!(again, value);
        }

        #[test]
        fn it_accepts_nothing_that_serde_json_refuses_except_lone_surrogates(
            text in r#"[\[\]{}:,"\\ 0-9a-fntrulse.+-]{0,24}"#
        ) {
            let lenient = parse(&text).is_ok();
            let strict = serde_json::from_str::<serde_json::Value>(&text);
            let surrogate = text.contains("\\ud");
            let range = strict.as_ref().is_err_and(|e| e.to_string().contains("out of range"));
            prop_assert!(lenient == strict.is_ok() || surrogate || range, "{text:?}");
        }

        #[test]
        fn any_bytes_are_read_or_refused_within_their_length(bytes: Vec<u8>) {
            let text = text(&bytes);
            if let Err(error) = parse(&text) {
                prop_assert!(error.at() <= text.len());
            }
        }
    }
}
