//! Values a script is given from outside: environment, arguments, standard input.

use std::rc::Rc;

use super::Machine;
use super::args::Args;
use crate::script::Language;
use crate::script::table::{Entry, Shape};
use crate::script::value::{Taint, Texts, Value};

impl Machine {
    pub(super) fn value_of(
        &mut self,
        entry: Entry,
        receiver: Option<&Value>,
        args: &Args,
    ) -> Value {
        match entry.shape {
            Shape::Environment => Value::object("environ", Texts::unknown(Taint::ENVIRON)),
            Shape::Variable => {
                let name = self.main(&entry, receiver, args);
                match name.and_then(|name| name.constant()) {
                    Some(name) => self.environment(&name),
                    None if args.items.is_empty() => Value::Unknown(Taint::ENVIRON),
                    None => Value::unknown(),
                }
            }
            Shape::DumpEnvironment => {
                self.act(crate::script::Act::Env);
                Value::unknown()
            }
            Shape::Arguments => self.script_arguments(entry),
            Shape::StandardInput => Value::object("stdin", Texts::unknown(Taint::NONE)),
            Shape::StandardOutput => Value::object("stdout", Texts::unknown(Taint::NONE)),
            Shape::Constant => Value::text(entry.gives),
            Shape::PathConstant => Value::object("path", Texts::of(entry.gives)),
            Shape::Clean => Value::unknown(),
            Shape::Shift => self.shift(args),
            Shape::Readline => self.readline(receiver, args),
            _ => Value::Unknown(receiver.map_or(args.taint(), Value::taint)),
        }
    }

    /// The script's arguments; `at` says how many come before the first.
    pub(super) fn script_arguments(&self, entry: Entry) -> Value {
        let before = usize::try_from(entry.at).unwrap_or(0);
        let mut items = vec![Value::text("-"); before];
        items.extend(self.args.iter().cloned());
        Value::list(items)
    }

    /// Perl's `shift`: the next argument of the function or script.
    pub(super) fn shift(&mut self, args: &Args) -> Value {
        let name = match args.variables.first() {
            Some((_, name)) => name.clone(),
            None if self.is_set("@_") => Rc::from("@_"),
            None => return self.args.first().cloned().unwrap_or_else(Value::unknown),
        };
        match self.variable(&name) {
            Some(Value::List(list)) if !list.items.is_empty() => {
                let rest = list.items.get(1..).unwrap_or(&[]).to_vec();
                self.budget.spend(1 + rest.len() / 8);
                self.set(&name, Value::listed(rest, list.open));
                list.items[0].clone()
            }
            Some(other) => Value::Unknown(other.taint()),
            None => Value::unknown(),
        }
    }

    /// A line, or all lines, of a handle; of standard input without one.
    pub(super) fn readline(&mut self, receiver: Option<&Value>, args: &Args) -> Value {
        self.scene.waits += 1;
        match receiver.or(args.items.first()) {
            Some(handle) if handle.kind() == "stdin" => self.standard_input(),
            Some(handle) => Value::Unknown(handle.taint()),
            None if self.language == Language::Perl => self.read_arguments(),
            None => self.standard_input(),
        }
    }

    /// Perl's `<>`: the files among the arguments, or standard input.
    pub(super) fn read_arguments(&mut self) -> Value {
        let files = match self.variable("@ARGV") {
            Some(list) => list.elements().0,
            None => self.args.clone(),
        };
        if files.is_empty() {
            return self.standard_input();
        }
        self.read(&Value::list(files))
    }
}
