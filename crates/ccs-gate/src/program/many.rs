//! Programs that run a command for many arguments: xargs, parallel, find.

use super::args::first_word;
use super::{Command, Model, find};
use crate::effect::{Kinds, Places, Tags};
use crate::eval::invoke::quoted;
use crate::eval::{Eval, Io};
use crate::value::{HOLE, Labels, Value};

/// Items for which the inner command is run one by one.
const MAX_ITEMS: usize = 16;

pub(super) fn model(name: &str) -> Option<Model> {
    Some(match name {
        "xargs" | "gxargs" => xargs,
        "parallel" | "rush" | "sem" => parallel,
        "find" | "gfind" | "bfs" | "fd" | "fdfind" => find::run,
        _ => return None,
    })
}

/// `xargs CMD`: the items on standard input become arguments.
fn xargs(eval: &mut Eval<'_>, command: &Command<'_>, io: &Io) -> Value {
    let args = command.args();
    let takes = [
        "-a",
        "-d",
        "-E",
        "-I",
        "-J",
        "-L",
        "-n",
        "-P",
        "-s",
        "-R",
        "-S",
        "--arg-file",
        "--delimiter",
        "--max-args",
        "--max-procs",
        "--max-lines",
        "--max-chars",
        "--process-slot-var",
    ];
    let at = first_word(args, &takes);
    let options = &args[..at];
    let inner = &args[at..];
    if inner.is_empty() {
        return io.stdin.clone().unwrap_or_default();
    }
    let input = arg_file(eval, options).or_else(|| io.stdin.clone());
    let nul = options.iter().any(|value| {
        let cluster = value
            .text
            .strip_prefix('-')
            .filter(|letters| !letters.is_empty());
        value.text == "--null"
            || cluster.is_some_and(|letters| {
                letters.contains('0') && letters.chars().all(|c| "0rtpox".contains(c))
            })
    });
    if is_shell_without_text(inner) {
        let lines = input.unwrap_or_else(|| Value::unknown(Labels::OUTPUT));
        eval.effect(Kinds::CODE, Places::NONE, Tags::ITEMS, &lines.text);
        return eval.subshell(|eval| eval.code(&lines, &Io::default()));
    }
    match placeholder(options) {
        Some(mark) => {
            // with a mark, each line is one item
            let items = if nul {
                items(input.as_ref(), nul)
            } else {
                lines(input.as_ref())
            };
            each(eval, inner, &mark, &items)
        }
        None => {
            let items = items(input.as_ref(), nul);
            let line: Vec<Value> = inner.iter().chain(&items).cloned().collect();
            eval.subshell(|eval| eval.program_or(&line, &Io::default()))
        }
    }
}

/// `xargs sh -c`: the items themselves are the commands.
fn is_shell_without_text(inner: &[Value]) -> bool {
    let shell = super::interpreter::is_shell(&super::name(&inner[0].text));
    shell && inner.last().is_some_and(|last| last.text == "-c")
}

fn arg_file(eval: &mut Eval<'_>, options: &[Value]) -> Option<Value> {
    let at = options
        .iter()
        .position(|value| value.text == "-a" || value.text == "--arg-file")?;
    let path = options.get(at + 1)?.text.clone();
    Some(
        eval.content(&path, &Io::default())
            .unwrap_or_else(|| eval.read(&path)),
    )
}

/// What stands for the item in the inner command.
fn placeholder(options: &[Value]) -> Option<String> {
    for (at, value) in options.iter().enumerate() {
        let text = value.text.as_str();
        if matches!(text, "-I" | "-J") {
            return Some(options.get(at + 1)?.text.clone());
        }
        if let Some(mark) = text
            .strip_prefix("-I")
            .or_else(|| text.strip_prefix("--replace="))
            .or_else(|| text.strip_prefix("-J"))
        {
            return Some(if mark.is_empty() {
                "{}".to_owned()
            } else {
                mark.to_owned()
            });
        }
        if matches!(text, "-i" | "--replace") {
            return Some("{}".to_owned());
        }
    }
    None
}

