//! Damage of every kind is noticed, loses nothing that is still there, and is never written over.

mod common;

use ccs_vault::{Error, Key, Vault, format};
use common::{Place, entry, get, name, put, refused};

/// A vault of three entries, of which the last was put last.
fn vault() -> Place {
    let place = Place::new();
    let mut vault = place.create();
    put(&mut vault, "A", "value of a");
    put(&mut vault, "B", "value of b");
    put(&mut vault, "C", "value of c");
    place
}

fn restore(place: &Place) -> (Vault, ccs_vault::Restored) {
    Vault::restore(&place.folder(), Key::File).expect("restored")
}

#[test]
fn a_flipped_bit_anywhere_is_noticed() {
    let place = vault();
    let bytes = place.read("vault");
    for bit in 0..bytes.len() * 8 {
        let mut flipped = bytes.clone();
        flipped[bit / 8] ^= 1 << (bit % 8);
        place.write("vault", &flipped);
        let error = refused(place.open());
        assert!(
            matches!(error, Error::Corrupt { .. } | Error::NewerVersion { .. }),
            "bit {bit}: {error}"
        );
    }
}

#[test]
fn a_flipped_byte_behind_a_checksum_that_was_made_to_fit_is_noticed() {
    let place = vault();
    let bytes = place.read("vault");
    for at in 0..bytes.len() - 32 {
        let mut flipped = bytes[..bytes.len() - 32].to_vec();
        flipped[at] ^= 0x10;
        let check = ring::digest::digest(&ring::digest::SHA256, &flipped);
        flipped.extend_from_slice(check.as_ref());
        place.write("vault", &flipped);
        let error = refused(place.open());
        let expected = matches!(
            error,
            Error::Corrupt { .. }
                | Error::NewerVersion { .. }
                | Error::WrongKey { .. }
                | Error::NoSlot { .. }
        );
        assert!(expected, "byte {at}: {error}");
    }
}

#[test]
fn a_file_cut_anywhere_is_noticed() {
    let place = vault();
    let bytes = place.read("vault");
    for length in 0..bytes.len() {
        place.write("vault", &bytes[..length]);
        assert!(
            matches!(refused(place.open()), Error::Corrupt { .. }),
            "cut at {length}"
        );
    }
}

#[test]
fn a_file_that_was_lengthened_is_noticed() {
    let place = vault();
    let mut bytes = place.read("vault");
    bytes.push(0);
    place.write("vault", &bytes);
    assert!(matches!(refused(place.open()), Error::Corrupt { .. }));
}

/// Whichever byte is hit, every entry comes back: those of the last write at the latest in the
/// version before.
#[test]
fn after_damage_to_any_byte_every_other_entry_is_restored() {
    let place = vault();
    let bytes = place.read("vault");
    let previous = place.read("vault.previous");
    for at in (0..bytes.len()).step_by(7) {
        let mut flipped = bytes.clone();
        flipped[at] ^= 0x10;
        place.write("vault", &flipped);
        place.write("vault.previous", &previous);
        if !matches!(refused(place.open()), Error::Corrupt { .. }) {
            continue;
        }
        let (vault, restored) = restore(&place);
        assert_eq!(
            (get(&vault, "A"), get(&vault, "B")),
            ("value of a".into(), "value of b".into())
        );
        if vault.meta(&name("C")).is_some() {
            assert_eq!(get(&vault, "C"), "value of c");
        }
        assert_eq!(
            std::fs::read(&restored.kept[0]).expect("the damaged file"),
            flipped
        );
        std::fs::remove_file(&restored.kept[0]).expect("removed");
        assert!(vault.generation() > 4);
        assert_eq!(place.opened().list().len(), restored.entries);
    }
}

#[test]
fn a_cut_file_gives_back_what_it_still_holds() {
    let place = vault();
    let bytes = place.read("vault");
    place.write("vault", &bytes[..bytes.len() - 64]);
    let (vault, restored) = restore(&place);
    assert_eq!((restored.entries, restored.slots_dropped), (3, false));
    assert_eq!(get(&vault, "C"), "value of c");
}

