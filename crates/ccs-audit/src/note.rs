//! Signed notes (C2SP signed-note): text, a blank line, one signature per line; and the keys they
//! are signed with, in the encoding of Go's `sumdb/note`.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::{Signature as Ed25519, Signer as _, SigningKey, VerifyingKey};
use zeroize::Zeroizing;

use crate::hash::Hash;

/// The most signatures a note may carry.
const MAX_SIGNATURES: usize = 100;
/// The longest note, in bytes.
const MAX_NOTE: usize = 1 << 20;

/// Why a note or key was refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The text does not have the form of a note.
    #[error("malformed note: {0}")]
    Note(&'static str),
    /// The text does not have the form of a key.
    #[error("malformed key: {0}")]
    Key(&'static str),
    /// A signature names a known key and is not that key's.
    #[error("the signature of `{0}` is not over this text")]
    Forged(String),
    /// No known key has signed.
    #[error("no known key has signed this note")]
    Unsigned,
}

/// Text and the signatures under it, none of which is verified yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// The text, with the newline at its end.
    pub text: String,
    /// The signatures, in order.
    pub signatures: Vec<Signature>,
}

/// One line under a note.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signature {
    /// The name of the key.
    pub name: String,
    /// The first four bytes of the key's hash.
    pub key_id: u32,
    /// What the key made of the text.
    pub bytes: Vec<u8>,
}

/// Reads a note. Any text returns; what is accepted prints as the same text.
///
/// # Errors
///
/// [`Error::Note`] if the text is not a note.
pub fn parse(text: &str) -> Result<Note, Error> {
    let malformed = |why| Err(Error::Note(why));
    if text.len() > MAX_NOTE {
        return malformed("longer than 1 MiB");
    }
    if text.bytes().any(|byte| byte < b' ' && byte != b'\n') {
        return malformed("a control character");
    }
    let Some(end) = text.rfind("\n\n") else {
        return malformed("no blank line before the signatures");
    };
    let (body, lines) = (&text[..=end], &text[end + 2..]);
    let Some(lines) = lines.strip_suffix('\n') else {
        return malformed("no signature, or no newline after it");
    };
    let lines: Vec<&str> = lines.split('\n').collect();
    if lines.len() > MAX_SIGNATURES {
        return malformed("more than 100 signatures");
    }
    let signatures: Option<Vec<Signature>> = lines.into_iter().map(Signature::read).collect();
    signatures.map_or(malformed("a line that is not a signature"), |signatures| {
        Ok(Note {
            text: body.to_owned(),
            signatures,
        })
    })
}

impl Note {
    /// Signs `text`, which must end in a newline and hold no other control character.
    ///
    /// # Errors
    ///
    /// [`Error::Note`] if it does not.
    pub fn sign(text: &str, signers: &[&Signer]) -> Result<Self, Error> {
        let control = |byte: u8| byte < b' ' && byte != b'\n';
        if !text.ends_with('\n') || text.bytes().any(control) {
            return Err(Error::Note("not text that ends in a newline"));
        }
        let signatures = signers.iter().map(|signer| signer.sign(text)).collect();
        Ok(Self {
            text: text.to_owned(),
            signatures,
        })
    }

    /// The signature that counts as `key`'s: the first that claims it.
    #[cfg(feature = "batch")]
    pub(crate) fn signature_of(&self, key: &Verifier) -> Option<&Signature> {
        self.signatures.iter().find(|signature| key.made(signature))
    }

    /// The keys among `known` that have signed, each once. Signatures of other keys do not count,
    /// for or against.
    ///
    /// # Errors
    ///
    /// [`Error::Forged`] if a signature claims a known key and is not its; [`Error::Unsigned`] if
    /// no known key has signed.
    pub fn verify<'k>(&self, known: &'k [Verifier]) -> Result<Vec<Signed<'k>>, Error> {
        let mut signed: Vec<Signed<'k>> = Vec::new();
        for signature in &self.signatures {
            let Some(key) = known.iter().find(|key| key.made(signature)) else {
                continue;
            };
            if signed.iter().any(|seen| std::ptr::eq(seen.key, key)) {
                continue;
            }
            let time = key.check(&self.text, signature)?;
            signed.push(Signed { key, time });
        }
        if signed.is_empty() {
            Err(Error::Unsigned)
        } else {
            Ok(signed)
        }
    }
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.text)?;
        self.signatures
            .iter()
            .try_for_each(|signature| writeln!(f, "{signature}"))
    }
}

impl Signature {
    /// Reads `— NAME BASE64`, without the newline.
    #[must_use]
    pub fn read(line: &str) -> Option<Self> {
        let (name, base64) = line.strip_prefix("— ")?.split_once(' ')?;
        let bytes = STANDARD.decode(base64).ok()?;
        let (id, bytes) = bytes.split_first_chunk::<4>()?;
        (is_name(name) && !bytes.is_empty()).then(|| Self {
            name: name.to_owned(),
            key_id: u32::from_be_bytes(*id),
            bytes: bytes.to_vec(),
        })
    }
}

