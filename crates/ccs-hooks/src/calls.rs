//! A tool call of the client, in the gate's words.
//!
//! One tool call may be several things to judge: a tool of an MCP server that takes a command is
//! both a tool of its own and a shell. A tool whose input does not hold what the tool is about
//! is an error, because the client would not have offered it and nothing could be judged.

use std::borrow::Cow;

use ccs_gate::{Call, Shell};

use crate::protocol::event::{Malformed, ToolUse};
use crate::protocol::json::{Object, Value};

/// One thing to judge; owns what the gate borrows.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Candidate<'v> {
    Command {
        text: Cow<'v, str>,
        shell: Shell,
    },
    Read {
        path: &'v str,
    },
    Write {
        path: &'v str,
        text: Cow<'v, str>,
    },
    Search {
        path: Option<&'v str>,
        files: Option<&'v str>,
    },
    Fetch {
        url: &'v str,
    },
    Other {
        name: &'v str,
        args: Vec<(&'v str, &'v str)>,
    },
}

impl Candidate<'_> {
    pub(crate) fn call(&self) -> Call<'_> {
        match self {
            Candidate::Command { text, shell } => Call::Command {
                text,
                shell: *shell,
            },
            Candidate::Read { path } => Call::Read { path },
            Candidate::Write { path, text } => Call::Write { path, text },
            Candidate::Search { path, files } => Call::Search {
                path: *path,
                files: *files,
            },
            Candidate::Fetch { url } => Call::Fetch { url },
            Candidate::Other { name, args } => Call::Other { name, args },
        }
    }

    /// The command, if this is one.
    pub(crate) fn command(&self) -> Option<&str> {
        match self {
            Candidate::Command { text, .. } => Some(text),
            _ => None,
        }
    }
}

/// What there is to judge about a tool call.
///
/// # Errors
///
/// [`Malformed`] if the input lacks what the tool is about.
pub(crate) fn candidates<'v>(call: &ToolUse<'v>) -> Result<Vec<Candidate<'v>>, Malformed> {
    Ok(vec![match call.tool {
        "Bash" => command(call, Shell::Bash)?,
        "PowerShell" => command(call, Shell::PowerShell)?,
        "Monitor" => monitor(call)?,
        "Read" => Candidate::Read {
            path: text(call, "file_path")?,
        },
        "NotebookRead" => Candidate::Read {
            path: text(call, "notebook_path")?,
        },
        "Write" => write(call, "file_path", text(call, "content")?.into())?,
        "Edit" => write(call, "file_path", text(call, "new_string")?.into())?,
        "MultiEdit" => write(call, "file_path", edits(call)?.into())?,
        "NotebookEdit" => {
            let source = optional(call, "new_source")?.unwrap_or_default();
            write(call, "notebook_path", source.into())?
        }
        "Glob" => search(call, "pattern")?,
        "Grep" => search(call, "glob")?,
        "LS" => search(call, "")?,
        "WebFetch" => Candidate::Fetch {
            url: text(call, "url")?,
        },
        _ => return Ok(other(call)),
    }])
}

fn command<'v>(call: &ToolUse<'v>, shell: Shell) -> Result<Candidate<'v>, Malformed> {
    Ok(Candidate::Command {
        text: text(call, "command")?.into(),
        shell,
    })
}

/// Monitor runs a command or listens to a web socket.
fn monitor<'v>(call: &ToolUse<'v>) -> Result<Candidate<'v>, Malformed> {
    let socket = call.get("ws").and_then(Value::as_object);
    match socket.and_then(|ws| ws.text("url")) {
        Some(url) if call.get("command").is_none() => Ok(Candidate::Fetch { url }),
        _ => command(call, Shell::Bash),
    }
}

fn write<'v>(
    call: &ToolUse<'v>,
    path: &'static str,
    text: Cow<'v, str>,
) -> Result<Candidate<'v>, Malformed> {
    Ok(Candidate::Write {
        path: self::text(call, path)?,
        text,
    })
}

fn search<'v>(call: &ToolUse<'v>, files: &'static str) -> Result<Candidate<'v>, Malformed> {
    Ok(Candidate::Search {
        path: optional(call, "path")?,
        files: optional(call, files)?,
    })
}

