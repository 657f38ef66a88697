//! Walks a command as a shell would, without running anything.
//!
//! The walk keeps the shell's state (variables, functions, the working directory, files written
//! by the command itself), works out what words expand to as far as the text shows it, and asks
//! the program models what each simple command does. Branches that may not run are walked too.
//! Work is bounded by counts, never by time: what lies beyond a bound is reported as opaque.

pub(crate) mod act;
mod brace;
mod budget;
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
    budget: budget::Budget,
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
            budget: budget::Budget::default(),
            processes: 0,
            choice: 0,
            choices: 1,
        }
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
