//! Claude Code's side of the conversation: what arrives on stdin and what may leave on stdout.

pub mod event;
pub mod json;
pub mod name;
pub mod reply;
