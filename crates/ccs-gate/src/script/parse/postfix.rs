//! What follows an operand: members, subscripts, calls, blocks and arguments without brackets.

use std::rc::Rc;

use super::Parser;
use crate::script::Language;
use crate::script::expr::{Arg, Expr, Step};
use crate::script::lex::Kind;

impl Parser<'_, '_> {
    pub(super) fn postfix(&mut self, mut expr: Expr) -> Expr {
        loop {
            self.chain_on_next_line();
            let step = match self.op() {
                "(" if self.calls(&expr) => Step::Call(self.arguments()),
                "[" if self.subscripts(&expr) => self.subscript(),
                "{" if self.follows_brace(&expr) => match self.brace_step(&mut expr) {
                    Some(step) => step,
                    None => continue,
                },
                "++" | "--" => {
                    self.bump();
                    continue;
                }
                op if self.is_member(op) => match self.member() {
                    Some(step) => step,
                    None => return expr,
                },
                _ => match self.glued_call(&expr) {
                    Some(step) => step,
                    None if self.takes_block(&expr) => {
                        let block = self.do_block();
                        add_argument(&mut expr, block);
                        continue;
                    }
                    None => break,
                },
            };
            expr = expr.then(step);
        }
        self.command(expr)
    }

    /// A method chain may go on after a line end.
    fn chain_on_next_line(&mut self) {
        if !matches!(self.kind(), Kind::Newline) || self.language == Language::Python {
            return;
        }
        let mut n = 0;
        while matches!(self.ahead(n), Kind::Newline) {
            n += 1;
        }
        if matches!(self.ahead_op(n), "." | "?." | "&.") {
            self.skip_newlines();
        }
    }

    fn is_member(&self, op: &str) -> bool {
        use Language::{Awk, Java, Lua, Perl, Php, R, Ruby};
        match op {
            "." => !matches!(self.language, Perl | Php | Awk | R),
            "?." | "&." | "?->" | "*." => true,
            "->" => matches!(self.language, Perl | Php),
            "::" => matches!(self.language, Ruby | Php | R | Java),
            ":" => self.language == Lua && matches!(self.ahead(1), Kind::Word(_)),
            "$" | "@" => self.language == R && matches!(self.ahead(1), Kind::Word(_)),
            _ => false,
        }
    }

    /// The member after `.`, `->`, `::`; a subscript or call may stand there as well.
    fn member(&mut self) -> Option<Step> {
        self.bump();
        if self.language == Language::R {
            self.eat(":");
        }
        self.skip_newlines();
        match self.op() {
            "(" => return Some(Step::Call(self.arguments())),
            "[" => return Some(self.subscript()),
            "{" => return Some(self.key()),
            "@" | "$" | "%" if self.ahead_op(1) == "*" => {
                self.bump();
                self.bump();
                return Some(Step::Member(Rc::from("=all")));
            }
            "" => {}
            _ => return None,
        }
        match self.bump() {
            Kind::Word(name) if name.starts_with('$') && self.language != Language::JavaScript => {
                Some(Step::Index(Expr::name(name)))
            }
            Kind::Word(name) => Some(Step::Member(Rc::from(name))),
            Kind::Text(pieces) => match self.text(pieces) {
                Expr::Text(name) => Some(Step::Member(name)),
                other => Some(Step::Index(other)),
            },
            _ => None,
        }
    }

    /// Whether `(` here opens arguments.
    fn calls(&mut self, expr: &Expr) -> bool {
        let callable = !matches!(expr, Expr::Number(_) | Expr::Unknown);
        let text = matches!(expr, Expr::Text(_) | Expr::Join(_));
        match self.language {
            Language::Ruby => !self.spaced() && !text,
            Language::Awk => {
                matches!(expr, Expr::Name(name) if !self.spaced() || is_awk_builtin(name))
            }
            Language::Perl => callable && !matches!(expr, Expr::Text(_)),
            _ => callable,
        }
    }

    fn subscripts(&mut self, expr: &Expr) -> bool {
        match self.language {
            Language::Ruby | Language::Perl => {
                !self.spaced() || !matches!(expr, Expr::Name(_) | Expr::Access(..))
            }
            _ => true,
        }
    }

