//! Calls whose arguments follow without brackets.

use super::Parser;
use super::postfix::add_argument;
use crate::script::Language;
use crate::script::expr::{Expr, Step};
use crate::script::lex::Kind;

impl Parser<'_, '_> {
    /// Arguments that follow without brackets, where the language has that.
    pub(super) fn command(&mut self, expr: Expr) -> Expr {
        let name = match &expr {
            Expr::Name(name) => name.to_string(),
            Expr::Access(_, steps) if self.language == Language::Ruby => match steps.last() {
                Some(Step::Member(name)) => name.to_string(),
                _ => return expr,
            },
            _ => return expr,
        };
        if self.language == Language::Perl && matches!(&*name, "print" | "printf" | "say") {
            return self.perl_print(expr);
        }
        if self.language == Language::Perl && self.is("{") && matches!(&*name, "system" | "exec") {
            // The program by another name than its first argument.
            self.items("}");
        }
        if !self.takes_arguments(&name) {
            return expr;
        }
        let args = self.open_arguments();
        let mut expr = expr.then(Step::Call(args));
        while self.takes_block(&expr) {
            let block = self.do_block();
            add_argument(&mut expr, block);
        }
        expr
    }

    /// Whether the token here begins an argument of the command `name`.
    pub(super) fn takes_arguments(&mut self, name: &str) -> bool {
        let statement = match self.language {
            Language::Python => matches!(name, "print" | "exec"),
            Language::Php => matches!(
                name,
                "echo" | "print" | "include" | "include_once" | "require" | "require_once"
            ),
            Language::Java => {
                matches!(name, "println" | "print")
                    || (self.spaced() && matches!(self.kind(), Kind::Text(_)))
            }
            Language::Ruby => !name.starts_with(['$', '@']) && self.spaced(),
            Language::Perl => !name.starts_with(['$', '@', '%', '<']),
            _ => false,
        };
        statement && self.begins_argument()
    }

    pub(super) fn begins_argument(&mut self) -> bool {
        let spaced = self.spaced();
        let open = self.tokens[self.at].open;
        let tight = spaced && !open;
        let language = self.language;
        match self.kind() {
            Kind::Text(_) | Kind::Number(_) | Kind::Shell(_) | Kind::Words(_) => true,
            Kind::Pattern(_) | Kind::Unknown | Kind::Rewrite { .. } => true,
            Kind::Word(word) => !is_operator_word(word, language),
            Kind::Op(op) => match language {
                Language::Perl => {
                    matches!(*op, "\\" | "@" | "$" | "[")
                        || (*op == "%" && tight)
                        || (matches!(*op, "-" | "&" | "+" | "!") && tight)
                }
                Language::Ruby => {
                    (matches!(*op, "[" | "-" | "*" | "**" | "&" | "::" | "!") && tight)
                        || *op == "->"
                        || (*op == "(" && spaced)
                }
                Language::Php => matches!(*op, "(" | "@" | "!" | "-" | "[" | "&"),
                _ => false,
            },
            _ => false,
        }
    }
}

/// Words that stand between operands or after a statement, never at the start of an argument.
pub(super) fn is_operator_word(word: &str, language: Language) -> bool {
    let perl = matches!(
        word,
        "x" | "eq" | "ne" | "lt" | "gt" | "le" | "ge" | "cmp" | "isa"
    );
    (perl && language == Language::Perl)
        || matches!(
            word,
            "if" | "unless"
                | "while"
                | "until"
                | "for"
                | "foreach"
                | "and"
                | "or"
                | "xor"
                | "do"
                | "then"
                | "in"
                | "is"
                | "as"
                | "rescue"
                | "else"
                | "elsif"
                | "elif"
                | "end"
                | "when"
                | "instanceof"
        )
}
