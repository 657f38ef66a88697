//! The text of a shell command as a tree.
//!
//! The reader is total: every text gives a tree, in time linear to its length and with a bounded
//! depth. What a shell would reject is read as far as it goes, because a guard that refuses to
//! look is a way around it. bash's grammar is the base; sh is a part of it, and zsh agrees with
//! it in everything that matters here.

pub(crate) mod ast;
mod command;
mod compound;
mod cursor;
mod param;
mod quote;
mod word;

pub(crate) use command::{document, parse};
pub(crate) use quote::{unescape_ansi as unescape, unescape_printf};

#[cfg(test)]
mod tests;
