//! Lua's statements and tables.

use std::rc::Rc;

use super::Parser;
use super::function::pattern;
use super::repeat::loop_on;
use crate::script::expr::{Expr, Function};
use crate::script::lex::Kind;

impl Parser<'_, '_> {
    pub(super) fn lua_statement(&mut self) -> Expr {
        match self.word() {
            "local" => {
                self.bump();
                self.lua_statement()
            }
            "if" => {
                self.bump();
                let test = self.expression();
                self.eat_word("then");
                let body = self.lua_until(&["end"]);
                Expr::Block(vec![test, Expr::Maybe(Box::new(body))])
            }
            "while" => {
                self.bump();
                let test = self.expression();
                self.eat_word("do");
                let body = self.lua_until(&["end"]);
                loop_on(test, body, false)
            }
            "repeat" => {
                self.bump();
                let body = self.lua_until(&["until"]);
                let test = self.expression();
                loop_on(test, body, true)
            }
            "do" => {
                self.bump();
                self.lua_until(&["end"])
            }
            "for" => self.lua_for(),
            "goto" | "break" => {
                self.bump();
                Expr::Unknown
            }
            _ => self.lua_simple(),
        }
    }

    fn lua_simple(&mut self) -> Expr {
        let mut expr = self.expression();
        if self.is(",") {
            expr = match expr {
                Expr::Assign { target, op, value } => Expr::Assign {
                    target,
                    op,
                    value: Box::new(self.rest_of_list(*value)),
                },
                first => self.rest_of_list(first),
            };
        }
        if self.eat("=") {
            let value = self.expression();
            let value = if self.is(",") {
                self.rest_of_list(value)
            } else {
                value
            };
            expr = Expr::assign(expr, value);
        }
        expr
    }

    /// Statements up to one of `ends`, which is consumed; the parts of an `if` run on.
    fn lua_until(&mut self, ends: &[&str]) -> Expr {
        self.deeper(|p| {
            p.ungrouped(|p| {
                let mut items = Vec::new();
                while !p.at_end() {
                    items.extend(p.statements(&["end", "until", "else", "elseif"]));
                    if p.eat_any(ends) {
                        break;
                    }
                    if p.eat_word("elseif") {
                        items.push(p.expression());
                        p.eat_word("then");
                    } else {
                        p.bump();
                    }
                }
                Expr::Block(items)
            })
        })
    }

    fn lua_for(&mut self) -> Expr {
        self.bump();
        let mut targets = Vec::new();
        while let Kind::Word(name) = *self.kind() {
            if name == "in" {
                break;
            }
            targets.push(Expr::name(name));
            self.bump();
            self.eat(",");
        }
        let counted = self.eat("=");
        self.eat_word("in");
        let first = self.expression();
        let items = match (self.is(","), counted) {
            (true, true) => self.counted(first),
            (true, false) => self.rest_of_list(first),
            _ => first,
        };
        self.eat_word("do");
        let body = self.lua_until(&["end"]);
        let target = targets.pop().unwrap_or(Expr::Unknown);
        Expr::Each {
            target: Box::new(target),
            items: Box::new(items),
            body: Box::new(body),
        }
    }

    /// `from, to[, step]`.
    fn counted(&mut self, from: Expr) -> Expr {
        self.bump();
        let to = self.expression();
        let stepped = self.eat(",");
        if stepped {
            let step = self.expression();
            return Expr::call("=range", vec![from, to, step]);
        }
        Expr::Binary(crate::script::expr::Op::Range, vec![from, to])
    }

    /// `{ v, k = v, [k] = v }`.
    pub(super) fn lua_table(&mut self) -> Expr {
        let items = self.items("}");
        let pairs = items.iter().any(|item| matches!(item, Expr::Assign { .. }));
        if !pairs {
            return Expr::List(items);
        }
        let pairs = items.into_iter().map(|item| match item {
            Expr::Assign { target, value, .. } => match *target {
                Expr::Name(name) => (Expr::Text(name), *value),
                Expr::List(mut key) if key.len() == 1 => (key.remove(0), *value),
                other => (other, *value),
            },
            other => (Expr::Unknown, other),
        });
        Expr::Map(pairs.collect())
    }

    pub(super) fn lua_function_rest(&mut self) -> Rc<Function> {
        let params = if self.is("(") {
            self.items(")").into_iter().map(pattern).collect()
        } else {
            Vec::new()
        };
        let body = self.lua_until(&["end"]);
        Rc::new(Function { params, body })
    }
}
