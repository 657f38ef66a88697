//! The file of fingerprints: sealed, so that without its key it shows neither names nor lengths.

use crate::codec::{Malformed, Reader, Writer};
use crate::format::{self, Fault};
use crate::keyfile::{self, Purpose};
use crate::keys::{self, Key32};
use crate::{Name, Result, random, seal};

/// The file's name.
pub(crate) const FILE: &str = "fingerprints";
/// The name of its key's file.
pub(crate) const KEY_FILE: &str = "fingerprints.key";
/// The most bytes of the file.
pub(crate) const MAX_FILE: u64 = 16 << 20;

const PREFIX: &str = "ccs-fingerprints/";
const HEAD: &[u8] = b"ccs-fingerprints/1\n";

/// The fingerprint of one value.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Record {
    pub(crate) entry: [u8; 16],
    pub(crate) name: Name,
    pub(crate) length: u32,
    pub(crate) tag: u16,
    pub(crate) mac: [u8; 16],
}

/// The fingerprints of a vault, in order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Records(pub(crate) Vec<Record>);

/// What the file says besides its records: of which vault and state it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct State {
    pub(crate) vault: [u8; 16],
    /// The vault's generation, or [`State::BETWEEN`] during a write.
    pub(crate) generation: u64,
}

/// The file opened.
pub(crate) struct Opened {
    pub(crate) records: Records,
    pub(crate) state: State,
    pub(crate) key: Key32,
    /// Its key file holds no other key.
    pub(crate) only_key: bool,
}

impl State {
    /// No generation: the file covers the one before a write and the one after.
    pub(crate) const BETWEEN: u64 = u64::MAX;
}

impl Records {
    pub(crate) fn new(mut records: Vec<Record>) -> Self {
        records.sort_unstable();
        records.dedup();
        Self(records)
    }

    /// Those of one entry.
    pub(crate) fn of(&self, entry: &[u8; 16]) -> &[Record] {
        let start = self.0.partition_point(|record| record.entry < *entry);
        let length = self.0[start..].partition_point(|record| record.entry == *entry);
        &self.0[start..start + length]
    }

    /// The file's bytes.
    pub(crate) fn seal(&self, key: &Key32, state: State) -> Result<Vec<u8>> {
        let salt: [u8; 32] = random::array()?;
        let mut file = Writer::new();
        file.fixed(HEAD)
            .fixed(&state.vault)
            .u64(state.generation)
            .fixed(&salt);
        let file_key = file_key(key, &salt);
        let sealed = seal::seal(&file_key, file.as_slice(), self.write());
        file.bytes(&sealed);
        let check = ring::digest::digest(&ring::digest::SHA256, file.as_slice());
        file.fixed(check.as_ref());
        Ok(std::mem::take(&mut *file.finish()))
    }

    /// Opens the file with the keys of its key file.
    pub(crate) fn open(bytes: &[u8], key_file: &[u8]) -> Result<Opened, Fault> {
        let keys = keyfile::read(Purpose::Fingerprints, key_file)?;
        format::version(bytes, PREFIX, 1)?;
        let mut reader = Reader::new(format::checked(bytes)?);
        reader.take(HEAD.len())?;
        let state = State {
            vault: reader.fixed()?,
            generation: reader.u64()?,
        };
        let salt = reader.fixed()?;
        let bound = &bytes[..HEAD.len() + 16 + 8 + 32];
        let sealed = reader.bytes()?;
        reader.end()?;
        for key in &keys {
            if let Ok(opened) = seal::open(&file_key(key, &salt), bound, sealed) {
                return Ok(Opened {
                    records: Self::read(&opened)?,
                    state,
                    key: key.clone(),
                    only_key: keys.len() == 1,
                });
            }
        }
        Err(Fault::Locked)
    }

    fn write(&self) -> zeroize::Zeroizing<Vec<u8>> {
        let mut writer = Writer::new();
        writer.u32(u32::try_from(self.0.len()).expect("16 MiB hold fewer"));
        for record in &self.0 {
            writer
                .fixed(&record.entry)
                .text(record.name.as_str())
                .u32(record.length);
            writer.fixed(&record.tag.to_be_bytes()).fixed(&record.mac);
        }
        writer.pad(|length| length.next_multiple_of(4096)).finish()
    }

    fn read(bytes: &[u8]) -> Result<Self, Malformed> {
        let mut reader = Reader::new(bytes);
        let mut records = Vec::new();
        for _ in 0..reader.u32()? {
            records.push(read_record(&mut reader)?);
        }
        reader.padding()?;
        if records.is_sorted_by(|a, b| a < b) {
            Ok(Self(records))
        } else {
            Err(Malformed)
        }
    }
}

fn read_record(reader: &mut Reader<'_>) -> Result<Record, Malformed> {
    let record = Record {
        entry: reader.fixed()?,
        name: Name::new(reader.text()?).map_err(|_| Malformed)?,
        length: reader.u32()?,
        tag: u16::from_be_bytes(reader.fixed()?),
        mac: reader.fixed()?,
    };
    let length = usize::try_from(record.length).map_err(|_| Malformed)?;
    let lengths = super::record::SHORTEST..=crate::MAX_VALUE;
    if lengths.contains(&length) {
        Ok(record)
    } else {
        Err(Malformed)
    }
}

fn file_key(key: &Key32, salt: &[u8; 32]) -> Key32 {
    keys::derive(&**key, salt, "ccs-fingerprints/1 file", &[])
}

#[cfg(test)]
mod tests {
    use super::*;
    use zeroize::Zeroizing;

    const STATE: State = State {
        vault: [1; 16],
        generation: 5,
    };

    fn file() -> (Records, Vec<u8>, Zeroizing<Vec<u8>>) {
        let key = Zeroizing::new([3; 32]);
        let name = Name::new("NAME").expect("a name");
        let made = super::super::record::records(&key, [2; 16], &name, b"kR8vX2mQ9z");
        let records = Records::new(made);
        let bytes = records.seal(&key, STATE).expect("sealed");
        (
            records,
            bytes,
            keyfile::write(Purpose::Fingerprints, &[&key]),
        )
    }

    #[test]
    fn records_are_read_back_with_their_state() {
        let (records, bytes, key) = file();
        let opened = Records::open(&bytes, &key).expect("opened");
        assert_eq!((opened.records, opened.state), (records, STATE));
    }

    #[test]
    fn the_file_shows_no_name_and_no_value_without_its_key() {
        let (_, bytes, _) = file();
        for shown in [&b"NAME"[..], b"kR8v"] {
            assert!(!bytes.windows(4).any(|window| window == shown));
        }
    }

    #[test]
    fn a_file_of_another_key_is_told_from_a_damaged_one() {
        let (_, bytes, key) = file();
        let other = keyfile::write(Purpose::Fingerprints, &[&Zeroizing::new([4; 32])]);
        assert_eq!(Records::open(&bytes, &other).err(), Some(Fault::Locked));
        for end in 0..bytes.len() {
            let fault = Records::open(&bytes[..end], &key).err();
            assert!(
                matches!(fault, Some(Fault::Damaged(_) | Fault::Foreign)),
                "cut at {end}"
            );
        }
        for at in 0..bytes.len() {
            let mut bytes = bytes.clone();
            bytes[at] ^= 4;
            assert!(Records::open(&bytes, &key).is_err(), "byte {at}");
        }
    }
}
