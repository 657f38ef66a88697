//! Secrets in files and in git: where the texts come from, what is found in them, and what was
//! accepted before.

pub(crate) mod accepted;
pub(crate) mod bytes;
pub(crate) mod filters;
pub(crate) mod git;
pub(crate) mod injected;
pub(crate) mod leak;
pub(crate) mod looker;
pub(crate) mod progress;
pub(crate) mod release;
pub(crate) mod size;
pub(crate) mod tally;
pub(crate) mod walk;
