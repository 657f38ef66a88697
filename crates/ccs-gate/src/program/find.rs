//! `find` and `fd`: which files, and what is done to them.

use super::{Command, args::Args};
use crate::effect::{Kinds, Places, Tags};
use crate::eval::{Eval, Io};
use crate::glob;
use crate::path;
use crate::value::{Labels, Value};

/// What a find command selects.
#[derive(Default)]
struct Selection {
    roots: Vec<String>,
    /// The pattern of `-name`, if there is one.
    name: Option<String>,
    /// Any other test that leaves files out.
    tested: bool,
    /// Folders are not entered.
    flat: bool,
    /// Only folders or files that are empty.
    empty: bool,
}

pub(super) fn run(eval: &mut Eval<'_>, command: &Command<'_>, io: &Io) -> Value {
    if command.name.starts_with("fd") {
        return fd(eval, command, io);
    }
    let args = command.args();
    let selection = selection(args);
    let mut output = selected(&selection);
    let mut at = 0;
    while let Some(value) = args.get(at) {
        match value.text.as_str() {
            "-delete" if !is_operand(args, at) => delete(eval, &selection),
            "-exec" | "-execdir" | "-ok" | "-okdir" => {
                let end = args[at..]
                    .iter()
                    .position(|value| matches!(value.text.as_str(), ";" | "+"))
                    .map_or(args.len(), |end| at + end);
                output = execute(eval, &args[at + 1..end], &selection);
                at = end;
            }
            "-fprint" | "-fprint0" | "-fls" | "-fprintf" => {
                if let Some(file) = args.get(at + 1) {
                    eval.change(&file.text, Tags::NONE);
                }
            }
            "-files0-from" => {
                if let Some(file) = args.get(at + 1) {
                    eval.read(&file.text);
                }
            }
            _ => {}
        }
        at += 1;
    }
    output
}

/// Whether the word before takes this one: `-name -delete` deletes nothing.
fn is_operand(args: &[Value], at: usize) -> bool {
    at > 0 && takes_operand(&args[at - 1].text)
}

fn takes_operand(option: &str) -> bool {
    matches!(
        option,
        "-name"
            | "-iname"
            | "-path"
            | "-ipath"
            | "-wholename"
            | "-regex"
            | "-iregex"
            | "-type"
            | "-size"
            | "-mtime"
            | "-mmin"
            | "-atime"
            | "-amin"
            | "-ctime"
            | "-cmin"
            | "-newer"
            | "-user"
            | "-group"
            | "-perm"
            | "-maxdepth"
            | "-mindepth"
            | "-uid"
            | "-gid"
            | "-links"
            | "-inum"
            | "-fstype"
            | "-lname"
            | "-ilname"
            | "-printf"
            | "-samefile"
            | "-used"
            | "-xtype"
            | "-D"
            | "-regextype"
            | "-newermt"
            | "-anewer"
            | "-cnewer"
    )
}

fn selection(args: &[Value]) -> Selection {
    let mut found = Selection::default();
    let mut rest = args.iter().enumerate().peekable();
    while let Some((at, value)) = rest.next() {
        let text = value.text.as_str();
        let operand = || args.get(at + 1).map(|value| value.text.clone());
        match text {
            "-name" | "-iname" | "-path" | "-ipath" | "-wholename" => {
                found.name = found.name.or_else(operand);
            }
            "-maxdepth" if operand().as_deref() == Some("0") => found.flat = true,
            "-empty" => found.empty = true,
            "-exec" | "-execdir" | "-ok" | "-okdir" => {
                while rest
                    .next_if(|(_, value)| !matches!(value.text.as_str(), ";" | "+"))
                    .is_some()
                {}
            }
            "-mindepth" | "-maxdepth" | "-print" | "-print0" | "-depth" | "-xdev" | "-mount"
            | "-follow" | "-delete" | "-prune" | "-o" | "-a" | "-not" | "!" | "(" | ")" | "-H"
            | "-L" | "-P" | "-O3" | "-true" | "," => {}
            "-type" if operand().as_deref() == Some("f") => {}
            "-regex" | "-iregex" | "-size" | "-mtime" | "-mmin" | "-newer" | "-user" | "-perm"
            | "-atime" | "-ctime" | "-type" | "-cmin" | "-amin" | "-group" => {
                found.tested = true;
            }
            _ if !text.starts_with('-') && at == found.roots.len() + leading_options(args) => {
                found.roots.push(text.to_owned());
            }
            _ => {}
        }
    }
    if found.roots.is_empty() {
        found.roots.push(".".to_owned());
    }
    found
}

fn leading_options(args: &[Value]) -> usize {
    args.iter()
        .take_while(|value| {
            matches!(
                value.text.as_str(),
                "-H" | "-L" | "-P" | "-E" | "-X" | "-d" | "-s" | "-x"
            )
        })
        .count()
}

/// The paths that are found, as patterns.
fn selected(selection: &Selection) -> Value {
    let lines = selection
        .roots
        .iter()
        .map(|root| format!("{}\n", one(selection, root)));
    Value::known(lines.collect::<String>())
}