impl fmt::Display for Signature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bytes = [&self.key_id.to_be_bytes()[..], &self.bytes].concat();
        write!(f, "— {} {}", self.name, STANDARD.encode(bytes))
    }
}

/// A signature that holds.
#[derive(Clone, Copy, Debug)]
pub struct Signed<'k> {
    /// The key that made it.
    pub key: &'k Verifier,
    /// When, in seconds since 1970, if it says so, as cosignatures do.
    pub time: Option<u64>,
}

/// What a signature states. The byte is part of the key's encoding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The text was signed, with Ed25519.
    Plain,
    /// A witness has seen this checkpoint, and when (C2SP tlog-cosignature, Ed25519).
    Cosignature,
}

impl Kind {
    const fn byte(self) -> u8 {
        match self {
            Self::Plain => 0x01,
            Self::Cosignature => 0x04,
        }
    }

    const fn from_byte(byte: u8) -> Option<Self> {
        match byte {
            0x01 => Some(Self::Plain),
            0x04 => Some(Self::Cosignature),
            _ => None,
        }
    }
}

/// A named public key. Shown and parsed as `NAME+HASH+BASE64`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verifier {
    name: String,
    kind: Kind,
    key: VerifyingKey,
}

impl Verifier {
    /// Names a public key.
    ///
    /// # Errors
    ///
    /// [`Error::Key`] if the name is empty or holds a space or a plus, or the bytes are no key.
    pub fn new(name: &str, kind: Kind, public: &[u8; 32]) -> Result<Self, Error> {
        if !is_name(name) {
            return Err(Error::Key("a name without spaces and plus signs is needed"));
        }
        let key = VerifyingKey::from_bytes(public).map_err(|_| Error::Key("not an Ed25519 key"))?;
        Ok(Self {
            name: name.to_owned(),
            kind,
            key,
        })
    }

    /// The key's name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What its signatures state.
    #[must_use]
    pub const fn kind(&self) -> Kind {
        self.kind
    }

    /// The public key.
    #[must_use]
    pub fn public(&self) -> [u8; 32] {
        self.key.to_bytes()
    }

    /// The first four bytes of SHA-256(name ‖ newline ‖ kind ‖ key).
    #[must_use]
    pub fn key_id(&self) -> u32 {
        key_id(&self.name, self.kind, self.key.as_bytes())
    }

    fn made(&self, signature: &Signature) -> bool {
        self.name == signature.name && self.key_id() == signature.key_id
    }

    /// When the signature was made, if it says so.
    fn check(&self, text: &str, signature: &Signature) -> Result<Option<u64>, Error> {
        let holds = match self.kind {
            Kind::Plain => self
                .holds(text.as_bytes(), &signature.bytes)
                .then_some(None),
            Kind::Cosignature => self.check_cosignature(text, &signature.bytes).map(Some),
        };
        holds.ok_or_else(|| Error::Forged(self.name.clone()))
    }

    fn check_cosignature(&self, text: &str, bytes: &[u8]) -> Option<u64> {
        let (time, signature) = bytes.split_first_chunk::<8>()?;
        let time = u64::from_be_bytes(*time);
        let message = cosigned(text, time);
        (i64::try_from(time).is_ok() && self.holds(message.as_bytes(), signature)).then_some(time)
    }

    fn holds(&self, message: &[u8], signature: &[u8]) -> bool {
        let signature = Ed25519::from_slice(signature);
        signature.is_ok_and(|signature| self.key.verify_strict(message, &signature).is_ok())
    }
}

/// Whether the keys have signed the notes, all of them, told at less than half of what asking one by
/// one costs. `false` may also mean that this cannot be told so: ask one by one then.
///
/// What passes here and not alone can only come from who has the private key: they alone can make a
/// signature that is right but for a point of small order, and such points may cancel each other.
#[cfg(feature = "batch")]
pub(crate) fn all_signed(claims: &[(&Verifier, &Note)]) -> bool {
    let one = |(key, note): &(&Verifier, &Note)| {
        let signature = Ed25519::from_slice(&note.signature_of(key)?.bytes).ok()?;
        (key.kind == Kind::Plain && !key.key.is_weak()).then_some(signature)
    };
    let Some(signatures) = claims.iter().map(one).collect::<Option<Vec<Ed25519>>>() else {
        return false;
    };
    let texts: Vec<&[u8]> = claims
        .iter()
        .map(|(_, note)| note.text.as_bytes())
        .collect();
    let keys: Vec<VerifyingKey> = claims.iter().map(|(key, _)| key.key).collect();
    ed25519_dalek::verify_batch(&texts, &signatures, &keys).is_ok()
}

impl fmt::Display for Verifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let key = [&[self.kind.byte()], &self.key.as_bytes()[..]].concat();
        write!(
            f,
            "{}+{:08x}+{}",
            self.name,
            self.key_id(),
            STANDARD.encode(key)
        )
    }
}

