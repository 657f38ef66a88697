//! Requests for a person's approval, and approvals on their way to the call they are for.
//!
//! A hook that stops a change of a guarded file writes down what was wanted, under an id that is
//! made of it. `ccs approve ID` shows it to a person at a terminal, and leaves a signed token under
//! the same id. The next call that wants exactly the same finds the token, uses it up and passes.
//! Hooks hold no key that could approve: they check with the public one.
//!
//! Everything lies in `approvals/` in the state folder, which no tool call may write to:
//! `requests/ID.json` and `requests/ID.new`, `tokens/ID`, `changes/ID`, `used/`, `generation`.
//! `approvals.jsonl` beside it is the log.

use std::path::{Path, PathBuf};

use ccs_gate::approval::{self, Approval, Moment, NotSpent};

use crate::config::public_key;
use crate::files;
use crate::integrity;
use crate::time;

mod folder;
mod request;
mod used;

pub use request::{Request, Wanted};

use folder::names;
use request::VERSION;
use used::Used;

/// The key that approvals must be signed with, in the state folder.
pub const PUBLIC: &str = "approval.pub";
/// The longest content or command that can be approved, in bytes: a person has to read it.
pub const MAX_CONTENT: usize = 1 << 20;
/// Requests older than this are dropped, in seconds.
const KEPT: u64 = 3_600;
/// The most requests that are kept at a time.
const MAX_REQUESTS: usize = 64;

/// Why approvals cannot be looked at.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A file could not be read or written.
    #[error("`{}`: {error}", path.display())]
    File {
        /// Which one.
        path: PathBuf,
        /// Why.
        error: files::Error,
    },
    /// Something there is not what it should be.
    #[error("`{}` is damaged", .0.display())]
    Damaged(PathBuf),
    /// There is no key to check with: nothing was ever signed.
    #[error("`{}` is missing", .0.display())]
    NoKey(PathBuf),
    /// There is no such request, or it is too old.
    #[error("there is no request {0}")]
    NoRequest(String),
    /// More than a person can read.
    #[error("more than {MAX_CONTENT} bytes cannot be approved")]
    TooLong,
}

impl Error {
    /// About the file `path`.
    fn file<E: Into<files::Error>>(path: &Path) -> impl FnOnce(E) -> Self {
        |error| Self::File {
            path: path.to_owned(),
            error: error.into(),
        }
    }
}

/// What came of looking for an approval.
#[derive(Debug)]
pub enum Found {
    /// There is none.
    Nothing,
    /// There is one that does not count, and why.
    Refused(String),
    /// It was there and is used up now; with it the signed change to the manifest, if any.
    Used {
        /// For the log.
        approval: Approval,
        /// For [`ccs_integrity::store::Store::accept`].
        change: Option<Vec<u8>>,
    },
}

/// A token that waits to be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waiting {
    /// The id of the request.
    pub id: String,
    /// What was approved, if it is still written down.
    pub request: Option<Request>,
}

/// The approvals of one state folder.
#[derive(Clone, Debug)]
pub struct Approvals {
    state: PathBuf,
}

impl Approvals {
    /// Those in this state folder.
    #[must_use]
    pub fn new(state: &Path) -> Self {
        Self {
            state: state.to_owned(),
        }
    }

    /// Writes a request down and answers its id. The same request again keeps one copy.
    ///
    /// # Errors
    ///
    /// [`Error::TooLong`], or [`Error::File`] if it cannot be written.
    pub fn ask(&self, wanted: &Wanted<'_>, now: u64) -> Result<String, Error> {
        if wanted.content.len() > MAX_CONTENT {
            return Err(Error::TooLong);
        }
        let id = wanted.id();
        let request = Request {
            version: VERSION,
            id: id.clone(),
            action: wanted.action.to_owned(),
            tool: wanted.tool.to_owned(),
            path: wanted.path.map(str::to_owned),
            session: wanted.session.map(str::to_owned),
            touches: wanted.touches.clone(),
            time: now,
        };
        self.tidy(now);
        let text = serde_json::to_vec_pretty(&request).unwrap_or_default();
        self.put("requests", &format!("{id}.new"), wanted.content)?;
        self.put("requests", &format!("{id}.json"), &text)?;
        Ok(id)
    }

    /// Requests that nobody has answered yet, the newest first.
    #[must_use]
    pub fn requests(&self, now: u64) -> Vec<Request> {
        let names = names(&self.folder("requests"));
        let ids = names.iter().filter_map(|name| name.strip_suffix(".json"));
        let mut all: Vec<Request> = ids
            .filter(|id| !self.folder("tokens").join(id).exists())
            .filter_map(|id| self.request(id, now).ok())
            .map(|(request, _)| request)
            .collect();
        all.sort_by(|a, b| (b.time, &a.id).cmp(&(a.time, &b.id)));
        all
    }

