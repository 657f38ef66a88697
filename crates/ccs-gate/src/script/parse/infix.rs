//! Operators between operands, by binding power.

use super::Parser;
use crate::script::Language;
use crate::script::expr::{Expr, Op, Redirect};
use crate::script::lex::Kind;

/// Most operators of different kinds in one expression without brackets.
const WIDTH: usize = 60;

/// What stands between two operands.
enum Infix {
    Binary(Op),
    Assign(Option<Op>),
    /// `a ? b : c`
    Choice,
    /// Python's `a if b else c`
    Conditional,
    /// R's `value -> name`
    Into,
    Redirect(Redirect),
    /// awk's `"command" | getline variable`
    Getline,
}

impl Parser<'_, '_> {
    /// An expression whose operators bind at least as tightly as `min`.
    pub(super) fn binary(&mut self, min: u8) -> Expr {
        let mut left = self.unary();
        for _ in 0..WIDTH {
            let Some((power, infix)) = self.infix().filter(|(power, _)| *power >= min) else {
                return left;
            };
            left = self.infix_rest(left, power, &infix);
        }
        if self.infix().is_some() {
            self.budget.exhaust();
        }
        left
    }

    fn infix_rest(&mut self, left: Expr, power: u8, infix: &Infix) -> Expr {
        match infix {
            Infix::Assign(op) => {
                self.bump();
                self.skip_newlines();
                let value = self.deeper(|p| p.binary(power));
                Expr::Assign {
                    target: Box::new(left),
                    op: *op,
                    value: Box::new(value),
                }
            }
            Infix::Into => {
                self.bump();
                let target = self.deeper(|p| p.binary(power + 1));
                Expr::assign(target, left)
            }
            Infix::Choice => {
                self.bump();
                let yes = self.grouped(|p| p.deeper(|p| p.binary(2)));
                self.grouped(|p| p.eat(":"));
                let no = self.deeper(|p| p.binary(power));
                Expr::Binary(
                    Op::Then,
                    vec![left, Expr::Binary(Op::Either, vec![yes, no])],
                )
            }
            Infix::Conditional => {
                self.bump();
                let test = self.deeper(|p| p.binary(power + 1));
                let no = if self.eat_word("else") {
                    self.deeper(|p| p.binary(power))
                } else {
                    Expr::Unknown
                };
                Expr::Binary(
                    Op::Then,
                    vec![test, Expr::Binary(Op::Either, vec![left, no])],
                )
            }
            Infix::Redirect(how) => {
                self.bump();
                let target = self.deeper(|p| p.binary(power + 1));
                Expr::Redirect {
                    output: Box::new(left),
                    how: *how,
                    target: Box::new(target),
                }
            }
            Infix::Getline => self.getline(left),
            Infix::Binary(op) => self.operands(left, *op, power),
        }
    }

    /// All operands of a run of the same operator.
    fn operands(&mut self, first: Expr, op: Op, power: u8) -> Expr {
        let mut operands = vec![first];
        loop {
            // awk writes nothing between what it joins.
            if self.language != Language::Awk || op != Op::Concat {
                self.take_operator();
            }
            operands.push(self.deeper(|p| p.binary(power + 1)));
            match self.infix() {
                Some((next, Infix::Binary(same))) if next == power && same == op => {}
                _ => return Expr::Binary(op, operands),
            }
        }
    }

    /// Moves past an operator of one or two words.
    fn take_operator(&mut self) {
        let first = self.word();
        self.bump();
        match first {
            "not" => {
                self.eat_word("in");
            }
            "is" => {
                self.eat_word("not");
            }
            _ => {}
        }
        self.skip_newlines();
    }

    /// The operator here with its binding power; nothing is consumed but a line end that the
    /// operator continues.
    fn infix(&mut self) -> Option<(u8, Infix)> {
        if matches!(self.kind(), Kind::Newline) {
            if !self.continues_line() {
                return None;
            }
            self.skip_newlines();
        }
        match *self.kind() {
            Kind::Op(op) => self.infix_op(op),
            Kind::Word(word) => self.infix_word(word),
            _ => self.juxtaposed(),
        }
    }

    /// Whether the next line goes on with an operator.
    fn continues_line(&self) -> bool {
        if !matches!(self.language, Language::JavaScript | Language::Java) {
            return false;
        }
        let mut n = 0;
        while matches!(self.ahead(n), Kind::Newline) {
            n += 1;
        }
        matches!(
            self.ahead_op(n),
            "+" | "?" | ":" | "&&" | "||" | "??" | "=" | "==" | "==="
        ) && self.ahead_op(n) != ":"
    }

