//! Chains of members, subscripts and calls.

use std::rc::Rc;

use super::Machine;
use super::args::Args;
use crate::script::Language;
use crate::script::expr::{Arg, Expr, Function, Step};
use crate::script::table::Shape;
use crate::script::value::{Taint, Value};

impl Machine {
    pub(super) fn access(&mut self, base: &Expr, steps: &[Step]) -> Value {
        let (mut value, mut at) = self.first(base, steps);
        while let Some(step) = steps.get(at) {
            let call = match steps.get(at + 1) {
                Some(Step::Call(args)) => Some(args),
                _ => None,
            };
            at += 1;
            value = match (step, call) {
                (Step::Member(name), Some(args)) => {
                    at += 1;
                    let trail = (base, &steps[..at - 2]);
                    self.method(value, name, args, trail)
                }
                (Step::Member(name), None) if self.calls_members(&value, name) => {
                    self.method(value, name, &[], (base, &steps[..at - 1]))
                }
                (Step::Member(name), None) => self.member(&value, name),
                (Step::Index(index), call) => {
                    let index = self.eval(index);
                    match (&value, index.constant(), call) {
                        (Value::Object(_) | Value::Text(_), Some(name), Some(args))
                            if index.number().is_none() =>
                        {
                            at += 1;
                            let trail = (base, &steps[..at - 2]);
                            self.method(value, &name, args, trail)
                        }
                        _ => self.index(&value, &index),
                    }
                }
                (Step::Slice(parts), _) => self.slice(&value, parts),
                (Step::Call(args), _) => {
                    let args = self.arguments(args);
                    self.call(&value, &args)
                }
            };
        }
        value
    }

    /// The value of the base, with the call that follows it if that is by name.
    fn first(&mut self, base: &Expr, steps: &[Step]) -> (Value, usize) {
        let (Expr::Name(name), Some(step)) = (base, steps.first()) else {
            return (self.eval(base), 0);
        };
        let value = self.variable(name).unwrap_or_else(|| self.path(name));
        match (step, &value) {
            (Step::Call(args), Value::Path(path)) => {
                let path = path.clone();
                (self.call_named(&path, args), 1)
            }
            _ => (value, 0),
        }
    }

    /// A function of the language called by its name.
    fn call_named(&mut self, path: &str, args: &[Arg]) -> Value {
        let commands = matches!(self.language, Language::PowerShell | Language::Tcl);
        match (path, args.split_first()) {
            ("=invoke" | "=command", Some((callee, rest))) => {
                let callee = self.eval(&callee.value);
                self.invoke(&callee, rest)
            }
            _ if commands && (!path.starts_with('=') || path == "=pass") => {
                self.command(path, args)
            }
            _ => {
                let args = self.arguments(args);
                self.call_path(path, &args)
            }
        }
    }

    /// PowerShell's `& callee arguments`, Tcl's `$callee arguments`.
    fn invoke(&mut self, callee: &Value, args: &[Arg]) -> Value {
        match callee {
            Value::Function(function) => {
                let args = self.arguments(args);
                self.call_function(function, &args.items, Taint::NONE)
            }
            Value::Text(texts) if &**texts.first() != "\0" => {
                let name = match self.language {
                    Language::PowerShell => texts.first().to_lowercase(),
                    _ => texts.first().to_string(),
                };
                let real = self.table.real(&name).to_owned();
                self.command(&real, args)
            }
            other => self.command_line(other.clone(), args),
        }
    }

    /// A command of PowerShell or Tcl: a known one, the script's own, or a program.
    fn command(&mut self, name: &str, args: &[Arg]) -> Value {
        if self.table.find(name).is_some() {
            let args = self.parameters(args);
            return self.call_path(name, &args);
        }
        if let Some(Value::Function(function)) = self.variable(name) {
            let args = self.arguments(args);
            return self.call_function(&function, &args.items, Taint::NONE);
        }
        // Tcl has programs only behind `exec`.
        let program = self.language == Language::PowerShell
            && !name.is_empty()
            && !name.starts_with(['$', '='])
            && !name.contains(['(', '\n']);
        if !program {
            return Value::Unknown(self.arguments(args).taint());
        }
        self.command_line(Value::text(name), args)
    }

    /// A program with its words in order.
    fn command_line(&mut self, name: Value, args: &[Arg]) -> Value {
        let mut argv = vec![name];
        for arg in args {
            match self.eval(&arg.value) {
                Value::Function(function) => {
                    self.call_function(&function, &[], Taint::NONE);
                }
                value => argv.push(value),
            }
        }
        let process = self.program(&argv);
        if let Some(input) = self.input.clone() {
            // A shell at the end of a pipeline runs what it is given.
            self.put(&process, &input);
        }
        process
    }

    /// Whether a member without brackets is a call.
    fn calls_members(&self, value: &Value, name: &str) -> bool {
        match self.language {
            Language::Ruby => {
                !matches!(value, Value::Path(_)) || {
                    self.method_entry(value, name).is_some() || name.starts_with(char::is_lowercase)
                }
            }
            Language::Java | Language::PowerShell => {
                !matches!(value, Value::Path(_) | Value::Map(_))
                    && self.method_entry(value, name).is_some()
            }
            Language::Perl => name != "=all",
            _ => false,
        }
    }

