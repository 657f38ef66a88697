//! Any text as a signed note, a checkpoint, a proof, a request to a witness, a key or a key's line.

use ccs_audit::Checkpoint;
use ccs_audit::note::{self, Kind, Note, Signature, Signer, Verifier};
use ccs_audit::proof::{Proof, Trust};
use ccs_audit::witness::Request;

/// The text is read as everything that others may send.
///
/// # Panics
///
/// If a promise is broken.
pub fn audit_note(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    if let Ok(note) = note::parse(text) {
        assert_eq!(note.to_string(), text);
        is_signed_by_nobody(&note);
    }
    if let Ok(checkpoint) = Checkpoint::parse(text) {
        assert_eq!(checkpoint.to_string(), text);
    }
    if let Ok(proof) = Proof::parse(text) {
        assert_eq!(proof.to_string(), text);
        let trust = Trust {
            log: signer(Kind::Plain).verifier(),
            witnesses: Vec::new(),
            quorum: 0,
        };
        let extra = proof.extra.clone().unwrap_or_default();
        assert!(
            proof.verify(&extra, &trust).is_err(),
            "our key signed nothing"
        );
    }
    if let Ok(request) = Request::parse(text) {
        assert_eq!(request.to_string(), text);
    }
    if let Some(signature) = Signature::read(text) {
        assert_eq!(signature.to_string(), text);
    }
    if let Ok(key) = text.parse::<Verifier>() {
        assert_eq!(key.to_string().parse().as_ref(), Ok(&key));
    }
    signs(text);
}

/// A key that nobody else has.
fn signer(kind: Kind) -> Signer {
    Signer::new("fuzz.example/log", kind, &[0x5a; 32]).expect("a name")
}

fn is_signed_by_nobody(note: &Note) {
    let known = [Kind::Plain, Kind::Cosignature].map(|kind| signer(kind).verifier());
    assert!(note.verify(&known).is_err(), "our key signed nothing");
}

/// What can be signed can be sent, read and verified, and no longer text can.
fn signs(text: &str) {
    let Ok(note) = Note::sign(text, &[&signer(Kind::Plain)]) else {
        return;
    };
    let known = [signer(Kind::Plain).verifier()];
    let read = note::parse(&note.to_string()).expect("a note of ours is a note");
    assert_eq!(read, note);
    assert_eq!(read.verify(&known).expect("signed").len(), 1);
    let longer = Note {
        text: format!("{text}\n"),
        ..note
    };
    assert!(longer.verify(&known).is_err());
}
