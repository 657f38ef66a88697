//! Calling the script's own functions, and giving functions to others to call.

use std::rc::Rc;

use super::Machine;
use super::args::Args;
use crate::script::expr::{Expr, Function};
use crate::script::value::{Taint, Value};

/// How deep calls of the script's own functions may nest.
const CALLS: usize = 6;

impl Machine {
    /// Takes note of a function, to be run at the end if nobody calls it.
    pub(super) fn remember(&mut self, function: &Rc<Function>) {
        if self.known.insert(Rc::as_ptr(function)) {
            self.pending.push(function.clone());
        }
    }

    /// Runs a function; arguments that are missing are unknown and have the history `taint`.
    pub(super) fn call_function(
        &mut self,
        function: &Rc<Function>,
        items: &[Value],
        taint: Taint,
    ) -> Value {
        let id = Rc::as_ptr(function);
        if self.active.len() >= CALLS || self.active.contains(&id) {
            return Value::Unknown(taint);
        }
        self.called.insert(id);
        self.active.push(id);
        self.scopes.push(Default::default());
        self.returns.push(None);
        let branches = std::mem::take(&mut self.branches);
        self.bind_parameters(function, items, taint);
        let last = self.eval(&function.body);
        self.branches = branches;
        let returned = self.returns.pop().flatten();
        self.scopes.pop();
        self.active.pop();
        returned.unwrap_or(last)
    }

    fn bind_parameters(&mut self, function: &Function, items: &[Value], taint: Taint) {
        for (n, param) in function.params.iter().enumerate() {
            let value = match param {
                Expr::Spread(_) => Value::list(items.get(n..).unwrap_or(&[]).to_vec()),
                _ => items.get(n).cloned().unwrap_or(Value::Unknown(taint)),
            };
            let target = match param {
                Expr::Spread(inner) => inner,
                other => other,
            };
            self.set_local(target, value);
        }
        let all = Value::listed(items.to_vec(), items.is_empty());
        for name in ["@_", "arguments", "$args"] {
            self.set_local(&Expr::name(name), all.clone());
        }
        if function.params.is_empty()
            && let Some(first) = items.first()
        {
            self.set_local(&Expr::name("$_"), first.clone());
        }
    }

    /// Runs the functions among the arguments of a call that is not known, as it may do: with
    /// elements of the receiver, or something that came from it.
    pub(super) fn call_back(&mut self, receiver: &Value, result: &Value, args: &Args) {
        let taint = receiver.taint().and(result.taint());
        let (elements, _) = receiver.elements();
        let given = match receiver {
            Value::List(_) | Value::Text(_) => elements,
            _ => Vec::new(),
        };
        for item in args
            .items
            .iter()
            .chain(args.named.iter().map(|(_, value)| value))
        {
            match item {
                Value::Function(function) => {
                    let this = if result.kind().is_empty() {
                        receiver
                    } else {
                        result
                    };
                    let given = given.get(..1).unwrap_or(&[]);
                    self.call_with_this(function, given, taint, this.clone());
                }
                Value::Map(map) => {
                    let inner = map.pairs.iter().map(|(_, value)| value.clone());
                    let inner = Args::of(inner.collect());
                    self.call_back_map(&inner, taint);
                }
                _ => {}
            }
        }
    }

    fn call_back_map(&mut self, args: &Args, taint: Taint) {
        for item in &args.items {
            if let Value::Function(function) = item {
                self.call_function(function, &[], taint);
            }
        }
    }

    fn call_with_this(
        &mut self,
        function: &Rc<Function>,
        items: &[Value],
        taint: Taint,
        this: Value,
    ) {
        let before = self.variable("this");
        self.scopes[0].insert(Rc::from("this"), this);
        self.call_function(function, items, taint);
        match before {
            Some(before) => self.scopes[0].insert(Rc::from("this"), before),
            None => self.scopes[0].remove("this"),
        };
    }

    /// Calls any callable value with plain arguments.
    pub(super) fn call_value(&mut self, callee: &Value, items: Vec<Value>) -> Value {
        match callee {
            Value::Function(function) => self.call_function(function, &items, Taint::NONE),
            Value::Path(path) => {
                let path = path.clone();
                self.call_path(&path, &Args::of(items))
            }
            other => {
                let taint = items.iter().fold(other.taint(), |t, v| t.and(v.taint()));
                Value::Unknown(taint)
            }
        }
    }
}
