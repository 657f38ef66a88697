//! The fingerprints beside a vault: written by every change, read without a key of the vault.

mod common;

use ccs_vault::{Error, Fingerprints, Form, Prints, Secret, Vault, format::Fault};
use common::{Place, entry, name, put, refused};

const ONE: &str = "kR8vX2mQ9zWpTn4L";
const TWO: &str = "Tn4Lc7sG0hJeYb3D";

fn prints(place: &Place) -> Fingerprints {
    Fingerprints::read(&place.folder())
        .expect("read")
        .expect("there")
}

/// The names under which a text's values are found.
fn names(place: &Place, text: &str) -> Vec<String> {
    prints(place)
        .find(text)
        .iter()
        .map(|hit| hit.name.to_string())
        .collect()
}

fn state(vault: &Vault) -> Prints {
    vault.status(0, 0).fingerprints
}

#[test]
fn where_no_vault_is_there_are_no_fingerprints() {
    assert!(
        Fingerprints::read(&Place::new().folder())
            .expect("no error")
            .is_none()
    );
}

#[test]
fn a_value_is_recognised_as_soon_as_it_is_stored_and_until_it_is_gone() {
    let place = Place::new();
    let mut vault = place.create();
    assert!(prints(&place).is_empty());
    put(&mut vault, "A", ONE);
    assert_eq!(names(&place, ONE), ["A"]);
    vault
        .rotate(&name("A"), Some(Secret::new(TWO)), 0)
        .expect("rotated");
    assert_eq!(
        names(&place, &format!("{ONE} {TWO}")),
        ["A", "A"],
        "the one before as well"
    );
    vault.rename(&name("A"), name("B")).expect("renamed");
    assert_eq!(names(&place, &format!("{ONE} {TWO}")), ["B", "B"]);
    vault.remove(&name("B")).expect("removed");
    assert!(names(&place, &format!("{ONE} {TWO}")).is_empty());
    assert_eq!(state(&vault), Prints::Current);
}

#[test]
fn values_dropped_from_a_history_are_no_longer_recognised() {
    let place = Place::new();
    let mut vault = place.create();
    vault.put(entry("A", ONE).keep(0), 0).expect("put");
    vault.put(entry("A", TWO), 0).expect("put");
    assert_eq!(names(&place, &format!("{ONE} {TWO}")), ["A"]);
}

#[test]
fn a_secret_of_codes_is_recognised_as_it_was_shown() {
    let place = Place::new();
    let mut vault = place.create();
    let codes = ccs_vault::Codes::default();
    let enrolment = vault
        .enrol(name("totp"), codes, "ccs", "dev", 0)
        .expect("enrolled");
    let url = common::text(&enrolment.url);
    assert_eq!(names(&place, &url), ["totp"]);
}

#[test]
fn the_form_a_value_was_found_in_is_named() {
    let place = Place::new();
    put(&mut place.create(), "A", ONE);
    let prints = prints(&place);
    let found = prints.find("aMaM a1I4dlgybVE5eldwVG40TA== 6b523876 58326d51397a5770546e344c");
    let found: Vec<_> = found
        .iter()
        .map(|hit| (hit.start, hit.end, hit.form))
        .collect();
    assert_eq!(found, [(5, 27, Form::Base64)]);
}

#[test]
fn every_change_leaves_fingerprints_and_their_key_private_and_current() {
    let place = Place::new();
    let mut vault = place.create();
    put(&mut vault, "A", ONE);
    vault.rekey(&[]).expect("a new master key");
    assert_eq!(state(&vault), Prints::Current);
    assert_eq!(names(&place, ONE), ["A"]);
}

