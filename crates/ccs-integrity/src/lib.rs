#![doc = include_str!("../README.md")]

pub mod diff;
pub mod drift;
mod error;
pub mod file;
pub mod glob;
pub mod imports;
mod json;
pub mod manifest;
mod path;
#[cfg(feature = "posture")]
pub mod posture;
pub mod roots;
pub mod settings;
pub mod store;
pub mod update;
pub mod walk;
#[cfg(feature = "watch")]
pub mod watch;

pub use error::Error;
