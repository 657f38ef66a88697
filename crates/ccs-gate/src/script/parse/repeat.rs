//! Loops of the languages with braces.

use super::Parser;
use crate::script::Language;
use crate::script::expr::{Expr, Op};
use crate::script::lex::Kind;

impl Parser<'_, '_> {
    pub(super) fn while_loop(&mut self) -> Expr {
        let until = self.word() == "until";
        self.bump();
        let test = if self.is("(") && self.ahead_op(1) == ")" {
            self.bump();
            self.bump();
            Expr::Number(1)
        } else {
            self.condition()
        };
        self.skip_newlines();
        let body = if self.is(";") {
            Expr::Unknown
        } else {
            self.statement()
        };
        loop_on(test, body, until)
    }

    pub(super) fn do_while(&mut self) -> Expr {
        self.bump();
        self.skip_newlines();
        let body = self.statement();
        let skipped = self.at;
        self.skip_newlines();
        if matches!(self.word(), "while" | "until") {
            let until = self.word() == "until";
            self.bump();
            let test = if self.is("(") {
                self.condition()
            } else {
                self.expression()
            };
            return loop_on(test, body, until);
        }
        self.at = skipped;
        body
    }

    pub(super) fn endless(&mut self) -> Expr {
        self.bump();
        Expr::Loop {
            test: None,
            body: Box::new(self.statement()),
        }
    }

    /// All kinds of `for`: over elements, or with three parts.
    pub(super) fn for_loop(&mut self) -> Expr {
        self.bump();
        self.eat_word("await");
        let mut target = Expr::name("$_");
        if !self.is("(") {
            // Perl: the variable stands before the list.
            self.eat_any(&["my", "our", "local", "state"]);
            target = self.atom();
        }
        if !self.is("(") {
            return target;
        }
        let (target, items, endless) = self.for_header(target);
        self.skip_newlines();
        let body = Box::new(if self.is(";") {
            Expr::Unknown
        } else {
            self.statement()
        });
        match items {
            Some(items) => Expr::Each {
                target: Box::new(target),
                items: Box::new(items),
                body,
            },
            None if endless => Expr::Loop { test: None, body },
            None => Expr::Block(vec![
                target,
                Expr::Loop {
                    test: Some(Box::new(Expr::Unknown)),
                    body,
                },
            ]),
        }
    }

    /// What the bracket behind `for` says: the variable and the elements, or the three parts as
    /// the first and whether they are empty.
    pub(super) fn for_header(&mut self, variable: Expr) -> (Expr, Option<Expr>, bool) {
        self.bump();
        self.grouped(|p| {
            let mut parts = Vec::new();
            let mut items = None;
            let mut target = variable;
            while !p.at_end() && !p.eat(")") {
                let before = p.at;
                p.skip_declared_type();
                p.eat_any(&["var", "let", "const", "final", "def", "my"]);
                let word = matches!(p.ahead(1), Kind::Word("of" | "in"));
                let patterned = matches!(p.op(), "[" | "{") && p.language == Language::JavaScript;
                let first = if word || patterned {
                    p.atom()
                } else {
                    p.expression()
                };
                if p.eat_any(&["of", "in"]) || (p.language == Language::Java && p.eat(":")) {
                    target = first;
                    items = Some(p.expression());
                } else if p.eat_word("as") {
                    let value = p.expression();
                    target = if p.eat("=>") { p.expression() } else { value };
                    items = Some(first);
                } else {
                    parts.push(first);
                }
                if !p.eat(";") && !p.eat(",") && p.at == before {
                    p.bump();
                }
            }
            let empty = parts.iter().all(|part| matches!(part, Expr::Unknown));
            if items.is_none() && p.language == Language::Perl && !empty {
                items = Some(Expr::List(std::mem::take(&mut parts)));
            }
            let first = if items.is_some() {
                target
            } else {
                Expr::Block(parts)
            };
            (first, items, empty)
        })
    }
}

/// A loop that goes on while `test` holds, or until it does.
pub(super) fn loop_on(test: Expr, body: Expr, until: bool) -> Expr {
    // `while (<F>)` sets the topic.
    let test = match test {
        Expr::Access(base, steps) if matches!(&*base, Expr::Name(n) if &**n == "=readline") => {
            Expr::assign(Expr::name("$_"), Expr::Access(base, steps))
        }
        test => test,
    };
    let always = match &test {
        Expr::Number(n) => (*n != 0) != until,
        Expr::Text(text) => (!text.is_empty() && &**text != "0") != until,
        Expr::Name(name) => {
            let truth = matches!(&**name, "true" | "True" | "TRUE" | "T");
            let lie = matches!(&**name, "false" | "False" | "nil" | "FALSE" | "F");
            (truth && !until) || (lie && until)
        }
        Expr::Binary(Op::Compare, parts) if parts.len() == 1 => {
            matches!(parts[0], Expr::Number(0)) && !until
        }
        _ => false,
    };
    Expr::Loop {
        test: (!always).then(|| Box::new(test)),
        body: Box::new(body),
    }
}
