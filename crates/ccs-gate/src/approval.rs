//! A person's permission for one act, as a token that works once.
//!
//! A token is [PASETO](https://paseto.io) `v4.public`: Ed25519 over what exactly was approved. It
//! names the action, the path and the SHA-256 of the new content, so it is no use for anything
//! else. Checking needs the public key only, so no hook holds a key that could approve.
//!
//! The format alone does not stop a replay. [`check`] therefore answers with an [`Unspent`]
//! approval, and only [`Unspent::spend`] with the caller's store of used ids turns it into an
//! [`Approval`]. Taking approvals back is one number: a token of an older generation is refused by
//! every process that knows the newer one.
//!
//! ```
//! use ccs_gate::approval::{self, Act, Terms, Used};
//!
//! # struct Once(Vec<[u8; 16]>);
//! # impl Used for Once {
//! #     type Error = std::convert::Infallible;
//! #     fn take(&mut self, id: &[u8; 16], _until: u64) -> Result<bool, Self::Error> {
//! #         let new = !self.0.contains(id);
//! #         self.0.push(*id);
//! #         Ok(new)
//! #     }
//! # }
//! # let mut used = Once(Vec::new());
//! let secret = [7; 32]; // from the vault
//! let act = Act { action: "edit", path: Some("/home/dev/.claude/settings.json"), content: None, session: None };
//! let terms = Terms { id: [1; 16], now: 1_000, seconds: approval::TTL, generation: 3, realm: b"vault-1" };
//! let token = approval::issue(&secret, &act, &terms)?;
//!
//! let at = approval::Moment { now: 1_060, generation: 3, realm: b"vault-1" };
//! let public = approval::public_key(&secret);
//! assert!(approval::check(&token, &public, &act, &at)?.spend(&mut used).is_ok());
//! assert!(approval::check(&token, &public, &act, &at)?.spend(&mut used).is_err());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

use crate::approval::claims::Claims;

mod base64;
mod claims;
mod paseto;
#[cfg(test)]
mod tests;
mod time;

/// How long a token is good for unless the caller says otherwise, in seconds.
pub const TTL: u64 = 300;
/// The longest a token can be good for, in seconds. One that claims more is refused.
pub const LONGEST: u64 = 3600;
/// How far the clock of the issuer may be ahead, in seconds.
pub const AHEAD: u64 = 60;

/// What somebody wants to do, or was allowed to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Act<'a> {
    /// The kind of act, such as `edit` or `run`. Never empty.
    pub action: &'a str,
    /// The file it is about, absolute and with its links resolved.
    pub path: Option<&'a str>,
    /// The SHA-256 of the content that will be there afterwards, or of the command.
    pub content: Option<[u8; 32]>,
    /// The session it happens in. A token without one is good for every session.
    pub session: Option<&'a str>,
}

/// The circumstances of a new token.
#[derive(Clone, Copy, Debug)]
pub struct Terms<'a> {
    /// Random; two tokens with one id can be used once between them.
    pub id: [u8; 16],
    /// Seconds since 1970.
    pub now: u64,
    /// How long it is good for, at most [`LONGEST`].
    pub seconds: u64,
    /// The generation of approvals that is in force.
    pub generation: u64,
    /// Names the installation. Not in the token, but signed with it: a token of another
    /// installation does not verify even under the same key.
    pub realm: &'a [u8],
}

/// The circumstances of a check.
#[derive(Clone, Copy, Debug)]
pub struct Moment<'a> {
    /// Seconds since 1970.
    pub now: u64,
    /// The generation of approvals that is in force.
    pub generation: u64,
    /// As in [`Terms`].
    pub realm: &'a [u8],
}

/// Remembers which tokens were used. Kept by the caller, because this crate touches no files.
pub trait Used {
    /// Why the store could not answer.
    type Error;

    /// Records `id` and answers whether it was new. Must be one step: of two callers at the same
    /// time only one may hear `true`. The record can go after `until`, in seconds since 1970.
    ///
    /// # Errors
    ///
    /// If the answer is not certain. The approval then does not count.
    fn take(&mut self, id: &[u8; 16], until: u64) -> Result<bool, Self::Error>;
}

/// An approval that fits and has not been used up yet.
#[derive(Debug)]
#[must_use = "an approval that is not spent can be used again"]
pub struct Unspent(Approval);