impl std::str::FromStr for Verifier {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let (name, id, kind, key) = read_key(text)?;
        let verifier = Self::new(name, kind, &key)?;
        if id != verifier.key_id() {
            return Err(Error::Key("the hash in it is another key's"));
        }
        Ok(verifier)
    }
}

/// A named private key. Wiped when dropped; shown only by [`Signer::expose`].
pub struct Signer {
    name: String,
    kind: Kind,
    key: SigningKey,
}

impl Signer {
    /// Names the private key with this seed.
    ///
    /// # Errors
    ///
    /// [`Error::Key`] if the name is empty or holds a space or a plus.
    pub fn new(name: &str, kind: Kind, seed: &[u8; 32]) -> Result<Self, Error> {
        if !is_name(name) {
            return Err(Error::Key("a name without spaces and plus signs is needed"));
        }
        Ok(Self {
            name: name.to_owned(),
            kind,
            key: SigningKey::from_bytes(seed),
        })
    }

    /// Reads what [`Signer::expose`] or Go's `note.GenerateKey` wrote.
    ///
    /// # Errors
    ///
    /// [`Error::Key`] if it is not such a key.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let text = text
            .strip_prefix("PRIVATE+KEY+")
            .ok_or(Error::Key("not a private key"))?;
        let (name, id, kind, seed) = read_key(text)?;
        let signer = Self::new(name, kind, &Zeroizing::new(seed))?;
        if id != signer.verifier().key_id() {
            return Err(Error::Key("the hash in it is another key's"));
        }
        Ok(signer)
    }

    /// The private key as text: `PRIVATE+KEY+NAME+HASH+BASE64`.
    #[must_use]
    pub fn expose(&self) -> Zeroizing<String> {
        let seed = Zeroizing::new(self.key.to_bytes());
        let key = Zeroizing::new([&[self.kind.byte()], &seed[..]].concat());
        let (name, id) = (&self.name, self.verifier().key_id());
        Zeroizing::new(format!(
            "PRIVATE+KEY+{name}+{id:08x}+{}",
            STANDARD.encode(&*key)
        ))
    }

    /// The public half.
    #[must_use]
    pub fn verifier(&self) -> Verifier {
        Verifier {
            name: self.name.clone(),
            kind: self.kind,
            key: self.key.verifying_key(),
        }
    }

    /// Signs `text`; a cosignature is of now.
    #[must_use]
    pub fn sign(&self, text: &str) -> Signature {
        let now = u64::try_from(crate::Time::now().seconds()).unwrap_or(0);
        self.sign_at(text, now)
    }

    /// Signs `text`; a cosignature is of `seconds` after 1970.
    #[must_use]
    pub fn sign_at(&self, text: &str, seconds: u64) -> Signature {
        let bytes = match self.kind {
            Kind::Plain => self.key.sign(text.as_bytes()).to_bytes().to_vec(),
            Kind::Cosignature => {
                let signature = self.key.sign(cosigned(text, seconds).as_bytes());
                [&seconds.to_be_bytes()[..], &signature.to_bytes()].concat()
            }
        };
        Signature {
            name: self.name.clone(),
            key_id: self.verifier().key_id(),
            bytes,
        }
    }
}

/// What a cosignature signs.
fn cosigned(text: &str, seconds: u64) -> String {
    format!("cosignature/v1\ntime {seconds}\n{text}")
}

fn key_id(name: &str, kind: Kind, public: &[u8; 32]) -> u32 {
    let hash = Hash::of_parts(&[name.as_bytes(), b"\n", &[kind.byte()], public]);
    let [a, b, c, d, ..] = *hash.as_bytes();
    u32::from_be_bytes([a, b, c, d])
}

/// `NAME+HASH+BASE64` into its parts.
fn read_key(text: &str) -> Result<(&str, u32, Kind, [u8; 32]), Error> {
    let mut parts = text.splitn(3, '+');
    let (Some(name), Some(id), Some(key)) = (parts.next(), parts.next(), parts.next()) else {
        return Err(Error::Key("not NAME+HASH+KEY"));
    };
    let id = (id.len() == 8 && !id.starts_with('+')).then(|| u32::from_str_radix(id, 16));
    let Some(Ok(id)) = id else {
        return Err(Error::Key("the hash in it is not eight hexadecimal digits"));
    };
    let key = STANDARD.decode(key).map_err(|_| Error::Key("not base64"))?;
    let (kind, key) = key.split_first().ok_or(Error::Key("empty"))?;
    let kind = Kind::from_byte(*kind).ok_or(Error::Key("of an unknown kind"))?;
    let key = key
        .try_into()
        .map_err(|_| Error::Key("not 32 bytes long"))?;
    Ok((name, id, kind, key))
}

fn is_name(name: &str) -> bool {
    !name.is_empty() && !name.contains(|c: char| c == '+' || c.is_whitespace())
}

#[cfg(test)]
mod tests;
