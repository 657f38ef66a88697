//! Programs of which it is known that they only read and print.
//!
//! The list decides what may be approved without a question and what the `allowlist` and
//! `readonly` modes let through, so an entry must hold for every argument that is not refused
//! here. What the program reads is judged apart, by its effects.

use super::Command;
use crate::value::Value;

/// Programs that change nothing whatever their arguments, but for the options beside them.
const PROGRAMS: &[(&str, &[&str])] = &[
    ("ls", &[]),
    ("dir", &[]),
    ("vdir", &[]),
    ("cat", &[]),
    ("tac", &[]),
    ("head", &[]),
    ("tail", &[]),
    ("wc", &[]),
    ("nl", &[]),
    ("rev", &[]),
    ("grep", &[]),
    ("egrep", &[]),
    ("fgrep", &[]),
    (
        "rg",
        &[
            "--pre",
            "--pre-glob",
            "--hostname-bin",
            "-z",
            "--search-zip",
        ],
    ),
    ("echo", &[]),
    ("printf", &["-v"]),
    ("pwd", &[]),
    ("cd", &[]),
    ("stat", &[]),
    ("file", &["-C", "--compile", "-z", "-Z"]),
    ("du", &[]),
    ("df", &[]),
    ("tree", &["-o"]),
    ("sort", &["-o", "--output", "--compress-program", "-T"]),
    ("uniq", &[]),
    ("cut", &[]),
    ("tr", &[]),
    ("column", &[]),
    ("paste", &[]),
    ("fold", &[]),
    ("fmt", &[]),
    ("expand", &[]),
    ("diff", &[]),
    ("cmp", &[]),
    ("comm", &[]),
    ("basename", &[]),
    ("dirname", &[]),
    ("realpath", &[]),
    ("readlink", &[]),
    ("which", &[]),
    ("type", &[]),
    ("true", &[]),
    ("false", &[]),
    (":", &[]),
    ("test", &[]),
    ("[", &[]),
    ("whoami", &[]),
    ("id", &[]),
    ("groups", &[]),
    ("uname", &[]),
    ("hostname", &["-F", "-b"]),
    ("nproc", &[]),
    ("arch", &[]),
    ("sleep", &[]),
    ("seq", &[]),
    ("date", &["-s", "--set", "-f"]),
    ("cal", &[]),
    ("uptime", &[]),
    ("free", &[]),
    ("md5sum", &[]),
    ("sha1sum", &[]),
    ("sha256sum", &[]),
    ("sha512sum", &[]),
    ("b2sum", &[]),
    ("cksum", &[]),
    ("jq", &[]),
    ("od", &[]),
    ("hexdump", &[]),
    ("strings", &[]),
    ("exit", &[]),
    ("return", &[]),
    ("wait", &[]),
    ("tput", &[]),
    ("lsblk", &[]),
    ("lscpu", &[]),
    ("getconf", &[]),
    ("locale", &[]),
    ("tokei", &[]),
    ("cloc", &[]),
];
/// git's subcommands that change nothing, with the options that would.
const GIT: &[(&str, &[&str])] = &[
    ("status", &[]),
    ("log", &["--output", "--ext-diff", "-O"]),
    ("diff", &["--output", "--ext-diff", "--textconv"]),
    ("show", &["--output", "--ext-diff", "--textconv"]),
    ("rev-parse", &[]),
    ("ls-files", &[]),
    ("ls-tree", &[]),
    ("blame", &[]),
    ("describe", &[]),
    ("shortlog", &[]),
    ("cat-file", &["--textconv", "--filters"]),
    ("rev-list", &[]),
    ("merge-base", &[]),
    ("for-each-ref", &[]),
    ("check-ignore", &[]),
    ("grep", &["-O", "--open-files-in-pager", "--ext-grep"]),
    ("name-rev", &[]),
    ("count-objects", &[]),
    ("whatchanged", &[]),
    ("cherry", &[]),
    ("var", &[]),
    ("version", &[]),
    ("help", &[]),
];

/// Whether the command is known to change nothing.
pub(super) fn is_harmless(command: &Command<'_>) -> bool {
    if command.line[0].text.contains('/') && !is_system_path(&command.line[0].text) {
        return false;
    }
    match command.name {
        "git" => git(command.args()),
        "find" => !command.texts().any(|text| {
            ["-exec", "-ok", "-delete", "-fprint", "-fls"]
                .iter()
                .any(|action| text.starts_with(action))
        }),
        "sed" => sed(command),
        "xxd" | "base64" => {
            !command.texts().any(|text| {
                text.starts_with("-r") || text.starts_with("-o") || text.starts_with("--output")
            }) && command
                .texts()
                .filter(|text| !text.starts_with('-'))
                .count()
                <= 1
        }
        name => PROGRAMS
            .iter()
            .any(|(known, refused)| *known == name && !is_refused(command.args(), refused)),
    }
}

