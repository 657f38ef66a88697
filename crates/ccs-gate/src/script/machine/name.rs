//! What names stand for: variables, modules, and members of modules.

use std::rc::Rc;

use super::Machine;
use super::args::Args;
use crate::script::Language;
use crate::script::table::{Entry, Shape};
use crate::script::value::{Taint, Texts, Value};

impl Machine {
    /// A variable, or a name of the language.
    pub(super) fn name(&mut self, name: &str) -> Value {
        if let Some(value) = self.variable(name) {
            return value;
        }
        let value = self.path(name);
        match &value {
            Value::Path(path) if self.calls_by_name() => match self.table.find(path) {
                Some(entry) => {
                    let args = self.topic(*entry);
                    self.perform(*entry, None, &args)
                }
                None => value,
            },
            _ => value,
        }
    }

    /// What Perl's functions work on when nothing is given.
    fn topic(&self, entry: Entry) -> Args {
        let takes = !matches!(
            entry.shape,
            Shape::System
                | Shape::Program
                | Shape::Fork
                | Shape::Wait
                | Shape::Shift
                | Shape::Readline
                | Shape::PrintLine
        );
        match self.variable("$_") {
            Some(topic) if takes && self.language == Language::Perl => Args::of(vec![topic]),
            _ => Args::default(),
        }
    }

    /// Whether a function's name alone calls it.
    pub(super) fn calls_by_name(&self) -> bool {
        matches!(self.language, Language::Ruby | Language::Perl)
    }

    pub(super) fn variable(&self, name: &str) -> Option<Value> {
        self.scopes
            .iter()
            .rev()
            .find_map(|scope| scope.get(name))
            .cloned()
    }

    pub(super) fn is_set(&self, name: &str) -> bool {
        self.scopes.iter().any(|scope| scope.contains_key(name))
    }

    /// What a name that is no variable stands for.
    pub(super) fn path(&mut self, name: &str) -> Value {
        self.budget.spend(1 + self.opened.len());
        let name = self.spelled(name);
        let real = self.table.real(&name);
        if self.table.find(real).is_none() {
            for module in self.opened.iter().rev() {
                let member = format!("{module}.{real}");
                let member = self.table.real(&member);
                if self.table.find(member).is_some() {
                    let member = member.to_owned();
                    return self.resolved(&member);
                }
            }
            if real.starts_with(['$', '@', '%']) {
                return self.unset(real);
            }
        }
        let real = real.to_owned();
        self.resolved(&real)
    }

    /// A variable nobody set.
    fn unset(&self, name: &str) -> Value {
        match name {
            "$_" => self.standard_input(),
            "$true" | "$false" | "$null" => Value::Path(Rc::from(name)),
            _ if name.starts_with('$') => Value::unknown(),
            _ => Value::listed(Vec::new(), true),
        }
    }

    /// The text on standard input, as far as it is known.
    pub(super) fn standard_input(&self) -> Value {
        match &self.stdin {
            Some(text) => Value::text(text.strip_suffix('\n').unwrap_or(text)),
            None => Value::Text(Texts::unknown(Taint::NONE)),
        }
    }

    /// A name as the tables spell it.
    fn spelled(&self, name: &str) -> String {
        match self.language {
            Language::Php if !name.starts_with('$') => name.to_lowercase(),
            Language::Perl => name.trim_start_matches('&').replace("::", "."),
            Language::JavaScript => name.trim_start_matches("node:").replace('/', "."),
            Language::R | Language::Python | Language::Ruby => name.to_owned(),
            _ => name.to_owned(),
        }
    }

    /// The path, or the value it has without being called.
    fn resolved(&mut self, path: &str) -> Value {
        match self.table.find(path) {
            Some(entry) if is_value(entry.shape) => self.perform(*entry, None, &Args::default()),
            _ => Value::Path(Rc::from(path)),
        }
    }

    /// `value.name` without a call.
    pub(super) fn member(&mut self, value: &Value, name: &str) -> Value {
        match value {
            Value::Path(_) if name == "__dict__" => value.clone(),
            Value::Path(path) => self.member_path(path, name),
            Value::Map(map) => map
                .pairs
                .iter()
                .rev()
                .find(|(key, _)| &**key == name)
                .map_or(Value::unknown(), |(_, value)| value.clone()),
            Value::Object(object) if object.kind.get() == "environ" => self.environment(name),
            Value::Object(object)
                if matches!(object.kind.get(), "process" | "socket" | "path" | "client") =>
            {
                match (object.kind.get(), name) {
                    ("path", "name" | "stem" | "suffix" | "text" | "size") => {
                        Value::Unknown(value.taint())
                    }
                    _ => value.clone(),
                }
            }
            other => Value::Unknown(other.taint()),
        }
    }

    fn member_path(&mut self, path: &str, name: &str) -> Value {
        let name = match self.language {
            Language::Php => name.to_lowercase(),
            _ => name.to_owned(),
        };
        let full = join(path, &name);
        let real = self.table.real(&full).to_owned();
        self.resolved(&real)
    }

    /// The entry of a method of `value`.
    pub(super) fn method_entry(&self, value: &Value, name: &str) -> Option<Entry> {
        let folded = match self.language {
            Language::Php => name.to_lowercase(),
            _ => name.to_owned(),
        };
        let kind = match value {
            Value::Path(path) => {
                let full = join(path, &folded);
                if let Some(entry) = self.table.find(self.table.real(&full)) {
                    return Some(*entry);
                }
                "any"
            }
            Value::Object(object) => object.kind.get(),
            Value::Text(_) => "text",
            Value::List(_) => "list",
            Value::Map(_) => "map",
            Value::Number(_) => "number",
            _ => "any",
        };
        let own = self.table.find(&format!("<{kind}>.{folded}"));
        own.or_else(|| self.table.find(&format!("<any>.{folded}")))
            .copied()
    }

    /// One variable of the environment.
    pub(super) fn environment(&self, name: &str) -> Value {
        match name.to_ascii_uppercase().as_str() {
            "HOME" | "USERPROFILE" | "USER.HOME" => Value::text("~"),
            "PWD" | "USER.DIR" => Value::text("."),
            "TMPDIR" | "TEMP" | "TMP" | "JAVA.IO.TMPDIR" => Value::text("/tmp"),
            "COMSPEC" => Value::text("C:\\Windows\\system32\\cmd.exe"),
            "SHELL" => Value::text("/bin/sh"),
            _ => Value::Text(Texts::unknown(Taint::NONE)),
        }
    }
}

/// Shapes that are values and not functions.
fn is_value(shape: Shape) -> bool {
    matches!(
        shape,
        Shape::Environment
            | Shape::Arguments
            | Shape::StandardInput
            | Shape::StandardOutput
            | Shape::Constant
    )
}

/// A member's path; the empty path is the language itself.
pub(super) fn join(path: &str, name: &str) -> String {
    if path.is_empty() {
        name.to_owned()
    } else {
        format!("{path}.{name}")
    }
}
