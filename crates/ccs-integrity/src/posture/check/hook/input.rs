//! Whether text that the model chooses is read as a program.

use crate::posture::danger::SHELLS;
use crate::posture::shell::{Script, Stage, Word, parse};

/// Why text that the model chooses may be read as shell.
pub(super) fn unquoted(program: &str, is_line: bool) -> Option<String> {
    let script = parse(program);
    let tainted = tainted(&script.stages().collect::<Vec<_>>());
    let is_input = |name: &String| {
        tainted.contains(name) || name.starts_with("CLAUDE_TOOL") || name == "TOOL_INPUT"
    };
    for stage in script.stages() {
        let Some((name, args)) = stage.program() else {
            continue;
        };
        let shell = matches!(name, "eval" | "sh" | "bash" | "zsh" | "dash" | "ssh" | "su");
        let runs = shell
            && (matches!(name, "eval" | "ssh")
                || args
                    .iter()
                    .any(|word| word.text == "-c" || word.text == "-lc"));
        let chosen = args
            .iter()
            .flat_map(|word| word.split.iter().chain(&word.whole))
            .find(|name| is_input(name) || name.starts_with("CLAUDE_FILE_PATH"));
        if let Some(variable) = chosen.filter(|_| runs) {
            return Some(format!(
                "{name} evaluates ${variable}, which comes from the tool call"
            ));
        }
        let inner = args
            .iter()
            .flat_map(|word| &word.inner)
            .any(|(script, _)| script.stages().any(reads_input));
        if runs && inner {
            return Some(format!("{name} evaluates a part of the tool call"));
        }
        if let Some(variable) = args
            .iter()
            .flat_map(|word| &word.split)
            .find(|name| is_input(name))
            .filter(|_| !matches!(name, "[[" | "case" | "export" | "local"))
        {
            return Some(format!(
                "${variable} comes from the tool call and stands without quotes"
            ));
        }
        let within = args
            .iter()
            .flat_map(|word| &word.inner)
            .any(|(script, split)| {
                *split && script.stages().any(reads_input) && !matches!(name, "case" | "[[")
            });
        if within
            && !stage
                .words
                .first()
                .is_some_and(|word| word.text.contains('='))
        {
            return Some("a part of the tool call stands without quotes".to_owned());
        }
    }
    // The input as the command itself: `$cmd`.
    let commands = script.stages().filter_map(|stage| stage.words.first());
    let itself = commands
        .flat_map(|word| word.split.first())
        .find(|name| is_input(name));
    if let Some(variable) = itself {
        return Some(format!(
            "${variable}, which comes from the tool call, is run"
        ));
    }
    if let Some(why) = handed_over(&script) {
        return Some(why);
    }
    let first = script.stages().next().and_then(|stage| stage.words.first());
    let bare =
        first.filter(|word| is_line && word.split.iter().any(|name| name == "CLAUDE_PROJECT_DIR"));
    bare.map(|_| "$CLAUDE_PROJECT_DIR stands without quotes".to_owned())
}

/// `jq … | xargs -I{} sh -c 'tool {}'`: the name becomes a part of the program.
fn handed_over(script: &Script) -> Option<String> {
    for pipeline in script.all() {
        let read = pipeline.stages.iter().position(reads_input);
        let Some(read) = read else { continue };
        for stage in &pipeline.stages[read..] {
            if SHELLS.contains(&stage.name()) && stage.args().is_empty() {
                let name = stage.name();
                return Some(format!(
                    "{name} runs a part of the tool call as its program"
                ));
            }
            let words: Vec<&str> = stage.words.iter().map(|word| word.text.as_str()).collect();
            let mark = words.iter().find_map(|word| word.strip_prefix("-I"));
            let mark = mark.map(|mark| if mark.is_empty() { "{}" } else { mark });
            let program = words.iter().position(|word| matches!(*word, "-c" | "-lc"));
            if let (Some(mark), Some(at)) = (mark, program)
                && words.contains(&"xargs")
                && words.get(at + 1).is_some_and(|text| text.contains(mark))
            {
                return Some("a shell reads a part of the tool call as its program".to_owned());
            }
        }
    }
    None
}

fn reads_input(stage: &Stage) -> bool {
    let speaks = stage.args().iter().any(|word| {
        word.text.contains("tool_input")
            || word.text.contains("tool_response")
            || word.text.contains(".prompt")
    });
    stage.name() == "jq" && speaks
}

