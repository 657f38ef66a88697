//! What is done with entries.

use super::Vault;
use crate::entry::{self, Content, Edit, Entry, Kind, Meta, NewEntry};
use crate::provider::{Limits, Reference, Runner};
use crate::totp::{Code, Codes, Enrolment, Generator};
use crate::{Error, Name, Result, Secret, random};

/// A value an entry had before.
#[non_exhaustive]
pub struct Older {
    /// The value.
    pub value: Secret,
    /// When it became the current one, in seconds since 1970, UTC.
    pub since: u64,
    /// When it ceased to be, in seconds since 1970, UTC.
    pub until: u64,
}

impl Vault {
    /// The value of an entry.
    ///
    /// # Errors
    ///
    /// [`Error::NoEntry`], and [`Error::OtherKind`] if the entry holds no value but how to get one.
    pub fn get(&self, name: &Name) -> Result<Secret> {
        match self.contents(name)?.into_current() {
            Content::Value(value) => Ok(value),
            _ => Err(other_kind(name, "a value")),
        }
    }

    /// The value of an entry, or what its command gives.
    ///
    /// # Errors
    ///
    /// [`Error::NoEntry`], [`Error::Provider`] if the command gives none, and
    /// [`Error::OtherKind`] for a generator of codes.
    pub fn fetch(&self, name: &Name, runner: &dyn Runner, limits: Limits) -> Result<Secret> {
        match self.contents(name)?.into_current() {
            Content::Value(value) => Ok(value),
            Content::Reference(reference) => {
                let fetched = reference.fetch(runner, limits);
                fetched.map_err(|source| Error::Provider {
                    name: name.clone(),
                    source,
                })
            }
            Content::Totp(_) => Err(other_kind(name, "a value")),
        }
    }

    /// The command of an entry.
    ///
    /// # Errors
    ///
    /// [`Error::NoEntry`], and [`Error::OtherKind`] if the entry has none.
    pub fn reference(&self, name: &Name) -> Result<Reference> {
        match self.contents(name)?.into_current() {
            Content::Reference(reference) => Ok(reference),
            _ => Err(other_kind(name, "a command")),
        }
    }

    /// The values an entry had before, the latest first.
    ///
    /// # Errors
    ///
    /// [`Error::NoEntry`].
    pub fn older(&self, name: &Name) -> Result<Vec<Older>> {
        let mut until = 0;
        let mut older = Vec::new();
        for (age, version) in self.contents(name)?.0.into_iter().enumerate() {
            if let (Content::Value(value), 1..) = (version.content, age) {
                let since = version.since;
                older.push(Older {
                    value,
                    since,
                    until,
                });
            }
            until = version.since;
        }
        Ok(older)
    }

    /// Puts an entry. One of the same name gets another value; the one before joins the older
    /// ones, and what the new entry leaves unsaid stays as it was. `now` is in seconds since 1970,
    /// UTC, here and below.
    ///
    /// # Errors
    ///
    /// [`Error::Full`], [`Error::File`] and [`Error::Rekeyed`], for every change; the vault is then
    /// as it was.
    pub fn put(&mut self, new: NewEntry, now: u64) -> Result<()> {
        self.put_all([new], now)
    }

    /// Puts several entries in one write: all, or none.
    ///
    /// # Errors
    ///
    /// As for [`put`](Self::put).
    pub fn put_all(&mut self, new: impl IntoIterator<Item = NewEntry>, now: u64) -> Result<()> {
        self.change(|draft, path| {
            for new in new {
                if draft.state.rows.contains_key(&new.name) {
                    let (mut entry, id) = draft.take(&new.name, path)?;
                    entry.merge(new, now);
                    draft.put(entry, id)?;
                } else {
                    draft.put(Entry::first(new, now), random::array()?)?;
                }
            }
            Ok(())
        })
    }

    /// Puts an entry whose name must be free.
    ///
    /// # Errors
    ///
    /// [`Error::NameTaken`]; else as for [`put`](Self::put).
    pub fn add(&mut self, new: NewEntry, now: u64) -> Result<()> {
        self.change(|draft, _| {
            if draft.state.rows.contains_key(&new.name) {
                return Err(Error::NameTaken { name: new.name });
            }
            draft.put(Entry::first(new, now), random::array()?)
        })
    }

