//! Programs that copy, move, link, pack and change files.

use super::args::Args;
use super::{Command, Model, generic};
use crate::effect::{Kinds, Places, Tags};
use crate::eval::{Eval, Io};
use crate::path;
use crate::value::{Labels, Value};

pub(super) fn model(name: &str) -> Option<Model> {
    Some(match name {
        "cp" | "gcp" | "copy" | "ditto" | "xcp" => copy,
        "mv" | "gmv" | "move" | "rename" => rename,
        "install" | "ginstall" => install,
        "ln" | "gln" | "link" => link,
        "tar" | "gtar" | "bsdtar" => tar,
        "zip" | "7z" | "7za" | "7zz" | "rar" | "gzip" | "bzip2" | "xz" | "zstd" | "pigz"
        | "lz4" => pack,
        "unzip" | "unrar" | "cpio" | "pax" => unpack,
        "patch" | "ex" | "ed" | "vi" | "vim" | "nvim" | "nano" | "emacs" | "pico" | "micro"
        | "view" | "rvim" | "vimdiff" | "gdb" | "lldb" => edit,
        _ => return None,
    })
}

/// Sources and target of a command that copies: the last word, or `-t folder`.
struct Targets<'v> {
    from: Vec<&'v Value>,
    to: String,
}

fn targets<'v>(args: &Args<'v>) -> Option<Targets<'v>> {
    if let Some(folder) = args.value(&["t", "--target-directory"]) {
        return Some(Targets {
            from: args.words.clone(),
            to: folder.to_owned(),
        });
    }
    let (last, from) = args.words.split_last()?;
    Some(Targets {
        from: from.to_vec(),
        to: last.text.clone(),
    })
}

fn copy(eval: &mut Eval<'_>, command: &Command<'_>, io: &Io) -> Value {
    let args = Args::read(
        command.args(),
        &["-t", "-S", "--target-directory", "--suffix"],
    );
    let Some(Targets { from, to }) = targets(&args) else {
        return Value::default();
    };
    let tree = Tags::TREE.when(args.has(&["r", "R", "a", "--recursive", "--archive"]));
    let mut output = Value::default();
    for source in &from {
        let value = match eval.content(&source.text, io) {
            Some(value) => value,
            None => eval.read_as(&source.text, tree),
        };
        place(eval, &source.text, &to, &value, from.len() > 1);
        if matches!(to.as_str(), "/dev/stdout" | "/dev/tty" | "/dev/stderr") {
            output.push(&value);
        }
    }
    output
}

/// Puts a file at its new place. Into a folder it keeps its name.
fn place(eval: &mut Eval<'_>, from: &str, to: &str, value: &Value, into: bool) {
    let inner = format!("{}/{}", to.trim_end_matches('/'), path::name(from));
    if !into && !to.ends_with('/') {
        // a template such as .env.example becoming .env is how projects are set up
        let template = is_template(path::name(from)) && path::name(to).starts_with(".env");
        if template {
            let at = eval.locate(to);
            eval.effect(Kinds::WRITE, at.places, Tags::NONE, &at.path);
        } else {
            eval.write(to, value, false);
        }
    }
    let at = eval.locate(&inner);
    if into || to.ends_with('/') {
        eval.write(&inner, value, false);
    } else {
        eval.remember(at.path, value, false);
    }
}

fn is_template(name: &str) -> bool {
    [
        ".example",
        ".sample",
        ".template",
        ".dist",
        ".defaults",
        "-example",
        "-sample",
        ".tmpl",
    ]
    .iter()
    .any(|end| name.ends_with(end))
}

fn rename(eval: &mut Eval<'_>, command: &Command<'_>, io: &Io) -> Value {
    let args = Args::read(
        command.args(),
        &["-t", "-S", "--target-directory", "--suffix"],
    );
    let Some(Targets { from, to }) = targets(&args) else {
        return Value::default();
    };
    for source in &from {
        if to == "/dev/null" {
            eval.delete(&source.text, Tags::TREE.and(Tags::FORCE));
        }
        let at = eval.locate(&source.text);
        let value = eval
            .content(&source.text, io)
            .unwrap_or_else(|| Value::unknown(Labels::FILE));
        eval.delete(&source.text, Tags::MOVE);
        if eval
            .report
            .path(&at.path, crate::rule::Access::Read, eval.facts)
        {
            place(
                eval,
                &source.text,
                &to,
                &value.clone().labelled(Labels::SECRET),
                from.len() > 1,
            );
        } else {
            place(eval, &source.text, &to, &value, from.len() > 1);
        }
    }
    Value::default()
}

