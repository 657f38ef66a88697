//! Arguments of calls, with and without brackets, with and without names.

use std::rc::Rc;

use super::Parser;
use crate::script::Language;
use crate::script::expr::{Arg, Expr};
use crate::script::lex::Kind;

/// The name of an argument whose key is not one text.
const UNNAMED_KEY: &str = "=>";

impl Parser<'_, '_> {
    /// `(…)` behind a callee.
    pub(super) fn arguments(&mut self) -> Vec<Arg> {
        self.bump();
        self.grouped(|p| {
            let mut args = Vec::new();
            while !p.at_end() && !p.eat(")") {
                let before = p.at;
                args.push(p.argument());
                if !p.eat(",") && !p.is(")") && p.at == before {
                    p.bump();
                }
            }
            args
        })
    }

    /// Arguments up to the end of the statement.
    pub(super) fn open_arguments(&mut self) -> Vec<Arg> {
        let mut args = vec![self.argument()];
        while self.eat(",") {
            self.skip_newlines();
            if self.at_end() || matches!(self.op(), ")" | "]" | "}" | ";") {
                break;
            }
            args.push(self.argument());
        }
        args
    }

    fn argument(&mut self) -> Arg {
        if let Some(name) = self.argument_name() {
            return Arg {
                name: Some(name),
                value: self.expression(),
            };
        }
        let value = self.expression();
        if self.is("=>") && !matches!(self.language, Language::JavaScript) {
            self.bump();
            self.skip_newlines();
            let name = match &value {
                Expr::Text(key) => key.clone(),
                Expr::Name(key) => key.clone(),
                _ => Rc::from(UNNAMED_KEY),
            };
            return Arg {
                name: Some(name),
                value: self.expression(),
            };
        }
        let value = if self.comprehends() {
            self.comprehension(value)
        } else {
            value
        };
        Arg::plain(value)
    }

    /// `name=`, `name:` or `name =>` before a value, and moves past it.
    fn argument_name(&mut self) -> Option<Rc<str>> {
        use Language::{Java, Perl, Php, Python, R, Ruby};
        let sign = self.ahead_op(1);
        let glued = !self.tokens.get(self.at + 1).is_some_and(|t| t.spaced);
        let fits = match self.language {
            Python | R => sign == "=",
            Ruby | Java | Php => sign == ":" && glued,
            Perl => sign == "=>",
            _ => false,
        };
        if !fits {
            return None;
        }
        let name: Rc<str> = match self.kind() {
            Kind::Word(word) => Rc::from(*word),
            Kind::Text(pieces) => match pieces.as_slice() {
                [crate::script::lex::Piece::Known(text)] => Rc::from(text.as_str()),
                _ => return None,
            },
            _ => return None,
        };
        self.bump();
        self.bump();
        self.skip_newlines();
        Some(name)
    }
}
