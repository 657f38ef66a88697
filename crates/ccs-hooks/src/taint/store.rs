//! Where it is kept: two small files of each session in the state folder.
//!
//! ```text
//! STATE/taint/ID         the State, only of a session that is not clean
//! STATE/taint/ID.known   what only matters then: hosts the user named, whether secrets were read
//! STATE/taint/ID.lock    held while either is changed
//! ```
//!
//! A state that cannot be read counts as hostile. One that is gone although there was one is put
//! back, as suspicious, at the next result of a tool.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime};

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::{Known, Label, Reason, State};
use crate::files;
use crate::protocol::event::Session;

/// The folder of these files within the state folder.
pub const FOLDER: &str = "taint";
/// All sessions whose id is not known share one.
const UNKNOWN: &str = "unknown";
/// The longest of the two files, in bytes.
const MAX_FILE: u64 = 256 << 10;
/// How long the lock is waited for.
const WAIT: Duration = Duration::from_secs(2);
/// The client itself forgets sessions after this time.
const MAX_AGE: Duration = Duration::from_secs(31 * 24 * 3600);
/// The most files that are looked at in one go.
const MAX_LOOKED_AT: usize = 4096;

/// Why a session's state was not changed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A file could not be written.
    #[error("`{}`: {error}", path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// Why not.
        error: io::Error,
    },
    /// That is no session's id.
    #[error("`{0}` is no session's id")]
    Session(String),
}

/// The files of one session.
#[derive(Clone, Debug)]
pub struct Store {
    state: PathBuf,
}

/// The store of the session that an event belongs to; `None` if there is no state folder.
pub(crate) fn of_session(state: Option<&Path>, session: &Session<'_>) -> Option<Store> {
    let name = session.file_name().unwrap_or(UNKNOWN);
    Some(Store::named(state?, name))
}

/// Every session that is known not to be clean, newest first.
#[must_use]
pub fn sessions(state: &Path) -> Vec<String> {
    let entries = fs::read_dir(state.join(FOLDER)).into_iter().flatten();
    let named = entries.flatten().filter_map(|entry| {
        let name = entry.file_name().into_string().ok()?;
        let at = entry.metadata().and_then(|meta| meta.modified()).ok()?;
        (!name.contains('.')).then_some((at, name))
    });
    let mut named: Vec<_> = named.take(MAX_LOOKED_AT).collect();
    named.sort_unstable_by(|one, other| other.cmp(one));
    named.into_iter().map(|(_, name)| name).collect()
}

impl Store {
    /// The store of the session `id`.
    ///
    /// # Errors
    ///
    /// [`Error::Session`] if that is no session's id.
    pub fn of(state: &Path, id: &str) -> Result<Self, Error> {
        let session = Session {
            id: Some(id),
            ..Session::default()
        };
        match session.file_name() {
            Some(name) => Ok(Self::named(state, name)),
            None => Err(Error::Session(id.to_owned())),
        }
    }

    fn named(state: &Path, name: &str) -> Self {
        Self {
            state: state.join(FOLDER).join(name),
        }
    }

    /// What the session has read; `None` if it is clean.
    #[must_use]
    pub fn read(&self) -> Option<State> {
        match load(&self.state) {
            Ok(state) => state,
            Err(why) => Some(State::unreadable(&why)),
        }
    }

    /// What is known besides. What cannot be read is taken for the worst: nobody was named.
    #[must_use]
    pub fn known(&self) -> Known {
        match load(&self.beside("known")) {
            Ok(known) => known.unwrap_or_default(),
            Err(_) => Known {
                secret_read: true,
                tainted: true,
                ..Known::default()
            },
        }
    }

    /// Changes both, one process at a time. What stays as it was is not written.
    ///
    /// # Errors
    ///
    /// [`Error::File`] if it could not be kept.
    pub fn update(&self, change: impl FnOnce(&mut State, &mut Known)) -> Result<(), Error> {
        let folder = self.state.parent().unwrap_or(&self.state);
        files::make_private_folder(folder).map_err(failed(folder))?;
        // better two processes at once than what was read being forgotten
        let _lock = self.lock();
        let (found, before) = (self.read(), self.known());
        let (mut state, mut known) = (found.clone().unwrap_or_default(), before.clone());
        if found.is_none() && known.tainted {
            let why = "the session's record was taken away";
            state.raise(Reason::new(Label::Suspicious, why, Vec::new()));
            state.overflow = true;
        }
        change(&mut state, &mut known);
        known.tainted = state.label > Label::Clean;
        // the promise first: a state that is lost after it is missed
        if known != before {
            write(&self.beside("known"), &known)?;
        }
        match (state.label, found) {
            (Label::Clean, None) => Ok(()),
            (Label::Clean, Some(_)) => fs::remove_file(&self.state).map_err(failed(&self.state)),
            (_, Some(found)) if found == state => Ok(()),
            _ => write(&self.state, &state),
        }
    }

