//! A text or a part of one, and where its words lie in the original.

use super::super::map::Map;
use super::super::token::Token;
use super::super::view::{Veil, View};

/// Where a text lies in the original.
#[derive(Clone, Copy)]
pub(super) enum Place<'a> {
    /// The original itself, from `base` on.
    Root {
        map: &'a Map,
        base: usize,
        text: &'a str,
    },
    /// Recovered from a part of it.
    Part { at: usize, start: usize, end: usize },
}

/// A text with everything that is known about it.
pub(super) struct Layer<'a> {
    pub(super) text: &'a str,
    pub(super) tokens: &'a [Token],
    pub(super) veils: &'a [Veil],
    pub(super) place: Place<'a>,
    pub(super) view: View,
}

impl Layer<'_> {
    /// The view in which `start..end` is seen: that of the veil over it, or the layer's own.
    pub(super) fn view_of(&self, start: usize, end: usize) -> View {
        let behind = self.veils.partition_point(|veil| veil.start < end);
        let over = self.veils[behind.saturating_sub(16)..behind]
            .iter()
            .rev()
            .find(|veil| veil.end > start);
        over.map_or(self.view, |veil| veil.view)
    }
}

impl Place<'_> {
    /// The place in the plain view of the whole text.
    pub(super) fn at(self, offset: usize) -> usize {
        match self {
            Self::Root { base, .. } => base + offset,
            Self::Part { at, .. } => at,
        }
    }

    /// Bytes of this text before it was made plain, in the original.
    pub(super) fn exact(self, (from, to): (usize, usize)) -> (usize, usize) {
        match self {
            Self::Root { base, .. } => (base + from, base + to),
            Self::Part { start, end, .. } => (start, end),
        }
    }

    /// The bytes of the original that a stretch stands for.
    pub(super) fn origin(self, start: usize, end: usize) -> (usize, usize) {
        match self {
            Self::Root { map, base, text } => {
                let (start, end) = (
                    map.origin(start).min(text.len()),
                    map.origin(end).min(text.len()),
                );
                let start = (0..=start)
                    .rev()
                    .find(|&at| text.is_char_boundary(at))
                    .unwrap_or(0);
                let end = (end.max(start)..=text.len())
                    .find(|&at| text.is_char_boundary(at))
                    .unwrap_or(text.len());
                (base + start, base + end)
            }
            Self::Part { start, end, .. } => (start, end),
        }
    }
}
