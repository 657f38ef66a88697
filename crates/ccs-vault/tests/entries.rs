//! What is put into a vault comes out of it, and nothing else does.

mod common;

use ccs_vault::provider::{Fault, Limits, Reference, Runner};
use ccs_vault::{
    Category, Edit, Error, Kind, Length, MAX_VALUE, Meta, NewEntry, Recognised, Secret, Vault,
};
use common::{Place, entry, get, name, put, refused, text};

fn meta(vault: &Vault, entry: &str) -> Meta {
    vault.meta(&name(entry)).expect("an entry").clone()
}

#[test]
fn what_was_put_is_there_after_opening_again() {
    let place = Place::new();
    put(&mut place.create(), "A", "schlüssel 🔑");
    let vault = place.opened();
    assert_eq!(get(&vault, "A"), "schlüssel 🔑");
    assert_eq!(vault.generation(), 2);
}

#[test]
fn a_value_has_one_byte_to_64_kib_and_any_bytes() {
    let place = Place::new();
    let mut vault = place.create();
    let every: Vec<u8> = (0..=255).cycle().take(MAX_VALUE).collect();
    let new = NewEntry::value(name("A"), Secret::new(every.clone())).expect("an entry");
    vault.put(new, 0).expect("put");
    assert_eq!(
        place.opened().get(&name("A")).expect("a value").expose(),
        every
    );
    for value in [Vec::new(), vec![0; MAX_VALUE + 1]] {
        let refused = refused(NewEntry::value(name("A"), Secret::new(value)));
        assert!(matches!(refused, Error::Invalid { what: "value", .. }));
    }
}

#[test]
fn what_is_not_there_is_named() {
    let place = Place::new();
    let mut vault = place.create();
    let gone = name("NO");
    assert!(matches!(refused(vault.get(&gone)), Error::NoEntry { name } if name == gone));
    assert!(matches!(
        refused(vault.rotate(&gone, None, 0)),
        Error::NoEntry { .. }
    ));
    assert!(matches!(
        refused(vault.revert(&gone, 0)),
        Error::NoEntry { .. }
    ));
    assert!(matches!(
        refused(vault.edit(&gone, Edit::default())),
        Error::NoEntry { .. }
    ));
    assert!(matches!(
        refused(vault.rename(&gone, name("B"))),
        Error::NoEntry { .. }
    ));
    assert!(!vault.remove(&gone).expect("no error"));
    assert_eq!(vault.generation(), 1, "nothing was written");
}

#[test]
fn a_removed_entry_is_gone() {
    let place = Place::new();
    let mut vault = place.create();
    put(&mut vault, "A", "1");
    assert!(vault.remove(&name("A")).expect("removed"));
    assert_eq!(place.opened().list().len(), 0);
}

#[test]
fn putting_again_replaces_the_value_and_keeps_the_one_before() {
    let place = Place::new();
    let mut vault = place.create();
    let first = entry("A", "one").note("a note").expect("a note");
    vault
        .put(
            first.category(Category::new("mine").expect("a category")),
            10,
        )
        .expect("put");
    vault.put(entry("A", "two"), 20).expect("put");

    let vault = place.opened();
    let meta = meta(&vault, "A");
    assert_eq!(get(&vault, "A"), "two");
    assert_eq!(
        (meta.created, meta.updated, meta.older, meta.rotations),
        (10, 20, 1, 0)
    );
    assert_eq!(
        (meta.note.as_str(), meta.category.as_str()),
        ("a note", "mine")
    );
    let older = vault.older(&name("A")).expect("older values");
    let [older] = &older[..] else {
        panic!("one older value")
    };
    assert_eq!(
        (text(&older.value), older.since, older.until),
        ("one".into(), 10, 20)
    );
}

#[test]
fn a_history_keeps_the_latest_values_and_drops_the_rest() {
    let place = Place::new();
    let mut vault = place.create();
    vault.put(entry("A", "0").keep(2), 0).expect("put");
    for value in 1..=4 {
        let secret = Secret::new(value.to_string());
        vault
            .rotate(&name("A"), Some(secret), value)
            .expect("rotated");
    }
    let vault = place.opened();
    let older = vault.older(&name("A")).expect("older values");
    let values: Vec<_> = older
        .iter()
        .map(|older| (text(&older.value), older.until))
        .collect();
    assert_eq!(values, [("3".into(), 4), ("2".into(), 3)]);
    assert_eq!(meta(&vault, "A").rotations, 4);
}

#[test]
fn a_rotation_without_a_value_makes_a_random_one() {
    let place = Place::new();
    let mut vault = place.create();
    vault.put(entry("A", "old").expires(5), 0).expect("put");
    vault.rotate(&name("A"), None, 9).expect("rotated");
    let value = vault.get(&name("A")).expect("a value");
    assert_eq!(value.expose().len(), 32);
    assert_eq!(meta(&vault, "A").expires, None);
}

