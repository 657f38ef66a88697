//! The ways into a vault, what is lost without them, and one-time codes.
#![cfg(unix)]

mod support;

use std::fs;
use std::time::{SystemTime, UNIX_EPOCH};

use ccs_vault::{Codes, Secret};
use support::{Machine, Run};

const KEY: &str = "sk-made-up-kR8vX2mQ9zWpTn4L";
const CHEAP: [&str; 4] = ["--memory", "19", "--passes", "2"];

fn machine() -> Machine {
    let machine = Machine::new();
    machine.init();
    machine.put("API_TOKEN", KEY);
    machine
}

fn vault(machine: &Machine, args: &[&str], input: &str) -> Run {
    machine.tell(&[&["vault"], args].concat(), input)
}

fn add_passphrase(machine: &Machine, passphrase: &str) {
    let args = ["slots", "add", "passphrase", "--new-passphrase-from", "-"];
    vault(machine, &[&args[..], &CHEAP].concat(), passphrase).succeeds();
}

fn add_recovery(machine: &Machine) -> String {
    let shown = vault(machine, &["slots", "add", "recovery", "--print"], "").succeeds();
    shown.stdout.lines().nth(1).expect("the code").to_owned()
}

fn file(machine: &Machine, name: &str) -> std::path::PathBuf {
    machine.state().join("vault").join(name)
}

#[test]
fn with_a_passphrase_and_no_key_file_the_passphrase_is_what_opens() {
    let machine = machine();
    add_passphrase(&machine, "correct horse battery\n");
    vault(&machine, &["slots", "rm", "1"], "").succeeds();
    assert!(!file(&machine, "vault.key").exists());

    let with = ["get", "API_TOKEN", "--passphrase-from", "-"];
    let got = vault(&machine, &with, "correct horse battery\n").succeeds();
    assert_eq!(got.stdout, KEY);
    let wrong = vault(&machine, &with, "incorrect horse\n").ends_with(3);
    assert!(
        wrong.stderr.contains("does not open with this passphrase"),
        "{wrong:?}"
    );
    let none = vault(&machine, &["get", "API_TOKEN"], "").ends_with(2);
    assert!(none.stderr.contains("no terminal"), "{none:?}");
}

#[test]
fn missing_and_wrong_and_damaged_are_three_errors_and_nothing_is_made_anew() {
    let machine = machine();
    let key = file(&machine, "vault.key");
    let good = fs::read(&key).expect("a key file");
    let other = Machine::new();
    other.init();
    let strange = fs::read(file(&other, "vault.key")).expect("a key file");

    fs::write(&key, &strange).expect("ours");
    let wrong = vault(&machine, &["list"], "").ends_with(3);
    assert!(
        wrong.stderr.contains("does not open with this key file"),
        "{wrong:?}"
    );
    fs::write(&key, "ccs-key/1 vault\nnonsense\n").expect("ours");
    let damaged = vault(&machine, &["list"], "").ends_with(4);
    assert!(damaged.stderr.contains("is damaged"), "{damaged:?}");
    fs::remove_file(&key).expect("ours");
    let missing = vault(&machine, &["list"], "").ends_with(5);
    assert!(
        missing.stderr.contains("vault.key` is not there"),
        "{missing:?}"
    );
    assert!(!key.exists());

    machine.write("home/.claude/ccs/vault/vault.key", good);
    let open = vault(&machine, &["list"], "").ends_with(4);
    assert!(open.stderr.contains("chmod 600"), "{open:?}");
}

#[test]
fn a_recovery_code_opens_however_it_is_typed() {
    let machine = machine();
    let code = add_recovery(&machine);
    fs::remove_file(file(&machine, "vault.key")).expect("ours");
    let typed = code.to_lowercase().replace('-', " ");
    let got = vault(
        &machine,
        &["get", "API_TOKEN", "--recovery-from", "-"],
        &typed,
    );
    assert_eq!(got.succeeds().stdout, KEY);
    let mistyped = vault(&machine, &["list", "--recovery-from", "-"], &typed[1..]).ends_with(2);
    assert!(mistyped.stderr.contains("36 letters"), "{mistyped:?}");
}

#[test]
fn a_new_master_key_needs_the_key_of_every_slot_and_shuts_old_ones_out() {
    let machine = machine();
    add_passphrase(&machine, "correct horse battery\n");
    let old = fs::read(file(&machine, "vault.key")).expect("a key file");
    vault(
        &machine,
        &["rekey", "--passphrase-from", "-"],
        "wrong horse battery",
    )
    .ends_with(3);
    assert_eq!(machine.get("API_TOKEN"), KEY);

    vault(
        &machine,
        &["rekey", "--passphrase-from", "-"],
        "correct horse battery",
    )
    .succeeds();
    assert_eq!(machine.get("API_TOKEN"), KEY);
    let with = ["get", "API_TOKEN", "--passphrase-from", "-"];
    assert_eq!(
        vault(&machine, &with, "correct horse battery")
            .succeeds()
            .stdout,
        KEY
    );
    fs::write(file(&machine, "vault.key"), old).expect("ours");
    vault(&machine, &["get", "API_TOKEN"], "").ends_with(3);
}

#[test]
fn a_damaged_vault_is_saved_from_the_version_before() {
    let machine = machine();
    machine.put("SECOND", "sk-made-up-W7bQ2nX5cVtRz8Kd");
    let path = file(&machine, "vault");
    let mut bytes = fs::read(&path).expect("a vault");
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(&path, &bytes).expect("ours");

    let refused = vault(&machine, &["get", "API_TOKEN"], "").ends_with(4);
    assert!(
        refused.stderr.contains("next: ccs vault restore"),
        "{refused:?}"
    );
    let saved = vault(&machine, &["restore", "--json"], "")
        .succeeds()
        .json();
    assert!(saved["entries"].as_u64() >= Some(1), "{saved}");
    assert_eq!(machine.get("API_TOKEN"), KEY);
    let kept = saved["kept"][0].as_str().expect("a path");
    assert_eq!(fs::read(kept).expect("the damaged file"), bytes);
}

