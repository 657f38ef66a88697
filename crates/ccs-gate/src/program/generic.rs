//! Programs that are not modelled: they read the files among their arguments.

use super::Command;
use crate::effect::{Kinds, Places, Tags};
use crate::eval::{Eval, Io};
use crate::path;
use crate::value::{Labels, Value};

/// Programs none of whose arguments is a file they show.
const NO_FILES: &[&str] = &[
    "ls",
    "dir",
    "vdir",
    "eza",
    "exa",
    "lsd",
    "stat",
    "gstat",
    "file",
    "du",
    "df",
    "tree",
    "touch",
    "gtouch",
    "mkdir",
    "mkfifo",
    "mknod",
    "sleep",
    "expr",
    "logger",
    "man",
    "info",
    "apropos",
    "whereis",
    "whatis",
    "kill",
    "pkill",
    "killall",
    "pgrep",
    "pidof",
    "say",
    "notify-send",
    "date",
    "cal",
    "uptime",
    "free",
    "ps",
    "top",
    "id",
    "groups",
    "hostname",
    "uname",
    "nproc",
    "arch",
    "tty",
    "stty",
    "tput",
    "clear",
    "reset",
    "sync",
    "namei",
    "getfacl",
    "lsattr",
    "lsof",
    "fuser",
    "mount",
    "umount",
    "gh",
    "glab",
    "hub",
    "jira",
    "linear",
    "test",
    "[",
    "printf",
    "echo",
    "alias",
    "export",
    "title",
    "figlet",
    "cowsay",
    "locate",
    "mlocate",
    "plocate",
    "md5",
    "true",
    "brew",
    "apt",
    "apt-get",
    "dnf",
    "yum",
    "pacman",
    "apk",
    "snap",
    "npm",
    "pnpm",
    "yarn",
    "cargo",
    "rustup",
    "pip",
    "pip3",
    "uv",
    "poetry",
    "claude",
    "code",
    "open",
    "xdg-open",
    "systemctl",
    "service",
    "journalctl",
    "launchctl",
    "ccs",
    "ccs-hook",
    "ssh-keygen",
    "ssh-add",
    "chattr",
    "setfacl",
    "restorecon",
    "diff-so-fancy",
    "tokei",
    "cloc",
    "sha256sum",
    "sha1sum",
    "md5sum",
    "sha512sum",
    "shasum",
    "cksum",
    "b2sum",
    "direnv",
];
/// Programs whose first word is a pattern or a script, not a file.
const PATTERN_FIRST: &[&str] = &[
    "grep", "egrep", "fgrep", "zgrep", "rg", "ag", "ack", "sed", "gsed", "jq", "yq", "ugrep",
    "ast-grep", "sg", "xq", "sd",
];
/// Options whose value is a configuration or an identity that the program uses and does not show.
const USED: &[&str] = &[
    "--env-file",
    "--kubeconfig",
    "--key",
    "--cert",
    "--cacert",
    "--cafile",
    "--identity",
    "--config",
    "--ssh-key",
    "--private-key",
    "--key-file",
    "--userconfig",
    "--netrc-file",
    "--client-key",
    "--client-certificate",
    "--certificate-authority",
    "--credentials-file",
    "--dotenv",
];

pub(super) fn run(eval: &mut Eval<'_>, command: &Command<'_>, io: &Io) -> Value {
    let mut labels = Labels::OUTPUT;
    if let Some(stdin) = &io.stdin {
        labels = labels.and(stdin.labels);
        if stdin.is_known() && !NO_FILES.contains(&command.name) {
            embedded(eval, &stdin.text);
        }
    }
    if let Some(value) = own_program(eval, command, io) {
        return value;
    }
    for file in file_words(command) {
        labels = labels.and(read_word(eval, file));
    }
    for value in command.args() {
        labels = labels.and(value.labels.without(Labels::OUTPUT));
    }
    Value::unknown(labels)
}

/// A program given by its path: perhaps one this command has written.
fn own_program(eval: &mut Eval<'_>, command: &Command<'_>, io: &Io) -> Option<Value> {
    let first = &command.line[0];
    if !first.text.contains('/') {
        return None;
    }
    if let Some(value) = eval.program_file(command.line, io) {
        return Some(value);
    }
    if !first.text.starts_with("/usr/")
        && !first.text.starts_with("/bin/")
        && !first.text.starts_with("/opt/")
    {
        eval.run_file(first);
        let at = eval.locate(&first.text);
        eval.report
            .path(&at.path, crate::rule::Access::Read, eval.facts);
    }
    None
}

/// Options of programs that look for a pattern, followed by something that is no file.
const TAKES_PATTERN: &[&str] = &[
    "-e",
    "--regexp",
    "-g",
    "--glob",
    "--include",
    "--exclude",
    "--expression",
    "--arg",
    "--argjson",
];

