//! git: commands inside its options, and files of the repository that hold secrets. What its
//! subcommands lose is the rules' business.

use super::args::first_word;
use super::{Command, generic};
use crate::effect::Tags;
use crate::eval::invoke::quoted;
use crate::eval::{Eval, Io};
use crate::path;
use crate::rule::Access;
use crate::value::{Labels, Value};

const GLOBAL: &[&str] = &[
    "-c",
    "-C",
    "--git-dir",
    "--work-tree",
    "--namespace",
    "--exec-path",
    "--super-prefix",
    "--config-env",
    "--list-cmds",
];
/// Settings whose value git runs.
const RUN: &[&str] = &[
    "core.sshcommand",
    "core.pager",
    "core.editor",
    "core.fsmonitor",
    "core.askpass",
    "sequence.editor",
    "diff.external",
    "credential.helper",
    "gpg.program",
    "ssh.variant",
    "core.gitproxy",
    "core.alternaterefscommand",
    "interactive.difffilter",
    "uploadpack.packobjectshook",
];

pub(super) fn run(eval: &mut Eval<'_>, command: &Command<'_>, io: &Io) -> Value {
    let args = command.args();
    let at = first_word(args, GLOBAL);
    let mut aliases: Vec<(String, String)> = Vec::new();
    for setting in settings(&args[..at]) {
        let (name, value) = setting.split_once('=').unwrap_or((setting, ""));
        configured(eval, name, value, &mut aliases);
    }
    let Some(verb) = args.get(at).map(|value| value.text.clone()) else {
        return Value::unknown(Labels::OUTPUT);
    };
    let rest = &args[at + 1..];
    if let Some((_, text)) = aliases.iter().find(|(name, _)| *name == verb) {
        return aliased(eval, text, rest, io);
    }
    with_folder(eval, &args[..at], |eval| subcommand(eval, &verb, rest, io))
}

fn settings(options: &[Value]) -> impl Iterator<Item = &str> {
    let attached = options.iter().filter_map(|value| {
        value
            .text
            .strip_prefix("-c")
            .filter(|text| !text.is_empty())
    });
    let separate = options
        .windows(2)
        .filter(|pair| pair[0].text == "-c")
        .map(|pair| pair[1].text.as_str());
    attached.chain(separate)
}

fn configured(eval: &mut Eval<'_>, name: &str, value: &str, aliases: &mut Vec<(String, String)>) {
    let lower = name.to_lowercase();
    if let Some(alias) = lower.strip_prefix("alias.") {
        aliases.push((alias.to_owned(), value.to_owned()));
    } else if RUN.contains(&lower.as_str())
        || lower.starts_with("pager.")
        || lower.ends_with(".textconv")
        || lower.ends_with(".cmd")
        || (lower.starts_with("filter.") && lower.contains("process"))
    {
        eval.subshell(|eval| eval.run_text(value.trim_start_matches('!'), &Io::default()));
    }
}

fn aliased(eval: &mut Eval<'_>, text: &str, rest: &[Value], io: &Io) -> Value {
    let words: String = rest
        .iter()
        .map(|value| format!(" {}", quoted(&value.text)))
        .collect();
    match text.strip_prefix('!') {
        Some(shell) => eval.run_text(&format!("{shell}{words}"), io),
        None => eval.run_text(&format!("git {text}{words}"), io),
    }
}

