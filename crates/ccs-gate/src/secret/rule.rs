//! What a rule is, and the tables made of the rule files.

use crate::verdict::Severity;

use super::code::{self, BUCKETS};

include!(concat!(env!("OUT_DIR"), "/secrets.rs"));

const _: () = assert!(MARKS.len() == code::PAIRS);
const _: () = assert!(QUADS.len() * 64 == code::QUADS && STARTS.len() == BUCKETS + 1);

/// One kind of credential.
#[derive(Debug)]
#[non_exhaustive]
pub struct Rule {
    /// `provider.kind`; never reused for something else.
    pub id: &'static str,
    /// What it is, in a few words.
    pub title: &'static str,
    /// What whoever holds it can do.
    pub severity: Severity,
    /// Where its owner can replace it.
    pub rotate: Option<&'static str>,
    /// Words, in lower case, one of which must stand nearby; empty if none need to.
    pub(super) near: &'static [&'static str],
    /// Words that make it something else when they stand in it.
    pub(super) stop: &'static [&'static str],
    pub(super) check: Option<Check>,
    /// How many bits its form leaves open.
    pub(super) breadth: u32,
}

impl Rule {
    /// Whether it knows no form, only where a secret stands.
    pub(super) const fn is_general(&self) -> bool {
        self.breadth == u32::MAX
    }
}

/// What makes a token certain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Check {
    /// The last six characters are the CRC-32 of the others in base 62.
    Crc32,
    /// What stands before the first dot is base64 of a decimal number.
    Snowflake,
}

/// A sequence of literals and runs, with the literal by which it is found.
#[derive(Debug)]
pub(super) struct Form {
    pub(super) rule: u16,
    pub(super) parts: &'static [Part],
    pub(super) anchor: usize,
    /// Which of the parts are the secret itself.
    pub(super) secret: (usize, usize),
}

#[derive(Debug)]
pub(super) enum Part {
    Text(&'static str),
    Run { set: Set, min: u16, max: u16 },
}

/// A set of ASCII characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Set(pub(super) u128);

impl Set {
    /// Letters, digits and `_`.
    pub(super) const WORD: Self = Self(0x07ff_fffe_87ff_fffe_03ff_0000_0000_0000);
    /// Base64 as it stands in addresses.
    pub(super) const URL64: Self = Self(Self::WORD.0 | 1 << b'-');

    /// The set of these characters.
    pub(super) const fn of(characters: &[u8]) -> Self {
        let (mut mask, mut at) = (0, 0);
        while at < characters.len() {
            mask |= 1 << characters[at];
            at += 1;
        }
        Self(mask)
    }

    /// The characters of both.
    pub(super) const fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    #[inline]
    pub(super) const fn has(self, byte: u8) -> bool {
        byte < 128 && (self.0 >> byte) & 1 == 1
    }
}

/// A word that is looked for, and what is done where it stands.
#[derive(Debug)]
pub(super) struct Keyword {
    pub(super) text: &'static str,
    /// Whether both cases of a letter are the same.
    pub(super) fold: bool,
    pub(super) begins: Begins,
    pub(super) uses: &'static [Use],
}

/// Where a keyword may begin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Begins {
    Anywhere,
    /// Not after a letter, a digit or `_`.
    Word,
    /// As a part of a name: not in the middle of a word of letters.
    Part,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Use {
    /// The literal with which a form begins.
    Form(u16),
    /// A literal inside a form.
    Inner(u16),
    /// A word near which a form may stand.
    Near(u16),
    /// A program with flags that take secrets.
    Flags(u16),
    /// A word that may name a secret.
    Name,
    Pem,
    Putty,
    Jwt,
    Url,
    Basic,
    Bearer,
}

/// Flags whose value is secret.
#[derive(Debug)]
pub(super) struct Flags {
    pub(super) rule: u16,
    /// Whether the value is `user:password`.
    pub(super) pair: bool,
    /// Whether any word may be the password.
    pub(super) any: bool,
    pub(super) flags: &'static [&'static str],
}

/// What a word says about the value that it is part of the name of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    Password,
    Secret,
    Token,
    /// A key, which may be of any kind.
    Key,
    /// Says whose or what kind of key.
    Owner,
    /// Says nothing: `value`, `prod`, `new`.
    Neutral,
    /// Something about a secret, not the secret: `length`, `name`, `path`.
    About,
    /// Meant for everybody: `public`.
    Public,
    /// Made up: `dummy`, `invalid`.
    Fixture,
}

/// Looks a word up in one of the sorted tables.
pub(super) fn look_up<T: Copy>(table: &[(&str, T)], word: &str) -> Option<T> {
    table
        .binary_search_by(|(known, _)| (*known).cmp(word))
        .ok()
        .map(|at| table[at].1)
}

/// A word that has a trigram: its number, where in it the trigram begins, and the code of the byte
/// that follows.
#[derive(Clone, Copy, Debug)]
pub(super) struct Entry {
    pub(super) word: u16,
    pub(super) at: u8,
    pub(super) next: u8,
}

/// The words in a bucket.
pub(super) fn bucket(number: usize) -> &'static [Entry] {
    let (from, to) = (STARTS[number], STARTS[number + 1]);
    &ENTRIES[usize::from(from)..usize::from(to)]
}

/// For a pair of coarse codes, which codes may follow in a trigram of a keyword.
#[inline]
pub(super) fn followers(pair: u32) -> u32 {
    MARKS[pair as usize & (code::PAIRS - 1)]
}

/// Whether the four bytes may be those of a keyword.
#[inline]
pub(super) fn quad(number: usize) -> bool {
    let number = number & (code::QUADS - 1);
    (QUADS[number / 64] >> (number % 64)) & 1 == 1
}
