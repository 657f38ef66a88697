//! Operators on constants.

use super::Machine;
use crate::script::Language;
use crate::script::budget::TEXT;
use crate::script::expr::{Arg, Expr, Op, Step};
use crate::script::value::{Texts, Value};

impl Machine {
    pub(super) fn binary(&mut self, op: Op, operands: &[Expr]) -> Value {
        match op {
            Op::Bind => return self.rewrite(operands),
            Op::Feed => return self.feed_into(operands),
            _ => {}
        }
        let mut values = operands.iter();
        let Some(first) = values.next() else {
            return Value::unknown();
        };
        let mut left = self.eval(first);
        for operand in values {
            let right = self.eval(operand);
            left = self.apply(op, left, right);
        }
        if op == Op::Compare {
            Value::unknown()
        } else {
            left
        }
    }

    pub(super) fn apply(&mut self, op: Op, left: Value, right: Value) -> Value {
        match op {
            Op::Then => right,
            Op::First => left,
            Op::Either => left.or(&right),
            Op::Compare => Value::unknown(),
            Op::Concat => self.joined(&left, &right),
            Op::Add => self.sum(left, right),
            Op::Multiply | Op::Repeat => self.product(op, &left, &right),
            Op::Percent => match (&left, &right) {
                (Value::Number(a), Value::Number(b)) => number(a.checked_rem(*b)),
                (Value::Text(_), _) => self.percent(&left, &right),
                _ => Value::Unknown(left.taint().and(right.taint())),
            },
            Op::Divide
                if left.kind() == "path"
                    || right.kind() == "path"
                    || (matches!(left, Value::Text(_)) && self.language == Language::Python) =>
            {
                let texts = self.path_joined(&[left, right]);
                Value::object("path", texts)
            }
            Op::Format => {
                let (mut items, _) = right.elements();
                items.insert(0, left);
                Value::Text(self.braces(&items))
            }
            Op::Glue => {
                let (items, _) = left.elements();
                Value::Text(self.glued(&items, &right.texts()))
            }
            Op::Split => self.split(&left, &right),
            Op::Replace => {
                let (parts, _) = right.elements();
                let find = parts.first().cloned().unwrap_or_else(Value::unknown);
                let put = parts.get(1).cloned().unwrap_or_else(|| Value::text(""));
                self.replaced(&left, &find, &put, true)
            }
            Op::Range => range(&left, &right),
            _ => match (left.number(), right.number()) {
                (Some(a), Some(b)) => number(arithmetic(op, a, b)),
                _ => Value::Unknown(left.taint().and(right.taint())),
            },
        }
    }

    /// Concatenation.
    fn joined(&mut self, left: &Value, right: &Value) -> Value {
        let left = self.as_text(left);
        let right = self.as_text(right);
        Value::Text(left.followed_by(&right, &mut self.budget))
    }

    /// A value where a text is wanted; a list as the language would show it.
    pub(super) fn as_text(&mut self, value: &Value) -> Texts {
        match (value, self.language) {
            (Value::List(list), Language::Perl | Language::PowerShell) => {
                let items = list.items.clone();
                self.spaced(&items)
            }
            (Value::List(list), Language::JavaScript) => {
                let items = list.items.clone();
                self.glued(&items, &Texts::of(","))
            }
            _ => value.texts(),
        }
    }

    fn sum(&mut self, left: Value, right: Value) -> Value {
        match (&left, &right) {
            (Value::Number(a), Value::Number(b)) => number(a.checked_add(*b)),
            (Value::List(a), Value::List(b)) => {
                if !self.budget.spend(a.items.len() + b.items.len()) {
                    return Value::unknown();
                }
                let items = a.items.iter().chain(&b.items).cloned().collect();
                Value::listed(items, a.open || b.open)
            }
            // PowerShell: `list + element`.
            (Value::List(a), _) if self.language == Language::PowerShell => {
                let mut items = a.items.clone();
                self.budget.spend(items.len());
                items.push(right);
                Value::listed(items, a.open)
            }
            (Value::Text(_), _) | (_, Value::Text(_)) => self.joined(&left, &right),
            (Value::List(_), _) if self.language == Language::JavaScript => {
                self.joined(&left, &right)
            }
            _ if !(left.kind().is_empty() && right.kind().is_empty()) => self.joined(&left, &right),
            _ => Value::Unknown(left.taint().and(right.taint())),
        }
    }

