//! Where a command line has its program: inline, in a file, on standard input.

use crate::program::Command;
use crate::program::args::Args;
use crate::script::{self, Language};
use crate::value::{Labels, Value};

/// Where a command line has the program text.
pub(super) enum Source {
    /// In the argument.
    Inline(Value, Vec<Value>),
    /// In a file.
    File(Value, Vec<Value>),
    /// On standard input.
    Input,
    /// Nowhere: it asks for a version, runs a module …
    None,
}

pub(super) fn source(language: &Language, command: &Command<'_>) -> Source {
    let (inline, takes): (&[&str], &[&str]) = match language {
        Language::Python => (&["-c"], &["-c", "-m", "-W", "-X", "-Q"]),
        Language::JavaScript => (
            &["-e", "-p", "--eval", "--print", "-pe"],
            &[
                "-e",
                "-p",
                "-r",
                "--eval",
                "--print",
                "--require",
                "--import",
                "--loader",
                "-C",
                "--env-file",
            ],
        ),
        Language::Perl => (&["-e", "-E"], &["-e", "-E", "-M", "-I", "-m", "-F", "-x"]),
        Language::Ruby => (&["-e"], &["-e", "-r", "-I", "-C", "-F", "-E"]),
        Language::Php => (
            &["-r", "-B", "-R", "-E"],
            &["-r", "-f", "-d", "-c", "-S", "-t", "-B", "-R", "-E", "-z"],
        ),
        Language::Lua => (&["-e"], &["-e", "-l"]),
        Language::R => (&["-e"], &["-e", "-f", "--file"]),
        Language::Awk => return awk(command),
        Language::PowerShell => return powershell(command),
        Language::Tcl => (&["-c"], &["-c"]),
        Language::Java => (&["-e"], &["-e", "-cp", "-classpath"]),
    };
    let args = command.args();
    for (at, value) in args.iter().enumerate() {
        let text = value.text.as_str();
        if !text.starts_with('-') || text == "-" {
            return positional(language, command, at);
        }
        if text == "--" {
            return positional(language, command, at + 1);
        }
        if let Some(code) = inline_text(text, inline, args.get(at + 1)) {
            let used = at + 1 + usize::from(code.1);
            let mut rest = args[used..].to_vec();
            let mut all = code.0;
            rest = more(inline, rest, &mut all);
            return Source::Inline(all, rest);
        }
        if *language == Language::Python && text.starts_with("-m") {
            return Source::None;
        }
        if takes.contains(&text) {
            return after_option(language, command, inline, takes, at + 2);
        }
    }
    Source::Input
}

/// Goes on after an option and its value.
fn after_option(
    language: &Language,
    command: &Command<'_>,
    inline: &[&str],
    takes: &[&str],
    from: usize,
) -> Source {
    let args = command.args();
    let mut at = from;
    while let Some(value) = args.get(at) {
        let text = value.text.as_str();
        if !text.starts_with('-') || text == "-" {
            return positional(language, command, at);
        }
        if let Some((code, next)) = inline_text(text, inline, args.get(at + 1)) {
            return Source::Inline(
                code,
                args[(at + 1 + usize::from(next)).min(args.len())..].to_vec(),
            );
        }
        at += 1 + usize::from(takes.contains(&text));
    }
    Source::Input
}

/// Several `-e` make one program.
fn more(inline: &[&str], rest: Vec<Value>, text: &mut Value) -> Vec<Value> {
    let mut rest = rest;
    while rest.len() > 1 && inline.contains(&rest[0].text.as_str()) {
        text.push_str("\n");
        text.push(&rest[1].clone());
        rest.drain(..2);
    }
    rest
}

/// The program in `-e text`, `-etext`, `-ne text`, `--eval=text`; true if it is the next word.
fn inline_text(option: &str, inline: &[&str], next: Option<&Value>) -> Option<(Value, bool)> {
    for name in inline {
        if option == *name {
            return next.map(|value| (value.clone(), true));
        }
        if let Some(text) = option
            .strip_prefix(&format!("{name}="))
            .filter(|_| name.starts_with("--"))
        {
            return Some((Value::known(text), false));
        }
        let letter = name.strip_prefix('-').filter(|letter| letter.len() == 1);
        let Some(letter) = letter.filter(|_| option.starts_with('-') && !option.starts_with("--"))
        else {
            continue;
        };
        let cluster = &option[1..];
        if cluster.ends_with(letter)
            && cluster.len() > 1
            && cluster.bytes().all(|b| b.is_ascii_alphanumeric())
            && !cluster.starts_with(['M', 'I', 'm'])
        {
            return next.map(|value| (value.clone(), true));
        }
        if let Some(text) = cluster.strip_prefix(letter) {
            return Some((Value::known(text), false));
        }
    }
    None
}

