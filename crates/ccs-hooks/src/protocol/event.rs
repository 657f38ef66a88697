//! What the client says on stdin, as far as an answer depends on it.
//!
//! Unknown fields are tolerated and missing ones are named. What only describes the session
//! (its id, its folder, its permission mode) may be missing, of another type or said twice: it
//! then counts as unknown, and the gate judges the unknown as the worse case. What a decision
//! is about must be there.

mod result;

use std::collections::BTreeMap;

use super::json::{Object, Value};
use super::name::Name;
pub use result::{BatchCall, ToolFailure, ToolResult};

/// The most readings a tool call with repeated keys may have.
const MAX_READINGS: usize = 64;

/// One event.
#[derive(Clone, Debug)]
pub struct Event<'v> {
    /// Which event it is.
    pub name: Name,
    /// The session it happened in.
    pub session: Session<'v>,
    /// What it is about.
    pub body: Body<'v>,
}

/// The session an event belongs to. Every field may be unknown.
#[derive(Clone, Copy, Debug, Default)]
pub struct Session<'v> {
    /// The session's id.
    pub id: Option<&'v str>,
    /// The file that records the session; it may not exist yet.
    pub transcript: Option<&'v str>,
    /// The working directory; it may be gone.
    pub cwd: Option<&'v str>,
    /// `default`, `plan`, `acceptEdits`, … or something newer.
    pub permission_mode: Option<&'v str>,
    /// The subagent that acts, if it is not the main one.
    pub agent_id: Option<&'v str>,
    /// What kind of agent acts, if it is not the ordinary one.
    pub agent_type: Option<&'v str>,
}

impl<'v> Session<'v> {
    /// The id, if it can be the name of a file: letters, digits and `-`, 64 at most.
    pub(crate) fn file_name(&self) -> Option<&'v str> {
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
        self.id
            .filter(|id| (1..=64).contains(&id.len()) && id.bytes().all(is_plain))
    }
}

