//! What only Perl has: `use`, file handles before arguments, `map`, `<FH>`, indirect objects.

use std::rc::Rc;

use super::Parser;
use crate::script::expr::{Arg, Expr, Function, HANDLE, Step};
use crate::script::lex::Kind;

impl Parser<'_, '_> {
    /// `use Module …`: its functions become callable.
    pub(super) fn perl_use(&mut self) -> Expr {
        self.bump();
        let module = self.word();
        while !self.at_end() && !self.is(";") && !self.is("}") {
            self.bump();
        }
        Expr::Open(Rc::from(module.replace("::", ".")))
    }

    /// `new Class(…)`, from the class on.
    pub(super) fn perl_construction(&mut self) -> Expr {
        let Kind::Word(class) = self.bump() else {
            return Expr::Unknown;
        };
        let args = if self.is("(") {
            self.arguments()
        } else if matches!(self.kind(), Kind::Text(_) | Kind::Word(_)) {
            self.open_arguments()
        } else {
            Vec::new()
        };
        let made = Expr::name(class)
            .then(Step::Member(Rc::from("new")))
            .then(Step::Call(args));
        self.postfix(made)
    }

    /// `print LIST`, `print HANDLE LIST`, `print {$handle} LIST`.
    pub(super) fn perl_print(&mut self, print: Expr) -> Expr {
        let mut args = Vec::new();
        if let Some(handle) = self.print_handle() {
            args.push(Arg {
                name: Some(Rc::from(HANDLE)),
                value: handle,
            });
        }
        let ends = matches!(self.kind(), Kind::End | Kind::Newline)
            || matches!(self.op(), ";" | "}" | ")" | "," | "]" | ":")
            || matches!(
                self.word(),
                "if" | "unless" | "for" | "foreach" | "while" | "until" | "and" | "or"
            );
        if !ends {
            args.extend(self.open_arguments());
        }
        print.then(Step::Call(args))
    }

    fn print_handle(&mut self) -> Option<Expr> {
        if self.is("{") {
            let inner = self.items("}");
            return Some(Expr::block(inner));
        }
        let word = self.word();
        let bare = !word.is_empty() && word.chars().all(|c| c.is_ascii_uppercase() || c == '_');
        let scalar = word.starts_with('$');
        let argument = match self.ahead(1) {
            Kind::Text(_) | Kind::Shell(_) => true,
            Kind::Word(next) => {
                next.starts_with(['$', '@', '<'])
                    || !matches!(
                        *next,
                        "x" | "eq"
                            | "ne"
                            | "if"
                            | "unless"
                            | "for"
                            | "foreach"
                            | "while"
                            | "until"
                            | "and"
                            | "or"
                            | "lt"
                            | "gt"
                            | "cmp"
                    )
            }
            Kind::Op("(") => bare,
            Kind::Op(";") | Kind::End => bare && word != "ARGV",
            _ => false,
        };
        ((bare || scalar) && argument).then(|| {
            self.bump();
            Expr::name(word)
        })
    }

    /// `map {…} LIST`, `map EXPR, LIST`; `grep` and `sort` give their list back.
    pub(super) fn perl_map(&mut self) -> Option<Expr> {
        let word = self.word();
        if !matches!(self.ahead(1), Kind::Op("{" | "(") | Kind::Word(_)) {
            return None;
        }
        self.bump();
        let wrapped = self.eat("(");
        if wrapped {
            self.group += 1;
        }
        let body = if self.is("{") {
            self.block()
        } else {
            self.expression()
        };
        self.eat(",");
        let first = self.expression();
        let items = if self.is(",") {
            self.rest_of_list(first)
        } else {
            first
        };
        if wrapped {
            self.group -= 1;
            self.eat(")");
        }
        if word == "map" {
            return Some(Expr::Each {
                target: Box::new(Expr::name("$_")),
                items: Box::new(items),
                body: Box::new(body),
            });
        }
        let body = Expr::Function(Rc::new(Function {
            params: Vec::new(),
            body,
        }));
        Some(Expr::Block(vec![body, items]))
    }

    /// `<FH>`, `<$fh>`, `<STDIN>`, `<>`.
    pub(super) fn perl_readline(&mut self) -> Expr {
        let Kind::Word(word) = self.bump() else {
            return Expr::Unknown;
        };
        match word.trim_matches(['<', '>']) {
            "" => Expr::call("=readline", Vec::new()),
            handle => Expr::call("=readline", vec![Expr::name(handle)]),
        }
    }
}
