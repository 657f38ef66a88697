//! The bytes of a vault file, sealed as they lie on the disk. Pure: nothing here knows a key.
//!
//! [`parse`] is total, and strict: every file has one encoding, [`Layout::encode`] gives it back,
//! and everything else is refused. What parses is not yet authentic; only opening it with a key
//! says so. `docs/formats/vault.md` of the repository draws the fields.

use ring::digest;

use crate::codec::{Malformed, Reader, Writer};
use crate::slot::Slot;

/// The most bytes of a vault file: 16 MiB.
pub const MAX_FILE: u64 = 16 << 20;

const MAGIC: &str = "ccs-vault/";
const HEAD: &[u8] = b"ccs-vault/1\n";
const CHECK: usize = 32;

/// Why bytes are not a file of ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Fault {
    /// They do not begin as such a file does.
    #[error("it does not begin as such a file does")]
    Foreign,
    /// A newer ccs wrote them.
    #[error("it has the newer format {0}")]
    Newer(u32),
    /// They were cut or changed.
    #[error("{0}")]
    Damaged(&'static str),
    /// They belong to another key.
    #[error("its key does not fit")]
    Locked,
}

impl From<Malformed> for Fault {
    fn from(_: Malformed) -> Self {
        Self::Damaged("its fields do not fit together")
    }
}

/// A vault file taken apart. Everything in it that is secret is sealed.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Layout {
    /// Random; bound into everything the vault seals.
    pub id: [u8; 16],
    /// Changes with the master key.
    pub master: [u8; 16],
    /// Grows by one with every write.
    pub generation: u64,
    /// The master key, wrapped; ordered by number.
    pub slots: Vec<Slot>,
    /// The entries, ordered by id.
    pub entries: Vec<Sealed>,
    /// Authenticates everything above.
    pub mac: [u8; 32],
}

/// One entry as it lies in the file.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Sealed {
    /// Random; stays when the entry is renamed.
    pub id: [u8; 16],
    /// The generation of the file in which the entry was last sealed.
    pub generation: u64,
    /// Fresh for every sealing.
    pub salt: [u8; 32],
    /// Name, category, times.
    pub meta: Vec<u8>,
    /// The value and the older ones.
    pub value: Vec<u8>,
}

/// Takes a file apart. Terminates without panic on all input.
///
/// # Errors
///
/// [`Fault::Foreign`], [`Fault::Newer`] or [`Fault::Damaged`], told apart by the first line and a
/// checksum over the rest.
pub fn parse(bytes: &[u8]) -> Result<Layout, Fault> {
    version(bytes, MAGIC, 1)?;
    let body = checked(bytes)?;
    let mut reader = Reader::new(body);
    let layout = Layout {
        mac: [0; 32],
        ..read_head(&mut reader)?
    };
    let layout = read_entries(&mut reader, layout)?;
    let mac = reader.fixed()?;
    reader.end()?;
    Ok(Layout { mac, ..layout })
}

/// The part up to and including the slots, whatever follows: where a damaged file still names its
/// way in.
pub(crate) fn head(bytes: &[u8]) -> Result<Layout, Fault> {
    version(bytes, MAGIC, 1)?;
    read_head(&mut Reader::new(bytes))
}

/// Every run of bytes that has the shape of an entry, wherever it begins: what may be saved from a
/// damaged file. Only opening one tells whether it is.
pub(crate) fn shapes(bytes: &[u8]) -> impl Iterator<Item = Sealed> {
    (HEAD.len()..bytes.len()).filter_map(|at| {
        let entry = read_entry(&mut Reader::new(&bytes[at..])).ok()?;
        has_shape(&entry).then_some(entry)
    })
}

impl Layout {
    /// The file's bytes.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut writer = self.write_body();
        writer.fixed(&self.mac);
        let check = digest::digest(&digest::SHA256, writer.as_slice());
        writer.fixed(check.as_ref());
        std::mem::take(&mut *writer.finish())
    }

    /// What [`mac`](Self::mac) authenticates: the file up to it.
    pub(crate) fn body(&self) -> Vec<u8> {
        std::mem::take(&mut *self.write_body().finish())
    }

    fn write_body(&self) -> Writer {
        let mut writer = Writer::new();
        writer.fixed(HEAD).fixed(&self.id).fixed(&self.master);
        writer.u64(self.generation);
        writer.u8(u8::try_from(self.slots.len()).expect("add_slot keeps to 255"));
        for slot in &self.slots {
            slot.write(&mut writer);
        }
        writer.u32(u32::try_from(self.entries.len()).expect("16 MiB hold fewer entries"));
        for entry in &self.entries {
            writer.fixed(&entry.id).u64(entry.generation);
            writer
                .fixed(&entry.salt)
                .bytes(&entry.meta)
                .bytes(&entry.value);
        }
        writer
    }
}

