//! Operands in brackets: groups, lists, maps, blocks, and what a sigil encloses.

use std::rc::Rc;

use super::Parser;
use crate::script::Language;
use crate::script::expr::{Arg, Expr, Step};
use crate::script::lex::Kind;

impl Parser<'_, '_> {
    pub(super) fn bracket(&mut self) -> Expr {
        match self.op() {
            "(" => self.parenthesis(),
            "[" => self.list("]"),
            "{" => self.brace(),
            "$" | "@" | "%" | "&" => self.sigil(),
            "->" if self.language == Language::Ruby => self.ruby_lambda(),
            "::" | "..." | ".." => {
                self.bump();
                self.deeper(Self::atom)
            }
            "]" | "}" | ")" | ";" | "," | ":" | "=>" => Expr::Unknown,
            _ => {
                self.bump();
                Expr::Unknown
            }
        }
    }

    /// `(…)`: grouping, a tuple or list, or the parameters of an arrow function.
    pub(super) fn parenthesis(&mut self) -> Expr {
        let mut items = self.items(")");
        let arrow = match self.language {
            Language::JavaScript => "=>",
            Language::Java => "->",
            _ => "",
        };
        if !arrow.is_empty() && self.is(arrow) {
            return self.arrow(items);
        }
        match (items.len(), self.language) {
            (1, Language::Perl) if matches!(items[0], Expr::Name(ref n) if n.starts_with('$')) => {
                // `my ($x) = @_` takes the first element.
                Expr::List(items)
            }
            (1, _) => items.remove(0),
            (_, Language::JavaScript) => Expr::Block(items),
            _ => Expr::List(items),
        }
    }

    /// `[…]` or `{…}`: elements, pairs or a comprehension.
    pub(super) fn list(&mut self, close: &str) -> Expr {
        let mut items = self.items(close);
        let pairs = items.iter().any(|item| matches!(item, Expr::Map(_)));
        if pairs && self.language != Language::JavaScript {
            return Expr::Map(flatten_pairs(items));
        }
        match items.len() {
            1 if matches!(items[0], Expr::Each { .. }) => items.remove(0),
            _ => Expr::List(items),
        }
    }

    /// The elements between brackets, the closing one included. A pair is a map of one.
    pub(super) fn items(&mut self, close: &str) -> Vec<Expr> {
        self.bump();
        self.grouped(|p| {
            let mut items = Vec::new();
            while !p.at_end() && !p.eat(close) {
                let before = p.at;
                items.push(p.item());
                if !p.eat(",") && !p.is(close) && !p.eat(";") && p.at == before {
                    p.bump();
                }
            }
            items
        })
    }

    /// One element: a value, `key => value`, `key: value` or a comprehension.
    pub(super) fn item(&mut self) -> Expr {
        let value = self.deeper(|p| match p.bare_key() {
            Some(key) => key,
            None => p.binary(0),
        });
        let pairs = self.is("=>") || (self.is(":") && self.language != Language::JavaScript);
        if pairs {
            self.bump();
            let paired = self.expression();
            let map = Expr::Map(vec![(value, paired)]);
            return if self.comprehends() {
                self.comprehension(map)
            } else {
                map
            };
        }
        if self.comprehends() {
            self.comprehension(value)
        } else {
            value
        }
    }

    /// A word before `=>` or `:` is a text.
    pub(super) fn bare_key(&mut self) -> Option<Expr> {
        let word = self.word();
        let colon = matches!(self.language, Language::Ruby | Language::Java);
        let next = self.ahead_op(1);
        let key = !word.is_empty()
            && !word.starts_with(['$', '@'])
            && (next == "=>" && self.language == Language::Perl || next == ":" && colon);
        key.then(|| {
            self.bump();
            Expr::text(word)
        })
    }

    /// The rest of `first, b, c` without brackets.
    pub(super) fn rest_of_list(&mut self, first: Expr) -> Expr {
        let mut items = vec![first];
        while self.eat(",") {
            let ends = matches!(self.kind(), Kind::Newline | Kind::End)
                || matches!(self.op(), "=" | ")" | "]" | "}" | ";" | ":");
            if ends {
                break;
            }
            items.push(self.expression());
        }
        Expr::List(items)
    }

    /// `{…}` where an operand is expected.
    pub(super) fn brace(&mut self) -> Expr {
        match self.language {
            Language::JavaScript => self.object(),
            Language::Python | Language::Perl => self.list("}"),
            Language::Ruby => self.list("}"),
            Language::Lua => self.lua_table(),
            Language::Java => self.closure(),
            _ => self.block(),
        }
    }

    /// JavaScript's `{a, b: c, d() {…}, ...e}`.
    pub(super) fn object(&mut self) -> Expr {
        self.bump();
        self.grouped(|p| {
            let mut pairs = Vec::new();
            while !p.at_end() && !p.eat("}") {
                let before = p.at;
                pairs.push(p.property());
                if !p.eat(",") && p.at == before {
                    p.bump();
                }
            }
            Expr::Map(pairs)
        })
    }

    pub(super) fn property(&mut self) -> (Expr, Expr) {
        while matches!(self.word(), "get" | "set" | "async")
            && matches!(self.ahead(1), Kind::Word(_) | Kind::Text(_))
        {
            self.bump();
        }
        let key = self.deeper(|p| {
            if p.eat("...") {
                return Expr::Spread(Box::new(p.binary(0)));
            }
            if p.is("[") {
                return p.list("]");
            }
            match p.bump() {
                Kind::Word(word) => Expr::text(word),
                Kind::Text(pieces) => p.text(pieces),
                Kind::Number(Some(n)) => Expr::Number(n),
                _ => Expr::Unknown,
            }
        });
        if self.is("(") {
            let function = self.function_rest();
            return (key, Expr::Function(function));
        }
        if self.eat(":") {
            return (key, self.expression());
        }
        let value = match &key {
            Expr::Text(name) => Expr::Name(name.clone()),
            other => other.clone(),
        };
        if self.eat("=") {
            self.expression();
        }
        (key, value)
    }

    /// Perl: `${…}`, `@$x`, `&{…}`, `&name`.
    pub(super) fn sigil(&mut self) -> Expr {
        let sigil = self.op();
        self.bump();
        self.deeper(|p| {
            if p.is("{") {
                let inner = p.items("}");
                return match Expr::block(inner) {
                    Expr::Name(name) if !name.starts_with(['$', '@', '%']) => {
                        Expr::Name(Rc::from(format!("{sigil}{name}").trim_start_matches('&')))
                    }
                    Expr::Text(name) if sigil == "&" => Expr::Name(name),
                    other => other,
                };
            }
            if sigil == "&" && p.language == Language::Perl && p.ahead_op(1) != "(" {
                // A reference to the function, which does not call it.
                if let Kind::Word(name) = p.bump() {
                    return Expr::Module(Rc::from(name.replace("::", ".")));
                }
            }
            let operand = p.atom();
            if p.language == Language::Awk {
                return Expr::name("$").then(Step::Call(vec![Arg::plain(operand)]));
            }
            operand
        })
    }
}

/// The pairs of several maps, and other elements as values without a key.
pub(super) fn flatten_pairs(items: Vec<Expr>) -> Vec<(Expr, Expr)> {
    let mut pairs = Vec::new();
    for item in items {
        match item {
            Expr::Map(inner) => pairs.extend(inner),
            other => pairs.push((Expr::Unknown, other)),
        }
    }
    pairs
}
