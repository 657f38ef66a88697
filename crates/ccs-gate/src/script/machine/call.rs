//! Calls of calls: functions reached by a name in a text, by another function or for elements.

use std::rc::Rc;

use super::Machine;
use super::args::Args;
use super::name::join;
use crate::script::Language;
use crate::script::table::{Entry, Shape};
use crate::script::value::{Taint, Value};

impl Machine {
    pub(super) fn names(&mut self, entry: Entry, receiver: Option<&Value>, args: &Args) -> Value {
        if entry.shape == Shape::Scope {
            return args
                .items
                .first()
                .cloned()
                .unwrap_or(Value::Path(Rc::from("")));
        }
        let main = self
            .main(&entry, receiver, args)
            .unwrap_or_else(Value::unknown);
        match entry.shape {
            Shape::Import => match main.constant() {
                Some(module) => self.module(&module),
                None => Value::unknown(),
            },
            Shape::Attribute => {
                let name = self
                    .nth(entry.to, receiver, args)
                    .and_then(|name| name.constant());
                name.map_or(Value::unknown(), |name| self.member(&main, &name))
            }
            Shape::Dispatch => self.dispatch(&main, receiver, args),
            Shape::Invoke => {
                let from = usize::try_from(entry.at).unwrap_or(0).min(args.items.len());
                let items = args.items[from..].to_vec();
                self.call_value(receiver.unwrap_or(&main), items)
            }
            Shape::Apply => {
                let items = self
                    .nth(entry.to, receiver, args)
                    .map(|list| list.elements().0);
                self.call_value(&main, items.unwrap_or_default())
            }
            Shape::CallFirst => {
                let rest = args.items.get(1..).unwrap_or(&[]).to_vec();
                self.call_value(&main, rest)
            }
            Shape::Map => self.map_over(&main, self.nth(entry.to, receiver, args), args),
            Shape::Construct => self.construct(&main, args),
            Shape::Reference => match main.constant() {
                Some(name) => self.path(&name),
                None => Value::unknown(),
            },
            Shape::Object => Value::object(entry.gives, main.texts()),
            _ => main,
        }
    }

    /// A module by name; one that is a path is a file that is read.
    pub(super) fn module(&mut self, name: &str) -> Value {
        if self.language == Language::JavaScript && name.starts_with(['.', '/', '~']) {
            self.act(crate::script::Act::Read(name.to_owned()));
            return Value::unknown();
        }
        self.path(name)
    }

    /// The function that a text names, of the receiver or of the language.
    pub(super) fn dispatch(
        &mut self,
        name: &Value,
        receiver: Option<&Value>,
        args: &Args,
    ) -> Value {
        let rest = args.items.get(1..).unwrap_or(&[]).to_vec();
        let rest = match rest.as_slice() {
            [Value::List(list)] if matches!(self.language, Language::Php | Language::R) => {
                list.items.clone()
            }
            _ => rest,
        };
        let Some(name) = name.constant() else {
            return match name {
                Value::Text(_) => Value::unknown(),
                callee => self.call_value(callee, rest),
            };
        };
        let args = Args {
            items: rest,
            named: args.named.clone(),
            variables: Vec::new(),
        };
        let method = receiver.and_then(|receiver| self.method_entry(receiver, &name));
        if let Some(entry) = method {
            return self.perform(entry, receiver, &args);
        }
        match self.variable(&name) {
            Some(Value::Function(function)) => {
                self.call_function(&function, &args.items, Taint::NONE)
            }
            _ => match self.path(&name) {
                Value::Path(path) => self.call_path(&path, &args),
                other => other,
            },
        }
    }

    /// A list with every element changed by a function, or by the method a text names.
    pub(super) fn map_over(&mut self, list: &Value, how: Option<Value>, args: &Args) -> Value {
        let function = args
            .items
            .iter()
            .find(|item| matches!(item, Value::Function(_)));
        let Some(how) = how.or_else(|| function.cloned()) else {
            return list.clone();
        };
        let (elements, complete) = self.elements(list);
        let mut values = Vec::new();
        for (n, element) in elements.into_iter().enumerate().take(1000) {
            if !self.budget.spend(1) {
                break;
            }
            values.push(match &how {
                Value::Text(_) if self.language == Language::Php => {
                    self.call(&how.clone(), &Args::of(vec![element]))
                }
                Value::Text(name) => match self.method_entry(&element, name.first()) {
                    Some(entry) => self.perform(entry, Some(&element), &Args::default()),
                    None => Value::Unknown(element.taint()),
                },
                how if self.language == Language::JavaScript => {
                    let n = i64::try_from(n).unwrap_or(0);
                    self.call_value(how, vec![element, Value::Number(n)])
                }
                how => self.call_value(how, vec![element]),
            });
        }
        if !complete {
            return values.pop().map_or(Value::unknown(), |value| match value {
                Value::List(_) => value,
                value => Value::listed(vec![value], true),
            });
        }
        Value::list(values)
    }

    /// PowerShell's `New-Object type arguments`.
    pub(super) fn construct(&mut self, class: &Value, args: &Args) -> Value {
        let Some(class) = class.constant() else {
            return Value::unknown();
        };
        let class = class.to_lowercase();
        let class = class.trim_start_matches("system.");
        let mut items: Vec<Value> = args.items.get(1..).unwrap_or(&[]).to_vec();
        if let Some(list) = args.option(&["argumentlist", "args"]) {
            items = list.elements().0;
        }
        if let [Value::List(list)] = items.as_slice() {
            items = list.items.clone();
        }
        let constructor = join(class, "new");
        match self.table.find(&constructor) {
            Some(entry) => self.perform(*entry, None, &Args::of(items)),
            None => Value::unknown(),
        }
    }
}
