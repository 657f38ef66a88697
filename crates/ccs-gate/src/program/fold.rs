//! Programs whose output follows from their input: filters, and those that print names.

use super::args::Args;
use super::{Command, Model, builtin, generic};
use crate::eval::{Eval, Io};
use crate::value::{Labels, Value};

pub(super) fn model(name: &str) -> Option<Model> {
    Some(match name {
        "echo" | "printf" => builtin::print,
        "cat" | "tac" | "bat" | "batcat" => cat,
        "rev" => |eval, command, io| {
            map(eval, command, io, &[], |text, _| {
                Some(each_line(text, |line| line.chars().rev().collect()))
            })
        },
        "tr" | "gtr" => translate,
        "tee" | "sponge" => tee,
        "head" | "tail" | "sort" | "uniq" | "pv" | "fold" | "expand" | "unexpand" | "nl"
        | "fmt" | "cut" | "sed" | "gsed" | "grep" | "egrep" | "fgrep" | "zgrep" | "rg"
        | "strings" | "column" | "paste" | "shuf" | "iconv" | "dos2unix" | "jq" | "yq" | "more"
        | "less" | "most" | "buffer" | "mbuffer" | "ts" | "xq" => filter,
        "which" | "whence" => which,
        "basename" => basename,
        "dirname" => |_, command, _| {
            Value::known(format!(
                "{}\n",
                command.texts().last().map_or("", crate::path::parent)
            ))
        },
        "realpath" | "readlink" | "greadlink" => real_path,
        "pwd" => |eval, _, _| Value::known(format!("{}\n", eval.state.cwd)),
        "mktemp" => |_, command, _| {
            Value::known(
                if command
                    .texts()
                    .any(|arg| arg.contains('/') && !arg.starts_with("/tmp"))
                {
                    "\0"
                } else {
                    "/tmp/tmp.\0"
                },
            )
        },
        "printenv" => printenv,
        "yes" => |_, command, _| {
            Value::known(format!(
                "{}\n",
                command.texts().collect::<Vec<_>>().join(" ")
            ))
        },
        "seq" => |_, _, _| Value::unknown(Labels::NONE),
        _ => return None,
    })
}

/// The input: the files named, or standard input.
pub(super) fn input(eval: &mut Eval<'_>, files: &[&Value], io: &Io) -> Value {
    if files.is_empty() {
        return io.stdin.clone().unwrap_or_default();
    }
    let mut all = Value::default();
    for file in files {
        if file.text == "-" {
            all.push(&io.stdin.clone().unwrap_or_default());
        } else {
            let value = eval.read(&file.text).labelled(file.labels);
            all.push(&value);
        }
    }
    all
}