/// The new texts of all edits, one after the other.
fn edits(call: &ToolUse<'_>) -> Result<String, Malformed> {
    let wrong = Malformed::Type {
        field: "edits",
        expected: "a list of edits",
    };
    let edits = call.get("edits").and_then(Value::as_array);
    let texts: Option<Vec<&str>> = edits
        .ok_or_else(|| wrong.clone())?
        .iter()
        .map(|edit| edit.as_object()?.text("new_string"))
        .collect();
    Ok(texts.ok_or(wrong)?.join("\n"))
}

fn text<'v>(call: &ToolUse<'v>, field: &'static str) -> Result<&'v str, Malformed> {
    optional(call, field)?.ok_or(Malformed::Missing(field))
}

fn optional<'v>(call: &ToolUse<'v>, field: &'static str) -> Result<Option<&'v str>, Malformed> {
    match call.get(field) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Err(Malformed::Type {
            field,
            expected: "a string",
        }),
    }
}

fn other<'v>(call: &ToolUse<'v>) -> Vec<Candidate<'v>> {
    let mut args = Vec::new();
    leaves_of(call.input, &mut args);
    let mut candidates = vec![Candidate::Other {
        name: call.tool,
        args,
    }];
    if is_shell(call.tool) {
        candidates.extend(commands(call.input).map(|text| Candidate::Command {
            text: text.into(),
            shell: Shell::Bash,
        }));
    }
    candidates
}

/// Whether a tool's name says that it runs commands.
fn is_shell(tool: &str) -> bool {
    if tool == "SlashCommand" {
        return false;
    }
    let tool = tool.to_ascii_lowercase();
    [
        "bash", "shell", "terminal", "exec", "command", "process", "run_", "ssh",
    ]
    .iter()
    .any(|word| tool.contains(word))
}

/// The command lines of an input of unknown shape: `command` or `cmd` as a string or a list of
/// words, with the words of `args` after it.
fn commands(input: &Object<'_>) -> impl Iterator<Item = String> {
    let args = input.last("args").or_else(|| input.last("arguments"));
    let args = args.map(words).unwrap_or_default();
    ["command", "cmd", "script"]
        .into_iter()
        .flat_map(|key| input.all(key))
        .filter_map(move |value| {
            let mut line = match value {
                Value::String(text) => text.to_string(),
                list => words(list),
            };
            if !args.is_empty() {
                line.push(' ');
                line.push_str(&args);
            }
            (!line.trim().is_empty()).then_some(line)
        })
}

/// A list of words as a command line that means those words.
fn words(value: &Value<'_>) -> String {
    let list = value.as_array().unwrap_or_default();
    let words = list.iter().filter_map(Value::as_str);
    let quoted: Vec<String> = words.map(quoted).collect();
    quoted.join(" ")
}

fn quoted(word: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_./=:,+@%".contains(&byte);
    if !word.is_empty() && word.bytes().all(plain) {
        return word.into();
    }
    format!("'{}'", word.replace('\'', r"'\''"))
}

/// Every string with the name of the key nearest to it.
fn leaves_of<'v>(object: &'v Object<'v>, out: &mut Vec<(&'v str, &'v str)>) {
    for (key, value) in &object.pairs {
        leaves(key, value, out);
    }
}

