//! The known answers of Go's `sumdb/note` and of C2SP's specifications.

use proptest::prelude::*;

use super::*;

const PETER: &str = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
const PETER_PRIVATE: &str =
    "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz";
const ENOCH: &str = "EnochRoot+af0cfe78+ATtqJ7zOtqQtYqOo0CpvDXNlMhV3HeJDpjrASKGLWdop";
const TEXT: &str = "If you think cryptography is the answer to your problem,\n\
                    then you don't know what your problem is.\n";
const PETER_LINE: &str = "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n";
const ENOCH_LINE: &str = "— EnochRoot rwz+eBzmZa0SO3NbfRGzPCpDckykFXSdeX+MNtCOXm2/5n2tiOHp+vAF1aGrQ5ovTG01oOTGwnWLox33WWd1RvMc+QQ=\n";

fn verifier(text: &str) -> Verifier {
    text.parse().expect("a key")
}

fn names(signed: Vec<Signed<'_>>) -> Vec<&str> {
    signed.into_iter().map(|signed| signed.key.name()).collect()
}

#[test]
fn a_public_key_prints_as_it_was_read_and_no_part_or_change_of_it_is_a_key() {
    assert_eq!(verifier(PETER).to_string(), PETER);
    for start in 0..PETER.len() {
        for end in start..=PETER.len() {
            let part = &PETER[start..end];
            assert!(part == PETER || part.parse::<Verifier>().is_err(), "{part}");
        }
    }
    for place in 0..PETER.len() {
        let mut bytes = PETER.as_bytes().to_vec();
        bytes[place] += 1;
        let changed = String::from_utf8(bytes).expect("ASCII");
        assert!(changed.parse::<Verifier>().is_err(), "{changed}");
    }
    for bad in [
        "PeterNeumann+cc469956+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TWBADKEY==",
        "PeterNeumann+173116ae+ZRpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
    ] {
        assert!(bad.parse::<Verifier>().is_err(), "{bad}");
    }
}

#[test]
fn a_private_key_signs_as_go_does_and_no_part_or_change_of_it_is_a_key() {
    let signer = Signer::parse(PETER_PRIVATE).expect("a key");
    assert_eq!(*signer.expose(), PETER_PRIVATE);
    assert_eq!(signer.verifier().to_string(), PETER);
    let note = Note::sign(TEXT, &[&signer]).expect("text");
    assert_eq!(note.to_string(), format!("{TEXT}\n{PETER_LINE}"));

    for start in 0..PETER_PRIVATE.len() {
        assert!(start == 0 || Signer::parse(&PETER_PRIVATE[start..]).is_err());
        assert!(Signer::parse(&PETER_PRIVATE[..start]).is_err());
        let mut bytes = PETER_PRIVATE.as_bytes().to_vec();
        bytes[start] += 1;
        assert!(
            Signer::parse(&String::from_utf8(bytes).expect("ASCII")).is_err(),
            "{start}"
        );
    }
}

#[test]
fn a_note_is_verified_by_each_known_key_once_and_unknown_keys_do_not_count() {
    let note = parse(&format!("{TEXT}\n{PETER_LINE}{PETER_LINE}{ENOCH_LINE}")).expect("a note");
    let [peter, enoch] = [verifier(PETER), verifier(ENOCH)];
    assert_eq!(
        note.verify(std::slice::from_ref(&peter)).map(names),
        Ok(vec!["PeterNeumann"])
    );
    assert_eq!(
        note.verify(&[enoch, peter]).map(names),
        Ok(vec!["PeterNeumann", "EnochRoot"])
    );
    assert_eq!(note.verify(&[]).map(names), Err(Error::Unsigned));
}