/// Applies a function to the known input; an unknown one stays unknown and keeps its labels.
fn map(
    eval: &mut Eval<'_>,
    command: &Command<'_>,
    io: &Io,
    takes: &[&str],
    change: impl Fn(&str, &Args<'_>) -> Option<String>,
) -> Value {
    let args = Args::read(command.args(), takes);
    let value = input(eval, &args.words, io);
    decode(value, |text| change(text, &args))
}

/// Applies a function to a known text; an unknown one stays unknown, and counts as decoded.
pub(super) fn decode(value: Value, change: impl Fn(&str) -> Option<String>) -> Value {
    if value.text.is_empty() {
        return value;
    }
    match value.is_known().then(|| change(&value.text)).flatten() {
        Some(text) => Value {
            text,
            labels: value.labels,
        },
        None => Value::unknown(value.labels.and(Labels::DECODED)),
    }
}

fn each_line(text: &str, change: impl Fn(&str) -> String) -> String {
    text.split_inclusive('\n')
        .map(|line| match line.strip_suffix('\n') {
            Some(line) => change(line) + "\n",
            None => change(line),
        })
        .collect()
}

fn cat(eval: &mut Eval<'_>, command: &Command<'_>, io: &Io) -> Value {
    let args = Args::read(
        command.args(),
        &[
            "-l",
            "--language",
            "--theme",
            "--style",
            "-r",
            "--line-range",
        ],
    );
    input(eval, &args.words, io)
}

/// Passes text on; what comes out of a known text is not worked out unless it is all of it.
fn filter(eval: &mut Eval<'_>, command: &Command<'_>, io: &Io) -> Value {
    let all = generic::run(eval, command, io);
    let mut value = match &io.stdin {
        Some(stdin) if generic::file_words(command).is_empty() => stdin.clone(),
        _ => all,
    };
    if !matches!(
        command.name,
        "tee"
            | "sponge"
            | "pv"
            | "more"
            | "less"
            | "buffer"
            | "mbuffer"
            | "sort"
            | "uniq"
            | "head"
            | "tail"
            | "cut"
            | "sed"
            | "gsed"
            | "grep"
            | "egrep"
            | "fgrep"
            | "column"
            | "nl"
            | "rg"
            | "fold"
            | "fmt"
            | "expand"
            | "dos2unix"
            | "strings"
    ) {
        value = Value::unknown(value.labels.and(Labels::OUTPUT));
    }
    match command.name {
        "cut" => decode_quietly(&value, |text| cut(command, text)),
        "sed" | "gsed" => super::edit::sed(eval, command, &value, io),
        _ => value,
    }
}

fn decode_quietly(value: &Value, change: impl Fn(&str) -> Option<String>) -> Value {
    let text = value.is_known().then(|| change(&value.text)).flatten();
    Value {
        text: text.unwrap_or_else(|| "\0".to_owned()),
        labels: value.labels,
    }
}

fn tee(eval: &mut Eval<'_>, command: &Command<'_>, io: &Io) -> Value {
    let args = Args::read(command.args(), &[]);
    let append = args.has(&["a", "--append"]);
    let value = io
        .stdin
        .clone()
        .unwrap_or_else(|| Value::unknown(Labels::OUTPUT));
    for file in args.texts() {
        eval.write(file, &value, append);
    }
    value
}

/// `cut -c 1-3`, `cut -d x -f 2`.
fn cut(command: &Command<'_>, text: &str) -> Option<String> {
    let args = Args::read(
        command.args(),
        &[
            "-c",
            "-d",
            "-f",
            "-b",
            "--characters",
            "--delimiter",
            "--fields",
            "--bytes",
        ],
    );
    let range = |list: &str| -> Option<(usize, usize)> {
        let (from, to) = list.split_once('-').unwrap_or((list, list));
        Some((
            if from.is_empty() {
                1
            } else {
                from.parse().ok()?
            },
            if to.is_empty() {
                usize::MAX
            } else {
                to.parse().ok()?
            },
        ))
    };
    if let Some(list) = args.value(&["c", "b", "--characters", "--bytes"]) {
        let (from, to) = range(list)?;
        let count = to.saturating_sub(from.saturating_sub(1));
        return Some(each_line(text, |line| {
            line.chars()
                .skip(from.saturating_sub(1))
                .take(count)
                .collect()
        }));
    }
    let (from, to) = range(args.value(&["f", "--fields"])?)?;
    let delimiter = args.value(&["d", "--delimiter"]).unwrap_or("\t").to_owned();
    let fields = |line: &str| -> String {
        let all: Vec<&str> = line.split(delimiter.as_str()).collect();
        all.iter()
            .skip(from.saturating_sub(1))
            .take(to.saturating_sub(from.saturating_sub(1)))
            .copied()
            .collect::<Vec<_>>()
            .join(&delimiter)
    };
    Some(each_line(text, fields))
}

/// `tr SET1 SET2`, `tr -d SET`.
fn translate(_: &mut Eval<'_>, command: &Command<'_>, io: &Io) -> Value {
    let args = Args::read(command.args(), &[]);
    let sets: Vec<Vec<char>> = args.texts().map(set).collect();
    let delete = args.has(&["d", "--delete"]);
    let value = io.stdin.clone().unwrap_or_default();
    let change = |letter: char| -> Option<char> {
        let at = sets.first()?.iter().position(|&known| known == letter);
        match (at, sets.get(1)) {
            (Some(_), _) if delete => None,
            (Some(at), Some(to)) => to.get(at).or(to.last()).copied().or(Some(letter)),
            _ => Some(letter),
        }
    };
    decode_quietly(&value, |text| {
        (!args.has(&["c", "C", "--complement"])).then(|| text.chars().filter_map(change).collect())
    })
}

/// The characters of a set such as `A-Za-z`, `[:upper:]`, `\n`.
fn set(text: &str) -> Vec<char> {
    let text = text
        .replace("[:upper:]", "A-Z")
        .replace("[:lower:]", "a-z")
        .replace("[:digit:]", "0-9")
        .replace("[:alpha:]", "A-Za-z")
        .replace("[:alnum:]", "A-Za-z0-9")
        .replace("[:space:]", " \t\n\r");
    let letters: Vec<char> = crate::shell::unescape(&text).chars().collect();
    let mut all = Vec::new();
    let mut at = 0;
    while at < letters.len() {
        if letters.get(at + 1) == Some(&'-') && at + 2 < letters.len() {
            all.extend((letters[at]..=letters[at + 2]).take(256));
            at += 3;
        } else {
            all.push(letters[at]);
            at += 1;
        }
    }
    all
}

fn which(_: &mut Eval<'_>, command: &Command<'_>, _: &Io) -> Value {
    let args = Args::read(command.args(), &[]);
    Value::known(
        args.texts()
            .map(|name| format!("{name}\n"))
            .collect::<String>(),
    )
}

fn basename(_: &mut Eval<'_>, command: &Command<'_>, _: &Io) -> Value {
    let args = Args::read(command.args(), &["-s"]);
    let mut words = args.texts();
    let name = crate::path::name(words.next().unwrap_or("").trim_end_matches('/'));
    let end = words.next().unwrap_or("");
    Value::known(format!("{}\n", name.strip_suffix(end).unwrap_or(name)))
}

fn real_path(eval: &mut Eval<'_>, command: &Command<'_>, _: &Io) -> Value {
    let args = Args::read(command.args(), &[]);
    let lines = args
        .texts()
        .map(|path| crate::path::absolute(path, &eval.state.cwd) + "\n");
    Value::known(lines.collect::<String>())
}

fn printenv(eval: &mut Eval<'_>, command: &Command<'_>, _: &Io) -> Value {
    match command.texts().next() {
        Some(name) => eval
            .scalar(name)
            .unwrap_or_else(|| Value::unknown(Labels::NONE)),
        None => Value::unknown(Labels::ENVIRONMENT),
    }
}

#[cfg(test)]
mod tests {
    use super::set;

    #[test]
    fn sets_have_ranges() {
        assert_eq!(set("a-ce").iter().collect::<String>(), "abce");
        assert_eq!(set("N-ZA-M").len(), 26);
    }
}