    fn product(&mut self, op: Op, left: &Value, right: &Value) -> Value {
        let (times, of) = match (left, right) {
            (Value::Number(a), Value::Number(b)) if op == Op::Multiply => {
                return number(a.checked_mul(*b));
            }
            (of, Value::Number(n)) => (*n, of),
            (Value::Number(n), of) if op == Op::Multiply => (*n, of),
            _ => return Value::Unknown(left.taint().and(right.taint())),
        };
        let times = usize::try_from(times).unwrap_or(0);
        match of {
            Value::Text(texts) => {
                let fits = texts.first().len().saturating_mul(times) <= TEXT;
                if !fits || !self.budget.spend_bytes(texts.first().len() * times) {
                    return Value::Text(Texts::unknown(texts.taint));
                }
                Value::Text(texts.map(|text| text.repeat(times)))
            }
            Value::List(list) if list.items.len().saturating_mul(times) <= 4096 => {
                self.budget.spend(list.items.len() * times);
                let all = list
                    .items
                    .iter()
                    .cycle()
                    .take(list.items.len() * times)
                    .cloned();
                Value::listed(all.collect(), list.open)
            }
            other => Value::Unknown(other.taint()),
        }
    }

    /// `variable =~ s/…/…/`, `=~ tr/…/…/`: the variable changes. Any other match is a question.
    fn rewrite(&mut self, operands: &[Expr]) -> Value {
        let [left, Expr::Access(base, steps)] = operands else {
            for operand in operands {
                self.eval(operand);
            }
            return Value::unknown();
        };
        let (Expr::Name(how), [Step::Call(args)]) = (&**base, steps.as_slice()) else {
            self.eval(left);
            return Value::unknown();
        };
        let (Some(entry), true) = (self.table.find(how), how.starts_with('=')) else {
            self.eval(left);
            return Value::unknown();
        };
        let mut items = vec![self.eval(left)];
        items.extend(args.iter().skip(1).map(|arg| self.eval(&arg.value)));
        let value = self.perform(*entry, None, &super::args::Args::of(items));
        self.bind(left, value.clone());
        value
    }

    /// `left |> f(right)`: the left side is the first argument.
    fn feed_into(&mut self, operands: &[Expr]) -> Value {
        let name = Expr::name("=fed");
        let mut value = Value::unknown();
        for (n, operand) in operands.iter().enumerate() {
            if n == 0 {
                value = self.eval(operand);
                continue;
            }
            self.set_local(&name, value);
            value = match operand {
                Expr::Access(base, steps) => {
                    let mut steps = steps.clone();
                    if let Some(Step::Call(args)) = steps.last_mut() {
                        args.insert(0, Arg::plain(name.clone()));
                    }
                    self.access(base, &steps)
                }
                other => self.eval(other),
            };
        }
        value
    }
}

fn number(n: Option<i64>) -> Value {
    n.map_or(Value::unknown(), Value::Number)
}

fn arithmetic(op: Op, a: i64, b: i64) -> Option<i64> {
    match op {
        Op::Subtract => a.checked_sub(b),
        Op::Divide => a.checked_div(b),
        Op::And => Some(a & b),
        Op::Or => Some(a | b),
        Op::Xor => Some(a ^ b),
        Op::ShiftLeft => a.checked_shl(u32::try_from(b).ok()?),
        Op::ShiftRight => a.checked_shr(u32::try_from(b).ok()?),
        _ => None,
    }
}

/// The numbers from `left` to `right`, or the letters.
fn range(left: &Value, right: &Value) -> Value {
    let (Some(from), Some(to)) = (left.number(), right.number()) else {
        return Value::listed(Vec::new(), true);
    };
    if from.abs_diff(to) > 300 {
        return Value::listed(vec![left.clone()], true);
    }
    let numbers: Vec<Value> = if from <= to {
        (from..=to).map(Value::Number).collect()
    } else {
        (to..=from).rev().map(Value::Number).collect()
    };
    Value::list(numbers)
}
