//! awk: rules, `print` with its redirections, and `getline`.

use super::Parser;
use super::repeat::loop_on;
use crate::script::expr::{Expr, Redirect};
use crate::script::lex::Kind;

impl Parser<'_, '_> {
    pub(super) fn awk_statement(&mut self) -> Expr {
        if self.is("{") {
            return self.block();
        }
        match self.word() {
            "function" | "func" => self.function(),
            "BEGIN" | "END" | "BEGINFILE" | "ENDFILE" => {
                self.bump();
                Expr::Unknown
            }
            "if" => {
                self.bump();
                let test = self.bracketed();
                self.skip_newlines();
                Expr::Block(vec![test, Expr::Maybe(Box::new(self.statement()))])
            }
            "else" => {
                self.bump();
                self.skip_newlines();
                Expr::Maybe(Box::new(self.statement()))
            }
            "while" => {
                self.bump();
                let test = self.bracketed();
                self.skip_newlines();
                let body = if self.is(";") {
                    Expr::Unknown
                } else {
                    self.statement()
                };
                loop_on(test, body, false)
            }
            "do" => {
                self.bump();
                self.skip_newlines();
                self.statement()
            }
            "for" => self.awk_for(),
            "print" | "printf" => self.awk_print(),
            "delete" | "next" | "nextfile" | "exit" | "return" | "break" | "continue" => {
                let ends = self.word() != "return" && self.word() != "exit";
                self.bump();
                let more = !ends && !matches!(self.kind(), Kind::Newline | Kind::End);
                if more && !matches!(self.op(), ";" | "}") {
                    return Expr::Return(Box::new(self.expression()));
                }
                Expr::Unknown
            }
            _ => {
                let expr = self.expression();
                self.eat(",");
                expr
            }
        }
    }

    fn bracketed(&mut self) -> Expr {
        if !self.is("(") {
            return Expr::Unknown;
        }
        let items = self.items(")");
        Expr::block(items)
    }

    fn awk_for(&mut self) -> Expr {
        self.bump();
        if !self.is("(") {
            return Expr::Unknown;
        }
        let each = matches!(self.ahead(2), Kind::Word("in"));
        if each {
            self.bump();
            let target = self.atom();
            self.bump();
            let items = self.grouped(|p| {
                let items = p.expression();
                p.eat(")");
                items
            });
            self.skip_newlines();
            return Expr::Each {
                target: Box::new(target),
                items: Box::new(Expr::call("=keys", vec![items])),
                body: Box::new(self.statement()),
            };
        }
        let parts = self.items(")");
        self.skip_newlines();
        let body = if self.is(";") {
            Expr::Unknown
        } else {
            self.statement()
        };
        let endless = parts.iter().all(|part| matches!(part, Expr::Unknown));
        let body = Box::new(body);
        if endless {
            return Expr::Loop { test: None, body };
        }
        let test = Some(Box::new(Expr::Unknown));
        Expr::Block(vec![Expr::Block(parts), Expr::Loop { test, body }])
    }

    /// `print a, b > "file"`, `printf f, a | "command"`.
    fn awk_print(&mut self) -> Expr {
        let name = self.word();
        self.bump();
        let output = std::mem::replace(&mut self.output, true);
        let mut args = Vec::new();
        loop {
            let ends = matches!(self.kind(), Kind::Newline | Kind::End)
                || matches!(self.op(), ";" | "}" | ">" | ">>" | "|" | "|&");
            if ends {
                break;
            }
            args.push(self.deeper(|p| p.binary(4)));
            if !self.eat(",") {
                break;
            }
            self.skip_newlines();
        }
        let how = match self.op() {
            ">" => Some(Redirect::File),
            ">>" => Some(Redirect::Append),
            "|" | "|&" => Some(Redirect::Command),
            _ => None,
        };
        let print = Expr::call(name, args);
        let expr = match how {
            None => print,
            Some(how) => {
                self.bump();
                let target = self.deeper(|p| p.binary(11));
                Expr::Redirect {
                    output: Box::new(print),
                    how,
                    target: Box::new(target),
                }
            }
        };
        self.output = output;
        expr
    }

    /// `command | getline [variable]`, from the operator on.
    pub(super) fn getline(&mut self, command: Expr) -> Expr {
        self.bump();
        self.bump();
        let target = self.getline_target();
        Expr::assign(target, Expr::call("=getline-command", vec![command]))
    }

    /// `getline [variable] [< file]`.
    pub(super) fn plain_getline(&mut self) -> Expr {
        self.bump();
        let target = self.getline_target();
        let value = if self.eat("<") {
            let file = self.deeper(|p| p.binary(12));
            Expr::call("=getline-file", vec![file])
        } else {
            Expr::call("=readline", Vec::new())
        };
        Expr::assign(target, value)
    }

    fn getline_target(&mut self) -> Expr {
        match self.kind() {
            Kind::Word(_) => self.deeper(Self::operand),
            Kind::Op("$") => self.deeper(Self::atom),
            _ => Expr::name("$0"),
        }
    }
}
