//! Interpreters of other languages: what their inline programs do.

use super::args::Args;
use super::{Command, generic};
use crate::effect::{Kinds, Places, Tags};
use crate::eval::act::tags_of;
use crate::eval::{Eval, Io};
use crate::script::{self, Act, Language};
use crate::value::{Labels, Value};

/// Where a command line has the program text.
enum Source {
    /// In the argument.
    Inline(Value, Vec<Value>),
    /// In a file.
    File(Value, Vec<Value>),
    /// On standard input.
    Input,
    /// Nowhere: it asks for a version, runs a module …
    None,
}

pub(super) fn run(eval: &mut Eval<'_>, command: &Command<'_>, io: &Io) -> Value {
    let Some(language) = Language::of_program(command.name) else {
        return Value::default();
    };
    if let Some(host) = io.socket.as_ref().filter(|_| {
        io.stdin
            .as_ref()
            .is_some_and(|stdin| stdin.labels.has(Labels::REMOTE))
    }) {
        eval.effect(Kinds::SHELL, Places::NONE, Tags::NONE, host);
    }
    match source(&language, command) {
        Source::Inline(text, args) => {
            let text = with_options(language, command, text);
            let value = walk(eval, language, &text, io, &args);
            files_of(eval, command, &args, io, value)
        }
        Source::File(file, args) => match eval.content(&file.text, io) {
            Some(text) => walk(eval, language, &text, io, &args),
            None => {
                eval.run_file(&file);
                generic::run(eval, command, io)
            }
        },
        Source::Input => match &io.stdin {
            Some(text) => walk(eval, language, &text.clone(), &Io::default(), &[]),
            None => generic::run(eval, command, io),
        },
        Source::None => generic::run(eval, command, io),
    }
}

/// The program with what options put in front of it: `perl -MIO::Socket`, `awk -v a=b`.
fn with_options(language: Language, command: &Command<'_>, text: Value) -> Value {
    let args = command.texts();
    let lines: Vec<String> = match language {
        Language::Perl => args
            .take_while(|arg| arg.starts_with('-'))
            .filter_map(|arg| arg.strip_prefix("-M"))
            .map(|module| {
                format!(
                    "use {};",
                    module.replacen('=', " qw(", 1) + if module.contains('=') { ")" } else { "" }
                )
            })
            .collect(),
        Language::Ruby => args
            .filter_map(|arg| arg.strip_prefix("-r"))
            .map(|library| format!("require '{library}'"))
            .collect(),
        Language::Awk => Args::read(command.args(), &["-F", "-v", "-f"])
            .values(&["v", "--assign"])
            .filter_map(|pair| pair.split_once('='))
            .map(|(name, value)| format!("BEGIN {{ {name} = \"{}\" }}", value.replace('"', "\\\"")))
            .collect(),
        _ => return text,
    };
    if lines.is_empty() {
        return text;
    }
    Value {
        text: format!("{}\n{}", lines.join("\n"), text.text),
        labels: text.labels,
    }
}

/// Filters such as `awk` and `perl -n` also read the files that follow the program.
fn files_of(
    eval: &mut Eval<'_>,
    command: &Command<'_>,
    args: &[Value],
    io: &Io,
    mut value: Value,
) -> Value {
    let filtering = command.name.ends_with("awk")
        || command.texts().any(|text| {
            text.starts_with('-')
                && !text.starts_with("--")
                && text.contains(['n', 'p'])
                && matches!(command.name, "perl" | "ruby")
        });
    if filtering {
        let in_place = command.texts().any(|text| {
            text.starts_with("-i") || text.starts_with("-pi") || text.starts_with("-ni")
        });
        for file in args
            .iter()
            .filter(|file| !file.text.starts_with('-') && !file.text.contains('='))
        {
            value = value.labelled(eval.read(&file.text).labels);
            if in_place {
                eval.change(&file.text, Tags::NONE);
            }
        }
        if let Some(stdin) = &io.stdin {
            value = value.labelled(stdin.labels);
        }
        if value.text.is_empty() {
            value.text.push('\0');
        }
    }
    value
}

fn source(language: &Language, command: &Command<'_>) -> Source {
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
    let bytes = super::fold::base64_bytes(text)?;
    let units: Vec<u16> = bytes
        .chunks_exact(2)
        .map(|pair| u16::from_le_bytes([pair[0], pair[1]]))
        .collect();
    String::from_utf16(&units).ok()
}