    /// Gives an entry a new value, or a random one of 32 bytes, and counts that as a rotation. The
    /// expiry of the value before goes with it.
    ///
    /// # Errors
    ///
    /// [`Error::NoEntry`], and [`Error::OtherKind`] if the entry holds no value.
    pub fn rotate(&mut self, name: &Name, value: Option<Secret>, now: u64) -> Result<()> {
        let value = match value {
            Some(value) => value,
            None => Secret::random(32)?,
        };
        entry::check_value(&value)?;
        self.change(|draft, path| {
            let (mut entry, id) = draft.take(name, path)?;
            must_be(&entry.meta, Kind::Value, "a value")?;
            entry.replace(Content::Value(value), now);
            entry.meta.rotations = entry.meta.rotations.saturating_add(1);
            entry.meta.expires = None;
            draft.put(entry, id)
        })
    }

    /// Goes back to the value before, which the current one then becomes: what undoes a rotation
    /// that was not taken up everywhere.
    ///
    /// # Errors
    ///
    /// [`Error::NoEntry`], and [`Error::NoHistory`] if there is no older value.
    pub fn revert(&mut self, name: &Name, now: u64) -> Result<()> {
        self.change(|draft, path| {
            let (mut entry, id) = draft.take(name, path)?;
            if entry.contents.0.len() < 2 {
                return Err(Error::NoHistory { name: name.clone() });
            }
            entry.contents.0.swap(0, 1);
            entry.contents.0[0].since = now;
            entry.meta.updated = now;
            draft.put(entry, id)
        })
    }

    /// Changes what is known of an entry and not its value.
    ///
    /// # Errors
    ///
    /// [`Error::NoEntry`], and [`Error::Invalid`] for a note that breaks its rule.
    pub fn edit(&mut self, name: &Name, edit: Edit) -> Result<()> {
        self.change(|draft, path| {
            let (mut entry, id) = draft.take(name, path)?;
            let meta = &mut entry.meta;
            meta.category = edit.category.unwrap_or_else(|| meta.category.clone());
            meta.expires = edit.expires.unwrap_or(meta.expires);
            meta.keep = edit.keep.unwrap_or(meta.keep).min(entry::MAX_KEEP);
            if let Some(note) = edit.note {
                meta.note = entry::checked_note(&note)?;
            }
            draft.put(entry, id)
        })
    }

    /// Gives an entry another name. Its history goes with it.
    ///
    /// # Errors
    ///
    /// [`Error::NoEntry`], and [`Error::NameTaken`] if another entry has the new name.
    pub fn rename(&mut self, from: &Name, to: Name) -> Result<()> {
        self.change(|draft, path| {
            let (mut entry, id) = draft.take(from, path)?;
            if draft.state.rows.contains_key(&to) {
                return Err(Error::NameTaken { name: to });
            }
            entry.meta.name = to;
            draft.put(entry, id)
        })
    }

    /// Removes an entry with its history; whether there was one. It stays in the version before,
    /// sealed, until the next write.
    ///
    /// # Errors
    ///
    /// As for [`put`](Self::put).
    pub fn remove(&mut self, name: &Name) -> Result<bool> {
        self.change(|draft, _| {
            let removed = draft.state.rows.remove(name).is_some();
            draft.changed |= removed;
            Ok(removed)
        })
    }

    /// Makes a generator of one-time codes, for the owner's authenticator app. What it returns is
    /// shown to the owner once.
    ///
    /// # Errors
    ///
    /// [`Error::NameTaken`] if the name is not free.
    pub fn enrol(
        &mut self,
        name: Name,
        codes: Codes,
        issuer: &str,
        account: &str,
        now: u64,
    ) -> Result<Enrolment> {
        let generator = Generator::new(codes)?;
        let enrolment = generator.enrolment(issuer, account);
        self.add(NewEntry::new(name, Content::Totp(generator)).keep(0), now)?;
        Ok(enrolment)
    }

    /// Looks at a one-time code. That it was used is stored before this returns, so it is good
    /// once for all processes; so are wrong codes, after five of which there is a pause.
    ///
    /// # Errors
    ///
    /// [`Error::NoEntry`], [`Error::OtherKind`], [`Error::Wait`] during a pause, and those of
    /// [`put`](Self::put): a code that could not be marked as used is not accepted.
    pub fn check_code(&mut self, name: &Name, code: &Secret, now: u64) -> Result<Code> {
        self.change(|draft, path| {
            let (mut entry, id) = draft.take(name, path)?;
            let Content::Totp(generator) = &mut entry.contents.0[0].content else {
                return Err(other_kind(name, "a generator of codes"));
            };
            let looked = generator.look(code, now)?;
            draft.put(entry, id)?;
            Ok(looked)
        })
    }
}

fn must_be(meta: &Meta, kind: Kind, wanted: &'static str) -> Result<()> {
    if meta.kind == kind {
        Ok(())
    } else {
        Err(other_kind(&meta.name, wanted))
    }
}

fn other_kind(name: &Name, wanted: &'static str) -> Error {
    Error::OtherKind {
        name: name.clone(),
        wanted,
    }
}
