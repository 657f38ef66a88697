//! Paths: one spelling for every file, and where a file lies.

mod place;
mod spell;

pub(crate) use place::{all_of, places};
pub(crate) use spell::{absolute, name, parent};
