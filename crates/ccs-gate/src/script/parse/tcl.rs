//! Tcl and Expect: commands of words, where braces quote and brackets run.
//!
//! Read from the text itself, because a word's meaning depends on the command it stands in: the
//! body of `while` is code, the same braces elsewhere are text.

mod control;

use crate::script::budget::{Budget, DEPTH};
use crate::script::expr::Expr;
use crate::script::lex::quote::{balanced, unescape};

struct Tcl<'s, 'b> {
    text: &'s str,
    at: usize,
    budget: &'b mut Budget,
    depth: usize,
}

pub(super) fn program(text: &str, budget: &mut Budget) -> Expr {
    read(text, budget, 0)
}

fn read(text: &str, budget: &mut Budget, depth: usize) -> Expr {
    if depth >= DEPTH / 2 || !budget.spend_bytes(text.len()) {
        budget.exhaust();
        return Expr::Unknown;
    }
    let mut tcl = Tcl {
        text,
        at: 0,
        budget,
        depth,
    };
    tcl.commands()
}

/// A word as it was written.
enum Word<'s> {
    /// `{…}`
    Braced(&'s str),
    Value(Expr),
}

impl<'s> Tcl<'s, '_> {
    fn rest(&self) -> &'s str {
        self.text.get(self.at..).unwrap_or("")
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn commands(&mut self) -> Expr {
        let mut items = Vec::new();
        while self.at < self.text.len() && self.budget.spend(1) {
            let words = self.command();
            if !words.is_empty() {
                items.push(self.meaning(words));
            }
        }
        Expr::Block(items)
    }

    /// The words up to the end of the command.
    fn command(&mut self) -> Vec<Word<'s>> {
        let mut words = Vec::new();
        loop {
            self.at += self.rest().len() - self.rest().trim_start_matches([' ', '\t', '\r']).len();
            match self.peek() {
                None => return words,
                Some('\n' | ';') => {
                    self.at += 1;
                    return words;
                }
                Some('\\') if self.rest().starts_with("\\\n") => self.at += 2,
                Some('#') if words.is_empty() => {
                    self.at += self.rest().find('\n').unwrap_or(self.rest().len());
                }
                Some(_) => {
                    if !self.budget.spend(2) {
                        self.at = self.text.len();
                        return words;
                    }
                    words.push(self.word());
                }
            }
        }
    }

    /// All words, whatever stands between them.
    fn cases(&mut self) -> Vec<Word<'s>> {
        let mut words = Vec::new();
        while self.at < self.text.len() && self.budget.spend(2) {
            words.extend(self.command());
        }
        words
    }

    fn word(&mut self) -> Word<'s> {
        match self.peek() {
            Some('{') if !self.rest().starts_with("{*}") => {
                let body = &self.rest()[1..];
                let len = braces(body);
                self.at = (self.at + len + 2).min(self.text.len());
                Word::Braced(&body[..len])
            }
            Some('"') => {
                self.at += 1;
                let value = self.pieces(|c| c == '"');
                self.at = (self.at + 1).min(self.text.len());
                Word::Value(value)
            }
            _ => {
                let spread = self.rest().starts_with("{*}");
                if spread {
                    self.at += 3;
                }
                let before = self.at;
                let value = self.pieces(|c| c.is_whitespace() || c == ';');
                if self.at == before {
                    self.at += self.peek().map_or(0, char::len_utf8);
                }
                Word::Value(if spread {
                    Expr::call("=words", vec![value])
                } else {
                    value
                })
            }
        }
    }

    /// Text with `$name`, `[command]` and escapes, up to a character that `ends` it.
    fn pieces(&mut self, ends: impl Fn(char) -> bool) -> Expr {
        let mut parts = Vec::new();
        let mut known = String::new();
        while let Some(c) = self.peek().filter(|c| !ends(*c)) {
            let rest = self.rest();
            let special = |c: char| matches!(c, '$' | '[' | '\\') || ends(c);
            let plain = rest.find(special).unwrap_or(rest.len());
            if plain > 0 {
                known.push_str(&rest[..plain]);
                self.at += plain;
                continue;
            }
            if !self.budget.spend(2) {
                self.at = self.text.len();
                break;
            }
            let part = match c {
                '$' => self.variable(),
                '[' => Some(self.substitution()),
                _ => None,
            };
            if let Some(part) = part {
                if !known.is_empty() {
                    parts.push(Expr::text(&std::mem::take(&mut known)));
                }
                parts.push(part);
            } else if c == '\\' {
                self.at += unescape(self.rest(), &mut known);
            } else {
                known.push(c);
                self.at += c.len_utf8();
            }
        }
        if parts.is_empty() {
            return Expr::text(&known);
        }
        if !known.is_empty() {
            parts.push(Expr::text(&known));
        }
        if parts.len() == 1 {
            parts.remove(0)
        } else {
            Expr::Join(parts)
        }
    }

    fn variable(&mut self) -> Option<Expr> {
        let rest = &self.rest()[1..];
        let (name, len) = if let Some(body) = rest.strip_prefix('{') {
            let len = body.find('}').unwrap_or(body.len());
            (&body[..len], (len + 3).min(rest.len() + 1))
        } else {
            let inner = |c: char| c.is_alphanumeric() || c == '_' || c == ':';
            let len = rest.find(|c: char| !inner(c)).unwrap_or(rest.len());
            (&rest[..len], len + 1)
        };
        if name.is_empty() {
            return None;
        }
        self.at += len;
        let mut variable = Expr::name(&format!("${}", name.trim_start_matches(':')));
        if self.rest().starts_with('(') {
            let key = &self.rest()[1..];
            let len = key.find(')').unwrap_or(key.len());
            self.at = (self.at + len + 2).min(self.text.len());
            variable = variable.then(crate::script::expr::Step::Index(Expr::text(&key[..len])));
        }
        Some(variable)
    }

    /// `[command]`.
    fn substitution(&mut self) -> Expr {
        let body = &self.rest()[1..];
        let len = balanced(body, ']');
        self.at = (self.at + len + 2).min(self.text.len());
        read(&body[..len], self.budget, self.depth + 1)
    }

    /// What a command does with its words.
    fn meaning(&mut self, mut words: Vec<Word<'s>>) -> Expr {
        let Word::Value(Expr::Text(name)) = &words[0] else {
            let values = words
                .into_iter()
                .map(|word| self.value(word))
                .collect::<Vec<_>>();
            return Expr::call("=command", values);
        };
        let name = name.trim_start_matches(':').to_owned();
        words.remove(0);
        match name.as_str() {
            "set" if words.len() == 2 => {
                let value = words.pop().map_or(Expr::Unknown, |word| self.value(word));
                let target = self.target(words);
                Expr::assign(target, value)
            }
            "append" | "lappend" if words.len() >= 2 => {
                let rest = words.split_off(1);
                let value = rest.into_iter().map(|word| self.value(word)).collect();
                Expr::Assign {
                    target: Box::new(self.target(words)),
                    op: Some(crate::script::expr::Op::Concat),
                    value: Box::new(Expr::Join(value)),
                }
            }
            "if" | "elseif" | "while" | "for" | "foreach" | "catch" | "try" | "proc" | "switch"
            | "namespace" | "fileevent" | "after" | "expect" | "time" | "uplevel" => {
                self.control(&name, words)
            }
            "expr" => {
                let parts = words.into_iter().map(|word| self.condition(word)).collect();
                Expr::Join(parts)
            }
            "return" => {
                let value = words.pop().map_or(Expr::Unknown, |word| self.value(word));
                Expr::Return(Box::new(value))
            }
            _ => {
                let values = words.into_iter().map(|word| self.value(word)).collect();
                Expr::call(&name, values)
            }
        }
    }
}

/// The length up to the brace that closes; only backslashes protect braces.
fn braces(text: &str) -> usize {
    let mut depth = 0_usize;
    let mut escaped = false;
    for (at, b) in text.bytes().enumerate() {
        match b {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'{' => depth += 1,
            b'}' if depth == 0 => return at,
            b'}' => depth -= 1,
            _ => {}
        }
    }
    text.len()
}