/// What an event is about.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Body<'v> {
    /// `PreToolUse` and `PermissionRequest`: a tool call in each of its readings, at least one.
    /// There is more than one only if a key is repeated with different values.
    Tool(Vec<ToolUse<'v>>),
    /// `UserPromptExpansion`: a slash command or skill.
    Expansion(Expansion<'v>),
    /// `ConfigChange`: a settings file or skill.
    Config(Config<'v>),
    /// `UserPromptSubmit`: a prompt, typed by a person or made by the client.
    Prompt(Prompt<'v>),
    /// `PostToolUse`: a tool call and what came of it.
    Result(ToolResult<'v>),
    /// `PostToolUseFailure`: a tool call and why it failed.
    Failure(ToolFailure<'v>),
    /// `PostToolBatch`: every call of one answer with the text the model is about to read.
    Batch(Vec<BatchCall<'v>>),
    /// `InstructionsLoaded`: a memory file or rule.
    Instructions(Instructions<'v>),
    /// `SessionStart`: `startup`, `resume`, `clear`, `compact`, `fork` or something newer.
    SessionStart(Option<&'v str>),
    /// `SessionEnd`: `clear`, `resume`, `logout`, `prompt_input_exit`, `other` or something newer.
    SessionEnd(Option<&'v str>),
    /// `TaskCompleted`, `TeammateIdle`, `Stop` and `SubagentStop`: somebody says to be finished.
    Done(Done<'v>),
    /// Every other event.
    Passing,
}

/// A tool call, read in one way.
#[derive(Clone, Debug)]
pub struct ToolUse<'v> {
    /// The tool's name.
    pub tool: &'v str,
    /// The whole input, repeated keys included.
    pub input: &'v Object<'v>,
    chosen: Vec<(&'v str, &'v Value<'v>)>,
}

/// A slash command or skill that a user typed.
#[derive(Clone, Copy, Debug)]
pub struct Expansion<'v> {
    /// `slash_command` or `mcp_prompt`.
    pub kind: Option<&'v str>,
    /// The command's name, without the slash.
    pub command: &'v str,
    /// What was typed after it.
    pub arguments: &'v str,
    /// Where the command comes from: `projectSettings`, `userSettings`, `plugin`, …
    pub source: Option<&'v str>,
    /// The prompt as it was typed.
    pub prompt: &'v str,
}

/// A change of the client's configuration.
#[derive(Clone, Copy, Debug)]
pub struct Config<'v> {
    /// `user_settings`, `project_settings`, `local_settings`, `policy_settings` or `skills`.
    pub source: &'v str,
    /// The file that changed.
    pub file: Option<&'v str>,
}

/// A prompt.
#[derive(Clone, Copy, Debug)]
pub struct Prompt<'v> {
    /// Its text, attachments not included. A `<task-notification>` is made by the client.
    pub text: &'v str,
}

/// A file the client has read into the session without a tool call.
#[derive(Clone, Copy, Debug)]
pub struct Instructions<'v> {
    /// The file, absolute.
    pub file: &'v str,
    /// `User`, `Project`, `Local` or `Managed`.
    pub memory: Option<&'v str>,
    /// `session_start`, `nested_traversal`, `path_glob_match`, `include` or `compact`.
    pub reason: Option<&'v str>,
    /// The file whose reading brought it in.
    pub trigger: Option<&'v str>,
    /// The file that includes it.
    pub parent: Option<&'v str>,
}

/// Work that is said to be finished. Every field may be unknown.
#[derive(Clone, Copy, Debug, Default)]
pub struct Done<'v> {
    /// The task's id.
    pub task: Option<&'v str>,
    /// The teammate's name.
    pub teammate: Option<&'v str>,
    /// Whether the turn goes on because a hook held it before.
    pub again: bool,
    /// The file that records what the subagent did.
    pub agent_transcript: Option<&'v str>,
}

/// What is wrong with an event.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Malformed {
    /// The JSON text is not an object.
    #[error("the event is not an object")]
    NotAnObject,
    /// A field that the decision is about is not there.
    #[error("`{0}` is missing")]
    Missing(&'static str),
    /// A field that the decision is about has the wrong type or two values.
    #[error("`{field}` is not {expected}")]
    Type {
        /// The field.
        field: &'static str,
        /// What it should be.
        expected: &'static str,
    },
    /// The text speaks of another event than the one the program was called for.
    #[error("the input is of another event than {0}")]
    OtherEvent(Name),
    /// Keys are repeated so often that not every reading can be judged.
    #[error("`tool_input` repeats its keys too often")]
    Ambiguous,
}

/// Reads the event `name` from a JSON value.
///
/// # Errors
///
/// [`Malformed`] if what the event is about is missing or has the wrong shape.
pub fn read<'v>(name: Name, value: &'v Value<'v>) -> Result<Event<'v>, Malformed> {
    let object = value.as_object().ok_or(Malformed::NotAnObject)?;
    same_event(name, object)?;
    let body = match name {
        Name::PreToolUse | Name::PermissionRequest => Body::Tool(tool_uses(object)?),
        Name::UserPromptExpansion => Body::Expansion(expansion(object)?),
        Name::ConfigChange => Body::Config(Config {
            source: required(object, "source")?,
            file: optional(object, "file_path")?,
        }),
        Name::UserPromptSubmit => Body::Prompt(Prompt {
            text: required(object, "prompt")?,
        }),
        Name::PostToolUse => Body::Result(result::result(object)?),
        Name::PostToolUseFailure => Body::Failure(result::failure(object)?),
        Name::PostToolBatch => Body::Batch(result::batch(object)?),
        Name::InstructionsLoaded => Body::Instructions(instructions(object)?),
        Name::SessionStart => Body::SessionStart(object.text("source")),
        Name::SessionEnd => Body::SessionEnd(object.text("reason")),
        Name::TaskCompleted | Name::TeammateIdle | Name::Stop | Name::SubagentStop => {
            Body::Done(Done {
                task: object.text("task_id"),
                teammate: object.text("teammate_name"),
                again: matches!(object.last("stop_hook_active"), Some(Value::Bool(true))),
                agent_transcript: object.text("agent_transcript_path"),
            })
        }
        _ => Body::Passing,
    };
    let session = session(object);
    Ok(Event {
        name,
        session,
        body,
    })
}

fn same_event(name: Name, object: &Object<'_>) -> Result<(), Malformed> {
    let mut said = object.all("hook_event_name").peekable();
    if said.peek().is_none() || said.any(|value| value.as_str() == Some(name.as_str())) {
        return Ok(());
    }
    Err(Malformed::OtherEvent(name))
}

fn session<'v>(object: &'v Object<'v>) -> Session<'v> {
    Session {
        id: object.text("session_id"),
        transcript: object.text("transcript_path"),
        cwd: object.text("cwd"),
        permission_mode: object.text("permission_mode"),
        agent_id: object.text("agent_id"),
        agent_type: object.text("agent_type"),
    }
}

fn expansion<'v>(object: &'v Object<'v>) -> Result<Expansion<'v>, Malformed> {
    Ok(Expansion {
        kind: optional(object, "expansion_type")?,
        command: required(object, "command_name")?,
        arguments: optional(object, "command_args")?.unwrap_or_default(),
        source: optional(object, "command_source")?,
        prompt: optional(object, "prompt")?.unwrap_or_default(),
    })
}

fn instructions<'v>(object: &'v Object<'v>) -> Result<Instructions<'v>, Malformed> {
    Ok(Instructions {
        file: required(object, "file_path")?,
        memory: object.text("memory_type"),
        reason: object.text("load_reason"),
        trigger: object.text("trigger_file_path"),
        parent: object.text("parent_file_path"),
    })
}

fn optional<'v>(object: &'v Object<'v>, field: &'static str) -> Result<Option<&'v str>, Malformed> {
    match object.last(field) {
        None | Some(Value::Null) => Ok(None),
        Some(_) => match object.text(field) {
            Some(text) => Ok(Some(text)),
            None => Err(Malformed::Type {
                field,
                expected: "one string",
            }),
        },
    }
}

fn required<'v>(object: &'v Object<'v>, field: &'static str) -> Result<&'v str, Malformed> {
    optional(object, field)?.ok_or(Malformed::Missing(field))
}

fn tool_uses<'v>(object: &'v Object<'v>) -> Result<Vec<ToolUse<'v>>, Malformed> {
    let mut uses = Vec::new();
    for name in present(object, "tool_name")? {
        let tool = name.as_str().ok_or(Malformed::Type {
            field: "tool_name",
            expected: "a string",
        })?;
        for input in present(object, "tool_input")? {
            let input = input.as_object().ok_or(Malformed::Type {
                field: "tool_input",
                expected: "an object",
            })?;
            for chosen in readings(input)? {
                uses.push(ToolUse {
                    tool,
                    input,
                    chosen,
                });
            }
            if uses.len() > MAX_READINGS {
                return Err(Malformed::Ambiguous);
            }
        }
    }
    Ok(uses)
}

fn present<'v>(
    object: &'v Object<'v>,
    field: &'static str,
) -> Result<impl Iterator<Item = &'v Value<'v>>, Malformed> {
    let mut values = object.all(field).peekable();
    match values.peek() {
        None => Err(Malformed::Missing(field)),
        Some(_) => Ok(values),
    }
}

