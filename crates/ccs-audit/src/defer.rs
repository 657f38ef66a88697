//! Entries that are left for the next writer to chain, because whoever has them is in a hurry.

use std::path::{Path, PathBuf};

use crate::entry::{Details, Draft, Entry, View, clip};
use crate::error::{Error, Result};
use crate::hash::MacKey;
use crate::keyfile::KeyFiles;
use crate::options::{Durability, Options};
use crate::session::Sessions;
use crate::spool::{self, Spool, Waiting};
use crate::time::{Time, uptime};

/// An entry that waits in a spool.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deferred {
    /// The spool's file.
    pub path: PathBuf,
    /// How many bytes wait there now. Whoever appends reads all of it.
    pub waiting: u64,
}

/// Puts an entry into the spool of the log in `folder`, without opening the log: for a process
/// that must not pay for a database. The next append, of whatever process, chains it first.
///
/// A killed process loses nothing; a power cut may, unless durability is full. If the log's folder
/// takes no spool, [`Options::spool`] does. Neither a log nor its keys need be there: the entry
/// then comes unsealed, says so once it is chained, and details that were to be encrypted are
/// left out.
///
/// # Errors
///
/// Why neither folder took it. It is not remembered anywhere then.
pub fn defer(folder: &Path, options: &Options, entry: Entry) -> Result<Deferred> {
    let (entry, time, uptime) = dressed(options, entry);
    let key = KeyFiles::new(folder).log();
    let text = clip(&entry.details, options.limit());
    let (details, _) = match (&options.details_key, &key) {
        (Some(_), Err(why)) => (withheld(why), None),
        (Some(key), Ok(_)) => sealed(Some(&mut Sessions::new(folder, key)), &entry.session, text),
        (None, _) => sealed(None, &entry.session, text),
    };
    let draft = Draft::new(&entry, &details, time, uptime);
    let flush = options.durability == Durability::Full;
    let key = key.ok().map(|keys| MacKey::new(&keys.spool));
    let put = |folder: &Path| spool::put(folder, &draft, key.as_ref(), flush);
    match (put(folder), options.spool.as_deref()) {
        (Err(first), Some(elsewhere)) => put(elsewhere).map_err(|second| Error::Lost {
            chain: Box::new(first),
            spool: Box::new(second),
        }),
        (put, _) => put,
    }
}

/// The sessions of the entries that wait in the spool in `folder`, one for each entry in their
/// order; `None` stands for a line that is no entry. Nothing is verified: it says what is there.
///
/// # Errors
///
/// If the spool is there and cannot be read.
pub fn waiting(folder: &Path) -> Result<Vec<Option<String>>> {
    let Some(spool) = Spool::open(folder)? else {
        return Ok(Vec::new());
    };
    let session = |line: &Waiting| match line {
        Waiting::Entry { draft, .. } => Some(View::read(&draft.0)?.session().to_owned()),
        Waiting::Damaged(_) => None,
    };
    Ok(spool.lines(0, None).iter().map(session).collect())
}

/// Details as they are kept, and why they are not if they are not.
pub(crate) fn sealed(
    sessions: Option<&mut Sessions>,
    session: &str,
    text: String,
) -> (Details, Option<Error>) {
    match sessions {
        _ if text.is_empty() => (Details::None, None),
        None => (Details::Text(text), None),
        Some(sessions) => match sessions.seal(session, "details", text.as_bytes()) {
            Ok(sealed) => (Details::Sealed(sealed), None),
            Err(why) => (withheld(&why), Some(why)),
        },
    }
}

fn withheld(why: &Error) -> Details {
    Details::Text(format!("(details not kept: {why})"))
}

/// The entry as it may be written, and the moment it is of.
pub(crate) fn dressed(options: &Options, mut entry: Entry) -> (Entry, Time, u64) {
    let up = entry.time.map_or_else(uptime, |_| 0);
    let time = entry.time.unwrap_or_else(Time::now);
    if let Some(redact) = &options.redact {
        for text in [&mut entry.target, &mut entry.details] {
            if !text.is_empty() {
                *text = redact(text);
            }
        }
    }
    if entry.host.is_empty() {
        entry.host.clone_from(&options.host);
    }
    (entry, time, up)
}