/// A used approval: the act it names may happen now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Approval {
    /// Its id, for the log.
    pub id: [u8; 16],
    /// When it was given, in seconds since 1970.
    pub issued: u64,
    /// When it ends, in seconds since 1970.
    pub expires: u64,
}

/// Why a token does not allow the act.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Refused {
    /// Not a `v4.public` token in its one proper spelling.
    #[error("this is not an approval token")]
    Format,
    /// The key is not a point of the curve.
    #[error("the public key is damaged")]
    Key,
    /// Signed by another key, for another installation, or altered.
    #[error("the signature of the approval does not fit")]
    Signature,
    /// Signed, but it does not say what an approval says.
    #[error("the approval does not say what it is for")]
    Claims,
    /// Its time is over.
    #[error("the approval ended {seconds} seconds ago")]
    Expired {
        /// How long ago.
        seconds: u64,
    },
    /// It begins in the future: one of the clocks is wrong.
    #[error("the approval begins in the future")]
    Early,
    /// It is good for longer than an approval may be.
    #[error("the approval is good for too long")]
    Long,
    /// All approvals of its generation were taken back.
    #[error("the approval was taken back")]
    Revoked,
    /// It is of a generation that is not known here, so the state here is out of date.
    #[error("the approval is newer than the state of this machine")]
    Unknown,
    /// It allows another kind of act.
    #[error("the approval is for another action")]
    Action,
    /// It is about another file, or about none.
    #[error("the approval is for another file")]
    Path,
    /// It is about other content, or about none.
    #[error("the approval is for other content")]
    Content,
    /// It was given to another session.
    #[error("the approval is for another session")]
    Session,
}

/// Why an approval that fits does not count.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotSpent<E> {
    /// It was used before.
    #[error("the approval was used before")]
    Again,
    /// The store of used approvals did not answer.
    #[error("the used approvals cannot be read")]
    Store(E),
}

/// Writes the token that allows `act` once.
///
/// # Errors
///
/// [`Refused::Claims`] if the action is empty, [`Refused::Long`] if the terms ask for more than
/// [`LONGEST`], [`Refused::Expired`] if for nothing.
pub fn issue(secret_key: &[u8; 32], act: &Act<'_>, terms: &Terms<'_>) -> Result<String, Refused> {
    if act.action.is_empty() {
        return Err(Refused::Claims);
    }
    match terms.seconds {
        0 => return Err(Refused::Expired { seconds: 0 }),
        1..=LONGEST => {}
        _ => return Err(Refused::Long),
    }
    let claims = Claims::new(act, terms).ok_or(Refused::Claims)?;
    Ok(paseto::sign(
        secret_key,
        &claims.to_json(),
        b"",
        terms.realm,
    ))
}

/// Whether the token allows exactly this act now. Spend the answer before acting on it.
///
/// # Errors
///
/// [`Refused`] says what does not fit. The signature is looked at first, so an error about
/// anything else is about a token that was really issued.
pub fn check(
    token: &str,
    public_key: &[u8; 32],
    act: &Act<'_>,
    at: &Moment<'_>,
) -> Result<Unspent, Refused> {
    let payload = paseto::open(public_key, token, b"", at.realm)?;
    let claims = Claims::from_json(&payload).ok_or(Refused::Claims)?;
    claims.fits_time(at)?;
    claims.fits_act(act)?;
    Ok(Unspent(claims.approval()))
}

/// The public key that belongs to a secret one.
#[must_use]
pub fn public_key(secret_key: &[u8; 32]) -> [u8; 32] {
    ed25519_dalek::SigningKey::from_bytes(secret_key)
        .verifying_key()
        .to_bytes()
}

impl Unspent {
    /// Uses the approval up.
    ///
    /// # Errors
    ///
    /// [`NotSpent::Again`] if it was used before, [`NotSpent::Store`] if that is not certain.
    pub fn spend<U: Used>(self, used: &mut U) -> Result<Approval, NotSpent<U::Error>> {
        let Unspent(approval) = self;
        match used.take(&approval.id, approval.expires) {
            Ok(true) => Ok(approval),
            Ok(false) => Err(NotSpent::Again),
            Err(error) => Err(NotSpent::Store(error)),
        }
    }

    /// When it ends, in seconds since 1970.
    #[must_use]
    pub fn expires(&self) -> u64 {
        self.0.expires
    }
}