/// The items of a known input; one unknown item otherwise.
fn items(input: Option<&Value>, nul: bool) -> Vec<Value> {
    let Some(input) = input else {
        return vec![Value::unknown(Labels::OUTPUT)];
    };
    let labelled = |text: &str| Value {
        text: text.to_owned(),
        labels: input.labels,
    };
    let all: Vec<Value> = if nul {
        input
            .text
            .split(HOLE)
            .filter(|item| !item.is_empty())
            .map(labelled)
            .collect()
    } else {
        input
            .text
            .split_whitespace()
            .map(|item| labelled(item.trim_matches(['\'', '"'])))
            .collect()
    };
    if all.is_empty() {
        vec![Value::unknown(input.labels)]
    } else {
        all
    }
}

/// Runs the inner command once an item, with the item in place of the mark.
fn each(eval: &mut Eval<'_>, inner: &[Value], mark: &str, items: &[Value]) -> Value {
    let mut output = Value::default();
    for item in items.iter().take(MAX_ITEMS) {
        let filled = inner.iter().map(|value| Value {
            text: if mark.is_empty() {
                value.text.clone()
            } else {
                value.text.replace(mark, &item.text)
            },
            labels: value.labels.and(item.labels),
        });
        let mut line: Vec<Value> = filled.collect();
        if !inner
            .iter()
            .any(|value| !mark.is_empty() && value.text.contains(mark))
        {
            line.push(item.clone());
        }
        output.push(&eval.subshell(|eval| eval.program_or(&line, &Io::default())));
    }
    output
}

/// Options of parallel that have a value.
const PARALLEL: &[&str] = &[
    "-j",
    "-a",
    "-I",
    "-n",
    "-N",
    "-L",
    "-C",
    "-d",
    "-S",
    "--jobs",
    "--colsep",
    "--joblog",
    "--delay",
    "--timeout",
    "--sshlogin",
    "--tmpdir",
    "--results",
    "--retries",
    "--arg-file",
    "--workdir",
    "--block",
];

/// GNU parallel: the command is text for a shell, the items follow `:::` or come on stdin.
fn parallel(eval: &mut Eval<'_>, command: &Command<'_>, io: &Io) -> Value {
    let args = command.args();
    let at = first_word(args, PARALLEL);
    let list = args
        .iter()
        .position(|value| value.text.starts_with(":::"))
        .unwrap_or(args.len());
    let inner = &args[at.min(list)..list];
    let given: Vec<Value> = args[list..]
        .iter()
        .filter(|value| !value.text.starts_with(":::"))
        .cloned()
        .collect();
    let items = if given.is_empty() && list == args.len() {
        lines(io.stdin.as_ref())
    } else {
        given
    };
    let mut output = Value::default();
    if inner.is_empty() {
        let lines = if list < args.len() {
            items
        } else {
            io.stdin.clone().into_iter().collect()
        };
        for line in lines.iter().take(MAX_ITEMS) {
            output.push(&eval.subshell(|eval| eval.code(line, &Io::default())));
        }
        return output;
    }
    let quoted_inner = inner.len() == 1;
    let words: Vec<String> = inner
        .iter()
        .map(|value| {
            if quoted_inner {
                value.text.clone()
            } else {
                word(&value.text)
            }
        })
        .collect();
    for item in items.iter().take(MAX_ITEMS) {
        output.push(
            &eval.subshell(|eval| eval.run_text(&filled(&words, &item.text), &Io::default())),
        );
    }
    output
}

/// The lines of a known input; one unknown line otherwise.
fn lines(input: Option<&Value>) -> Vec<Value> {
    let Some(input) = input else {
        return vec![Value::unknown(Labels::OUTPUT)];
    };
    let line = |text: &str| Value {
        text: text.to_owned(),
        labels: input.labels,
    };
    input.text.lines().map(line).collect()
}

/// A word of parallel's command, which a shell reads again; several words are one argument there.
fn word(text: &str) -> String {
    if text.contains(char::is_whitespace) {
        quoted(text)
    } else {
        text.to_owned()
    }
}

fn filled(words: &[String], item: &str) -> String {
    const MARKS: [&str; 5] = ["{}", "{.}", "{/}", "{//}", "{1}"];
    let line = words.join(" ");
    if !MARKS.iter().any(|mark| line.contains(mark)) {
        return format!("{line} {}", quoted(item));
    }
    let alone = words
        .last()
        .is_some_and(|word| MARKS.contains(&word.as_str()));
    let item = if alone { quoted(item) } else { item.to_owned() };
    MARKS
        .iter()
        .fold(line, |line, mark| line.replace(mark, &item))
}