    fn subscript(&mut self) -> Step {
        self.bump();
        self.grouped(|p| {
            let mut parts = vec![p.slice_part()];
            while p.eat(":") {
                parts.push(p.slice_part());
            }
            if parts.len() > 1 {
                p.close("]");
                return Step::Slice(parts);
            }
            let mut index = parts.pop().flatten().unwrap_or(Expr::Unknown);
            if p.is(",") {
                index = p.rest_of_list(index);
            }
            p.close("]");
            Step::Index(index)
        })
    }

    fn slice_part(&mut self) -> Option<Expr> {
        let absent = matches!(self.op(), ":" | "]" | ",");
        (!absent).then(|| self.expression())
    }

    /// Moves past `bracket`, and past what is not understood before it.
    pub(super) fn close(&mut self, bracket: &str) {
        while !self.at_end() && !self.eat(bracket) {
            if matches!(self.op(), ";" | "}") {
                return;
            }
            self.bump();
        }
    }

    /// Perl's `{key}`.
    fn key(&mut self) -> Step {
        self.bump();
        self.grouped(|p| {
            let word = p.word();
            let bare = p.ahead_op(1) == "}" && !word.is_empty() && !word.starts_with(['$', '@']);
            let key = if bare {
                p.bump();
                Expr::text(word)
            } else {
                p.expression()
            };
            p.close("}");
            Step::Index(key)
        })
    }

    /// Whether `{` here belongs to the operand before it.
    fn follows_brace(&mut self, expr: &Expr) -> bool {
        let named = matches!(expr, Expr::Name(_) | Expr::Access(..));
        match self.language {
            Language::Perl => {
                let hash = matches!(expr, Expr::Name(name) if name.starts_with('%'));
                let chained = matches!(expr, Expr::Access(_, steps)
                    if matches!(steps.last(), Some(Step::Index(_))));
                !self.spaced() && (hash || chained)
            }
            Language::Ruby => named && !self.header,
            Language::Java => named && !self.header,
            Language::Lua => named,
            _ => false,
        }
    }

    /// A key, a block argument or a table argument; `None` if it became part of `expr`.
    fn brace_step(&mut self, expr: &mut Expr) -> Option<Step> {
        match self.language {
            Language::Perl => Some(self.key()),
            Language::Lua => {
                let table = self.lua_table();
                Some(Step::Call(vec![Arg::plain(table)]))
            }
            _ => {
                let block = self.closure();
                add_argument(expr, block);
                None
            }
        }
    }

    /// A string glued to a function: Lua's `f"…"`, JavaScript's tagged templates.
    fn glued_call(&mut self, expr: &Expr) -> Option<Step> {
        let callable = matches!(expr, Expr::Name(_) | Expr::Access(..));
        let literal = matches!(self.kind(), Kind::Text(_));
        let glued = match self.language {
            Language::Lua => true,
            Language::JavaScript => !self.spaced(),
            _ => false,
        };
        if !(callable && literal && glued) {
            return None;
        }
        let Kind::Text(pieces) = self.bump() else {
            return None;
        };
        let text = self.text(pieces);
        Some(Step::Call(vec![Arg::plain(text)]))
    }

    pub(super) fn takes_block(&mut self, expr: &Expr) -> bool {
        self.language == Language::Ruby
            && !self.header
            && self.word() == "do"
            && matches!(expr, Expr::Name(_) | Expr::Access(..))
    }
}

fn is_awk_builtin(name: &str) -> bool {
    matches!(
        name,
        "system"
            | "print"
            | "printf"
            | "sprintf"
            | "substr"
            | "length"
            | "gsub"
            | "sub"
            | "split"
            | "index"
            | "match"
            | "tolower"
            | "toupper"
            | "close"
            | "fflush"
            | "int"
            | "gensub"
    )
}

/// Gives the last call of `expr` one more argument, or makes it a call.
pub(super) fn add_argument(expr: &mut Expr, value: Expr) {
    let arg = Arg::plain(value);
    if let Expr::Access(_, steps) = expr {
        match steps.last_mut() {
            Some(Step::Call(args)) => args.push(arg),
            _ => steps.push(Step::Call(vec![arg])),
        }
        return;
    }
    let callee = std::mem::replace(expr, Expr::Unknown);
    *expr = callee.then(Step::Call(vec![arg]));
}
