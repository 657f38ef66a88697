//! What entries and their groups are called.

use std::fmt;
use std::str::FromStr;

use serde::Serialize;

use crate::{Error, Result};

/// The name of an entry: a letter, digit or `_`, then up to 127 of these or `.`, `-`, `/`.
///
/// A name is never turned into a file name and never rewritten, so no two names share an entry.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct Name(String);

/// The longest name in bytes.
const MAX_NAME: usize = 128;

/// Variables that change which programs run or what code they load. No secret is put into them.
const TAKEN: [&str; 18] = [
    "BASH_ENV",
    "BROWSER",
    "CDPATH",
    "EDITOR",
    "ENV",
    "HOME",
    "IFS",
    "NODE_OPTIONS",
    "PATH",
    "PERL5LIB",
    "PERL5OPT",
    "PROMPT_COMMAND",
    "PS4",
    "PYTHONPATH",
    "PYTHONSTARTUP",
    "RUBYOPT",
    "SHELL",
    "SHELLOPTS",
];

impl Name {
    /// Checks a name.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] if it breaks the rule above.
    pub fn new(name: &str) -> Result<Self> {
        let starts = name.bytes().next().is_some_and(is_word);
        if !starts
            || !name
                .bytes()
                .all(|byte| is_word(byte) || b".-/".contains(&byte))
        {
            return Err(invalid(
                "it is a letter, digit or `_`, then letters, digits, `_.-/`",
            ));
        }
        if name.len() > MAX_NAME {
            return Err(invalid("it is longer than 128 bytes"));
        }
        Ok(Self(name.to_owned()))
    }

    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether the name can be a variable of a program's environment: letters, digits and `_`,
    /// no digit first, and none of the variables that decide what code runs (`PATH`, `LD_…`).
    #[must_use]
    pub fn is_variable(&self) -> bool {
        is_variable(&self.0)
    }
}

pub(crate) fn is_variable(name: &str) -> bool {
    let upper = name.to_ascii_uppercase();
    !name.is_empty()
        && !name.starts_with(|first: char| first.is_ascii_digit())
        && name.bytes().all(is_word)
        && !TAKEN.contains(&upper.as_str())
        && !["LD_", "DYLD_"]
            .iter()
            .any(|loader| upper.starts_with(loader))
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

fn invalid(why: &'static str) -> Error {
    Error::Invalid { what: "name", why }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for Name {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self> {
        Self::new(name)
    }
}

/// The group an entry is listed and exported in.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct Category(String);

/// What a name says about its category, in the order it is asked.
const KNOWN: [(&str, &[&str]); 4] = [
    (
        "llm",
        &[
            "ANTHROPIC",
            "OPENAI",
            "GROQ",
            "MISTRAL",
            "OPENROUTER",
            "TOGETHER",
            "OLLAMA",
            "HF_TOKEN",
            "GEMINI",
        ],
    ),
    (
        "cloud",
        &["GCLOUD", "GCP", "AWS", "AZURE", "GOOGLE_API", "COPERNICUS"],
    ),
    (
        "service",
        &[
            "STRIPE",
            "RENDER",
            "BRAVE",
            "SLACK",
            "DISCORD",
            "GITHUB_TOKEN",
        ],
    ),
    ("cluster", &["CLUSTER", "NODE_LISTENER", "CLAWDBOT"]),
];

impl Category {
    /// A category of the caller's own: 1 to 64 bytes without control characters.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] if it breaks that rule.
    pub fn new(category: &str) -> Result<Self> {
        if category.is_empty() || category.len() > 64 || category.chars().any(char::is_control) {
            return Err(Error::Invalid {
                what: "category",
                why: "it has 1 to 64 bytes and no control characters",
            });
        }
        Ok(Self(category.to_owned()))
    }

    /// The category a name suggests: `llm`, `cloud`, `service`, `cluster`, or `other`.
    #[must_use]
    pub fn of(name: &Name) -> Self {
        let upper = name.as_str().to_ascii_uppercase();
        let known = KNOWN
            .iter()
            .find(|(_, words)| words.iter().any(|word| upper.contains(word)));
        Self(known.map_or("other", |(category, _)| category).to_owned())
    }

    /// The category as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Category {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_kept_as_it_is_or_refused() {
        for name in ["A", "_x", "github/ci-token.2", "9", "a/b", "a_b"] {
            assert_eq!(Name::new(name).expect("a name").as_str(), name);
        }
        let long = "a".repeat(129);
        for name in [
            "",
            "/a",
            ".a",
            "-a",
            "a b",
            "a;b",
            "a\n",
            "é",
            "$(x)",
            long.as_str(),
        ] {
            assert!(Name::new(name).is_err(), "{name:?}");
        }
    }

    #[test]
    fn only_harmless_identifiers_are_variables() {
        for name in ["API_KEY", "_x", "a1"] {
            assert!(Name::new(name).expect("a name").is_variable(), "{name}");
        }
        for name in [
            "1a",
            "a-b",
            "a/b",
            "a.b",
            "PATH",
            "LD_PRELOAD",
            "dyld_x",
            "NODE_OPTIONS",
        ] {
            assert!(!Name::new(name).expect("a name").is_variable(), "{name}");
        }
    }

    #[test]
    fn a_name_suggests_its_category_and_the_first_that_fits_wins() {
        for (name, category) in [
            ("ANTHROPIC_API_KEY", "llm"),
            ("my_openai_key", "llm"),
            ("AWS_SECRET_ACCESS_KEY", "cloud"),
            ("STRIPE_SECRET_KEY", "service"),
            ("GITHUB_TOKEN", "service"),
            ("CLUSTER_SECRET", "cluster"),
            ("AZURE_OPENAI_KEY", "llm"),
            ("PGPASSWORD", "other"),
        ] {
            let name = Name::new(name).expect("a name");
            assert_eq!(Category::of(&name).as_str(), category, "{name}");
        }
    }

    #[test]
    fn a_category_without_control_characters_is_free() {
        assert_eq!(
            Category::new("größer als").expect("a category").as_str(),
            "größer als"
        );
        for category in ["", "a\nb", "\u{1b}[31m", &"x".repeat(65)] {
            assert!(Category::new(category).is_err(), "{category:?}");
        }
    }
}
