//! Puts our parts in.

use serde::Serialize;

use super::document::{Document, Step};
use super::read::{self, Place};
use super::{Grown, Handler, Merged, Receipt, Wanted, check, outdated, remove, values};
use crate::error::Error;
use crate::json::Node;

pub(super) const DENY: [&str; 2] = ["permissions", "deny"];

pub(super) fn merge(
    mut document: Document,
    wanted: &Wanted,
    before: Option<&Receipt>,
) -> Result<Merged, Error> {
    check::must_be_editable(&document)?;
    let old = before.map_or(&[][..], |before| &before.values);
    let stands = values::stand(&document, old, &wanted.values);
    if !stands {
        values::take_back(&mut document, old)?;
    }
    // What the file would be without us: tells what we are about to create.
    let mut base = document.copy()?;
    remove::strip(&mut base, before)?;

    outdated::take_out(&mut document, &base, wanted, before)?;
    for handler in &wanted.handlers {
        put_handler(&mut document, handler)?;
    }
    let deny = missing_rules(&base, wanted);
    for rule in missing_rules(&document, wanted) {
        add_rule(&mut document, &rule)?;
    }
    let grown = grown(&base, wanted, !deny.is_empty());
    let values = match stands {
        true => old.to_vec(),
        false => values::put(&mut document, &wanted.values)?,
    };
    Ok(Merged {
        bytes: document.into_bytes(),
        receipt: Receipt {
            grown,
            deny,
            values,
        },
    })
}

/// A handler as it is written, keys in this order.
#[derive(Serialize)]
pub(super) struct Rendered<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    command: &'a str,
    args: &'a [String],
    timeout: u32,
    #[serde(rename = "onFailure")]
    on_failure: &'static str,
}

impl<'a> From<&'a Handler> for Rendered<'a> {
    fn from(handler: &'a Handler) -> Self {
        Rendered {
            kind: "command",
            command: &handler.command,
            args: &handler.args,
            timeout: handler.timeout,
            on_failure: "block",
        }
    }
}

#[derive(Serialize)]
struct Group<'a> {
    hooks: [Rendered<'a>; 1],
}

enum Empty {
    Object,
    List,
}

impl Serialize for Empty {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Empty::Object => serializer.collect_map(std::iter::empty::<((), ())>()),
            Empty::List => serializer.collect_seq(std::iter::empty::<()>()),
        }
    }
}

/// Makes sure that the object at `parent` has `key`.
fn grow(document: &mut Document, parent: &[&str], key: &str, empty: &Empty) -> Result<(), Error> {
    let parent: Vec<Step<'_>> = parent.iter().map(|key| Step::Key(key)).collect();
    match document.at(&parent).and_then(|node| node.get(key)) {
        Some(_) => Ok(()),
        None => document.append(&parent, Some(key), empty),
    }
}

/// Leaves exactly one handler of ours for the event: the one that is there, brought up to date,
/// or a new one at the end.
fn put_handler(document: &mut Document, handler: &Handler) -> Result<(), Error> {
    let kept = loop {
        let places: Vec<Place> = read::ours(document)
            .into_iter()
            .filter(|place| place.event == handler.event)
            .collect();
        let keep = places
            .iter()
            .find(|place| read::unrestricted(document, place));
        match places.iter().rfind(|&place| Some(place) != keep) {
            Some(other) => remove::take_out(document, other, "")?,
            None => break keep.cloned(),
        }
    };
    match kept {
        Some(place) if read::is_up_to_date(document, &place, handler) => Ok(()),
        Some(place) => document.replace(&place.path(), &Rendered::from(handler)),
        None => add_handler(document, handler),
    }
}

fn add_handler(document: &mut Document, handler: &Handler) -> Result<(), Error> {
    grow(document, &[], "hooks", &Empty::Object)?;
    grow(document, &["hooks"], &handler.event, &Empty::List)?;
    let group = Group {
        hooks: [handler.into()],
    };
    document.append(&["hooks".into(), Step::Key(&handler.event)], None, &group)
}

fn add_rule(document: &mut Document, rule: &str) -> Result<(), Error> {
    let [permissions, deny] = DENY;
    grow(document, &[], permissions, &Empty::Object)?;
    grow(document, &[permissions], deny, &Empty::List)?;
    document.append(&DENY.map(Step::Key), None, &rule)
}

fn missing_rules(document: &Document, wanted: &Wanted) -> Vec<String> {
    let there = document.at(&DENY.map(Step::Key)).and_then(Node::elements);
    let there: Vec<&str> = there
        .unwrap_or_default()
        .iter()
        .filter_map(Node::text)
        .collect();
    let missing = wanted
        .deny
        .iter()
        .filter(|rule| !there.contains(&rule.as_str()));
    missing.cloned().collect()
}

/// Which lists and objects we need that are absent or empty in `base`, outermost first.
fn grown(base: &Document, wanted: &Wanted, deny: bool) -> Vec<Grown> {
    let events = wanted
        .handlers
        .iter()
        .map(|h| vec!["hooks", h.event.as_str()]);
    let mut paths: Vec<Vec<&str>> = vec![vec![]];
    if !wanted.handlers.is_empty() {
        paths.push(vec!["hooks"]);
    }
    paths.extend(events);
    if deny {
        paths.extend([vec!["permissions"], DENY.to_vec()]);
    }
    paths
        .iter()
        .filter_map(|path| grown_at(base, path))
        .collect()
}

fn grown_at(base: &Document, path: &[&str]) -> Option<Grown> {
    let steps: Vec<Step<'_>> = path.iter().map(|key| Step::Key(key)).collect();
    let inner = base.inner_of_empty(&steps);
    if inner.is_none() && base.at(&steps).is_some() {
        return None;
    }
    Some(Grown {
        path: path.iter().map(|&key| key.to_owned()).collect(),
        inner: inner.map(str::to_owned),
    })
}
