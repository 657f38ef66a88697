//! The ways into a vault.

mod common;

use std::cell::RefCell;
use std::collections::BTreeMap;

use ccs_vault::{Error, Fingerprints, Kdf, Key, Keyring, NewSlot, Result, Secret, SlotKind, Vault};
use common::{Place, get, name, put, refused, text};

/// The least cost that is accepted, to keep the tests short.
const CHEAP: Kdf = Kdf::FLOOR;

fn passphrase() -> Secret {
    Secret::new("correct horse battery staple")
}

/// A keyring in memory.
#[derive(Default)]
struct Memory(RefCell<BTreeMap<String, Vec<u8>>>);

impl Keyring for Memory {
    fn get(&self, account: &str) -> Result<Option<Secret>> {
        Ok(self
            .0
            .borrow()
            .get(account)
            .map(|key| Secret::new(key.clone())))
    }

    fn set(&self, account: &str, key: &Secret) -> Result<()> {
        self.0
            .borrow_mut()
            .insert(account.to_owned(), key.expose().to_vec());
        Ok(())
    }
}

/// A keyring that is not there, as on a machine without a desktop.
struct Absent;

impl Keyring for Absent {
    fn get(&self, _: &str) -> Result<Option<Secret>> {
        Err(Error::Keyring {
            why: "no keyring".into(),
        })
    }

    fn set(&self, _: &str, _: &Secret) -> Result<()> {
        Err(Error::Keyring {
            why: "no keyring".into(),
        })
    }
}

fn opens(place: &Place, key: Key<'_>) -> bool {
    Vault::open(&place.folder(), key).is_ok_and(|vault| get(&vault, "A") == "value")
}

#[test]
fn every_kind_of_slot_opens_the_same_vault() {
    let place = Place::new();
    let mut vault = place.create();
    put(&mut vault, "A", "value");
    let (phrase, keyring) = (passphrase(), Memory::default());
    vault
        .add_slot(NewSlot::Passphrase(&phrase, CHEAP), 1)
        .expect("a slot");
    vault
        .add_slot(NewSlot::Keyring(&keyring), 2)
        .expect("a slot");
    let (_, code) = vault.add_recovery(3).expect("a slot");

    for key in [
        Key::File,
        Key::Passphrase(&phrase),
        Key::Keyring(&keyring),
        Key::Recovery(&code),
    ] {
        assert!(opens(&place, key));
    }
    let slots = Vault::peek(&place.folder()).expect("a peek").slots;
    let kinds: Vec<_> = slots
        .iter()
        .map(|slot| (slot.id, slot.kind, slot.cost))
        .collect();
    assert_eq!(
        kinds,
        [
            (1, SlotKind::KeyFile, None),
            (2, SlotKind::Passphrase, Some(CHEAP)),
            (3, SlotKind::Keyring, None),
            (4, SlotKind::Recovery, None),
        ]
    );
}

#[test]
fn a_wrong_key_of_any_kind_says_which_kind_it_was() {
    let place = Place::new();
    let mut vault = place.create();
    let (phrase, keyring) = (passphrase(), Memory::default());
    vault
        .add_slot(NewSlot::Passphrase(&phrase, CHEAP), 1)
        .expect("a slot");
    vault
        .add_slot(NewSlot::Keyring(&keyring), 2)
        .expect("a slot");
    vault.add_recovery(3).expect("a slot");
    let other_code = Place::new().create().add_recovery(0).expect("a slot").1;

    for (key, expected) in [
        (
            Key::Passphrase(&Secret::new("wrong horse")),
            SlotKind::Passphrase,
        ),
        (Key::Keyring(&Memory::default()), SlotKind::Keyring),
        (Key::Recovery(&other_code), SlotKind::Recovery),
    ] {
        let error = refused(Vault::open(&place.folder(), key));
        assert!(
            matches!(error, Error::WrongKey { kind, .. } if kind == expected),
            "{error}"
        );
    }
    let typed = Secret::new("ABC");
    let mistyped = refused(Vault::open(&place.folder(), Key::Recovery(&typed)));
    assert!(matches!(
        mistyped,
        Error::Invalid {
            what: "recovery code",
            ..
        }
    ));
}

