//! Formats filled with values, and parts cut out of texts and lists.

use std::rc::Rc;

use super::Machine;
use crate::script::fold;
use crate::script::value::{Taint, Texts, Value};

impl Machine {
    /// Python's `text % values`.
    pub(super) fn percent(&mut self, left: &Value, right: &Value) -> Value {
        let mut items = vec![left.clone()];
        match right {
            Value::List(list) => items.extend(list.items.iter().cloned()),
            other => items.push(other.clone()),
        }
        Value::Text(self.formatted(&items))
    }

    /// A format in the manner of `printf` with its values.
    pub(super) fn formatted(&mut self, items: &[Value]) -> Texts {
        let Some((format, values)) = items.split_first() else {
            return Texts::of("");
        };
        let format = format.texts();
        let taint = values.iter().fold(format.taint, |t, v| t.and(v.taint()));
        let map = values.iter().find_map(|value| match value {
            Value::Map(map) => Some(map),
            _ => None,
        });
        let named = |name: &str| {
            let pairs = map.map_or(&[][..], |map| &map.pairs);
            let found = pairs.iter().find(|(key, _)| &**key == name);
            found.map_or_else(|| "\0".to_owned(), |(_, v)| v.texts().first().to_string())
        };
        let texts = firsts(values);
        self.filled(&format, taint, |format| {
            fold::printf(format, &texts, &named)
        })
    }

    /// `"{0} {1}"` with its values.
    pub(super) fn braces(&mut self, items: &[Value]) -> Texts {
        self.braces_named(items, &[])
    }

    pub(super) fn braces_named(&mut self, items: &[Value], named: &[(Rc<str>, Value)]) -> Texts {
        let Some((format, values)) = items.split_first() else {
            return Texts::of("");
        };
        let format = format.texts();
        let taint = values.iter().fold(format.taint, |t, v| t.and(v.taint()));
        let texts = firsts(values);
        let named: Vec<(Rc<str>, Rc<str>)> = named
            .iter()
            .map(|(k, v)| (k.clone(), v.texts().first().clone()))
            .collect();
        self.filled(&format, taint, |format| {
            fold::braces(format, &texts, &named)
        })
    }

    /// Every text that the format may be, filled by `fill`.
    fn filled(&mut self, format: &Texts, taint: Taint, fill: impl Fn(&str) -> String) -> Texts {
        let all: Vec<Rc<str>> = format.all.iter().map(|text| fill(text).into()).collect();
        self.budget
            .spend_bytes(all.iter().map(|text| text.len()).sum());
        Texts { all, taint }
    }

    /// `value[from:to:step]`.
    pub(super) fn slice(
        &mut self,
        value: &Value,
        parts: &[Option<crate::script::expr::Expr>],
    ) -> Value {
        let mut bounds = [None; 3];
        for (bound, part) in bounds.iter_mut().zip(parts) {
            if let Some(part) = part {
                match self.eval(part).number() {
                    Some(n) => *bound = Some(n),
                    None => return Value::Unknown(value.taint()),
                }
            }
        }
        match value {
            Value::List(list) if !list.open => Value::list(fold::slice(&list.items, bounds)),
            Value::List(list) => Value::List(list.clone()),
            Value::Text(texts) if !texts.first().contains('\0') => {
                if !self.budget.spend_bytes(texts.first().len()) {
                    return Value::unknown();
                }
                Value::Text(texts.map(|text| {
                    let chars: Vec<char> = text.chars().collect();
                    fold::slice(&chars, bounds).into_iter().collect()
                }))
            }
            other => Value::Unknown(other.taint()),
        }
    }
}

/// The first text of each value, which stands for all it may be.
fn firsts(values: &[Value]) -> Vec<Rc<str>> {
    let first = |value: &Value| value.texts().first().clone();
    values.iter().map(first).collect()
}
