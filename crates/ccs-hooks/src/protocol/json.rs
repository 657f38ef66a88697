//! A JSON reader for input that may be hostile.
//!
//! It keeps what ordinary readers lose: every value of a repeated key, and strings whose
//! `\u` escapes are half of a surrogate pair. A guard that refuses such text has not judged it,
//! and one that keeps only the last value has judged something the client may not run. In every
//! other respect it is as strict as `JSON.parse`. Linear in the input; nesting is bounded.

mod read;

use std::borrow::Cow;

use serde::ser::{Serialize, SerializeMap, SerializeSeq, Serializer};

use read::Reader;

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
    Reader::of(text).whole()
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
mod tests;
