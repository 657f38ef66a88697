//! PowerShell's expressions and the words of commands.

use std::rc::Rc;

use super::Shell;
use crate::script::expr::{Arg, Expr, Function, Op, Step};
use crate::script::lex::quote::balanced;

impl<'s> Shell<'s, '_> {
    pub(super) fn expression(&mut self) -> Expr {
        self.deeper(|s| s.binary(0))
    }

    fn binary(&mut self, min: u8) -> Expr {
        let mut left = self.unary();
        while let Some((power, op, len)) = self.operator().filter(|(power, ..)| *power >= min) {
            if !self.budget.spend(1) {
                return left;
            }
            let mut operands = vec![left];
            self.at += len;
            self.blank_lines();
            operands.push(self.deeper(|s| s.binary(power + 1)));
            while let Some((next, same, len)) = self.operator() {
                if next != power || same != op || op == Op::Replace {
                    break;
                }
                self.at += len;
                self.blank_lines();
                operands.push(self.deeper(|s| s.binary(power + 1)));
            }
            left = match op {
                // The comma.
                Op::Then => Expr::List(operands),
                _ => self.flatter(op, operands),
            };
        }
        left
    }

    /// A binary node; a chain of different operators may not grow without end.
    fn flatter(&mut self, op: Op, operands: Vec<Expr>) -> Expr {
        let mut height = 0;
        let mut node = operands.first();
        while let Some(Expr::Binary(_, inner)) = node {
            height += 1;
            node = inner.first();
        }
        if height > 40 {
            self.budget.exhaust();
            return Expr::Unknown;
        }
        Expr::Binary(op, operands)
    }

    /// The operator here: power, meaning, length.
    fn operator(&mut self) -> Option<(u8, Op, usize)> {
        self.blank();
        let rest = self.rest();
        let next = rest.chars().next()?;
        match next {
            ',' if !self.separate => return Some((8, Op::Then, 1)),
            '.' if rest.starts_with("..") => return Some((7, Op::Range, 2)),
            '+' if !rest.starts_with("+=") && !rest.starts_with("++") => {
                return Some((4, Op::Add, 1));
            }
            '*' if !rest.starts_with("*>") => return Some((5, Op::Multiply, 1)),
            '/' => return Some((5, Op::Divide, 1)),
            '%' => return Some((5, Op::Percent, 1)),
            '-' => {}
            _ => return None,
        }
        let word = rest[1..]
            .split(|c: char| !c.is_alphabetic())
            .next()
            .unwrap_or("");
        let len = word.len() + 1;
        let lower = word.to_lowercase();
        let bare = lower.strip_prefix(['c', 'i']).unwrap_or(&lower);
        Some(match (lower.as_str(), bare) {
            ("", _) if !rest.starts_with("--") => (4, Op::Subtract, 1),
            ("f", _) => (6, Op::Format, len),
            ("join", _) => (3, Op::Glue, len),
            ("bxor", _) => (3, Op::Xor, len),
            ("band", _) => (3, Op::And, len),
            ("bor", _) => (3, Op::Or, len),
            (_, "split") => (3, Op::Split, len),
            (_, "replace") => (3, Op::Replace, len),
            ("and" | "or" | "xor", _) => (1, Op::Compare, len),
            ("as" | "is" | "isnot" | "in" | "notin", _) => (3, Op::Compare, len),
            (_, "eq" | "ne" | "gt" | "lt" | "ge" | "le" | "like" | "notlike" | "match")
            | (_, "notmatch" | "contains" | "notcontains") => (3, Op::Compare, len),
            _ => return None,
        })
    }

    pub(super) fn unary(&mut self) -> Expr {
        self.blank();
        let rest = self.rest();
        if rest.starts_with('-') && !rest[1..].starts_with(|c: char| c.is_alphabetic()) {
            self.at += if rest.starts_with("--") { 2 } else { 1 };
            return self.deeper(|s| Expr::Negative(Box::new(s.unary())));
        }
        if rest.starts_with(['!', '+', ',']) {
            let listed = rest.starts_with(',');
            self.step();
            let operand = self.deeper(Self::unary);
            return if listed {
                Expr::List(vec![operand])
            } else {
                operand
            };
        }
        if let Some(word) = rest.strip_prefix('-') {
            let word = word
                .split(|c: char| !c.is_alphabetic())
                .next()
                .unwrap_or("");
            self.at += word.len() + 1;
            let operand = self.deeper(|s| s.binary(4));
            return match word.to_lowercase().as_str() {
                "join" => Expr::Binary(Op::Glue, vec![operand, Expr::text("")]),
                "split" => Expr::Binary(Op::Split, vec![operand, Expr::text(" ")]),
                _ => operand,
            };
        }
        let atom = self.deeper(Self::atom);
        self.postfix(atom)
    }

    fn atom(&mut self) -> Expr {
        match self.peek() {
            '\'' | '"' => self.string(),
            '$' => match self.variable() {
                Some(variable) => variable,
                None => {
                    self.step();
                    Expr::Unknown
                }
            },
            '(' => {
                self.step();
                let separate = std::mem::replace(&mut self.separate, false);
                let items = self.statements();
                self.separate = separate;
                self.eat(")");
                Expr::block(items.into_iter().map(unprinted).collect())
            }
            '@' => self.at_sign(),
            '[' => self.type_name(),
            '{' => {
                let block = self.block();
                let params = vec![Expr::name("$_")];
                Expr::Function(Rc::new(Function {
                    params,
                    body: unprinted(block),
                }))
            }
            c if c.is_ascii_digit() => self.number(),
            c if c.is_alphabetic() => {
                // A command within an expression: `(iwr x).content` reads it as a statement, so
                // this is a bare word.
                self.bare_word()
            }
            _ => Expr::Unknown,
        }
    }

    /// `[type]`, a cast if a value follows.
    fn type_name(&mut self) -> Expr {
        self.step();
        let rest = self.rest();
        let len = balanced(rest, ']');
        self.at = (self.at + len + 1).min(self.text.len());
        let name = rest[..len].trim().to_lowercase();
        let name = name
            .trim_end_matches("[]")
            .trim_start_matches("system.")
            .to_owned();
        self.blank();
        let value = matches!(self.peek(), '$' | '\'' | '"' | '(' | '@' | '[' | '0'..='9');
        if value && !self.rest().starts_with("::") {
            let operand = self.deeper(Self::unary);
            return Expr::call("=cast", vec![Expr::text(&name), operand]);
        }
        Expr::Name(Rc::from(name))
    }

    fn bare_word(&mut self) -> Expr {
        let rest = self.rest();
        let len = rest
            .find(|c: char| !c.is_alphanumeric() && c != '-')
            .unwrap_or(rest.len());
        self.at += len;
        Expr::text(&rest[..len])
    }

    pub(super) fn postfix(&mut self, mut expr: Expr) -> Expr {
        loop {
            let rest = self.rest();
            let step = if rest.starts_with("::") {
                self.at += 2;
                self.member()
            } else if rest.starts_with('.') && !rest.starts_with("..") {
                self.at += 1;
                self.member()
            } else if rest.starts_with("?.") {
                self.at += 2;
                self.member()
            } else if rest.starts_with('[') {
                self.step();
                let separate = std::mem::replace(&mut self.separate, false);
                let index = self.expression();
                self.separate = separate;
                self.blank();
                self.eat("]");
                Some(Step::Index(index))
            } else if rest.starts_with('(') && follows_member(&expr) {
                Some(Step::Call(self.call_arguments()))
            } else if rest.starts_with("++") || rest.starts_with("--") {
                self.at += 2;
                continue;
            } else {
                None
            };
            match step {
                Some(step) if self.budget.spend(1) => expr = expr.then(step),
                _ => return expr,
            }
        }
    }

    fn member(&mut self) -> Option<Step> {
        match self.peek() {
            '\'' | '"' => match self.string() {
                Expr::Text(name) => Some(Step::Member(Rc::from(name.to_lowercase()))),
                other => Some(Step::Index(other)),
            },
            '$' => self.variable().map(Step::Index),
            '(' => {
                let index = self.deeper(Self::atom);
                Some(Step::Index(index))
            }
            _ => {
                let rest = self.rest();
                let len = rest.find(|c: char| !c.is_alphanumeric() && c != '_');
                let name = &rest[..len.unwrap_or(rest.len())];
                self.at += name.len();
                (!name.is_empty()).then(|| Step::Member(Rc::from(name.to_lowercase())))
            }
        }
    }

    fn call_arguments(&mut self) -> Vec<Arg> {
        self.step();
        let separate = std::mem::replace(&mut self.separate, true);
        let mut args = Vec::new();
        loop {
            self.blank_lines();
            if self.ended() || self.eat(")") || !self.budget.spend(1) {
                break;
            }
            let before = self.at;
            if !self.eat(",") {
                args.push(Arg::plain(self.expression()));
            }
            if self.at == before {
                self.step();
            }
        }
        self.separate = separate;
        args
    }
}

fn follows_member(expr: &Expr) -> bool {
    matches!(expr, Expr::Access(_, steps)
        if matches!(steps.last(), Some(Step::Member(_) | Step::Index(_))))
}

/// The value of a statement in brackets, which is used and not printed.
pub(super) fn unprinted(statement: Expr) -> Expr {
    match statement {
        Expr::Access(name, mut steps)
            if steps.len() == 1 && matches!(&*name, Expr::Name(n) if &**n == "write-output") =>
        {
            match steps.pop() {
                Some(Step::Call(mut args)) if args.len() == 1 && args[0].name.is_none() => {
                    args.remove(0).value
                }
                Some(step) => Expr::Name(Rc::from("=pass")).then(step),
                None => Expr::Unknown,
            }
        }
        Expr::Block(items) => Expr::Block(items.into_iter().map(unprinted).collect()),
        other => other,
    }
}
