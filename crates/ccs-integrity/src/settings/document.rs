//! A settings text that is edited in place, one child at a time.

use std::ops::Range;
use std::path::{Path, PathBuf};

use serde::Serialize;

use super::layout::Layout;
use crate::error::Error;
use crate::json::{self, Node, Syntax};

const BOM: &str = "\u{feff}";

/// One step from a value to a child of it.
#[derive(Clone, Copy, Debug)]
pub(super) enum Step<'a> {
    Key(&'a str),
    Index(usize),
}

impl<'a> From<&'a str> for Step<'a> {
    fn from(key: &'a str) -> Self {
        Step::Key(key)
    }
}

pub(super) struct Document {
    file: PathBuf,
    bom: bool,
    text: String,
    root: Node,
    layout: Layout,
}

impl Document {
    pub(super) fn parse(file: &Path, bytes: &[u8]) -> Result<Self, Error> {
        let text = match std::str::from_utf8(bytes) {
            Ok(text) => text,
            Err(error) => return Err(not_utf8(file, bytes, error.valid_up_to())),
        };
        let bom = text.starts_with(BOM);
        let text = text.strip_prefix(BOM).unwrap_or(text).to_owned();
        let root = json::scan(&text).map_err(|syntax| locate(file, &text, &syntax))?;
        let layout = Layout::of(&text, &root);
        let file = file.to_owned();
        Ok(Document {
            file,
            bom,
            text,
            root,
            layout,
        })
    }

    /// The same text again, to try an edit on.
    pub(super) fn copy(&self) -> Result<Self, Error> {
        Self::parse(&self.file, self.text.as_bytes())
    }

    pub(super) fn into_bytes(self) -> Vec<u8> {
        let bom = if self.bom { BOM } else { "" };
        format!("{bom}{}", self.text).into_bytes()
    }

    pub(super) fn root(&self) -> &Node {
        &self.root
    }

    pub(super) fn file(&self) -> &Path {
        &self.file
    }

    pub(super) fn text_of(&self, node: &Node) -> &str {
        &self.text[node.span.clone()]
    }

    /// Line and column, for errors about a place in this text.
    pub(super) fn position(&self, offset: usize) -> (usize, usize) {
        json::position(&self.text, offset)
    }

    pub(super) fn at(&self, path: &[Step<'_>]) -> Option<&Node> {
        path.iter().try_fold(&self.root, |node, step| match *step {
            Step::Key(key) => node.get(key),
            Step::Index(index) => node.elements()?.get(index),
        })
    }

    /// The blanks between the brackets of an empty list or object.
    pub(super) fn inner_of_empty(&self, path: &[Step<'_>]) -> Option<&str> {
        let node = self.at(path)?;
        let container = node.elements().is_some() || node.members().is_some();
        (container && node.children().is_empty()).then(|| &self.text[inside(node)])
    }

    /// Adds a child at the end of the list or object at `path`; `key` for an object.
    pub(super) fn append(
        &mut self,
        path: &[Step<'_>],
        key: Option<&str>,
        value: &impl Serialize,
    ) -> Result<(), Error> {
        let Some(node) = self.at(path) else {
            return Ok(());
        };
        let children = node.children();
        let (range, text) = match (children.first(), children.last()) {
            (Some(first), Some(last)) => {
                let gap = &self.text[node.span.start + 1..first.start];
                (last.end..last.end, self.layout.next(gap, key, value))
            }
            _ => {
                let indent = line_indent(&self.text, node.span.start);
                (inside(node), self.layout.first(indent, key, value))
            }
        };
        self.splice(range, &text)
    }

    /// Puts `value` where the value at `path` stands.
    pub(super) fn replace(
        &mut self,
        path: &[Step<'_>],
        value: &impl Serialize,
    ) -> Result<(), Error> {
        let Some(node) = self.at(path) else {
            return Ok(());
        };
        let range = node.span.clone();
        let indent = line_indent(&self.text, range.start);
        let own_line = self.text[..range.start].ends_with(indent)
            && self.text[..range.start - indent.len()].ends_with('\n');
        let text = self.layout.render(own_line.then_some(indent), value);
        self.splice(range, &text)
    }

    /// Puts text where the value at `path` stands, as it was written before.
    pub(super) fn restore(&mut self, path: &[Step<'_>], was: &str) -> Result<(), Error> {
        match self.at(path).map(|node| node.span.clone()) {
            Some(range) => self.splice(range, was),
            None => Ok(()),
        }
    }

    /// Takes out one child, undoing [`Document::append`]; `inner` are the blanks to leave if it
    /// was the only one.
    pub(super) fn delete(
        &mut self,
        path: &[Step<'_>],
        index: usize,
        inner: &str,
    ) -> Result<(), Error> {
        let Some(node) = self.at(path) else {
            return Ok(());
        };
        let children = node.children();
        match (index.checked_sub(1), children.get(index)) {
            (_, None) => Ok(()),
            (_, Some(_)) if children.len() == 1 => self.splice(inside(node), inner),
            (None, Some(child)) => self.splice(child.start..children[1].start, ""),
            (Some(before), Some(child)) => self.splice(children[before].end..child.end, ""),
        }
    }

    /// Takes the member `key` out of the object at `path`.
    pub(super) fn delete_key(
        &mut self,
        path: &[Step<'_>],
        key: &str,
        inner: &str,
    ) -> Result<(), Error> {
        let members = self.at(path).and_then(Node::members).unwrap_or_default();
        match members.iter().rposition(|member| member.key == key) {
            Some(index) => self.delete(path, index, inner),
            None => Ok(()),
        }
    }

    fn splice(&mut self, range: Range<usize>, with: &str) -> Result<(), Error> {
        let mut text = self.text.clone();
        text.replace_range(range, with);
        self.root = json::scan(&text).map_err(|syntax| locate(&self.file, &text, &syntax))?;
        self.text = text;
        Ok(())
    }
}

fn inside(node: &Node) -> Range<usize> {
    node.span.start + 1..node.span.end - 1
}

/// The blanks at the start of the line that `offset` is on.
fn line_indent(text: &str, offset: usize) -> &str {
    let start = text[..offset].rfind('\n').map_or(0, |newline| newline + 1);
    let line = &text[start..offset];
    &line[..line.len() - line.trim_start_matches([' ', '\t']).len()]
}

fn locate(file: &Path, text: &str, syntax: &Syntax) -> Error {
    let (line, column) = json::position(text, syntax.offset);
    Error::Syntax {
        file: file.to_owned(),
        line,
        column,
        what: syntax.what,
    }
}

fn not_utf8(file: &Path, bytes: &[u8], valid: usize) -> Error {
    let text = String::from_utf8_lossy(&bytes[..valid]);
    let syntax = Syntax {
        offset: text.len(),
        what: "this byte is not UTF-8",
    };
    locate(file, &text, &syntax)
}
