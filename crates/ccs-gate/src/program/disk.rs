//! Programs that write to whole disks.

use super::args::Args;
use super::{Command, Model};
use crate::effect::{Kinds, Places, Tags};
use crate::eval::{Eval, Io};
use crate::value::{Labels, Value};

pub(super) fn model(name: &str) -> Option<Model> {
    if name.starts_with("mkfs") || name.starts_with("newfs") {
        return Some(format);
    }
    Some(match name {
        "dd" | "gdd" | "dcfldd" | "ddrescue" | "dc3dd" => dd,
        "mke2fs" | "mkswap" | "wipefs" | "blkdiscard" | "badblocks" | "pvcreate" | "mdadm"
        | "sfdisk" | "sgdisk" | "fdisk" | "gdisk" | "cfdisk" | "parted" | "partprobe"
        | "hdparm" | "nvme" | "cryptsetup" | "zpool" | "format" | "diskpart" => format,
        _ => return None,
    })
}

fn dd(eval: &mut Eval<'_>, command: &Command<'_>, io: &Io) -> Value {
    let operand = |name: &str| {
        command
            .texts()
            .find_map(|text| text.strip_prefix(name).map(str::to_owned))
    };
    let input = match operand("if=") {
        Some(path) => eval.read(&path),
        None => io.stdin.clone().unwrap_or_default(),
    };
    let input = if input.text.is_empty() {
        Value::unknown(Labels::NONE)
    } else {
        input
    };
    match operand("of=") {
        Some(path) => {
            eval.write(&path, &input, false);
            Value::default()
        }
        None => input,
    }
}

/// Any device among the words, unless only asked about.
fn format(eval: &mut Eval<'_>, command: &Command<'_>, _: &Io) -> Value {
    let args = Args::read(
        command.args(),
        &["-t", "-L", "-n", "-b", "-U", "-o", "--type", "--label"],
    );
    let asking = args.has(&[
        "l", "--list", "--print", "p", "--dump", "d", "--no-act", "--verify", "v",
    ]) && !matches!(command.name, "mkfs" | "blkdiscard")
        && !command.name.starts_with("mkfs")
        || command.texts().any(|word| {
            matches!(
                word,
                "print"
                    | "list"
                    | "status"
                    | "id-ctrl"
                    | "smart-log"
                    | "isLuks"
                    | "luksDump"
                    | "-I"
                    | "-i"
                    | "get"
                    | "--detail"
                    | "--examine"
                    | "-D"
                    | "-E"
            )
        });
    let all = command.name == "wipefs" && args.has(&["a", "--all", "f"]);
    if asking && !all || (command.name == "wipefs" && !all && !args.has(&["o"])) {
        return Value::unknown(Labels::OUTPUT);
    }
    for path in args.texts() {
        let at = eval.locate(path);
        if at.places.has(Places::DEVICE) {
            eval.effect(Kinds::DISK, at.places, Tags::FORCE, path);
        } else if command.name.starts_with("mk") && path.starts_with('/') {
            eval.change(path, Tags::NONE);
        }
    }
    Value::default()
}