#[test]
fn a_known_key_whose_signature_does_not_hold_spoils_the_note() {
    let known = [verifier(PETER), verifier(ENOCH)];
    let changed = parse(&format!(
        "{}\n{PETER_LINE}",
        TEXT.replace("problem", "trouble")
    ));
    let spliced = format!("{}ABCD{}", &PETER_LINE[..62], &PETER_LINE[62..]);
    let longer = parse(&format!("{TEXT}\n{ENOCH_LINE}{spliced}"));
    for note in [changed, longer] {
        let refused = note.expect("a note").verify(&known).map(names);
        assert_eq!(refused, Err(Error::Forged("PeterNeumann".into())));
    }
}

#[test]
fn a_signature_under_another_name_or_id_is_an_unknown_key() {
    for line in [
        PETER_LINE.replace("PeterNeumann", "CarmenSandiego"),
        PETER_LINE.replace("x08g", "xxxx"),
    ] {
        let note = parse(&format!("{TEXT}\n{line}")).expect("a note");
        assert_eq!(
            note.verify(&[verifier(PETER)]).map(names),
            Err(Error::Unsigned)
        );
    }
}

#[test]
fn text_that_is_not_a_note_is_refused() {
    let signed = format!("{TEXT}\n{PETER_LINE}");
    for bad in [
        String::new(),
        "\n\n".into(),
        TEXT.into(),
        format!("{TEXT}\n"),
        format!("{TEXT}\n{}", PETER_LINE.trim_end()),
        format!("\u{1}{signed}"),
        format!("{TEXT}\n{}", PETER_LINE.replace("PeterNeumann", "Bad Name")),
        format!("{TEXT}\n{}", PETER_LINE.replace("PeterNeumann", "Bad+Name")),
        format!("{TEXT}\n{}", PETER_LINE.replace("PeterNeumann", "")),
        format!("{TEXT}\n{PETER_LINE}Unexpected line.\n"),
        format!("{TEXT}\n{}", PETER_LINE.repeat(101)),
        format!("{TEXT}\n— PeterNeumann x08go7==\n"),
        format!("{TEXT}\n— PeterNeumann x08g\n"),
    ] {
        assert!(parse(&bad).is_err(), "{bad}");
    }
    assert!(parse(&format!("{TEXT}\n{}", PETER_LINE.repeat(100))).is_ok());
    let signer = Signer::parse(PETER_PRIVATE).expect("a key");
    for bad in ["abc", "", "a\u{1}\n"] {
        assert!(Note::sign(bad, &[&signer]).is_err(), "{bad}");
    }
}

#[test]
fn the_text_of_a_note_may_hold_empty_lines() {
    let text = "a\n\n\nb\n\n";
    let note = Note::sign(text, &[&Signer::parse(PETER_PRIVATE).expect("a key")]).expect("text");
    assert_eq!(parse(&note.to_string()), Ok(note));
}

#[test]
fn a_cosignature_key_is_read_and_says_when_it_signed() {
    let key = verifier("remora.n621.de+da77ade7+BOvN63jn/bLvkieywe8R6UYAtVtNbZpXh34x7onlmtw2");
    assert_eq!(key.kind(), Kind::Cosignature);

    let line = "— x ZGhGuQAAAABm/qTPeyKXD+R2rzyQsxPiP8mXum7qq/iF0u4vanlqJyocWODBt97w9uL+8qT7S5gxEHWWOworDcFiEBYJXORmnFBOBA==";
    let signature = Signature::read(line).expect("a signature");
    let (time, _) = signature.bytes.split_first_chunk::<8>().expect("a time");
    assert_eq!(u64::from_be_bytes(*time), 1_727_964_367);
}

