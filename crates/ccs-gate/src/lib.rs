#![doc = include_str!("../README.md")]

mod call;
mod gate;
pub mod policy;
#[cfg_attr(not(test), expect(dead_code, reason = "the shell analyser calls it"))]
mod script;
mod verdict;

pub use call::{Call, Facts, Resolve, Shell};
pub use gate::Gate;
pub use policy::{Mode, Policy};
pub use verdict::{Decision, Finding, Severity, Verdict};
