//! Entries: what is known of one without its value, what it holds, and how both are sealed.

mod wire;

use serde::Serialize;

use crate::provider::Reference;
use crate::totp::Generator;
use crate::{Category, Error, Name, Result, Secret};

pub(crate) use wire::{open_contents, open_meta, seal};

/// The longest value in bytes: 64 KiB.
pub const MAX_VALUE: usize = 64 << 10;

/// How many older values an entry keeps unless it says otherwise.
pub const KEEP: u8 = 5;

/// The most older values an entry can keep.
pub const MAX_KEEP: u8 = 32;

const MAX_NOTE: usize = 1024;

/// What is known of an entry without its value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Meta {
    /// What it is called.
    pub name: Name,
    /// What it holds.
    pub kind: Kind,
    /// Its group.
    pub category: Category,
    /// The owner's words about it.
    pub note: String,
    /// When it was first put, in seconds since 1970, UTC.
    pub created: u64,
    /// When its value last changed, in seconds since 1970, UTC.
    pub updated: u64,
    /// When it stops being good, in seconds since 1970, UTC.
    pub expires: Option<u64>,
    /// How often it was rotated.
    pub rotations: u32,
    /// How many older values are kept.
    pub older: u8,
    /// How many older values are kept at most.
    pub keep: u8,
    /// Roughly how long the value is.
    pub length: Length,
    /// Whether redaction recognises the value.
    pub recognised: Recognised,
}

impl Meta {
    /// Whether the expiry has passed.
    #[must_use]
    pub fn is_expired(&self, now: u64) -> bool {
        self.expires.is_some_and(|expires| expires <= now)
    }
}

/// What an entry holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Kind {
    /// A value.
    Value,
    /// A command that gives the value.
    Reference,
    /// A generator of one-time codes.
    Totp,
}

/// The class a value's length falls in; never the length itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Length {
    /// Less than 16 bytes.
    Short,
    /// 16 to 63 bytes.
    Medium,
    /// 64 to 255 bytes.
    Long,
    /// 256 bytes and more.
    Text,
}

impl Length {
    fn of(bytes: &[u8]) -> Self {
        match bytes.len() {
            0..16 => Self::Short,
            16..64 => Self::Medium,
            64..256 => Self::Long,
            _ => Self::Text,
        }
    }
}

/// Whether fingerprints recognise an entry's value in other texts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Recognised {
    /// They do, also encoded.
    Yes,
    /// It has less than 8 bytes: it would be found where it is not.
    TooShort,
    /// It could be guessed from its fingerprint, and occurs in texts by chance.
    Predictable,
    /// The vault does not hold the value, only how to get it.
    NotHeld,
}

/// An entry to be put.
pub struct NewEntry {
    pub(crate) name: Name,
    pub(crate) content: Content,
    pub(crate) category: Option<Category>,
    pub(crate) note: Option<String>,
    pub(crate) expires: Option<u64>,
    pub(crate) keep: Option<u8>,
}

impl NewEntry {
    /// A value: 1 byte to [`MAX_VALUE`].
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] for an empty or longer one.
    pub fn value(name: Name, value: Secret) -> Result<Self> {
        check_value(&value)?;
        Ok(Self::new(name, Content::Value(value)))
    }

    /// A command that gives the value each time it is needed.
    #[must_use]
    pub fn reference(name: Name, reference: Reference) -> Self {
        Self::new(name, Content::Reference(reference))
    }

    pub(crate) fn new(name: Name, content: Content) -> Self {
        Self {
            name,
            content,
            category: None,
            note: None,
            expires: None,
            keep: None,
        }
    }

    /// In this category rather than the one its name suggests.
    #[must_use]
    pub fn category(mut self, category: Category) -> Self {
        self.category = Some(category);
        self
    }

    /// With a note of up to 1024 bytes without control characters.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] for any other.
    pub fn note(mut self, note: &str) -> Result<Self> {
        self.note = Some(checked_note(note)?);
        Ok(self)
    }

    /// Good until then, in seconds since 1970, UTC.
    #[must_use]
    pub fn expires(mut self, at: u64) -> Self {
        self.expires = Some(at);
        self
    }

    /// Keeping that many older values, up to [`MAX_KEEP`].
    #[must_use]
    pub fn keep(mut self, older: u8) -> Self {
        self.keep = Some(older.min(MAX_KEEP));
        self
    }
}

