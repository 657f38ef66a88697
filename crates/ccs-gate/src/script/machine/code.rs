//! Code that a script runs: followed where its text is known.

use std::rc::Rc;

use super::Machine;
use super::args::Args;
use super::command::is_address;
use crate::script::expr::Function;
use crate::script::value::{Taint, Texts, Value};
use crate::script::{Act, parse};

/// How deep code may run code.
const NESTED: usize = 5;

impl Machine {
    pub(super) fn code_or_function(&mut self, code: &Value) -> Value {
        match code {
            Value::Function(function) => self.call_function(function, &[], Taint::NONE),
            other => self.code(other),
        }
    }

    /// Code of the same language: followed if it is known.
    pub(super) fn code(&mut self, code: &Value) -> Value {
        if matches!(code, Value::Map(_) | Value::Number(_)) {
            return code.clone();
        }
        let texts = code.texts();
        let nested = self.returns.len() - self.active.len();
        let mut value = Value::unknown();
        for text in &texts.all {
            if text.trim().is_empty() {
                continue;
            }
            let fits = nested < NESTED && self.depth < super::DEPTH / 2;
            let unknown = &**text == "\0";
            if text.contains('\0') {
                self.code_history(&texts);
                self.scene.ran_unknown |= unknown;
                if unknown && texts.taint == Taint::DECODED {
                    // Said already, and there is no text to add.
                    continue;
                }
                self.act(Act::Code(self.language, text.to_string()));
            } else if !fits {
                self.act(Act::Code(self.language, text.to_string()));
            }
            if fits && !unknown {
                value = value.or(&self.run_text(text, texts.taint));
            }
        }
        value
    }

    /// Judges where executed code came from.
    pub(super) fn code_history(&mut self, texts: &Texts) {
        if texts.taint.has(Taint::SOCKET) {
            self.act(Act::ShellOnSocket);
        }
        if texts.taint.has(Taint::NET) {
            self.act(Act::Fetched);
        }
        if texts.taint.has(Taint::DECODED) {
            self.act(Act::Opaque("decoded"));
        }
    }

    /// Follows code that was a text, with the variables as they are.
    pub(super) fn run_text(&mut self, text: &Rc<str>, taint: Taint) -> Value {
        let tree = parse::program(self.language, text, &mut self.budget);
        let before = std::mem::replace(&mut self.code_taint, taint);
        self.returns.push(None);
        let last = self.eval(&tree);
        let returned = self.returns.pop().flatten();
        self.code_taint = before;
        // The functions it defined outlive it by their own count.
        returned.unwrap_or(last)
    }

    pub(super) fn code_file(&mut self, path: &Value) -> Value {
        let texts = path.texts();
        for text in &texts.all {
            if is_address(text) {
                self.act(Act::Connect {
                    to: text.to_string(),
                });
                self.act(Act::Fetched);
            } else {
                self.runs_fetched_file(text);
                self.act(Act::Read(text.to_string()));
            }
        }
        Value::unknown()
    }

    /// JavaScript's `Function("a", "return a")`.
    pub(super) fn make_function(&mut self, args: &Args) -> Value {
        let Some(body) = args.items.last().and_then(Value::constant) else {
            let code = args.items.last().cloned().unwrap_or_else(Value::unknown);
            return self.code(&code);
        };
        let params = args.items[..args.items.len() - 1]
            .iter()
            .filter_map(Value::constant)
            .map(crate::script::expr::Expr::Name)
            .collect();
        self.function_of(&body, params)
    }

    /// Code as a function that is called later.
    pub(super) fn function_of(
        &mut self,
        body: &str,
        params: Vec<crate::script::expr::Expr>,
    ) -> Value {
        let body = crate::script::parse::program(self.language, body, &mut self.budget);
        let function = Rc::new(Function { params, body });
        self.remember(&function);
        Value::Function(function)
    }
}
