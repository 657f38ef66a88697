//! Rules about effects: what may not be done where, and how.

use std::borrow::Cow;

use super::Meta;
use crate::effect::{Effect, Kinds, Places, Tags};
use crate::policy::Mode;
use crate::verdict::{Decision, Severity};

include!(concat!(env!("OUT_DIR"), "/effects.rs"));

/// A rule that speaks about effects. An empty set of places means anywhere.
#[derive(Clone, Debug)]
pub(crate) struct EffectRule {
    pub(crate) meta: Meta,
    kinds: Kinds,
    places: Places,
    not_places: Places,
    tags: Tags,
    any_tag: Tags,
    not_tags: Tags,
    mode: Mode,
}

impl EffectRule {
    /// Whether the rule speaks about this effect, in this mode.
    pub(crate) fn matches(&self, effect: &Effect<'_>, mode: Mode) -> bool {
        self.kinds.has(effect.kind)
            && (self.places == Places::NONE || self.places.has(effect.places))
            && !self.not_places.has(effect.places)
            && effect.tags.has_all(self.tags)
            && (self.any_tag == Tags::NONE || self.any_tag.has(effect.tags))
            && !self.not_tags.has(effect.tags)
            && mode.includes(self.mode)
    }
}
