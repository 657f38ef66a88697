//! What is kept of one value.

use ring::hmac;
use zeroize::Zeroizing;

use super::{strength, view};
use crate::entry::{Content, Recognised};
use crate::keys::Key32;
use crate::{Name, Secret, encode};

use super::store::Record;

/// The shortest value that gets a fingerprint.
pub(crate) const SHORTEST: usize = 8;

/// The most parts of one value that get a fingerprint of their own.
const MAX_PARTS: usize = 128;

/// Keyed tags of eight bytes: the top of their product with a secret odd number, on which all of
/// them have a bearing. Two different windows share a tag once in 32,768 keys at most.
#[derive(Clone, Copy)]
pub(crate) struct Tagger {
    mask: u64,
    factor: u64,
}

impl Tagger {
    pub(crate) fn new(key: &Key32) -> Self {
        let bytes = super::part_key(key, "ccs-fingerprints/1 tag");
        let word = |at: usize| {
            let mut word = [0; 8];
            word.copy_from_slice(&bytes[at..at + 8]);
            u64::from_le_bytes(word)
        };
        Self {
            mask: word(0),
            factor: word(8) | 1,
        }
    }

    #[inline]
    pub(crate) fn tag(&self, window: &[u8; SHORTEST]) -> u16 {
        let word = u64::from_le_bytes(*window) ^ self.mask;
        (word.wrapping_mul(self.factor) >> 48) as u16
    }
}

pub(crate) fn mac_key(key: &Key32) -> hmac::Key {
    let bytes = super::part_key(key, "ccs-fingerprints/1 mac");
    hmac::Key::new(hmac::HMAC_SHA256, &*bytes)
}

pub(crate) fn mac(key: &hmac::Key, value: &[u8]) -> [u8; 16] {
    let mut short = [0; 16];
    short.copy_from_slice(&hmac::sign(key, value).as_ref()[..16]);
    short
}

/// Where the tagged bytes begin. The middle: the ends of tokens and keys are often public, and a
/// text made of public ends would be checked at every place.
pub(crate) fn middle(length: usize) -> usize {
    (length - SHORTEST) / 2
}

/// The fingerprints of one of an entry's values.
pub(crate) fn records(key: &Key32, entry: [u8; 16], name: &Name, value: &[u8]) -> Vec<Record> {
    let (tagger, mac_key) = (Tagger::new(key), mac_key(key));
    let parts = parts(value);
    let whole = (grade(value) == Recognised::Yes).then_some(value);
    let record = |text: &[u8]| {
        Some(Record {
            entry,
            name: name.clone(),
            length: u32::try_from(text.len()).ok()?,
            tag: tagger.tag(text[middle(text.len())..].first_chunk()?),
            mac: mac(&mac_key, text),
        })
    };
    parts
        .iter()
        .map(|part| &part[..])
        .chain(whole)
        .filter_map(record)
        .collect()
}

/// Whether what an entry holds will be recognised.
pub(crate) fn recognised(content: &Content) -> Recognised {
    texts(content).map_or(Recognised::NotHeld, |text| grade(text.expose()))
}

/// What of an entry's content could appear in a text.
pub(crate) fn texts(content: &Content) -> Option<Secret> {
    match content {
        Content::Value(value) => Some(Secret::copy_of(value.expose())),
        Content::Reference(_) => None,
        Content::Totp(generator) => Some(Secret::new(
            encode::base32(generator.secret().expose()).as_bytes(),
        )),
    }
}

pub(crate) fn grade(value: &[u8]) -> Recognised {
    if value.len() < SHORTEST {
        Recognised::TooShort
    } else if strength::bits(value) < strength::ENOUGH {
        Recognised::Predictable
    } else {
        Recognised::Yes
    }
}

/// The parts of a composed value that are secret on their own: the long tokens of a value of
/// several lines or words, such as the lines of a PEM key (which appear indented, or one at a
/// time, or as one line of JSON), and the password of a URL.
pub(crate) fn parts(value: &[u8]) -> Vec<Zeroizing<Vec<u8>>> {
    let mut parts = Vec::new();
    if value.iter().any(u8::is_ascii_whitespace) {
        add_tokens(value, &mut parts);
        view::escape::each(value, &mut |line| add_tokens(line.bytes, &mut parts));
    }
    let password = password(value).filter(|word| grade(word) == Recognised::Yes);
    parts.extend(password.map(|word| Zeroizing::new(word.to_vec())));
    parts.sort_unstable_by(|one, two| one[..].cmp(&two[..]));
    parts.dedup();
    parts
}

fn add_tokens(text: &[u8], parts: &mut Vec<Zeroizing<Vec<u8>>>) {
    let tokens = text
        .split(|byte| !is_token(*byte))
        .filter(|token| is_strong(token));
    let room = MAX_PARTS.saturating_sub(parts.len());
    parts.extend(
        tokens
            .take(room)
            .map(|token| Zeroizing::new(token.to_vec())),
    );
}

fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"+/=_-".contains(&byte)
}

fn is_strong(token: &[u8]) -> bool {
    token.len() >= 32 && strength::bits(token) >= 3 * strength::ENOUGH
}

/// `scheme://user:PASSWORD@host`
fn password(value: &[u8]) -> Option<&[u8]> {
    let at = value.windows(3).position(|three| three == b"://")?;
    let rest = &value[at + 3..];
    let authority = &rest[..rest
        .iter()
        .position(|byte| b"/?# ".contains(byte))
        .unwrap_or(rest.len())];
    let user = &authority[..authority.iter().rposition(|&byte| byte == b'@')?];
    user.iter()
        .position(|&byte| byte == b':')
        .map(|colon| &user[colon + 1..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_has_sixteen_bits_and_depends_on_the_key_and_every_byte() {
        let tag = |key: u8, window: &[u8; 8]| {
            Tagger::new(&zeroize::Zeroizing::new([key; 32])).tag(window)
        };
        let base = tag(1, b"abcdefgh");
        assert_ne!(base, tag(2, b"abcdefgh"));
        for at in 0..8 {
            let mut window = *b"abcdefgh";
            window[at] ^= 1;
            assert_ne!(base, tag(1, &window), "byte {at}");
        }
    }

    #[test]
    fn a_password_in_a_url_is_a_part_of_its_own() {
        let part =
            |url: &'static str| password(url.as_bytes()).map(|part| String::from_utf8_lossy(part));
        assert_eq!(
            part("postgres://app:x7Kq9vTz@db/app").as_deref(),
            Some("x7Kq9vTz")
        );
        assert_eq!(part("amqp://u:p@ss@h:5672").as_deref(), Some("p@ss"));
        for url in ["https://host/a:b@c", "mailto:a@b", "https://user@host", ""] {
            assert_eq!(part(url), None, "{url}");
        }
    }

    #[test]
    fn the_lines_of_a_key_are_parts_and_its_frame_is_not() {
        let line = "MIIEowIBAAKCAQEAy8Dbv8prpJ1dYy2Zp0xU4xkq3mGZgS2t9o5fE7hQwRr1sLxV";
        let pem = format!(
            "-----BEGIN RSA PRIVATE KEY-----\n{line}\nshort==\n-----END RSA PRIVATE KEY-----\n"
        );
        let json = format!("{{ \"key\": {pem:?} }}");
        for text in [pem, json] {
            let parts = parts(text.as_bytes());
            assert!(
                parts.iter().any(|part| part[..] == *line.as_bytes()),
                "{text}"
            );
            assert!(
                parts.iter().all(|part| part.ends_with(line.as_bytes())),
                "{text}"
            );
        }
        assert!(parts(line.as_bytes()).is_empty());
    }
}