/// Runs with the working directory that `-C` and `--work-tree` set.
fn with_folder(
    eval: &mut Eval<'_>,
    options: &[Value],
    run: impl FnOnce(&mut Eval<'_>) -> Value,
) -> Value {
    let cwd = eval.state.cwd.clone();
    for (at, value) in options.iter().enumerate() {
        let folder = match value.text.as_str() {
            "-C" | "--work-tree" => options.get(at + 1).map(|value| value.text.as_str()),
            text => text
                .strip_prefix("--work-tree=")
                .or_else(|| text.strip_prefix("-C").filter(|text| !text.is_empty())),
        };
        if let Some(folder) = folder {
            eval.state.cwd = path::absolute(folder, &eval.state.cwd);
        }
    }
    let value = run(eval);
    eval.state.cwd = cwd;
    value
}

fn subcommand(eval: &mut Eval<'_>, verb: &str, rest: &[Value], io: &Io) -> Value {
    match verb {
        "config" => config(eval, rest),
        "submodule" if rest.first().is_some_and(|word| word.text == "foreach") => {
            shell_words(eval, &rest[1..]);
        }
        "bisect" if rest.first().is_some_and(|word| word.text == "run") => {
            return eval.program_or(&rest[1..], io);
        }
        "rebase" | "filter-branch" | "difftool" | "mergetool" => options_that_run(eval, rest),
        "clone" | "fetch" | "pull" | "ls-remote" | "remote" | "submodule" | "push" => {
            transports(eval, verb, rest);
        }
        "show" | "diff" | "log" | "cat-file" | "blame" | "annotate" | "archive" | "add"
        | "stage" | "grep" | "apply" | "hash-object" | "difftool-show" => {
            return shows(eval, verb, rest);
        }
        _ => {}
    }
    Value::unknown(Labels::OUTPUT)
}

/// `git config alias.x '!cmd'` and the like run what they are given, later.
fn config(eval: &mut Eval<'_>, rest: &[Value]) {
    let words: Vec<&str> = rest
        .iter()
        .map(|value| value.text.as_str())
        .filter(|word| !word.starts_with('-') && *word != "set")
        .collect();
    if let [name, value, ..] = words.as_slice() {
        let mut aliases = Vec::new();
        configured(eval, name, value, &mut aliases);
        for (_, text) in aliases {
            if let Some(shell) = text.strip_prefix('!') {
                eval.subshell(|eval| eval.run_text(shell, &Io::default()));
            }
        }
    }
}

fn shell_words(eval: &mut Eval<'_>, words: &[Value]) {
    let at = first_word(words, &[]);
    let text: Vec<&str> = words[at..]
        .iter()
        .map(|value| value.text.as_str())
        .collect();
    eval.subshell(|eval| eval.run_text(&text.join(" "), &Io::default()));
}

fn options_that_run(eval: &mut Eval<'_>, rest: &[Value]) {
    const OPTIONS: &[&str] = &[
        "-x",
        "--exec",
        "--tree-filter",
        "--index-filter",
        "--msg-filter",
        "--env-filter",
        "--commit-filter",
        "--extcmd",
    ];
    for (at, value) in rest.iter().enumerate() {
        let next = rest.get(at + 1).map(|value| value.text.as_str());
        let text = OPTIONS.iter().find_map(|option| {
            if value.text == *option {
                next
            } else {
                value.text.strip_prefix(option)?.strip_prefix('=')
            }
        });
        if let Some(text) = text {
            eval.subshell(|eval| eval.run_text(text, &Io::default()));
        }
    }
}

/// Where git connects to, and what it runs to do so.
fn transports(eval: &mut Eval<'_>, verb: &str, rest: &[Value]) {
    for (at, value) in rest.iter().enumerate() {
        let text = value.text.as_str();
        if let Some(shell) = text.strip_prefix("ext::") {
            eval.subshell(|eval| eval.run_text(shell, &Io::default()));
        }
        let program = text
            .strip_prefix("--upload-pack=")
            .or_else(|| text.strip_prefix("--receive-pack="));
        let program = program.or_else(|| {
            matches!(text, "-u" | "--upload-pack" | "--exec")
                .then(|| rest.get(at + 1).map(|value| value.text.as_str()))
                .flatten()
        });
        if let Some(program) = program.filter(|_| verb != "push") {
            eval.subshell(|eval| eval.run_text(program, &Io::default()));
        }
        if crate::net::is_url(text) {
            eval.fetch(text, Tags::NONE);
        }
    }
}

/// Subcommands that print or store what files hold.
fn shows(eval: &mut Eval<'_>, verb: &str, rest: &[Value]) -> Value {
    let words = rest
        .iter()
        .map(|value| value.text.as_str())
        .filter(|word| !word.starts_with('-'));
    let words: Vec<&str> = words.skip(usize::from(verb == "grep")).collect();
    let mut labels = Labels::OUTPUT;
    for word in words {
        let file = word.split_once(':').map_or(word, |(_, file)| file);
        let at = eval.locate(file);
        if eval.report.path(&at.path, Access::Read, eval.facts) {
            labels = labels.and(Labels::SECRET);
        }
    }
    let _ = generic::run;
    Value::unknown(labels)
}
