//! The chain: how an entry is tied to the one before it, and how the end of the log is marked.

use crate::hash::{Hash, MacKey};

/// Ties entry `seq` to the entry before it, under the key of its epoch.
pub(crate) fn mac(key: &MacKey, seq: u64, epoch: u64, before: Hash, leaf: Hash) -> Hash {
    let mut message = [0; 96];
    message[..16].copy_from_slice(b"ccs-audit/link\0\x01");
    message[16..24].copy_from_slice(&seq.to_be_bytes());
    message[24..32].copy_from_slice(&epoch.to_be_bytes());
    message[32..64].copy_from_slice(before.as_bytes());
    message[64..].copy_from_slice(leaf.as_bytes());
    key.tag(&[&message])
}

/// What may follow the last entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum State {
    /// An entry of the same epoch.
    Open,
    /// An entry of the next epoch.
    EpochClosed,
    /// Nothing here: the next segment.
    SegmentClosed,
}

impl State {
    const fn byte(self) -> u8 {
        match self {
            Self::Open => 0,
            Self::EpochClosed => 1,
            Self::SegmentClosed => 2,
        }
    }

    const fn from_byte(byte: u8) -> Option<Self> {
        match byte {
            0 => Some(Self::Open),
            1 => Some(Self::EpochClosed),
            2 => Some(Self::SegmentClosed),
            _ => None,
        }
    }
}

/// Marks an entry as the last. The mark is taken away when the next entry is written, so whoever
/// cuts the log without the key is left with an end that carries none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Seal {
    pub(crate) state: State,
    tag: Hash,
}

impl Seal {
    pub(crate) fn new(key: &MacKey, state: State, seq: u64, mac: Hash) -> Self {
        Self {
            state,
            tag: key.tag(&[&Self::message(state, seq, mac)]),
        }
    }

    pub(crate) fn read(bytes: &[u8]) -> Option<Self> {
        let (state, tag) = bytes.split_first()?;
        Some(Self {
            state: State::from_byte(*state)?,
            tag: Hash::from_slice(tag)?,
        })
    }

    pub(crate) fn to_bytes(self) -> Vec<u8> {
        [&[self.state.byte()], &self.tag.as_bytes()[..]].concat()
    }

    pub(crate) fn holds(self, key: &MacKey, seq: u64, mac: Hash) -> bool {
        key.verifies(&Self::message(self.state, seq, mac), self.tag.as_bytes())
    }

    fn message(state: State, seq: u64, mac: Hash) -> Vec<u8> {
        let head = [
            &b"ccs-audit/end\0\0\x01"[..],
            &[state.byte()],
            &seq.to_be_bytes(),
        ]
        .concat();
        [&head[..], mac.as_bytes()].concat()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seal_is_of_one_state_place_and_entry() {
        let key = MacKey::new(&[1; 32]);
        let (mac, other) = (Hash::of(b"a"), Hash::of(b"b"));
        let seal = Seal::new(&key, State::Open, 5, mac);
        assert_eq!(Seal::read(&seal.to_bytes()), Some(seal));
        assert!(seal.holds(&key, 5, mac));
        assert!(!seal.holds(&key, 4, mac));
        assert!(!seal.holds(&key, 5, other));
        assert!(!seal.holds(&MacKey::new(&[2; 32]), 5, mac));
        let mut closed = seal.to_bytes();
        closed[0] = 1;
        assert!(!Seal::read(&closed).expect("a seal").holds(&key, 5, mac));
    }

    #[test]
    fn a_link_depends_on_everything_it_ties() {
        let (key, [a, b]) = (MacKey::new(&[1; 32]), [Hash::of(b"a"), Hash::of(b"b")]);
        let all = [
            mac(&key, 1, 0, a, b),
            mac(&key, 2, 0, a, b),
            mac(&key, 1, 1, a, b),
            mac(&key, 1, 0, b, a),
            mac(&MacKey::new(&[2; 32]), 1, 0, a, b),
        ];
        for (place, link) in all.iter().enumerate() {
            assert!(!all[..place].contains(link));
        }
    }
}
