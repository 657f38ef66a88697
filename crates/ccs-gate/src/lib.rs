#![doc = include_str!("../README.md")]

pub mod approval;
mod call;
mod deed;
mod disguise;
mod effect;
mod eval;
mod gate;
mod glob;
pub mod injection;
pub mod ioc;
mod judge;
mod net;
mod path;
pub mod policy;
mod program;
pub mod quality;
pub mod rule;
mod scan;
mod script;
pub mod secret;
mod shell;
mod value;
mod verdict;

pub use call::{Call, Facts, Resolve, Shell};
pub use deed::{Contact, Deeds, Line, Way};
pub use gate::{Explanation, Gate};
pub use judge::Touched;
pub use policy::{Mode, Policy};
pub use verdict::{Decision, Finding, Severity, Verdict};