    fn method(
        &mut self,
        receiver: Value,
        name: &str,
        args: &[Arg],
        trail: (&Expr, &[Step]),
    ) -> Value {
        // A look-up costs more than the step it is.
        self.budget.spend(2);
        let args = self.arguments(args);
        if let Some(entry) = self.method_entry(&receiver, name) {
            if let (Shape::Push, (Expr::Name(variable), [])) = (entry.shape, trail)
                && entry.at == -1
            {
                self.push(variable, &receiver, &args.items);
                return receiver;
            }
            return self.perform(entry, Some(&receiver), &args);
        }
        match self.member(&receiver, name) {
            Value::Function(function) => {
                return self.call_function(&function, &args.items, Taint::NONE);
            }
            Value::Path(path) if matches!(receiver, Value::Map(_)) => {
                return self.call_path(&path, &args);
            }
            _ => {}
        }
        // The script's own method: `self.run(x)`, `obj.run(x)`.
        if let Some(Value::Function(function)) = self.variable(name) {
            let mut items = args.items.clone();
            if self.takes_receiver(&function) {
                items.insert(0, receiver);
            }
            return self.call_function(&function, &items, Taint::NONE);
        }
        self.remote(name, &receiver, &args, trail);
        self.fill_variables(name, &receiver, &args);
        let result = match &receiver {
            Value::Path(path) => self.made(path, name, &args),
            _ => Value::Unknown(receiver.taint().and(args.taint())),
        };
        self.call_back(&receiver, &result, &args);
        result
    }

    /// Whether a method's first parameter is its object.
    fn takes_receiver(&self, function: &Function) -> bool {
        match self.language {
            Language::Perl => true,
            Language::Python => matches!(
                function.params.first(),
                Some(Expr::Name(name)) if matches!(&**name, "self" | "cls")
            ),
            _ => false,
        }
    }

    /// Adds elements to the list a variable holds.
    pub(super) fn push(&mut self, variable: &Rc<str>, list: &Value, more: &[Value]) {
        let (mut items, open) = match list {
            Value::List(list) => (list.items.clone(), list.open),
            _ => (Vec::new(), true),
        };
        if items.len() + more.len() > 4096 || !self.budget.spend(1 + items.len() / 4) {
            return;
        }
        items.extend(more.iter().cloned());
        self.set(variable, Value::listed(items, open));
    }

    /// What an unknown function of a library brings: something with the history of what went in.
    fn made(&mut self, path: &str, name: &str, args: &Args) -> Value {
        let mut value = Value::Unknown(args.taint());
        if super::remote::makes_client(path, name) {
            value = Value::object("client", crate::script::value::Texts::of("\0"));
        }
        value
    }

    /// A method that reads from a socket into one of its arguments.
    fn fill_variables(&mut self, name: &str, receiver: &Value, args: &Args) {
        let reads = ["read", "recv", "receive", "sysread"]
            .iter()
            .any(|verb| name.to_ascii_lowercase().starts_with(verb));
        let taint = receiver.taint();
        if !reads || taint == Taint::NONE {
            return;
        }
        for (_, variable) in &args.variables {
            self.set(variable, Value::Unknown(taint));
        }
    }

    /// Calls whatever the value is.
    pub(super) fn call(&mut self, value: &Value, args: &Args) -> Value {
        match value {
            Value::Path(path) => self.call_path(path, args),
            Value::Function(function) => {
                let mut items = args.items.clone();
                items.extend(args.named.iter().map(|(_, value)| value.clone()));
                self.call_function(function, &items, Taint::NONE)
            }
            Value::Text(texts) if self.calls_texts() => {
                let mut result = Value::unknown();
                for name in texts.all.clone() {
                    let name = name.trim_start_matches('\\').to_owned();
                    result = match self.variable(&name) {
                        Some(Value::Function(function)) => {
                            self.call_function(&function, &args.items, Taint::NONE)
                        }
                        _ => match self.path(&name) {
                            Value::Path(path) => self.call_path(&path, args),
                            _ => Value::unknown(),
                        },
                    };
                }
                result
            }
            // A constant that was written as a call.
            Value::List(_) => value.clone(),
            other => {
                let result = Value::Unknown(other.taint().and(args.taint()));
                self.call_back(other, &result, args);
                result
            }
        }
    }

    /// Whether a text can be called as the function it names.
    fn calls_texts(&self) -> bool {
        matches!(self.language, Language::Php | Language::Perl)
    }

    /// Calls a function of the language or a library.
    pub(super) fn call_path(&mut self, path: &str, args: &Args) -> Value {
        if let Some(entry) = self.table.find(path) {
            return self.perform(*entry, None, args);
        }
        if let Some(Value::Function(function)) = self.variable(path) {
            return self.call_function(&function, &args.items, Taint::NONE);
        }
        let name = path.rsplit('.').next().unwrap_or(path);
        let result = self.made(path, name, args);
        self.call_back(&Value::Unknown(Taint::NONE), &result, args);
        result
    }
}
