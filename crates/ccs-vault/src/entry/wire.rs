//! An entry's two sealed parts. Both are bound to the vault, the entry and its generation; the
//! value also to the name and category, so it opens under no other.

use zeroize::Zeroizing;

use super::{Content, Contents, Entry, Kind, Length, Meta, Recognised, Version};
use crate::codec::{Malformed, Reader, Writer};
use crate::format::{self, Sealed};
use crate::keys::Master;
use crate::provider::Reference;
use crate::seal;
use crate::totp::Generator;
use crate::{Category, Name, Result, Secret, random};

const META: &str = "ccs-vault/1 meta";
const VALUE: &str = "ccs-vault/1 value";

/// Seals an entry under fresh keys.
pub(crate) fn seal(
    entry: &mut Entry,
    master: &Master,
    vault: &[u8; 16],
    id: [u8; 16],
    generation: u64,
) -> Result<Sealed> {
    entry.settle();
    let mut sealed = Sealed {
        id,
        generation,
        salt: random::array()?,
        meta: Vec::new(),
        value: Vec::new(),
    };
    let key = master.entry(META, &id, &sealed.salt);
    sealed.meta = seal::seal(&key, &meta_bound(vault, &sealed), write_meta(&entry.meta));
    let key = master.entry(VALUE, &id, &sealed.salt);
    let bound = value_bound(vault, &sealed, &entry.meta);
    sealed.value = seal::seal(&key, &bound, write_contents(&entry.contents));
    Ok(sealed)
}

/// What is known of an entry; `None` if it does not open.
pub(crate) fn open_meta(sealed: &Sealed, master: &Master, vault: &[u8; 16]) -> Option<Meta> {
    let key = master.entry(META, &sealed.id, &sealed.salt);
    let bytes = seal::open(&key, &meta_bound(vault, sealed), &sealed.meta).ok()?;
    read_meta(&bytes).ok()
}

/// What an entry holds; `None` if it does not open under this name and category.
pub(crate) fn open_contents(
    sealed: &Sealed,
    meta: &Meta,
    master: &Master,
    vault: &[u8; 16],
) -> Option<Contents> {
    let key = master.entry(VALUE, &sealed.id, &sealed.salt);
    let bytes = seal::open(&key, &value_bound(vault, sealed, meta), &sealed.value).ok()?;
    read_contents(&bytes).ok()
}

fn meta_bound(vault: &[u8; 16], sealed: &Sealed) -> Vec<u8> {
    take(
        Writer::new()
            .text(META)
            .fixed(vault)
            .fixed(&sealed.id)
            .u64(sealed.generation),
    )
}

fn value_bound(vault: &[u8; 16], sealed: &Sealed, meta: &Meta) -> Vec<u8> {
    let mut bound = Writer::new();
    bound
        .text(VALUE)
        .fixed(vault)
        .fixed(&sealed.id)
        .u64(sealed.generation);
    take(bound.text(meta.name.as_str()).text(meta.category.as_str()))
}

fn take(writer: &mut Writer) -> Vec<u8> {
    std::mem::take(&mut *writer.finish())
}

fn write_meta(meta: &Meta) -> Zeroizing<Vec<u8>> {
    let mut writer = Writer::new();
    writer
        .text(meta.name.as_str())
        .u8(meta.kind as u8)
        .text(meta.category.as_str());
    writer.text(&meta.note).u64(meta.created).u64(meta.updated);
    writer
        .u8(meta.expires.is_some().into())
        .u64(meta.expires.unwrap_or(0));
    writer.u32(meta.rotations).u8(meta.older).u8(meta.keep);
    writer.u8(meta.length as u8).u8(meta.recognised as u8);
    writer.pad(format::padded).finish()
}

fn read_meta(bytes: &[u8]) -> Result<Meta, Malformed> {
    let mut reader = Reader::new(bytes);
    let meta = Meta {
        name: Name::new(reader.text()?).map_err(|_| Malformed)?,
        kind: one_of(reader.u8()?, &[Kind::Value, Kind::Reference, Kind::Totp])?,
        category: Category::new(reader.text()?).map_err(|_| Malformed)?,
        note: reader.text()?.to_owned(),
        created: reader.u64()?,
        updated: reader.u64()?,
        expires: match (reader.u8()?, reader.u64()?) {
            (0, 0) => None,
            (1, at) => Some(at),
            _ => return Err(Malformed),
        },
        rotations: reader.u32()?,
        older: reader.u8()?,
        keep: reader.u8()?,
        length: one_of(
            reader.u8()?,
            &[Length::Short, Length::Medium, Length::Long, Length::Text],
        )?,
        recognised: one_of(
            reader.u8()?,
            &[
                Recognised::Yes,
                Recognised::TooShort,
                Recognised::Predictable,
                Recognised::NotHeld,
            ],
        )?,
    };
    reader.padding()?;
    Ok(meta)
}