fn install(eval: &mut Eval<'_>, command: &Command<'_>, io: &Io) -> Value {
    let args = Args::read(
        command.args(),
        &[
            "-t",
            "-m",
            "-o",
            "-g",
            "-S",
            "--target-directory",
            "--mode",
            "--owner",
            "--group",
        ],
    );
    if args.has(&["d", "--directory"]) {
        return Value::default();
    }
    if let Some(mode) = args.value(&["m", "--mode"]) {
        let tags = super::system::mode_tags(mode);
        if let Some(last) = args.texts().next_back() {
            eval.change_rights(Kinds::MODE, last, tags);
        }
    }
    let Some(Targets { from, to }) = targets(&args) else {
        return Value::default();
    };
    for source in &from {
        let value = eval
            .content(&source.text, io)
            .unwrap_or_else(|| eval.read(&source.text));
        place(eval, &source.text, &to, &value, from.len() > 1);
    }
    Value::default()
}

/// A link makes a file reachable by another name.
fn link(eval: &mut Eval<'_>, command: &Command<'_>, _: &Io) -> Value {
    let args = Args::read(
        command.args(),
        &["-t", "-S", "--target-directory", "--suffix"],
    );
    let Some(Targets { from, to }) = targets(&args) else {
        return Value::default();
    };
    for source in &from {
        let at = eval.locate(&source.text);
        let value = if eval
            .report
            .path(&at.path, crate::rule::Access::Read, eval.facts)
        {
            Value::unknown(Labels::FILE.and(Labels::SECRET))
        } else {
            Value::unknown(Labels::FILE)
        };
        if at.places.has(Places::ROOT) {
            eval.effect(Kinds::WRITE, at.places, Tags::LINK, &at.path);
        }
        eval.write(&to, &value, false);
    }
    Value::default()
}

fn tar(eval: &mut Eval<'_>, command: &Command<'_>, io: &Io) -> Value {
    let texts: Vec<Value> = command
        .args()
        .iter()
        .enumerate()
        .map(|(at, value)| bundled(at, value))
        .collect();
    let takes = [
        "-f",
        "-C",
        "-T",
        "-X",
        "-I",
        "-b",
        "-g",
        "-H",
        "-K",
        "-L",
        "-N",
        "-V",
        "--file",
        "--directory",
        "--files-from",
        "--exclude",
        "--exclude-from",
        "--to-command",
        "--checkpoint-action",
        "--use-compress-program",
        "--rsh-command",
        "--transform",
        "--owner",
        "--group",
        "--mode",
        "--strip-components",
        "--new-volume-script",
        "--info-script",
    ];
    let args = Args::read(&texts, &takes);
    for text in args.values(&[
        "I",
        "--to-command",
        "--use-compress-program",
        "--rsh-command",
        "--new-volume-script",
        "--info-script",
        "F",
    ]) {
        eval.subshell(|eval| eval.run_text(text, &Io::default()));
    }
    for text in args.values(&["--checkpoint-action"]) {
        if let Some(text) = text.strip_prefix("exec=") {
            eval.subshell(|eval| eval.run_text(text, &Io::default()));
        }
    }
    let archive = args.value(&["f", "--file"]);
    let cwd = eval.state.cwd.clone();
    if let Some(folder) = args.value(&["C", "--directory"]) {
        eval.state.cwd = path::absolute(folder, &cwd);
    }
    let value = if args.has(&["x", "--extract", "--get"]) {
        unpacked(eval, &args)
    } else {
        packed(eval, &args, archive, io)
    };
    eval.state.cwd = cwd;
    value
}

