//! The shell's own commands.

use super::args::Args;
use super::{Command, Model, fold_text};
use crate::effect::{Kinds, Places, Tags};
use crate::eval::{Eval, Io};
use crate::path;
use crate::value::{Labels, Value};

pub(super) fn model(name: &str) -> Option<Model> {
    Some(match name {
        "cd" | "chdir" | "pushd" => cd,
        "popd" => |eval, _, _| {
            eval.state.cwd = "\0".to_owned();
            Value::default()
        },
        "export" | "declare" | "local" | "readonly" | "typeset" | "let" => declare,
        "unset" => unset,
        "eval" => eval_text,
        "source" | "." => source,
        "alias" => alias,
        "set" => set,
        "shift" => shift,
        "read" | "mapfile" | "readarray" => read,
        "trap" => trap,
        "history" | "fc" => history,
        ":" | "true" | "false" | "test" | "[" | "type" | "hash" | "return" | "exit" | "wait"
        | "jobs" | "ulimit" | "umask" | "shopt" | "unalias" | "bg" | "fg" | "disown" | "times"
        | "getopts" | "break" | "continue" | "dirs" | "bind" | "complete" | "compgen"
        | "setopt" | "unsetopt" | "zmodload" | "autoload" => quiet,
        _ => return None,
    })
}

/// Prints nothing and changes nothing outside the shell.
fn quiet(eval: &mut Eval<'_>, command: &Command<'_>, _: &Io) -> Value {
    // zsh's own network connections
    if command.name == "zmodload" && command.has("zsh/net/tcp") {
        eval.effect(Kinds::CONNECT, Places::INTERNET, Tags::RAW, "zsh/net/tcp");
    }
    if command.name == "set" && command.has("+o") {
        eval.effect(Kinds::TRACES, Places::NONE, Tags::NONE, "history");
    }
    Value::default()
}

fn cd(eval: &mut Eval<'_>, command: &Command<'_>, _: &Io) -> Value {
    let args = Args::read(command.args(), &[]);
    let target = args
        .texts()
        .next()
        .map_or_else(|| eval.home_of(""), str::to_owned);
    eval.state.cwd = if target == "-" {
        "\0".to_owned()
    } else {
        path::absolute(&target, &eval.state.cwd)
    };
    Value::default()
}

fn declare(eval: &mut Eval<'_>, command: &Command<'_>, _: &Io) -> Value {
    for value in command
        .args()
        .iter()
        .filter(|value| !value.text.starts_with('-'))
    {
        if let Some((name, text)) = value.text.split_once('=') {
            let new = Value {
                text: text.to_owned(),
                labels: value.labels,
            };
            eval.sets(name, Some(&new));
            eval.state.assign(name, new);
        }
    }
    // `export` and `declare -p` alone print every variable
    let printing = command
        .args()
        .iter()
        .all(|value| matches!(value.text.as_str(), "-p" | "-x" | "-xp" | "-px"));
    if printing && matches!(command.name, "export" | "declare" | "typeset") {
        return Value::unknown(Labels::ENVIRONMENT);
    }
    Value::default()
}

fn unset(eval: &mut Eval<'_>, command: &Command<'_>, _: &Io) -> Value {
    for name in command.texts() {
        if matches!(name, "HISTFILE" | "HISTSIZE") {
            eval.effect(Kinds::TRACES, Places::NONE, Tags::NONE, name);
        }
        eval.state.variables.remove(name);
    }
    Value::default()
}

fn eval_text(eval: &mut Eval<'_>, command: &Command<'_>, io: &Io) -> Value {
    let mut text = Value::default();
    for value in command.args() {
        if !text.text.is_empty() {
            text.push_str(" ");
        }
        text.push(value);
    }
    eval.code(&text, io)
}

fn source(eval: &mut Eval<'_>, command: &Command<'_>, io: &Io) -> Value {
    let Some(file) = command.args().first() else {
        return Value::default();
    };
    eval.script_file(file, &command.args()[1..], io)
}

fn alias(eval: &mut Eval<'_>, command: &Command<'_>, _: &Io) -> Value {
    for text in command.texts() {
        if let Some((name, body)) = text.split_once('=') {
            eval.state.aliases.insert(name.to_owned(), body.into());
        }
    }
    Value::default()
}

