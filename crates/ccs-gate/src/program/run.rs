//! Running text and files as code.

use super::language;
use crate::effect::{Kinds, Places, Tags};
use crate::eval::act::tags_of;
use crate::eval::{Eval, Io};
use crate::value::{Labels, Value};

impl Eval<'_> {
    /// Runs a text as shell commands: what is known of it is read, what is not is reported with
    /// its origin.
    pub(crate) fn code(&mut self, text: &Value, io: &Io) -> Value {
        if text.text.is_empty() {
            return Value::default();
        }
        let risky = Labels::REMOTE.and(Labels::DECODED);
        if text.labels.has(risky) || text.is_blank() {
            let tags = tags_of(text.labels).and(Tags::UNKNOWN_TEXT);
            self.effect(Kinds::CODE, Places::NONE, tags, "");
        }
        if text.is_blank() {
            return Value::unknown(Labels::OUTPUT);
        }
        self.run_text(&text.text, io)
    }

    /// Runs a script file in the present shell or in another one.
    pub(crate) fn script_file(&mut self, file: &Value, args: &[Value], io: &Io) -> Value {
        let outer =
            (!args.is_empty()).then(|| std::mem::replace(&mut self.state.arguments, args.to_vec()));
        let value = match self.content(&file.text, io) {
            Some(text) => self.code(&text, io),
            None => self.run_file(file),
        };
        if let Some(outer) = outer {
            self.state.arguments = outer;
        }
        value
    }

    /// What a file holds, if this command wrote it or it stands for standard input.
    pub(crate) fn content(&self, path: &str, io: &Io) -> Option<Value> {
        if matches!(path, "-" | "/dev/stdin" | "/dev/fd/0" | "/proc/self/fd/0") {
            return io.stdin.clone();
        }
        let path = crate::path::absolute(path, &self.state.cwd);
        self.state.files.get(&path).cloned()
    }

    /// Runs a file whose content is not known.
    pub(crate) fn run_file(&mut self, file: &Value) -> Value {
        let at = self.locate(&file.text);
        self.effect(Kinds::RUN, at.places, tags_of(file.labels), &at.path);
        Value::unknown(Labels::OUTPUT)
    }

    /// A program that was perhaps written by this command: its text is read in its own language.
    pub(crate) fn program_file(&mut self, line: &[Value], io: &Io) -> Option<Value> {
        let text = self.content(&line[0].text, &Io::default())?;
        let first = text.text.lines().next().unwrap_or("");
        if let Some(interpreter) = first.strip_prefix("#!") {
            let name = interpreter
                .split_whitespace()
                .find(|word| !word.ends_with("/env") && *word != "-S")
                .unwrap_or("");
            if let Some(kind) = crate::script::Language::of_program(&super::name(name)) {
                return Some(language::walk(self, kind, &text, io, &line[1..]));
            }
        }
        Some(self.script_file(&line[0], &line[1..], io))
    }

    /// Runs a command whose name is looked up as a program, not as a function.
    pub(crate) fn program_or(&mut self, line: &[Value], io: &Io) -> Value {
        match line.first() {
            None => Value::default(),
            Some(first) if first.is_known() => self.program(line, io),
            Some(_) => self.invoke(line.to_vec(), io),
        }
    }
}
