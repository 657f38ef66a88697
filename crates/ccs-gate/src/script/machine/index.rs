//! Elements by position or key.

use std::rc::Rc;

use super::Machine;
use super::args::Args;
use crate::script::Language;
use crate::script::value::{List, Value};

impl Machine {
    pub(super) fn index(&mut self, value: &Value, index: &Value) -> Value {
        match value {
            Value::Map(map) => {
                let key = index.texts();
                let found = map.pairs.iter().rev().find(|(name, _)| name == key.first());
                match found {
                    Some((_, value)) => value.clone(),
                    None => Value::Unknown(value.taint()),
                }
            }
            Value::Path(path) if self.table.find(&format!("{path}.[]")).is_some() => {
                let path = format!("{path}.[]");
                self.call_path(&path, &Args::of(vec![index.clone()]))
            }
            Value::Path(path) => match index.constant() {
                Some(name) => {
                    let path = path.clone();
                    self.member(&Value::Path(path), &name)
                }
                None => Value::unknown(),
            },
            Value::Object(object) if object.kind.get() == "environ" => {
                let name = index.texts();
                self.environment(name.first())
            }
            Value::List(list) => self.list_element(list, index),
            Value::Text(_) => self.text_element(value, index),
            other => Value::Unknown(other.taint()),
        }
    }

    pub(super) fn list_element(&mut self, list: &Rc<List>, index: &Value) -> Value {
        // Lua and R count from one.
        let base = i64::from(matches!(self.language, Language::Lua | Language::R));
        let at = |n: i64| {
            let n = if n < 0 {
                n + list.items.len() as i64
            } else {
                n - base
            };
            usize::try_from(n)
                .ok()
                .and_then(|n| list.items.get(n))
                .cloned()
        };
        match index {
            Value::List(indices) => picked(indices, at, 1000),
            index => match index.number() {
                Some(n) => at(n).unwrap_or_else(Value::unknown),
                None => {
                    let any = list.items.iter().take(4).cloned().reduce(|a, b| a.or(&b));
                    any.unwrap_or_else(Value::unknown)
                }
            },
        }
    }

    /// Characters of a text by position.
    pub(super) fn text_element(&mut self, value: &Value, index: &Value) -> Value {
        let Some(text) = value
            .constant()
            .filter(|t| self.budget.spend_bytes(t.len()))
        else {
            return Value::Unknown(value.taint());
        };
        let chars: Vec<char> = text.chars().take(4096).collect();
        let at = |n: i64| {
            let n = if n < 0 { n + chars.len() as i64 } else { n };
            let c = usize::try_from(n).ok().and_then(|n| chars.get(n))?;
            Some(Value::text(c.encode_utf8(&mut [0; 4])))
        };
        match index {
            Value::List(indices) => picked(indices, at, 4096),
            index => index.number().and_then(at).unwrap_or_else(Value::unknown),
        }
    }
}

/// What stands at each of the positions, at most `most` of them.
fn picked(indices: &List, at: impl Fn(i64) -> Option<Value>, most: usize) -> Value {
    let numbers = indices.items.iter().filter_map(Value::number);
    Value::list(numbers.filter_map(at).take(most).collect())
}
