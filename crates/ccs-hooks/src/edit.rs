//! What a file will hold after a tool has changed it, where that can be told.
//!
//! An approval is about content, so the content has to be known before the tool runs. Where the
//! client might do something else than what is worked out here (other line ends, another encoding,
//! text that is there twice) the answer is that it cannot be told. If the client did differ all the
//! same, the file would be found modified at the next look.

use std::path::Path;

use crate::approvals::MAX_CONTENT;
use crate::files::{self, Links};
use crate::protocol::event::ToolUse;
use crate::protocol::json::Value;

/// The whole content of `path` after the call; `None` if it cannot be told.
pub(crate) fn after(call: &ToolUse<'_>, path: &Path) -> Option<Vec<u8>> {
    let before = before(path)?;
    let after = match call.tool {
        "Write" => call.text("content")?.to_owned(),
        "Edit" => changed(before, &Change::of(call)?)?,
        "MultiEdit" => {
            let edits = call.get("edits")?.as_array()?;
            edits
                .iter()
                .try_fold(before, |text, edit| changed(text, &Change::within(edit)?))?
        }
        _ => return None,
    };
    Some(after.into_bytes())
}

/// The text that is there; empty if there is no file. `None` if the client may not write it back
/// byte for byte.
fn before(path: &Path) -> Option<String> {
    let bytes = files::read(path, MAX_CONTENT as u64, Links::Follow).ok()?;
    let text = String::from_utf8(bytes.unwrap_or_default()).ok()?;
    let is_plain = !text.contains('\r') && !text.starts_with('\u{feff}');
    is_plain.then_some(text)
}

struct Change<'a> {
    old: &'a str,
    new: &'a str,
    all: bool,
}

impl<'a> Change<'a> {
    fn of(call: &ToolUse<'a>) -> Option<Self> {
        Some(Change {
            old: call.text("old_string")?,
            new: call.text("new_string")?,
            all: matches!(call.get("replace_all"), Some(Value::Bool(true))),
        })
    }

    fn within(edit: &'a Value<'a>) -> Option<Self> {
        let edit = edit.as_object()?;
        Some(Change {
            old: edit.text("old_string")?,
            new: edit.text("new_string")?,
            all: matches!(edit.last("replace_all"), Some(Value::Bool(true))),
        })
    }
}

fn changed(text: String, change: &Change<'_>) -> Option<String> {
    if change.old.is_empty() {
        return text.is_empty().then(|| change.new.to_owned());
    }
    let count = text.matches(change.old).count();
    if count == 0 || count > 1 && !change.all {
        return None;
    }
    // a line that is deleted goes with its end
    let whole_line = format!("{}\n", change.old);
    let old = if change.new.is_empty() && !change.old.ends_with('\n') && text.contains(&whole_line)
    {
        whole_line.as_str()
    } else {
        change.old
    };
    Some(if change.all {
        text.replace(old, change.new)
    } else {
        text.replacen(old, change.new, 1)
    })
}

#[cfg(test)]
mod tests {
    use crate::protocol::event::{self, Body};
    use crate::protocol::json;
    use crate::protocol::name::Name;

    /// What is in a file of `before` after the call; without a file if `before` is `None`.
    fn after(before: Option<&str>, tool: &str, input: &str) -> Option<String> {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("f");
        if let Some(before) = before {
            std::fs::write(&path, before).expect("written");
        }
        let text = format!(r#"{{"tool_name":"{tool}","tool_input":{input}}}"#);
        let value = json::parse(&text).expect("JSON");
        let event = event::read(Name::PreToolUse, &value).expect("an event");
        let Body::Tool(uses) = event.body else {
            return None;
        };
        super::after(&uses[0], &path).map(|bytes| String::from_utf8(bytes).expect("UTF-8"))
    }

    #[test]
    fn the_content_after_a_call_is_worked_out() {
        for (before, tool, input, expected) in [
            (None, "Write", r#"{"content":"new\n"}"#, "new\n"),
            (Some("a\n"), "Write", r#"{"content":"b"}"#, "b"),
            (
                Some("a b\n"),
                "Edit",
                r#"{"old_string":"a","new_string":"c"}"#,
                "c b\n",
            ),
            (None, "Edit", r#"{"old_string":"","new_string":"c"}"#, "c"),
            (
                Some("a a\n"),
                "Edit",
                r#"{"old_string":"a","new_string":"c","replace_all":true}"#,
                "c c\n",
            ),
            (
                Some("a\nb\n"),
                "Edit",
                r#"{"old_string":"a","new_string":""}"#,
                "b\n",
            ),
            (
                Some("a b\n"),
                "MultiEdit",
                r#"{"edits":[{"old_string":"a","new_string":"c"},{"old_string":"c b","new_string":"d"}]}"#,
                "d\n",
            ),
        ] {
            assert_eq!(
                after(before, tool, input).as_deref(),
                Some(expected),
                "{input}"
            );
        }
    }

    #[test]
    fn what_the_client_may_do_otherwise_cannot_be_told() {
        let edit = r#"{"old_string":"a","new_string":"c"}"#;
        for before in [
            Some("a a"),
            Some("b"),
            Some("a\r\n"),
            Some("\u{feff}a"),
            None,
        ] {
            assert_eq!(after(before, "Edit", edit), None, "{before:?}");
        }
        assert_eq!(after(Some("a\r\n"), "Write", r#"{"content":"b"}"#), None);
        assert_eq!(
            after(Some("{}"), "NotebookEdit", r#"{"new_source":"x"}"#),
            None
        );
    }
}
