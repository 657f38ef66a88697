//! Interpreters of other languages: what their inline programs do.

mod act;
mod source;

use super::args::Args;
use super::{Command, generic};
use crate::effect::{Kinds, Places, Tags};
use crate::eval::{Eval, Io};
use crate::script::Language;
use crate::value::{Labels, Value};

pub(crate) use act::walk;
use source::{Source, source};

pub(super) fn run(eval: &mut Eval<'_>, command: &Command<'_>, io: &Io) -> Value {
    let Some(language) = Language::of_program(command.name) else {
        return Value::default();
    };
    if let Some(host) = io.socket.as_ref().filter(|_| {
        io.stdin
            .as_ref()
            .is_some_and(|stdin| stdin.labels.has(Labels::REMOTE))
    }) {
        eval.effect(Kinds::SHELL, Places::NONE, Tags::NONE, host);
    }
    match source(&language, command) {
        Source::Inline(text, args) => {
            let text = with_options(language, command, text);
            let value = walk(eval, language, &text, io, &args);
            files_of(eval, command, &args, io, value)
        }
        Source::File(file, args) => match eval.content(&file.text, io) {
            Some(text) => walk(eval, language, &text, io, &args),
            None => {
                eval.run_file(&file);
                generic::run(eval, command, io)
            }
        },
        Source::Input => match &io.stdin {
            Some(text) => walk(eval, language, &text.clone(), &Io::default(), &[]),
            None => generic::run(eval, command, io),
        },
        Source::None => generic::run(eval, command, io),
    }
}

/// The program with what options put in front of it: `perl -MIO::Socket`, `awk -v a=b`.
fn with_options(language: Language, command: &Command<'_>, text: Value) -> Value {
    let args = command.texts();
    let lines: Vec<String> = match language {
        Language::Perl => args
            .take_while(|arg| arg.starts_with('-'))
            .filter_map(|arg| arg.strip_prefix("-M"))
            .map(|module| {
                format!(
                    "use {};",
                    module.replacen('=', " qw(", 1) + if module.contains('=') { ")" } else { "" }
                )
            })
            .collect(),
        Language::Ruby => args
            .filter_map(|arg| arg.strip_prefix("-r"))
            .map(|library| format!("require '{library}'"))
            .collect(),
        Language::Awk => Args::read(command.args(), &["-F", "-v", "-f"])
            .values(&["v", "--assign"])
            .filter_map(|pair| pair.split_once('='))
            .map(|(name, value)| format!("BEGIN {{ {name} = \"{}\" }}", value.replace('"', "\\\"")))
            .collect(),
        _ => return text,
    };
    if lines.is_empty() {
        return text;
    }
    Value {
        text: format!("{}\n{}", lines.join("\n"), text.text),
        labels: text.labels,
    }
}

/// Filters such as `awk` and `perl -n` also read the files that follow the program.
fn files_of(
    eval: &mut Eval<'_>,
    command: &Command<'_>,
    args: &[Value],
    io: &Io,
    mut value: Value,
) -> Value {
    let filtering = command.name.ends_with("awk")
        || command.texts().any(|text| {
            text.starts_with('-')
                && !text.starts_with("--")
                && text.contains(['n', 'p'])
                && matches!(command.name, "perl" | "ruby")
        });
    if filtering {
        let in_place = command.texts().any(|text| {
            text.starts_with("-i") || text.starts_with("-pi") || text.starts_with("-ni")
        });
        for file in args
            .iter()
            .filter(|file| !file.text.starts_with('-') && !file.text.contains('='))
        {
            value = value.labelled(eval.read(&file.text).labels);
            if in_place {
                eval.change(&file.text, Tags::NONE);
            }
        }
        if let Some(stdin) = &io.stdin {
            value = value.labelled(stdin.labels);
        }
        if value.text.is_empty() {
            value.text.push('\0');
        }
    }
    value
}
