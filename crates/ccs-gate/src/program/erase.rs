//! Programs that delete files or what they hold.

use super::args::Args;
use super::{Command, Model};
use crate::effect::{Kinds, Tags};
use crate::eval::{Eval, Io};
use crate::value::Value;

pub(super) fn model(name: &str) -> Option<Model> {
    Some(match name {
        "rm" | "grm" | "srm" | "wipe" | "unlink" | "del" | "erase" | "trash-rm" | "rimraf"
        | "del-cli" => remove,
        "rmdir" | "grmdir" | "rd" => remove_folder,
        "shred" | "gshred" => shred,
        "truncate" | "gtruncate" => truncate,
        "fallocate" => |eval, command, _| {
            change_each(eval, command, &["-o", "-l"], Tags::NONE);
            Value::default()
        },
        _ => return None,
    })
}

fn remove(eval: &mut Eval<'_>, command: &Command<'_>, _: &Io) -> Value {
    let args = Args::read(command.args(), &[]);
    let windows = |letter| matches!(command.name, "del" | "erase") && has_switch(command, letter);
    let tree = args.has(&["r", "R", "--recursive"])
        || matches!(command.name, "rimraf" | "del-cli")
        || windows("/s");
    let force = args.has(&["f", "--force"]) || command.name == "rimraf" || windows("/q");
    let tags = Tags::TREE.when(tree).and(Tags::FORCE.when(force));
    for path in args.texts().filter(|path| !is_switch(command, path)) {
        eval.delete(path, tags);
    }
    Value::default()
}

/// Whether a program of Windows is given this switch.
fn has_switch(command: &Command<'_>, switch: &str) -> bool {
    command
        .texts()
        .any(|text| text.eq_ignore_ascii_case(switch))
}

/// Whether a word is a switch of a program of Windows, such as `/q`.
fn is_switch(command: &Command<'_>, word: &str) -> bool {
    matches!(command.name, "del" | "erase" | "rd" | "rmdir")
        && word.len() == 2
        && word.starts_with('/')
}

/// Only empty folders: nothing is lost, but parents may go too.
fn remove_folder(eval: &mut Eval<'_>, command: &Command<'_>, _: &Io) -> Value {
    let args = Args::read(command.args(), &[]);
    let tree = Tags::TREE.when(has_switch(command, "/s"));
    let force = Tags::FORCE.when(has_switch(command, "/q"));
    for path in args.texts().filter(|path| !is_switch(command, path)) {
        eval.delete(path, tree.and(force));
    }
    Value::default()
}

fn shred(eval: &mut Eval<'_>, command: &Command<'_>, _: &Io) -> Value {
    let args = Args::read(
        command.args(),
        &["-n", "-s", "--iterations", "--size", "--random-source"],
    );
    for path in args.texts() {
        let at = eval.locate(path);
        if at.places.has(crate::effect::Places::DEVICE) {
            eval.effect(Kinds::DISK, at.places, Tags::NONE, path);
        }
        // no copy of it can be brought back, so it is as good as a folder
        eval.delete(path, Tags::TREE.and(Tags::FORCE));
    }
    Value::default()
}

fn truncate(eval: &mut Eval<'_>, command: &Command<'_>, _: &Io) -> Value {
    change_each(
        eval,
        command,
        &["-s", "-r", "--size", "--reference"],
        Tags::NONE,
    );
    Value::default()
}

fn change_each(eval: &mut Eval<'_>, command: &Command<'_>, takes: &[&str], tags: Tags) {
    for path in Args::read(command.args(), takes).texts() {
        eval.change(path, tags);
    }
}
