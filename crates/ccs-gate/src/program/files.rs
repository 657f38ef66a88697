//! Programs that copy, move and link files.

use super::args::Args;
use super::{Command, Model};
use crate::effect::{Kinds, Places, Tags};
use crate::eval::{Eval, Io};
use crate::path;
use crate::rule::Access;
use crate::value::{Labels, Value};

pub(super) fn model(name: &str) -> Option<Model> {
    Some(match name {
        "cp" | "gcp" | "copy" | "ditto" | "xcp" => copy,
        "mv" | "gmv" | "move" | "rename" => rename,
        "install" | "ginstall" => install,
        "ln" | "gln" | "link" => link,
        _ => return None,
    })
}

/// Links of one command that are followed.
const MAX_LINKS: usize = 64;

/// Options of cp, mv and ln that have a value.
const TAKES: &[&str] = &["-t", "-S", "--target-directory", "--suffix"];

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
    let args = Args::read(command.args(), TAKES);
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
    let args = Args::read(command.args(), TAKES);
    let Some(Targets { from, to }) = targets(&args) else {
        return Value::default();
    };
    for source in &from {
        if to == "/dev/null" {
            eval.delete(&source.text, Tags::TREE.and(Tags::FORCE));
        }
        let at = eval.locate(&source.text);
        let mut value = eval
            .content(&source.text, io)
            .unwrap_or_else(|| Value::unknown(Labels::FILE));
        eval.delete(&source.text, Tags::MOVE);
        if eval.report.path(&at.path, Access::Read, eval.facts) {
            value = value.labelled(Labels::SECRET);
        }
        place(eval, &source.text, &to, &value, from.len() > 1);
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
    let args = Args::read(command.args(), TAKES);
    let Some(Targets { from, to }) = targets(&args) else {
        return Value::default();
    };
    for source in &from {
        let at = eval.locate(&source.text);
        let secret = eval.report.path(&at.path, Access::Read, eval.facts);
        let kind = if secret { Labels::SECRET } else { Labels::NONE };
        let value = Value::unknown(Labels::FILE.and(kind));
        if at.places.has(Places::ROOT) {
            eval.effect(Kinds::WRITE, at.places, Tags::LINK, &at.path);
        }
        eval.write(&to, &value, false);
        if eval.state.links.len() < MAX_LINKS {
            let link = eval.locate(&to).path;
            eval.state.links.push((link, at.path));
        }
    }
    Value::default()
}
