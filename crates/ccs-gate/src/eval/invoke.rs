//! A simple command is run: aliases, functions, programs, and names that are not known.

use std::rc::Rc;

use super::{Eval, Io, budget};
use crate::effect::{Kinds, Places, Tags};
use crate::eval::act::tags_of;
use crate::glob;
use crate::program::{self, Command};
use crate::value::{Labels, Value};

/// Calls of functions within each other.
const MAX_CALLS: usize = 24;
/// Programs a pattern in the place of a command may stand for.
const NAMES: &[&str] = &[
    "rm", "cat", "sh", "bash", "dash", "zsh", "nc", "ncat", "curl", "wget", "python", "python3",
    "perl", "ruby", "php", "node", "dd", "mkfs", "shred", "chmod", "chown", "base64", "tee", "cp",
    "mv", "find", "xargs", "env", "sudo", "head", "tail", "less", "more", "git", "scp", "kill",
];

impl Eval<'_> {
    /// Runs one command line whose words are expanded.
    pub(crate) fn invoke(&mut self, line: Vec<Value>, io: &Io) -> Value {
        let Some(first) = line.first() else {
            return Value::default();
        };
        if !first.is_known() {
            return self.unknown(&line, io);
        }
        if first.text.contains('=') && line.len() > 1 && !first.text.contains('/') {
            // not an assignment, so bash finds no such program; but nobody means one
            self.invoke(line[1..].to_vec(), io);
        }
        if let Some(value) = self.own(&line, io) {
            return value;
        }
        let value = self.program(&line, io);
        if let Some(last) = line.last() {
            self.state.last.clone_from(&last.text);
        }
        value
    }

    /// An alias or a function of this command's own.
    fn own(&mut self, line: &[Value], io: &Io) -> Option<Value> {
        let name = line[0].text.as_str();
        if let Some(text) = self.state.aliases.get(name).cloned() {
            return Some(self.alias(name, &text, line, io));
        }
        let body = self.state.functions.get(name).cloned()?;
        Some(self.call(name, &body, line, io))
    }

    fn alias(&mut self, name: &str, text: &str, line: &[Value], io: &Io) -> Value {
        if self.calls.iter().any(|call| call == name) || self.calls.len() >= MAX_CALLS {
            return self.program(line, io);
        }
        self.calls.push(name.to_owned());
        let rest: String = line[1..]
            .iter()
            .map(|value| format!(" {}", quoted(&value.text)))
            .collect();
        let value = self.run_text(&format!("{text}{rest}"), io);
        self.calls.pop();
        value
    }

    fn call(&mut self, name: &str, body: &Rc<str>, line: &[Value], io: &Io) -> Value {
        if self.calls.iter().any(|call| call == name) {
            if self.pipes > 0 || self.background > 0 {
                self.effect(Kinds::BOMB, Places::NONE, Tags::NONE, name);
            }
            return Value::unknown(Labels::OUTPUT);
        }
        if self.calls.len() >= MAX_CALLS {
            return Value::unknown(Labels::OUTPUT);
        }
        self.calls.push(name.to_owned());
        let outer = std::mem::replace(&mut self.state.arguments, line[1..].to_vec());
        let value = self.run_text(body, io);
        self.state.arguments = outer;
        self.calls.pop();
        value
    }

    /// Runs a program or a builtin by its name.
    pub(crate) fn program(&mut self, line: &[Value], io: &Io) -> Value {
        let words = u32::try_from(line.len()).unwrap_or(u32::MAX);
        if !self.spend(words.saturating_mul(budget::WORD)) {
            return Value::unknown(Labels::OUTPUT);
        }
        self.nested(|eval| eval.program_within(line, io))
    }

    fn program_within(&mut self, line: &[Value], io: &Io) -> Value {
        let name = program::name(&line[0].text);
        let before = self.report.begin(&name, line, &self.state.cwd);
        if is_library_call(&name) {
            self.effect(Kinds::HTTP, Places::INTERNET, Tags::REMOVE, &name);
        }
        let value = if glob::is_pattern(&name) && name.len() > 1 && name != "[" && name != "[[" {
            self.patterned(&name, line, io)
        } else {
            program::run(self, &Command { name: &name, line }, io)
        };
        self.report.end(before);
        value
    }

    /// A pattern such as `/bin/r?`: every program it may stand for is tried.
    fn patterned(&mut self, pattern: &str, line: &[Value], io: &Io) -> Value {
        let mut value = Value::unknown(Labels::OUTPUT);
        for name in NAMES
            .iter()
            .filter(|name| glob::matches(pattern, name))
            .take(6)
        {
            let mut line = line.to_vec();
            line[0] = Value::known(*name);
            value = self.program(&line, io);
        }
        value
    }

    /// The command word is not known, or only partly.
    fn unknown(&mut self, line: &[Value], io: &Io) -> Value {
        let rest = line[0].without_holes();
        if !rest.is_empty() {
            let mut line = line.to_vec();
            line[0] = Value {
                text: rest,
                labels: line[0].labels,
            };
            return self.invoke(line, io);
        }
        let before = self.report.begin("", line, &self.state.cwd);
        let labels = line[0].labels;
        let kind = if labels.has(Labels::REMOTE.and(Labels::DECODED)) {
            Kinds::CODE
        } else {
            Kinds::OPAQUE
        };
        self.effect(kind, Places::NONE, tags_of(labels), &line[0].text);
        if line.len() > 1 {
            self.suppose(line, io);
        }
        self.report.end(before);
        Value::unknown(Labels::OUTPUT)
    }

    /// What an unknown command would do if it were empty, or a program that deletes.
    fn suppose(&mut self, line: &[Value], io: &Io) {
        if line[1].is_known() && !line[1].text.starts_with('-') {
            self.invoke(line[1..].to_vec(), io);
        }
        let recursive = |value: &Value| {
            let text = value.text.as_str();
            text == "--recursive"
                || (text.starts_with('-') && !text.starts_with("--") && text.contains(['r', 'R']))
        };
        if line[1..].iter().any(recursive) {
            let mut line = line.to_vec();
            line[0] = Value::known("rm");
            self.within(Tags::MAYBE, |eval| eval.program(&line, io));
        }
    }
}

/// A call into a client library pasted where a command belongs, such as `gateway.customer.delete`.
fn is_library_call(name: &str) -> bool {
    const VERBS: &[&str] = &[
        "delete",
        "destroy",
        "cancel",
        "remove",
        "purge",
        "drop",
        "deleteall",
        "delete_all",
        "destroy_all",
        "truncate",
        "flush",
    ];
    name.rsplit_once('.')
        .is_some_and(|(object, verb)| object.contains('.') && VERBS.contains(&verb))
}

/// A text as one word of a shell.
pub(crate) fn quoted(text: &str) -> String {
    if !text.is_empty()
        && text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"-_./=:,@%+".contains(&b))
    {
        return text.to_owned();
    }
    format!("'{}'", text.replace('\'', "'\\''"))
}