fn leaves<'v>(key: &'v str, value: &'v Value<'v>, out: &mut Vec<(&'v str, &'v str)>) {
    match value {
        Value::String(text) => out.push((key, text)),
        Value::Array(items) => items.iter().for_each(|item| leaves(key, item, out)),
        Value::Object(object) => leaves_of(object, out),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::event::{self, Body};
    use crate::protocol::json;
    use crate::protocol::name::Name;

    /// What a call of `tool` with `input` comes to, written down.
    fn judged(tool: &str, input: &str) -> Result<Vec<String>, String> {
        let text = format!(r#"{{"tool_name":"{tool}","tool_input":{input}}}"#);
        let value = json::parse(&text).expect("JSON");
        let event = event::read(Name::PreToolUse, &value).expect("an event");
        let Body::Tool(uses) = event.body else {
            return Err("no tool call".into());
        };
        let found = candidates(&uses[0]).map_err(|e| e.to_string())?;
        Ok(found
            .iter()
            .map(|one| format!("{:?}", one.call()))
            .collect())
    }

    #[test]
    fn each_tool_is_judged_as_what_it_does() {
        for (tool, input, expected) in [
            (
                "Bash",
                r#"{"command":"ls"}"#,
                r#"Command { text: "ls", shell: Bash }"#,
            ),
            (
                "PowerShell",
                r#"{"command":"ls"}"#,
                r#"Command { text: "ls", shell: PowerShell }"#,
            ),
            (
                "Monitor",
                r#"{"command":"ls"}"#,
                r#"Command { text: "ls", shell: Bash }"#,
            ),
            (
                "Monitor",
                r#"{"ws":{"url":"wss://x"}}"#,
                r#"Fetch { url: "wss://x" }"#,
            ),
            ("Read", r#"{"file_path":"/a"}"#, r#"Read { path: "/a" }"#),
            (
                "Write",
                r#"{"file_path":"/a","content":"c"}"#,
                r#"Write { path: "/a", text: "c" }"#,
            ),
            (
                "Edit",
                r#"{"file_path":"/a","old_string":"o","new_string":"n"}"#,
                r#"Write { path: "/a", text: "n" }"#,
            ),
            (
                "MultiEdit",
                r#"{"file_path":"/a","edits":[{"new_string":"m"},{"new_string":"n"}]}"#,
                r#"Write { path: "/a", text: "m\nn" }"#,
            ),
            (
                "NotebookEdit",
                r#"{"notebook_path":"/a","edit_mode":"delete"}"#,
                r#"Write { path: "/a", text: "" }"#,
            ),
            (
                "Glob",
                r#"{"pattern":"*.rs"}"#,
                r#"Search { path: None, files: Some("*.rs") }"#,
            ),
            (
                "Grep",
                r#"{"pattern":"x","path":"/a","glob":"*.c"}"#,
                r#"Search { path: Some("/a"), files: Some("*.c") }"#,
            ),
            (
                "LS",
                r#"{"path":"/a"}"#,
                r#"Search { path: Some("/a"), files: None }"#,
            ),
            (
                "WebFetch",
                r#"{"url":"https://x","prompt":"p"}"#,
                r#"Fetch { url: "https://x" }"#,
            ),
        ] {
            assert_eq!(judged(tool, input), Ok(vec![expected.to_owned()]), "{tool}");
        }
    }

    #[test]
    fn a_tool_without_what_it_is_about_is_an_error() {
        for (tool, input, message) in [
            ("Bash", "{}", "`command` is missing"),
            ("Bash", r#"{"command":["rm"]}"#, "`command` is not a string"),
            ("Monitor", r#"{"ws":{}}"#, "`command` is missing"),
            ("Read", r#"{"file_path":null}"#, "`file_path` is missing"),
            ("Write", r#"{"file_path":"/a"}"#, "`content` is missing"),
            ("Grep", r#"{"path":7}"#, "`path` is not a string"),
            (
                "MultiEdit",
                r#"{"file_path":"/a","edits":[7]}"#,
                "`edits` is not a list of edits",
            ),
        ] {
            assert_eq!(judged(tool, input), Err(message.to_owned()), "{tool}");
        }
    }

    #[test]
    fn every_string_of_an_unknown_tool_is_seen_with_its_nearest_key() {
        let input = r#"{"a":"1","b":{"c":["2",{"d":"3"}],"e":4},"a":"5"}"#;
        let expected = r#"Other { name: "mcp__db__query", args: [("a", "1"), ("c", "2"), ("d", "3"), ("a", "5")] }"#;
        assert_eq!(
            judged("mcp__db__query", input),
            Ok(vec![expected.to_owned()])
        );
    }

    #[test]
    fn a_tool_named_like_a_shell_is_judged_as_one_too() {
        for (input, line) in [
            (r#"{"command":"rm x"}"#, "rm x"),
            (r#"{"cmd":["sh","-c","rm 'x'"]}"#, r"sh -c 'rm '\\''x'\\'''"),
            (r#"{"command":"rm","args":["-r","a b"]}"#, "rm -r 'a b'"),
        ] {
            let judged = judged("mcp__box__execute", input).expect("judged");
            let expected = format!("Command {{ text: \"{line}\", shell: Bash }}");
            assert_eq!(judged.get(1), Some(&expected));
        }
    }
}