#[test]
fn a_kind_of_key_the_vault_has_no_slot_for_is_no_wrong_key() {
    let place = Place::new();
    place.create();
    let phrase = passphrase();
    let error = refused(Vault::open(&place.folder(), Key::Passphrase(&phrase)));
    assert!(matches!(
        error,
        Error::NoSlot {
            kind: SlotKind::Passphrase
        }
    ));
}

#[test]
fn a_keyring_that_is_not_there_is_an_error_and_nothing_takes_its_place() {
    let place = Place::new();
    let mut vault = place.create();
    let error = refused(vault.add_slot(NewSlot::Keyring(&Absent), 0));
    assert!(matches!(error, Error::Keyring { .. }));
    assert_eq!(place.opened().slots().len(), 1);
}

#[test]
fn a_vault_can_do_without_a_key_file() {
    let place = Place::new();
    let phrase = passphrase();
    let slot = NewSlot::Passphrase(&phrase, CHEAP);
    let mut vault = Vault::create(&place.folder(), slot, 0).expect("a vault");
    put(&mut vault, "A", "value");
    assert!(!place.file("vault.key").exists());
    assert!(opens(&place, Key::Passphrase(&phrase)));
    assert!(matches!(
        refused(place.open()),
        Error::NoSlot {
            kind: SlotKind::KeyFile
        }
    ));
}

#[test]
fn a_removed_slot_opens_neither_the_vault_nor_the_version_kept_beside_it() {
    let place = Place::new();
    let mut vault = place.create();
    put(&mut vault, "A", "value");
    let phrase = passphrase();
    vault
        .add_slot(NewSlot::Passphrase(&phrase, CHEAP), 0)
        .expect("a slot");
    put(&mut vault, "B", "value");
    vault.remove_slot(1).expect("removed");
    assert!(!place.file("vault.key").exists());
    assert!(opens(&place, Key::Passphrase(&phrase)));
    assert_eq!(place.read("vault"), place.read("vault.previous"));
}

#[test]
fn the_last_slot_is_not_removed() {
    let place = Place::new();
    let mut vault = place.create();
    assert!(matches!(refused(vault.remove_slot(1)), Error::LastSlot));
    assert!(matches!(
        refused(vault.remove_slot(9)),
        Error::Invalid { .. }
    ));
    assert!(place.open().is_ok());
}

#[test]
fn a_short_passphrase_and_a_second_key_file_are_refused() {
    let place = Place::new();
    let mut vault = place.create();
    let short = Secret::new("1234567");
    let error = refused(vault.add_slot(NewSlot::Passphrase(&short, CHEAP), 0));
    assert!(matches!(
        error,
        Error::Invalid {
            what: "passphrase",
            ..
        }
    ));
    assert!(matches!(
        refused(vault.add_slot(NewSlot::File, 0)),
        Error::Exists { .. }
    ));
}

#[test]
fn a_key_file_that_is_there_is_used_and_not_written_over() {
    let place = Place::new();
    let mut vault = place.create();
    put(&mut vault, "A", "value");
    let key = place.read("vault.key");
    for file in ["vault", "vault.previous"] {
        std::fs::remove_file(place.file(file)).expect("removed");
    }
    place.create();
    assert_eq!(place.read("vault.key"), key);
    assert!(place.open().is_ok());
}

#[test]
fn after_a_new_master_key_every_slot_opens_and_every_value_is_there() {
    let place = Place::new();
    let mut vault = place.create();
    put(&mut vault, "A", "old");
    put(&mut vault, "A", "value");
    let (phrase, keyring) = (passphrase(), Memory::default());
    vault
        .add_slot(NewSlot::Passphrase(&phrase, CHEAP), 0)
        .expect("a slot");
    vault
        .add_slot(NewSlot::Keyring(&keyring), 0)
        .expect("a slot");
    let (_, code) = vault.add_recovery(0).expect("a slot");
    let (old_vault, old_key) = (place.read("vault"), place.read("vault.key"));

    let keys = [
        Key::Passphrase(&phrase),
        Key::Keyring(&keyring),
        Key::Recovery(&code),
    ];
    vault.rekey(&keys).expect("a new master key");

    for key in [&keys[..], &[Key::File]].concat() {
        assert!(opens(&place, key));
    }
    assert_eq!(
        text(&place.opened().older(&name("A")).expect("older")[0].value),
        "old"
    );
    assert_ne!(place.read("vault.key"), old_key);
    assert_eq!(place.read("vault"), place.read("vault.previous"));
    // the old key opens the old copy and nothing else
    place.write("vault.key", &old_key);
    assert!(matches!(refused(place.open()), Error::WrongKey { .. }));
    place.write("vault", &old_vault);
    assert!(place.open().is_ok());
}