#[test]
fn a_rotation_can_be_taken_back_and_taken_up_again() {
    let place = Place::new();
    let mut vault = place.create();
    put(&mut vault, "A", "old");
    assert!(matches!(
        refused(vault.revert(&name("A"), 1)),
        Error::NoHistory { .. }
    ));
    vault
        .rotate(&name("A"), Some(Secret::new("new")), 1)
        .expect("rotated");
    vault.revert(&name("A"), 2).expect("reverted");
    assert_eq!(get(&place.opened(), "A"), "old");
    vault.revert(&name("A"), 3).expect("reverted");
    assert_eq!(get(&place.opened(), "A"), "new");
}

#[test]
fn a_renamed_entry_keeps_everything_but_its_name() {
    let place = Place::new();
    let mut vault = place.create();
    put(&mut vault, "A", "one");
    put(&mut vault, "A", "two");
    put(&mut vault, "B", "other");
    assert!(matches!(
        refused(vault.rename(&name("A"), name("B"))),
        Error::NameTaken { .. }
    ));
    vault.rename(&name("A"), name("C")).expect("renamed");

    let vault = place.opened();
    let names: Vec<_> = vault.list().map(|meta| meta.name.to_string()).collect();
    assert_eq!(names, ["B", "C"]);
    assert_eq!(get(&vault, "C"), "two");
    assert_eq!(vault.older(&name("C")).expect("older values").len(), 1);
}

#[test]
fn an_edit_changes_what_it_names_and_no_value() {
    let place = Place::new();
    let mut vault = place.create();
    vault.put(entry("A", "one").expires(9), 0).expect("put");
    vault.put(entry("A", "two").expires(9), 0).expect("put");
    let mut edit = Edit {
        note: Some("new".into()),
        ..Edit::default()
    };
    vault.edit(&name("A"), edit.clone()).expect("edited");
    assert_eq!(meta(&vault, "A").expires, Some(9));
    edit = Edit {
        expires: Some(None),
        keep: Some(0),
        category: Some(Category::new("x").expect("a category")),
        note: None,
    };
    vault.edit(&name("A"), edit).expect("edited");

    let vault = place.opened();
    let meta = meta(&vault, "A");
    assert_eq!((meta.note.as_str(), meta.category.as_str()), ("new", "x"));
    assert_eq!((meta.expires, meta.older), (None, 0));
    assert_eq!(get(&vault, "A"), "two");
}

#[test]
fn a_note_that_could_paint_a_terminal_is_refused() {
    let place = Place::new();
    let mut vault = place.create();
    put(&mut vault, "A", "1");
    for note in ["\u{1b}[2J", "a\nb", &"x".repeat(1025)] {
        assert!(entry("A", "1").note(note).is_err());
        let edit = Edit {
            note: Some(note.into()),
            ..Edit::default()
        };
        assert!(matches!(
            refused(vault.edit(&name("A"), edit)),
            Error::Invalid { .. }
        ));
    }
}

#[test]
fn a_list_says_what_is_known_and_nothing_of_the_value() {
    let place = Place::new();
    let mut vault = place.create();
    put(&mut vault, "OPENAI_API_KEY", "sk-proj-kR8vX2mQ9zWpTn4L");
    put(&mut vault, "PIN", "1234");
    put(&mut vault, "WORD", "production");
    let list: Vec<_> = vault
        .list()
        .map(|meta| {
            (
                meta.category.as_str().to_owned(),
                meta.length,
                meta.recognised,
            )
        })
        .collect();
    assert_eq!(
        list,
        [
            ("llm".to_owned(), Length::Medium, Recognised::Yes),
            ("other".to_owned(), Length::Short, Recognised::TooShort),
            ("other".to_owned(), Length::Short, Recognised::Predictable),
        ]
    );
}

#[test]
fn a_new_entry_with_a_taken_name_is_refused_when_it_must_be_free() {
    let place = Place::new();
    let mut vault = place.create();
    vault.add(entry("A", "1"), 0).expect("added");
    assert!(matches!(
        refused(vault.add(entry("A", "2"), 0)),
        Error::NameTaken { .. }
    ));
    assert_eq!(get(&vault, "A"), "1");
}

#[test]
fn several_entries_are_put_in_one_write_or_not_at_all() {
    let place = Place::new();
    let mut vault = place.create();
    vault
        .put_all([entry("A", "1"), entry("B", "2"), entry("A", "3")], 0)
        .expect("put");
    assert_eq!(vault.generation(), 2);
    assert_eq!(
        (get(&vault, "A"), get(&vault, "B")),
        ("3".into(), "2".into())
    );
}

struct Kms;

