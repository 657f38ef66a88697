//! Operands: literals, names, brackets and what stands before them.

use std::rc::Rc;

use super::Parser;
use crate::script::Language;
use crate::script::expr::{Expr, Op, Step};
use crate::script::lex::Kind;
use crate::script::lex::quote::interpolated_perl;

/// Words before an operand that change nothing about it.
const TRANSPARENT: &[&str] = &[
    "await", "yield", "throw", "raise", "void", "typeof", "async", "my", "our", "local", "state",
    "var", "let", "const", "final", "else", "then",
];

/// The same, if a word follows.
const DECLARING: &[&str] = &[
    "static",
    "public",
    "private",
    "protected",
    "global",
    "export",
    "default",
    "clone",
    "assert",
];

impl Parser<'_, '_> {
    pub(super) fn unary(&mut self) -> Expr {
        match self.op() {
            "!" | "~" => self.after_operator(|operand| Expr::Binary(Op::Compare, vec![operand])),
            "-" => self.after_operator(|operand| Expr::Negative(Box::new(operand))),
            "+" | "\\" | "++" | "--" | "@" | "?" | "#" if !self.is_sigil() => {
                if self.is("\\") && self.language == Language::R {
                    self.bump();
                    return self.short_function();
                }
                self.after_operator(|operand| operand)
            }
            "&" if !self.is_sigil() => self.after_operator(|operand| operand),
            "*" | "**" | "..." => self.after_operator(|operand| Expr::Spread(Box::new(operand))),
            _ => self.unary_word(),
        }
    }

    fn after_operator(&mut self, wrap: impl FnOnce(Expr) -> Expr) -> Expr {
        self.bump();
        self.deeper(|p| wrap(p.binary(13)))
    }

    /// Perl: a sigil before a block or another variable.
    fn is_sigil(&self) -> bool {
        self.language == Language::Perl
            && match self.ahead(0) {
                Kind::Op("&") => matches!(self.ahead(1), Kind::Word(_) | Kind::Op("{" | "$")),
                Kind::Op("@" | "%" | "$") => true,
                _ => false,
            }
    }

    fn unary_word(&mut self) -> Expr {
        let word = self.word();
        let named = matches!(
            self.ahead(1),
            Kind::Op("=>" | "." | "," | ")" | "=" | ":" | "(")
        );
        match word {
            "not" if self.language != Language::JavaScript => {
                self.after_operator(|operand| Expr::Binary(Op::Compare, vec![operand]))
            }
            "new" if (!named || self.ahead_op(1) == "(") && self.language != Language::Lua => {
                self.construction()
            }
            "delete" if self.language == Language::JavaScript && !named => {
                self.after_operator(|_| Expr::Unknown)
            }
            "return" => self.deeper(Self::returned),
            "require" | "include" | "include_once" | "require_once" | "import" if !named => {
                self.operand()
            }
            _ if TRANSPARENT.contains(&word) && !named && self.language != Language::Awk => {
                self.after_operator(|operand| operand)
            }
            _ if DECLARING.contains(&word) && matches!(self.ahead(1), Kind::Word(_)) => {
                self.after_operator(|operand| operand)
            }
            "yield" | "await" | "throw" | "my" | "our" | "local" | "async"
                if matches!(self.ahead(1), Kind::Op("(")) =>
            {
                self.after_operator(|operand| operand)
            }
            _ => self.operand(),
        }
    }

    fn returned(&mut self) -> Expr {
        self.bump();
        let ends = matches!(self.kind(), Kind::Newline | Kind::End)
            || matches!(self.op(), ";" | "}")
            || matches!(self.word(), "if" | "unless" | "end");
        let value = if ends { Expr::Unknown } else { self.binary(0) };
        let value = match self.is(",") {
            true => self.rest_of_list(value),
            false => value,
        };
        Expr::Return(Box::new(value))
    }

    /// `new Class(…)`: a call of the class.
    fn construction(&mut self) -> Expr {
        self.bump();
        if self.language == Language::Perl {
            return self.perl_construction();
        }
        let class = self.atom();
        let mut class = self.generic(class);
        let mut called = false;
        while !called {
            class = match self.op() {
                "." if self.language != Language::Php => {
                    self.bump();
                    match self.bump() {
                        Kind::Word(name) => class.then(Step::Member(Rc::from(name))),
                        _ => class,
                    }
                }
                "(" => {
                    called = true;
                    let args = self.arguments();
                    class.then(Step::Call(args))
                }
                "[" if matches!(self.ahead(1), Kind::Text(_)) => {
                    // Which constructor is meant.
                    self.list("]");
                    class
                }
                "[" if self.language == Language::Java => return self.array(),
                _ => {
                    called = true;
                    class.then(Step::Call(Vec::new()))
                }
            };
            class = self.generic(class);
        }
        self.postfix(class)
    }

    /// Skips `<…>` after a class name.
    fn generic(&mut self, class: Expr) -> Expr {
        if self.language == Language::Java && self.is("<") && matches!(class, Expr::Name(_)) {
            while !self.at_end() && !matches!(self.op(), ">" | ">>" | "(" | ";") {
                self.bump();
            }
            self.eat(">");
        }
        class
    }