#[test]
fn without_their_key_they_open_nothing_and_another_key_is_told_from_damage() {
    let (place, other) = (Place::new(), Place::new());
    put(&mut place.create(), "A", ONE);
    other.create();
    let bytes = place.read("fingerprints");
    let fault = Fingerprints::open(&bytes, &other.read("fingerprints.key")).err();
    assert_eq!(fault, Some(Fault::Locked));
    let fault = Fingerprints::open(&bytes[1..], &place.read("fingerprints.key")).err();
    assert_eq!(fault, Some(Fault::Foreign));
    let fault = Fingerprints::open(&bytes, &place.read("vault.key")).err();
    assert!(
        matches!(fault, Some(Fault::Damaged(_))),
        "a key for another purpose"
    );
}

#[test]
fn a_lost_or_damaged_file_is_an_error_until_the_next_change_writes_it_again() {
    type Harm = fn(&Place);
    let harms: [Harm; 4] = [
        |place| std::fs::remove_file(place.file("fingerprints")).expect("removed"),
        |place| std::fs::remove_file(place.file("fingerprints.key")).expect("removed"),
        |place| place.write("fingerprints", b"ccs-fingerprints/1\nrubbish"),
        |place| place.write("fingerprints.key", b"rubbish"),
    ];
    for harm in harms {
        let place = Place::new();
        let mut vault = place.create();
        put(&mut vault, "A", ONE);
        harm(&place);
        let error = refused(Fingerprints::read(&place.folder()));
        assert!(
            matches!(error, Error::Missing { .. } | Error::Corrupt { .. }),
            "{error}"
        );
        assert!(matches!(
            state(&vault),
            Prints::Missing | Prints::Unreadable
        ));
        put(&mut vault, "B", TWO);
        assert_eq!(names(&place, &format!("{ONE} {TWO}")), ["A", "B"]);
    }
}

#[test]
fn fingerprints_of_a_newer_version_are_not_written_over() {
    let place = Place::new();
    let mut vault = place.create();
    place.write("fingerprints", b"ccs-fingerprints/2\n");
    let error = refused(vault.put(entry("A", ONE), 0));
    assert!(matches!(error, Error::NewerVersion { version: 2, .. }));
    assert_eq!(place.opened().list().len(), 0);
}

#[test]
fn fingerprints_left_by_a_writer_that_was_killed_are_made_right_by_the_next() {
    let place = Place::new();
    let mut vault = place.create();
    put(&mut vault, "A", ONE);
    let (vault_before, prints_before) = (place.read("vault"), place.read("fingerprints"));
    put(&mut vault, "B", TWO);
    let prints_after = place.read("fingerprints");

    // killed before the vault was replaced: too much is recognised, nothing too little
    place.write("vault", &vault_before);
    assert_eq!(names(&place, &format!("{ONE} {TWO}")), ["A", "B"]);
    let mut vault = place.opened();
    assert_eq!(state(&vault), Prints::Stale);
    put(&mut vault, "C", "value");
    assert_eq!(names(&place, &format!("{ONE} {TWO}")), ["A"]);
    assert_eq!(state(&vault), Prints::Current);

    // an older file put back
    place.write("fingerprints", &prints_before);
    assert_eq!(state(&vault), Prints::Stale);
    put(&mut vault, "D", TWO);
    assert_eq!(names(&place, &format!("{ONE} {TWO}")), ["A", "D"]);
    drop(prints_after);
}

#[test]
fn a_text_of_a_megabyte_is_searched_for_hundreds_of_values() {
    let place = Place::new();
    let mut vault = place.create();
    let value = |number: usize| format!("sk-kR8vX2mQ9z{number:03}WpTn4Lc7sG0hJeYb3D");
    vault
        .put_all(
            (0..300).map(|number| entry(&format!("N{number}"), &value(number))),
            0,
        )
        .expect("put");
    let filler = "fn main() { let word = \"sk-kR8vX2mQ9z and more words\"; }\n".repeat(9000);
    let text: String = (0..2)
        .map(|part| format!("{filler}{}", value(part * 150)))
        .collect();
    assert!(text.len() > 1_000_000);
    assert_eq!(names(&place, &text), ["N0", "N150"]);
}
