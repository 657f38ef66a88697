//! Tcl's commands whose first word says what they do.

use super::Machine;
use super::args::Args;
use crate::script::table::{Entry, Shape};
use crate::script::value::{Taint, Texts, Value};
use crate::script::{Act, decode};

impl Machine {
    pub(super) fn tcl(&mut self, entry: Entry, args: &Args) -> Value {
        let words: Vec<Texts> = args.items.iter().map(Value::texts).collect();
        let word = |n: usize| words.get(n).map_or("", |texts| &**texts.first());
        match entry.shape {
            Shape::TclFile => self.tcl_file(word(0), &words),
            Shape::TclPuts => self.tcl_puts(args),
            Shape::TclGets => self.tcl_gets(args),
            Shape::TclSocket if word(0) == "-server" => {
                self.scene.socket = true;
                self.act(Act::Listen);
                Value::object("server", Texts::of("\0"))
            }
            Shape::TclSocket => {
                let to = format!("{}:{}", word(words.len().saturating_sub(2)), last(&words));
                self.scene.socket = true;
                self.act(Act::Connect { to: to.clone() });
                Value::object("socket", Texts::of(&to))
            }
            Shape::TclString => match word(0) {
                "reverse" if args.taint() == Taint::NONE => {
                    changed(&words, |text| Some(text.chars().rev().collect()))
                }
                "tolower" | "trim" => words.last().cloned().map_or(Value::unknown(), Value::Text),
                "range" | "map" | "repeat" | "reverse" => Value::Unknown(args.taint()),
                _ => Value::unknown(),
            },
            _ => match (word(0), word(1)) {
                ("decode", "base64") => changed(&words, decode::base64),
                ("decode", "hex") => changed(&words, decode::hex),
                ("format", _) => changed(&words, decode::hex),
                _ => Value::Unknown(args.taint()),
            },
        }
    }

    fn tcl_file(&mut self, what: &str, words: &[Texts]) -> Value {
        let paths: Vec<String> = words
            .iter()
            .skip(1)
            .map(|texts| texts.first().to_string())
            .filter(|path| !path.starts_with('-'))
            .collect();
        match (what, paths.as_slice()) {
            ("delete", paths) => {
                let tree = words.iter().any(|texts| &**texts.first() == "-force");
                for path in paths {
                    let path = path.clone();
                    self.act(Act::Delete { path, tree });
                }
            }
            ("rename", [from, to]) => {
                self.act(Act::Rename {
                    from: from.clone(),
                    to: to.clone(),
                });
            }
            ("copy", [from, to]) => {
                self.act(Act::Read(from.clone()));
                self.act(Act::Write {
                    path: to.clone(),
                    text: None,
                });
            }
            ("join", parts) => return Value::text(&parts.join("/")),
            _ => {}
        }
        Value::unknown()
    }

    /// `puts ?-nonewline? ?channel? text`.
    fn tcl_puts(&mut self, args: &Args) -> Value {
        let flag = |value: &&Value| &**value.texts().first() != "-nonewline";
        let items: Vec<Value> = args.items.iter().filter(flag).cloned().collect();
        match items.as_slice() {
            [text] => {
                let texts = text.texts();
                let line = if items.len() < args.items.len() {
                    ""
                } else {
                    "\n"
                };
                self.print(format!("{}{line}", texts.first()), texts.taint);
            }
            [channel, text, ..] => match channel.texts().first().as_ref() {
                "stdout" => self.print(text.texts().first().to_string(), text.taint()),
                _ => self.put(channel, text),
            },
            [] => {}
        }
        Value::unknown()
    }

    /// `gets channel ?variable?`.
    fn tcl_gets(&mut self, args: &Args) -> Value {
        self.scene.waits += 1;
        let value = match args.items.first() {
            Some(channel) if channel.kind() == "stdin" || is_stdin(channel) => {
                self.standard_input()
            }
            Some(channel) => Value::Unknown(channel.taint()),
            None => Value::unknown(),
        };
        if let Some(name) = args.items.get(1).and_then(Value::constant) {
            self.set(&std::rc::Rc::from(format!("${name}")), value.clone());
        }
        value
    }
}

fn is_stdin(channel: &Value) -> bool {
    channel.constant().is_some_and(|name| &*name == "stdin")
}

fn last(words: &[Texts]) -> &str {
    words.last().map_or("\0", |texts| texts.first())
}

/// The last word changed.
fn changed(words: &[Texts], change: impl Fn(&str) -> Option<String>) -> Value {
    let Some(texts) = words.last() else {
        return Value::unknown();
    };
    match change(texts.first()).filter(|_| !texts.first().contains('\0')) {
        Some(text) => Value::Text(Texts::tainted(&text, texts.taint)),
        None => Value::Unknown(texts.taint.and(Taint::DECODED)),
    }
}