#[test]
fn a_lost_vault_is_told_from_one_that_never_was() {
    let machine = machine();
    fs::remove_file(file(&machine, "vault")).expect("ours");
    let lost = vault(&machine, &["list"], "").ends_with(5);
    assert!(lost.stderr.contains("ccs vault restore"), "{lost:?}");
    vault(&machine, &["init"], "").ends_with(4);
    vault(&machine, &["restore"], "").succeeds();
    vault(&machine, &["list"], "").succeeds();
}

/// The generator's secret as the app gets it.
fn enrol(machine: &Machine) -> Secret {
    let shown = vault(machine, &["totp", "enrol", "--print"], "")
        .succeeds()
        .stdout;
    let base32 = shown.lines().nth(1).expect("the secret");
    assert!(shown.contains(&format!("secret={base32}")), "{shown}");
    let mut bytes = Vec::new();
    let (mut bits, mut count) = (0_u32, 0);
    for letter in base32.bytes() {
        let five = match letter {
            b'A'..=b'Z' => letter - b'A',
            _ => letter - b'2' + 26,
        };
        (bits, count) = (bits << 5 | u32::from(five), count + 5);
        if count >= 8 {
            count -= 8;
            bytes.push((bits >> count) as u8);
            bits &= (1 << count) - 1;
        }
    }
    Secret::new(bytes)
}

/// The code so many steps from now.
fn code(secret: &Secret, steps: u64) -> String {
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .expect("after 1970");
    let code = Codes::default().code(secret, now.as_secs() + steps * 30);
    String::from_utf8(code.expose().to_vec()).expect("digits")
}

#[test]
fn once_enrolled_what_shows_or_destroys_asks_for_a_code() {
    let machine = machine();
    let secret = enrol(&machine);
    for args in [
        &["get", "API_TOKEN"][..],
        &["export"],
        &["rm", "API_TOKEN"],
        &["slots", "rm", "1"],
        &["slots", "add", "recovery", "--print"],
        &["totp", "rm"],
    ] {
        let without = vault(&machine, args, "").ends_with(2);
        assert!(
            without.stderr.contains("no terminal"),
            "{args:?} {without:?}"
        );
        assert_eq!(without.stdout, "", "{args:?}");
    }
    for args in [&["get", "API_TOKEN"][..], &["export"], &["rm", "API_TOKEN"]] {
        let with = [args, &["--code-from", "-"]].concat();
        let wrong = vault(&machine, &with, "000 000").ends_with(3);
        assert!(wrong.stderr.contains("is not right"), "{args:?} {wrong:?}");
        assert_eq!(wrong.stdout, "", "{args:?}");
    }
    let with = ["get", "API_TOKEN", "--code-from", "-"];
    let right = code(&secret, 0);
    assert_eq!(vault(&machine, &with, &right).succeeds().stdout, KEY);
    let again = vault(&machine, &with, &right).ends_with(3);
    assert!(again.stderr.contains("used already"), "{again:?}");
}

#[test]
fn after_too_many_wrong_codes_there_is_a_pause() {
    let machine = machine();
    let secret = enrol(&machine);
    let check = |code: &str| vault(&machine, &["totp", "check", "--code-from", "-"], code);
    for _ in 0..5 {
        check("wrong").ends_with(3);
    }
    let paused = check(&code(&secret, 0)).ends_with(3);
    assert!(paused.stderr.contains("too many wrong codes"), "{paused:?}");
}

#[test]
fn a_program_still_gets_its_secret_where_nobody_can_type_a_code() {
    let machine = machine();
    enrol(&machine);
    let ran = machine.run(&[
        "run",
        "--env",
        "API_TOKEN",
        "--",
        "sh",
        "-c",
        "test -n \"$API_TOKEN\"",
    ]);
    ran.succeeds();
    assert_eq!(
        vault(&machine, &["helper", "API_TOKEN"], "")
            .succeeds()
            .stdout,
        KEY
    );
}

#[test]
fn the_generator_cannot_be_removed_or_replaced_like_an_entry() {
    let machine = machine();
    enrol(&machine);
    for args in [
        &["rm", "ccs/totp"][..],
        &["rename", "ccs/totp", "x"],
        &["rename", "API_TOKEN", "ccs/totp"],
        &["set", "ccs/totp"],
        &["rotate", "ccs/totp", "--random"],
        &["edit", "ccs/totp", "--note", "x"],
        &["provide", "ccs/totp", "--", "true"],
        &["import", "--env", "ccs/totp", "--replace"],
    ] {
        vault(&machine, args, KEY).ends_with(2);
    }
    vault(&machine, &["get", "API_TOKEN"], "").ends_with(2);
}

#[test]
fn codes_are_given_up_with_a_code_or_the_recovery_code() {
    let machine = machine();
    let paper = add_recovery(&machine);
    let secret = enrol(&machine);
    let by_code = vault(
        &machine,
        &["totp", "rm", "--code-from", "-"],
        &code(&secret, 0),
    );
    by_code.succeeds();
    assert_eq!(machine.get("API_TOKEN"), KEY);

    enrol(&machine);
    vault(&machine, &["totp", "rm", "--recovery-from", "-"], &paper).succeeds();
    assert_eq!(machine.get("API_TOKEN"), KEY);
}
