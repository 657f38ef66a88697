#![doc = include_str!("../README.md")]

mod error;
pub mod file;
mod json;
pub mod settings;

pub use error::Error;
