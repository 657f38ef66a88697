//! Programs that run another one: it is run in their place.

use super::args::{Args, first_word};
use super::{Command, Model};
use crate::effect::{Kinds, Places, Tags};
use crate::eval::invoke::quoted;
use crate::eval::{Eval, Io};
use crate::value::{Labels, Value};

/// How the inner command is found.
struct Shape {
    /// Options that have a value.
    takes: &'static [&'static str],
    /// Words of the wrapper's own before the inner command.
    words: usize,
    /// What running through it means.
    tags: Tags,
}

const fn shape(takes: &'static [&'static str], words: usize) -> Shape {
    Shape {
        takes,
        words,
        tags: Tags::NONE,
    }
}

const fn elevated(takes: &'static [&'static str], words: usize) -> Shape {
    Shape {
        takes,
        words,
        tags: Tags::ELEVATED,
    }
}

fn shape_of(name: &str) -> Option<Shape> {
    Some(match name {
        "sudo" => elevated(
            &[
                "-u",
                "-g",
                "-h",
                "-p",
                "-C",
                "-r",
                "-t",
                "-T",
                "-U",
                "-D",
                "-R",
                "--user",
                "--group",
                "--host",
                "--prompt",
                "--chdir",
                "--close-from",
                "--role",
                "--type",
                "--chroot",
                "--command-timeout",
            ],
            0,
        ),
        "doas" => elevated(&["-u", "-C"], 0),
        "pkexec" => elevated(&["--user"], 0),
        "run0" => elevated(&["--user", "-u", "-D", "--chdir"], 0),
        "gosu" | "su-exec" => elevated(&[], 1),
        "chroot" => elevated(&["--userspec", "--groups"], 1),
        "nsenter" => elevated(&["-t", "-S", "-G", "--target"], 0),
        "unshare" => shape(
            &["--map-user", "--map-group", "-R", "-w", "--root", "--wd"],
            0,
        ),
        "setpriv" => shape(
            &[
                "--reuid",
                "--regid",
                "--groups",
                "--bounding-set",
                "--inh-caps",
                "--ambient-caps",
            ],
            0,
        ),
        "env" => shape(
            &["-u", "-C", "-P", "-a", "--unset", "--chdir", "--argv0"],
            0,
        ),
        "nohup" | "setsid" | "builtin" | "fakeroot" | "unbuffer" | "caffeinate" | "eatmydata"
        | "torsocks" | "torify" | "dbus-launch" | "dbus-run-session" | "xvfb-run" | "aoss"
        | "padsp" | "catchsegv" | "rlwrap" | "chronic" | "noglob" | "nocorrect" | "ltrace"
        | "linux32" | "linux64" | "setarch" | "sg" | "newgrp" | "winpty" | "proxychains"
        | "proxychains4" | "tsocks" | "busctl-run" => {
            shape(&["-f", "-o", "-e", "-n", "-s", "-a", "-w", "-t"], 0)
        }
        "command" => shape(&[], 0),
        "exec" => shape(&["-a"], 0),
        "nice" => shape(&["-n", "--adjustment"], 0),
        "ionice" => shape(&["-c", "-n", "-p", "--class", "--classdata"], 0),
        "chrt" => shape(&["-T", "-P", "-D"], 1),
        "taskset" => shape(&[], 1),
        "cpulimit" => shape(&["-l", "-p", "-e", "--limit"], 0),
        "numactl" => shape(&["-N", "-m", "-C", "-p", "-i"], 0),
        "timeout" | "gtimeout" => shape(&["-k", "-s", "--kill-after", "--signal"], 1),
        "stdbuf" | "gstdbuf" => shape(&["-i", "-o", "-e", "--input", "--output", "--error"], 0),
        "time" | "gtime" => shape(&["-f", "-o", "--format", "--output"], 0),
        "strace" => shape(
            &[
                "-e", "-o", "-p", "-s", "-u", "-E", "-a", "-O", "-S", "-P", "-I", "-b",
            ],
            0,
        ),
        "watch" => shape(&["-n", "--interval"], 0),
        "flock" => shape(
            &[
                "-w",
                "-E",
                "-c",
                "--timeout",
                "--conflict-exit-code",
                "--command",
            ],
            1,
        ),
        "systemd-run" => shape(
            &[
                "-p",
                "-u",
                "-E",
                "-M",
                "-H",
                "--unit",
                "--property",
                "--setenv",
                "--uid",
                "--gid",
                "--slice",
                "--on-active",
                "--on-calendar",
                "--working-directory",
                "--description",
            ],
            0,
        ),
        "busybox" | "toybox" => shape(&[], 0),
        "parallel-run" | "faketime" => shape(&["-f"], 1),
        "script" => shape(&["-c", "-T", "-t", "-E", "-I", "-O", "-B", "-m", "-o"], 0),
        "su" | "runuser" => elevated(SU, 0),
        "npx" | "bunx" | "pnpx" => {
            shape(&["-p", "--package", "-c", "--call", "-w", "--workspace"], 0)
        }
        "uvx" | "pipx-run" => shape(&["--from", "--with", "-p", "--python"], 0),
        "setfattr-run" => return None,
        _ => return None,
    })
}

