//! Pipelines, commands with their words, assignments and redirections.

use std::rc::Rc;

use super::Shell;
use crate::script::expr::{Arg, Expr, Redirect, Step};

impl Shell<'_, '_> {
    /// `target = pipeline`, or a pipeline whose value is printed.
    pub(super) fn assignment(&mut self) -> Expr {
        let mut first = None;
        if matches!(self.peek(), '$' | '[') {
            let target = self.expression();
            self.blank();
            let op = ["+=", "="]
                .into_iter()
                .find(|op| self.rest().starts_with(op));
            if let Some(op) = op.filter(|_| !self.rest().starts_with("==")) {
                self.at += op.len();
                self.blank_lines();
                let value = self.deeper(Self::statement_value);
                return Expr::Assign {
                    target: Box::new(without_cast(target)),
                    op: (op == "+=").then_some(crate::script::expr::Op::Add),
                    value: Box::new(value),
                };
            }
            first = Some(target);
        }
        match self.stages(first) {
            Expr::Pipe(stages) if !passes_on(&stages) => Expr::Pipe(stages),
            value if prints(&value) => Expr::call("write-output", vec![value]),
            value => value,
        }
    }

    /// The right side of an assignment: a pipeline or an `if`.
    pub(super) fn statement_value(&mut self) -> Expr {
        match self.word().as_str() {
            "if" | "foreach" | "switch" | "try" | "while" => self.statement(),
            _ => match self.assignment() {
                Expr::Access(name, mut steps) if matches!(&*name, Expr::Name(n) if &**n == "write-output") => {
                    match steps.pop() {
                        Some(Step::Call(mut args)) if args.len() == 1 => args.remove(0).value,
                        _ => Expr::Unknown,
                    }
                }
                other => other,
            },
        }
    }

    pub(super) fn pipeline(&mut self) -> Expr {
        self.stages(None)
    }

    /// Stages between bars; the first may have been read already.
    pub(super) fn stages(&mut self, mut first: Option<Expr>) -> Expr {
        let mut stages = Vec::new();
        let mut chain = Vec::new();
        loop {
            self.blank();
            let stage = match first.take() {
                Some(stage) => stage,
                None => self.stage(),
            };
            stages.push(self.redirected(stage));
            self.blank();
            let chained = self.eat("||") || self.eat("&&");
            if chained {
                chain.push(piped(std::mem::take(&mut stages)));
            } else if !self.eat("|") {
                break;
            }
            self.blank_lines();
            if !self.budget.spend(1) {
                break;
            }
        }
        chain.push(piped(stages));
        Expr::block(chain)
    }

    pub(super) fn stage(&mut self) -> Expr {
        let rest = self.rest();
        let mut chars = rest.chars();
        let (first, second) = (chars.next().unwrap_or('\0'), chars.next().unwrap_or('\0'));
        match first {
            '&' | '.' if !second.is_alphanumeric() && second != '/' && second != '.' => {
                self.step();
                self.blank();
                let command = self.deeper(Self::argument);
                self.command(command)
            }
            '$' | '"' | '\'' | '(' | '@' | '[' | '{' | '!' | '+' | ',' => self.expression(),
            '-' | '0'..='9' if !second.is_alphabetic() || first != '-' => self.expression(),
            '-' => self.expression(),
            '\0' | '}' | ')' | '|' | ';' | '\n' => Expr::Unknown,
            _ => {
                let name = self.deeper(Self::argument);
                self.command(name)
            }
        }
    }

    /// The call of `command` with the words that follow it.
    pub(super) fn command(&mut self, command: Expr) -> Expr {
        let mut args = Vec::new();
        loop {
            self.blank();
            let rest = self.rest();
            let ends = rest.starts_with(['|', ';', ')', '}', '\n', '>', '&']) || rest.is_empty();
            let redirect = ["2>", "1>", "*>", "3>"].iter().any(|r| rest.starts_with(r));
            if ends || redirect || !self.budget.spend(2) {
                break;
            }
            let before = self.at;
            args.push(self.deeper_argument());
            if self.at == before {
                self.step();
            }
        }
        match command {
            Expr::Text(name) => {
                let name = name.to_lowercase();
                Expr::name(&name).then(Step::Call(args))
            }
            other => {
                let mut all = vec![Arg::plain(other)];
                all.extend(args);
                Expr::name("=invoke").then(Step::Call(all))
            }
        }
    }

