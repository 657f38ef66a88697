//! Shows that the installed hook protects, by asking it.
//!
//! The calls are only text given to the hook; nothing in them is ever run.

use std::io::{self, Read, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::{Duration, Instant};

use serde::Serialize;

use crate::places::Places;

/// How long a hook may take; the client waits as long.
pub(crate) const PATIENCE: Duration = Duration::from_secs(10);
/// How long its output may come after its end.
const LAST_WORDS: Duration = Duration::from_secs(5);
/// More output than this from a hook is cut.
const MAX_OUTPUT: u64 = 1 << 20;

/// The session that the questions pretend to come from.
pub(crate) const SESSION: &str = "ccs-proof";
/// As much of an answer is shown, in letters.
const MAX_ANSWER: usize = 100;

/// What a program answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Answer {
    /// `None` if it was killed, also for being too slow.
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

/// One call and what the hook made of it.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Case {
    /// What was asked, in words.
    pub(crate) call: &'static str,
    pub(crate) expected: &'static str,
    pub(crate) held: bool,
    /// What came back, in words.
    pub(crate) answer: String,
}

struct Question {
    call: &'static str,
    expected: &'static str,
    input: Input,
    holds: fn(&Answer) -> bool,
}

enum Input {
    Command(&'static str),
    Raw(&'static str),
}

const QUESTIONS: &[Question] = &[
    Question {
        call: "rm -rf /",
        expected: "blocked",
        input: Input::Command("rm -rf /"),
        holds: |answer| answer.code == Some(2) && answer.decision().as_deref() == Some("deny"),
    },
    Question {
        call: "git status",
        expected: "allowed",
        input: Input::Command("git status"),
        holds: |answer| answer.code == Some(0) && answer.decision().is_none(),
    },
    Question {
        call: "input cut off in the middle",
        expected: "blocked",
        input: Input::Raw("{\"hook_event_name\":\"PreToolUse\",\"tool_name\":\"Ba"),
        holds: |answer| answer.code == Some(2),
    },
];

/// Asks a hook program, started as the client would start it for PreToolUse.
pub(crate) fn ask_all(program: &Path, args: &[String], places: &Places) -> Vec<Case> {
    let ask = &|question: &Question| {
        let answer = ask(
            program,
            args,
            &question.bytes(places),
            &places.home,
            PATIENCE,
        );
        let (held, answer) = match answer {
            Ok(answer) => ((question.holds)(&answer), answer.describe()),
            Err(error) => (false, format!("it cannot be started: {error}")),
        };
        Case {
            call: question.call,
            expected: question.expected,
            held,
            answer,
        }
    };
    thread::scope(|threads| {
        let started: Vec<_> = QUESTIONS
            .iter()
            .map(|question| threads.spawn(move || ask(question)))
            .collect();
        let joined = started.into_iter().map(|case| case.join());
        joined
            .map(|case| case.expect("asking does not panic"))
            .collect()
    })
}

impl Question {
    fn bytes(&self, places: &Places) -> Vec<u8> {
        match self.input {
            Input::Command(command) => called(command, places),
            Input::Raw(text) => text.into(),
        }
    }
}

/// The event of a command that is about to run.
pub(crate) fn called(command: &str, places: &Places) -> Vec<u8> {
    let input = serde_json::json!({"command": command, "description": "asked by ccs"});
    event(places, "PreToolUse", "Bash", &[("tool_input", input)])
}

/// The event of a page that was fetched.
pub(crate) fn fetched(text: &str, places: &Places) -> Vec<u8> {
    let url = "https://ccs-proof.invalid/";
    let input = serde_json::json!({"url": url, "prompt": "asked by ccs"});
    let response = serde_json::json!({"bytes": text.len(), "code": 200, "codeText": "OK",
        "result": text, "durationMs": 1, "url": url});
    let fields = [("tool_input", input), ("tool_response", response)];
    event(places, "PostToolUse", "WebFetch", &fields)
}

fn event(places: &Places, name: &str, tool: &str, fields: &[(&str, serde_json::Value)]) -> Vec<u8> {
    let home = places.home.to_string_lossy();
    let mut event = serde_json::json!({
        "session_id": SESSION,
        "transcript_path": format!("{home}/.claude/projects/ccs-proof.jsonl"),
        "cwd": home,
        "permission_mode": "default",
        "hook_event_name": name,
        "tool_name": tool,
        "tool_use_id": "toolu_ccs_proof",
    });
    for (key, value) in fields {
        event[*key] = value.clone();
    }
    format!("{event}\n").into_bytes()
}

impl Answer {
    /// The permission decision in the answer, if it is one that the client would understand.
    fn decision(&self) -> Option<String> {
        let value: serde_json::Value = serde_json::from_str(self.stdout.trim()).ok()?;
        let output = value.get("hookSpecificOutput")?;
        Some(output.get("permissionDecision")?.as_str()?.to_owned())
    }

    /// The reason in the answer, or what else there is to say about it, on one line.
    fn describe(&self) -> String {
        let value: Option<serde_json::Value> = serde_json::from_str(self.stdout.trim()).ok();
        let reason = value.as_ref().and_then(|value| {
            let output = value.get("hookSpecificOutput")?;
            output.get("permissionDecisionReason")?.as_str()
        });
        let text = match (reason, self.stderr.trim()) {
            (Some(reason), _) => reason,
            (None, "") => return self.ending(),
            (None, text) => text,
        };
        let first = text.lines().next().unwrap_or_default();
        format!("{}: {}", self.ending(), shortened(first))
    }

    fn ending(&self) -> String {
        match self.code {
            Some(code) => format!("exit code {code}"),
            None => "killed or too slow".to_owned(),
        }
    }
}

/// The start of a line that is too long to be read at a glance.
fn shortened(line: &str) -> String {
    let mut letters = line.chars();
    let mut start: String = letters.by_ref().take(MAX_ANSWER).collect();
    if letters.next().is_some() {
        start.push('…');
    }
    start
}

/// Runs a program with a bare environment, gives it `input` and waits for at most `patience`.
pub(crate) fn ask(
    program: &Path,
    args: &[String],
    input: &[u8],
    home: &Path,
    patience: Duration,
) -> io::Result<Answer> {
    let mut command = Command::new(program);
    command
        .args(args)
        .env_clear()
        .env("HOME", home)
        .current_dir(existing(home));
    if let Some(path) = std::env::var_os("PATH") {
        command.env("PATH", path);
    }
    command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = command.spawn()?;
    let (stdin, input) = (child.stdin.take(), input.to_owned());
    let stdout = collect(child.stdout.take());
    let stderr = collect(child.stderr.take());
    // A program that does not read its input is judged by its answer.
    thread::spawn(move || stdin.map(|mut stdin| stdin.write_all(&input)));
    let code = wait(&mut child, patience)?;
    Ok(Answer {
        code,
        stdout: stdout.recv_timeout(LAST_WORDS).unwrap_or_default(),
        stderr: stderr.recv_timeout(LAST_WORDS).unwrap_or_default(),
    })
}

fn existing(folder: &Path) -> &Path {
    if folder.is_dir() {
        folder
    } else {
        Path::new("/")
    }
}

/// Reads a pipe to its end, which may come after the program's: a child of it can hold the pipe.
fn collect(pipe: Option<impl Read + Send + 'static>) -> Receiver<String> {
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        let text = pipe.map(read).unwrap_or_default();
        // Nobody waits any more if the program was given up.
        let _ = sender.send(text);
    });
    receiver
}

fn read(mut pipe: impl Read) -> String {
    let mut bytes = Vec::new();
    // What arrived before an error is the answer; what is too much is read and dropped.
    let _ = pipe.by_ref().take(MAX_OUTPUT).read_to_end(&mut bytes);
    let _ = io::copy(&mut pipe, &mut io::sink());
    String::from_utf8_lossy(&bytes).into_owned()
}

fn wait(child: &mut Child, patience: Duration) -> io::Result<Option<i32>> {
    let start = Instant::now();
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(status.code());
        }
        if start.elapsed() > patience {
            child.kill()?;
            child.wait()?;
            return Ok(None);
        }
        thread::sleep(Duration::from_millis(2));
    }
}
