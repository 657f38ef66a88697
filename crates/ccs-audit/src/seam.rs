//! How a segment follows the one before it.

use crate::bytes::{Reader, Writer};
use crate::hash::Hash;
use crate::merkle::Frontier;

const DOMAIN: &[u8; 16] = b"ccs-audit/seam\0\x01";
/// No log gets this long; beyond it, sums of numbers could overflow.
const MAX_FIRST: u64 = 1 << 60;

/// Why a segment was begun.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Why {
    /// The log was founded.
    Founded,
    /// The segment before was full or old enough.
    Rotated,
    /// The end of the segment before is not what this machine last wrote: cut, put back, lost in
    /// a power cut, or gone with its file. The tree begins anew.
    Lost,
    /// The segment before is damaged and was set aside. The tree begins anew.
    Damaged,
}

impl Why {
    /// The word for it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Founded => "founded",
            Self::Rotated => "rotated",
            Self::Lost => "lost",
            Self::Damaged => "damaged",
        }
    }

    const fn from_byte(byte: u8) -> Option<Self> {
        match byte {
            0 => Some(Self::Founded),
            1 => Some(Self::Rotated),
            2 => Some(Self::Lost),
            3 => Some(Self::Damaged),
            _ => None,
        }
    }
}

/// The first thing in a segment. What is said of the segment before was true, or was thought
/// true, when this one was begun.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Seam {
    /// The log's id.
    pub(crate) id: [u8; 16],
    pub(crate) origin: String,
    pub(crate) segment: u32,
    pub(crate) why: Why,
    /// The number of the first entry here.
    pub(crate) first: u64,
    /// How often the tree has begun anew.
    pub(crate) generation: u32,
    /// The number of the entry that is leaf 0 of the tree.
    pub(crate) base: u64,
    /// The tag of the entry before the first.
    pub(crate) mac: Hash,
    /// The tree so far.
    pub(crate) frontier: Frontier,
    /// The file of the segment before, and its hash if it was set aside.
    pub(crate) before: String,
    pub(crate) before_hash: Option<Hash>,
}

impl Seam {
    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        let roots = self
            .frontier
            .roots()
            .iter()
            .flat_map(Hash::as_bytes)
            .copied();
        let roots: Vec<u8> = roots.collect();
        Writer::default()
            .raw(DOMAIN)
            .raw(&self.id)
            .field(self.origin.as_bytes())
            .u32(self.segment)
            .u8(self.why as u8)
            .u64(self.first)
            .u32(self.generation)
            .u64(self.base)
            .raw(self.mac.as_bytes())
            .u64(self.frontier.size())
            .field(&roots)
            .field(self.before.as_bytes())
            .field(
                self.before_hash
                    .as_ref()
                    .map_or(&[][..], |hash| hash.as_bytes()),
            )
            .done()
    }

    pub(crate) fn read(bytes: &[u8]) -> Option<Self> {
        let reader = &mut Reader::new(bytes);
        (reader.take(DOMAIN.len())? == DOMAIN).then_some(())?;
        let seam = Self {
            id: reader.array()?,
            origin: reader.text()?.to_owned(),
            segment: reader.u32()?,
            why: Why::from_byte(reader.u8()?)?,
            first: reader.u64()?,
            generation: reader.u32()?,
            base: reader.u64()?,
            mac: Hash::new(reader.array()?),
            frontier: read_frontier(reader)?,
            before: reader.text()?.to_owned(),
            before_hash: read_hash(reader)?,
        };
        let fits = seam.base.checked_add(seam.frontier.size()) == Some(seam.first)
            && seam.first <= MAX_FIRST;
        (reader.is_done() && fits).then_some(seam)
    }

    /// The name of the checkpoints of this tree: each tree has its own, since the trees before
    /// cannot be continued.
    pub(crate) fn tree_origin(&self) -> String {
        match self.generation {
            0 => self.origin.clone(),
            generation => format!("{}/{generation}", self.origin),
        }
    }
}

fn read_frontier(reader: &mut Reader<'_>) -> Option<Frontier> {
    let size = reader.u64()?;
    let roots = reader.field()?.chunks(32).map(Hash::from_slice);
    Frontier::new(size, roots.collect::<Option<_>>()?)
}

fn read_hash(reader: &mut Reader<'_>) -> Option<Option<Hash>> {
    match reader.field()? {
        [] => Some(None),
        bytes => Hash::from_slice(bytes).map(Some),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seam_reads_back_and_no_shorter_one_does() {
        let mut frontier = Frontier::default();
        (0..5u8).for_each(|byte| frontier.push(Hash::of(&[byte])));
        let seam = Seam {
            id: [9; 16],
            origin: "o".into(),
            segment: 2,
            why: Why::Damaged,
            first: 12,
            generation: 1,
            base: 7,
            mac: Hash::of(b"m"),
            frontier,
            before: "000001.db".into(),
            before_hash: Some(Hash::of(b"f")),
        };
        let bytes = seam.to_bytes();
        assert_eq!(Seam::read(&bytes), Some(seam.clone()));
        assert_eq!(seam.tree_origin(), "o/1");
        for end in 0..bytes.len() {
            assert_eq!(Seam::read(&bytes[..end]), None);
        }
        let torn = Seam {
            first: 13,
            ..seam.clone()
        };
        assert_eq!(Seam::read(&torn.to_bytes()), None);
        let endless = Seam {
            first: u64::MAX,
            base: u64::MAX - 5,
            ..seam
        };
        assert_eq!(Seam::read(&endless.to_bytes()), None);
    }
}