#[test]
fn what_only_the_version_before_holds_is_named() {
    let place = vault();
    std::fs::remove_file(place.file("vault")).expect("removed");
    assert!(matches!(refused(place.open()), Error::Missing { .. }));
    let (vault, restored) = restore(&place);
    assert_eq!(restored.from_previous, [name("A"), name("B")]);
    assert_eq!((restored.entries, restored.kept.len()), (2, 0));
    assert_eq!(get(&vault, "B"), "value of b");
}

#[test]
fn two_damaged_files_together_give_back_what_either_holds() {
    let place = Place::new();
    let mut vault = place.create();
    put(&mut vault, "A", "value of a");
    vault.add_recovery(0).expect("a slot");
    vault
        .put_all([entry("B", "value of b"), entry("C", "value of c")], 0)
        .expect("put");
    put(&mut vault, "D", "value of d");
    for file in ["vault", "vault.previous"] {
        let mut bytes = place.read(file);
        let end = bytes.len() - 1;
        bytes[end] ^= 1;
        place.write(file, &bytes);
    }
    let (vault, restored) = restore(&place);
    assert_eq!((restored.entries, restored.kept.len()), (4, 2));
    assert!(restored.slots_dropped, "nothing vouches for the other slot");
    assert_eq!(vault.slots().len(), 1);
    assert_eq!(get(&vault, "D"), "value of d");
}

#[test]
fn an_older_form_of_an_entry_does_not_come_back_over_a_newer() {
    let place = Place::new();
    let mut vault = place.create();
    put(&mut vault, "A", "old");
    put(&mut vault, "A", "new");
    let mut bytes = place.read("vault");
    let end = bytes.len() - 1;
    bytes[end] ^= 1;
    place.write("vault", &bytes);
    let (vault, restored) = restore(&place);
    assert_eq!(get(&vault, "A"), "new");
    assert!(restored.from_previous.is_empty());
}

#[test]
fn an_intact_vault_is_not_restored_and_a_wrong_key_is_no_damage() {
    let place = vault();
    let before = place.files();
    let intact = refused(Vault::restore(&place.folder(), Key::File));
    assert!(matches!(
        intact,
        Error::Invalid {
            what: "restore",
            ..
        }
    ));
    let code = Place::new().create().add_recovery(0).expect("a code").1;
    let wrong = refused(Vault::restore(&place.folder(), Key::Recovery(&code)));
    assert!(matches!(wrong, Error::NoSlot { .. }));
    assert_eq!(place.files(), before);
}

#[test]
fn a_file_of_a_newer_version_is_left_alone() {
    let place = vault();
    place.write("vault", b"ccs-vault/2\nwhatever comes");
    let before = place.files();
    assert!(matches!(
        refused(place.open()),
        Error::NewerVersion { version: 2, .. }
    ));
    let restored = refused(Vault::restore(&place.folder(), Key::File));
    assert!(matches!(restored, Error::NewerVersion { .. }));
    let made = refused(Vault::open_or_create(&place.folder(), 0));
    assert!(matches!(made, Error::NewerVersion { .. }));
    assert_eq!(place.files(), before);
}

#[test]
fn a_vault_put_back_from_an_older_copy_shows_in_its_generation() {
    let place = vault();
    let old = place.read("vault");
    put(&mut place.opened(), "D", "4");
    let seen = place.opened().generation();
    place.write("vault", &old);
    let vault = place.opened();
    assert!(vault.generation() < seen);
    assert_eq!(vault.status(0, 0).fingerprints, ccs_vault::Prints::Stale);
}

#[test]
fn what_parses_is_encoded_to_the_same_bytes() {
    let bytes = vault().read("vault");
    assert_eq!(format::parse(&bytes).expect("a layout").encode(), bytes);
}
