//! Whether a file parses, as its language's own tool sees it.
//!
//! The text goes in on stdin, in an empty environment and in the root folder, so that no
//! configuration of the project is read; the tools are asked to parse and never to run. Where a
//! tool is missing, is late, or says anything but where the text is wrong, nothing is said.

use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use ccs_gate::quality::Language;

use super::program;

/// How long one tool may take.
const PATIENCE: Duration = Duration::from_secs(3);
/// The most bytes of an answer.
const MAX_ANSWER: u64 = 4 << 20;
/// The longest complaint that is passed on, in characters.
const MAX_TEXT: usize = 160;

/// Where a text stops being what it should be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The line, from 1.
    pub line: usize,
    /// What the tool said.
    pub what: String,
}

/// What is wrong with the text of a file, if its language is one that can be checked here.
#[must_use]
pub fn check(path: &Path, text: &str, until: Instant) -> Option<Problem> {
    let now = Instant::now();
    if now >= until {
        return None;
    }
    let until = until.min(now + PATIENCE);
    let name = path.file_name()?.to_str()?;
    let end = path
        .extension()
        .and_then(|end| end.to_str())
        .unwrap_or_default();
    match (end, Language::of(name, text)) {
        ("json", _) => json(path, text),
        ("toml", _) => toml(text, until),
        ("js" | "mjs" | "cjs", _) => javascript(text, until),
        ("pyi" | "py" | "pyw", _) | (_, Language::Python) => python(text, until),
        (_, Language::Shell) => shell(text, until),
        (_, Language::Ruby) => ruby(text, until),
        ("php", _) => php(text, until),
        (_, Language::Go) => go(text, until),
        (_, Language::Rust) => rust(text, until),
        _ => None,
    }
}

/// Files that are JSON with comments in spite of their name.
fn is_loose(path: &Path) -> bool {
    let name = path
        .file_name()
        .and_then(|name| name.to_str())
        .unwrap_or_default();
    let folder = path
        .components()
        .any(|part| matches!(part.as_os_str().to_str(), Some(".vscode" | ".devcontainer")));
    folder
        || name.starts_with("tsconfig")
        || name.starts_with("jsconfig")
        || name.starts_with('.')
        || matches!(
            name,
            "devcontainer.json" | "tslint.json" | "language-configuration.json"
        )
}

fn json(path: &Path, text: &str) -> Option<Problem> {
    if is_loose(path) || text.trim().is_empty() {
        return None;
    }
    let error =
        serde_json::from_str::<serde::de::IgnoredAny>(text.trim_start_matches('\u{feff}')).err()?;
    Some(problem(error.line(), &error.to_string()))
}

/// Python's own parser, without its start-up files and without the folder it stands in. What is
/// parsed is never compiled, let alone run.
const PYTHON: &str = "import ast,sys
try:
    ast.parse(sys.stdin.buffer.read())
except SyntaxError as error:
    print('ccs', error.lineno or 0, error.msg)
except Exception:
    pass
";

fn python(text: &str, until: Instant) -> Option<Problem> {
    // other versions of the language than that of the tool
    if text
        .lines()
        .next()
        .is_some_and(|line| line.starts_with("#!") && line.contains("python2"))
    {
        return None;
    }
    let mut command = tool("python3")?;
    command.args(["-I", "-S", "-B", "-W", "ignore", "-c", PYTHON]);
    marked(command, text, until)
}

const TOML: &str = "import sys
try:
    import tomllib
    try:
        tomllib.loads(sys.stdin.buffer.read().decode())
    except tomllib.TOMLDecodeError as error:
        import re
        line = re.search(r'at line (\\d+)', str(error))
        print('ccs', line.group(1) if line else 0, error)
except Exception:
    pass
";

fn toml(text: &str, until: Instant) -> Option<Problem> {
    let mut command = tool("python3")?;
    command.args(["-I", "-S", "-B", "-c", TOML]);
    marked(command, text, until)
}

