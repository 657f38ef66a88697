//! One-time codes, stored in a vault.

mod common;

use ccs_vault::{Algorithm, Code, Codes, Error, Kind, Secret};
use common::{Place, job, name, process, put, refused, text};

/// The app's side of it: the code its owner reads at a time.
fn shown(base32: &str, time: u64) -> Secret {
    let letters = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let (mut secret, mut held, mut bits) = (Vec::new(), 0_u32, 0);
    for byte in base32.bytes() {
        let five = letters
            .iter()
            .position(|&letter| letter == byte)
            .expect("base32");
        held = held << 5 | five as u32;
        bits += 5;
        if bits >= 8 {
            bits -= 8;
            secret.push((held >> bits) as u8);
        }
    }
    Codes::default().code(&Secret::new(secret), time)
}

#[test]
fn a_code_is_good_once_for_every_process() {
    let test = "a_code_is_good_once_for_every_process";
    if let Some((code, folder)) = job() {
        let mut vault = ccs_vault::Vault::open(&folder, ccs_vault::Key::File).expect("opens");
        let looked = vault
            .check_code(&name("totp"), &Secret::new(code), 90_000)
            .expect("looked at");
        #[expect(clippy::exit, reason = "its parent reads the code")]
        std::process::exit(if looked == Code::Accepted { 42 } else { 43 });
    }
    let place = Place::new();
    let mut vault = place.create();
    let enrolment = vault
        .enrol(name("totp"), Codes::default(), "ccs", "dev", 0)
        .expect("enrolled");
    let code = text(&shown(&text(&enrolment.secret), 90_000));
    let start = |_| process(test, &code, &place).spawn().expect("started");
    let children: Vec<_> = (0..6).map(start).collect();
    let ends = children
        .into_iter()
        .map(|mut child| child.wait().expect("ended").code());
    let mut ends: Vec<_> = ends.collect();
    ends.sort_unstable();
    assert_eq!(
        ends,
        [Some(42), Some(43), Some(43), Some(43), Some(43), Some(43)]
    );
}

#[test]
fn wrong_codes_are_counted_over_processes_until_there_is_a_pause() {
    let place = Place::new();
    let mut vault = place.create();
    let enrolment = vault
        .enrol(name("totp"), Codes::default(), "ccs", "dev", 0)
        .expect("enrolled");
    for _ in 0..5 {
        let looked = place
            .opened()
            .check_code(&name("totp"), &Secret::new("no"), 90_000);
        assert_eq!(looked.expect("looked at"), Code::Wrong);
    }
    let code = shown(&text(&enrolment.secret), 90_000);
    let error = refused(place.opened().check_code(&name("totp"), &code, 90_001));
    assert!(matches!(error, Error::Wait { seconds: 29 }), "{error}");
}

#[test]
fn a_generator_is_no_value_and_a_value_no_generator() {
    let place = Place::new();
    let mut vault = place.create();
    let codes = Codes::new(Algorithm::Sha512, 8).expect("codes");
    vault
        .enrol(name("totp"), codes, "ccs", "dev", 0)
        .expect("enrolled");
    put(&mut vault, "A", "123456");
    assert_eq!(
        vault.meta(&name("totp")).expect("an entry").kind,
        Kind::Totp
    );
    assert!(matches!(
        refused(vault.get(&name("totp"))),
        Error::OtherKind { .. }
    ));
    assert!(matches!(
        refused(vault.rotate(&name("totp"), None, 0)),
        Error::OtherKind { .. }
    ));
    let looked = vault.check_code(&name("A"), &Secret::new("123456"), 0);
    assert!(matches!(refused(looked), Error::OtherKind { .. }));
    let again = vault.enrol(name("totp"), codes, "ccs", "dev", 0);
    assert!(matches!(refused(again), Error::NameTaken { .. }));
}