/// Variables that get a part of the tool call: `f=$(jq …)`, and what is made of them.
fn tainted(stages: &[&Stage]) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    let words: Vec<&Word> = stages.iter().flat_map(|stage| &stage.words).collect();
    for word in &words {
        let Some((name, _)) = word.text.split_once('=') else {
            continue;
        };
        let from_call = word.inner.iter().any(|(script, _)| {
            script
                .stages()
                .any(|stage| reads_input(stage) || python_reads(stage))
        });
        let from_other = word
            .split
            .iter()
            .chain(&word.whole)
            .any(|used| names.contains(used));
        if from_call || from_other {
            names.push(name.to_owned());
        }
    }
    names
}

fn python_reads(stage: &Stage) -> bool {
    stage.name().starts_with("python")
        && stage
            .args()
            .iter()
            .any(|word| word.text.contains("tool_input"))
}

/// Calls that give a line to a shell.
const CALLS: &[&str] = &[
    "os.system(",
    "os.popen(",
    "execSync(",
    "exec(",
    "system(",
    "shell_exec(",
    "passthru(",
    "popen(",
    "eval(",
    "shell=True",
];

/// Whether a program in another language gives the tool call to a shell.
pub(super) fn evaluates(text: &str) -> Option<String> {
    if !text.contains("tool_input") {
        return None;
    }
    let mut names: Vec<&str> = Vec::new();
    let renamed = renamed(text);
    for line in text.lines() {
        let taken = line.contains("tool_input") || names.iter().any(|name| has_name(line, name));
        if !taken {
            continue;
        }
        names.extend(assigned(line));
        let quoted = [
            "shlex.quote",
            "shellescape",
            "escapeshellarg",
            "JSON.stringify",
            "shell-quote",
        ];
        let mut all = CALLS
            .iter()
            .copied()
            .chain(renamed.iter().map(String::as_str));
        if all.any(|call| calls(line, call)) && !quoted.iter().any(|by| line.contains(by)) {
            return Some(format!(
                "a shell reads a part of the tool call: {}",
                line.trim()
            ));
        }
    }
    None
}

/// Whether a call stands in a line, with a line of text and not a list of words.
fn calls(line: &str, call: &str) -> bool {
    line.match_indices(call).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        let whole = before.is_none_or(|c| !c.is_alphanumeric() && c != '_');
        let rest = line[at + call.len()..].trim_start();
        let joined = [
            "+", "%", "${", "#{", "{", ".format(", ".join(", "\"$", " $", ". $", ".$",
        ];
        let made = call == "shell=True" || !rest.starts_with(['[', ')']);
        whole
            && made
            && (call == "shell=True"
                || joined.iter().any(|sign| line.contains(sign))
                || is_bare(rest))
    })
}

/// Whether the argument is a variable alone.
fn is_bare(rest: &str) -> bool {
    let name = rest.split([')', ',']).next().unwrap_or_default();
    !name.is_empty()
        && name
            .chars()
            .all(|c| c.is_alphanumeric() || "_.[]'\"".contains(c))
        && !name.starts_with(['\'', '"'])
}

/// Calls under another name: `import { execSync as x }`, `{ exec: x } = require(…)`.
fn renamed(text: &str) -> Vec<String> {
    let names = ["execSync", "exec", "spawnSync", "spawn"];
    let marks = names
        .iter()
        .flat_map(|name| [format!("{name} as "), format!("{name}: ")]);
    let places = marks.flat_map(|mark| {
        let ends = text
            .match_indices(mark.as_str())
            .map(|(at, _)| at + mark.len());
        ends.collect::<Vec<_>>()
    });
    let words = places.map(|at| {
        let name = |c: &char| c.is_alphanumeric() || *c == '_';
        text[at..].chars().take_while(name).collect::<String>()
    });
    words
        .filter(|name| !name.is_empty())
        .map(|name| format!("{name}("))
        .collect()
}

/// The variables that a line gives a value: `const f = …`, `my $f = …`, `const { f } = …`.
fn assigned(line: &str) -> Vec<&str> {
    let Some((left, right)) = line.split_once('=') else {
        return Vec::new();
    };
    if right.starts_with('=') || left.contains('(') {
        return Vec::new();
    }
    let list = left
        .split_once('{')
        .and_then(|(_, rest)| rest.split_once('}'));
    let last = left.split_whitespace().last();
    let names: Vec<&str> = match list {
        Some((names, _)) => names.split([',', ':']).collect(),
        None => last.into_iter().collect(),
    };
    let bare =
        |name: &str| !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || c == '_');
    let names = names
        .into_iter()
        .map(|name| name.trim().trim_start_matches('$'));
    names.filter(|name| bare(name)).collect()
}

fn has_name(line: &str, name: &str) -> bool {
    line.match_indices(name).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        let after = line[at + name.len()..].chars().next();
        let part = |c: char| c.is_alphanumeric() || c == '_';
        before.is_none_or(|c| !part(c)) && after.is_none_or(|c| !part(c))
    })
}
