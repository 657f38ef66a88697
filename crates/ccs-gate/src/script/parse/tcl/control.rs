//! Commands that control others: their words are conditions and scripts.

use std::rc::Rc;

use super::{Tcl, Word, read};
use crate::script::expr::{Expr, Function};

impl<'s> Tcl<'s, '_> {
    pub(super) fn value(&mut self, word: Word<'s>) -> Expr {
        match word {
            Word::Braced(text) => Expr::text(text),
            Word::Value(value) => value,
        }
    }

    /// A word that is a script.
    pub(super) fn code(&mut self, word: Word<'s>) -> Expr {
        match word {
            Word::Braced(text) => read(text, self.budget, self.depth + 1),
            Word::Value(value) => Expr::call("eval", vec![value]),
        }
    }

    /// The commands that stand in the brackets of a condition.
    pub(super) fn condition(&mut self, word: Word<'s>) -> Expr {
        match word {
            Word::Braced(text) if !text.contains('[') => Expr::text(text.trim()),
            Word::Braced(text) if self.budget.spend_bytes(text.len()) => {
                let mut inner = Tcl {
                    text,
                    at: 0,
                    budget: self.budget,
                    depth: self.depth + 1,
                };
                inner.pieces(|_| false)
            }
            word => self.value(word),
        }
    }

    pub(super) fn target(&mut self, mut words: Vec<Word<'s>>) -> Expr {
        let word = words.pop().map_or(Expr::Unknown, |word| self.value(word));
        match word {
            Expr::Text(name) => {
                let bare = name.split('(').next().unwrap_or(&name);
                Expr::Name(Rc::from(format!("${bare}")))
            }
            _ => Expr::Unknown,
        }
    }

    pub(super) fn control(&mut self, name: &str, words: Vec<Word<'s>>) -> Expr {
        let mut words = words.into_iter();
        match name {
            "while" => {
                let test = words
                    .next()
                    .map_or(Expr::Unknown, |word| self.condition(word));
                let body = words.next().map_or(Expr::Unknown, |word| self.code(word));
                let endless = matches!(&test, Expr::Text(text) if &**text == "1");
                Expr::Loop {
                    test: (!endless).then(|| Box::new(test)),
                    body: Box::new(body),
                }
            }
            "foreach" => {
                let target = words.next().map(|word| vec![word]).unwrap_or_default();
                let target = self.target(target);
                let items = words.next().map_or(Expr::Unknown, |word| self.value(word));
                Expr::Each {
                    target: Box::new(target),
                    items: Box::new(Expr::call("=words", vec![items])),
                    body: Box::new(words.next().map_or(Expr::Unknown, |word| self.code(word))),
                }
            }
            "proc" => {
                let name = words.next().map_or(Expr::Unknown, |word| self.value(word));
                let params = words.next().map_or(Expr::Unknown, |word| self.value(word));
                let body = words.next().map_or(Expr::Unknown, |word| self.code(word));
                let (Expr::Text(name), Expr::Text(params)) = (name, params) else {
                    return Expr::Unknown;
                };
                let params = params
                    .split_whitespace()
                    .map(|p| Expr::name(&format!("${p}")));
                let params = params.collect();
                Expr::Define(name, Rc::new(Function { params, body }))
            }
            "switch" => {
                // The last word holds patterns and bodies in turn.
                let Some(Word::Braced(text)) = words.next_back() else {
                    return Expr::Unknown;
                };
                let mut inner = Tcl {
                    text,
                    at: 0,
                    budget: self.budget,
                    depth: self.depth + 1,
                };
                let cases = inner.cases();
                Expr::Block(cases.into_iter().map(|word| self.maybe(word)).collect())
            }
            "if" | "elseif" => {
                let test = words
                    .next()
                    .map_or(Expr::Unknown, |word| self.condition(word));
                let bodies = words.map(|word| self.maybe(word));
                let mut items = vec![test];
                items.extend(bodies.collect::<Vec<_>>());
                Expr::Block(items)
            }
            _ => Expr::Block(words.map(|word| self.maybe(word)).collect()),
        }
    }

    /// A body if it is in braces; other words only have a value.
    pub(super) fn maybe(&mut self, word: Word<'s>) -> Expr {
        match word {
            Word::Braced(_) => Expr::Maybe(Box::new(self.code(word))),
            Word::Value(value) => value,
        }
    }
}