/// The folders in which a program's name means what it says.
fn is_system_path(path: &str) -> bool {
    [
        "/bin/",
        "/usr/bin/",
        "/usr/local/bin/",
        "/opt/homebrew/bin/",
    ]
    .iter()
    .any(|folder| {
        path.strip_prefix(folder)
            .is_some_and(|name| !name.contains('/'))
    })
}

fn is_refused(args: &[Value], refused: &[&str]) -> bool {
    args.iter().any(|value| {
        let text = value.text.as_str();
        refused.iter().any(|option| {
            let short = option.len() == 2
                && text.starts_with('-')
                && !text.starts_with("--")
                && text.contains(&option[1..]);
            let long = option.len() > 2
                && text.len() > 3
                && option.starts_with(text.split('=').next().unwrap_or(text));
            short || long
        })
    })
}

/// Only without options of git itself: `-c` and `-C` can run anything.
fn git(args: &[Value]) -> bool {
    let Some((verb, rest)) = args.split_first() else {
        return true;
    };
    let words: Vec<&str> = rest.iter().map(|value| value.text.as_str()).collect();
    match verb.text.as_str() {
        "branch" | "tag" => words.iter().all(|word| {
            matches!(
                *word,
                "-a" | "-r"
                    | "-v"
                    | "-vv"
                    | "-l"
                    | "--list"
                    | "--all"
                    | "--show-current"
                    | "--merged"
                    | "--no-merged"
                    | "-n"
            )
        }),
        "remote" => matches!(words.as_slice(), [] | ["-v"] | ["get-url", ..]),
        "stash" => {
            matches!(words.as_slice(), ["list", ..] | ["show", ..])
                && !words.contains(&"--ext-diff")
        }
        "config" => matches!(
            words.first(),
            Some(&("--get" | "--list" | "-l" | "--get-all" | "get" | "list"))
        ),
        "reflog" => matches!(words.first(), None | Some(&("show" | "HEAD" | "-n"))),
        "worktree" => matches!(words.first(), Some(&"list")),
        verb => GIT
            .iter()
            .any(|(known, refused)| *known == verb && !is_refused(rest, refused)),
    }
}

/// `sed -n '1,80p' file` and plain substitutions: nothing in place, nothing run or written.
fn sed(command: &Command<'_>) -> bool {
    let mut scripts = 0;
    command.texts().all(|text| {
        if text.starts_with('-') {
            return matches!(
                text,
                "-n" | "-E" | "-r" | "-e" | "--quiet" | "--regexp-extended" | "-s" | "-z" | "-u"
            );
        }
        scripts += 1;
        scripts > 1
            || text.bytes().all(|b| {
                b.is_ascii_digit() || matches!(b, b',' | b'p' | b'$' | b'd' | b';' | b' ' | b'q')
            })
    })
}

#[cfg(test)]
mod tests {
    use super::is_harmless;
    use crate::program::Command;
    use crate::value::Value;

    fn harmless(line: &str) -> bool {
        let line: Vec<Value> = line.split(' ').map(Value::known).collect();
        let name = crate::program::name(&line[0].text);
        is_harmless(&Command {
            name: &name,
            line: &line,
        })
    }

    #[test]
    fn readers_are_harmless() {
        for line in [
            "ls -la",
            "git status --short",
            "git log --oneline -5",
            "git branch -a",
            "find . -name x",
            "sed -n 1,80p a",
            "rg -n x src",
            "/usr/bin/cat a",
            "git remote -v",
        ] {
            assert!(harmless(line), "{line}");
        }
    }

    #[test]
    fn options_that_write_or_run_are_not() {
        for line in [
            "sort -o a b",
            "rg --pre sh x",
            "git -c core.pager=x log",
            "git diff --ext-diff",
            "git diff --outp=x",
            "git branch new",
            "find . -exec rm {} +",
            "sed -i s/a/b/ x",
            "sed 1e x",
            "./ls",
            "/tmp/cat a",
            "date -s 1",
            "git log --output=x",
            "cargo build",
            "sort --compress-program=x",
        ] {
            assert!(!harmless(line), "{line}");
        }
    }
}
