//! Compound commands and function definitions.

use super::ast::{Compound, Item, Kind, Node, Part, Redirect, Script, Word};
use super::cursor::{Cursor, is_meta, is_name};

impl<'a> Cursor<'a> {
    /// A compound command, if one begins here.
    pub(super) fn compound(&mut self) -> Option<Node<'a>> {
        let kind = self.kind()?;
        let redirects = self.redirects();
        Some(Node::Compound(Box::new(Compound { kind, redirects })))
    }

    fn kind(&mut self) -> Option<Kind<'a>> {
        if self.byte() == Some(b'(') {
            return Some(self.parenthesised());
        }
        if !self
            .byte()
            .is_some_and(|b| b.is_ascii_lowercase() || matches!(b, b'{' | b'['))
        {
            return None;
        }
        if self.eat_keyword("{") {
            return Some(Kind::Group(self.body(&["}"])));
        }
        if self.eat_keyword("[[") {
            return Some(self.test());
        }
        if self.eat_keyword("if") {
            return Some(self.branches());
        }
        if self.eat_keyword("while") || self.eat_keyword("until") {
            let condition = self.nested(|c| c.script(&["do"]));
            self.eat_keyword("do");
            return Some(Kind::Loop(condition, self.body(&["done"])));
        }
        if self.eat_keyword("for") || self.eat_keyword("select") || self.eat_keyword("foreach") {
            return Some(self.for_loop());
        }
        if self.eat_keyword("case") {
            return Some(self.case());
        }
        if self.eat_keyword("coproc") {
            return Some(self.coprocess());
        }
        None
    }

    /// A body and its closing word.
    fn body(&mut self, closing: &[&str]) -> Script<'a> {
        let script = self.nested(|c| c.script(closing));
        for word in closing {
            self.eat(word);
        }
        script
    }

    fn parenthesised(&mut self) -> Kind<'a> {
        if self.looking_at("((") && self.may_retry() {
            let start = self.at;
            let heres = (self.bodies.len(), self.pending.len());
            if let Some(word) = self.arithmetic() {
                return Kind::Expression(vec![word]);
            }
            self.at = start;
            self.bodies.truncate(heres.0);
            self.pending.truncate(heres.1);
        }
        self.step(1);
        Kind::Subshell(self.body(&[")"]))
    }

    /// The words of `[[ … ]]`.
    fn test(&mut self) -> Kind<'a> {
        let mut words = Vec::new();
        loop {
            self.skip_lines();
            if self.eat_keyword("]]") || self.byte().is_none() || !self.spend() {
                return Kind::Expression(words);
            }
            let word = self.word();
            if word.parts.is_empty() {
                self.bump(); // an operator
            } else {
                words.push(word);
            }
        }
    }

    fn branches(&mut self) -> Kind<'a> {
        let mut scripts = Vec::new();
        loop {
            scripts.push(self.nested(|c| c.script(&["then", "elif", "else", "fi"])));
            if self.eat_keyword("then") || self.eat_keyword("elif") || self.eat_keyword("else") {
                continue;
            }
            self.eat_keyword("fi");
            return Kind::If(scripts);
        }
    }

    fn for_loop(&mut self) -> Kind<'a> {
        self.skip_blanks();
        if self.looking_at("((") {
            return self.counting_loop();
        }
        let start = self.at;
        self.skip_until(|b| !is_name(b));
        let name = self.since(start);
        self.skip_lines();
        let words = self.loop_words();
        Kind::For {
            name,
            words,
            body: self.loop_body(),
        }
    }

    fn counting_loop(&mut self) -> Kind<'a> {
        let start = self.at;
        let word = self.arithmetic().unwrap_or_default();
        if self.at == start {
            self.step(2);
        }
        let body = self.loop_body();
        Kind::For {
            name: "",
            words: Some(vec![word]),
            body,
        }
    }

    /// `in a b c`, or zsh's `(a b c)`.
    fn loop_words(&mut self) -> Option<Vec<Word<'a>>> {
        if self.byte() == Some(b'(') {
            return Some(self.array());
        }
        if !self.eat_keyword("in") {
            return None;
        }
        let mut words = Vec::new();
        loop {
            self.skip_blanks();
            let word = self.word();
            if word.parts.is_empty() {
                return Some(words);
            }
            words.push(word);
        }
    }

    fn loop_body(&mut self) -> Script<'a> {
        self.skip_lines();
        self.eat(";");
        self.skip_lines();
        if self.eat_keyword("do") {
            return self.body(&["done"]);
        }
        if self.eat_keyword("{") {
            return self.body(&["}"]);
        }
        Script::default()
    }

    fn case(&mut self) -> Kind<'a> {
        self.skip_lines();
        let subject = self.word();
        self.skip_lines();
        self.eat_keyword("in");
        let mut patterns = Vec::new();
        let mut arms = Vec::new();
        loop {
            self.skip_lines();
            if self.eat_keyword("esac") || self.byte().is_none() || !self.spend() {
                return Kind::Case {
                    subject,
                    patterns,
                    arms,
                };
            }
            let before = self.at;
            self.case_patterns(&mut patterns);
            arms.push(self.nested(|c| c.script(&[";;", ";&", "esac"])));
            let _ = self.eat(";;&") || self.eat(";;") || self.eat(";&");
            if self.at == before {
                self.bump();
            }
        }
    }

    fn case_patterns(&mut self, patterns: &mut Vec<Word<'a>>) {
        self.eat("(");
        loop {
            self.skip_blanks();
            let word = self.word();
            if !word.parts.is_empty() {
                patterns.push(word);
            }
            self.skip_blanks();
            if !self.eat("|") {
                break;
            }
        }
        self.eat(")");
    }

    /// `coproc [NAME] command`: a command that runs beside the others.
    fn coprocess(&mut self) -> Kind<'a> {
        self.skip_blanks();
        let start = self.at;
        if self.byte().is_some_and(is_name) {
            self.skip_until(|b| !is_name(b));
            let named = self.byte().is_some_and(is_meta);
            self.skip_blanks();
            if !(named && matches!(self.byte(), Some(b'{' | b'('))) {
                self.at = start;
            }
        }
        let node = self.nested(Self::pipeline);
        let items = node.map(|node| Item {
            node,
            conditional: false,
            background: true,
            rest: "",
        });
        Kind::Group(Script {
            items: items.into_iter().collect(),
        })
    }

    fn redirects(&mut self) -> Vec<Redirect<'a>> {
        let mut redirects = Vec::new();
        loop {
            self.skip_blanks();
            match self.redirect() {
                Some(redirect) => redirects.push(redirect),
                None => return redirects,
            }
        }
    }

    /// `name() body` and `function name body`.
    pub(super) fn function(&mut self) -> Option<Node<'a>> {
        let start = self.at;
        let keyword = self.eat_keyword("function");
        self.skip_blanks();
        let name = self.function_name();
        self.skip_blanks();
        let parens = self.eat("(") && {
            self.skip_blanks();
            self.eat(")")
        };
        if name.is_empty() || !(parens || (keyword && self.byte() != Some(b'('))) {
            self.at = start;
            return None;
        }
        self.skip_lines();
        let from = self.at;
        self.nested(|c| c.compound().or_else(|| c.simple()));
        Some(Node::Function {
            name,
            body: self.since(from),
        })
    }

    fn function_name(&mut self) -> &'a str {
        let start = self.at;
        self.skip_until(|b| is_meta(b) || matches!(b, b'\'' | b'"' | b'$' | b'`' | b'\\' | b'='));
        self.since(start)
    }
}

impl<'a> Part<'a> {
    /// The text, if it is not quoted.
    pub(crate) fn bare(&self) -> Option<&'a str> {
        match self {
            Part::Bare(text) => Some(text),
            _ => None,
        }
    }
}
