//! Takes our parts out, the inverse of `merge`.

use super::document::{Document, Step};
use super::read::{self, Place};
use super::{Grown, Receipt, values};
use crate::error::Error;
use crate::json::Node;

/// Takes out our handlers and the rules the receipt names, then the lists and objects that were
/// made for them.
pub(super) fn strip(document: &mut Document, receipt: Option<&Receipt>) -> Result<(), Error> {
    if let Some(receipt) = receipt {
        values::take_back(document, &receipt.values)?;
    }
    let emptied = strip_handlers(document, receipt)?;
    let Some(receipt) = receipt else {
        return prune(document, &emptied, &[]);
    };
    strip_rules(document, receipt)?;
    let made = receipt.grown.iter().filter(|grown| grown.inner.is_none());
    let made: Vec<_> = made.map(|grown| grown.path.clone()).collect();
    prune(document, &made, &receipt.grown)
}

/// Takes out the permission rules that the receipt names.
pub(super) fn strip_rules(document: &mut Document, receipt: &Receipt) -> Result<(), Error> {
    for rule in &receipt.deny {
        strip_rule(document, rule, &receipt.grown)?;
    }
    Ok(())
}

/// Takes out our handlers; answers which lists and objects held some, outermost first.
fn strip_handlers(
    document: &mut Document,
    receipt: Option<&Receipt>,
) -> Result<Vec<Vec<String>>, Error> {
    let grown = receipt.map_or(&[][..], |receipt| &receipt.grown);
    let mut held = vec![vec!["hooks".to_owned()]];
    while let Some(place) = read::ours(document).pop() {
        let inner = inner_of(grown, &["hooks", &place.event]);
        take_out(document, &place, inner)?;
        held.push(vec!["hooks".to_owned(), place.event]);
    }
    if held.len() == 1 {
        held.clear();
    }
    Ok(held)
}

/// Takes out one handler, and its group if nothing else is in it. `inner` are the blanks to
/// leave in the event's list if it becomes empty.
pub(super) fn take_out(document: &mut Document, place: &Place, inner: &str) -> Result<(), Error> {
    let path = place.path();
    let group = document.at(&path[..4]).map_or(0, |n| n.children().len());
    if group > 1 {
        document.delete(&path[..4], place.handler, "")
    } else {
        document.delete(&path[..2], place.group, inner)
    }
}

/// Takes out one permission rule, the last of several equal ones.
fn strip_rule(document: &mut Document, rule: &str, grown: &[Grown]) -> Result<(), Error> {
    let path: [Step<'_>; 2] = ["permissions".into(), "deny".into()];
    let rules = document.at(&path).and_then(Node::elements);
    let found = rules.and_then(|rules| rules.iter().rposition(|node| node.text() == Some(rule)));
    match found {
        Some(index) => document.delete(&path, index, inner_of(grown, &["permissions", "deny"])),
        None => Ok(()),
    }
}

/// Deletes those of `paths` that are empty by now, innermost first.
pub(super) fn prune(
    document: &mut Document,
    paths: &[Vec<String>],
    grown: &[Grown],
) -> Result<(), Error> {
    for path in paths.iter().rev() {
        let steps: Vec<Step<'_>> = path.iter().map(|key| Step::Key(key)).collect();
        let Some((key, parent)) = path.split_last() else {
            continue;
        };
        if document.inner_of_empty(&steps).is_some() {
            let inner = inner_of(grown, parent).to_owned();
            document.delete_key(&steps[..parent.len()], key, &inner)?;
        }
    }
    Ok(())
}

fn inner_of<'a>(grown: &'a [Grown], path: &[impl AsRef<str>]) -> &'a str {
    let same = |grown: &&Grown| {
        grown.path.len() == path.len() && grown.path.iter().zip(path).all(|(a, b)| a == b.as_ref())
    };
    let found = grown.iter().find(same);
    found.and_then(|grown| grown.inner.as_deref()).unwrap_or("")
}