    /// `new String[]{…}`: the list.
    fn array(&mut self) -> Expr {
        while self.eat("[") {
            while !self.at_end() && !self.eat("]") {
                self.bump();
            }
        }
        if self.is("{") {
            self.list("}")
        } else {
            Expr::List(Vec::new())
        }
    }

    pub(super) fn operand(&mut self) -> Expr {
        let atom = self.atom();
        self.postfix(atom)
    }

    /// One literal, name or bracket, without what follows it.
    pub(super) fn atom(&mut self) -> Expr {
        match self.kind() {
            Kind::Op(_) => return self.bracket(),
            Kind::Newline | Kind::End => return Expr::Unknown,
            Kind::Word(_) => return self.name(),
            _ => {}
        }
        match self.bump() {
            Kind::Number(Some(n)) => Expr::Number(n),
            Kind::Text(pieces) => {
                let first = self.text(pieces);
                self.adjacent(first)
            }
            Kind::Shell(pieces) => {
                let command = self.text(pieces);
                Expr::Shell(Box::new(command))
            }
            Kind::Words(words) => Expr::List(words.split_whitespace().map(Expr::text).collect()),
            Kind::Pattern(pattern) => Expr::Pattern(Rc::from(pattern)),
            Kind::Rewrite {
                find,
                put,
                flags,
                table,
            } => self.rewrite(find, put, flags, table),
            _ => Expr::Unknown,
        }
    }

    /// Python and Ruby join literals that stand side by side.
    fn adjacent(&mut self, first: Expr) -> Expr {
        if !matches!(self.language, Language::Python | Language::Ruby) {
            return first;
        }
        let mut parts = vec![first];
        while matches!(self.kind(), Kind::Text(_)) {
            let Kind::Text(pieces) = self.bump() else {
                break;
            };
            parts.push(self.text(pieces));
        }
        if parts.len() == 1 {
            parts.remove(0)
        } else {
            Expr::Join(parts)
        }
    }

    /// `s/find/put/` and `tr/find/put/` as a call that takes the bound variable first.
    fn rewrite(&mut self, find: &str, put: &str, flags: &str, table: bool) -> Expr {
        let put = if flags.contains('e') && !table {
            self.embedded(put)
        } else if table {
            Expr::text(put)
        } else {
            self.text(interpolated_perl(put))
        };
        let how = if table { "=tr" } else { "=s" };
        Expr::call(
            how,
            vec![Expr::name("$_"), Expr::Pattern(Rc::from(find)), put],
        )
    }

    /// A name with what its first word may begin.
    fn name(&mut self) -> Expr {
        let word = self.word();
        if let Some(special) = self.special_word(word) {
            return special;
        }
        let adjacent = self.ahead_op(1);
        let glued = !self.tokens.get(self.at + 1).is_some_and(|t| t.spaced);
        self.bump();
        if self.language == Language::Perl && glued && word.starts_with('$') {
            // An element of an array or hash is written with the sigil of a scalar.
            match adjacent {
                "[" => return Expr::Name(Rc::from(format!("@{}", &word[1..]))),
                "{" => return Expr::Name(Rc::from(format!("%{}", &word[1..]))),
                _ => {}
            }
        }
        if self.is("=>") && matches!(self.language, Language::JavaScript) {
            return self.arrow(vec![Expr::name(word)]);
        }
        if self.is("->") && self.language == Language::Java {
            return self.arrow(vec![Expr::name(word)]);
        }
        Expr::Name(Rc::from(word.trim_start_matches('\\')))
    }

    /// Words that begin more than a name.
    fn special_word(&mut self, word: &str) -> Option<Expr> {
        use Language::{Java, JavaScript, Lua, Perl, Php, Python, R, Ruby};
        let before = self.at;
        let language = self.language;
        let expr = match word {
            "lambda" if language == Python => self.python_lambda(),
            "function" if matches!(language, JavaScript | Php | Lua | R) => self.function(),
            "fn" if language == Php => self.function(),
            "sub" if language == Perl => self.function(),
            "class" if language == JavaScript => self.class(),
            "lambda" | "proc" if language == Ruby => self.ruby_lambda(),
            "begin" | "if" | "unless" | "case" | "while" | "until" if language == Ruby => {
                self.ungrouped(Self::ruby_statement)
            }
            "do" if language == Perl && self.ahead_op(1) == "{" => {
                self.bump();
                self.block()
            }
            "eval" if language == Perl && self.ahead_op(1) == "{" => {
                self.bump();
                self.block()
            }
            "if" if matches!(language, R | Java) => self.ungrouped(Self::brace_statement),
            "switch" | "match" if matches!(language, Java | Php) => {
                self.ungrouped(Self::brace_statement)
            }
            "import" if language == JavaScript && self.ahead_op(1) != "(" => Expr::Unknown,
            "getline" if language == Language::Awk => self.plain_getline(),
            "map" | "grep" | "sort" if language == Perl => self.perl_map()?,
            _ if language == Perl && word.starts_with('<') => self.perl_readline(),
            _ => return None,
        };
        (self.at > before).then_some(expr)
    }
}