impl Runner for Kms {
    fn run(&self, command: &[String], _: Limits) -> Result<Secret, Fault> {
        match command {
            [program, _] if program == "kms" => Ok(Secret::new("unwrapped\n")),
            _ => Err(Fault::Empty),
        }
    }
}

#[test]
fn a_reference_gives_what_its_command_prints_and_nothing_of_it_is_stored() {
    let place = Place::new();
    let mut vault = place.create();
    let reference = Reference::command(["kms", "prod/key"]).expect("a reference");
    vault
        .put(NewEntry::reference(name("A"), reference.clone()), 0)
        .expect("put");
    let broken = Reference::command(["other"]).expect("a reference");
    vault
        .put(NewEntry::reference(name("B"), broken), 0)
        .expect("put");

    let vault = place.opened();
    let fetched = vault
        .fetch(&name("A"), &Kms, Limits::default())
        .expect("a value");
    assert_eq!(text(&fetched), "unwrapped");
    assert_eq!(vault.reference(&name("A")).expect("a reference"), reference);
    assert!(matches!(
        refused(vault.get(&name("A"))),
        Error::OtherKind { .. }
    ));
    let failed = refused(vault.fetch(&name("B"), &Kms, Limits::default()));
    assert!(matches!(
        failed,
        Error::Provider {
            source: Fault::Empty,
            ..
        }
    ));
    assert_eq!(
        (meta(&vault, "A").kind, meta(&vault, "A").recognised),
        (Kind::Reference, Recognised::NotHeld)
    );
}

#[test]
fn a_reference_is_not_rotated_and_a_value_is_no_reference() {
    let place = Place::new();
    let mut vault = place.create();
    let reference = Reference::command(["kms", "key"]).expect("a reference");
    vault
        .put(NewEntry::reference(name("A"), reference), 0)
        .expect("put");
    put(&mut vault, "B", "value");
    assert!(matches!(
        refused(vault.rotate(&name("A"), None, 0)),
        Error::OtherKind { .. }
    ));
    assert!(matches!(
        refused(vault.reference(&name("B"))),
        Error::OtherKind { .. }
    ));
    let fetched = vault
        .fetch(&name("B"), &Kms, Limits::default())
        .expect("a value");
    assert_eq!(text(&fetched), "value");
}

#[test]
fn a_status_counts_names_and_warns_and_holds_no_value() {
    let place = Place::new();
    let mut vault = place.create();
    vault
        .put(entry("OPENAI_API_KEY", "kR8vX2mQ9zWpTn4L").expires(100), 0)
        .expect("put");
    vault
        .put(entry("AWS_KEY", "kR8vX2mQ9zWpTn4M").expires(500), 0)
        .expect("put");
    vault.put(entry("PIN", "1234"), 0).expect("put");

    let status = vault.status(100, 400);
    assert_eq!((status.entries, status.generation), (3, 4));
    let categories: Vec<_> = status
        .by_category
        .iter()
        .map(|(name, count)| (name.as_str(), *count))
        .collect();
    assert_eq!(categories, [("cloud", 1), ("llm", 1), ("other", 1)]);
    assert_eq!(status.expired, [name("OPENAI_API_KEY")]);
    assert_eq!(status.expiring, [name("AWS_KEY")]);
    assert_eq!(status.unrecognised, [name("PIN")]);
    assert_eq!(status.slots.len(), 1);
    let files: Vec<_> = status.files.iter().map(|(name, _)| *name).collect();
    assert_eq!(
        files,
        [
            "vault",
            "vault.previous",
            "vault.key",
            "fingerprints",
            "fingerprints.key"
        ]
    );
    #[cfg(unix)]
    assert!(status.files.iter().all(|(_, mode)| *mode == Some(0o600)));
}

#[test]
fn a_handle_sees_what_others_wrote_when_it_writes_or_asks() {
    let place = Place::new();
    let mut one = place.create();
    let mut two = place.opened();
    put(&mut one, "A", "1");
    assert!(two.meta(&name("A")).is_none());
    two.refresh().expect("read again");
    assert_eq!(get(&two, "A"), "1");
    put(&mut two, "B", "2");
    put(&mut one, "C", "3");
    assert_eq!(place.opened().list().len(), 3);
}

#[test]
fn a_vault_that_would_outgrow_its_file_stays_as_it_was() {
    let place = Place::new();
    let mut vault = place.create();
    put(&mut vault, "A", "1");
    let large = |at: usize| {
        let value = Secret::new(vec![at as u8; MAX_VALUE]);
        NewEntry::value(name(&format!("L{at}")), value).expect("an entry")
    };
    let refused = refused(vault.put_all((0..260).map(large), 0));
    assert!(matches!(refused, Error::Full { .. }));
    assert_eq!((vault.list().len(), place.opened().list().len()), (1, 1));
    put(&mut vault, "B", "2");
    assert_eq!(place.opened().list().len(), 2);
}
