//! The values a call is given.

use std::rc::Rc;

use super::Machine;
use crate::script::Language;
use crate::script::expr::{Arg, Expr};
use crate::script::table::Entry;
use crate::script::value::{Taint, Value};

/// Arguments by position and by name.
#[derive(Default, Debug)]
pub(super) struct Args {
    pub(super) items: Vec<Value>,
    pub(super) named: Vec<(Rc<str>, Value)>,
    /// The variables among the arguments, by position, for calls that fill them.
    pub(super) variables: Vec<(usize, Rc<str>)>,
}

/// Parameters of PowerShell's commands that take no value.
const SWITCHES: &[&str] = &[
    "recurse",
    "force",
    "verbose",
    "whatif",
    "nonewline",
    "usebasicparsing",
    "wait",
    "passthru",
    "asplaintext",
    "raw",
    "noclobber",
    "append",
    "directory",
    "file",
    "hidden",
    "nonewwindow",
    "r",
    "rf",
    "fr",
    "fo",
    "rec",
    "debug",
    "resume",
    "usedefaultcredentials",
    "asbytestream",
    "quiet",
];

impl Args {
    pub(super) fn of(items: Vec<Value>) -> Args {
        Args {
            items,
            ..Args::default()
        }
    }

    /// An option: a named argument, or a key of a map among the arguments.
    pub(super) fn option(&self, names: &[&str]) -> Option<&Value> {
        let fits = |key: &str| names.iter().any(|name| key.eq_ignore_ascii_case(name));
        let named = self
            .named
            .iter()
            .find(|(key, _)| fits(key))
            .map(|(_, value)| value);
        named.or_else(|| {
            self.items.iter().find_map(|item| match item {
                Value::Map(map) => map
                    .pairs
                    .iter()
                    .find(|(key, _)| fits(key))
                    .map(|(_, value)| value),
                _ => None,
            })
        })
    }

    /// Whether an option is there and not false.
    pub(super) fn is_on(&self, names: &[&str]) -> bool {
        self.option(names).is_some_and(|value| match value {
            Value::Number(n) => *n != 0,
            Value::Path(path) => !matches!(
                &**path,
                "False" | "false" | "nil" | "undef" | "FALSE" | "F" | "null"
            ),
            _ => true,
        })
    }

    pub(super) fn taint(&self) -> Taint {
        let named = self.named.iter().map(|(_, value)| value);
        self.items
            .iter()
            .chain(named)
            .fold(Taint::NONE, |t, v| t.and(v.taint()))
    }
}

impl Machine {
    /// Evaluates arguments.
    pub(super) fn arguments(&mut self, args: &[Arg]) -> Args {
        let mut values = Args::default();
        for arg in args {
            let spread = matches!(arg.value, Expr::Spread(_));
            if let (Expr::Name(name), None) = (&arg.value, &arg.name) {
                values.variables.push((values.items.len(), name.clone()));
            }
            let value = self.eval(&arg.value);
            match (&arg.name, value) {
                (Some(name), value) => values.named.push((name.clone(), value)),
                (None, Value::List(list)) if spread || self.language == Language::Perl => {
                    values.items.extend(list.items.iter().cloned());
                }
                (None, value) => values.items.push(value),
            }
        }
        values
    }

    /// PowerShell: words of a command as parameters with their values, for a known command.
    pub(super) fn parameters(&mut self, args: &[Arg]) -> Args {
        let mut values = Args::default();
        let mut waiting: Option<Rc<str>> = None;
        for arg in args {
            let value = self.eval(&arg.value);
            let quoted = value.constant().filter(|text| {
                text.strip_prefix('-')
                    .is_some_and(|text| text.starts_with(char::is_alphabetic))
            });
            let quoted = quoted.filter(|_| self.language == Language::PowerShell);
            if let Some(name) = arg.name.as_ref().or(quoted.as_ref()) {
                if let Some(before) = waiting.take() {
                    values.named.push((before, Value::Number(1)));
                }
                let bare: Rc<str> = Rc::from(name.trim_start_matches('-'));
                if SWITCHES.contains(&&*bare) {
                    values.named.push((bare, Value::Number(1)));
                } else {
                    waiting = Some(bare);
                }
            } else if let Some(name) = waiting.take() {
                values.named.push((name, value));
            } else {
                values.items.push(value);
            }
        }
        if let Some(name) = waiting {
            values.named.push((name, Value::Number(1)));
        }
        values
    }

    /// The main argument of a call: by name, by position, or what the pipeline brought.
    pub(super) fn main(
        &self,
        entry: &Entry,
        receiver: Option<&Value>,
        args: &Args,
    ) -> Option<Value> {
        let named = (!entry.keys.is_empty())
            .then(|| args.option(entry.keys))
            .flatten();
        let placed = || self.nth(entry.at, receiver, args);
        named
            .cloned()
            .or_else(placed)
            .or_else(|| self.input.clone())
    }

    /// The argument at a position of the tables.
    pub(super) fn nth(&self, at: i8, receiver: Option<&Value>, args: &Args) -> Option<Value> {
        match usize::try_from(at) {
            Ok(at) => args.items.get(at).cloned(),
            Err(_) => receiver.cloned(),
        }
    }
}
