//! Models of programs: what a simple command does, told from its arguments.
//!
//! A program that is not modelled reads the files among its arguments and prints something
//! unknown.

mod archive;
mod args;
mod builtin;
mod container;
mod database;
mod decode;
mod disk;
mod edit;
mod environment;
mod erase;
mod files;
mod find;
mod fold;
mod fold_text;
mod generic;
mod git;
mod harmless;
mod http;
mod interpreter;
mod language;
mod many;
mod network;
mod remote;
mod run;
mod system;
mod wrapper;

pub(crate) use database::statements;
use interpreter::is_shell;
pub(crate) use language::walk;

use crate::eval::{Eval, Io};
use crate::value::Value;

/// A simple command that is about to run.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Command<'c> {
    /// The program's name without its folder, in lower case.
    pub(crate) name: &'c str,
    /// The whole line, the name as written first.
    pub(crate) line: &'c [Value],
}

impl<'c> Command<'c> {
    /// The arguments.
    pub(crate) fn args(&self) -> &'c [Value] {
        &self.line[1..]
    }

    /// The arguments as texts.
    pub(crate) fn texts(&self) -> impl Iterator<Item = &'c str> {
        self.args().iter().map(|value| value.text.as_str())
    }

    /// Whether one of the arguments is exactly this.
    pub(crate) fn has(&self, text: &str) -> bool {
        self.texts().any(|arg| arg == text)
    }
}

/// What a program does.
type Model = fn(&mut Eval<'_>, &Command<'_>, &Io) -> Value;

/// The name by which a program is known: no folder, lower case, no `.exe`.
pub(crate) fn name(written: &str) -> String {
    let base = written
        .rsplit(['/', '\\'])
        .find(|piece| !piece.is_empty())
        .unwrap_or(written);
    let base = base.to_lowercase();
    base.strip_suffix(".exe")
        .map_or(base.clone(), str::to_owned)
}

/// Runs a command by its model.
pub(crate) fn run(eval: &mut Eval<'_>, command: &Command<'_>, io: &Io) -> Value {
    if !is_neutral(command.name) && !harmless::is_harmless(command) {
        eval.report.changes(command.line);
    }
    if asks_for_help(command) {
        return Value::unknown(crate::value::Labels::OUTPUT);
    }
    let models = [
        builtin::model,
        wrapper::model,
        interpreter::model,
        many::model,
        fold::model,
        decode::model,
    ];
    let more = [
        erase::model,
        disk::model,
        files::model,
        archive::model,
        edit::model,
        network::model,
        container::model,
        remote::model,
        database::model,
        system::model,
    ];
    let model = models
        .iter()
        .chain(&more)
        .find_map(|model| model(command.name));
    model.unwrap_or(generic::run)(eval, command, io)
}

/// Programs that only run another one, which is judged by itself.
fn is_neutral(name: &str) -> bool {
    matches!(
        name,
        "command"
            | "builtin"
            | "exec"
            | "nohup"
            | "nice"
            | "time"
            | "timeout"
            | "stdbuf"
            | "xargs"
            | "env"
            | "bash"
            | "sh"
            | "eval"
            | "set"
            | "shift"
    )
}

/// `--help` and `--version` as the only thing asked for.
fn asks_for_help(command: &Command<'_>) -> bool {
    const WITH_SCRIPTS: &[&str] = &[
        "sh", "bash", "eval", "echo", "printf", "sudo", "env", "xargs", "find",
    ];
    let [only] = command.args() else {
        return !WITH_SCRIPTS.contains(&command.name)
            && command
                .args()
                .last()
                .is_some_and(|last| last.text == "--help")
            && command
                .args()
                .iter()
                .all(|arg| arg.text == "--help" || !arg.text.starts_with('-'));
    };
    matches!(only.text.as_str(), "--help" | "--version") && command.name != "echo"
}
