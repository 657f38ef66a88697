//! How the user lays out JSON, so that what we add looks like the rest.

use serde::Serialize;
use serde_json::ser::{PrettyFormatter, Serializer};

use crate::json::Node;

pub(super) struct Layout {
    newline: &'static str,
    /// One level of indentation.
    unit: String,
    /// Whether new lists and objects go over several lines.
    block: bool,
}

impl Layout {
    pub(super) fn of(text: &str, root: &Node) -> Self {
        let inner = &text[root.span.clone()];
        let first_line = text.split_inclusive('\n').next().unwrap_or_default();
        let newline = if first_line.ends_with("\r\n") {
            "\r\n"
        } else {
            "\n"
        };
        Layout {
            newline,
            unit: unit(text, root),
            block: inner.contains('\n') || root.children().is_empty(),
        }
    }

    /// A further child with its comma. `gap` are the blanks before the first child.
    pub(super) fn next(&self, gap: &str, key: Option<&str>, value: &impl Serialize) -> String {
        match gap.rfind('\n') {
            Some(newline) => {
                let indent = &gap[newline + 1..];
                let child = self.child(Some(indent), key, value);
                format!(",{}{indent}{child}", self.newline)
            }
            None => format!(",{}", self.child(None, key, value)),
        }
    }

    /// All that stands between the brackets of a list or object with one child. `indent` is that
    /// of the line with the opening bracket.
    pub(super) fn first(&self, indent: &str, key: Option<&str>, value: &impl Serialize) -> String {
        if !self.block {
            return self.child(None, key, value);
        }
        let inner = format!("{indent}{}", self.unit);
        let child = self.child(Some(&inner), key, value);
        let newline = self.newline;
        format!("{newline}{inner}{child}{newline}{indent}")
    }

    /// A value over several lines that starts on a line indented by `indent`, or on one line.
    pub(super) fn render(&self, indent: Option<&str>, value: &impl Serialize) -> String {
        match indent {
            None => serde_json::to_string(value).expect("a handler is plain data"),
            Some(indent) => self
                .pretty(value)
                .replace('\n', &format!("{}{indent}", self.newline)),
        }
    }

    fn child(&self, indent: Option<&str>, key: Option<&str>, value: &impl Serialize) -> String {
        let text = self.render(indent, value);
        let Some(key) = key else {
            return text;
        };
        let key = serde_json::Value::from(key);
        let space = if indent.is_some() { " " } else { "" };
        format!("{key}:{space}{text}")
    }

    fn pretty(&self, value: &impl Serialize) -> String {
        let mut bytes = Vec::new();
        let formatter = PrettyFormatter::with_indent(self.unit.as_bytes());
        let mut serializer = Serializer::with_formatter(&mut bytes, formatter);
        value
            .serialize(&mut serializer)
            .expect("a handler is plain data");
        String::from_utf8(bytes).expect("serde_json writes UTF-8")
    }
}

/// What one level of indentation looks like; two spaces if the text does not show it.
fn unit(text: &str, root: &Node) -> String {
    let gap = root
        .children()
        .first()
        .map_or("", |first| &text[root.span.start + 1..first.start]);
    match gap.rsplit_once('\n') {
        Some((_, indent)) if !indent.is_empty() => indent.to_owned(),
        _ => "  ".to_owned(),
    }
}
