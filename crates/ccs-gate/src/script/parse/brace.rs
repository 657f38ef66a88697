//! Statements of JavaScript, Perl, PHP, R and Java.

use std::rc::Rc;

use super::Parser;
use super::repeat::loop_on;
use crate::script::Language;
use crate::script::expr::{Expr, Step};
use crate::script::lex::Kind;

impl Parser<'_, '_> {
    pub(super) fn brace_statement(&mut self) -> Expr {
        if self.is("{") && !self.destructures() {
            return self.block();
        }
        let word = self.word();
        if matches!(self.ahead_op(1), "=>" | "=" | "." | "->" | ",") {
            return self.simple_statement();
        }
        match word {
            "if" | "unless" | "elsif" | "elseif" | "switch" | "match" | "with" | "given"
            | "when" | "catch" | "synchronized" => self.branch(),
            "while" | "until" => self.while_loop(),
            "for" | "foreach" => self.for_loop(),
            "do" if self.language != Language::Perl || self.ahead_op(1) == "{" => self.do_while(),
            "repeat" if self.language == Language::R => self.endless(),
            "else" | "try" | "finally" | "BEGIN" | "END" | "INIT"
                if self.ahead_op(1) == "{" || word == "else" =>
            {
                self.bump();
                Expr::Maybe(Box::new(self.statement()))
            }
            "case" | "default" if self.language != Language::Perl => self.case(),
            "import" => self.import(),
            "use" | "no" if self.language == Language::Perl => self.perl_use(),
            "use" | "namespace" if self.language == Language::Php => self.skip_statement(),
            "package" => self.skip_statement(),
            "class" | "interface" | "trait" | "enum" | "record"
                if self.language != Language::JavaScript
                    && matches!(self.ahead(1), Kind::Word(_)) =>
            {
                self.class_body()
            }
            "export" => {
                self.bump();
                self.statement()
            }
            _ => self.simple_statement(),
        }
    }

    /// JavaScript: whether the brace here is a pattern that is assigned to.
    fn destructures(&self) -> bool {
        self.language == Language::JavaScript
            && matches!(self.ahead(1), Kind::Word(_) | Kind::Text(_))
            && matches!(self.ahead_op(2), ":")
            && matches!(self.ahead_op(4), "," | "}")
            && matches!(self.ahead(3), Kind::Text(_) | Kind::Number(_))
    }

    fn skip_statement(&mut self) -> Expr {
        while !self.at_end() && !self.is(";") && !matches!(self.kind(), Kind::Newline) {
            self.bump();
        }
        Expr::Unknown
    }

    /// An expression with Perl's trailing modifiers.
    fn simple_statement(&mut self) -> Expr {
        self.skip_declared_type();
        let mut expr = self.expression();
        if self.is(",") {
            expr = self.rest_of_list(expr);
        }
        if self.is("=") {
            // A list on the left, or several declarators.
            self.bump();
            let value = self.expression();
            let value = if self.is(",") {
                self.rest_of_list(value)
            } else {
                value
            };
            expr = Expr::assign(expr, value);
        }
        if self.language == Language::Perl {
            self.modified(expr)
        } else {
            expr
        }
    }

    /// `X if Y`, `X for LIST`, `X while Y`.
    pub(super) fn modified(&mut self, mut expr: Expr) -> Expr {
        loop {
            let word = self.word();
            match word {
                "if" | "unless" | "when" | "rescue" => {
                    self.bump();
                    let test = self.expression();
                    expr = Expr::Block(vec![test, Expr::Maybe(Box::new(expr))]);
                }
                "while" | "until" => {
                    self.bump();
                    let test = self.expression();
                    expr = loop_on(test, expr, word == "until");
                }
                "for" | "foreach" if self.language == Language::Perl => {
                    self.bump();
                    let items = self.expression();
                    let items = if self.is(",") {
                        self.rest_of_list(items)
                    } else {
                        items
                    };
                    expr = Expr::Each {
                        target: Box::new(Expr::name("$_")),
                        items: Box::new(items),
                        body: Box::new(expr),
                    };
                }
                _ => return expr,
            }
        }
    }

