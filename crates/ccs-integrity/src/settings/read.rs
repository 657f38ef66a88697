//! What handlers a settings file has, ours and others'.

use std::path::Path;

use super::document::{Document, Step};
use super::{Handler, PROGRAM};
use crate::error::Error;
use crate::json::{Node, Value};

/// One handler as it stands in a settings file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// The event as Claude Code spells it.
    pub event: String,
    /// The group's matcher, if it has one.
    pub matcher: Option<String>,
    /// `command`, `http`, `mcp_tool`, `prompt` or `agent`.
    pub kind: String,
    /// The program, or the command line if there are no `args`.
    pub command: Option<String>,
    /// The arguments of the exec form.
    pub args: Vec<String>,
    /// What happens when the handler fails, if it says so.
    pub on_failure: Option<String>,
    /// Whether its program is called [`PROGRAM`].
    pub ours: bool,
    /// Where it starts, counted from 1.
    pub line: usize,
}

/// Lists every handler in the settings in `bytes`, in the order they stand in.
///
/// What does not have the shape of a handler is left out; [`super::check`] names it.
///
/// # Errors
///
/// [`Error::Syntax`] if the bytes are not strict JSON.
pub fn handlers(file: &Path, bytes: &[u8]) -> Result<Vec<Found>, Error> {
    let document = Document::parse(file, bytes)?;
    let hooks = document.root().get("hooks").and_then(Node::members);
    let mut found = Vec::new();
    for event in hooks.unwrap_or_default() {
        for group in event.node.elements().unwrap_or_default() {
            let handlers = group.get("hooks").and_then(Node::elements);
            for handler in handlers.unwrap_or_default() {
                found.push(describe(&document, &event.key, group, handler));
            }
        }
    }
    Ok(found)
}

fn describe(document: &Document, event: &str, group: &Node, handler: &Node) -> Found {
    let text = |key| handler.get(key).and_then(Node::text).map(str::to_owned);
    let args = handler.get("args").and_then(Node::elements);
    Found {
        event: event.to_owned(),
        matcher: group.get("matcher").and_then(Node::text).map(str::to_owned),
        kind: text("type").unwrap_or_default(),
        command: text("command"),
        args: args
            .unwrap_or_default()
            .iter()
            .filter_map(|arg| arg.text().map(str::to_owned))
            .collect(),
        on_failure: text("onFailure"),
        ours: is_ours(handler),
        line: document.position(handler.span.start).0,
    }
}

/// Where a handler of ours stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) event: String,
    pub(super) group: usize,
    pub(super) handler: usize,
}

impl Place {
    pub(super) fn path(&self) -> [Step<'_>; 5] {
        let group = Step::Index(self.group);
        let handler = Step::Index(self.handler);
        [
            "hooks".into(),
            Step::Key(&self.event),
            group,
            "hooks".into(),
            handler,
        ]
    }
}

/// Every handler of ours, in the order they stand in.
pub(super) fn ours(document: &Document) -> Vec<Place> {
    let hooks = document.root().get("hooks").and_then(Node::members);
    let mut places = Vec::new();
    for event in hooks.unwrap_or_default() {
        // Of two members with one name only the last can be reached.
        let groups = document.at(&["hooks".into(), Step::Key(&event.key)]);
        let groups = groups.and_then(Node::elements).unwrap_or_default();
        for (group, node) in groups.iter().enumerate() {
            let handlers = node.get("hooks").and_then(Node::elements);
            let ours = handlers.unwrap_or_default().iter().enumerate();
            places.extend(
                ours.filter(|(_, node)| is_ours(node))
                    .map(|(handler, _)| Place {
                        event: event.key.clone(),
                        group,
                        handler,
                    }),
            );
        }
    }
    places
}

fn is_ours(handler: &Node) -> bool {
    let Some(command) = handler.get("command").and_then(Node::text) else {
        return false;
    };
    let name = command.rsplit(['/', '\\']).next().unwrap_or_default();
    let name = name.split_whitespace().next().unwrap_or_default();
    name.strip_suffix(".exe").unwrap_or(name) == PROGRAM
}

/// Whether the group at this place runs for every tool.
pub(super) fn unrestricted(document: &Document, place: &Place) -> bool {
    let path = place.path();
    match document
        .at(&path[..3])
        .and_then(|group| group.get("matcher"))
    {
        None => true,
        Some(matcher) => {
            matches!(&matcher.value, Value::String(text) if matches!(text.as_str(), "" | "*"))
        }
    }
}

/// Whether the handler at this place is exactly `wanted`.
pub(super) fn is_up_to_date(document: &Document, place: &Place, wanted: &Handler) -> bool {
    let Some(node) = document.at(&place.path()) else {
        return false;
    };
    let there = serde_json::from_str::<serde_json::Value>(document.text_of(node));
    let wanted = serde_json::to_value(super::merge::Rendered::from(wanted));
    matches!((there, wanted), (Ok(there), Ok(wanted)) if there == wanted)
}