    pub(super) fn deeper_argument(&mut self) -> Arg {
        let rest = self.rest();
        let parameter =
            rest.starts_with('-') && rest[1..].starts_with(|c: char| c.is_alphabetic() || c == '-');
        let name = parameter.then(|| {
            let end = |c: char| !c.is_alphanumeric() && c != '-' && c != '_';
            let len = rest.find(end).unwrap_or(rest.len());
            Rc::from(rest[..len].to_lowercase())
        });
        let mut value = self.deeper(Self::argument);
        self.blank();
        // A list of words.
        if self.peek() == ',' {
            let mut items = vec![value];
            while self.eat(",") {
                self.blank_lines();
                items.push(self.deeper(Self::argument));
                self.blank();
            }
            value = Expr::List(items);
        }
        Arg { name, value }
    }

    /// `> file`, `>> file`, `2>&1`.
    pub(super) fn redirected(&mut self, stage: Expr) -> Expr {
        let mut stage = stage;
        loop {
            self.blank();
            let rest = self.rest();
            let bare = rest.trim_start_matches(['1', '2', '3', '*']);
            if !bare.starts_with('>') {
                return stage;
            }
            let to_output = rest.len() == bare.len() || rest.starts_with(['1', '*']);
            self.at += rest.len() - bare.len();
            let how = if self.eat(">>") {
                Redirect::Append
            } else {
                Redirect::File
            };
            self.eat(">");
            if self.eat("&1") || self.eat("&2") {
                continue;
            }
            self.blank();
            let target = self.deeper(Self::argument);
            if to_output && !matches!(&target, Expr::Name(name) if &**name == "$null") {
                stage = Expr::Redirect {
                    output: Box::new(stage),
                    how,
                    target: Box::new(target),
                };
            }
        }
    }
}

/// The variable of `[type]$variable = …`.
pub(super) fn without_cast(target: Expr) -> Expr {
    match target {
        Expr::Access(name, mut steps)
            if steps.len() == 1 && matches!(&*name, Expr::Name(n) if &**n == "=cast") =>
        {
            match steps.pop() {
                Some(Step::Call(mut args)) => args.pop().map_or(Expr::Unknown, |arg| arg.value),
                _ => Expr::Unknown,
            }
        }
        other => other,
    }
}

/// Stages as one expression. What is passed on is not printed.
pub(super) fn piped(mut stages: Vec<Expr>) -> Expr {
    if stages.len() == 1 {
        return stages.remove(0);
    }
    let last = stages.len().saturating_sub(1);
    for stage in &mut stages[..last] {
        if let Expr::Access(name, _) = stage
            && matches!(&**name, Expr::Name(n) if matches!(&**n, "echo" | "write-output" | "write"))
        {
            **name = Expr::name("=pass");
        }
    }
    Expr::Pipe(stages)
}

/// Whether a pipeline ends in a stage whose values are output.
pub(super) fn passes_on(stages: &[Expr]) -> bool {
    matches!(stages.last(), Some(Expr::Access(name, _))
        if matches!(&**name, Expr::Name(n) if matches!(&**n, "%" | "foreach-object" | "foreach")))
}

/// Whether the value of a statement goes to the output.
pub(super) fn prints(value: &Expr) -> bool {
    match value {
        Expr::Text(_) | Expr::Join(_) | Expr::Binary(..) | Expr::Name(_) | Expr::List(_) => true,
        Expr::Pipe(_) => true,
        Expr::Access(base, steps) => {
            !matches!(&**base, Expr::Name(name) if !name.starts_with('$') && &**name != "=cast")
                || matches!(steps.as_slice(), [Step::Member(_), Step::Call(_), ..])
        }
        _ => false,
    }
}