/// Every way to choose one value for each repeated key.
fn readings<'v>(input: &'v Object<'v>) -> Result<Vec<Vec<(&'v str, &'v Value<'v>)>>, Malformed> {
    let mut ways: Vec<Vec<_>> = vec![Vec::new()];
    for (key, values) in repeated(input) {
        if ways.len() * values.len() > MAX_READINGS {
            return Err(Malformed::Ambiguous);
        }
        ways = ways
            .iter()
            .flat_map(|way| {
                values.iter().map(move |value| {
                    let mut way = way.clone();
                    way.push((key, *value));
                    way
                })
            })
            .collect();
    }
    Ok(ways)
}

fn repeated<'v>(input: &'v Object<'v>) -> impl Iterator<Item = (&'v str, Vec<&'v Value<'v>>)> {
    let mut by_key: BTreeMap<&str, Vec<&Value<'_>>> = BTreeMap::new();
    for (key, value) in &input.pairs {
        by_key.entry(key).or_default().push(value);
    }
    by_key.into_iter().filter(|(_, values)| values.len() > 1)
}

impl<'v> ToolUse<'v> {
    /// The value of `key` in this reading.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&'v Value<'v>> {
        let chosen = self.chosen.iter().find(|(name, _)| *name == key);
        chosen.map_or_else(|| self.input.last(key), |(_, value)| Some(*value))
    }

    /// The string under `key` in this reading; `None` if it is missing or no string.
    #[must_use]
    pub fn text(&self, key: &str) -> Option<&'v str> {
        self.get(key).and_then(Value::as_str)
    }
}