    /// Java: `final List<String> x = …` begins at `x`.
    pub(super) fn skip_declared_type(&mut self) {
        if self.language != Language::Java {
            return;
        }
        let mut n = 0;
        loop {
            match self.ahead(n) {
                Kind::Word(_) if matches!(self.ahead(n + 1), Kind::Word(_)) => break,
                Kind::Word(_) | Kind::Op("." | "<" | ">" | "[" | "]" | "," | ">>" | "?") => {}
                _ => return,
            }
            let closes = matches!(self.ahead_op(n), ">" | "]" | ">>");
            if closes && matches!(self.ahead(n + 1), Kind::Word(_)) {
                break;
            }
            n += 1;
        }
        let known = matches!(
            self.word(),
            "new" | "return" | "println" | "print" | "throw"
        ) || matches!(
            self.ahead(n + 1),
            Kind::Word("in" | "of" | "as" | "instanceof")
        );
        let declares = matches!(self.ahead(n + 2), Kind::Op("=" | ";" | ":"))
            || matches!(self.ahead(n + 2), Kind::Newline | Kind::End);
        if !known && declares {
            for _ in 0..=n {
                self.bump();
            }
        }
    }

    /// `if (…) statement`, and what else may or may not run.
    fn branch(&mut self) -> Expr {
        self.bump();
        let test = self.condition();
        self.skip_newlines();
        let body = self.statement();
        let mut items = vec![test, Expr::Maybe(Box::new(body))];
        let skipped = self.at;
        if !matches!(self.language, Language::R) || self.group == 0 {
            self.skip_newlines();
        }
        self.eat(";");
        if matches!(self.word(), "else" | "elsif" | "elseif") {
            if self.word() == "else" {
                self.bump();
            }
            self.skip_newlines();
            items.push(Expr::Maybe(Box::new(self.statement())));
        } else {
            self.at = skipped;
        }
        Expr::Block(items)
    }

    /// The bracket behind `if` or `while`.
    pub(super) fn condition(&mut self) -> Expr {
        if !self.is("(") {
            return Expr::Unknown;
        }
        let items = self.items(")");
        Expr::block(items)
    }

    fn case(&mut self) -> Expr {
        self.bump();
        if !self.is(":") {
            self.expression();
        }
        self.eat(":");
        self.eat("->");
        Expr::Unknown
    }

    /// `class X … {…}`: what its body defines.
    fn class_body(&mut self) -> Expr {
        while !self.at_end() && !self.is("{") && !self.is(";") {
            self.bump();
        }
        if self.is("{") {
            self.block()
        } else {
            Expr::Unknown
        }
    }

    /// JavaScript's `import` statement; Java's and Groovy's name nothing that is needed.
    fn import(&mut self) -> Expr {
        if self.language != Language::JavaScript {
            return self.skip_statement();
        }
        if self.ahead_op(1) == "(" {
            return self.simple_statement();
        }
        self.bump();
        let mut names = Vec::new();
        while !self.at_end() && !matches!(self.kind(), Kind::Text(_)) && !self.is(";") {
            match self.bump() {
                Kind::Word("from") => break,
                Kind::Word("as") => {
                    if let Kind::Word(alias) = self.bump() {
                        names.pop().into_iter().for_each(|(member, _)| {
                            names.push((member, Rc::from(alias)));
                        });
                    }
                }
                Kind::Word(name) => names.push((Rc::from(name), Rc::from(name))),
                Kind::Op("*") => names.push((Rc::from("default"), Rc::from("default"))),
                Kind::Op("{") => names.push((Rc::from("{"), Rc::from("{"))),
                _ => {}
            }
        }
        let Kind::Text(pieces) = self.bump() else {
            return Expr::Unknown;
        };
        match self.text(pieces) {
            Expr::Text(module) => bind_imports(&module, names),
            _ => Expr::Unknown,
        }
    }
}

/// The assignments an `import` statement stands for; names after a brace are members.
fn bind_imports(module: &Rc<str>, names: Vec<(Rc<str>, Rc<str>)>) -> Expr {
    let mut braced = false;
    let mut items = Vec::new();
    for (member, name) in names {
        if &*member == "{" {
            braced = true;
            continue;
        }
        let source = Expr::Module(module.clone());
        let value = if braced {
            source.then(Step::Member(member))
        } else {
            source
        };
        items.push(Expr::assign(Expr::Name(name), value));
    }
    Expr::Block(items)
}