    fn infix_op(&self, op: &'static str) -> Option<(u8, Infix)> {
        use Language::{Awk, Java, Lua, Perl, Php, Python, R, Ruby};
        let language = self.language;
        let assign = |op| Some((2, Infix::Assign(op)));
        let binary = |power, op| Some((power, Infix::Binary(op)));
        match op {
            "=" | ":=" | "<<-" => assign(None),
            "<-" => assign(None),
            "->" if language == R => Some((2, Infix::Into)),
            "+=" => assign(Some(Op::Add)),
            ".=" => assign(Some(Op::Concat)),
            "-=" => assign(Some(Op::Subtract)),
            "*=" => assign(Some(Op::Multiply)),
            "^=" if language != Awk => assign(Some(Op::Xor)),
            "||=" | "??=" | "//=" | "&&=" => assign(Some(Op::Either)),
            "/=" | "%=" | "|=" | "&=" | "**=" | "<<=" | ">>=" | "^=" => assign(Some(Op::Compare)),
            "?" if !matches!(language, Python | Lua | R) => Some((3, Infix::Choice)),
            "|>" => binary(4, Op::Feed),
            "|" | "|&" if matches!(self.ahead(1), Kind::Word("getline")) => {
                Some((4, Infix::Getline))
            }
            "|" if self.output => Some((3, Infix::Redirect(Redirect::Command))),
            "|&" if language == Awk => Some((3, Infix::Redirect(Redirect::Command))),
            ">" if self.output => Some((3, Infix::Redirect(Redirect::File))),
            ">>" if self.output => Some((3, Infix::Redirect(Redirect::Append))),
            "||" | "??" => binary(4, Op::Either),
            "//" if language == Perl => binary(4, Op::Either),
            "//" => binary(12, Op::Divide),
            "&&" => binary(5, Op::Then),
            "..." | ".." if matches!(language, Perl | Ruby | Java) => binary(6, Op::Range),
            ":" if language == R => binary(11, Op::Range),
            "|" => binary(6, Op::Or),
            "^" if matches!(language, R | Lua | Awk) => binary(14, Op::Compare),
            "^" => binary(7, Op::Xor),
            "&" => binary(8, Op::And),
            "=~" if matches!(language, Perl | Ruby) => binary(9, Op::Bind),
            "==" | "!=" | "===" | "!==" | "<" | ">" | "<=" | ">=" | "<=>" | "!~" | "~=" | "=~" => {
                binary(9, Op::Compare)
            }
            "~" if language == Awk => binary(9, Op::Compare),
            "<<" if language == Ruby => Some((10, Infix::Assign(Some(Op::Concat)))),
            "<<" => binary(10, Op::ShiftLeft),
            ">>" | ">>>" => binary(10, Op::ShiftRight),
            ".." if language == Lua => binary(11, Op::Concat),
            "." if matches!(language, Perl | Php) => binary(11, Op::Concat),
            "+" => binary(11, Op::Add),
            "-" => binary(11, Op::Subtract),
            "*" => binary(12, Op::Multiply),
            "/" => binary(12, Op::Divide),
            "%" => binary(12, Op::Percent),
            "%%" => binary(12, Op::Compare),
            "**" => binary(14, Op::Compare),
            "$" | "(" if language == Awk => self.juxtaposed(),
            _ => None,
        }
    }

    fn infix_word(&self, word: &str) -> Option<(u8, Infix)> {
        use Language::{Awk, Java, JavaScript, Lua, Perl, Php, Python, Ruby};
        let language = self.language;
        let binary = |power, op| Some((power, Infix::Binary(op)));
        match word {
            "or" | "and" | "xor" if matches!(language, Perl | Ruby | Php) => {
                binary(1, if word == "or" { Op::Either } else { Op::Then })
            }
            "or" if matches!(language, Python | Lua) => binary(4, Op::Either),
            "and" if matches!(language, Python | Lua) => binary(5, Op::Then),
            "if" if language == Python && self.group_or_inline() => Some((3, Infix::Conditional)),
            "in" | "is" if language == Python => binary(9, Op::Compare),
            "not" if language == Python && matches!(self.ahead(1), Kind::Word("in")) => {
                binary(9, Op::Compare)
            }
            "in" if matches!(language, JavaScript | Awk | Java) => binary(9, Op::Compare),
            "instanceof" if matches!(language, JavaScript | Java | Php) => binary(9, Op::Compare),
            "as" if matches!(language, Java | JavaScript) => binary(9, Op::First),
            "eq" | "ne" | "lt" | "gt" | "le" | "ge" | "cmp" | "isa" if language == Perl => {
                binary(9, Op::Compare)
            }
            "x" if language == Perl => binary(12, Op::Repeat),
            _ => self.juxtaposed(),
        }
    }

    /// Python's `if` within an expression; as a comprehension's filter it stays.
    fn group_or_inline(&self) -> bool {
        !self.header
    }

    /// awk: two operands side by side are joined.
    fn juxtaposed(&self) -> Option<(u8, Infix)> {
        if self.language != Language::Awk {
            return None;
        }
        let begins = match self.ahead(0) {
            Kind::Text(_) | Kind::Number(_) | Kind::Op("$" | "(") => true,
            Kind::Word(word) => !matches!(
                *word,
                "in" | "else" | "while" | "getline" | "if" | "for" | "do" | "function" | "func"
            ),
            _ => false,
        };
        begins.then_some((11, Infix::Binary(Op::Concat)))
    }
}
