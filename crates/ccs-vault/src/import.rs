//! Taking secrets over from an environment, a `.env` file or a shell's start-up file.
//!
//! The texts are arguments: nothing here reads a file or the environment. They are read as their
//! own programs read them, quotes and all, but nothing is expanded or run: an assignment that would
//! need that is left, with the reason. A [`Plan`] says what would be taken, so it is also the dry
//! run; [`Vault::import`](crate::Vault::import) takes it.

mod ansi;
mod dotenv;
mod shell;

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fmt;
use std::ops::Range;

use serde::Serialize;
use zeroize::Zeroizing;

use crate::{Name, Result, Secret, entry};

/// The longest text that is read: 1 MiB.
pub const MAX_TEXT: usize = 1 << 20;

/// Which variables are taken.
#[derive(Clone, Copy, Debug)]
pub enum Wanted<'a> {
    /// Those whose name says that they hold a secret.
    Likely,
    /// These.
    Named(&'a [Name]),
    /// All. Only for a file of secrets.
    All,
}

/// What a text or an environment offers.
#[derive(Default)]
#[non_exhaustive]
pub struct Plan {
    /// What can be taken, each name once.
    pub found: Vec<Found>,
    /// What cannot, and why.
    pub left: Vec<Left>,
}

/// A variable that can be taken.
#[non_exhaustive]
pub struct Found {
    /// Its name.
    pub name: Name,
    /// Its value.
    pub value: Secret,
    /// The line it was found in, from 1; 0 in an environment.
    pub line: u32,
    /// The bytes of the assignment in the text.
    pub span: Range<usize>,
}

/// An assignment that is not taken.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Left {
    /// The variable, if it has a name.
    pub name: Option<String>,
    /// The line it was found in, from 1; 0 in an environment.
    pub line: u32,
    /// Why.
    pub why: Why,
}

/// Why an assignment is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Why {
    /// It runs a command.
    Command,
    /// It uses another variable or expands in another way.
    Expansion,
    /// Its quote is never closed.
    OpenQuote,
    /// Text follows its closing quote, which programs read in different ways.
    AfterQuote,
    /// It assigns an array.
    Array,
    /// It appends to what the variable held.
    Append,
    /// It holds for one command only.
    OneCommand,
    /// The line is no assignment.
    NoAssignment,
    /// No entry can have its name.
    BadName,
    /// Its value is empty.
    Empty,
    /// Its value is longer than an entry's.
    TooLong,
    /// Its value is a placeholder.
    Placeholder,
    /// A later assignment gives the variable another value.
    Overridden,
    /// The variable that was asked for is not there.
    Absent,
    /// The text is longer than [`MAX_TEXT`].
    TextTooLong,
}

impl fmt::Display for Why {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Command => "it runs a command; put its value there, or store the command",
            Self::Expansion => "it uses another variable; put it in single quotes if it does not",
            Self::OpenQuote => "its quote is never closed",
            Self::AfterQuote => "text follows its closing quote",
            Self::Array => "it is an array",
            Self::Append => "it appends to another value",
            Self::OneCommand => "it is set for one command only",
            Self::NoAssignment => "the line is no assignment",
            Self::BadName => "no entry can have its name",
            Self::Empty => "its value is empty",
            Self::TooLong => "its value is longer than 64 KiB",
            Self::Placeholder => "its value is a placeholder",
            Self::Overridden => "a later line gives it another value",
            Self::Absent => "there is no such variable",
            Self::TextTooLong => "the text is longer than 1 MiB",
        })
    }
}

/// An assignment as it was read.
pub(crate) struct Item {
    name: Option<String>,
    line: u32,
    span: Range<usize>,
    value: Result<Zeroizing<Vec<u8>>, Why>,
}

/// The variables of an environment, such as `std::env::vars_os()`.
pub fn from_environment(
    variables: impl IntoIterator<Item = (OsString, OsString)>,
    wanted: Wanted<'_>,
) -> Plan {
    let items = variables.into_iter().filter_map(|(name, value)| {
        Some(Item {
            name: Some(name.into_string().ok()?),
            line: 0,
            span: 0..0,
            value: Ok(Zeroizing::new(value.into_encoded_bytes())),
        })
    });
    plan(items.collect(), wanted, likely_in_environment)
}

/// The assignments of a `.env` file.
#[must_use]
pub fn from_dotenv(text: &str, wanted: Wanted<'_>) -> Plan {
    from_text(text, wanted, dotenv::read)
}

/// The assignments of a start-up file of sh, bash or zsh, exported or not.
#[must_use]
pub fn from_shell(text: &str, wanted: Wanted<'_>) -> Plan {
    from_text(text, wanted, shell::read)
}

