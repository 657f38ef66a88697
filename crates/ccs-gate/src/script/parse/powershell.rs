//! PowerShell: statements, pipelines and commands.
//!
//! Read from the text itself, because the same characters are words of a command or operators
//! of an expression depending on how the statement began. Names are case-blind and come out in
//! lower case; parameters keep their place among the arguments, so that the arguments of an
//! ordinary program are not lost.

mod expression;
mod pipeline;
mod word;

use std::rc::Rc;

use super::repeat::loop_on;
use crate::script::budget::{Budget, DEPTH};
use crate::script::expr::{Expr, Function, Step};

struct Shell<'s, 'b> {
    text: &'s str,
    at: usize,
    budget: &'b mut Budget,
    depth: usize,
    /// Within the arguments of a method, where a comma separates and makes no list.
    separate: bool,
}

pub(super) fn program(text: &str, budget: &mut Budget) -> Expr {
    let mut shell = Shell {
        text,
        at: 0,
        budget,
        depth: 0,
        separate: false,
    };
    let mut items = Vec::new();
    while shell.at < text.len() && shell.budget.spend(1) {
        items.extend(shell.statements());
        shell.step();
    }
    Expr::Block(items)
}

/// The code within a string's `$(…)`.
fn embedded(text: &str, budget: &mut Budget, depth: usize) -> Expr {
    if depth >= DEPTH || !budget.spend_bytes(text.len()) {
        budget.exhaust();
        return Expr::Unknown;
    }
    let mut shell = Shell {
        text,
        at: 0,
        budget,
        depth,
        separate: false,
    };
    Expr::block(shell.statements())
}

