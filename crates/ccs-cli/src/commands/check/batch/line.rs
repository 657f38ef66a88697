//! One line of the input, borrowed from it where it can be.

use std::borrow::Cow;
use std::fmt;

use ccs_gate::Shell;
use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::value::RawValue;

#[derive(Debug, Default)]
pub(super) struct Line<'a> {
    /// Any value, returned as it came.
    pub(super) id: Option<&'a RawValue>,
    /// `None` if it is missing or no string.
    pub(super) command: Option<Cow<'a, str>>,
    /// A working directory that is no string is one that is not known.
    pub(super) cwd: Option<Cow<'a, str>>,
    shell: Option<Text<'a>>,
}

impl<'a> Line<'a> {
    pub(super) fn parse(bytes: &'a [u8]) -> Result<Self, String> {
        serde_json::from_slice(bytes).map_err(|error| error.to_string())
    }

    /// bash unless the line says otherwise; `None` if it says something else.
    pub(super) fn shell(&self) -> Option<Shell> {
        match self.shell.as_ref().map(|text| text.0.as_deref()) {
            None | Some(Some("bash" | "sh" | "zsh")) => Some(Shell::Bash),
            Some(Some("powershell" | "pwsh")) => Some(Shell::PowerShell),
            Some(_) => None,
        }
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Line<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Members(std::marker::PhantomData))
    }
}

struct Members<'a>(std::marker::PhantomData<&'a ()>);

impl<'de: 'a, 'a> Visitor<'de> for Members<'a> {
    type Value = Line<'a>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object with `id` and `command`")
    }

    /// Of several members with one name the last counts, as in `JSON.parse`.
    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Line<'a>, A::Error> {
        let mut line = Line::default();
        while let Some(Key(key)) = members.next_key()? {
            match key.as_ref() {
                "id" => line.id = Some(members.next_value()?),
                "command" => line.command = members.next_value::<Text<'a>>()?.0,
                "cwd" => line.cwd = members.next_value::<Text<'a>>()?.0,
                "shell" => line.shell = Some(members.next_value()?),
                _ => {
                    members.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(line)
    }
}

#[derive(serde::Deserialize)]
struct Key<'a>(#[serde(borrow)] Cow<'a, str>);

/// A string, or `None` for a value of another type.
#[derive(Debug)]
struct Text<'a>(Option<Cow<'a, str>>);

impl<'de: 'a, 'a> Deserialize<'de> for Text<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = <&'a RawValue>::deserialize(deserializer)?;
        if !raw.get().starts_with('"') {
            return Ok(Text(None));
        }
        let Key(text) = serde_json::from_str(raw.get()).map_err(serde::de::Error::custom)?;
        Ok(Text(Some(text)))
    }
}

/// Makes JSON of what JavaScript accepts and we do not: a byte order mark, bytes that are not
/// UTF-8, halves of a surrogate pair. What cannot be written becomes U+FFFD.
pub(super) fn repair(bytes: &[u8]) -> String {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let text = String::from_utf8_lossy(bytes);
    let mut repaired = String::with_capacity(text.len());
    let mut rest = text.as_ref();
    while let Some(at) = rest.find('\\') {
        let (plain, escape) = rest.split_at(at);
        repaired.push_str(plain);
        let (kept, length) = unescaped(escape);
        repaired.push_str(kept);
        rest = &escape[length..];
    }
    repaired.push_str(rest);
    repaired
}

/// The escape at the start of `text` as it should be written, and how long it is now.
fn unescaped(text: &str) -> (&str, usize) {
    match (surrogate(text), text.get(6..).and_then(surrogate)) {
        (Some(Half::High), Some(Half::Low)) => (&text[..12], 12),
        (Some(_), _) => ("\\ufffd", 6),
        (None, _) => {
            let length = 1 + text[1..].chars().next().map_or(0, char::len_utf8);
            (&text[..length], length)
        }
    }
}

enum Half {
    High,
    Low,
}

fn surrogate(text: &str) -> Option<Half> {
    let digits = text.strip_prefix("\\u")?.get(..4)?;
    match u16::from_str_radix(digits, 16).ok()? {
        0xd800..=0xdbff => Some(Half::High),
        0xdc00..=0xdfff => Some(Half::Low),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_pairs_and_escaped_backslashes_stay_as_they_are() {
        for text in [
            r"\ud83d\ude00",
            r"\\ud800",
            r#"a\"b\n\u00e9"#,
            "\\",
            r"\u12",
        ] {
            assert_eq!(repair(text.as_bytes()), text);
        }
    }

    #[test]
    fn each_half_pair_becomes_one_replacement() {
        assert_eq!(repair(br"\ud800"), r"\ufffd");
        assert_eq!(repair(br"\ud800\ud800\udc00"), r"\ufffd\ud800\udc00");
        assert_eq!(repair(br"x\udc00\n"), r"x\ufffd\n");
        assert_eq!(repair(br"\\\ud800"), r"\\\ufffd");
    }

    #[test]
    fn a_command_without_escapes_is_not_copied() {
        let line = Line::parse(br#"{"id":1,"command":"ls"}"#).expect("valid");
        assert!(matches!(line.command, Some(Cow::Borrowed("ls"))));
    }
}