/// The variants in the order of their numbers, which is that of their declaration.
fn one_of<T: Copy>(number: u8, variants: &[T]) -> Result<T, Malformed> {
    variants.get(usize::from(number)).copied().ok_or(Malformed)
}

fn write_contents(contents: &Contents) -> Zeroizing<Vec<u8>> {
    let mut writer = Writer::new();
    writer.u8(contents.0.len() as u8);
    for version in &contents.0 {
        writer.u64(version.since).u8(version.content.kind() as u8);
        match &version.content {
            Content::Value(value) => writer.bytes(value.expose()),
            Content::Reference(reference) => reference.write(&mut writer),
            Content::Totp(generator) => generator.write(&mut writer),
        };
    }
    writer.pad(format::padded).finish()
}

fn read_contents(bytes: &[u8]) -> Result<Contents, Malformed> {
    let mut reader = Reader::new(bytes);
    let mut versions = Vec::new();
    for _ in 0..reader.u8()? {
        let since = reader.u64()?;
        let content = match reader.u8()? {
            0 => Content::Value(Secret::copy_of(reader.bytes()?)),
            1 => Content::Reference(Reference::read(&mut reader)?),
            2 => Content::Totp(Generator::read(&mut reader)?),
            _ => return Err(Malformed),
        };
        versions.push(Version { content, since });
    }
    reader.padding()?;
    if versions.is_empty() {
        Err(Malformed)
    } else {
        Ok(Contents(versions))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::NewEntry;

    const VAULT: [u8; 16] = [1; 16];

    fn master() -> Master {
        Master::new(Zeroizing::new([9; 32]), &VAULT)
    }

    fn entry(name: &str) -> Entry {
        let name = Name::new(name).expect("a name");
        let new = NewEntry::value(name, Secret::new("value")).expect("an entry");
        Entry::first(new.note("a note").expect("a note").expires(99), 7)
    }

    fn sealed() -> (Sealed, Meta) {
        let mut entry = entry("A");
        let sealed = seal(&mut entry, &master(), &VAULT, [2; 16], 3).expect("sealed");
        (sealed, entry.meta)
    }

    #[test]
    fn an_entry_opens_as_it_was_sealed() {
        let (sealed, meta) = sealed();
        assert_eq!(open_meta(&sealed, &master(), &VAULT), Some(meta.clone()));
        let contents = open_contents(&sealed, &meta, &master(), &VAULT).expect("opens");
        assert!(matches!(contents.current(), Content::Value(value) if value.expose() == b"value"));
        assert_eq!(contents.0[0].since, 7);
    }

    #[test]
    fn an_entry_of_another_id_generation_or_vault_does_not_open() {
        let (good, meta) = sealed();
        let opens = |sealed: &Sealed, vault| {
            open_meta(sealed, &master(), vault).is_some()
                || open_contents(sealed, &meta, &master(), vault).is_some()
        };
        assert!(opens(&good, &VAULT));
        assert!(!opens(&good, &[2; 16]));
        assert!(!opens(
            &Sealed {
                id: [3; 16],
                ..good.clone()
            },
            &VAULT
        ));
        assert!(!opens(
            &Sealed {
                generation: 4,
                ..good.clone()
            },
            &VAULT
        ));
        assert!(!opens(
            &Sealed {
                salt: [0; 32],
                ..good
            },
            &VAULT
        ));
    }

    #[test]
    fn a_value_opens_under_its_own_name_and_category_only() {
        let (sealed, meta) = sealed();
        let renamed = Meta {
            name: Name::new("B").expect("a name"),
            ..meta.clone()
        };
        assert!(open_contents(&sealed, &renamed, &master(), &VAULT).is_none());
        let category = Category::new("else").expect("a category");
        let moved = Meta { category, ..meta };
        assert!(open_contents(&sealed, &moved, &master(), &VAULT).is_none());
    }

    #[test]
    fn two_sealings_of_the_same_entry_share_nothing() {
        let ((one, _), (two, _)) = (sealed(), sealed());
        assert_ne!(one.salt, two.salt);
        assert_ne!(one.meta, two.meta);
        assert_ne!(one.value, two.value);
    }

    #[test]
    fn values_of_one_length_class_are_sealed_to_one_length() {
        let length = |value: &str| {
            let name = Name::new("A").expect("a name");
            let new = NewEntry::value(name, Secret::new(value)).expect("an entry");
            let mut entry = Entry::first(new, 0);
            seal(&mut entry, &master(), &VAULT, [2; 16], 3)
                .expect("sealed")
                .value
                .len()
        };
        assert_eq!(length("x"), length(&"x".repeat(50)));
    }
}
