#![doc = include_str!("../README.md")]

mod call;
mod gate;
pub mod policy;
mod shell;
mod verdict;

pub use call::{Call, Facts, Resolve, Shell};
pub use gate::Gate;
pub use policy::{Mode, Policy};
pub use verdict::{Decision, Finding, Severity, Verdict};