#[test]
fn a_cosignature_is_over_the_time_and_the_whole_text() {
    let signer = Signer::new("w.example/1", Kind::Cosignature, &[7; 32]).expect("a name");
    let text = "example.com/log\n3\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\nextension\n";
    let signature = signer.sign_at(text, 1_679_315_147);
    let known = [signer.verifier()];
    let note = |text: &str, signature: &Signature| Note {
        text: text.into(),
        signatures: vec![signature.clone()],
    };

    let holds = note(text, &signature);
    let holds = holds.verify(&known).expect("holds");
    assert_eq!(holds[0].time, Some(1_679_315_147));

    let extended = note(&text.replace("extension", "extensiom"), &signature);
    let mut later = signature.clone();
    later.bytes[7] += 1;
    let mut plain = signature.clone();
    plain.bytes.drain(..8);
    for bad in [extended, note(text, &later), note(text, &plain)] {
        assert!(matches!(bad.verify(&known), Err(Error::Forged(_))));
    }
    // the same key as a plain one has another id, so the two kinds cannot be mistaken
    let plain = Verifier::new("w.example/1", Kind::Plain, &known[0].public()).expect("a key");
    assert_eq!(
        note(text, &signature).verify(&[plain]).map(names),
        Err(Error::Unsigned)
    );
}

proptest! {
    #[test]
    fn what_is_a_note_prints_as_it_was_read(text in "[a-z\n— ]{0,20}\n\n(— [a-z]{1,3} [A-Za-z0-9+/]{8}\n){1,3}") {
        if let Ok(note) = parse(&text) {
            prop_assert_eq!(note.to_string(), text);
        }
    }

    #[test]
    fn any_text_returns(text in "\\PC*") {
        let _ = parse(&text);
        let _ = text.parse::<Verifier>();
        let _ = Signature::read(&text);
    }
}

#[cfg(feature = "batch")]
#[test]
fn many_signatures_hold_together_if_each_holds_alone() {
    let signers: Vec<Signer> = (0..20u8)
        .map(|seed| {
            Signer::new(&format!("log-{}", seed % 3), Kind::Plain, &[seed; 32]).expect("a name")
        })
        .collect();
    let note =
        |signer: &Signer| Note::sign(&format!("{TEXT}{}\n", signer.name), &[signer]).expect("text");
    let keys: Vec<Verifier> = signers.iter().map(Signer::verifier).collect();
    let mut notes: Vec<Note> = signers.iter().map(note).collect();
    let claims = |notes: &[Note]| {
        let pairs: Vec<(&Verifier, &Note)> = keys.iter().zip(notes).collect();
        all_signed(&pairs)
    };
    assert!(claims(&notes));
    for place in 0..notes.len() {
        for spoil in [spoil_text, spoil_signature, spoil_name, spoil_length] {
            let good = notes[place].clone();
            spoil(&mut notes[place]);
            let alone = notes[place].verify(std::slice::from_ref(&keys[place]));
            assert!(alone.is_err() && !claims(&notes), "{place}");
            notes[place] = good;
        }
    }
}

#[cfg(feature = "batch")]
#[test]
fn no_key_of_small_order_has_signed_anything() {
    // the neutral element: for it every signature over every text could be made up
    let mut neutral = [0; 32];
    neutral[0] = 1;
    let key = Verifier::new("log", Kind::Plain, &neutral).expect("a point");
    let mut bytes = neutral.to_vec();
    bytes.extend([0; 32]);
    let signature = Signature {
        name: "log".into(),
        key_id: key.key_id(),
        bytes,
    };
    let note = Note {
        text: TEXT.into(),
        signatures: vec![signature],
    };
    assert!(note.verify(std::slice::from_ref(&key)).is_err());
    assert!(!all_signed(&[(&key, &note)]));
}

#[cfg(feature = "batch")]
fn spoil_text(note: &mut Note) {
    note.text.push_str("more\n");
}

#[cfg(feature = "batch")]
fn spoil_signature(note: &mut Note) {
    note.signatures[0].bytes[40] ^= 1;
}

#[cfg(feature = "batch")]
fn spoil_name(note: &mut Note) {
    note.signatures[0].name.push('x');
}

#[cfg(feature = "batch")]
fn spoil_length(note: &mut Note) {
    note.signatures[0].bytes.pop();
}
