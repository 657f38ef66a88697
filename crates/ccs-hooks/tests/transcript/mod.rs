//! Transcripts: TOML files that say what goes in and what must come out.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use ccs_gate::policy::{Mode, Policy, bundle};
use serde::Deserialize;
use serde_json::Value;

use crate::common::{Answer, World, program};

/// The secret key of the tests' policies.
const KEY: [u8; 32] = [7; 32];

/// A policy sealed with a key of the tests' own.
fn bundle(mode: Mode) -> String {
    let mut policy = Policy {
        mode,
        ..Policy::default()
    };
    // a token would be another one each time
    policy.taint.canary = false;
    String::from_utf8(bundle::seal(&policy, &KEY)).expect("ASCII")
}

fn public_key() -> String {
    let key = bundle::public_key(&KEY);
    key.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The text with the world's own paths, bundles and key in it.
fn fill(world: &World, text: &str) -> String {
    let signed = [
        ("{DEFAULTS}", bundle(Mode::Standard)),
        ("{STRICT}", bundle(Mode::Strict)),
        ("{PUBLIC}", public_key()),
    ];
    let text = signed
        .iter()
        .filter(|(name, _)| text.contains(name))
        .fold(text.to_owned(), |text, (name, with)| {
            text.replace(name, with)
        });
    let paths = [
        ("{HOME}", world.path("home")),
        ("{SHOP}", world.path("home/shop")),
        ("{STATE}", world.state()),
        ("{HOOK}", program()),
    ];
    paths.iter().fold(text, |text, (name, path)| {
        text.replace(name, path.to_str().expect("UTF-8"))
    })
}

/// Makes a file, or a folder if the name ends in a slash.
fn write(world: &World, name: &str, text: &str) {
    let path = world.path(name);
    if name.ends_with('/') {
        fs::create_dir_all(path).expect("a folder");
        return;
    }
    fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
    fs::write(path, fill(world, text)).expect("a file");
}

/// A file of cases.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Transcript {
    case: Vec<Case>,
}

/// One situation.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    /// What it shows.
    about: String,
    /// Events in kebab-case, or `gating` for all that can stop something.
    #[serde(default)]
    events: Vec<String>,
    /// The whole command line, instead of an event and the state folder.
    args: Option<Vec<String>>,
    #[serde(default)]
    env: BTreeMap<String, String>,
    /// Files below the world, by name.
    #[serde(default)]
    files: BTreeMap<String, String>,
    #[serde(default)]
    stdin: Vec<Part>,
    expect: Expect,
}

/// A piece of stdin.
#[derive(Deserialize)]
#[serde(untagged)]
enum Part {
    Text(String),
    Repeat { text: String, times: usize },
    Bytes { bytes: Vec<u8> },
}

/// What must come out. Each key that is given must hold.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Expect {
    /// Nothing on stdout and stderr, and exit code 0.
    #[serde(default)]
    passes: bool,
    /// A deny or block as the event wants it, on stderr too, and exit code 2.
    denies: Option<String>,
    /// A question.
    asks: Option<String>,
    /// A deny or a question.
    stops: Option<String>,
    /// A message to the user, no decision, and exit code 0.
    tells: Option<String>,
    code: Option<i32>,
    stdout: Option<String>,
    stderr: Option<String>,
    /// What the last line of the log says.
    log: Option<BTreeMap<String, toml::Value>>,
}

/// Runs every case of every transcript in `tests/FOLDER`; returns how many, or what went wrong.
pub(crate) fn walk(folder: &str) -> Result<usize, Vec<String>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests")
        .join(folder);
    let mut run = 0;
    let mut wrong = Vec::new();
    let mut paths: Vec<_> = fs::read_dir(folder)
        .expect("the folder")
        .map(|entry| entry.expect("an entry").path())
        .collect();
    paths.sort();
    for path in paths {
        let text = fs::read_to_string(&path).expect("a transcript");
        let transcript: Transcript =
            toml::from_str(&text).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        for case in &transcript.case {
            for event in case.named_events() {
                run += 1;
                if let Err(what) = case.check(&event) {
                    let file = path.file_name().unwrap_or_default().to_string_lossy();
                    wrong.push(format!("{file}: {} ({event}): {what}", case.about));
                }
            }
        }
    }
    if wrong.is_empty() {
        Ok(run)
    } else {
        Err(wrong)
    }
}

const GATING: [&str; 5] = [
    "pre-tool-use",
    "permission-request",
    "user-prompt-submit",
    "user-prompt-expansion",
    "config-change",
];

impl Case {
    fn named_events(&self) -> Vec<String> {
        if self.args.is_some() {
            return vec![String::new()];
        }
        let named = self.events.iter().flat_map(|event| match event.as_str() {
            "gating" => GATING.to_vec(),
            other => vec![other],
        });
        named.map(String::from).collect()
    }

