//! What the client would refuse in a settings file.
//!
//! One wrong value anywhere makes the client ignore the whole file, hooks included, without a
//! word when it runs unattended.

use std::collections::HashSet;
use std::path::Path;

use super::document::Document;
use crate::error::Error;
use crate::json::{Member, Node, Value};

/// Names everything in the settings in `bytes` that makes the client drop the file.
///
/// Covers the syntax, the shape of `hooks` and `permissions`, and the types of the plain keys in
/// common use. Keys it does not know are taken to be right.
#[must_use]
pub fn check(file: &Path, bytes: &[u8]) -> Vec<Error> {
    let document = match Document::parse(file, bytes) {
        Ok(document) => document,
        Err(error) => return vec![error],
    };
    let mut checker = Checker::new(&document);
    checker.root();
    for (key, kind) in KEYS {
        if let Some(node) = document.root().get(key) {
            checker.kind(key, node, *kind);
        }
    }
    checker.errors
}

/// Refuses a file whose `hooks` or `permissions` cannot be added to.
pub(super) fn must_be_editable(document: &Document) -> Result<(), Error> {
    let mut checker = Checker::new(document);
    checker.root();
    checker.errors.into_iter().next().map_or(Ok(()), Err)
}

#[derive(Clone, Copy)]
enum Kind {
    Text,
    Flag,
    Number,
    Object,
    Texts,
}

const KEYS: &[(&str, Kind)] = &[
    ("model", Kind::Text),
    ("apiKeyHelper", Kind::Text),
    ("outputStyle", Kind::Text),
    ("disableAllHooks", Kind::Flag),
    ("includeCoAuthoredBy", Kind::Flag),
    ("enableAllProjectMcpServers", Kind::Flag),
    ("cleanupPeriodDays", Kind::Number),
    ("env", Kind::Object),
    ("statusLine", Kind::Object),
    ("sandbox", Kind::Object),
    ("enabledPlugins", Kind::Object),
    ("extraKnownMarketplaces", Kind::Object),
    ("enabledMcpjsonServers", Kind::Texts),
    ("disabledMcpjsonServers", Kind::Texts),
];

struct Checker<'a> {
    document: &'a Document,
    errors: Vec<Error>,
}

impl<'a> Checker<'a> {
    fn new(document: &'a Document) -> Self {
        Checker {
            document,
            errors: Vec::new(),
        }
    }

    fn root(&mut self) {
        let root = self.document.root();
        self.unique(root);
        match root.members() {
            None => self.wrong("the file", root, "an object"),
            Some(_) => {
                self.hooks(root.get("hooks"));
                self.permissions(root.get("permissions"));
            }
        }
    }

    fn hooks(&mut self, hooks: Option<&Node>) {
        let Some(hooks) = hooks else { return };
        self.unique(hooks);
        match hooks.members() {
            None => self.wrong("hooks", hooks, "an object"),
            Some(events) => events.iter().for_each(|event| self.event(event)),
        }
    }

    fn event(&mut self, event: &Member) {
        let key = format!("hooks.{}", event.key);
        let Some(groups) = event.node.elements() else {
            return self.wrong(&key, &event.node, "a list of groups");
        };
        for (index, group) in groups.iter().enumerate() {
            self.group(&format!("{key}[{index}]"), group);
        }
    }

    fn group(&mut self, key: &str, group: &Node) {
        self.unique(group);
        if group.members().is_none() {
            return self.wrong(key, group, "an object");
        }
        if let Some(matcher) = group.get("matcher") {
            self.kind(&format!("{key}.matcher"), matcher, Kind::Text);
        }
        let key = format!("{key}.hooks");
        match group.get("hooks").map(|hooks| (hooks, hooks.elements())) {
            None => self.wrong(&key, group, "there: a list of handlers"),
            Some((hooks, None)) => self.wrong(&key, hooks, "a list of handlers"),
            Some((_, Some(handlers))) => {
                for (index, handler) in handlers.iter().enumerate() {
                    self.handler(&format!("{key}[{index}]"), handler);
                }
            }
        }
    }

    fn handler(&mut self, key: &str, handler: &Node) {
        self.unique(handler);
        if handler.members().is_none() {
            return self.wrong(key, handler, "an object");
        }
        let needed = match handler.get("type").and_then(Node::text) {
            None => return self.wrong(&format!("{key}.type"), handler, "there: a string"),
            Some("command") => "command",
            Some("http") => "url",
            Some("mcp_tool") => "tool",
            Some("prompt" | "agent") => "prompt",
            // A kind that a later client may know.
            Some(_) => return,
        };
        let name = format!("{key}.{needed}");
        match handler.get(needed) {
            None => self.wrong(&name, handler, "there: a string"),
            Some(node) => self.kind(&name, node, Kind::Text),
        }
        self.handler_options(key, handler);
    }

    fn handler_options(&mut self, key: &str, handler: &Node) {
        for (option, kind) in [("args", Kind::Texts), ("timeout", Kind::Number)] {
            if let Some(node) = handler.get(option) {
                self.kind(&format!("{key}.{option}"), node, kind);
            }
        }
        if let Some(node) = handler.get("onFailure")
            && !matches!(node.text(), Some("block" | "continue"))
        {
            self.wrong(&format!("{key}.onFailure"), node, "`block` or `continue`");
        }
    }

    fn permissions(&mut self, permissions: Option<&Node>) {
        let Some(permissions) = permissions else {
            return;
        };
        self.unique(permissions);
        self.kind("permissions", permissions, Kind::Object);
        for list in ["allow", "ask", "deny", "additionalDirectories"] {
            if let Some(node) = permissions.get(list) {
                self.kind(&format!("permissions.{list}"), node, Kind::Texts);
            }
        }
    }

    fn kind(&mut self, key: &str, node: &Node, kind: Kind) {
        let texts = |nodes: &[Node]| nodes.iter().all(|node| node.text().is_some());
        let (right, expected) = match kind {
            Kind::Text => (node.text().is_some(), "a string"),
            Kind::Flag => (matches!(node.value, Value::Bool), "true or false"),
            Kind::Number => (matches!(node.value, Value::Number), "a number"),
            Kind::Object => (node.members().is_some(), "an object"),
            Kind::Texts => (node.elements().is_some_and(texts), "a list of strings"),
        };
        if !right {
            self.wrong(key, node, expected);
        }
    }

    fn wrong(&mut self, key: &str, node: &Node, expected: &'static str) {
        let (line, column) = self.document.position(node.span.start);
        self.errors.push(Error::Shape {
            file: self.document.file().to_owned(),
            line,
            column,
            key: key.to_owned(),
            expected,
        });
    }

    fn unique(&mut self, object: &Node) {
        let mut seen = HashSet::new();
        for member in object.members().unwrap_or_default() {
            if !seen.insert(member.key.as_str()) {
                let (line, column) = self.document.position(member.start);
                self.errors.push(Error::Duplicate {
                    file: self.document.file().to_owned(),
                    line,
                    column,
                    key: member.key.clone(),
                });
            }
        }
    }
}
