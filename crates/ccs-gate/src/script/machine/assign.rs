//! Variables, patterns and elements that get values.

use std::rc::Rc;

use super::Machine;
use crate::script::Language;
use crate::script::expr::{Expr, Op, Step};
use crate::script::value::Value;

impl Machine {
    pub(super) fn assign(&mut self, target: &Expr, op: Option<Op>, value: &Expr) -> Value {
        let value = match op {
            None => self.eval(value),
            Some(op) => {
                let before = self.eval(target);
                let added = self.eval(value);
                self.appended(op, before, added)
            }
        };
        self.bind(target, value.clone());
        value
    }

    fn appended(&mut self, op: Op, before: Value, added: Value) -> Value {
        match (op, &before) {
            // Ruby's `list << x`, and `io << text`.
            (Op::Concat, Value::List(list)) => {
                let mut items = list.items.clone();
                items.push(added);
                self.budget.spend(items.len());
                Value::listed(items, list.open)
            }
            (Op::Concat | Op::Add, Value::Object(_)) if before.kind() != "path" => {
                self.put(&before, &added);
                before
            }
            // What was never set is empty.
            (Op::Concat | Op::Add, Value::Path(_)) => added,
            (Op::Concat | Op::Add, Value::Unknown(taint)) if self.starts_empty() => {
                match (taint, added) {
                    (_, Value::Text(texts)) if texts.taint != *taint => {
                        Value::Unknown(texts.taint.and(*taint))
                    }
                    (_, added) => added,
                }
            }
            _ => self.apply(op, before, added),
        }
    }

    /// Whether a variable that was never set counts as empty text.
    fn starts_empty(&self) -> bool {
        matches!(
            self.language,
            Language::Perl | Language::Php | Language::Awk | Language::PowerShell | Language::Tcl
        )
    }

    /// Gives `value` to a variable, or its parts to the parts of a pattern.
    pub(super) fn bind(&mut self, target: &Expr, value: Value) {
        match target {
            Expr::Name(name) => self.set(name, value),
            Expr::List(targets) => self.bind_list(targets, &value),
            Expr::Map(targets) => {
                for (key, target) in targets {
                    let key = self.eval(key).texts();
                    let member = self.member(&value, key.first());
                    self.bind(target, member);
                }
            }
            Expr::Spread(target) | Expr::Negative(target) => self.bind(target, value),
            Expr::Assign { target, .. } => self.bind(target, value),
            Expr::Access(base, steps) => self.bind_element(base, steps, value),
            _ => {}
        }
    }

    fn bind_list(&mut self, targets: &[Expr], value: &Value) {
        let (elements, complete) = self.elements(value);
        let known = complete && matches!(value, Value::List(_));
        for (n, target) in targets.iter().enumerate() {
            let element = match target {
                Expr::Spread(_) => Value::list(elements.get(n..).unwrap_or(&[]).to_vec()),
                // Perl's arrays and hashes take all that is left.
                Expr::Name(name) if name.starts_with(['@', '%']) => {
                    Value::listed(elements.get(n..).unwrap_or(&[]).to_vec(), !complete)
                }
                _ if known => elements.get(n).cloned().unwrap_or_else(Value::unknown),
                _ => Value::Unknown(value.taint()),
            };
            self.bind(target, element);
        }
    }

    /// `base[key] = value` and `base.key = value`, one level deep.
    fn bind_element(&mut self, base: &Expr, steps: &[Step], value: Value) {
        let [step] = steps else {
            return;
        };
        let key: Rc<str> = match step {
            Step::Member(name) => name.clone(),
            Step::Index(index) => self.eval(index).texts().first().clone(),
            _ => return,
        };
        let Expr::Name(name) = base else {
            return;
        };
        match self.variable(name) {
            // The table of global names.
            Some(Value::Path(path)) if path.is_empty() => self.set(&key, value),
            Some(Value::Object(object)) => {
                if matches!(&*key, "filename" | "fileName" | "FileName") {
                    *object.texts.borrow_mut() = value.texts();
                }
            }
            Some(Value::List(list)) => {
                let mut items = list.items.clone();
                self.budget.spend(1 + items.len() / 4);
                match key.parse::<usize>().ok().and_then(|at| items.get_mut(at)) {
                    Some(item) => *item = value,
                    None => items.push(value),
                }
                self.set(name, Value::listed(items, list.open));
            }
            Some(Value::Map(map)) => {
                let mut pairs = map.pairs.clone();
                self.budget.spend(1 + pairs.len() / 4);
                pairs.retain(|(other, _)| *other != key);
                pairs.push((key, value));
                self.set(name, Value::map(pairs));
            }
            None if name.starts_with(['%', '$', '@']) || self.language == Language::Awk => {
                self.set(name, Value::map(vec![(key, value)]));
            }
            _ => {}
        }
    }

    /// Sets a variable where it lives; within a branch the old value stays possible.
    pub(super) fn set(&mut self, name: &Rc<str>, value: Value) {
        let at = self
            .scopes
            .iter()
            .rposition(|scope| scope.contains_key(name));
        let value = match at.and_then(|at| self.scopes[at].get(name)) {
            Some(before) if self.branches > 0 => before.or(&value),
            _ => value,
        };
        let at = at.unwrap_or(self.scopes.len() - 1);
        self.scopes[at].insert(name.clone(), value);
    }

    /// Sets a variable of the function that is being called.
    pub(super) fn set_local(&mut self, target: &Expr, value: Value) {
        if let (Expr::Name(name), Some(scope)) = (target, self.scopes.last_mut()) {
            scope.insert(name.clone(), value);
        } else {
            self.bind(target, value);
        }
    }
}
