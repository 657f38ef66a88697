//! The arguments of one simple command, told apart into words and options.
//!
//! What takes a value is known from the program's [`ProgramSpec`]. Where it is not known, both
//! readings are kept: the word after an unknown option is marked as one that may be its value.

use super::matcher::{self, Side};
use super::pattern::trace;
use super::spec::{ProgramSpec, Takes};

/// After so many words that may be values, further ones are taken to be values.
const MAX_SKIPPABLE: usize = 64;

/// So many arguments are read; nobody writes more of them down.
pub(crate) const MAX_ARGS: usize = 2048;

/// Values that turn a switch off.
const OFF: [&str; 6] = ["false", "no", "0", "none", "off", "never"];

/// What stands for text that could not be known.
pub(crate) const UNKNOWN: char = '\0';

/// Parsed arguments.
#[derive(Debug, Default)]
pub(crate) struct Argv<'a> {
    /// What is not an option, in order.
    pub(crate) words: Vec<Word<'a>>,
    /// The options, in order; a cluster `-rf` is two.
    pub(crate) options: Vec<Opt<'a>>,
    single_dash: bool,
}

/// One argument that is not an option.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Word<'a> {
    /// The argument.
    pub(crate) text: &'a str,
    /// Its place in the arguments.
    pub(crate) index: usize,
    /// True if it may be the value of the option before it, or nothing at all.
    pub(crate) skippable: bool,
    /// True for the `--` that ends options.
    pub(crate) dashes: bool,
}

/// One option.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Opt<'a> {
    /// Its name without dashes: one letter, or a word if `long`.
    pub(crate) name: &'a str,
    /// True for `--name`, and for `-name` of programs that have no clusters.
    pub(crate) long: bool,
    /// Its value.
    pub(crate) value: Value<'a>,
    /// True if the program is known to have an option of exactly this name.
    pub(crate) known: bool,
    /// The place of the last argument that belongs to it for certain.
    pub(crate) index: usize,
}

/// What is known of an option's value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Value<'a> {
    /// It has none.
    None,
    /// It has this one.
    Is(&'a str),
    /// This is its value, unless the option takes none.
    Maybe(&'a str),
}

impl<'a> Argv<'a> {
    /// Reads the first [`MAX_ARGS`] of `args` as the program of `spec` would, as far as that is
    /// known.
    pub(crate) fn parse(spec: &ProgramSpec, args: &[&'a str]) -> Self {
        let mut reader = Reader {
            spec,
            args: &args[..args.len().min(MAX_ARGS)],
            at: 0,
            skips: 0,
            skippable: false,
            argv: Argv {
                single_dash: spec.single_dash,
                ..Argv::default()
            },
        };
        reader.read();
        reader.argv
    }

    /// The traces of all words with which a pattern may begin.
    pub(crate) fn first_words(&self) -> u64 {
        let certain = self.words.iter().position(|word| !word.skippable);
        let end = certain.map_or(self.words.len(), |at| at + 1);
        let first = self.words.iter().take(end);
        first.fold(0, |seen, word| seen | trace(word.text))
    }

    /// Whether one of the options `any` (`-f|--force`) occurs, with one of the values if given.
    ///
    /// To find a risk, `--forc` counts as `--force`; for an excuse, `--no-dry-run` takes
    /// `--dry-run` back. An option that is switched off (`--force=false`) does not count.
    pub(crate) fn has(&self, any: &str, values: Option<&str>, side: Side) -> bool {
        !self.options.is_empty() && any.split('|').any(|name| self.has_one(name, values, side))
    }

    fn has_one(&self, name: &str, values: Option<&str>, side: Side) -> bool {
        let long = self.single_dash || name.starts_with("--");
        let name = name.trim_start_matches('-');
        if long || name.len() == 1 {
            let plain = side == Side::Excuse && long && values.is_none();
            return self.any_option(name, long, values, side) && !(plain && self.takes_back(name));
        }
        name.split("")
            .filter(|letter| !letter.is_empty())
            .all(|letter| self.any_option(letter, false, values, side))
    }

    fn any_option(&self, name: &str, long: bool, values: Option<&str>, side: Side) -> bool {
        self.options.iter().any(|option| {
            option.long == long
                && (option.name == name || side == Side::Risk && option.abbreviates(name))
                && option.value_fits(values)
        })
    }

    fn takes_back(&self, name: &str) -> bool {
        let mut long = self.options.iter().filter(|option| option.long);
        long.any(|option| {
            option.name.strip_prefix("no-") == Some(name)
                || option.name == name && !option.value_fits(None)
        })
    }

    /// The value of the option `name` (without dashes) and the place where it ends, if it is
    /// certain to have one.
    pub(crate) fn value(&self, name: &str) -> Option<(&'a str, usize)> {
        let option = self.options.iter().find(|option| option.name == name)?;
        match option.value {
            Value::Is(value) => Some((value, option.index)),
            Value::Maybe(_) | Value::None => None,
        }
    }
}

impl Opt<'_> {
    fn abbreviates(&self, name: &str) -> bool {
        self.long && !self.known && self.name.len() >= 3 && name.starts_with(self.name)
    }

    fn value_fits(&self, wanted: Option<&str>) -> bool {
        match (wanted, self.value) {
            (None, Value::Is(value)) => {
                !self.long || !OFF.iter().any(|off| value.eq_ignore_ascii_case(off))
            }
            (None, _) => true,
            (Some(wanted), Value::Is(value) | Value::Maybe(value)) => {
                matcher::one_of(wanted, value)
            }
            (Some(_), Value::None) => false,
        }
    }
}

struct Reader<'s, 'a> {
    spec: &'s ProgramSpec,
    args: &'s [&'a str],
    at: usize,
    skips: usize,
    skippable: bool,
    argv: Argv<'a>,
}

