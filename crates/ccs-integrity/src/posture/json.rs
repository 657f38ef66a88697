//! JSON values that know where they stand.

use std::rc::Rc;

use super::source::Source;
use crate::json::{self, Node, Value};

/// One JSON file.
#[derive(Debug)]
pub(super) struct Doc {
    pub(super) source: Rc<Source>,
    root: Node,
    /// What the root's offsets count from: a byte order mark is not JSON.
    start: usize,
}

/// Why a file is not JSON.
#[derive(Debug)]
pub(super) struct Broken {
    pub(super) source: Rc<Source>,
    pub(super) offset: usize,
    pub(super) what: &'static str,
}

impl Doc {
    /// Reads strict JSON, as the client does.
    pub(super) fn strict(source: Rc<Source>) -> Result<Self, Broken> {
        let start = source.text.len() - source.text.trim_start_matches('\u{feff}').len();
        match json::scan(&source.text[start..]) {
            Ok(root) => Ok(Doc {
                source,
                root,
                start,
            }),
            Err(syntax) => Err(Broken {
                source,
                offset: start + syntax.offset,
                what: syntax.what,
            }),
        }
    }

    /// Reads JSON with comments and spare commas, as editors do.
    pub(super) fn lenient(source: &Rc<Source>) -> Option<Self> {
        let root = json::scan(&plain(&source.text)).ok()?;
        let source = Rc::clone(source);
        Some(Doc {
            source,
            root,
            start: 0,
        })
    }

    pub(super) fn root(&self) -> Val<'_> {
        Val {
            doc: self,
            node: &self.root,
        }
    }
}

/// A value in a file.
#[derive(Clone, Copy, Debug)]
pub(super) struct Val<'a> {
    pub(super) doc: &'a Doc,
    node: &'a Node,
}

impl<'a> Val<'a> {
    pub(super) fn get(self, key: &str) -> Option<Val<'a>> {
        self.node.get(key).map(|node| self.with(node))
    }

    /// The value behind several keys.
    pub(super) fn at(self, path: &[&str]) -> Option<Val<'a>> {
        path.iter().try_fold(self, |value, key| value.get(key))
    }

    pub(super) fn text(self) -> Option<&'a str> {
        self.node.text()
    }

    pub(super) fn flag(self) -> Option<bool> {
        match (&self.node.value, self.raw()) {
            (Value::Bool, raw) => Some(raw == "true"),
            _ => None,
        }
    }

    pub(super) fn number(self) -> Option<f64> {
        match self.node.value {
            Value::Number => self.raw().parse().ok(),
            _ => None,
        }
    }

    /// The elements of a list; none if it is no list.
    pub(super) fn items(self) -> impl Iterator<Item = Val<'a>> {
        let nodes = self.node.elements().unwrap_or_default();
        nodes.iter().map(move |node| self.with(node))
    }

    /// The members of an object; none if it is no object.
    pub(super) fn members(self) -> impl Iterator<Item = (&'a str, Val<'a>)> {
        let members = self.node.members().unwrap_or_default();
        members
            .iter()
            .map(move |m| (m.key.as_str(), self.with(&m.node)))
    }

    /// The strings of a list with their places.
    pub(super) fn texts(self) -> impl Iterator<Item = (&'a str, Val<'a>)> {
        self.items().filter_map(|item| Some((item.text()?, item)))
    }

    pub(super) fn is_object(self) -> bool {
        self.node.members().is_some()
    }

    /// The value as it is written.
    pub(super) fn raw(self) -> &'a str {
        let start = self.doc.start;
        let range = start + self.node.span.start..start + self.node.span.end;
        self.doc.source.text.get(range).unwrap_or_default()
    }

    pub(super) fn offset(self) -> usize {
        self.doc.start + self.node.span.start
    }

    /// Where the key of each member stands, with the key.
    pub(super) fn keys(self) -> impl Iterator<Item = (&'a str, usize)> {
        let members = self.node.members().unwrap_or_default();
        let start = self.doc.start;
        members
            .iter()
            .map(move |m| (m.key.as_str(), start + m.start))
    }

    /// Every string below here, keys not included.
    pub(super) fn strings(self) -> Vec<(&'a str, Val<'a>)> {
        let mut found = Vec::new();
        let mut open = vec![self];
        while let Some(value) = open.pop() {
            if let Some(text) = value.text() {
                found.push((text, value));
            }
            open.extend(value.items());
            open.extend(value.members().map(|(_, member)| member));
        }
        found.sort_by_key(|(_, value)| value.offset());
        found
    }

    pub(super) fn kind(self) -> &'static str {
        match self.node.value {
            Value::Null => "null",
            Value::Bool => "flag",
            Value::Number => "number",
            Value::String(_) => "text",
            Value::Array(_) => "list",
            Value::Object(_) => "object",
        }
    }

    fn with(self, node: &'a Node) -> Val<'a> {
        Val {
            doc: self.doc,
            node,
        }
    }
}

/// The text with comments and commas before closing brackets turned into blanks of the same
/// length, so that offsets stay what they are.
fn plain(text: &str) -> String {
    let mut bytes = text.trim_start_matches('\u{feff}').as_bytes().to_vec();
    // A byte order mark becomes three blanks.
    let mark = text.len() - bytes.len();
    bytes.splice(0..0, std::iter::repeat_n(b' ', mark));
    let mut at = 0;
    let mut comma = None;
    while at < bytes.len() {
        match (bytes[at], bytes.get(at + 1)) {
            (b'"', _) => {
                at = end_of_string(&bytes, at);
                comma = None;
                continue;
            }
            (b'/', Some(b'/')) => at = blank_until(&mut bytes, at, b"\n"),
            (b'/', Some(b'*')) => at = blank_until(&mut bytes, at, b"*/"),
            (b',', _) => comma = Some(at),
            (b'}' | b']', _) => {
                if let Some(comma) = comma.take() {
                    bytes[comma] = b' ';
                }
            }
            (byte, _) if !byte.is_ascii_whitespace() => comma = None,
            _ => {}
        }
        at += 1;
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn end_of_string(bytes: &[u8], start: usize) -> usize {
    let mut at = start + 1;
    while at < bytes.len() && bytes[at] != b'"' {
        at += if bytes[at] == b'\\' { 2 } else { 1 };
    }
    (at + 1).min(bytes.len())
}

fn blank_until(bytes: &mut [u8], start: usize, end: &[u8]) -> usize {
    let rest = &bytes[start + 2..];
    let length = rest.windows(end.len()).position(|window| window == end);
    let stop = length.map_or(bytes.len(), |length| {
        let keep = if end == b"\n" { 0 } else { end.len() };
        start + 2 + length + keep
    });
    for byte in &mut bytes[start..stop] {
        if *byte != b'\n' {
            *byte = b' ';
        }
    }
    stop.saturating_sub(1).max(start)
}

#[cfg(test)]
mod tests {
    use super::plain;

    #[test]
    fn comments_and_spare_commas_become_blanks() {
        let text = "{ // é\n  \"a\": [1, /* x */ 2, ],\n  \"b\": \"// no\", }";
        let plain = plain(text);
        assert_eq!(plain.len(), text.len());
        let value: serde_json::Value = serde_json::from_str(&plain).expect("JSON");
        assert_eq!(value, serde_json::json!({"a": [1, 2], "b": "// no"}));
    }

    #[test]
    fn hostile_text_ends() {
        for text in ["\"", "/*", "//", "\"\\", "{\"a\":/*", ",}", "\u{feff}{}"] {
            assert_eq!(plain(text).len(), text.len(), "{text}");
        }
    }
}