#[test]
fn a_new_master_key_is_not_made_while_a_slot_would_be_lost() {
    let place = Place::new();
    let mut vault = place.create();
    let phrase = passphrase();
    vault
        .add_slot(NewSlot::Passphrase(&phrase, CHEAP), 0)
        .expect("a slot");
    let before = place.files();
    let wrong = Secret::new("wrong horse");
    for keys in [&[][..], &[Key::Passphrase(&wrong)]] {
        let error = refused(vault.rekey(keys));
        assert!(matches!(
            error,
            Error::SlotLocked {
                id: 2,
                kind: SlotKind::Passphrase
            }
        ));
    }
    assert_eq!(place.files(), before);
}

#[test]
fn a_handle_opened_before_a_new_master_key_says_so_and_writes_nothing() {
    let place = Place::new();
    let mut old = place.create();
    put(&mut old, "A", "value");
    place.opened().rekey(&[]).expect("a new master key");
    let before = place.files();
    let error = refused(old.put(common::entry("B", "2"), 0));
    assert!(matches!(error, Error::Rekeyed { .. }));
    assert_eq!(place.files(), before);
}

#[test]
fn a_vault_whose_writer_was_killed_while_it_changed_the_master_key_opens_at_every_stage() {
    let value = "kR8vX2mQ9zWpTn4L";
    let place = Place::new();
    let mut vault = place.create();
    put(&mut vault, "A", value);
    let before = place.files();
    vault.rekey(&[]).expect("a new master key");
    let after = place.files();

    let of = |files: &[(std::ffi::OsString, Vec<u8>)], name: &str| {
        let file = files.iter().find(|(file, _)| file == name);
        file.map(|(_, bytes)| bytes.clone()).expect("a file")
    };
    let both = |name: &str| {
        let (new, old) = (of(&after, name), of(&before, name));
        let line = old.iter().position(|&byte| byte == b'\n').expect("a line") + 1;
        [&new[..], &old[line..]].concat()
    };
    // the order in which the files change
    let stages: [&[&str]; 4] = [&[], &["vault.previous"], &["vault"], &["fingerprints"]];
    for stage in 0..stages.len() {
        for (name, bytes) in &before {
            place.write(&name.to_string_lossy(), bytes);
        }
        for name in stages[..=stage].concat() {
            place.write(name, &of(&after, name));
        }
        place.write("vault.key", &both("vault.key"));
        if stage >= 3 {
            place.write("fingerprints.key", &both("fingerprints.key"));
        }
        let mut vault = place.opened();
        assert_eq!(get(&vault, "A"), value, "stage {stage}");
        let prints = Fingerprints::read(&place.folder())
            .expect("read")
            .expect("there");
        assert_eq!(prints.find(value).len(), 1, "stage {stage}");
        // the next write leaves one key in each file
        put(&mut vault, "B", "2");
        for file in ["vault.key", "fingerprints.key"] {
            assert_eq!(
                place
                    .read(file)
                    .iter()
                    .filter(|&&byte| byte == b'\n')
                    .count(),
                2,
                "{file}"
            );
        }
        assert_eq!(place.opened().list().len(), 2);
    }
}

#[test]
fn readers_are_never_shut_out_while_the_master_key_changes() {
    let place = Place::new();
    let mut vault = place.create();
    put(&mut vault, "A", "kR8vX2mQ9zWpTn4L");
    let done = std::sync::atomic::AtomicBool::new(false);
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while !done.load(std::sync::atomic::Ordering::Relaxed) {
                    assert_eq!(get(&place.opened(), "A"), "kR8vX2mQ9zWpTn4L");
                    let prints = Fingerprints::read(&place.folder())
                        .expect("read")
                        .expect("there");
                    assert_eq!(prints.len(), 1);
                }
            });
        }
        for _ in 0..20 {
            vault.rekey(&[]).expect("a new master key");
        }
        done.store(true, std::sync::atomic::Ordering::Relaxed);
    });
}