    /// Deletes all that is kept of the session, as if there had been none.
    pub fn forget(&self) {
        for path in [&self.state, &self.beside("known"), &self.beside("lock")] {
            let _ = fs::remove_file(path);
        }
    }

    fn beside(&self, what: &str) -> PathBuf {
        self.state.with_extension(what)
    }

    fn lock(&self) -> Option<File> {
        let file = File::create(self.beside("lock")).ok()?;
        let since = Instant::now();
        while file.try_lock().is_err() {
            if since.elapsed() > WAIT {
                return None;
            }
            std::thread::sleep(Duration::from_millis(2));
        }
        Some(file)
    }
}

/// Forgets sessions that the client has forgotten.
pub(super) fn tidy(state: &Path) {
    let entries = fs::read_dir(state.join(FOLDER)).into_iter().flatten();
    for entry in entries.flatten().take(MAX_LOOKED_AT) {
        let modified = entry.metadata().and_then(|meta| meta.modified());
        let age = modified.map(|at| SystemTime::now().duration_since(at).unwrap_or_default());
        if age.is_ok_and(|age| age > MAX_AGE) {
            let _ = fs::remove_file(entry.path());
        }
    }
}

fn load<T: DeserializeOwned>(path: &Path) -> Result<Option<T>, String> {
    let bytes = files::read_private(path, MAX_FILE).map_err(|error| error.to_string())?;
    let read = |bytes: Vec<u8>| serde_json::from_slice(&bytes).map_err(|error| error.to_string());
    bytes.map(read).transpose()
}

fn write(path: &Path, value: &impl Serialize) -> Result<(), Error> {
    let bytes = serde_json::to_vec(value).map_err(|error| failed(path)(error.into()))?;
    files::replace(path, &bytes).map_err(failed(path))
}

fn failed(path: &Path) -> impl FnOnce(io::Error) -> Error {
    let path = path.to_owned();
    move |error| Error::File { path, error }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn world() -> (tempfile::TempDir, Store) {
        let folder = tempfile::tempdir().expect("a folder");
        let store = Store::of(folder.path(), "a-1").expect("an id");
        (folder, store)
    }

    fn raise(store: &Store, label: Label) {
        store
            .update(|state, _| state.raise(Reason::new(label, "a.site", Vec::new())))
            .expect("kept");
    }

    #[test]
    fn a_clean_session_has_no_state_even_if_the_user_named_hosts() {
        let (_keep, store) = world();
        store
            .update(|_, known| known.name("shop.site".into()))
            .expect("kept");

        assert_eq!(store.read(), None);
        assert!(store.known().named.contains("shop.site"));
    }

    #[test]
    fn a_damaged_state_is_hostile() {
        let (_keep, store) = world();
        raise(&store, Label::External);
        for damage in ["", "{", r#"{"label":"none"}"#, "\0"] {
            fs::write(&store.state, damage).expect("written");
            assert_eq!(store.read().map(|state| state.label), Some(Label::Hostile));
        }
    }

    #[test]
    fn a_state_that_was_taken_away_comes_back_worse() {
        let (_keep, store) = world();
        raise(&store, Label::External);
        fs::remove_file(&store.state).expect("removed");

        store.update(|_, _| ()).expect("kept");

        let state = store.read().expect("a state");
        assert!(state.label == Label::Suspicious && state.overflow);
    }

    #[test]
    fn processes_at_the_same_time_lose_nothing() {
        let (_keep, store) = world();
        std::thread::scope(|scope| {
            for number in 0..8 {
                let store = &store;
                scope.spawn(move || {
                    store
                        .update(|state, _| {
                            state.raise(Reason::new(Label::External, "a.site", Vec::new()));
                            state.saw_host(&format!("h{number}.site"));
                        })
                        .expect("kept");
                });
            }
        });
        assert_eq!(store.read().map(|state| state.hosts.len()), Some(8));
    }

    #[test]
    fn sessions_without_a_usable_id_share_one_state() {
        let folder = tempfile::tempdir().expect("a folder");
        let odd = Session {
            id: Some("../x"),
            ..Session::default()
        };
        let store = of_session(Some(folder.path()), &odd).expect("a store");
        raise(&store, Label::External);

        let none = of_session(Some(folder.path()), &Session::default()).expect("a store");
        assert!(none.read().is_some());
        assert!(Store::of(folder.path(), "../x").is_err());
        assert_eq!(sessions(folder.path()), [UNKNOWN]);
    }
}
