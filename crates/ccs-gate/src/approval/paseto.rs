//! PASETO version 4, purpose public: <https://github.com/paseto-standard/paseto-spec>.
//!
//! About as much code as an adapter to a library would be, and the hook program links it.

use ed25519_dalek::{Signature, Signer, SigningKey, VerifyingKey};

use super::{Refused, base64};

const HEADER: &str = "v4.public.";
const SIGNATURE: usize = 64;
/// Longer tokens are refused unread; ours have a few hundred bytes.
const LONGEST_TOKEN: usize = 8 * 1024;

pub(super) fn sign(
    secret_key: &[u8; 32],
    payload: &[u8],
    footer: &[u8],
    implicit: &[u8],
) -> String {
    let message = encode([HEADER.as_bytes(), payload, footer, implicit]);
    let signature = SigningKey::from_bytes(secret_key).sign(&message);
    let mut body = payload.to_vec();
    body.extend(signature.to_bytes());
    let mut token = format!("{HEADER}{}", base64::encode(&body));
    if !footer.is_empty() {
        token.push('.');
        token.push_str(&base64::encode(footer));
    }
    token
}

/// The payload, if the token was signed with the key, this footer and this implicit assertion.
pub(super) fn open(
    public_key: &[u8; 32],
    token: &str,
    footer: &[u8],
    implicit: &[u8],
) -> Result<Vec<u8>, Refused> {
    if token.len() > LONGEST_TOKEN {
        return Err(Refused::Format);
    }
    let (mut body, tail) = split(token).ok_or(Refused::Format)?;
    if tail != footer {
        return Err(Refused::Format);
    }
    let start = body.len().checked_sub(SIGNATURE).ok_or(Refused::Format)?;
    let signature = Signature::from_slice(&body[start..]).map_err(|_| Refused::Format)?;
    body.truncate(start);
    let key = VerifyingKey::from_bytes(public_key).map_err(|_| Refused::Key)?;
    let message = encode([HEADER.as_bytes(), &body, footer, implicit]);
    key.verify_strict(&message, &signature)
        .map_err(|_| Refused::Signature)?;
    Ok(body)
}

/// Body and footer.
fn split(token: &str) -> Option<(Vec<u8>, Vec<u8>)> {
    let rest = token.strip_prefix(HEADER)?;
    match rest.split_once('.') {
        None => Some((base64::decode(rest)?, Vec::new())),
        Some((_, "")) => None,
        Some((body, footer)) => Some((base64::decode(body)?, base64::decode(footer)?)),
    }
}

/// The specification's pre-authentication encoding: how many pieces, then each with its length,
/// so that no byte can move from one piece to the next.
fn encode<const N: usize>(pieces: [&[u8]; N]) -> Vec<u8> {
    let length = |n: usize| (n as u64 & (u64::MAX >> 1)).to_le_bytes();
    let mut bytes = length(N).to_vec();
    for piece in pieces {
        bytes.extend(length(piece.len()));
        bytes.extend(piece);
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::{Refused, encode, open, sign};
    use serde_json::Value;

    const VECTORS: &str = include_str!("../../tests/paseto/v4-public.json");

    fn unhex<const N: usize>(text: &str) -> [u8; N] {
        let mut bytes = [0; N];
        for (at, byte) in bytes.iter_mut().enumerate() {
            *byte = u8::from_str_radix(&text[at * 2..at * 2 + 2], 16).expect("hexadecimal");
        }
        bytes
    }

    fn vectors() -> Vec<Value> {
        let all: Value = serde_json::from_str(VECTORS).expect("JSON");
        all["tests"].as_array().expect("a list").clone()
    }

    fn text<'a>(vector: &'a Value, key: &str) -> &'a str {
        vector[key].as_str().expect(key)
    }

    #[test]
    fn the_official_vectors_are_written_and_read() {
        let vectors = vectors();
        assert_eq!(vectors.len(), 3);
        for vector in vectors {
            let secret: [u8; 64] = unhex(text(&vector, "secret-key"));
            let seed = secret[..32].try_into().expect("half of it");
            let payload = vector["payload"].to_string().into_bytes();
            let footer = text(&vector, "footer").as_bytes();
            let implicit = text(&vector, "implicit-assertion").as_bytes();
            let token = text(&vector, "token");

            assert_eq!(sign(&seed, &payload, footer, implicit), token);
            let public = unhex(text(&vector, "public-key"));
            assert_eq!(open(&public, token, footer, implicit), Ok(payload));
        }
    }

    #[test]
    fn a_token_with_another_footer_or_assertion_does_not_open() {
        let vector = &vectors()[2];
        let public = unhex(text(vector, "public-key"));
        let footer = text(vector, "footer").as_bytes();
        let token = text(vector, "token");

        assert_eq!(open(&public, token, footer, b""), Err(Refused::Signature));
        assert_eq!(open(&public, token, b"", b""), Err(Refused::Format));
        let bare = token.rsplit_once('.').expect("a footer").0;
        assert_eq!(open(&public, bare, b"", b""), Err(Refused::Signature));
        let empty = format!("{bare}.");
        assert_eq!(open(&public, &empty, b"", b""), Err(Refused::Format));
    }

    #[test]
    fn a_token_of_another_version_or_purpose_is_none() {
        let token = sign(&[7; 32], b"{}", b"", b"");
        let public = crate::approval::public_key(&[7; 32]);
        for header in ["v4.local.", "v3.public.", "V4.public.", "v4.public", ""] {
            let other = token.replacen("v4.public.", header, 1);
            assert_eq!(open(&public, &other, b"", b""), Err(Refused::Format));
        }
    }

    #[test]
    fn a_huge_token_is_refused_unread() {
        let token = format!("v4.public.{}", "A".repeat(10_000_000));
        assert_eq!(open(&[0; 32], &token, b"", b""), Err(Refused::Format));
    }

    #[test]
    fn the_encoding_is_the_one_of_the_specification() {
        assert_eq!(encode([]), [0; 8]);
        assert_eq!(encode([b""]), b"\x01\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0");
        assert_eq!(
            encode([b"test"]),
            b"\x01\0\0\0\0\0\0\0\x04\0\0\0\0\0\0\0test"
        );
    }
}
