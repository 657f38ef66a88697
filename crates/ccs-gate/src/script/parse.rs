//! Tokens to [`Expr`]: one expression parser for all languages, statements by family.
//!
//! It is a reader of intent and no judge of syntax: what it does not understand it steps over,
//! and goes on with the next token. It keeps what has a value, is called or is assigned; the
//! conditions of control flow only survive as "may run" and "runs for each".

mod arguments;
mod awk;
mod brace;
mod bracket;
mod command;
mod function;
mod infix;
mod lua;
mod perl;
mod postfix;
mod powershell;
mod primary;
mod python;
mod repeat;
mod ruby;
mod tcl;

use super::Language;
use super::budget::{Budget, DEPTH};
use super::expr::Expr;
use super::lex::{self, Kind, Piece, Token};

/// The tree of a whole source text.
pub(super) fn program(language: Language, text: &str, budget: &mut Budget) -> Expr {
    match language {
        Language::Tcl => tcl::program(text, budget),
        Language::PowerShell => powershell::program(text, budget),
        _ => Parser::new(language, text, budget, 0).program(),
    }
}

/// Reads the tokens of one text.
struct Parser<'s, 'b> {
    tokens: Vec<Token<'s>>,
    at: usize,
    language: Language,
    budget: &'b mut Budget,
    depth: usize,
    /// Open brackets within which the end of a line means nothing.
    group: usize,
    /// Ruby: a `do` here belongs to the loop and not to the call before it.
    header: bool,
    /// awk: `>` here sends output to a file, `|` to a program.
    output: bool,
}

impl<'s, 'b> Parser<'s, 'b> {
    fn new(language: Language, text: &'s str, budget: &'b mut Budget, depth: usize) -> Self {
        let tokens = lex::tokens(language, text, budget);
        Parser {
            tokens,
            at: 0,
            language,
            budget,
            depth,
            group: 0,
            header: false,
            output: false,
        }
    }

    fn program(&mut self) -> Expr {
        let mut items = Vec::new();
        while !self.at_end() {
            items.extend(self.statements(&[]));
            // Whatever closed the statements does not belong here.
            self.bump();
        }
        Expr::Block(items)
    }

    /// Statements up to the end, a closing bracket or one of the words `until`; none of those
    /// is consumed.
    fn statements(&mut self, until: &[&str]) -> Vec<Expr> {
        let mut items = Vec::new();
        while !self.at_end() {
            if matches!(self.kind(), Kind::Newline) || self.is(";") {
                self.bump();
                continue;
            }
            let closes = matches!(self.op(), "}" | ")" | "]");
            if closes || until.contains(&self.word()) {
                break;
            }
            let before = self.at;
            items.push(self.statement());
            if self.at == before {
                self.bump();
            }
        }
        items
    }

    fn statement(&mut self) -> Expr {
        self.deeper(|p| match p.language {
            Language::Python => p.python_statement(),
            Language::Ruby => p.ruby_statement(),
            Language::Lua => p.lua_statement(),
            Language::Awk => p.awk_statement(),
            _ => p.brace_statement(),
        })
    }

    /// Runs `read` one level deeper; at the last level the rest of the source is given up.
    fn deeper(&mut self, read: impl FnOnce(&mut Self) -> Expr) -> Expr {
        if self.depth >= DEPTH {
            self.budget.exhaust();
            self.at = self.tokens.len() - 1;
            return Expr::Unknown;
        }
        self.depth += 1;
        let expr = read(self);
        self.depth -= 1;
        expr
    }

    /// Runs `read` where line ends do not count.
    fn grouped<T>(&mut self, read: impl FnOnce(&mut Self) -> T) -> T {
        let (header, output) = (self.header, self.output);
        self.header = false;
        self.output = false;
        self.group += 1;
        let value = read(self);
        self.group -= 1;
        self.header = header;
        self.output = output;
        value
    }

    /// Runs `read` where line ends count again.
    fn ungrouped<T>(&mut self, read: impl FnOnce(&mut Self) -> T) -> T {
        let (group, header, output) = (self.group, self.header, self.output);
        self.group = 0;
        self.header = false;
        self.output = false;
        let value = read(self);
        self.group = group;
        self.header = header;
        self.output = output;
        value
    }

    fn expression(&mut self) -> Expr {
        self.deeper(|p| p.binary(0))
    }

    /// The parts of a string as one expression.
    fn text(&mut self, pieces: Vec<Piece<'_>>) -> Expr {
        let mut parts = Vec::with_capacity(pieces.len());
        for piece in pieces {
            parts.push(match piece {
                Piece::Known(text) => Expr::text(&text),
                Piece::Code(code) => self.embedded(code),
            });
        }
        match parts.len() {
            0 => Expr::text(""),
            1 if matches!(parts[0], Expr::Text(_)) => parts.remove(0),
            _ => Expr::Join(parts),
        }
    }

    /// Code within a string.
    fn embedded(&mut self, code: &str) -> Expr {
        if self.depth + 8 >= DEPTH || !self.budget.spend_bytes(code.len()) {
            self.budget.exhaust();
            return Expr::Unknown;
        }
        let depth = self.depth + 8;
        match Parser::new(self.language, code, self.budget, depth).program() {
            Expr::Block(items) => Expr::block(items),
            other => other,
        }
    }

    /// Moves past line ends where they mean nothing.
    fn settle(&mut self) {
        while self.group > 0 && matches!(self.tokens[self.at].kind, Kind::Newline) {
            self.at += 1;
        }
    }

    fn kind(&mut self) -> &Kind<'s> {
        self.settle();
        &self.tokens[self.at].kind
    }

    /// The token `n` after this one.
    fn ahead(&self, n: usize) -> &Kind<'s> {
        let last = self.tokens.len() - 1;
        &self.tokens[(self.at + n).min(last)].kind
    }

    fn ahead_op(&self, n: usize) -> &'static str {
        match self.ahead(n) {
            Kind::Op(op) => op,
            _ => "",
        }
    }

    fn at_end(&mut self) -> bool {
        matches!(self.kind(), Kind::End)
    }

    /// The operator here, or "".
    fn op(&mut self) -> &'static str {
        match self.kind() {
            Kind::Op(op) => op,
            _ => "",
        }
    }

    /// The word here, or "".
    fn word(&mut self) -> &'s str {
        match self.kind() {
            Kind::Word(word) => word,
            _ => "",
        }
    }

    fn is(&mut self, op: &str) -> bool {
        self.op() == op
    }

    fn eat(&mut self, op: &str) -> bool {
        let found = self.is(op);
        if found {
            self.bump();
        }
        found
    }

    fn eat_word(&mut self, word: &str) -> bool {
        let found = self.word() == word;
        if found {
            self.bump();
        }
        found
    }

    fn eat_any(&mut self, words: &[&str]) -> bool {
        let found = words.contains(&self.word());
        if found {
            self.bump();
        }
        found
    }

    /// Takes the token here; the last one stays.
    fn bump(&mut self) -> Kind<'s> {
        self.settle();
        if self.at + 1 >= self.tokens.len() {
            return Kind::End;
        }
        self.at += 1;
        std::mem::replace(&mut self.tokens[self.at - 1].kind, Kind::Unknown)
    }

    /// Whether white space stands before the token here.
    fn spaced(&mut self) -> bool {
        self.settle();
        self.tokens[self.at].spaced
    }

    fn column(&mut self) -> usize {
        self.settle();
        self.tokens[self.at].column
    }

    fn skip_newlines(&mut self) {
        while matches!(self.tokens[self.at].kind, Kind::Newline) {
            self.at += 1;
        }
    }
}