/// The first word of tar may be letters without a dash.
fn bundled(at: usize, value: &Value) -> Value {
    let letters = at == 0
        && !value.text.starts_with('-')
        && !value.text.is_empty()
        && value.text.bytes().all(|b| b.is_ascii_alphabetic());
    if letters {
        Value::known(format!("-{}", value.text))
    } else {
        value.clone()
    }
}

fn packed(eval: &mut Eval<'_>, args: &Args<'_>, archive: Option<&str>, io: &Io) -> Value {
    if args.has(&["t", "--list", "d", "--diff"]) {
        return Value::unknown(Labels::FILE);
    }
    let mut all = Value::unknown(Labels::FILE);
    for file in args.texts() {
        all = all.labelled(eval.read_as(file, Tags::TREE).labels);
        if args.has(&["--remove-files"]) {
            eval.delete(file, Tags::TREE.and(Tags::FORCE));
        }
    }
    for list in args.values(&["T", "--files-from"]) {
        all = all.labelled(
            eval.content(list, io)
                .unwrap_or_else(|| eval.read(list))
                .labels,
        );
    }
    match archive.filter(|name| *name != "-") {
        Some(name) if name.contains(':') && !name.starts_with('/') => {
            eval.send(name, &all, Tags::NONE);
            Value::default()
        }
        Some(name) => {
            eval.write(name, &all, false);
            Value::default()
        }
        None => all,
    }
}

fn unpacked(eval: &mut Eval<'_>, args: &Args<'_>) -> Value {
    let folder = eval.state.cwd.clone();
    eval.change(&folder, Tags::TREE);
    if args.has(&["O", "--to-stdout"]) {
        return Value::unknown(Labels::DECODED);
    }
    Value::default()
}

fn pack(eval: &mut Eval<'_>, command: &Command<'_>, io: &Io) -> Value {
    if command.has("-d")
        || command.texts().any(|text| {
            matches!(
                text,
                "--decompress" | "-dc" | "--stdout" | "-cd" | "x" | "e"
            )
        })
    {
        let value = generic::run(eval, command, io);
        return value.labelled(Labels::DECODED);
    }
    // zip -T -TT 'cmd'
    let mut rest = command.args().iter();
    while let Some(value) = rest.next() {
        if matches!(value.text.as_str(), "-TT" | "--unzip-command")
            && let Some(text) = rest.next()
        {
            eval.subshell(|eval| eval.run_text(&text.text, &Io::default()));
        }
    }
    let mut labels = Labels::FILE;
    for file in generic::file_words(command) {
        labels = labels.and(eval.read_as(&file.text, Tags::TREE).labels);
    }
    if let Some(stdin) = &io.stdin {
        labels = labels.and(stdin.labels);
    }
    let archive = generic::file_words(command).into_iter().find(|value| {
        [".zip", ".7z", ".rar"]
            .iter()
            .any(|end| value.text.ends_with(end))
    });
    if let Some(archive) = archive {
        let at = eval.locate(&archive.text);
        eval.remember(at.path, &Value::unknown(labels), false);
    }
    Value::unknown(labels)
}

fn unpack(eval: &mut Eval<'_>, command: &Command<'_>, io: &Io) -> Value {
    if command.name == "cpio" || command.name == "pax" {
        let mut labels = Labels::FILE;
        for line in io.stdin.iter().flat_map(|value| value.text.lines()) {
            labels = labels.and(eval.read(line.trim()).labels);
        }
        return Value::unknown(labels);
    }
    let args = Args::read(command.args(), &["-d", "-x", "-P"]);
    let folder = args.value(&["d"]).unwrap_or(".");
    if !args.has(&["l", "t", "p", "Z", "v"]) {
        eval.change(folder, Tags::TREE);
    }
    generic::run(eval, command, io)
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

fn substituted(script: &str, value: &Value) -> Value {
    let mut text = value.text.clone();
    for line in script.split([';', '\n']) {
        match substitution(line.trim()) {
            Some((from, with, flags))
                if !from.is_empty()
                    && !from.contains(['\\', '[', '*', '^', '$', '.', '(', '+', '?'])
                    && !with.contains(['\\', '&']) =>
            {
                text = if flags.contains('g') {
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