    fn check(&self, event: &str) -> Result<(), String> {
        // something may stand where the log would be
        let in_the_way = |name: &String| name.contains("ccs/audit");
        let world = match self.files.keys().any(in_the_way) {
            true => World::new(),
            false => World::founded(),
        };
        for (name, text) in &self.files {
            write(&world, name, text);
        }
        let arguments = match &self.args {
            Some(arguments) => arguments.iter().map(|text| fill(&world, text)).collect(),
            None => vec![event.into(), "--state".into(), fill(&world, "{STATE}")],
        };
        let mut command = world.command(&arguments);
        for (name, value) in &self.env {
            command.env(name, fill(&world, value));
        }
        let answer = world.run(command, &self.bytes(&world));
        self.expect.check(event, &answer, &world)
    }

    fn bytes(&self, world: &World) -> Vec<u8> {
        let mut bytes = Vec::new();
        for part in &self.stdin {
            match part {
                Part::Text(text) => bytes.extend(fill(world, text).bytes()),
                Part::Repeat { text, times } => bytes.extend(text.repeat(*times).bytes()),
                Part::Bytes { bytes: raw } => bytes.extend(raw),
            }
        }
        bytes
    }
}

impl Expect {
    fn check(&self, event: &str, answer: &Answer, world: &World) -> Result<(), String> {
        let seen = format!("{:?}", (answer.code, &answer.stdout, &answer.stderr));
        let held = |holds: bool, what: &str| {
            if holds {
                Ok(())
            } else {
                Err(format!("expected {what}, saw {seen}"))
            }
        };
        if !matches!(answer.code, Some(0 | 2)) {
            return Err(format!("an exit code the client takes for a pass: {seen}"));
        }
        if self.passes {
            let silent = answer.stdout.is_empty() && answer.stderr.is_empty();
            held(silent && answer.code == Some(0), "nothing")?;
        }
        let has =
            |text: Option<String>, part: &str| text.is_some_and(|t| t.contains(&fill(world, part)));
        if let Some(part) = &self.denies {
            held(
                has(denied(event, answer), part),
                &format!("a deny with {part:?}"),
            )?;
        }
        if let Some(part) = &self.asks {
            held(
                has(asked(answer), part),
                &format!("a question with {part:?}"),
            )?;
        }
        if let Some(part) = &self.stops {
            let stopped = denied(event, answer).or_else(|| asked(answer));
            held(has(stopped, part), &format!("a stop with {part:?}"))?;
        }
        if let Some(part) = &self.tells {
            held(has(told(answer), part), &format!("a message with {part:?}"))?;
        }
        if let Some(code) = self.code {
            held(answer.code == Some(code), &format!("exit code {code}"))?;
        }
        if let Some(text) = &self.stdout {
            held(
                answer.stdout == fill(world, text),
                &format!("stdout {text:?}"),
            )?;
        }
        if let Some(text) = &self.stderr {
            held(
                answer.stderr == fill(world, text),
                &format!("stderr {text:?}"),
            )?;
        }
        if let Some(fields) = &self.log {
            let line = world.log().pop().unwrap_or_default();
            for (key, value) in fields {
                let value = match value {
                    toml::Value::String(text) => fill(world, text).into(),
                    other => serde_json::to_value(other).expect("JSON"),
                };
                held(
                    line[key] == value,
                    &format!("a log line with {key} = {value}, not {line}"),
                )?;
            }
        }
        Ok(())
    }
}

/// The one object on stdout.
fn object(answer: &Answer) -> Option<Value> {
    let text = answer.stdout.strip_suffix('\n')?;
    let value: Value = serde_json::from_str(text).ok()?;
    (value.is_object() && !text.contains("null")).then_some(value)
}

/// The reason of a deny, if it is said in JSON, on stderr and by the exit code.
fn denied(event: &str, answer: &Answer) -> Option<String> {
    let value = object(answer)?;
    let specific = &value["hookSpecificOutput"];
    let (is_deny, reason) = match event {
        "pre-tool-use" => (
            specific["permissionDecision"] == "deny" && specific["hookEventName"] == "PreToolUse",
            &specific["permissionDecisionReason"],
        ),
        "permission-request" => (
            specific["decision"]["behavior"] == "deny"
                && specific["hookEventName"] == "PermissionRequest",
            &specific["decision"]["message"],
        ),
        _ => (value["decision"] == "block", &value["reason"]),
    };
    let reason = reason.as_str()?.to_owned();
    let said = answer.stderr == format!("{reason}\n");
    (is_deny && said && answer.code == Some(2)).then_some(reason)
}

fn asked(answer: &Answer) -> Option<String> {
    let value = object(answer)?;
    let specific = &value["hookSpecificOutput"];
    let asks = specific["permissionDecision"] == "ask" && answer.code == Some(0);
    asks.then(|| {
        specific["permissionDecisionReason"]
            .as_str()
            .map(String::from)
    })?
}

fn told(answer: &Answer) -> Option<String> {
    let value = object(answer)?;
    let decides = value["decision"].is_string()
        || value["hookSpecificOutput"]["permissionDecision"].is_string()
        || value["hookSpecificOutput"]["decision"].is_object();
    let text = value["systemMessage"].as_str()?.to_owned();
    (!decides && answer.code == Some(0) && answer.stderr.is_empty()).then_some(text)
}
