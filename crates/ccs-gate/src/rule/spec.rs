//! What has to be known of a program to read its arguments.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use super::argv::Word;
use super::pattern::Patterns;

/// Long options that take no value in any program we know.
const SWITCHES: [&str; 24] = [
    "all",
    "debug",
    "delete",
    "destroy",
    "dry-run",
    "dryrun",
    "force",
    "help",
    "insecure",
    "interactive",
    "json",
    "local",
    "now",
    "prune",
    "purge",
    "quiet",
    "recursive",
    "silent",
    "tty",
    "verbose",
    "version",
    "wait",
    "watch",
    "yes",
];

/// How one program reads its arguments.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct ProgramSpec {
    /// Its names, blanks between them.
    pub(crate) names: Cow<'static, str>,
    /// Options that take a value, blanks between them: `-n` takes the next word, `-p?` only what
    /// is attached to it.
    pub(crate) values: Cow<'static, str>,
    /// Options that take a value as long as there is no word.
    pub(crate) before: Cow<'static, str>,
    /// Options that take a value after a certain word: that word and its options, one a line.
    pub(crate) after: Cow<'static, str>,
    /// Options that take none, blanks between them.
    pub(crate) flags: Cow<'static, str>,
    /// Whether `-name` is one long option and not a cluster of letters.
    pub(crate) single_dash: bool,
    /// Whether it administers remote or shared things.
    pub(crate) admin: bool,
    /// What lifts every rule for it.
    pub(crate) unless: Patterns,
    /// After which words the rest is a command of its own.
    pub(crate) runs: Patterns,
}

/// What a program of which nothing is known reads like.
pub(crate) static UNKNOWN: ProgramSpec = ProgramSpec {
    names: Cow::Borrowed(""),
    values: Cow::Borrowed(""),
    before: Cow::Borrowed(""),
    after: Cow::Borrowed(""),
    flags: Cow::Borrowed(""),
    single_dash: false,
    admin: false,
    unless: Patterns::known(""),
    runs: Patterns::known(""),
};

/// Whether an option takes a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Takes {
    /// The next word, if nothing is attached.
    Next,
    /// Only what is attached.
    Attached,
    /// None.
    Nothing,
    /// We do not know.
    Unknown,
}

impl ProgramSpec {
    /// Whether the option `name`, given without dashes after `words`, takes a value.
    pub(crate) fn takes(&self, name: &str, long: bool, words: &[Word<'_>]) -> Takes {
        if let Some(takes) = self.listed(name, long, words) {
            return takes;
        }
        let switch = long && (name.starts_with("no-") || SWITCHES.binary_search(&name).is_ok());
        if switch || self.is_flag(name, long) {
            Takes::Nothing
        } else {
            Takes::Unknown
        }
    }

    fn listed(&self, name: &str, long: bool, words: &[Word<'_>]) -> Option<Takes> {
        let before = if words.is_empty() { &*self.before } else { "" };
        self.among(&self.values, name, long)
            .or_else(|| self.among(before, name, long))
            .or_else(|| {
                let mut after = self.after.lines().filter_map(|line| line.split_once(' '));
                after.find_map(|(word, options)| {
                    let behind = stands_among(words, word);
                    behind.then(|| self.among(options, name, long)).flatten()
                })
            })
    }

    fn among(&self, options: &str, name: &str, long: bool) -> Option<Takes> {
        options.split(' ').find_map(|option| {
            let (option, takes) = match option.strip_suffix('?') {
                Some(option) => (option, Takes::Attached),
                None => (option, Takes::Next),
            };
            self.same(option, name, long).then_some(takes)
        })
    }

    fn is_flag(&self, name: &str, long: bool) -> bool {
        self.flags
            .split(' ')
            .any(|flag| self.same(flag, name, long))
    }

    fn same(&self, option: &str, name: &str, long: bool) -> bool {
        option.ends_with(name)
            && option.trim_start_matches('-') == name
            && (self.single_dash || long == option.starts_with("--"))
    }
}

/// Whether a word is among the first three.
fn stands_among(words: &[Word<'_>], word: &str) -> bool {
    let mut first = words.iter().take(3);
    first.any(|other| other.text.eq_ignore_ascii_case(word))
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_switches_are_sorted() {
        assert!(super::SWITCHES.is_sorted());
    }
}
