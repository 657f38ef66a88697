//! One-time codes (RFC 6238): a second factor for acts that a program running as the user should
//! not be able to do alone.

use std::fmt::Write as _;

use ring::hmac;
use serde::Serialize;
use subtle::ConstantTimeEq;

use crate::codec::{Malformed, Reader, Writer};
use crate::{Error, Result, Secret, encode};

/// How many wrong codes are looked at before a pause.
const PATIENCE: u32 = 5;
/// The first pause in seconds; each further wrong code doubles it.
const PAUSE: u64 = 30;
/// How often the pause is doubled at most: to 64 minutes.
const LONGEST: u32 = 7;

/// The hash of a generator.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub enum Algorithm {
    /// What every authenticator app knows.
    #[default]
    Sha1,
    /// SHA-256.
    Sha256,
    /// SHA-512.
    Sha512,
}

impl Algorithm {
    fn hash(self) -> hmac::Algorithm {
        match self {
            Self::Sha1 => hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY,
            Self::Sha256 => hmac::HMAC_SHA256,
            Self::Sha512 => hmac::HMAC_SHA512,
        }
    }

    /// As long as the hash, as RFC 6238 asks.
    fn secret_length(self) -> usize {
        match self {
            Self::Sha1 => 20,
            Self::Sha256 => 32,
            Self::Sha512 => 64,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Sha1 => "SHA1",
            Self::Sha256 => "SHA256",
            Self::Sha512 => "SHA512",
        }
    }
}

/// The shape of a generator's codes. A step is 30 seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Codes {
    algorithm: Algorithm,
    digits: u8,
}

/// Seconds a code stands for.
const STEP: u64 = 30;

impl Default for Codes {
    /// Six digits of SHA-1: the one shape every app supports.
    fn default() -> Self {
        Self {
            algorithm: Algorithm::Sha1,
            digits: 6,
        }
    }
}

impl Codes {
    /// Codes of 6 to 8 digits.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] for another number of digits.
    pub fn new(algorithm: Algorithm, digits: u8) -> Result<Self> {
        if (6..=8).contains(&digits) {
            return Ok(Self { algorithm, digits });
        }
        Err(Error::Invalid {
            what: "number of digits",
            why: "a code has 6 to 8",
        })
    }

    /// The code at a time, in seconds since 1970, UTC.
    #[must_use]
    pub fn code(self, secret: &Secret, time: u64) -> Secret {
        Secret::new(self.of_step(secret, time / STEP))
    }

    /// RFC 4226, dynamic truncation.
    fn of_step(self, secret: &Secret, step: u64) -> String {
        let key = hmac::Key::new(self.algorithm.hash(), secret.expose());
        let tag = hmac::sign(&key, &step.to_be_bytes());
        let tag = tag.as_ref();
        let at = usize::from(tag[tag.len() - 1] & 15);
        let word = u32::from_be_bytes([tag[at], tag[at + 1], tag[at + 2], tag[at + 3]]);
        let number = (word & 0x7fff_ffff) % 10_u32.pow(u32::from(self.digits));
        format!("{number:0width$}", width = usize::from(self.digits))
    }
}

/// What a new generator gives to its owner, once.
#[non_exhaustive]
pub struct Enrolment {
    /// The secret in base32, for typing.
    pub secret: Secret,
    /// An `otpauth:` URL, for a QR code.
    pub url: Secret,
}

/// What became of a code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use = "only an accepted code proves anything"]
pub enum Code {
    /// It is right, and good no more.
    Accepted,
    /// It was right, and was used, or a later one was.
    Used,
    /// It is not right.
    Wrong,
}

/// A generator as it is stored.
pub(crate) struct Generator {
    secret: Secret,
    codes: Codes,
    /// The last step whose code was accepted.
    last: u64,
    failures: u32,
    failed_at: u64,
}

impl Generator {
    pub(crate) fn new(codes: Codes) -> Result<Self> {
        let secret = Secret::random(codes.algorithm.secret_length())?;
        Ok(Self {
            secret,
            codes,
            last: 0,
            failures: 0,
            failed_at: 0,
        })
    }

    pub(crate) fn secret(&self) -> &Secret {
        &self.secret
    }

    pub(crate) fn enrolment(&self, issuer: &str, account: &str) -> Enrolment {
        let secret = encode::base32(self.secret.expose());
        let (issuer, account) = (in_url(issuer), in_url(account));
        let url = format!(
            "otpauth://totp/{issuer}:{account}?secret={}&issuer={issuer}&algorithm={}&digits={}&period={STEP}",
            *secret,
            self.codes.algorithm.name(),
            self.codes.digits,
        );
        Enrolment {
            secret: Secret::new(secret.as_bytes()),
            url: Secret::new(url),
        }
    }

    /// Looks at a code. The clocks may differ by one step. What this changes has to be stored
    /// before the code counts.
    pub(crate) fn look(&mut self, code: &Secret, now: u64) -> Result<Code> {
        let pause = self.pause(now);
        if pause > 0 {
            return Err(Error::Wait { seconds: pause });
        }
        let step = now / STEP;
        let fits = |step: &u64| {
            let expected = self.codes.of_step(&self.secret, *step);
            bool::from(expected.as_bytes().ct_eq(code.expose()))
        };
        let fitting = (step.saturating_sub(1)..=step + 1).filter(fits).max();
        match fitting {
            Some(step) if step > self.last => {
                (self.last, self.failures) = (step, 0);
                Ok(Code::Accepted)
            }
            other => {
                self.failures = self.failures.saturating_add(1);
                self.failed_at = now;
                Ok(if other.is_some() {
                    Code::Used
                } else {
                    Code::Wrong
                })
            }
        }
    }

    /// How many seconds no code is looked at. A clock that was wrong by more than the longest pause
    /// and was put back shuts nobody out.
    fn pause(&self, now: u64) -> u64 {
        let Some(beyond) = self.failures.checked_sub(PATIENCE) else {
            return 0;
        };
        if self.failed_at.saturating_sub(now) > PAUSE << LONGEST {
            return 0;
        }
        let pause = PAUSE << beyond.min(LONGEST);
        let since = now.saturating_sub(self.failed_at);
        pause.saturating_sub(since)
    }

    pub(crate) fn write<'w>(&self, writer: &'w mut Writer) -> &'w mut Writer {
        writer.bytes(self.secret.expose());
        writer.u8(self.codes.algorithm as u8).u8(self.codes.digits);
        writer.u64(self.last).u32(self.failures).u64(self.failed_at)
    }

    pub(crate) fn read(reader: &mut Reader<'_>) -> Result<Self, Malformed> {
        let secret = Secret::copy_of(reader.bytes()?);
        let algorithm = match reader.u8()? {
            0 => Algorithm::Sha1,
            1 => Algorithm::Sha256,
            2 => Algorithm::Sha512,
            _ => return Err(Malformed),
        };
        Ok(Self {
            secret,
            codes: Codes::new(algorithm, reader.u8()?).map_err(|_| Malformed)?,
            last: reader.u64()?,
            failures: reader.u32()?,
            failed_at: reader.u64()?,
        })
    }
}

fn in_url(text: &str) -> String {
    let mut url = String::new();
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                url.push(char::from(byte));
            }
            _ => {
                let _ = write!(url, "%{byte:02X}");
            }
        }
    }
    url
}

#[cfg(test)]
mod tests;