pub(super) fn model(name: &str) -> Option<Model> {
    match name {
        "env" => Some(env),
        "su" | "runuser" => Some(su),
        "command" => Some(command_word),
        "watch" => Some(watch),
        "script" => Some(script),
        "flock" => Some(flock),
        "exec" => Some(exec),
        "busybox" | "toybox" => Some(applet),
        _ => shape_of(name).map(|_| plain as Model),
    }
}

/// The inner command follows the options, and assignments are its environment.
fn plain(eval: &mut Eval<'_>, command: &Command<'_>, io: &Io) -> Value {
    let Some(shape) = shape_of(command.name) else {
        return Value::default();
    };
    let args = command.args();
    let at = (first_word(args, shape.takes) + shape.words).min(args.len());
    let inner = assignments(eval, &args[at..]);
    if shape.tags.has(Tags::ELEVATED) {
        elevate(eval, command, inner.is_empty());
    }
    eval.within(shape.tags, |eval| eval.invoke(inner.to_vec(), io))
}

/// Takes `NAME=value` words off the front.
fn assignments<'v>(eval: &mut Eval<'_>, mut words: &'v [Value]) -> &'v [Value] {
    while let Some((first, rest)) = words.split_first() {
        let Some((name, text)) = first.text.split_once('=').filter(|(name, _)| is_name(name))
        else {
            break;
        };
        let value = Value {
            text: text.to_owned(),
            labels: first.labels,
        };
        eval.sets(name, Some(&value));
        eval.state.assign(name, value);
        words = rest;
    }
    words
}

fn is_name(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
}

/// Another user's rights: by themselves only strict modes mind, an open shell everybody does.
fn elevate(eval: &mut Eval<'_>, command: &Command<'_>, alone: bool) {
    let args = Args::read(command.args(), &["-u", "-g", "-h", "-p", "-C", "-U"]);
    let quiet = args.has(&[
        "l",
        "v",
        "k",
        "K",
        "V",
        "--list",
        "--validate",
        "--reset-timestamp",
        "--remove-timestamp",
        "--version",
    ]);
    if quiet {
        return;
    }
    let shell = alone
        && (args.has(&["i", "s", "--login", "--shell"])
            || matches!(command.name, "su" | "doas" | "pkexec"));
    eval.effect(
        Kinds::PRIVILEGE,
        Places::NONE,
        Tags::RAW.when(shell),
        command.name,
    );
}

fn env(eval: &mut Eval<'_>, command: &Command<'_>, io: &Io) -> Value {
    let args = command.args();
    if let Some(at) = args
        .iter()
        .position(|value| value.text.starts_with("-S") || value.text.starts_with("--split-string"))
    {
        let text = args[at]
            .text
            .trim_start_matches("--split-string")
            .trim_start_matches("-S")
            .trim_start_matches('=');
        let rest = args[at + 1..].iter().map(|value| quoted(&value.text));
        let line = std::iter::once(text.to_owned())
            .filter(|text| !text.is_empty())
            .chain(rest);
        return eval.run_text(&line.collect::<Vec<_>>().join(" "), io);
    }
    let takes = ["-u", "-C", "-P", "-a", "--unset", "--chdir", "--argv0"];
    let inner = assignments(eval, &args[first_word(args, &takes)..]);
    if inner.is_empty() {
        eval.report.changes(command.line); // nothing changes, but keys may be shown
        return Value::unknown(Labels::ENVIRONMENT);
    }
    let read = Args::read(&args[..first_word(args, &takes)], &takes);
    let cwd = eval.state.cwd.clone();
    if let Some(folder) = read.value(&["C", "--chdir"]) {
        eval.state.cwd = crate::path::absolute(folder, &cwd);
    }
    let value = eval.invoke(inner.to_vec(), io);
    eval.state.cwd = cwd;
    value
}

