#![doc = include_str!("../README.md")]

mod bytes;
mod checkpoint;
pub mod entry;
mod hash;
pub mod merkle;
pub mod note;
pub mod proof;
mod time;

pub use checkpoint::Checkpoint;
pub use entry::{Details, Entry, Record};
pub use hash::Hash;
pub use time::Time;
