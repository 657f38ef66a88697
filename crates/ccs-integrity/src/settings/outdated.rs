//! Takes out what an earlier run put in and this one does not want.

use super::document::{Document, Step};
use super::merge::DENY;
use super::read::{self, Place};
use super::{Receipt, Wanted, remove};
use crate::error::Error;

/// Takes out handlers for other events, rules that are not wanted, and what they leave empty.
/// `base` is the file without any part of ours.
pub(super) fn take_out(
    document: &mut Document,
    base: &Document,
    wanted: &Wanted,
    before: Option<&Receipt>,
) -> Result<(), Error> {
    let mut touched = vec![keys(&["hooks"])];
    while let Some(place) = unwanted(document, wanted) {
        let inner = base.inner_of_empty(&place.path()[..2]).unwrap_or_default();
        remove::take_out(document, &place, inner)?;
        touched.push(keys(&["hooks", &place.event]));
    }
    if let Some(before) = before {
        remove::strip_rules(document, &old_rules(wanted, before))?;
        touched.extend([keys(&DENY[..1]), keys(&DENY)]);
    }
    touched.retain(|path| base.at(&steps(path)).is_none());
    let grown = before.map_or(&[][..], |before| &before.grown);
    remove::prune(document, &touched, grown)
}

/// The last handler of ours that is there for an event that is not wanted.
fn unwanted(document: &Document, wanted: &Wanted) -> Option<Place> {
    let is_wanted = |event: &str| wanted.handlers.iter().any(|h| h.event == event);
    let mut places = read::ours(document).into_iter();
    places.rfind(|place| !is_wanted(&place.event))
}

fn old_rules(wanted: &Wanted, before: &Receipt) -> Receipt {
    let old = before
        .deny
        .iter()
        .filter(|rule| !wanted.deny.contains(rule));
    Receipt {
        grown: before.grown.clone(),
        deny: old.cloned().collect(),
        values: Vec::new(),
    }
}

fn keys(path: &[&str]) -> Vec<String> {
    path.iter().map(|&key| key.to_owned()).collect()
}

fn steps(path: &[String]) -> Vec<Step<'_>> {
    path.iter().map(|key| Step::Key(key)).collect()
}
