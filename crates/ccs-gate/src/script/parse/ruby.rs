//! Ruby's statements and blocks.

use std::rc::Rc;

use super::Parser;
use super::function::pattern;
use super::repeat::loop_on;
use crate::script::expr::{Expr, Function};
use crate::script::lex::Kind;

/// Words that end a run of statements.
const ENDS: &[&str] = &["end", "rescue", "ensure", "else", "elsif", "when", "in"];

impl Parser<'_, '_> {
    pub(super) fn ruby_statement(&mut self) -> Expr {
        let statement = match self.word() {
            "def" => self.ruby_def(),
            "class" | "module" => {
                self.skip_to_line_end();
                self.until_end()
            }
            "if" | "unless" | "elsif" | "case" | "when" => self.ruby_branch(),
            "while" | "until" => self.ruby_while(),
            "for" => self.ruby_for(),
            "begin" => {
                self.bump();
                self.until_end()
            }
            "include" | "extend" if matches!(self.ahead(1), Kind::Word(_)) => {
                self.bump();
                let module = self.word();
                self.bump();
                Expr::Open(Rc::from(module))
            }
            "BEGIN" | "END" if self.ahead_op(1) == "{" => {
                self.bump();
                self.block()
            }
            "alias" | "undef" => {
                self.skip_to_line_end();
                Expr::Unknown
            }
            _ => self.ruby_simple(),
        };
        self.modified(statement)
    }

    fn skip_to_line_end(&mut self) {
        while !self.at_end() && !matches!(self.kind(), Kind::Newline) && !self.is(";") {
            self.bump();
        }
    }

    fn ruby_simple(&mut self) -> Expr {
        let mut expr = self.expression();
        if self.is(",") && self.group == 0 {
            expr = self.rest_of_list(expr);
        }
        if self.is("=") {
            self.bump();
            let value = self.expression();
            let value = if self.is(",") {
                self.rest_of_list(value)
            } else {
                value
            };
            expr = Expr::assign(expr, value);
        } else if self.is(",")
            && let Expr::Assign { target, op, value } = expr
        {
            let value = self.rest_of_list(*value);
            return Expr::Assign {
                target,
                op,
                value: Box::new(value),
            };
        }
        expr
    }

    /// Statements and rescue clauses up to the `end` that closes them.
    fn until_end(&mut self) -> Expr {
        self.ungrouped(|p| {
            let mut items = Vec::new();
            while !p.at_end() {
                items.extend(p.statements(ENDS));
                match p.word() {
                    "end" => {
                        p.bump();
                        break;
                    }
                    "rescue" | "when" | "in" => p.skip_clause(),
                    "elsif" => {
                        p.bump();
                        items.push(p.ruby_header());
                    }
                    _ => {
                        // `else`, `ensure`, or a bracket that closes nothing here.
                        if matches!(p.op(), "}" | ")" | "]") {
                            break;
                        }
                        p.bump();
                    }
                }
            }
            Expr::Block(items)
        })
    }

    /// Moves past the values a clause compares with.
    fn skip_clause(&mut self) {
        while !self.at_end() && !matches!(self.kind(), Kind::Newline) && !self.is(";") {
            if matches!(self.bump(), Kind::Word("then")) {
                return;
            }
        }
    }

    /// The expression behind `if`, `while` or `in`, whose `do` is not its block.
    fn ruby_header(&mut self) -> Expr {
        let header = std::mem::replace(&mut self.header, true);
        let expr = self.expression();
        self.header = header;
        self.eat_any(&["do", "then"]);
        expr
    }

    fn ruby_branch(&mut self) -> Expr {
        self.bump();
        let ends = matches!(self.kind(), Kind::Newline);
        let test = if ends {
            Expr::Unknown
        } else {
            self.ruby_header()
        };
        let body = self.until_end();
        Expr::Block(vec![test, Expr::Maybe(Box::new(body))])
    }

    fn ruby_while(&mut self) -> Expr {
        let until = self.word() == "until";
        self.bump();
        let test = self.ruby_header();
        let body = self.until_end();
        loop_on(test, body, until)
    }

    fn ruby_for(&mut self) -> Expr {
        self.bump();
        let target = self.atom();
        while self.eat(",") {
            self.atom();
        }
        self.eat_word("in");
        let items = self.ruby_header();
        let body = self.until_end();
        Expr::Each {
            target: Box::new(target),
            items: Box::new(items),
            body: Box::new(body),
        }
    }

    fn ruby_def(&mut self) -> Expr {
        self.bump();
        let mut name = self.word();
        self.bump();
        if self.eat(".") {
            name = self.word();
            self.bump();
        }
        let params = if self.is("(") {
            self.items(")").into_iter().map(pattern).collect()
        } else {
            self.bare_parameters()
        };
        let body = if self.eat("=") {
            self.expression()
        } else {
            self.until_end()
        };
        Expr::Define(Rc::from(name), Rc::new(Function { params, body }))
    }

    /// Parameters without brackets, up to the end of the line.
    fn bare_parameters(&mut self) -> Vec<Expr> {
        let mut params = Vec::new();
        while matches!(self.kind(), Kind::Word(_)) && self.group == 0 {
            let Kind::Word(name) = self.bump() else { break };
            params.push(Expr::name(name));
            if !self.eat(",") {
                break;
            }
        }
        params
    }

    /// `|a, (b, c), *d|`; without it the parameter is `it`.
    pub(super) fn block_parameters(&mut self) -> Vec<Expr> {
        if self.eat("||") {
            return Vec::new();
        }
        if !self.eat("|") {
            return vec![Expr::name("it")];
        }
        let mut params = Vec::new();
        while !self.at_end() && !self.eat("|") && !matches!(self.kind(), Kind::Newline) {
            let starred = self.eat("*") || self.eat("&");
            if self.is("(") {
                let inner = self.items(")");
                params.push(Expr::List(inner));
                continue;
            }
            if let Kind::Word(name) = self.bump() {
                let name = Expr::name(name);
                params.push(if starred {
                    Expr::Spread(Box::new(name))
                } else {
                    name
                });
            }
        }
        params
    }

    /// `do |params| … end`.
    pub(super) fn do_block(&mut self) -> Expr {
        self.deeper(|p| {
            p.bump();
            let params = p.ungrouped(Self::block_parameters);
            let body = p.until_end();
            Expr::Function(Rc::new(Function { params, body }))
        })
    }

    /// `->(x) {…}`, `lambda {…}`, `proc do … end`.
    pub(super) fn ruby_lambda(&mut self) -> Expr {
        self.bump();
        let params = if self.is("(") {
            self.items(")").into_iter().map(pattern).collect()
        } else {
            self.bare_parameters()
        };
        let block = match (self.op(), self.word()) {
            ("{", _) => self.closure(),
            (_, "do") => self.do_block(),
            _ => return Expr::Unknown,
        };
        match block {
            Expr::Function(block) if !params.is_empty() => Expr::Function(Rc::new(Function {
                params,
                body: block.body.clone(),
            })),
            other => other,
        }
    }
}
