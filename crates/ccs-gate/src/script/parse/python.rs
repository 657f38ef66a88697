//! Python's statements: indentation, imports, comprehensions.

use std::rc::Rc;

use super::Parser;
use super::function::pattern;
use super::repeat::loop_on;
use crate::script::Language;
use crate::script::expr::{Expr, Function, Step};
use crate::script::lex::Kind;

impl Parser<'_, '_> {
    pub(super) fn python_statement(&mut self) -> Expr {
        let column = self.column();
        if self.is("@") {
            self.skip_to_colon_or_line();
            return Expr::Unknown;
        }
        match self.word() {
            "import" => self.python_import(),
            "from" => self.python_from(),
            "def" => self.python_def(column),
            "async" if matches!(self.ahead(1), Kind::Word("def" | "for" | "with")) => {
                self.bump();
                self.python_statement()
            }
            "class" | "try" | "finally" | "else" | "except" => {
                self.skip_to_colon_or_line();
                Expr::Maybe(Box::new(self.suite(column)))
            }
            "if" | "elif" => {
                self.bump();
                let test = self.expression();
                let body = self.suite(column);
                Expr::Block(vec![test, Expr::Maybe(Box::new(body))])
            }
            "while" => {
                self.bump();
                let test = self.expression();
                let body = self.suite(column);
                loop_on(test, body, false)
            }
            "for" => self.python_for(column),
            "with" => self.python_with(column),
            "global" | "nonlocal" | "pass" | "break" | "continue" | "del" => {
                self.skip_line();
                Expr::Unknown
            }
            _ => self.python_simple(),
        }
    }

    fn skip_line(&mut self) {
        while !self.at_end() && !matches!(self.kind(), Kind::Newline) && !self.is(";") {
            self.bump();
        }
    }

    /// Moves to the colon that opens a suite, brackets stepped over.
    fn skip_to_colon_or_line(&mut self) {
        let mut depth = 0_usize;
        while !self.at_end() && !matches!(self.kind(), Kind::Newline) {
            match self.op() {
                "(" | "[" | "{" => depth += 1,
                ")" | "]" | "}" => depth = depth.saturating_sub(1),
                ":" if depth == 0 => return,
                _ => {}
            }
            self.bump();
        }
    }

    /// `: statement; statement` or an indented block.
    fn suite(&mut self, column: usize) -> Expr {
        if !self.eat(":") {
            return Expr::Unknown;
        }
        let mut items = Vec::new();
        if !matches!(self.kind(), Kind::Newline) {
            while !self.at_end() && !matches!(self.kind(), Kind::Newline) {
                let before = self.at;
                if !self.eat(";") {
                    items.push(self.statement());
                }
                if self.at == before {
                    self.bump();
                }
            }
            return Expr::Block(items);
        }
        loop {
            self.skip_newlines();
            if self.at_end() || self.column() <= column {
                return Expr::Block(items);
            }
            let before = self.at;
            if !self.eat(";") {
                items.push(self.statement());
            }
            if self.at == before {
                self.bump();
            }
        }
    }

    fn python_simple(&mut self) -> Expr {
        let mut expr = self.expression();
        if self.is(",") {
            expr = self.rest_of_list(expr);
        }
        if self.is(":") && matches!(expr, Expr::Name(_) | Expr::Access(..)) {
            // The annotation of a variable, not of a suite: those are read with their header.
            self.bump();
            self.binary(3);
        }
        while self.is("=") {
            self.bump();
            let value = self.expression();
            let value = if self.is(",") {
                self.rest_of_list(value)
            } else {
                value
            };
            expr = Expr::assign(expr, value);
        }
        if self.is(",") && matches!(expr, Expr::Assign { .. }) {
            return self.tuple_value(expr);
        }
        expr
    }

    /// `a = 1, 2`: the value is the list.
    fn tuple_value(&mut self, expr: Expr) -> Expr {
        let Expr::Assign { target, op, value } = expr else {
            return expr;
        };
        let value = self.rest_of_list(*value);
        Expr::Assign {
            target,
            op,
            value: Box::new(value),
        }
    }

    /// `a.b.c`, as one name.
    fn dotted(&mut self) -> String {
        let mut name = String::new();
        loop {
            match self.kind() {
                Kind::Word(word) => name.push_str(word),
                Kind::Op("." | "...") => {}
                _ => return name,
            }
            if matches!(self.bump(), Kind::Op(".")) && !name.is_empty() {
                name.push('.');
            }
            if matches!(self.word(), "as" | "import") {
                return name;
            }
        }
    }

