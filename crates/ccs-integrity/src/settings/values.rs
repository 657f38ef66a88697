//! Single settings: put in with what stood there before, and taken back.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::document::{Document, Step};
use super::{Before, Setting};
use crate::error::Error;
use crate::json::Node;

/// Puts the settings in, in order; answers what is needed to take them back. What is there already
/// stays as it is.
pub(super) fn put(document: &mut Document, wanted: &[Setting]) -> Result<Vec<Before>, Error> {
    let mut before = Vec::new();
    for setting in wanted {
        for depth in 1..setting.path.len() {
            let folder = &setting.path[..depth];
            if document.at(&steps(folder)).is_none() {
                before.push(add(document, folder, Value::Object(Default::default()))?);
            }
        }
        before.extend(one(document, setting)?);
    }
    Ok(before)
}

/// Puts one setting in; `None` if it is there.
fn one(document: &mut Document, setting: &Setting) -> Result<Option<Before>, Error> {
    let path = steps(&setting.path);
    let Some(node) = document.at(&path) else {
        return add(document, &setting.path, setting.value.clone()).map(Some);
    };
    let was = document.text_of(node).to_owned();
    let there = parsed(&was).unwrap_or_default();
    if is_so(&there, &setting.value) {
        return Ok(None);
    }
    let set = joined(there, &setting.value);
    document.replace(&path, &set)?;
    Ok(Some(Before {
        path: setting.path.clone(),
        set,
        was: Some(was),
        inner: None,
    }))
}

/// Whether a value says what is wanted: of a list, whether it has all of it.
fn is_so(there: &Value, wanted: &Value) -> bool {
    match (there, wanted) {
        (Value::Array(there), Value::Array(wanted)) => wanted.iter().all(|one| there.contains(one)),
        _ => there == wanted,
    }
}

/// A list with what is missing at its end; anything else becomes what is wanted.
fn joined(there: Value, wanted: &Value) -> Value {
    match (there, wanted) {
        (Value::Array(mut there), Value::Array(wanted)) => {
            for one in wanted {
                if !there.contains(one) {
                    there.push(one.clone());
                }
            }
            Value::Array(there)
        }
        _ => wanted.clone(),
    }
}

fn add(document: &mut Document, path: &[String], value: Value) -> Result<Before, Error> {
    let (key, parent) = path
        .split_last()
        .map_or(("", path), |(key, parent)| (key, parent));
    must_be_object(document, parent)?;
    let parent = steps(parent);
    let inner = document.inner_of_empty(&parent).map(str::to_owned);
    document.append(&parent, Some(key), &value)?;
    Ok(Before {
        path: path.to_vec(),
        set: value,
        was: None,
        inner,
    })
}

fn must_be_object(document: &Document, path: &[String]) -> Result<(), Error> {
    let Some(node) = document
        .at(&steps(path))
        .filter(|node| node.members().is_none())
    else {
        return Ok(());
    };
    let (line, column) = document.position(node.span.start);
    Err(Error::Shape {
        file: document.file().to_owned(),
        line,
        column,
        key: path.join("."),
        expected: "an object",
    })
}

/// Puts back what stood there, the last first. A setting that somebody changed since stays.
pub(super) fn take_back(document: &mut Document, before: &[Before]) -> Result<(), Error> {
    for one in before.iter().rev() {
        let path = steps(&one.path);
        let now = document
            .at(&path)
            .map(|node| document.text_of(node).to_owned());
        if now.as_deref().and_then(parsed).as_ref() != Some(&one.set) {
            continue;
        }
        match &one.was {
            Some(was) => document.restore(&path, was)?,
            None => {
                let (Some(key), parent) = (one.path.last(), &path[..path.len() - 1]) else {
                    continue;
                };
                document.delete_key(parent, key, one.inner.as_deref().unwrap_or_default())?;
            }
        }
    }
    Ok(())
}

/// Whether exactly these settings were put in before and all of them still stand.
pub(super) fn stand(document: &Document, before: &[Before], wanted: &[Setting]) -> bool {
    let stands = |setting: &Setting| {
        let node = document.at(&steps(&setting.path));
        node.and_then(|node| parsed(document.text_of(node)))
            .as_ref()
            == Some(&setting.value)
    };
    let is_wanted = |one: &Before| {
        let grown = one.set.as_object().is_some_and(serde_json::Map::is_empty);
        grown
            || wanted
                .iter()
                .any(|setting| setting.path == one.path && setting.value == one.set)
    };
    wanted.iter().all(stands) && before.iter().all(is_wanted)
}

fn parsed(text: &str) -> Option<Value> {
    serde_json::from_str(text).ok()
}

fn steps(path: &[String]) -> Vec<Step<'_>> {
    path.iter().map(|key| Step::Key(key)).collect()
}

/// How one place of a settings file is changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Edit {
    /// The value goes, with its key.
    Delete,
    /// The element of the innermost list it is in goes: a hook whose command it is.
    DeleteElement,
    /// The member of the object with this key that it is in goes: a server whose address it is.
    DeleteBelow(String),
    /// It becomes this.
    Set(Value),
}

/// Changes the value that begins at `line` and `column`, both counted from 1. Answers whether there
/// is such a value.
pub(super) fn edit(
    document: &mut Document,
    (line, column): (usize, usize),
    edit: &Edit,
) -> Result<bool, Error> {
    let mut path = Vec::new();
    if !find(document, document.root(), (line, column), &mut path) {
        return Ok(false);
    }
    let length = match edit {
        Edit::Set(_) | Edit::Delete => path.len(),
        Edit::DeleteElement => match path.iter().rposition(|step| step.key.is_none()) {
            Some(at) => at + 1,
            None => return Ok(false),
        },
        Edit::DeleteBelow(key) => {
            match path.iter().position(|step| step.key.as_ref() == Some(key)) {
                Some(at) if at + 1 < path.len() => at + 2,
                _ => return Ok(false),
            }
        }
    };
    let borrowed: Vec<Step<'_>> = path[..length].iter().map(Found::step).collect();
    match edit {
        Edit::Set(value) => document.replace(&borrowed, value)?,
        _ => {
            let Some((last, parent)) = path[..length].split_last() else {
                return Ok(false);
            };
            document.delete(&borrowed[..parent.len()], last.index, "")?;
        }
    }
    Ok(true)
}

/// One step of a path, with the key if it is a member.
struct Found {
    key: Option<String>,
    index: usize,
}

impl Found {
    fn step(&self) -> Step<'_> {
        match &self.key {
            Some(key) => Step::Key(key),
            None => Step::Index(self.index),
        }
    }
}

fn find(document: &Document, node: &Node, place: (usize, usize), path: &mut Vec<Found>) -> bool {
    if !path.is_empty() && document.position(node.span.start) == place {
        return true;
    }
    let elements = node
        .elements()
        .unwrap_or_default()
        .iter()
        .map(|child| (None, child));
    let members = node.members().unwrap_or_default().iter();
    let members = members.map(|member| (Some(&member.key), &member.node));
    for (index, (key, child)) in elements.chain(members).enumerate() {
        // Only what covers the place is looked into.
        if document.position(child.span.end) < place {
            continue;
        }
        path.push(Found {
            key: key.cloned(),
            index,
        });
        if find(document, child, place, path) {
            return true;
        }
        path.pop();
    }
    false
}