fn one(selection: &Selection, root: &str) -> String {
    match &selection.name {
        _ if selection.flat => root.to_owned(),
        Some(name) if !name.contains('/') => format!("{}/{name}", root.trim_end_matches('/')),
        Some(name) => name.clone(),
        None if selection.tested => format!("{}/\0", root.trim_end_matches('/')),
        None => format!("{}/*", root.trim_end_matches('/')),
    }
}

fn tags(selection: &Selection) -> Tags {
    let built = selection
        .name
        .as_deref()
        .is_some_and(|name| is_build_pattern(path::name(name)));
    let whole = selection
        .name
        .as_deref()
        .is_none_or(|name| matches!(name, "*" | "*.*" | "?*" | "**"));
    Tags::FILTERED
        .when(!whole || selection.tested || selection.empty)
        .and(Tags::ALL.when(whole && !selection.tested && !selection.empty))
        .and(Tags::TREE.when(!built && !selection.flat && !selection.empty))
        .and(Tags::FORCE)
}

fn delete(eval: &mut Eval<'_>, selection: &Selection) {
    for root in &selection.roots {
        let path = one(selection, root);
        eval.delete(&path, tags(selection));
    }
}

/// `-exec CMD {}`: run once for each root.
fn execute(eval: &mut Eval<'_>, inner: &[Value], selection: &Selection) -> Value {
    if inner.is_empty() {
        return Value::default();
    }
    let mut output = Value::default();
    for root in &selection.roots {
        let found = one(selection, root);
        let line: Vec<Value> = inner
            .iter()
            .map(|value| Value {
                text: value.text.replace("{}", &found),
                labels: value.labels,
            })
            .collect();
        if removes_trees(inner)
            && selection
                .name
                .as_deref()
                .is_some_and(|name| name.contains('*'))
        {
            let tags = Tags::FILTERED.and(Tags::TREE).and(Tags::FORCE);
            eval.effect(Kinds::DELETE, Places::PROJECT, tags, &found);
        }
        output.push(&eval.subshell(|eval| eval.program_or(&line, &Io::default())));
    }
    output
}

/// `rm -rf {}`: a pattern for files also deletes folders whose name it matches.
fn removes_trees(inner: &[Value]) -> bool {
    let args = Args::read(&inner[1..], &[]);
    super::name(&inner[0].text) == "rm"
        && args.has(&["r", "R", "--recursive"])
        && args.has(&["f", "--force"])
}

/// `fd PATTERN [PATH…] -x CMD`
fn fd(eval: &mut Eval<'_>, command: &Command<'_>, _: &Io) -> Value {
    let args = command.args();
    let at = args
        .iter()
        .position(|value| matches!(value.text.as_str(), "-x" | "-X" | "--exec" | "--exec-batch"));
    let read = Args::read(
        &args[..at.unwrap_or(args.len())],
        &[
            "-e",
            "-t",
            "-d",
            "-E",
            "-c",
            "-j",
            "-S",
            "--extension",
            "--type",
            "--max-depth",
            "--exclude",
            "-g",
        ],
    );
    let mut words = read.texts();
    let name = words
        .next()
        .filter(|pattern| !matches!(*pattern, "." | ""))
        .map(str::to_owned);
    let extension = read
        .value(&["e", "--extension"])
        .map(|end| format!("*.{end}"));
    let mut selection = Selection {
        name: extension.or(name),
        ..Selection::default()
    };
    selection.roots = words.map(str::to_owned).collect();
    if selection.roots.is_empty() {
        selection.roots.push(".".to_owned());
    }
    match at {
        Some(at) => {
            let mut inner = args[at + 1..].to_vec();
            if !inner.iter().any(|value| value.text.contains("{}")) {
                inner.push(Value::known("{}"));
            }
            execute(eval, &inner, &selection)
        }
        None => {
            let value = selected(&selection);
            value.labelled(Labels::NONE)
        }
    }
}

/// Whether a file name pattern picks out only what builds make.
fn is_build_pattern(pattern: &str) -> bool {
    const NAMES: &[&str] = &[
        "*.pyc",
        "*.pyo",
        "__pycache__",
        "*.o",
        "*.obj",
        "*.class",
        "*.log",
        "*.tmp",
        "*.bak",
        "*.swp",
        "*~",
        "*.orig",
        "*.rej",
        ".DS_Store",
        "node_modules",
        "*.cache",
        ".pytest_cache",
        ".mypy_cache",
        "*.map",
        "*.tsbuildinfo",
        "*.egg-info",
        "Thumbs.db",
        "*.d",
        "*.gcda",
        "*.gcno",
        "dist",
        "build",
        "target",
        "coverage",
        ".ruff_cache",
        ".cache",
        "*.temp",
        "*.test",
        "*.out",
        "._*",
        "*.profraw",
        "*.so",
        "*.dylib",
        "*.a",
    ];
    NAMES
        .iter()
        .any(|name| *name == pattern || glob::matches(name, pattern))
}
