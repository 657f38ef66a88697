//! Programs that change the text of files, and what their own commands run.

use super::args::Args;
use super::{Command, Model, generic};
use crate::effect::Tags;
use crate::eval::{Eval, Io};
use crate::value::Value;

pub(super) fn model(name: &str) -> Option<Model> {
    Some(match name {
        "patch" | "ex" | "ed" | "vi" | "vim" | "nvim" | "nano" | "emacs" | "pico" | "micro"
        | "view" | "rvim" | "vimdiff" | "gdb" | "lldb" => edit,
        _ => return None,
    })
}

/// Editors show the file; ex and ed also take commands, vim on its command line.
fn edit(eval: &mut Eval<'_>, command: &Command<'_>, io: &Io) -> Value {
    let mut rest = command.args().iter();
    while let Some(value) = rest.next() {
        let text = value.text.as_str();
        let script = match text {
            "-c" | "--cmd" | "-S" | "--eval" | "-eval" | "--execute" | "-ex" | "-iex" | "-o"
            | "-eval-command" | "--one-line" => rest.next().map(|value| value.text.as_str()),
            _ => text.strip_prefix('+'),
        };
        if let Some(script) = script {
            editor_command(eval, script);
        }
    }
    if let Some(stdin) = io.stdin.as_ref().filter(|stdin| stdin.is_known()) {
        stdin
            .text
            .clone()
            .lines()
            .for_each(|line| editor_command(eval, line));
    }
    generic::run(eval, command, io)
}

fn editor_command(eval: &mut Eval<'_>, text: &str) {
    let text = text.trim_start_matches(':');
    let shell = text
        .strip_prefix('!')
        .or_else(|| text.strip_prefix("silent !"))
        .or_else(|| text.strip_prefix("%!"))
        .or_else(|| text.strip_prefix(".!"))
        .or_else(|| text.strip_prefix("r !"))
        .or_else(|| text.strip_prefix("w !"))
        .or_else(|| text.strip_prefix("shell "));
    let script = text
        .split_once(' ')
        .and_then(|(name, script)| Some((crate::script::Language::of_program(name)?, script)));
    match (shell, script) {
        (Some(shell), _) => {
            eval.subshell(|eval| eval.run_text(shell, &Io::default()));
        }
        (None, Some((language, script))) => {
            super::walk(eval, language, &Value::known(script), &Io::default(), &[]);
        }
        (None, None) => {
            let quoted = text
                .split(['"', '\''])
                .nth(1)
                .filter(|_| text.contains("system(") || text.contains("shell-command"));
            if let Some(inner) = quoted {
                eval.subshell(|eval| eval.run_text(inner, &Io::default()));
            }
        }
    }
}

/// `sed -i` changes files; `e` and `w` run and write; simple substitutions are worked out.
pub(super) fn sed(eval: &mut Eval<'_>, command: &Command<'_>, value: &Value, io: &Io) -> Value {
    let args = Args::read(
        command.args(),
        &["-e", "-f", "-l", "--expression", "--file"],
    );
    let in_place = command.texts().any(|text| {
        text.starts_with("-i")
            || text.starts_with("--in-place")
            || (text.starts_with('-')
                && !text.starts_with("--")
                && text.ends_with('i')
                && text.len() < 5)
    });
    let scripts: Vec<&str> = args.values(&["e", "--expression"]).collect();
    let mut words = args.texts();
    let script = if scripts.is_empty() {
        words.next().unwrap_or("").to_owned()
    } else {
        scripts.join("\n")
    };
    if in_place {
        for file in words {
            eval.change(file, Tags::NONE);
        }
    }
    executed(eval, &script);
    if io.stdin.is_some() && value.is_known() {
        return substituted(&script, value);
    }
    value.clone()
}

/// `1e cmd`, `s/x/cmd/e`, `w file`.
fn executed(eval: &mut Eval<'_>, script: &str) {
    for line in script.split([';', '\n']) {
        let line =
            line.trim_start_matches(|c: char| c.is_ascii_digit() || matches!(c, '$' | ',' | ' '));
        if let Some(text) = line.strip_prefix("e ") {
            eval.subshell(|eval| eval.run_text(text, &Io::default()));
        } else if let Some(file) = line.strip_prefix("w ").or_else(|| line.strip_prefix("W ")) {
            eval.change(file.trim(), Tags::NONE);
        } else if let Some((_, with, flags)) = substitution(line)
            && flags.contains('e')
        {
            eval.subshell(|eval| eval.run_text(with, &Io::default()));
        }
    }
}

fn substitution(line: &str) -> Option<(&str, &str, &str)> {
    let rest = line.strip_prefix('s')?;
    let mark = rest
        .chars()
        .next()
        .filter(|c| !c.is_alphanumeric() && !c.is_whitespace())?;
    let mut parts = rest[mark.len_utf8()..].splitn(3, mark);
    Some((parts.next()?, parts.next()?, parts.next()?))
}

/// Text that editing made longer than this, in bytes, is not followed.
const MAX_EDITED: usize = 16 * 1024;
/// Nor are more edits than this.
const MAX_EDITS: usize = 64;

fn substituted(script: &str, value: &Value) -> Value {
    let mut text = value.text.clone();
    let longest = text.len().max(MAX_EDITED);
    for (count, line) in script.split([';', '\n']).enumerate() {
        if text.len() > longest || count > MAX_EDITS {
            return Value::unknown(value.labels);
        }
        match substitution(line.trim()) {
            Some((from, with, flags))
                if !from.is_empty()
                    && !from.contains(['\\', '[', '*', '^', '$', '.', '(', '+', '?'])
                    && !with.contains(['\\', '&']) =>
            {
                let grown = text.matches(from).count().saturating_mul(with.len());
                text = if flags.contains('g') && grown > longest {
                    return Value::unknown(value.labels);
                } else if flags.contains('g') {
                    text.replace(from, with)
                } else {
                    text.replacen(from, with, 1)
                };
            }
            None if line.trim().is_empty() => {}
            _ => return Value::unknown(value.labels),
        }
    }
    Value {
        text,
        labels: value.labels,
    }
}