fn from_text(text: &str, wanted: Wanted<'_>, read: fn(&str) -> Vec<Item>) -> Plan {
    if text.len() > MAX_TEXT {
        let left = Left {
            name: None,
            line: 0,
            why: Why::TextTooLong,
        };
        return Plan {
            found: Vec::new(),
            left: vec![left],
        };
    }
    plan(read(text), wanted, likely_in_file)
}

fn plan(items: Vec<Item>, wanted: Wanted<'_>, likely: fn(&str) -> bool) -> Plan {
    let mut plan = Plan::default();
    let mut latest: BTreeMap<Name, Found> = BTreeMap::new();
    for item in items {
        let is_wanted = item.name.as_deref().is_none_or(|name| match wanted {
            Wanted::Likely => likely(name),
            Wanted::Named(names) => names.iter().any(|wanted| wanted.as_str() == name),
            Wanted::All => true,
        });
        if !is_wanted {
            continue;
        }
        let (name, line) = (item.name.clone(), item.line);
        match found(item) {
            Ok(found) => {
                if let Some(earlier) = latest.insert(found.name.clone(), found) {
                    let name = Some(earlier.name.as_str().to_owned());
                    plan.left.push(Left {
                        name,
                        line: earlier.line,
                        why: Why::Overridden,
                    });
                }
            }
            Err(why) => plan.left.push(Left { name, line, why }),
        }
    }
    if let Wanted::Named(names) = wanted {
        plan.left.extend(absent(names, &latest, &plan.left));
    }
    plan.found = latest.into_values().collect();
    plan.left.sort_by_key(|left| left.line);
    plan
}

fn found(item: Item) -> Result<Found, Why> {
    let value = item.value?;
    let name = Name::new(&item.name.unwrap_or_default()).map_err(|_| Why::BadName)?;
    let why = match &value[..] {
        b"" => Some(Why::Empty),
        value if value.len() > entry::MAX_VALUE => Some(Why::TooLong),
        value if is_placeholder(value) => Some(Why::Placeholder),
        _ => None,
    };
    let (line, span) = (item.line, item.span);
    why.map_or_else(
        || {
            Ok(Found {
                name,
                value: Secret::of(value),
                line,
                span,
            })
        },
        Err,
    )
}

fn absent(names: &[Name], found: &BTreeMap<Name, Found>, left: &[Left]) -> Vec<Left> {
    let known = |name: &Name| {
        left.iter()
            .any(|left| left.name.as_deref() == Some(name.as_str()))
    };
    let absent = names
        .iter()
        .filter(|name| !found.contains_key(name) && !known(name));
    let left = |name: &Name| Left {
        name: Some(name.as_str().to_owned()),
        line: 0,
        why: Why::Absent,
    };
    absent.map(left).collect()
}

/// Words in the names of variables that hold secrets.
const LIKELY: [&str; 8] = [
    "ACCESS_KEY",
    "API_KEY",
    "CREDENTIAL",
    "PASSWD",
    "PASSWORD",
    "PRIVATE_KEY",
    "SECRET",
    "TOKEN",
];

/// What is left out of a name before it is asked: these count tokens of text or make them.
const HARMLESS: [&str; 4] = [
    "MAX_TOKENS",
    "OUTPUT_TOKENS",
    "THINKING_TOKENS",
    "TOKENIZER",
];

/// A name with one of the words in it, but for npm's and two that hold no secret.
fn likely_in_environment(name: &str) -> bool {
    let upper = name.to_ascii_uppercase();
    let asked = HARMLESS
        .iter()
        .fold(upper.clone(), |name, word| name.replace(word, ""));
    LIKELY.iter().any(|word| asked.contains(word)) && !is_known_harmless(&upper)
}

/// In a file `AUTH` counts as well.
fn likely_in_file(name: &str) -> bool {
    let upper = name.to_ascii_uppercase();
    likely_in_environment(name) || (upper.contains("AUTH") && !is_known_harmless(&upper))
}

fn is_known_harmless(upper: &str) -> bool {
    upper.starts_with("NPM_")
        || [
            "GOOGLE_APPLICATION_CREDENTIALS",
            "SSH_AUTH_SOCK",
            "TERM_SESSION_ID",
        ]
        .contains(&upper)
}

fn is_placeholder(value: &[u8]) -> bool {
    let lower = value.to_ascii_lowercase();
    lower.windows(13).any(|window| window == b"your-key-here")
        || lower.starts_with(b"xxx")
        || (lower.starts_with(b"<") && lower.ends_with(b">"))
}

/// What happens to an entry that is there already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Existing {
    /// It stays as it is.
    Keep,
    /// It gets the new value; the one before joins its older ones.
    Replace,
}

/// What happened, or would happen, to a variable.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Outcome {
    /// A new entry.
    Added,
    /// A new value of an entry.
    Replaced,
    /// The entry holds this value already.
    Unchanged,
    /// The entry holds another value, which stays.
    Kept,
}

#[cfg(test)]
mod tests;
