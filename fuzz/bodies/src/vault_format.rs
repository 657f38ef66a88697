//! Any bytes as a vault file and as fingerprints.

use ccs_vault::Fingerprints;
use ccs_vault::format::{Fault, parse};
use sha2::{Digest, Sha256};

const CHECK: usize = 32;

/// The bytes are read as they are, and once more with the checksum that fits them, which no
/// mutation would hit upon.
///
/// # Panics
///
/// If a promise is broken.
pub fn vault_format(bytes: &[u8]) {
    has_one_form(bytes);
    let body = &bytes[..bytes.len().saturating_sub(CHECK)];
    for body in [bytes, body] {
        has_one_form(&with_check(body));
    }
    opens_as_fingerprints(bytes);
}

/// What parses is encoded to the same bytes, and nothing that differs in a bit or in length does.
fn has_one_form(bytes: &[u8]) {
    let Ok(layout) = parse(bytes) else {
        return;
    };
    assert_eq!(layout.encode(), bytes, "one form and no other");
    assert!(
        layout
            .entries
            .iter()
            .all(|entry| entry.generation <= layout.generation)
    );
    assert!(!layout.slots.is_empty());
    for at in [0, bytes.len() / 2, bytes.len() - 1] {
        let mut flipped = bytes.to_vec();
        flipped[at] ^= 1;
        assert!(parse(&flipped).is_err(), "bit 0 of byte {at}");
    }
    assert!(parse(&bytes[..bytes.len() - 1]).is_err(), "cut");
    assert!(parse(&[bytes, &[0]].concat()).is_err(), "lengthened");
}

fn with_check(body: &[u8]) -> Vec<u8> {
    [body, &Sha256::digest(body)[..]].concat()
}

/// The first line is the key's file, the rest is sealed with it, or is not.
fn opens_as_fingerprints(bytes: &[u8]) {
    let middle = bytes
        .iter()
        .position(|&byte| byte == 0xff)
        .unwrap_or(bytes.len());
    let (key, rest) = bytes.split_at(middle);
    let rest = rest.get(1..).unwrap_or_default();
    for file in [rest.to_vec(), with_check(rest)] {
        match Fingerprints::open(&file, key) {
            Ok(prints) => assert!(prints.find_in(bytes).len() <= bytes.len()),
            Err(Fault::Newer(version)) => assert!(version > 1),
            Err(_) => {}
        }
    }
}
