//! Findings that were looked at and accepted, each with a reason and, if wanted, an end.
//!
//! A baseline holds no secret and nothing a secret could be guessed from: values are told apart by
//! a keyed hash, and the key stays with whoever keeps the baseline.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::Finding;

/// The key of a baseline's fingerprints: random, one for each repository.
#[derive(Clone)]
pub struct BaselineKey([u8; 32]);

impl BaselineKey {
    /// The key with these bytes.
    pub fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// HMAC-SHA-256 over the rule and the value, in hexadecimal.
    fn fingerprint(&self, rule: &str, value: &str) -> String {
        let pad = |with: u8| {
            let mut block = [with; 64];
            block
                .iter_mut()
                .zip(self.0)
                .for_each(|(pad, key)| *pad ^= key);
            block
        };
        let length = (rule.len() as u64).to_be_bytes();
        let inner = Sha256::new_with_prefix(pad(0x36))
            .chain_update(b"ccs-baseline-v1")
            .chain_update(length)
            .chain_update(rule)
            .chain_update(value)
            .finalize();
        let outer = Sha256::new_with_prefix(pad(0x5c))
            .chain_update(inner)
            .finalize();
        outer.iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

impl std::fmt::Debug for BaselineKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("BaselineKey(…)")
    }
}

/// One accepted finding.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Accepted {
    /// The file, as the scan names it.
    pub path: String,
    /// The rule's id.
    pub rule: String,
    /// The line when it was accepted, from 1; it may move.
    pub line: u32,
    /// Which value it is.
    pub fingerprint: String,
    /// Why it is accepted.
    pub reason: String,
    /// The last day on which it is, `YYYY-MM-DD`; forever if missing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<String>,
}

/// Accepted findings, as a file holds them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Baseline {
    version: u32,
    accepted: Vec<Accepted>,
}

/// Why a baseline cannot be used or added to.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BaselineError {
    /// It was written by a newer program.
    #[error("baseline version {0} is not known")]
    Version(u32),
    /// An entry does not say why it is there.
    #[error("an entry for `{path}` has no reason")]
    Reason {
        /// The entry's file.
        path: String,
    },
    /// An entry's end is no day.
    #[error("`{until}` is not a day: write YYYY-MM-DD")]
    Until {
        /// What stands there.
        until: String,
    },
}

const VERSION: u32 = 1;

impl Baseline {
    /// An empty baseline.
    pub fn new() -> Self {
        Self {
            version: VERSION,
            accepted: Vec::new(),
        }
    }

    /// Checks what was read from a file.
    ///
    /// # Errors
    ///
    /// If the version is not known, or an entry has no reason or no proper end.
    pub fn checked(self) -> Result<Self, BaselineError> {
        if self.version != VERSION {
            return Err(BaselineError::Version(self.version));
        }
        self.accepted.iter().try_for_each(check)?;
        Ok(self)
    }

    /// Accepts a finding in the text of the file at `path`. Entries are kept in the order of paths
    /// and lines, whatever the order in which they are accepted.
    ///
    /// # Errors
    ///
    /// If the reason is empty or `until` is not a day.
    pub fn accept(
        &mut self,
        key: &BaselineKey,
        (path, text): (&str, &str),
        finding: &Finding,
        (reason, until): (&str, Option<&str>),
    ) -> Result<(), BaselineError> {
        let before = &text.as_bytes()[..finding.start];
        let line = memchr::memchr_iter(b'\n', before).count() + 1;
        let entry = Accepted {
            path: path.to_owned(),
            rule: finding.rule.to_string(),
            line: u32::try_from(line).unwrap_or(u32::MAX),
            fingerprint: key.fingerprint(&finding.rule, &text[finding.start..finding.end]),
            reason: reason.to_owned(),
            until: until.map(str::to_owned),
        };
        check(&entry)?;
        self.accepted
            .retain(|old| (&old.path, &old.fingerprint) != (&entry.path, &entry.fingerprint));
        let key = |entry: &Accepted| (entry.path.clone(), entry.line, entry.fingerprint.clone());
        let at = self.accepted.partition_point(|old| key(old) < key(&entry));
        self.accepted.insert(at, entry);
        Ok(())
    }

    /// The entry that accepts the finding on `today` (`YYYY-MM-DD`). A value that changed, moved
    /// to another file, or whose time is over is not accepted.
    pub fn accepts(
        &self,
        key: &BaselineKey,
        (path, text): (&str, &str),
        finding: &Finding,
        today: &str,
    ) -> Option<&Accepted> {
        let mut here = self
            .accepted
            .iter()
            .filter(|entry| entry.path == path)
            .peekable();
        here.peek()?;
        let fingerprint = key.fingerprint(&finding.rule, &text[finding.start..finding.end]);
        let valid = |entry: &&Accepted| entry.until.as_deref().is_none_or(|until| today <= until);
        here.find(|entry| entry.fingerprint == fingerprint && valid(entry))
    }

    /// The accepted findings.
    pub fn entries(&self) -> &[Accepted] {
        &self.accepted
    }
}

fn check(entry: &Accepted) -> Result<(), BaselineError> {
    if entry.reason.trim().is_empty() {
        return Err(BaselineError::Reason {
            path: entry.path.clone(),
        });
    }
    match &entry.until {
        Some(until) if !is_day(until) => Err(BaselineError::Until {
            until: until.clone(),
        }),
        _ => Ok(()),
    }
}

/// `YYYY-MM-DD`, so that days compare as texts.
fn is_day(text: &str) -> bool {
    let number =
        |range: std::ops::Range<usize>| text.get(range).and_then(|part| part.parse::<u8>().ok());
    let digits = text.bytes().enumerate().all(|(at, b)| match at {
        4 | 7 => b == b'-',
        _ => b.is_ascii_digit(),
    });
    let month = number(5..7).is_some_and(|month| (1..=12).contains(&month));
    let day = number(8..10).is_some_and(|day| (1..=31).contains(&day));
    text.len() == 10 && digits && month && day
}
