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

impl Line<'_> {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_without_escapes_is_not_copied() {
        let line: Line<'_> = serde_json::from_slice(br#"{"id":1,"command":"ls"}"#).expect("valid");
        assert!(matches!(line.command, Some(Cow::Borrowed("ls"))));
    }
}