/// Reads the first line `PREFIX VERSION`, and returns what follows it.
pub(crate) fn version<'a>(bytes: &'a [u8], prefix: &str, known: u32) -> Result<&'a [u8], Fault> {
    let rest = bytes
        .strip_prefix(prefix.as_bytes())
        .ok_or(Fault::Foreign)?;
    let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let number = std::str::from_utf8(&rest[..digits]).unwrap_or_default();
    match number.parse::<u32>() {
        Ok(number) if number == known => rest[digits..]
            .split_first()
            .map(|(_, rest)| rest)
            .ok_or(Fault::Damaged("it is cut")),
        Ok(number) if number > known => Err(Fault::Newer(number)),
        _ => Err(Fault::Foreign),
    }
}

/// All but the checksum, once that fits.
pub(crate) fn checked(bytes: &[u8]) -> Result<&[u8], Fault> {
    let cut = Fault::Damaged("its checksum does not fit");
    let (body, check) = bytes.split_last_chunk::<CHECK>().ok_or(cut)?;
    if digest::digest(&digest::SHA256, body).as_ref() == check {
        Ok(body)
    } else {
        Err(cut)
    }
}

fn read_head(reader: &mut Reader<'_>) -> Result<Layout, Fault> {
    if reader.take(HEAD.len())? != HEAD {
        return Err(Fault::Foreign);
    }
    let mut layout = Layout {
        id: reader.fixed()?,
        master: reader.fixed()?,
        generation: reader.u64()?,
        slots: Vec::new(),
        entries: Vec::new(),
        mac: [0; 32],
    };
    for _ in 0..reader.u8()? {
        layout.slots.push(Slot::read(reader)?);
    }
    if layout.slots.is_empty() || !layout.slots.is_sorted_by(|a, b| a.id < b.id) {
        return Err(Fault::Damaged("its slots are out of order"));
    }
    Ok(layout)
}

fn read_entries(reader: &mut Reader<'_>, mut layout: Layout) -> Result<Layout, Fault> {
    for _ in 0..reader.u32()? {
        layout.entries.push(read_entry(reader)?);
    }
    let later = |entry: &Sealed| entry.generation > layout.generation;
    if !layout.entries.is_sorted_by(|a, b| a.id < b.id) || layout.entries.iter().any(later) {
        return Err(Fault::Damaged("its entries are out of order"));
    }
    Ok(layout)
}

fn read_entry(reader: &mut Reader<'_>) -> Result<Sealed, Malformed> {
    Ok(Sealed {
        id: reader.fixed()?,
        generation: reader.u64()?,
        salt: reader.fixed()?,
        meta: reader.bytes()?.to_vec(),
        value: reader.bytes()?.to_vec(),
    })
}

/// The lengths are such as sealing gives.
fn has_shape(entry: &Sealed) -> bool {
    [&entry.meta, &entry.value].iter().all(|sealed| {
        sealed
            .len()
            .checked_sub(crate::seal::OVERHEAD)
            .is_some_and(|length| length > 0 && padded(length) == length)
    })
}

/// The length a plaintext is padded to before it is sealed: 64, 128, 256 … 4096 bytes, then whole
/// multiples of 4096. What is on the disk says no more about a length than that.
pub(crate) fn padded(length: usize) -> usize {
    if length <= 4096 {
        length.next_power_of_two().max(64)
    } else {
        length.next_multiple_of(4096)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_line_tells_ours_from_newer_and_from_foreign() {
        assert_eq!(version(b"ccs-vault/1\nrest", MAGIC, 1), Ok(&b"rest"[..]));
        assert_eq!(version(b"ccs-vault/2\n", MAGIC, 1), Err(Fault::Newer(2)));
        for foreign in ["", "ccs-vault/", "ccs-vault/x", "{}", "ccs-vault/0\n"] {
            assert_eq!(
                version(foreign.as_bytes(), MAGIC, 1),
                Err(Fault::Foreign),
                "{foreign}"
            );
        }
    }

    #[test]
    fn lengths_are_padded_to_few_classes() {
        let classes: std::collections::BTreeSet<_> = (0..=70_000).map(padded).collect();
        assert!(classes.len() < 32);
        assert!((0..70_000).all(|length| padded(length) >= length));
    }
}