/// The arguments that may be files.
pub(super) fn file_words<'c>(command: &Command<'c>) -> Vec<&'c Value> {
    if NO_FILES.contains(&command.name) {
        return Vec::new();
    }
    let mut pattern = PATTERN_FIRST.contains(&command.name) && !has_pattern_option(command);
    let mut skip = false;
    let mut words = Vec::new();
    let args = command.args();
    for (at, value) in args.iter().enumerate() {
        let text = value.text.as_str();
        let next = args.get(at + 1);
        if std::mem::take(&mut skip) {
            continue;
        }
        if USED.contains(&text)
            || is_identity(command.name, text, next)
            || PATTERN_FIRST.contains(&command.name) && TAKES_PATTERN.contains(&text)
        {
            skip = true;
        } else if text.starts_with('-') && text.len() > 1 {
            words.extend((!USED.iter().any(|used| text.starts_with(used))).then_some(value));
        } else if std::mem::take(&mut pattern) {
        } else {
            words.push(value);
        }
    }
    words
}

fn has_pattern_option(command: &Command<'_>) -> bool {
    command.texts().any(|text| {
        matches!(
            text,
            "-e" | "-f" | "--regexp" | "--file" | "--expression" | "--from-file"
        ) || text.starts_with("--regexp=")
            || text.starts_with("--expression=")
            || text.starts_with("--files")
    })
}

/// `-i key` of programs that log in with it.
fn is_identity(program: &str, option: &str, value: Option<&Value>) -> bool {
    const LOGIN: &[&str] = &[
        "ssh",
        "scp",
        "sftp",
        "mosh",
        "autossh",
        "sshfs",
        "ansible",
        "ansible-playbook",
    ];
    match option {
        // what is copied is the public half, found by the name of the private one
        "-i" if program == "ssh-copy-id" => {
            value.is_some_and(|value| value.text.contains("/.ssh/"))
        }
        "-i" => LOGIN.contains(&program),
        "-F" => matches!(program, "ssh" | "scp" | "sftp"),
        _ => false,
    }
}

/// Reads what an argument may name. Gives the labels of what was read.
fn read_word(eval: &mut Eval<'_>, value: &Value) -> Labels {
    let text = value.text.as_str();
    if let Some(path) = attached(text) {
        return eval.read(path).labels;
    }
    if text.starts_with('-') {
        return Labels::NONE;
    }
    if text.contains(['\n', ' ', '(', '{', '"', '\'']) && !text.starts_with(['/', '~', '.'])
        || text.contains('\n')
    {
        embedded(eval, text);
        return Labels::NONE;
    }
    if is_pathlike(text) {
        let value = eval.read(text);
        if value.is_known() {
            embedded(eval, &value.text); // a program this command has written itself
        }
        return value.labels;
    }
    Labels::NONE
}

/// A path after `--option=`, `-o`, `@`, `key=` or `file://`.
fn attached(text: &str) -> Option<&str> {
    if let Some(long) = text.strip_prefix("--") {
        return long
            .split_once('=')
            .map(|(_, value)| value.trim_start_matches('@'))
            .filter(|value| is_pathlike(value));
    }
    if text.starts_with('-') && text.len() > 2 {
        let at = text.find(['/', '~', '.', '@'])?;
        return Some(text[at..].trim_start_matches('@')).filter(|value| is_pathlike(value));
    }
    if let Some(at) = text.find("file://") {
        return Some(&text[at + 7..]);
    }
    if let Some(rest) = text.strip_prefix("fileb://") {
        return Some(rest);
    }
    if let Some(rest) = text.strip_prefix('@') {
        return Some(rest);
    }
    let (key, value) = text.split_once('=').or_else(|| text.split_once(":@"))?;
    let named = !key.is_empty()
        && key
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-');
    Some(value.trim_start_matches('@')).filter(|value| named && is_pathlike(value))
}

fn is_pathlike(text: &str) -> bool {
    !text.is_empty() && !crate::net::is_url(text) && !text.contains("::")
}

/// Files named inside a text, such as a program in a language that is not read.
pub(super) fn embedded(eval: &mut Eval<'_>, text: &str) {
    const STARTS: [&str; 3] = ["/", "~/", "$HOME/"];
    const MAX: usize = 40;
    let separators = |c: char| {
        c.is_whitespace()
            || matches!(
                c,
                '"' | '\''
                    | '`'
                    | '('
                    | ')'
                    | '{'
                    | '}'
                    | '<'
                    | '>'
                    | ','
                    | ';'
                    | '='
                    | '|'
                    | '['
                    | ']'
                    | '@'
                    | '!'
            )
    };
    if crate::scan::is_shell_on_socket(text) {
        eval.effect(Kinds::SHELL, Places::NONE, Tags::NONE, "");
    }
    let mut tried = 0;
    for word in text.split(separators) {
        if tried < MAX && STARTS.iter().any(|start| word.starts_with(start)) && word.len() > 4 {
            tried += 1;
            let home = eval.home_of("");
            let path = word
                .strip_prefix("~/")
                .or_else(|| word.strip_prefix("$HOME/"))
                .map_or(word.to_owned(), |rest| format!("{home}/{rest}"));
            let path = path::absolute(&path, &eval.state.cwd);
            if eval
                .report
                .path(&path, crate::rule::Access::Read, eval.facts)
            {
                eval.read(&path);
            }
        }
    }
}
