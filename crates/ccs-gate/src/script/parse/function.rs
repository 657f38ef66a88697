//! Functions, blocks and classes of the languages with braces.

use std::rc::Rc;

use super::Parser;
use crate::script::Language;
use crate::script::expr::{Expr, Function};
use crate::script::lex::Kind;

impl Parser<'_, '_> {
    /// `function name(params) {…}`, `sub name {…}`, `fn(params) => …`.
    pub(super) fn function(&mut self) -> Expr {
        self.bump();
        self.eat("*");
        self.eat("&");
        let mut name = String::new();
        while let Kind::Word(part) = *self.kind() {
            name.push_str(part);
            self.bump();
            if !(self.eat(".") || self.eat(":")) {
                break;
            }
            name.push('.');
        }
        let function = match self.language {
            Language::Lua => self.lua_function_rest(),
            _ => self.function_rest(),
        };
        if name.is_empty() {
            Expr::Function(function)
        } else {
            Expr::Define(Rc::from(name), function)
        }
    }

    /// Parameters and body.
    pub(super) fn function_rest(&mut self) -> Rc<Function> {
        let params = if self.is("(") {
            self.parameters()
        } else {
            Vec::new()
        };
        // PHP: captured variables and the type of the result.
        if self.eat_word("use") && self.is("(") {
            self.items(")");
        }
        while matches!(self.op(), ":" | "?" | "|") || matches!(self.kind(), Kind::Word(_)) {
            if self.language == Language::R {
                break;
            }
            self.bump();
        }
        let body = self.deeper(|p| {
            if p.eat("=>") {
                return p.expression();
            }
            p.skip_newlines();
            if p.is("{") { p.block() } else { p.expression() }
        });
        Rc::new(Function { params, body })
    }

    /// `(a, b = 1, {c}, ...d)` as patterns.
    pub(super) fn parameters(&mut self) -> Vec<Expr> {
        if self.language == Language::Php || self.language == Language::Java {
            self.skip_types();
        }
        let items = self.items(")");
        items.into_iter().map(pattern).collect()
    }

    /// Makes the types before parameter names invisible: only the last word before a comma or
    /// bracket is the name.
    fn skip_types(&mut self) {
        let mut at = self.at + 1;
        let mut depth = 0_usize;
        while let Some(token) = self.tokens.get(at) {
            match token.kind {
                Kind::Op("(") => depth += 1,
                Kind::Op(")") if depth == 0 => return,
                Kind::Op(")") => depth -= 1,
                Kind::End => return,
                _ => {}
            }
            let typed = matches!(token.kind, Kind::Word(_) | Kind::Op("]" | ">"));
            let named = matches!(
                self.tokens.get(at + 1).map(|t| &t.kind),
                Some(Kind::Word(_))
            );
            if typed && named {
                self.blank_type(at);
            }
            at += 1;
        }
    }

    /// Blanks the type that ends at token `end`.
    fn blank_type(&mut self, end: usize) {
        let mut at = end;
        while at > self.at && !matches!(self.tokens[at].kind, Kind::Op("(" | ",")) {
            self.tokens[at].kind = Kind::Newline;
            at -= 1;
        }
    }

    /// The arrow function whose parameters were just read.
    pub(super) fn arrow(&mut self, params: Vec<Expr>) -> Expr {
        self.bump();
        let params = params.into_iter().map(pattern).collect();
        let body = self.deeper(|p| {
            p.skip_newlines();
            if p.is("{") { p.block() } else { p.binary(1) }
        });
        Expr::Function(Rc::new(Function { params, body }))
    }

    /// R's `\(x) body`, from the bracket on.
    pub(super) fn short_function(&mut self) -> Expr {
        Expr::Function(self.function_rest())
    }

    /// `{ statements }`.
    pub(super) fn block(&mut self) -> Expr {
        self.deeper(|p| {
            p.bump();
            p.ungrouped(|p| {
                let items = p.statements(&[]);
                p.eat("}");
                Expr::Block(items)
            })
        })
    }

    /// `{ |params| … }` or `{ params -> … }`.
    pub(super) fn closure(&mut self) -> Expr {
        self.deeper(|p| {
            p.bump();
            p.ungrouped(|p| {
                let params = if p.language == Language::Ruby {
                    p.block_parameters()
                } else {
                    p.closure_parameters()
                };
                let items = p.statements(&[]);
                p.eat("}");
                Expr::Function(Rc::new(Function {
                    params,
                    body: Expr::Block(items),
                }))
            })
        })
    }

    /// Groovy's `a, b ->`; without it the parameter is `it`.
    fn closure_parameters(&mut self) -> Vec<Expr> {
        let mut n = 0;
        while matches!(self.ahead(n), Kind::Word(_) | Kind::Op(",")) {
            n += 1;
        }
        if self.ahead_op(n) != "->" {
            return vec![Expr::name("it")];
        }
        let mut params = Vec::new();
        while !self.eat("->") {
            if let Kind::Word(name) = self.bump() {
                params.push(Expr::name(name));
            }
        }
        params
    }

    /// JavaScript's `class X extends Y { name(…) {…} field = value; }`: its functions.
    pub(super) fn class(&mut self) -> Expr {
        while !self.at_end() && !self.is("{") {
            self.bump();
        }
        self.bump();
        self.ungrouped(|p| {
            let mut members = Vec::new();
            while !p.at_end() && !p.eat("}") {
                let before = p.at;
                members.push(p.deeper(Self::class_member));
                if p.at == before {
                    p.bump();
                }
            }
            Expr::Block(members)
        })
    }

    fn class_member(&mut self) -> Expr {
        let method = matches!(self.kind(), Kind::Word(_)) && self.ahead_op(1) == "(";
        if method {
            self.bump();
            return Expr::Function(self.function_rest());
        }
        if self.eat("=") {
            return self.expression();
        }
        self.bump();
        Expr::Unknown
    }
}

/// A parameter without its default value.
pub(super) fn pattern(param: Expr) -> Expr {
    match param {
        Expr::Assign { target, .. } => *target,
        Expr::Map(pairs) if matches!(pairs.as_slice(), [(Expr::Name(_), _)]) => {
            // `name: type` reads as a pair.
            pairs
                .into_iter()
                .next()
                .map_or(Expr::Unknown, |(name, _)| name)
        }
        other => other,
    }
}