fn set(eval: &mut Eval<'_>, command: &Command<'_>, io: &Io) -> Value {
    let args = command.args();
    if args.is_empty() {
        return Value::unknown(Labels::ENVIRONMENT);
    }
    if command.has("+o") && command.has("history") {
        eval.effect(Kinds::TRACES, Places::NONE, Tags::NONE, "history");
    }
    let start = match args
        .iter()
        .position(|value| value.text == "--" || value.text == "-")
    {
        Some(at) => at + 1,
        None if args[0].text.starts_with(['-', '+']) => {
            return quiet(
                eval,
                &Command {
                    name: "",
                    line: command.line,
                },
                io,
            );
        }
        None => 0,
    };
    eval.state.arguments = args[start..].to_vec();
    Value::default()
}

fn shift(eval: &mut Eval<'_>, command: &Command<'_>, _: &Io) -> Value {
    let count = command
        .texts()
        .next()
        .and_then(|text| text.parse().ok())
        .unwrap_or(1);
    let count = eval.state.arguments.len().min(count);
    eval.state.arguments.drain(..count);
    Value::default()
}

/// `read a b`, `mapfile lines`: every line may be what is read.
fn read(eval: &mut Eval<'_>, command: &Command<'_>, io: &Io) -> Value {
    let args = Args::read(
        command.args(),
        &[
            "-p", "-d", "-n", "-N", "-t", "-u", "-i", "-a", "-c", "-O", "-s",
        ],
    );
    let input = io
        .stdin
        .clone()
        .unwrap_or_else(|| Value::unknown(Labels::NONE));
    let lines: Vec<Value> = input
        .text
        .lines()
        .map(|line| Value {
            text: line.trim().to_owned(),
            labels: input.labels,
        })
        .collect();
    let array = args
        .value(&["a"])
        .or_else(|| (command.name != "read").then(|| args.texts().next().unwrap_or("MAPFILE")));
    if let Some(name) = array {
        let words = lines.iter().flat_map(|line| {
            line.text
                .split_whitespace()
                .map(Value::known)
                .collect::<Vec<_>>()
        });
        eval.state.assign_array(
            name,
            if command.name == "read" {
                words.collect()
            } else {
                lines
            },
        );
        return Value::default();
    }
    let names: Vec<&str> = args.texts().collect();
    match names.as_slice() {
        [] => eval.state.assign_any("REPLY", lines),
        [name] => eval.state.assign_any(name, lines),
        several => {
            for (at, name) in several.iter().enumerate() {
                let last = at + 1 == several.len();
                let field = |line: &Value| field(line, at, last);
                eval.state
                    .assign_any(name, lines.iter().map(field).collect());
            }
        }
    }
    Value::default()
}

fn field(line: &Value, at: usize, last: bool) -> Value {
    let mut words = line.text.split_whitespace().skip(at);
    let text = if last {
        words.collect::<Vec<_>>().join(" ")
    } else {
        words.next().unwrap_or("").to_owned()
    };
    Value {
        text,
        labels: line.labels,
    }
}

fn trap(eval: &mut Eval<'_>, command: &Command<'_>, io: &Io) -> Value {
    let args = Args::read(command.args(), &[]);
    if let [text, _, ..] = args.words.as_slice() {
        let text = (*text).clone();
        return eval.code(&text, io);
    }
    Value::default()
}

fn history(eval: &mut Eval<'_>, command: &Command<'_>, _: &Io) -> Value {
    let args = Args::read(command.args(), &["-d"]);
    if command.name == "history" && (args.has(&["c", "w"]) || args.value(&["d"]).is_some()) {
        eval.effect(Kinds::TRACES, Places::NONE, Tags::NONE, "history");
    }
    Value::unknown(Labels::OUTPUT.and(Labels::SECRET)) // people type passwords
}

/// `echo` and `printf`, whose output is known.
pub(super) fn print(eval: &mut Eval<'_>, command: &Command<'_>, _: &Io) -> Value {
    if command.name == "printf"
        && let [flag, name, rest @ ..] = command.args()
        && flag.text == "-v"
    {
        let value = fold_text::printf(rest);
        eval.state.assign(&name.text, value);
        return Value::default();
    }
    if command.name == "printf" {
        fold_text::printf(command.args())
    } else {
        fold_text::echo(command.args())
    }
}
