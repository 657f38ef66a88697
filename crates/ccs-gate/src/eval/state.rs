//! What a shell knows at one moment: variables, functions, folders, files it has written.

use std::collections::HashMap;
use std::rc::Rc;

use crate::value::{Labels, Value};

/// More values than this a variable is not followed through.
const MAX_VALUES: usize = 16;

/// A variable: every value it may have, the likeliest first. An array has one value an element.
#[derive(Clone, Debug, Default)]
pub(crate) struct Variable {
    /// Alternatives, at least one.
    pub(crate) values: Vec<Value>,
    /// The elements, if it is an array.
    pub(crate) elements: Option<Vec<Value>>,
}

/// A shell's state. Cloned for a subshell.
#[derive(Clone, Debug, Default)]
pub(crate) struct State {
    pub(crate) variables: HashMap<String, Variable>,
    pub(crate) functions: HashMap<String, Rc<str>>,
    pub(crate) aliases: HashMap<String, Rc<str>>,
    /// Positional parameters from `$1`.
    pub(crate) arguments: Vec<Value>,
    /// The working directory, absolute; begins with a hole if it is not known.
    pub(crate) cwd: String,
    /// Files written by this command so far, by path.
    pub(crate) files: HashMap<String, Value>,
    /// Descriptors that lead to a network connection.
    pub(crate) sockets: Vec<u32>,
    /// Above zero inside a branch that may not run.
    pub(crate) uncertain: u16,
    /// The last argument of the command before (`$_`).
    pub(crate) last: String,
}

impl State {
    /// Sets a variable. Inside a branch that may not run, the old value stays possible.
    pub(crate) fn assign(&mut self, name: &str, value: Value) {
        let old = self.variables.remove(name).filter(|_| self.uncertain > 0);
        let mut values = vec![value];
        for other in old.into_iter().flat_map(|variable| variable.values) {
            if !values.contains(&other) && values.len() < MAX_VALUES {
                values.push(other);
            }
        }
        self.variables.insert(
            name.to_owned(),
            Variable {
                values,
                elements: None,
            },
        );
    }

    /// Sets a variable that has one of several values.
    pub(crate) fn assign_any(&mut self, name: &str, mut values: Vec<Value>) {
        values.truncate(MAX_VALUES);
        if values.is_empty() {
            values.push(Value::unknown(Labels::NONE));
        }
        self.variables.insert(
            name.to_owned(),
            Variable {
                values,
                elements: None,
            },
        );
    }

    pub(crate) fn assign_array(&mut self, name: &str, elements: Vec<Value>) {
        let first = elements.first().cloned().unwrap_or_default();
        let variable = Variable {
            values: vec![first],
            elements: Some(elements),
        };
        self.variables.insert(name.to_owned(), variable);
    }

    /// Adds an element to an array, or text to a variable.
    pub(crate) fn append(&mut self, name: &str, value: Value) {
        let variable = self.variables.entry(name.to_owned()).or_default();
        if let Some(elements) = &mut variable.elements {
            elements.push(value);
        } else if variable.values.is_empty() {
            variable.values.push(value);
        } else {
            variable.values.iter_mut().for_each(|old| old.push(&value));
        }
    }
}
