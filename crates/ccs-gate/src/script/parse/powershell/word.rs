//! PowerShell's literals, variables and the words of commands.

use std::rc::Rc;

use super::expression::unprinted;
use super::{Shell, embedded};
use crate::script::expr::Expr;
use crate::script::lex::quote::balanced;

impl<'s> Shell<'s, '_> {
    pub(super) fn number(&mut self) -> Expr {
        let rest = self.rest();
        let len = rest
            .find(|c: char| !c.is_ascii_alphanumeric())
            .unwrap_or(rest.len());
        self.at += len;
        let digits = rest[..len].to_lowercase();
        let value = match digits.strip_prefix("0x") {
            Some(hex) => i64::from_str_radix(hex, 16).ok(),
            None => digits.parse().ok(),
        };
        value.map_or(Expr::Unknown, Expr::Number)
    }

    /// `@(…)`, `@{…}` and here-strings.
    pub(super) fn at_sign(&mut self) -> Expr {
        let rest = self.rest();
        if rest.starts_with("@(") {
            self.at += 2;
            let separate = std::mem::replace(&mut self.separate, false);
            let items = self.statements();
            self.separate = separate;
            self.eat(")");
            let mut items: Vec<Expr> = items.into_iter().map(unprinted).collect();
            return match items.as_slice() {
                [Expr::List(_)] => items.remove(0),
                _ => Expr::List(items),
            };
        }
        if rest.starts_with("@{") {
            self.at += 2;
            return self.table();
        }
        for (open, close) in [("@'", "\n'@"), ("@\"", "\n\"@")] {
            if let Some(body) = rest.strip_prefix(open) {
                let body = body.trim_start_matches([' ', '\r']);
                let body = body.strip_prefix('\n').unwrap_or(body);
                let len = body.find(close).unwrap_or(body.len());
                let past = self.text.len() - body.len() + len + close.len();
                self.at = past.min(self.text.len());
                let raw = open == "@'";
                return if raw {
                    Expr::text(&body[..len])
                } else {
                    self.interpolated(&body[..len])
                };
            }
        }
        // A splatted variable.
        self.step();
        let name = self.word();
        self.at += name.len();
        Expr::Name(Rc::from(format!("${name}")))
    }

    /// `key = value; …` up to the closing brace.
    pub(super) fn table(&mut self) -> Expr {
        let mut pairs = Vec::new();
        loop {
            self.blank_lines();
            if self.ended() || self.eat("}") || !self.budget.spend(1) {
                return Expr::Map(pairs);
            }
            let before = self.at;
            if !self.eat(";") {
                let key = if matches!(self.peek(), '\'' | '"') {
                    self.string()
                } else {
                    let word = self.word();
                    self.at += word.len();
                    Expr::text(&word)
                };
                self.blank();
                if self.eat("=") {
                    self.blank_lines();
                    let value = self.deeper(Self::pipeline);
                    pairs.push((key, value));
                }
            }
            if self.at == before {
                self.step();
            }
        }
    }

    /// `$name`, `$env:NAME`, `${name}`, `$(…)`.
    pub(super) fn variable(&mut self) -> Option<Expr> {
        let rest = self.rest().strip_prefix('$')?;
        if let Some(body) = rest.strip_prefix('(') {
            let len = balanced(body, ')');
            self.at = (self.at + len + 3).min(self.text.len());
            let (budget, depth) = (&mut *self.budget, self.depth + 2);
            return Some(unprinted(embedded(&body[..len], budget, depth)));
        }
        let (name, len) = if let Some(body) = rest.strip_prefix('{') {
            let len = body.find('}').unwrap_or(body.len());
            (&body[..len], (len + 3).min(rest.len() + 1))
        } else {
            let len = variable_len(rest);
            (&rest[..len], len + 1)
        };
        if name.is_empty() {
            return None;
        }
        self.at += len;
        let name = name.to_lowercase();
        let bare = ["script:", "global:", "local:", "private:", "variable:"]
            .iter()
            .find_map(|scope| name.strip_prefix(scope))
            .unwrap_or(&name);
        Some(Expr::Name(Rc::from(format!("${bare}"))))
    }

    pub(super) fn string(&mut self) -> Expr {
        let quote = self.peek();
        self.step();
        let rest = self.rest();
        let mut at = 0;
        let bytes = rest.as_bytes();
        while let Some(&b) = bytes.get(at) {
            if b == b'`' && quote == '"' {
                at += 2;
            } else if char::from(b) == quote {
                if bytes.get(at + 1) != Some(&b) {
                    break;
                }
                at += 2;
            } else if b == b'$' && quote == '"' && bytes.get(at + 1) == Some(&b'(') {
                at += 2;
                at += balanced(rest.get(at..).unwrap_or(""), ')') + 1;
            } else {
                at += 1;
            }
        }
        let at = (at.min(rest.len())..=rest.len()).find(|at| rest.is_char_boundary(*at));
        let at = at.unwrap_or(rest.len());
        self.at = (self.at + at + 1).min(self.text.len());
        let body = &rest[..at];
        if quote == '\'' {
            return Expr::text(&body.replace("''", "'"));
        }
        self.interpolated(body)
    }

    /// Text with `$name`, `$(…)`, backtick escapes and doubled quotes.
    pub(super) fn interpolated(&mut self, body: &'s str) -> Expr {
        let mut inner = Shell {
            text: body,
            at: 0,
            budget: &mut *self.budget,
            depth: self.depth + 1,
            separate: false,
        };
        inner.pieces(|_| false)
    }

    /// One word of a command.
    pub(super) fn argument(&mut self) -> Expr {
        match self.peek() {
            '\'' | '"' => {
                let first = self.string();
                self.postfix(first)
            }
            '(' | '@' | '{' => self.unary(),
            '$' => {
                let variable = self.unary();
                let glued = !self.rest().starts_with(|c: char| c.is_whitespace())
                    && self.rest().starts_with(['\\', '/', ':', '-']);
                if !glued {
                    return variable;
                }
                let rest = self.bare_argument();
                Expr::Join(vec![variable, rest])
            }
            '[' if self.names_type() => self.unary(),
            _ => self.bare_argument(),
        }
    }

    /// Whether `[type]::` begins here.
    pub(super) fn names_type(&self) -> bool {
        let len = self.rest().bytes().take(80).position(|b| b == b']');
        len.is_some_and(|len| self.rest()[len..].starts_with("]::"))
    }

    pub(super) fn bare_argument(&mut self) -> Expr {
        let ends = |c: char| c.is_whitespace() || matches!(c, '|' | ';' | ')' | '(' | '}' | ',');
        self.pieces(ends)
    }

    /// Characters with escapes and embedded variables, up to one that `ends` them.
    pub(super) fn pieces(&mut self, ends: impl Fn(char) -> bool) -> Expr {
        let mut parts = Vec::new();
        let mut known = String::new();
        while !self.ended() && !ends(self.peek()) {
            let rest = self.rest();
            let special = |c: char| matches!(c, '$' | '`' | '"' | '\'') || ends(c);
            let plain = rest.find(special).unwrap_or(rest.len());
            if plain > 0 {
                known.push_str(&rest[..plain]);
                self.at += plain;
                continue;
            }
            if !self.budget.spend(1) {
                self.at = self.text.len();
                break;
            }
            let c = self.peek();
            if c == '$'
                && let Some(variable) = self.variable()
            {
                if !known.is_empty() {
                    parts.push(Expr::text(&std::mem::take(&mut known)));
                }
                parts.push(variable);
            } else if c == '`' {
                self.step();
                let escaped = self.peek();
                self.step();
                known.push(match escaped {
                    'n' => '\n',
                    't' => '\t',
                    'r' => '\r',
                    other => other,
                });
            } else if c == '"' && self.rest().starts_with("\"\"") {
                known.push('"');
                self.at += 2;
            } else {
                if !matches!(c, '"' | '\'') || !ends(' ') {
                    known.push(c);
                }
                self.step();
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
}

/// The length of a variable's name, with its scope.
pub(super) fn variable_len(text: &str) -> usize {
    if text.starts_with(['_', '?', '^', '$'])
        && !text[1..].starts_with(|c: char| c.is_alphanumeric())
    {
        return 1;
    }
    let name = |text: &str| {
        text.find(|c: char| !c.is_alphanumeric() && c != '_')
            .unwrap_or(text.len())
    };
    let len = name(text);
    match text[len..].strip_prefix(':') {
        Some(more) if len > 0 && name(more) > 0 => len + 1 + name(more),
        _ => len,
    }
}