impl<'a> Reader<'_, 'a> {
    fn read(&mut self) {
        while let Some(arg) = self.args.get(self.at) {
            match arg.as_bytes() {
                b"--" => return self.rest(),
                [b'-', b'-', ..] => self.long(&arg[2..]),
                [b'-', _, ..] if self.spec.single_dash => self.long(&arg[1..]),
                [b'-', _, ..] => self.cluster(&arg[1..]),
                _ => self.word(arg),
            }
            self.at += 1;
        }
    }

    fn rest(&mut self) {
        self.push(Word {
            text: "--",
            index: self.at,
            skippable: true,
            dashes: true,
        });
        self.skippable = false;
        let from = self.at + 1;
        for (at, arg) in self.args.iter().enumerate().skip(from) {
            self.at = at;
            self.word(arg);
        }
    }

    fn word(&mut self, text: &'a str) {
        let skippable = std::mem::take(&mut self.skippable) || is_unknown(text);
        if skippable {
            self.skips += 1;
            if self.skips > MAX_SKIPPABLE {
                return;
            }
        }
        self.push(Word {
            text,
            index: self.at,
            skippable,
            dashes: false,
        });
    }

    fn push(&mut self, word: Word<'a>) {
        self.argv.words.push(word);
    }

    fn long(&mut self, body: &'a str) {
        let (name, value) = match body.split_once('=') {
            Some((name, value)) => (name, Some(value)),
            None => (body, None),
        };
        let takes = self.spec.takes(name, true, &self.argv.words);
        match value {
            Some(value) => self.option(name, true, takes, Value::Is(value)),
            None => self.valued(name, true, takes),
        }
    }

    fn cluster(&mut self, body: &'a str) {
        let mut seen = 0u128;
        for (at, letter) in body.bytes().enumerate() {
            if !letter.is_ascii_alphanumeric() {
                return;
            }
            let (name, rest) = (&body[at..=at], &body[at + 1..]);
            let takes = self.spec.takes(name, false, &self.argv.words);
            if rest.is_empty() {
                return self.valued(name, false, takes);
            }
            let value = rest.strip_prefix('=').unwrap_or(rest);
            if matches!(takes, Takes::Next | Takes::Attached) {
                return self.option(name, false, takes, Value::Is(value));
            }
            if seen & (1 << letter) == 0 {
                seen |= 1 << letter;
                self.option(name, false, takes, Value::Maybe(value));
            }
        }
    }

    /// An option without an attached value.
    fn valued(&mut self, name: &'a str, long: bool, takes: Takes) {
        let next = self.args.get(self.at + 1).copied();
        let value = match (takes, next) {
            (Takes::Next, Some(value)) => {
                self.at += 1;
                Value::Is(value)
            }
            (Takes::Unknown, Some(value)) if !is_option(value) => {
                self.skippable = true;
                Value::Maybe(value)
            }
            _ => Value::None,
        };
        self.option(name, long, takes, value);
    }

    fn option(&mut self, name: &'a str, long: bool, takes: Takes, value: Value<'a>) {
        self.argv.options.push(Opt {
            name,
            long,
            value,
            known: takes != Takes::Unknown,
            index: self.at,
        });
    }
}

fn is_option(arg: &str) -> bool {
    arg.len() > 1 && arg.starts_with('-')
}

/// Whether nothing of the argument is known; the shell may then drop or split it.
fn is_unknown(arg: &str) -> bool {
    let mut chars = arg.chars();
    chars.next() == Some(UNKNOWN) && chars.next().is_none()
}

#[cfg(test)]
mod tests;
