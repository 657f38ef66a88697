#![doc = include_str!("../README.md")]

mod call;
mod gate;
pub mod policy;
pub mod rule;
mod verdict;

pub use call::{Call, Facts, Resolve, Shell};
pub use gate::Gate;
pub use policy::{Mode, Policy};
pub use verdict::{Decision, Finding, Severity, Verdict};
