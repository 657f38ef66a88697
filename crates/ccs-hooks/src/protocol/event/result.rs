//! What came of tool calls: one that worked, one that failed, and all of one answer.
//!
//! The client wrote these objects itself, so a key said in two ways is a broken event and not a
//! second reading.

use std::time::Duration;

use super::{Malformed, ToolUse, required};
use crate::protocol::json::{Object, Value};

/// A tool call that worked.
#[derive(Clone, Debug)]
pub struct ToolResult<'v> {
    /// The call.
    pub call: ToolUse<'v>,
    /// What the tool returned; its shape depends on the tool.
    pub response: &'v Value<'v>,
    /// The name of the MCP server the tool belongs to.
    pub server: Option<&'v str>,
    /// How long it ran, if the client says so.
    pub took: Option<Duration>,
}

/// A tool call that failed.
#[derive(Clone, Debug)]
pub struct ToolFailure<'v> {
    /// The call.
    pub call: ToolUse<'v>,
    /// What the model will read; for a command its exit code and output.
    pub error: &'v str,
    /// The name of the MCP server the tool belongs to.
    pub server: Option<&'v str>,
    /// How long it ran, if the client says so.
    pub took: Option<Duration>,
}

/// One call of an answer, as `PostToolBatch` names it.
#[derive(Clone, Debug)]
pub struct BatchCall<'v> {
    /// The call; the tool may be unknown and the input of any shape the model made up.
    pub call: ToolUse<'v>,
    /// What the model will read: a string or a list of content blocks.
    pub response: Option<&'v Value<'v>>,
    /// The call's id in the conversation.
    pub id: Option<&'v str>,
}

pub(super) fn result<'v>(object: &'v Object<'v>) -> Result<ToolResult<'v>, Malformed> {
    Ok(ToolResult {
        call: call(object)?,
        response: one(object, "tool_response")?.ok_or(Malformed::Missing("tool_response"))?,
        server: server(object),
        took: took(object),
    })
}

pub(super) fn failure<'v>(object: &'v Object<'v>) -> Result<ToolFailure<'v>, Malformed> {
    Ok(ToolFailure {
        call: call(object)?,
        error: required(object, "error")?,
        server: server(object),
        took: took(object),
    })
}

fn took(object: &Object<'_>) -> Option<Duration> {
    match object.last("duration_ms")? {
        Value::Number(text) => text.parse().ok().map(Duration::from_millis),
        _ => None,
    }
}

pub(super) fn batch<'v>(object: &'v Object<'v>) -> Result<Vec<BatchCall<'v>>, Malformed> {
    let list = one(object, "tool_calls")?.ok_or(Malformed::Missing("tool_calls"))?;
    let list = list.as_array().ok_or(Malformed::Type {
        field: "tool_calls",
        expected: "a list",
    })?;
    let call = |value: &'v Value<'v>| {
        let object = value.as_object().ok_or(Malformed::Type {
            field: "tool_calls",
            expected: "a list of objects",
        })?;
        Ok(BatchCall {
            call: call(object)?,
            response: one(object, "tool_response")?,
            id: object.text("tool_use_id"),
        })
    };
    list.iter().map(call).collect()
}

fn call<'v>(object: &'v Object<'v>) -> Result<ToolUse<'v>, Malformed> {
    let input = one(object, "tool_input")?.ok_or(Malformed::Missing("tool_input"))?;
    Ok(ToolUse {
        tool: required(object, "tool_name")?,
        input: input.as_object().ok_or(Malformed::Type {
            field: "tool_input",
            expected: "an object",
        })?,
        chosen: Vec::new(),
    })
}

/// The value of `field`, if there is one and it is said in one way.
fn one<'v>(
    object: &'v Object<'v>,
    field: &'static str,
) -> Result<Option<&'v Value<'v>>, Malformed> {
    let mut values = object.all(field);
    let Some(first) = values.next() else {
        return Ok(None);
    };
    if values.any(|other| other != first) {
        return Err(Malformed::Type {
            field,
            expected: "said in one way",
        });
    }
    Ok(Some(first))
}

fn server<'v>(object: &'v Object<'v>) -> Option<&'v str> {
    object.last("mcp_server")?.as_object()?.text("name")
}

#[cfg(test)]
mod tests {
    use super::super::{Body, read};
    use crate::protocol::json;
    use crate::protocol::name::Name;

    fn refused(name: Name, text: &str) -> String {
        let value = json::parse(text).expect("JSON");
        let error = read(name, &value).err();
        error.map(|e| e.to_string()).unwrap_or_default()
    }

    #[test]
    fn a_result_keeps_its_shape_and_its_server() {
        let text = r#"{"tool_name":"mcp__stub__say","tool_input":{"text":"x"},
            "tool_response":[{"type":"text","text":"y"}],"mcp_server":{"name":"stub"}}"#;
        let value = json::parse(text).expect("JSON");
        let event = read(Name::PostToolUse, &value).expect("an event");
        let Body::Result(result) = event.body else {
            panic!("another body");
        };
        assert_eq!(result.call.text("text"), Some("x"));
        assert_eq!(result.server, Some("stub"));
        assert_eq!(result.response.as_array().map(<[_]>::len), Some(1));
    }

    #[test]
    fn a_batch_holds_calls_of_unknown_tools_too() {
        let text = r#"{"tool_calls":[{"tool_name":"NoSuchTool","tool_input":{"x":1},
            "tool_use_id":"t","tool_response":"<error>"},{"tool_name":"Bash","tool_input":{}}]}"#;
        let value = json::parse(text).expect("JSON");
        let event = read(Name::PostToolBatch, &value).expect("an event");
        let Body::Batch(calls) = event.body else {
            panic!("another body");
        };
        assert_eq!((calls[0].call.tool, calls[0].id), ("NoSuchTool", Some("t")));
        assert!(calls[0].response.is_some() && calls[1].response.is_none());
    }

    #[test]
    fn a_response_that_is_missing_or_said_twice_is_named() {
        for (name, text, message) in [
            (
                Name::PostToolUse,
                r#"{"tool_name":"Bash","tool_input":{}}"#,
                "`tool_response` is missing",
            ),
            (
                Name::PostToolUse,
                r#"{"tool_name":"Bash","tool_input":{},"tool_response":"a","tool_response":"b"}"#,
                "`tool_response` is not said in one way",
            ),
            (
                Name::PostToolUseFailure,
                r#"{"tool_name":"Bash","tool_input":{}}"#,
                "`error` is missing",
            ),
            (
                Name::PostToolBatch,
                r#"{"tool_calls":[7]}"#,
                "`tool_calls` is not a list of objects",
            ),
        ] {
            assert_eq!(refused(name, text), message);
        }
    }
}