#[cfg(test)]
mod tests {
    use super::super::json;
    use super::*;

    fn refused(name: Name, text: &str) -> Option<Malformed> {
        let value = json::parse(text).expect("JSON");
        read(name, &value).err()
    }

    fn commands(text: &str) -> Vec<String> {
        let value = json::parse(text).expect("JSON");
        let event = read(Name::PreToolUse, &value).expect("an event");
        let Body::Tool(uses) = event.body else {
            return Vec::new();
        };
        let mut commands: Vec<_> = uses
            .iter()
            .filter_map(|tool_use| tool_use.text("command"))
            .map(String::from)
            .collect();
        commands.sort();
        commands
    }

    #[test]
    fn every_value_of_a_repeated_command_is_a_reading() {
        let inner =
            r#"{"tool_name":"Bash","tool_input":{"command":"a","command":"b","timeout":1}}"#;
        assert_eq!(commands(inner), ["a", "b"]);

        let outer =
            r#"{"tool_name":"Bash","tool_input":{"command":"a"},"tool_input":{"command":"b"}}"#;
        assert_eq!(commands(outer), ["a", "b"]);
    }

    #[test]
    fn too_many_readings_are_refused() {
        let pairs = r#""a":1,"a":2,"b":1,"b":2,"c":1,"c":2,"d":1,"d":2,"#.repeat(2);
        let text = format!(r#"{{"tool_name":"Bash","tool_input":{{{pairs}"e":1}}}}"#);

        assert_eq!(refused(Name::PreToolUse, &text), Some(Malformed::Ambiguous));
    }

    #[test]
    fn what_the_decision_is_about_must_be_there() {
        for (text, message) in [
            ("[]", "the event is not an object"),
            ("{}", "`tool_name` is missing"),
            (r#"{"tool_name":"Bash"}"#, "`tool_input` is missing"),
            (
                r#"{"tool_name":7,"tool_input":{}}"#,
                "`tool_name` is not a string",
            ),
            (
                r#"{"tool_name":"Bash","tool_input":"ls"}"#,
                "`tool_input` is not an object",
            ),
            (
                r#"{"tool_name":"Bash","tool_input":null}"#,
                "`tool_input` is not an object",
            ),
        ] {
            let refused = refused(Name::PreToolUse, text).map(|e| e.to_string());
            assert_eq!(refused.as_deref(), Some(message), "{text}");
        }
    }

    #[test]
    fn a_session_described_badly_is_an_unknown_session() {
        let text = r#"{"cwd":7,"session_id":"a","session_id":"b","permission_mode":"new",
            "tool_name":"Bash","tool_input":{"command":"ls"},"later":[1]}"#;
        let value = json::parse(text).expect("JSON");
        let session = read(Name::PreToolUse, &value).expect("an event").session;

        assert_eq!((session.cwd, session.id), (None, None));
        assert_eq!(session.permission_mode, Some("new"));
    }

    #[test]
    fn input_of_another_event_is_refused_and_an_unnamed_one_is_read() {
        let other = r#"{"hook_event_name":"PostToolUse","tool_name":"Bash","tool_input":{}}"#;
        assert_eq!(
            refused(Name::PreToolUse, other),
            Some(Malformed::OtherEvent(Name::PreToolUse))
        );
        assert_eq!(
            refused(Name::PreToolUse, r#"{"tool_name":"Bash","tool_input":{}}"#),
            None
        );
    }

    #[test]
    fn an_expansion_with_two_sets_of_arguments_is_refused() {
        let text = r#"{"command_name":"x","command_args":"a","command_args":"b"}"#;
        let refused = refused(Name::UserPromptExpansion, text).map(|e| e.to_string());
        assert_eq!(refused.as_deref(), Some("`command_args` is not one string"));
    }
}
