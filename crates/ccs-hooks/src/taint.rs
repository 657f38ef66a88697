//! What a session has read that strangers wrote, and what follows from it.
//!
//! A label that only rises: `clean`, `external`, `suspicious`, `hostile`. It falls by the user's
//! own act and by nothing that the model reads or does. What each label means for a call:
//! `docs/TAINT.md`. A session that is clean costs a call the one attempt to open a file that is
//! not there.

mod brought;
mod builds;
mod checks;
mod config_file;
mod explain;
mod fetched;
mod host;
mod judge;
mod label;
mod lines;
mod prompt;
mod remote;
mod repository;
mod state;
mod store;

pub use explain::{Asked, explain};
pub use label::Label;
pub use state::{Known, Reason, State};
pub use store::{Error, FOLDER, Store, sessions};

pub(crate) use fetched::note as note_brought;
pub(crate) use host::{hosts_in, of_url};
pub(crate) use judge::findings;
pub(crate) use prompt::{at_start, prompted};
pub(crate) use store::of_session;

/// At most `most` bytes from the start of a text.
pub(crate) fn head(text: &str, most: usize) -> &str {
    let mut end = most.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}
