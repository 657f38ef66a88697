//! Walks a command as a shell would, without running anything.
//!
//! The walk keeps the shell's state (variables, functions, the working directory, files written
//! by the command itself), works out what words expand to as far as the text shows it, and asks
//! the program models what each simple command does. Branches that may not run are walked too.
//! Work is bounded by counts, never by time: what lies beyond a bound is reported as opaque.

pub(crate) mod act;
mod brace;
mod expand;
pub(crate) mod invoke;
mod param;
mod redirect;
mod run;
pub(crate) mod state;

use crate::call::Facts;
use crate::effect::Tags;
use crate::judge::Report;
use crate::value::Value;
use state::State;

/// Simple commands walked for one call.
const MAX_COMMANDS: u32 = 3_000;
/// Texts within texts: `bash -c` in `eval` in `$(…)`.
const MAX_TEXTS: u16 = 24;
/// Lists, substitutions and compound commands within each other, over all texts and functions.
const MAX_DEPTH: u16 = 160;
/// Alternatives of variables tried for one simple command.
const MAX_CHOICES: usize = 16;

/// What a command reads and writes besides its arguments.
#[derive(Clone, Debug, Default)]
pub(crate) struct Io {
    /// What is on standard input, if anything is.
    pub(crate) stdin: Option<Value>,
    /// The host, if standard input or output is a network connection.
    pub(crate) socket: Option<String>,
}

impl Io {
    /// Standard input holds this text.
    pub(crate) fn with(stdin: Value) -> Self {
        Self {
            stdin: Some(stdin),
            socket: None,
        }
    }
}

/// One walk.
pub(crate) struct Eval<'e> {
    pub(crate) facts: &'e Facts<'e>,
    pub(crate) report: Report<'e>,
    pub(crate) state: State,
    /// The whole call, as it was written.
    pub(crate) source: String,
    /// How the commands now walked are run: elevated, on another host, in a container.
    pub(crate) context: Tags,
    /// The user's functions being called, to see recursion.
    calls: Vec<String>,
    /// Texts of here-documents, of every text being read.
    bodies: Vec<Vec<String>>,
    /// Standard input of the command whose words are being expanded.
    input: Option<Value>,
    background: u32,
    pipes: u32,
    commands: u32,
    texts: u16,
    depth: u16,
    too_deep: bool,
    processes: u32,
    /// Which alternative of a variable is taken, and how many there are.
    choice: usize,
    choices: usize,
}

impl<'e> Eval<'e> {
    pub(crate) fn new(facts: &'e Facts<'e>, report: Report<'e>) -> Self {
        let cwd = facts.cwd.or(facts.project).unwrap_or("\0").to_owned();
        Self {
            facts,
            report,
            state: State {
                cwd,
                ..State::default()
            },
            source: String::new(),
            context: Tags::NONE,
            calls: Vec::new(),
            bodies: Vec::new(),
            input: None,
            background: 0,
            pipes: 0,
            commands: 0,
            texts: 0,
            depth: 0,
            too_deep: false,
            processes: 0,
            choice: 0,
            choices: 1,
        }
    }

    /// Runs something that reads another text, unless there are too many within each other.
    pub(crate) fn deeper(&mut self, run: impl FnOnce(&mut Self) -> Value) -> Value {
        if self.texts >= MAX_TEXTS {
            self.report.unread("nested too deeply");
            return Value::unknown(crate::value::Labels::OUTPUT);
        }
        self.texts += 1;
        let value = run(self);
        self.texts -= 1;
        value
    }

    /// Walks what stands within something else, unless that is too deep for the stack.
    fn nested(&mut self, walk: impl FnOnce(&mut Self) -> Value) -> Value {
        if self.depth >= MAX_DEPTH {
            if !self.too_deep {
                self.too_deep = true;
                self.report.unread(&self.source);
            }
            return Value::unknown(crate::value::Labels::OUTPUT);
        }
        self.depth += 1;
        let value = walk(self);
        self.depth -= 1;
        value
    }

    /// Runs something with the state of a subshell: nothing it sets stays.
    pub(crate) fn subshell(&mut self, run: impl FnOnce(&mut Self) -> Value) -> Value {
        let before = self.state.clone();
        let value = run(self);
        let files = std::mem::replace(&mut self.state, before);
        self.state.files = files.files; // what was written stays written
        value
    }

    /// Runs something in another context.
    pub(crate) fn within(&mut self, tags: Tags, run: impl FnOnce(&mut Self) -> Value) -> Value {
        let before = self.context;
        self.context = before.and(tags);
        let value = run(self);
        self.context = before;
        value
    }

    /// Runs something that may not happen at all.
    pub(crate) fn perhaps<T>(&mut self, run: impl FnOnce(&mut Self) -> T) -> T {
        self.state.uncertain += 1;
        let value = run(self);
        self.state.uncertain -= 1;
        value
    }

    /// Reports text that the reader left unread.
    fn unread(&mut self, text: Option<&str>) {
        if let Some(text) = text {
            self.report.unread(text);
        }
    }
}
