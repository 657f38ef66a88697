//! Shells and other programs that read code from an argument, a file or standard input.

use super::args::first_word;
use super::{Command, Model, language};
use crate::effect::{Kinds, Places, Tags};
use crate::eval::{Eval, Io};
use crate::script::Language;
use crate::value::{Labels, Value};

pub(super) fn model(name: &str) -> Option<Model> {
    if is_shell(name) {
        return Some(shell);
    }
    if name == "make" || name == "gmake" || name == "bmake" {
        return Some(make);
    }
    Language::of_program(name).map(|_| language::run as Model)
}

/// Whether the program is a command shell.
pub(crate) fn is_shell(name: &str) -> bool {
    matches!(
        name.trim_start_matches('-'),
        "sh" | "bash"
            | "dash"
            | "zsh"
            | "ksh"
            | "ksh93"
            | "mksh"
            | "oksh"
            | "ash"
            | "fish"
            | "rbash"
            | "rzsh"
            | "yash"
            | "posh"
            | "csh"
            | "tcsh"
            | "xonsh"
            | "nu"
            | "elvish"
            | "cmd"
    )
}

fn shell(eval: &mut Eval<'_>, command: &Command<'_>, io: &Io) -> Value {
    if let Some(host) = &io.socket {
        eval.effect(Kinds::SHELL, Places::NONE, Tags::NONE, host);
    }
    startup_file(eval, io);
    let args = command.args();
    let takes = ["-O", "+O", "--rcfile", "--init-file", "-o"];
    for file in super::args::Args::read(args, &takes).values(&["--rcfile", "--init-file"]) {
        eval.script_file(&Value::known(file), &[], io);
    }
    let at = first_word(args, &takes);
    let options = || args[..at].iter().map(|value| value.text.as_str());
    let inline = options().any(|text| is_cluster(text, 'c') || text == "--command")
        || (command.name == "cmd"
            && args
                .iter()
                .any(|value| value.text.eq_ignore_ascii_case("/c")));
    if inline {
        return in_subshell(eval, &args[at.min(args.len())..], io, command.name);
    }
    let from_stdin = options().any(|text| is_cluster(text, 's'));
    let interactive = options().any(|text| is_cluster(text, 'i'));
    match args.get(at).filter(|file| !from_stdin && file.text != "-") {
        Some(file) => {
            let rest = &args[at + 1..];
            eval.subshell(|eval| eval.script_file(file, rest, io))
        }
        None => {
            if io.stdin.is_none() && eval.context.has(Tags::ELEVATED) {
                eval.effect(Kinds::PRIVILEGE, Places::NONE, Tags::RAW, command.name);
            }
            standard_input(eval, io, interactive)
        }
    }
}

/// `-c text name args…`
fn in_subshell(eval: &mut Eval<'_>, words: &[Value], io: &Io, name: &str) -> Value {
    if name == "cmd" {
        return windows(eval, words, io);
    }
    let Some((text, rest)) = words.split_first() else {
        return Value::default();
    };
    let arguments = rest.iter().skip(1).cloned().collect();
    eval.subshell(|eval| {
        eval.state.arguments = arguments;
        eval.code(text, io)
    })
}

/// `cmd /c words…`: one line, in which `\` is no escape.
fn windows(eval: &mut Eval<'_>, words: &[Value], io: &Io) -> Value {
    let mut line = Value::default();
    let of_cmd = |text: &str| text.len() == 2 && text.starts_with('/');
    for word in words.iter().skip_while(|word| of_cmd(&word.text)) {
        line.push(word);
        line.push_str(" ");
    }
    line.text = line.text.replace('\\', "/");
    eval.subshell(|eval| eval.code(&line, io))
}

fn is_cluster(text: &str, letter: char) -> bool {
    text.starts_with('-') && !text.starts_with("--") && text.contains(letter)
}

/// `BASH_ENV` and `ENV` name a file that is read first.
fn startup_file(eval: &mut Eval<'_>, io: &Io) {
    for name in ["BASH_ENV", "ENV", "ZDOTDIR"] {
        let Some(variable) = eval.state.variables.get(name) else {
            continue;
        };
        let Some(file) = variable.values.first().cloned() else {
            continue;
        };
        if name != "ZDOTDIR" && !file.text.is_empty() && file.text.contains('/') {
            eval.state.variables.remove(name);
            eval.effect(Kinds::ENVIRONMENT, Places::NONE, Tags::FORCE, name);
            eval.script_file(&file, &[], io);
        }
    }
}

/// Standard input is run, if anything is there.
fn standard_input(eval: &mut Eval<'_>, io: &Io, interactive: bool) -> Value {
    let driven = interactive || io.stdin.as_ref().is_some_and(|stdin| !stdin.is_known());
    let labels = if driven {
        Labels::OUTPUT.and(Labels::SHELL)
    } else {
        Labels::OUTPUT
    };
    match &io.stdin {
        Some(text) => eval
            .subshell(|eval| eval.code(text, &Io::default()))
            .labelled(labels),
        None => Value::unknown(labels),
    }
}

/// A makefile's recipes are shell commands; `--eval` and `-f -` hold some.
fn make(eval: &mut Eval<'_>, command: &Command<'_>, io: &Io) -> Value {
    let args = super::args::Args::read(
        command.args(),
        &[
            "-f",
            "-C",
            "-I",
            "-j",
            "-o",
            "-W",
            "-E",
            "--file",
            "--makefile",
            "--eval",
            "--directory",
        ],
    );
    let mut texts: Vec<Value> = args.values(&["E", "--eval"]).map(Value::known).collect();
    let files: Vec<&str> = args.values(&["f", "--file", "--makefile"]).collect();
    texts.extend(files.iter().filter_map(|file| eval.content(file, io)));
    for file in files {
        if file != "-" {
            eval.read(file);
        }
    }
    for text in &texts {
        recipes(eval, text);
    }
    super::generic::run(eval, command, io)
}

fn recipes(eval: &mut Eval<'_>, text: &Value) {
    super::generic::embedded(eval, &text.text);
    let mut script = String::new();
    for line in text.text.lines() {
        if let Some(recipe) = line.strip_prefix('\t') {
            script.push_str(recipe.trim_start_matches(['@', '-', '+']));
            script.push('\n');
        } else if let Some((_, recipe)) = line.split_once(';') {
            script.push_str(recipe);
            script.push('\n');
        }
        for part in line.split("$(shell ").skip(1) {
            script.push_str(part.trim_end_matches([')', ' ']));
            script.push('\n');
        }
    }
    let script = script.replace("$$", "$");
    eval.subshell(|eval| eval.run_text(&script, &Io::default()));
}