    /// One request and what it would put into the file, or run.
    ///
    /// # Errors
    ///
    /// [`Error::NoRequest`], and [`Error::Damaged`] if what is written down is not what its id was
    /// made of.
    pub fn request(&self, id: &str, now: u64) -> Result<(Request, Vec<u8>), Error> {
        let none = || Error::NoRequest(id.to_owned());
        if id.len() != 10 || !id.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Err(none());
        }
        let text = self.get("requests", &format!("{id}.json"), 1 << 20)?;
        let path = self.folder("requests").join(format!("{id}.json"));
        let request: Request = serde_json::from_slice(&text.ok_or_else(none)?)
            .map_err(|_| Error::Damaged(path.clone()))?;
        if now > request.time.saturating_add(KEPT) {
            return Err(none());
        }
        let content = self.get("requests", &format!("{id}.new"), MAX_CONTENT as u64)?;
        let content = content.ok_or_else(none)?;
        if request.id != id || request.wanted(&content).id() != id {
            return Err(Error::Damaged(path));
        }
        Ok((request, content))
    }

    /// Leaves a token, and the signed change that belongs to it, for the call it is for.
    ///
    /// # Errors
    ///
    /// [`Error::File`] if it cannot be written.
    pub fn grant(
        &self,
        request: &Request,
        token: &str,
        change: Option<&[u8]>,
    ) -> Result<(), Error> {
        if let Some(change) = change {
            self.put("changes", &request.id, change)?;
        }
        self.log(
            "approved",
            &request.id,
            &request.action,
            request.path.as_deref(),
            None,
        )?;
        self.put("tokens", &request.id, token.as_bytes())
    }

    /// Looks for an approval of exactly this and uses it up.
    ///
    /// # Errors
    ///
    /// [`Error`] if it cannot be told; then nothing is approved.
    pub fn take(&self, wanted: &Wanted<'_>, now: u64) -> Result<Found, Error> {
        let id = wanted.id();
        let Some(token) = self.get("tokens", &id, 8 << 10)? else {
            return Ok(Found::Nothing);
        };
        let token = String::from_utf8_lossy(&token);
        let (public, realm) = (self.key(PUBLIC)?, self.realm()?);
        let at = Moment {
            now,
            generation: self.generation()?,
            realm: &realm,
        };
        let checked = approval::check(token.trim(), &public, &wanted.act(), &at);
        let spent = match checked {
            Ok(unspent) => unspent.spend(&mut Used::new(self.folder("used"), now)),
            Err(refused) => return self.refuse(wanted, &refused.to_string()),
        };
        match spent {
            Ok(approval) => {
                let change = self.get("changes", &id, 64 << 10)?;
                self.forget(&id);
                self.log("used", &id, wanted.action, wanted.path, None)?;
                Ok(Found::Used { approval, change })
            }
            Err(NotSpent::Again) => self.refuse(wanted, "the approval was used before"),
            Err(NotSpent::Store(error)) => Err(Error::file(&self.folder("used"))(error)),
        }
    }

    fn refuse(&self, wanted: &Wanted<'_>, why: &str) -> Result<Found, Error> {
        let id = wanted.id();
        self.remove("tokens", &id);
        self.remove("changes", &id);
        self.log("refused", &id, wanted.action, wanted.path, Some(why))?;
        Ok(Found::Refused(why.to_owned()))
    }

    /// Tokens that nobody has used yet.
    #[must_use]
    pub fn waiting(&self, now: u64) -> Vec<Waiting> {
        let ids = names(&self.folder("tokens")).into_iter();
        let waiting = ids.map(|id| Waiting {
            request: self.request(&id, now).ok().map(|(request, _)| request),
            id,
        });
        waiting.collect()
    }

    /// The generation in force; tokens of another one do not count.
    ///
    /// # Errors
    ///
    /// [`Error`] if it cannot be read.
    pub fn generation(&self) -> Result<u64, Error> {
        let Some(bytes) = self.get("", "generation", 64)? else {
            return Ok(0);
        };
        let text = String::from_utf8_lossy(&bytes);
        let damaged = |_| Error::Damaged(self.folder("").join("generation"));
        text.trim().parse().map_err(damaged)
    }

    /// Takes every approval back that was given so far, in every process, and drops the requests.
    /// Answers the new generation.
    ///
    /// # Errors
    ///
    /// [`Error`] if that cannot be written down; then nothing is certain.
    pub fn revoke(&self) -> Result<u64, Error> {
        let generation = self.generation()?.saturating_add(1);
        self.put("", "generation", generation.to_string().as_bytes())?;
        for kind in ["tokens", "changes", "requests"] {
            for name in names(&self.folder(kind)) {
                self.remove(kind, &name);
            }
        }
        self.log("revoked", "", "", None, None)?;
        Ok(generation)
    }

    /// What names this installation in every token: the key its manifests are signed with.
    ///
    /// # Errors
    ///
    /// [`Error::NoKey`] if nothing was ever signed.
    pub fn realm(&self) -> Result<[u8; 32], Error> {
        self.key(integrity::PUBLIC)
    }

    fn key(&self, name: &str) -> Result<[u8; 32], Error> {
        let path = self.state.join(name);
        let bytes = files::read_private(&path, 128).map_err(Error::file(&path))?;
        let bytes = bytes.ok_or_else(|| Error::NoKey(path.clone()))?;
        public_key(&bytes).ok_or(Error::Damaged(path))
    }

    /// Drops requests that are old, and the oldest of too many.
    fn tidy(&self, now: u64) {
        let ids = names(&self.folder("requests"));
        let ids = ids.iter().filter_map(|name| name.split('.').next());
        let mut kept: Vec<(u64, &str)> = Vec::new();
        for id in ids {
            match self.request(id, now) {
                Ok((request, _)) if kept.iter().all(|(_, other)| *other != id) => {
                    kept.push((request.time, id));
                }
                Ok(_) => {}
                Err(_) => self.forget(id),
            }
        }
        kept.sort_unstable();
        let surplus = kept.len().saturating_sub(MAX_REQUESTS - 1);
        kept[..surplus].iter().for_each(|(_, id)| self.forget(id));
    }

    /// Seconds since 1970.
    #[must_use]
    pub fn now() -> u64 {
        time::now()
    }
}

#[cfg(all(test, unix))]
mod tests;