    fn alias(&mut self) -> Option<Rc<str>> {
        if !self.eat_word("as") {
            return None;
        }
        match self.bump() {
            Kind::Word(name) => Some(Rc::from(name)),
            _ => None,
        }
    }

    fn python_import(&mut self) -> Expr {
        self.bump();
        let mut items = Vec::new();
        loop {
            let module = self.dotted();
            if module.is_empty() {
                break;
            }
            let (name, bound) = match self.alias() {
                Some(alias) => (alias, module.as_str()),
                None => {
                    let top = module.split('.').next().unwrap_or("");
                    (Rc::from(top), top)
                }
            };
            items.push(Expr::assign(
                Expr::Name(name),
                Expr::Module(Rc::from(bound)),
            ));
            if !self.eat(",") {
                break;
            }
        }
        Expr::Block(items)
    }

    fn python_from(&mut self) -> Expr {
        self.bump();
        let module: Rc<str> = Rc::from(self.dotted());
        self.eat_word("import");
        if self.eat("*") {
            return Expr::Open(module);
        }
        self.eat("(");
        let mut items = Vec::new();
        while let Kind::Word(member) = *self.kind() {
            self.bump();
            let name = self.alias().unwrap_or_else(|| Rc::from(member));
            let source = Expr::Module(module.clone()).then(Step::Member(Rc::from(member)));
            items.push(Expr::assign(Expr::Name(name), source));
            if !self.eat(",") {
                break;
            }
        }
        self.eat(")");
        Expr::Block(items)
    }

    fn python_def(&mut self, column: usize) -> Expr {
        self.bump();
        let name = self.word();
        self.bump();
        let params = if self.is("(") {
            self.items(")").into_iter().map(pattern).collect()
        } else {
            Vec::new()
        };
        self.skip_to_colon_or_line();
        let body = self.suite(column);
        Expr::Define(Rc::from(name), Rc::new(Function { params, body }))
    }

    /// The variables before `in`.
    fn targets(&mut self) -> Expr {
        let first = self.operand();
        if !self.is(",") {
            return first;
        }
        let mut items = vec![first];
        while self.eat(",") && self.word() != "in" {
            items.push(self.operand());
        }
        Expr::List(items)
    }

    fn python_for(&mut self, column: usize) -> Expr {
        self.bump();
        let target = self.targets();
        self.eat_word("in");
        let items = self.expression();
        let items = if self.is(",") {
            self.rest_of_list(items)
        } else {
            items
        };
        let body = self.suite(column);
        Expr::Each {
            target: Box::new(target),
            items: Box::new(items),
            body: Box::new(body),
        }
    }

    fn python_with(&mut self, column: usize) -> Expr {
        self.bump();
        let mut items = Vec::new();
        loop {
            let value = self.expression();
            items.push(if self.eat_word("as") {
                let target = self.operand();
                Expr::assign(target, value)
            } else {
                value
            });
            if !self.eat(",") {
                break;
            }
        }
        items.push(self.suite(column));
        Expr::Block(items)
    }

    pub(super) fn python_lambda(&mut self) -> Expr {
        self.bump();
        let mut params = Vec::new();
        while !self.at_end() && !self.eat(":") {
            let before = self.at;
            let param = self.expression();
            params.push(pattern(param));
            self.eat(",");
            if self.at == before {
                self.bump();
            }
        }
        let body = self.deeper(|p| p.binary(1));
        Expr::Function(Rc::new(Function { params, body }))
    }

    pub(super) fn comprehends(&mut self) -> bool {
        self.language == Language::Python
            && (self.word() == "for"
                || (self.word() == "async" && matches!(self.ahead(1), Kind::Word("for"))))
    }

    /// `value for x in items if test …`.
    pub(super) fn comprehension(&mut self, value: Expr) -> Expr {
        self.eat_word("async");
        self.bump();
        let target = self.targets();
        self.eat_word("in");
        let header = std::mem::replace(&mut self.header, true);
        let items = self.expression();
        let mut tests = Vec::new();
        while self.eat_word("if") {
            tests.push(self.expression());
        }
        self.header = header;
        let body = self.deeper(|p| {
            if p.comprehends() {
                p.comprehension(value)
            } else {
                value
            }
        });
        tests.push(body);
        Expr::Each {
            target: Box::new(target),
            items: Box::new(items),
            body: Box::new(Expr::block(tests)),
        }
    }
}
