//! What a command does to the world, in the words that rules use.

include!("effect/names.rs");

/// One thing a command does.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Effect<'a> {
    /// What: one bit.
    pub(crate) kind: Kinds,
    /// Where.
    pub(crate) places: Places,
    /// How.
    pub(crate) tags: Tags,
    /// The path, host or text it is about.
    pub(crate) what: &'a str,
}

impl Kinds {
    /// The name of the first kind in the set.
    pub(crate) fn name(self) -> &'static str {
        Self::NAMES
            .iter()
            .find(|(_, kind)| self.has(*kind))
            .map_or("", |&(name, _)| name)
    }
}
