//! Programs that pack and unpack files.

use super::args::Args;
use super::{Command, Model, generic};
use crate::effect::Tags;
use crate::eval::{Eval, Io};
use crate::path;
use crate::value::{Labels, Value};

pub(super) fn model(name: &str) -> Option<Model> {
    Some(match name {
        "tar" | "gtar" | "bsdtar" => tar,
        "zip" | "7z" | "7za" | "7zz" | "rar" | "gzip" | "bzip2" | "xz" | "zstd" | "pigz"
        | "lz4" => pack,
        "unzip" | "unrar" | "cpio" | "pax" => unpack,
        _ => return None,
    })
}

/// Options of tar that have a value.
const TAR: &[&str] = &[
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

fn tar(eval: &mut Eval<'_>, command: &Command<'_>, io: &Io) -> Value {
    let texts: Vec<Value> = command
        .args()
        .iter()
        .enumerate()
        .map(|(at, value)| bundled(at, value))
        .collect();
    let args = Args::read(&texts, TAR);
    run_helpers(eval, &args);
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

/// Programs that options name: compressors, scripts for the next volume, checkpoints.
fn run_helpers(eval: &mut Eval<'_>, args: &Args<'_>) {
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
