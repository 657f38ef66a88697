//! One thing that was found, without the thing itself.

use std::borrow::Cow;

use ccs_gate::Severity;
use ccs_gate::secret::{Accepted, Confidence};
use serde::Serialize;

/// A finding in a file. Lines and columns count from 1, columns and places in bytes.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct Leak {
    pub(crate) path: String,
    /// The commit that brought it in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) commit: Option<String>,
    pub(crate) line: u64,
    pub(crate) column: u64,
    #[serde(rename = "endLine")]
    pub(crate) end_line: u64,
    #[serde(rename = "endColumn")]
    pub(crate) end_column: u64,
    pub(crate) start: u64,
    pub(crate) end: u64,
    pub(crate) rule: Cow<'static, str>,
    pub(crate) title: Cow<'static, str>,
    pub(crate) severity: Severity,
    pub(crate) confidence: Confidence,
    /// How it is written there: `plain`, `base64` …
    pub(crate) form: Form,
    /// The entry of the vault that holds it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) entry: Option<String>,
    /// What may be shown of it.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(crate) preview: String,
    /// Where its owner can replace it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) rotate: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) accepted: Option<Accepted>,
    /// Columns in characters, for formats that count so.
    #[serde(skip)]
    pub(crate) characters: (u64, u64),
}

/// How a secret is written, in the words of whoever found it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub(crate) enum Form {
    Scanner(ccs_gate::secret::Form),
    Vault(ccs_vault::Form),
}

impl Leak {
    pub(crate) fn is_open(&self) -> bool {
        self.accepted.is_none()
    }
}

/// A place in a text; see [`Leak`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) line: u64,
    pub(crate) column: u64,
    pub(crate) character: u64,
}

impl Place {
    pub(crate) const START: Self = Self {
        line: 1,
        column: 1,
        character: 1,
    };

    /// The place that comes after this text.
    pub(crate) fn after(self, text: &str) -> Self {
        let breaks = memchr::memchr_iter(b'\n', text.as_bytes()).count() as u64;
        let last = &text[memchr::memrchr(b'\n', text.as_bytes()).map_or(0, |at| at + 1)..];
        let (column, character) = match breaks {
            0 => (self.column, self.character),
            _ => (1, 1),
        };
        Self {
            line: self.line + breaks,
            column: column + last.len() as u64,
            character: character + last.chars().count() as u64,
        }
    }
}

/// What may be shown of a secret: of a long one its first characters, which say what it is, and
/// its length.
pub(crate) fn preview(secret: &str) -> String {
    let length = secret.chars().count();
    let shown = if length < 24 { 0 } else { 4 };
    let plain = |c: &char| c.is_ascii_graphic();
    let head: String = secret.chars().take(shown).take_while(plain).collect();
    format!("{head}… ({length})")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_count_lines_bytes_and_characters() {
        let place = Place::START.after("one\ntwo é ");
        assert_eq!((place.line, place.column, place.character), (2, 8, 7));
        let place = place.after("on");
        assert_eq!((place.line, place.column, place.character), (2, 10, 9));
    }

    #[test]
    fn a_preview_holds_at_most_a_sixth_of_a_secret_and_nothing_of_a_short_one() {
        assert_eq!(preview("hunter2hunter2"), "… (14)");
        assert_eq!(preview(&"a".repeat(24)), "aaaa… (24)");
    }
}