/// What is changed about an entry without touching its value. `None` leaves things as they are.
#[derive(Clone, Debug, Default)]
pub struct Edit {
    /// The new category.
    pub category: Option<Category>,
    /// The new note.
    pub note: Option<String>,
    /// The new expiry; `Some(None)` takes it away.
    pub expires: Option<Option<u64>>,
    /// How many older values are kept from now on; those beyond are dropped.
    pub keep: Option<u8>,
}

/// What an entry holds, opened.
pub(crate) enum Content {
    Value(Secret),
    Reference(Reference),
    Totp(Generator),
}

impl Content {
    pub(crate) fn kind(&self) -> Kind {
        match self {
            Self::Value(_) => Kind::Value,
            Self::Reference(_) => Kind::Reference,
            Self::Totp(_) => Kind::Totp,
        }
    }

    fn length(&self) -> Length {
        match self {
            Self::Value(value) => Length::of(value.expose()),
            Self::Reference(_) => Length::Short,
            Self::Totp(generator) => Length::of(generator.secret().expose()),
        }
    }
}

/// One of an entry's values and when it became the current one.
pub(crate) struct Version {
    pub(crate) content: Content,
    pub(crate) since: u64,
}

/// An entry's values, the current one first.
pub(crate) struct Contents(pub(crate) Vec<Version>);

impl Contents {
    pub(crate) fn current(&self) -> &Content {
        &self.0[0].content
    }

    pub(crate) fn into_current(mut self) -> Content {
        self.0.swap_remove(0).content
    }
}

/// An entry opened whole, to be changed and sealed again.
pub(crate) struct Entry {
    pub(crate) meta: Meta,
    pub(crate) contents: Contents,
}

impl Entry {
    /// A first version of an entry.
    pub(crate) fn first(new: NewEntry, now: u64) -> Self {
        let meta = Meta {
            kind: new.content.kind(),
            category: new.category.unwrap_or_else(|| Category::of(&new.name)),
            note: new.note.unwrap_or_default(),
            created: now,
            updated: now,
            expires: new.expires,
            rotations: 0,
            older: 0,
            keep: new.keep.unwrap_or(KEEP),
            length: Length::Short,
            recognised: Recognised::NotHeld,
            name: new.name,
        };
        let version = Version {
            content: new.content,
            since: now,
        };
        Self {
            meta,
            contents: Contents(vec![version]),
        }
    }

    /// Another value: the one before joins the older ones.
    pub(crate) fn replace(&mut self, content: Content, now: u64) {
        self.contents.0.insert(
            0,
            Version {
                content,
                since: now,
            },
        );
        self.meta.updated = now;
    }

    /// As [`replace`](Self::replace), with what else the new entry says.
    pub(crate) fn merge(&mut self, new: NewEntry, now: u64) {
        self.replace(new.content, now);
        let meta = &mut self.meta;
        meta.category = new.category.unwrap_or_else(|| meta.category.clone());
        meta.note = new.note.unwrap_or_else(|| std::mem::take(&mut meta.note));
        meta.expires = new.expires;
        meta.keep = new.keep.unwrap_or(meta.keep);
    }

    /// What the meta data says about the contents is brought up to date.
    pub(crate) fn settle(&mut self) {
        self.contents.0.truncate(usize::from(self.meta.keep) + 1);
        self.meta.older = (self.contents.0.len() - 1) as u8;
        let current = self.contents.current();
        self.meta.kind = current.kind();
        self.meta.length = current.length();
        self.meta.recognised = crate::fingerprint::recognised(current);
    }
}

pub(crate) fn check_value(value: &Secret) -> Result<()> {
    if (1..=MAX_VALUE).contains(&value.expose().len()) {
        return Ok(());
    }
    Err(Error::Invalid {
        what: "value",
        why: "it has 1 byte to 64 KiB",
    })
}

pub(crate) fn checked_note(note: &str) -> Result<String> {
    if note.len() <= MAX_NOTE && !note.chars().any(char::is_control) {
        return Ok(note.to_owned());
    }
    Err(Error::Invalid {
        what: "note",
        why: "it has up to 1024 bytes and no control characters",
    })
}