/// Walks a program text; gives what it prints.
pub(crate) fn walk(
    eval: &mut Eval<'_>,
    language: Language,
    text: &Value,
    io: &Io,
    args: &[Value],
) -> Value {
    if text.labels.has(Labels::REMOTE.and(Labels::DECODED))
        || (text.is_blank() && !text.text.is_empty())
    {
        eval.effect(
            Kinds::CODE,
            Places::NONE,
            tags_of(text.labels).and(Tags::UNKNOWN_TEXT),
            "",
        );
    }
    let stdin = io.stdin.as_ref().map(|value| value.text.as_str());
    let args: Vec<String> = args.iter().map(|value| value.text.clone()).collect();
    eval.deeper(|eval| {
        let found = script::acts(language, &text.text, stdin, &args);
        if !found.complete {
            eval.report.unread(&text.text);
        }
        if crate::scan::is_shell_on_socket(&text.text)
            && !found
                .acts
                .iter()
                .any(|act| matches!(act, Act::ShellOnSocket))
        {
            eval.effect(Kinds::SHELL, Places::NONE, Tags::NONE, "");
        }
        let mut output = Value {
            text: String::new(),
            labels: io.stdin.as_ref().map_or(Labels::NONE, |value| value.labels),
        };
        for act in found.acts {
            act_of(eval, act, &mut output);
        }
        output
    })
}

fn act_of(eval: &mut Eval<'_>, act: Act, output: &mut Value) {
    let own = output.labels;
    match act {
        Act::Shell(text) => {
            let text = Value {
                text,
                labels: Labels::NONE,
            };
            let value = eval.subshell(|eval| eval.code(&text, &Io::default()));
            output.labels = output.labels.and(value.labels);
        }
        Act::Program(line) => {
            let line: Vec<Value> = line
                .iter()
                .map(|word| Value::known(eval.with_home(word)))
                .collect();
            let value = eval.subshell(|eval| eval.invoke(line, &Io::default()));
            output.labels = output.labels.and(value.labels);
        }
        Act::Code(language, text) => {
            let value = walk(eval, language, &Value::known(text), &Io::default(), &[]);
            output.push(&value);
        }
        Act::Read(path) => {
            let path = eval.with_home(&path);
            output.labels = output.labels.and(eval.read(&path).labels);
        }
        Act::Write { path, text } => {
            eval.write(&eval.with_home(&path), &text_or_unknown(text, own), false);
        }
        Act::Append { path, text } => {
            eval.write(&eval.with_home(&path), &text_or_unknown(text, own), true);
        }
        Act::Delete { path, tree } => eval.delete(
            &eval.with_home(&path),
            Tags::TREE.when(tree).and(Tags::FORCE),
        ),
        Act::Rename { from, to } => {
            eval.delete(&eval.with_home(&from), Tags::MOVE);
            eval.change(&eval.with_home(&to), Tags::MOVE);
        }
        Act::Chmod { path, mode } => {
            let tags = super::system::mode_tags(&mode);
            eval.change_rights(Kinds::MODE, &eval.with_home(&path), tags);
        }
        Act::Chown { path } => eval.change_rights(Kinds::OWNER, &eval.with_home(&path), Tags::NONE),
        Act::Connect { to } => {
            eval.connect(&to, Tags::NONE);
            output.labels = output.labels.and(Labels::OUTPUT);
        }
        Act::Send { to, body } => {
            eval.send(
                &to,
                &Value {
                    text: body,
                    labels: output.labels,
                },
                Tags::NONE,
            );
        }
        act => quiet_act(eval, act, output),
    }
}

fn quiet_act(eval: &mut Eval<'_>, act: Act, output: &mut Value) {
    match act {
        Act::Listen => {
            eval.effect(Kinds::LISTEN, Places::NONE, Tags::NONE, "");
        }
        Act::ShellOnSocket => {
            eval.effect(Kinds::SHELL, Places::NONE, Tags::NONE, "");
        }
        Act::Fetched => {
            eval.effect(Kinds::CODE, Places::NONE, Tags::NETWORK, "");
        }
        Act::Env => output.labels = output.labels.and(Labels::ENVIRONMENT),
        Act::Kill(target) => {
            let tags = Tags::EVERY_PROCESS.when(target.trim() == "-1");
            eval.effect(Kinds::KILL, Places::NONE, tags, &target);
        }
        Act::Print(text) => output.push_str(&text),
        Act::ForkBomb => {
            eval.effect(Kinds::BOMB, Places::NONE, Tags::NONE, "");
        }
        Act::Opaque(what) => {
            eval.effect(Kinds::CODE, Places::NONE, Tags::DECODED, what);
        }
        Act::Remote { verb } => {
            eval.effect(Kinds::HTTP, Places::INTERNET, Tags::REMOVE, &verb);
        }
        _ => {}
    }
}

fn text_or_unknown(text: Option<String>, labels: Labels) -> Value {
    text.map_or_else(|| Value::unknown(labels), |text| Value { text, labels })
}