/// Options of su that have a value.
const SU: &[&str] = &[
    "-c",
    "-s",
    "-g",
    "-G",
    "-w",
    "-u",
    "--command",
    "--shell",
    "--session-command",
];

/// `su user -c 'text'`.
fn su(eval: &mut Eval<'_>, command: &Command<'_>, io: &Io) -> Value {
    let args = Args::read(command.args(), SU);
    elevate(
        eval,
        command,
        args.value(&["c", "--command", "--session-command"])
            .is_none(),
    );
    if let Some(text) = args.value(&["c", "--command", "--session-command"]) {
        return eval.within(Tags::ELEVATED, |eval| eval.run_text(text, io));
    }
    // runuser -u name -- cmd
    if args.value(&["u"]).is_some() {
        let inner: Vec<Value> = args.words.iter().map(|value| (*value).clone()).collect();
        return eval.within(Tags::ELEVATED, |eval| eval.invoke(inner, io));
    }
    match &io.stdin {
        Some(text) => eval.within(Tags::ELEVATED, |eval| eval.code(text, &Io::default())),
        None => Value::unknown(Labels::OUTPUT),
    }
}

/// `command rm`, but `command -v rm` only asks where it is.
fn command_word(eval: &mut Eval<'_>, command: &Command<'_>, io: &Io) -> Value {
    let args = command.args();
    let at = first_word(args, &[]);
    let asking = args[..at]
        .iter()
        .any(|value| value.text.contains(['v', 'V']));
    let inner = &args[at..];
    if asking && inner.len() == 1 {
        return Value::known(format!("{}\n", inner[0].text));
    }
    if asking {
        // bash asks about each word; a guard that stops here would trust every option it sees
        eval.invoke(inner.to_vec(), io);
        return Value::unknown(Labels::OUTPUT);
    }
    eval.program_or(inner, io)
}

/// `watch 'text'`: the words are joined for a shell.
fn watch(eval: &mut Eval<'_>, command: &Command<'_>, io: &Io) -> Value {
    let args = command.args();
    let at = first_word(args, &["-n", "--interval"]);
    let text: Vec<&str> = args[at..].iter().map(|value| value.text.as_str()).collect();
    eval.run_text(&text.join(" "), io)
}

/// `script -c 'text' file`.
fn script(eval: &mut Eval<'_>, command: &Command<'_>, io: &Io) -> Value {
    let args = Args::read(
        command.args(),
        &["-c", "-T", "-E", "-I", "-O", "-B", "-m", "-o", "--command"],
    );
    if let Some(text) = args.value(&["c", "--command"]) {
        return eval.run_text(text, io);
    }
    // BSD: script file command…
    let inner: Vec<Value> = args
        .words
        .iter()
        .skip(1)
        .map(|value| (*value).clone())
        .collect();
    eval.invoke(inner, io)
}

fn flock(eval: &mut Eval<'_>, command: &Command<'_>, io: &Io) -> Value {
    let args = Args::read(
        command.args(),
        &["-w", "-E", "-c", "--timeout", "--command"],
    );
    if let Some(text) = args.value(&["c", "--command"]) {
        return eval.run_text(text, io);
    }
    plain(eval, command, io)
}

fn exec(eval: &mut Eval<'_>, command: &Command<'_>, io: &Io) -> Value {
    let args = command.args();
    let inner = &args[first_word(args, &["-a"])..];
    eval.program_or(inner, io)
}

fn applet(eval: &mut Eval<'_>, command: &Command<'_>, io: &Io) -> Value {
    match command.args() {
        [] => Value::default(),
        args => eval.program_or(args, io),
    }
}
