//! Strict JSON with the place of every value: what an editor of somebody else's file needs.
//!
//! Accepts exactly what `JSON.parse` accepts, because that is what decides whether Claude Code
//! loads a file. Nothing is repaired.

use std::ops::Range;

mod scan;

pub(crate) use scan::scan;

/// One value and the bytes it covers.
#[derive(Debug)]
pub(crate) struct Node {
    pub(crate) span: Range<usize>,
    pub(crate) value: Value,
}

#[derive(Debug)]
pub(crate) enum Value {
    Null,
    Bool,
    Number,
    String(String),
    Array(Vec<Node>),
    Object(Vec<Member>),
}

#[derive(Debug)]
pub(crate) struct Member {
    /// Decoded; a lone surrogate is U+FFFD.
    pub(crate) key: String,
    /// Where the key's opening quote stands.
    pub(crate) start: usize,
    pub(crate) node: Node,
}

/// Why a text is not JSON, and where.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Syntax {
    pub(crate) offset: usize,
    pub(crate) what: &'static str,
}

impl Node {
    pub(crate) fn members(&self) -> Option<&[Member]> {
        match &self.value {
            Value::Object(members) => Some(members),
            _ => None,
        }
    }

    pub(crate) fn elements(&self) -> Option<&[Node]> {
        match &self.value {
            Value::Array(elements) => Some(elements),
            _ => None,
        }
    }

    pub(crate) fn text(&self) -> Option<&str> {
        match &self.value {
            Value::String(text) => Some(text),
            _ => None,
        }
    }

    /// The value of `key`, if this is an object that has it. The last one counts, as in
    /// `JSON.parse`.
    pub(crate) fn get(&self, key: &str) -> Option<&Node> {
        let member = self.members()?.iter().rev().find(|m| m.key == key)?;
        Some(&member.node)
    }

    /// The bytes each child covers: elements, or members with their keys.
    pub(crate) fn children(&self) -> Vec<Range<usize>> {
        match &self.value {
            Value::Array(elements) => elements.iter().map(|e| e.span.clone()).collect(),
            Value::Object(members) => members.iter().map(|m| m.start..m.node.span.end).collect(),
            _ => Vec::new(),
        }
    }
}

/// Line and column of a byte offset, both counted from 1, the column in characters.
pub(crate) fn position(text: &str, offset: usize) -> (usize, usize) {
    let before = text.get(..offset).unwrap_or(text);
    let line = before.matches('\n').count() + 1;
    let start = before.rfind('\n').map_or(0, |newline| newline + 1);
    (line, before[start..].chars().count() + 1)
}