impl<'s> Shell<'s, '_> {
    fn rest(&self) -> &'s str {
        self.text.get(self.at..).unwrap_or("")
    }

    fn peek(&self) -> char {
        self.rest().chars().next().unwrap_or('\0')
    }

    fn ended(&self) -> bool {
        self.at >= self.text.len()
    }

    /// Moves past one character.
    fn step(&mut self) {
        self.at += self.rest().chars().next().map_or(0, char::len_utf8);
    }

    fn eat(&mut self, text: &str) -> bool {
        let found = self.rest().starts_with(text);
        if found {
            self.at += text.len();
        }
        found
    }

    fn deeper(&mut self, read: impl FnOnce(&mut Self) -> Expr) -> Expr {
        if self.depth >= DEPTH || !self.budget.spend(1) {
            self.budget.exhaust();
            self.at = self.text.len();
            return Expr::Unknown;
        }
        self.depth += 1;
        let expr = read(self);
        self.depth -= 1;
        expr
    }

    /// Skips spaces, comments and continued lines.
    fn blank(&mut self) {
        loop {
            let rest = self.rest();
            let trimmed = rest.trim_start_matches([' ', '\t', '\r', '\u{a0}']);
            let skip = if trimmed.starts_with("<#") {
                trimmed.find("#>").map_or(trimmed.len(), |end| end + 2)
            } else if trimmed.starts_with('#') {
                trimmed.find('\n').unwrap_or(trimmed.len())
            } else if trimmed.starts_with("`\n") {
                2
            } else {
                0
            };
            let skip = skip + rest.len() - trimmed.len();
            if skip == 0 {
                return;
            }
            self.at += skip;
        }
    }

    /// Skips what may stand between statements and within brackets.
    fn blank_lines(&mut self) {
        loop {
            self.blank();
            if !self.eat("\n") {
                return;
            }
        }
    }

    /// Statements up to a closing bracket, which stays.
    fn statements(&mut self) -> Vec<Expr> {
        let mut items = Vec::new();
        loop {
            self.blank_lines();
            if self.ended() || matches!(self.peek(), '}' | ')') || !self.budget.spend(1) {
                return items;
            }
            if self.eat(";") {
                continue;
            }
            let before = self.at;
            items.push(self.deeper(Self::statement));
            if self.at == before {
                self.step();
            }
        }
    }

    /// The word here in lower case.
    fn word(&self) -> String {
        let rest = self.rest();
        let len = rest
            .find(|c: char| !c.is_alphanumeric() && c != '-')
            .unwrap_or(rest.len());
        if len > 32 {
            String::new()
        } else {
            rest[..len].to_ascii_lowercase()
        }
    }

    fn statement(&mut self) -> Expr {
        let word = self.word();
        let len = word.len();
        match word.as_str() {
            "if" | "elseif" | "switch" | "catch" | "trap" => {
                self.at += len;
                let test = self.bracket();
                let body = self.block();
                Expr::Block(vec![test, Expr::Maybe(Box::new(body))])
            }
            "else" | "try" | "finally" | "begin" | "process" | "end" | "do" => {
                self.at += len;
                Expr::Maybe(Box::new(self.block()))
            }
            "while" | "until" => {
                self.at += len;
                let test = self.bracket();
                let body = self.block();
                loop_on(truth(test), body, word == "until")
            }
            "foreach" if self.text[self.at + len..].trim_start().starts_with('(') => {
                self.at += len;
                self.foreach()
            }
            "for" => {
                self.at += len;
                self.blank();
                self.eat("(");
                let parts = self.statements();
                self.eat(")");
                let test = (!parts.is_empty()).then(|| Box::new(Expr::Block(parts)));
                let body = Box::new(self.block());
                Expr::Loop { test, body }
            }
            "function" | "filter" => {
                self.at += len;
                self.function()
            }
            "param" => {
                self.at += len;
                self.bracket();
                Expr::Unknown
            }
            "return" | "throw" | "exit" => {
                self.at += len;
                let value = self.pipeline();
                Expr::Return(Box::new(value))
            }
            _ => self.assignment(),
        }
    }

    /// `(…)` behind a keyword.
    fn bracket(&mut self) -> Expr {
        self.blank();
        if !self.eat("(") {
            return Expr::Unknown;
        }
        let items = self.statements();
        self.eat(")");
        Expr::block(items)
    }

    /// `{…}` behind a keyword.
    fn block(&mut self) -> Expr {
        self.blank_lines();
        if self.peek() == '[' {
            // The type a `catch` is for.
            while !self.ended() && self.peek() != '{' {
                self.step();
            }
        }
        if !self.eat("{") {
            return Expr::Unknown;
        }
        let items = self.deeper(|s| Expr::Block(s.statements()));
        self.eat("}");
        items
    }

    fn foreach(&mut self) -> Expr {
        self.blank();
        self.eat("(");
        self.blank();
        let target = self.variable().unwrap_or(Expr::Unknown);
        self.blank();
        if self.word() == "in" {
            self.at += 2;
        }
        let items = self.pipeline();
        self.blank_lines();
        self.eat(")");
        let body = self.block();
        Expr::Each {
            target: Box::new(target),
            items: Box::new(items),
            body: Box::new(body),
        }
    }

    fn function(&mut self) -> Expr {
        self.blank();
        let name = self.word();
        self.at += name.len();
        self.blank();
        let mut params = Vec::new();
        if self.peek() == '(' {
            params = self.parameters();
        }
        let body = self.block();
        Expr::Define(Rc::from(name), Rc::new(Function { params, body }))
    }

    fn parameters(&mut self) -> Vec<Expr> {
        self.step();
        let mut params = Vec::new();
        while !self.ended() && !self.eat(")") {
            if self.peek() == '$' {
                params.extend(self.variable());
            } else {
                self.step();
            }
        }
        params
    }
}

/// A bare `1` and `$true` as conditions without an end.
fn truth(test: Expr) -> Expr {
    match test {
        Expr::Name(name) if &*name == "$true" => Expr::Number(1),
        Expr::Access(name, mut steps)
            if matches!(&*name, Expr::Name(n) if &**n == "write-output") && steps.len() == 1 =>
        {
            match steps.pop() {
                Some(Step::Call(mut args)) if args.len() == 1 => truth(args.remove(0).value),
                _ => Expr::Unknown,
            }
        }
        other => other,
    }
}
