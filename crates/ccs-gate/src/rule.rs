//! Rules: data that says what is risky, and the tables made of it.

mod effect;
mod meta;
mod path;

pub(crate) use effect::EFFECT_RULES;
pub use meta::Meta;
pub(crate) use path::{Access, PathRule, matching as path_rules};