fn positional(language: &Language, command: &Command<'_>, at: usize) -> Source {
    let args = command.args();
    let Some(file) = args.get(at) else {
        return Source::Input;
    };
    let rest = args[at + 1..].to_vec();
    match file.text.as_str() {
        "-" | "/dev/stdin" => Source::Input,
        "eval" if *language == Language::JavaScript && !rest.is_empty() => {
            Source::Inline(rest[0].clone(), rest[1..].to_vec())
        }
        "run" | "test" | "install" | "add" | "x" | "fmt" | "lint" | "task" | "build" | "init"
            if matches!(command.name, "deno" | "bun") =>
        {
            match rest
                .iter()
                .find(|value| !value.text.starts_with('-'))
                .filter(|_| file.text == "run")
            {
                Some(script) if script.text.ends_with("s") && script.text.contains('.') => {
                    Source::File(script.clone(), Vec::new())
                }
                _ => Source::None,
            }
        }
        _ => Source::File(file.clone(), rest),
    }
}

/// `awk [options] 'program' files…` or `-f file`.
fn awk(command: &Command<'_>) -> Source {
    let args = Args::read(
        command.args(),
        &[
            "-F",
            "-v",
            "-f",
            "-e",
            "-E",
            "--file",
            "--source",
            "--assign",
            "--field-separator",
        ],
    );
    let words: Vec<Value> = args.words.iter().map(|value| (*value).clone()).collect();
    if let Some(text) = args.value(&["e", "--source"]) {
        return Source::Inline(Value::known(text), words);
    }
    if let Some(file) = args.value(&["f", "E", "--file"]) {
        return Source::File(Value::known(file), words);
    }
    match words.split_first() {
        Some((text, files)) => Source::Inline(text.clone(), files.to_vec()),
        None => Source::None,
    }
}

fn powershell(command: &Command<'_>) -> Source {
    let args = command.args();
    for (at, value) in args.iter().enumerate() {
        let option = value.text.to_lowercase();
        let option = option.trim_start_matches(['-', '/']);
        if option.len() < value.text.len()
            && "encodedcommand".starts_with(option)
            && option.starts_with('e')
            && option != "ex"
            && !option.starts_with("exec")
        {
            let text = args.get(at + 1).and_then(|value| encoded(&value.text));
            return Source::Inline(
                text.map_or_else(|| Value::unknown(Labels::DECODED), Value::known),
                Vec::new(),
            );
        }
        if matches!(option, "command" | "c") && option.len() < value.text.len() {
            return Source::Inline(joined(&args[at + 1..]), Vec::new());
        }
        if matches!(option, "file" | "f") && option.len() < value.text.len() {
            return args.get(at + 1).map_or(Source::Input, |file| {
                Source::File(file.clone(), args[at + 2..].to_vec())
            });
        }
        if !value.text.starts_with(['-', '/']) && (at == 0 || !takes_value(&args[at - 1].text)) {
            return Source::Inline(joined(&args[at..]), Vec::new());
        }
    }
    Source::Input
}

fn takes_value(option: &str) -> bool {
    let option = option.to_lowercase();
    [
        "-executionpolicy",
        "-ep",
        "-ex",
        "-exec",
        "-windowstyle",
        "-w",
        "-version",
        "-psconsolefile",
        "-inputformat",
        "-outputformat",
        "-workingdirectory",
    ]
    .contains(&option.as_str())
}

fn joined(words: &[Value]) -> Value {
    let mut all = Value::default();
    for word in words {
        if !all.text.is_empty() {
            all.push_str(" ");
        }
        all.push(word);
    }
    all
}

/// `-EncodedCommand`: base64 of UTF-16.
fn encoded(text: &str) -> Option<String> {
    let bytes = script::base64_bytes(text)?;
    let units: Vec<u16> = bytes
        .chunks_exact(2)
        .map(|pair| u16::from_le_bytes([pair[0], pair[1]]))
        .collect();
    String::from_utf16(&units).ok()
}