/// Parses and does not run: neither a function that is never called nor a module that is never
/// linked does anything. `-e` has no file, so that no `package.json` has a say. Where a module is
/// wrong, node does not say on which line; that of the same complaint about a script is.
const NODE: &str = r"
const vm = require('vm');
const text = require('fs').readFileSync(0, 'utf8').replace(/^#!.*/, '');
const ways = [
  () => vm.compileFunction(text, [], { filename: 'ccs' }),
  () => new vm.SourceTextModule(text, { identifier: 'ccs' }),
];
const errors = [];
for (const parse of ways) {
  try { parse(); process.exit(0); }
  catch (error) { if (error.name !== 'SyntaxError') process.exit(0); errors.push(error); }
}
const [script, whole] = errors;
const same = script.message === whole.message || !/import|export|await/.test(script.message);
const at = same && /^ccs:(\d+)/.exec(script.stack);
console.log('ccs', at ? at[1] : 0, (same ? script : whole).message);
";

fn javascript(text: &str, until: Instant) -> Option<Problem> {
    // dialects that are turned into JavaScript first
    if text.contains("@flow") || text.contains("</") || text.contains("/>") {
        return None;
    }
    let mut command = tool("node")?;
    command.args([
        "--no-warnings",
        "--no-addons",
        "--experimental-vm-modules",
        "-e",
        NODE,
    ]);
    marked(command, text, until)
}

fn shell(text: &str, until: Instant) -> Option<Problem> {
    let first = text.lines().next().unwrap_or_default();
    if first.starts_with("#!")
        && ["zsh", "fish", "ksh", "csh"]
            .iter()
            .any(|shell| first.contains(shell))
    {
        return None;
    }
    let mut command = tool("bash")?;
    command.args(["--norc", "--noprofile", "-n"]);
    complained(command, text, until, |line| {
        let (_, rest) = line.split_once(": line ")?;
        let (number, what) = rest.split_once(':')?;
        Some((number.parse().ok()?, what.to_owned()))
    })
}

fn ruby(text: &str, until: Instant) -> Option<Problem> {
    // code that some versions run while they parse
    if text.contains("BEGIN") {
        return None;
    }
    let mut command = tool("ruby")?;
    command.args(["--disable=all", "-c"]);
    complained(command, text, until, after_name)
}

fn php(text: &str, until: Instant) -> Option<Problem> {
    let mut command = tool("php")?;
    command.args([
        "-n",
        "-d",
        "display_errors=stderr",
        "-d",
        "log_errors=0",
        "-l",
    ]);
    complained(command, text, until, |line| {
        let what = line.split_once("Parse error:").map(|(_, rest)| rest)?;
        let (what, number) = what.rsplit_once(" on line ")?;
        Some((number.trim().parse().ok()?, what.to_owned()))
    })
}

fn go(text: &str, until: Instant) -> Option<Problem> {
    let mut command = tool("gofmt")?;
    command.arg("-e");
    complained(command, text, until, after_name)
}

fn rust(text: &str, until: Instant) -> Option<Problem> {
    let mut command = tool("rustfmt")?;
    command.args(["--edition", "2024", "--emit", "stdout", "--color", "never"]);
    let answer = program::run(command, text.as_bytes().to_vec(), until, MAX_ANSWER).ok()?;
    let said = String::from_utf8_lossy(&answer.stderr).into_owned();
    let (_, error) = said.split_once("error: ").filter(|_| !answer.success)?;
    let (_, place) = error.split_once("--> <stdin>:")?;
    let line = place.split(':').next()?.parse().ok()?;
    Some(problem(line, error.lines().next()?))
}

fn tool(name: &str) -> Option<Command> {
    program::find(name).map(|path| program::command(&path))
}

/// The problem that a tool of ours prints as `ccs LINE WHAT`.
fn marked(command: Command, text: &str, until: Instant) -> Option<Problem> {
    let answer = program::run(command, text.as_bytes().to_vec(), until, MAX_ANSWER).ok()?;
    let said = String::from_utf8_lossy(&answer.stdout).into_owned();
    let (line, what) = said.strip_prefix("ccs ")?.split_once(' ')?;
    Some(problem(line.parse().ok()?, what))
}

/// The problem in the first line on stderr that `read` understands.
fn complained(
    command: Command,
    text: &str,
    until: Instant,
    read: impl Fn(&str) -> Option<(usize, String)>,
) -> Option<Problem> {
    let answer = program::run(command, text.as_bytes().to_vec(), until, MAX_ANSWER).ok()?;
    let said = String::from_utf8_lossy(&answer.stderr).into_owned();
    let (line, what) = said.lines().find_map(read).filter(|_| !answer.success)?;
    Some(problem(line, &what))
}

/// `NAME:LINE: WHAT` or `NAME:LINE:COLUMN: WHAT`.
fn after_name(line: &str) -> Option<(usize, String)> {
    let (_, rest) = line.split_once(':')?;
    let (number, what) = rest.split_once(':')?;
    let what = match what.split_once(':') {
        Some((column, what)) if column.parse::<u32>().is_ok() => what,
        _ => what,
    };
    Some((number.trim().parse().ok()?, what.to_owned()))
}

fn problem(line: usize, what: &str) -> Problem {
    let what = what.lines().next().unwrap_or_default().trim();
    let what = what.chars().take(MAX_TEXT).collect();
    Problem {
        line: line.max(1),
        what,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(name: &str, text: &str) -> Option<usize> {
        let until = Instant::now() + Duration::from_secs(30);
        check(Path::new(name), text, until).map(|problem| problem.line)
    }

    #[test]
    fn json_is_read_as_the_standard_wants_it_where_the_name_says_no_other() {
        assert_eq!(line("a.json", "{\"a\": 1,\n}"), Some(2));
        assert_eq!(line("a.json", "{\"a\": [1, 2]}\n"), None);
        assert_eq!(line("tsconfig.json", "{ // strict\n}"), None);
        assert_eq!(line(".vscode/settings.json", "{ // x\n}"), None);
    }

    #[test]
    fn python_is_parsed_and_not_run() {
        if program::find("python3").is_none() {
            return;
        }
        assert_eq!(line("a.py", "def f():\n    return 1 +\n"), Some(2));
        assert_eq!(line("a.py", "x = 1\n"), None);
        let folder = tempfile::tempdir().expect("a folder");
        let made = folder.path().join("made");
        let text = format!("open({:?}, 'w')\n", made.to_str().expect("UTF-8"));
        assert_eq!(line("a.py", &text), None);
        assert!(!made.exists());
    }

    #[test]
    fn javascript_is_parsed_as_script_and_as_module_and_not_run() {
        if program::find("node").is_none() {
            return;
        }
        assert_eq!(line("a.js", "function f() {\n  return (1;\n}\n"), Some(2));
        assert_eq!(
            line("a.js", "import x from 'x'\nexport default await x()\n"),
            None
        );
        assert_eq!(
            line("a.cjs", "#!/usr/bin/env node\nmodule.exports = 1\nreturn\n"),
            None
        );
        assert_eq!(line("a.js", "const a = <p>x</p>\n"), None);
        let folder = tempfile::tempdir().expect("a folder");
        let made = folder.path().join("made");
        let text = format!(
            "require('fs').writeFileSync({:?}, '')\n",
            made.to_str().expect("UTF-8")
        );
        assert_eq!(line("a.js", &text), None);
        assert!(!made.exists());
    }

    #[test]
    fn shell_is_parsed_and_not_run() {
        if program::find("bash").is_none() {
            return;
        }
        assert_eq!(line("a.sh", "if true; then\n  echo x\n"), Some(3));
        assert_eq!(line("run", "#!/bin/sh\necho ok\n"), None);
        let folder = tempfile::tempdir().expect("a folder");
        let made = folder.path().join("made");
        assert_eq!(line("a.sh", &format!("touch '{}'\n", made.display())), None);
        assert!(!made.exists());
    }

    #[test]
    fn toml_is_parsed_where_python_can() {
        let can = program::find("python3").is_some_and(|path| {
            let mut command = program::command(&path);
            command.args(["-I", "-c", "import tomllib"]);
            program::run(
                command,
                Vec::new(),
                Instant::now() + Duration::from_secs(30),
                9_000,
            )
            .is_ok_and(|a| a.success)
        });
        assert_eq!(line("a.toml", "a = 1\nb = \n").is_some(), can);
        assert_eq!(line("a.toml", "a = 1\n"), None);
    }

    #[test]
    fn complaints_name_their_line() {
        let read = |line: &str| after_name(line).map(|found| found.0);
        assert_eq!(read("<standard input>:3:5: expected ')'"), Some(3));
        assert_eq!(
            read("-:12: syntax error, unexpected end-of-input"),
            Some(12)
        );
        assert_eq!(read("Syntax OK"), None);
    }
}
