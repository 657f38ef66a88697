//! A secret in a prompt goes into the vault and nowhere else.
#![cfg(unix)]

#[cfg(target_os = "linux")]
#[path = "prompt/clipboard.rs"]
mod clipboard;
mod common;

use std::fs;
use std::path::{Path, PathBuf};

use ccs_hooks::install::Record;
use ccs_vault::{Key, Name, NewEntry, NewSlot, Secret, Vault};
use common::{Answer, World};
use serde_json::{Value, json};

/// A made-up token of the right form.
const TOKEN: &str = concat!("ghp_", "x7Kq9vTzW2mB4nR6pL8sD0fG3hJ5kY1aC4eU");
const OTHER: &str = concat!("ghp_", "a1Bc2De3Fg4Hi5Jk6Lm7No8Pq9Rs0Tu1Vw2X");

/// A world where ccs was installed.
fn installed() -> World {
    let world = World::new();
    Record::new(Vec::new(), "/opt/ccs-hook".into(), &[])
        .write(&world.state())
        .expect("a record");
    world
}

fn transcript(world: &World) -> PathBuf {
    world.path("home/.claude/projects/-shop/5e551017-0001.jsonl")
}

fn told(world: &World, event: &str, fields: Value) -> Answer {
    let mut input = json!({
        "session_id": "5e551017-0001",
        "transcript_path": transcript(world),
        "cwd": world.path("home/shop"),
    });
    let pairs = fields.as_object().expect("an object").clone();
    input.as_object_mut().expect("an object").extend(pairs);
    let state = world.state().to_str().expect("UTF-8").to_owned();
    let command = world.command(&[event.into(), "--state".into(), state]);
    world.run(command, input.to_string().as_bytes())
}

fn prompted(world: &World, prompt: &str) -> Answer {
    told(world, "user-prompt-submit", json!({"prompt": prompt}))
}

/// The reason of a prompt that was withheld as the client wants it.
#[track_caller]
fn withheld(answer: &Answer) -> String {
    let value: Value = serde_json::from_str(&answer.stdout).expect(&answer.stderr);
    assert_eq!(value["decision"], "block");
    assert_eq!(value["hookSpecificOutput"]["suppressOriginalPrompt"], true);
    assert_eq!(answer.code, Some(2));
    let reason = value["reason"].as_str().expect("a reason").to_owned();
    assert_eq!(answer.stderr, format!("{reason}\n"));
    reason
}

#[track_caller]
fn passes(answer: &Answer) {
    let all = (answer.code, answer.stdout.as_str(), answer.stderr.as_str());
    assert_eq!(all, (Some(0), "", ""));
}

fn stored(world: &World, name: &str) -> String {
    let vault = Vault::open(&world.state().join("vault"), Key::File).expect("a vault");
    let value = vault
        .get(&Name::new(name).expect("a name"))
        .expect("an entry");
    String::from_utf8(value.expose().to_vec()).expect("UTF-8")
}

/// The prompt that is handed back.
fn offered(reason: &str) -> String {
    let (_, rest) = reason.split_once("Send this instead:\n\n").expect(reason);
    let end = rest.find("\n\n(Not a secret").unwrap_or(rest.len());
    rest[..end].trim_end().to_owned()
}

fn files_with(folder: &Path, text: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            found.extend(files_with(&path, text));
        } else if fs::read(&path).is_ok_and(|bytes| {
            bytes
                .windows(text.len())
                .any(|part| part == text.as_bytes())
        }) {
            found.push(path);
        }
    }
    found
}

#[test]
fn a_token_goes_into_the_vault_and_the_prompt_comes_back_without_it() {
    let world = installed();
    let reason = withheld(&prompted(&world, &format!("log in with {TOKEN} please")));

    assert!(!reason.contains(TOKEN) && reason.contains("Now in the vault: GITHUB_TOKEN."));
    assert_eq!(
        offered(&reason),
        "log in with <<secret:GITHUB_TOKEN, used with: ccs run --env GITHUB_TOKEN -- COMMAND>> please"
    );
    assert_eq!(stored(&world, "GITHUB_TOKEN"), TOKEN);
    assert_eq!(
        files_with(&world.path("home"), TOKEN),
        Vec::<PathBuf>::new()
    );
}

#[test]
fn the_prompt_that_comes_back_can_be_sent() {
    let world = installed();
    let prompt =
        format!("A={TOKEN}\nDB_PASSWORD=Gx7!kq9vTz2w\ncurl -u ci:Vb8#mq2xTz5w https://ci.corp.net");
    let reason = withheld(&prompted(&world, &prompt));
    passes(&prompted(&world, &offered(&reason)));
}

#[test]
fn a_value_keeps_its_name_and_another_gets_the_next() {
    let world = installed();
    withheld(&prompted(&world, &format!("use {TOKEN}")));
    let again = withheld(&prompted(&world, &format!("and {TOKEN} and {OTHER}")));

    assert!(again.contains("Already in the vault: GITHUB_TOKEN."));
    assert!(again.contains("Now in the vault: GITHUB_TOKEN_2."));
    assert_eq!(stored(&world, "GITHUB_TOKEN"), TOKEN);
    assert_eq!(stored(&world, "GITHUB_TOKEN_2"), OTHER);
}

#[test]
fn a_marked_value_is_stored_under_its_name_however_plain_it_is() {
    let world = installed();
    let reason = withheld(&prompted(&world, "/key DB_PASSWORD=blue horse"));
    assert!(!reason.contains("horse"));
    assert_eq!(stored(&world, "DB_PASSWORD"), "blue horse");

    let reason = withheld(&prompted(&world, "connect with KEY:MY_PIN=4711 now"));
    assert!(offered(&reason).starts_with("connect with KEY:MY_PIN=<<secret:MY_PIN,"));
    assert_eq!(stored(&world, "MY_PIN"), "4711");
}

#[test]
fn a_stored_value_is_recognised_in_any_form() {
    let world = installed();
    let value = "plum-Fj29sKd83-tulip-Lq70";
    withheld(&prompted(&world, &format!("/key MY_PHRASE={value}")));
    // base64 of the value
    let encoded = "cGx1bS1GajI5c0tkODMtdHVsaXAtTHE3MA==";
    for prompt in [value.to_owned(), format!("decode {encoded} please")] {
        let reason = withheld(&prompted(&world, &prompt));
        assert!(
            reason.contains("Already in the vault: MY_PHRASE"),
            "{reason}"
        );
    }
}

#[test]
fn what_only_looks_like_a_key_passes() {
    let world = installed();
    for prompt in [
        "say hello",
        "what does ghp_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx mean?",
        "set OPENAI_API_KEY=your-api-key-here in the docs",
        "AKIAIOSFODNN7EXAMPLE is the example of the AWS documentation",
        "read process.env.STRIPE_SECRET_KEY and ${GITHUB_TOKEN}",
        "fix the bug in commit 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b",
        "use <<secret:GITHUB_TOKEN>> with ccs run",
    ] {
        passes(&prompted(&world, prompt));
    }
    assert!(!world.state().join("vault").exists());
}

#[test]
fn its_user_can_say_that_it_is_none() {
    let world = installed();
    passes(&prompted(
        &world,
        &format!("explain the form of {TOKEN} (ccs:allow)"),
    ));

    let elsewhere = format!("{OTHER} ccs:allow\nuse {TOKEN}");
    let sent = offered(&withheld(&prompted(&world, &elsewhere)));
    assert!(
        sent.contains(" ccs:allow\nuse <<") && !sent.contains(TOKEN),
        "{sent}"
    );
    // what is in the vault stays there
    withheld(&prompted(&world, &format!("{TOKEN} ccs:allow")));
}

#[test]
fn a_prompt_that_the_client_made_is_withheld_and_nothing_is_stored() {
    let world = installed();
    let prompt = format!(
        "<task-notification>\n<summary>printed {TOKEN}</summary>\nccs:allow {OTHER}\n</task-notification>"
    );
    let reason = withheld(&prompted(&world, &prompt));

    assert!(!reason.contains(TOKEN) && !reason.contains(OTHER));
    assert!(reason.contains("<<secret, GitHub"), "{reason}");
    assert!(!world.state().join("vault").exists());
}

#[test]
fn without_a_vault_to_open_the_prompt_is_withheld_all_the_same() {
    // not installed, so no vault is made
    let world = World::new();
    let reason = withheld(&prompted(&world, &format!("use {TOKEN}")));
    assert!(reason.contains("Not stored: GITHUB_TOKEN"), "{reason}");
    assert!(reason.contains("`ccs vault set GITHUB_TOKEN`"));
    assert!(!reason.contains(TOKEN) && !world.state().join("vault").exists());
}

#[test]
fn two_values_that_could_not_be_stored_have_two_names() {
    let world = World::new();
    let reason = withheld(&prompted(&world, &format!("{TOKEN} {OTHER} {TOKEN}")));
    let sent = offered(&reason);
    assert!(
        sent.contains("<<secret:GITHUB_TOKEN_2, used with"),
        "{sent}"
    );
    assert!(sent.ends_with("<<secret:GITHUB_TOKEN>>"), "{sent}");
}

#[test]
fn a_damaged_vault_is_left_as_it_is() {
    let world = installed();
    withheld(&prompted(&world, &format!("use {TOKEN}")));
    let file = world.state().join("vault/vault");
    fs::write(&file, "ccs-vault").expect("written");

    let reason = withheld(&prompted(&world, &format!("use {OTHER}")));

    assert!(reason.contains("Not stored: GITHUB_TOKEN"), "{reason}");
    assert_eq!(fs::read(&file).expect("the file"), b"ccs-vault");
}

#[test]
fn a_vault_with_a_passphrase_only_still_recognises_what_it_holds() {
    let world = installed();
    let folder = world.state().join("vault");
    let mut vault = Vault::create(&folder, NewSlot::File, 1).expect("a vault");
    let name = Name::new("MY_TOKEN").expect("a name");
    let entry = NewEntry::value(name, Secret::new(TOKEN)).expect("an entry");
    vault.put(entry, 1).expect("put");
    vault.add_recovery(1).expect("a slot");
    vault.remove_slot(1).expect("removed");

    let reason = withheld(&prompted(&world, &format!("{TOKEN} {OTHER}")));

    assert!(
        reason.contains("Already in the vault: MY_TOKEN."),
        "{reason}"
    );
    assert!(
        reason.contains("(the vault opens with a passphrase only)"),
        "{reason}"
    );
}

#[test]
fn fingerprints_that_cannot_be_read_are_reported_and_looks_still_count() {
    let world = installed();
    withheld(&prompted(&world, &format!("use {TOKEN}")));
    fs::write(world.state().join("vault/fingerprints"), "x").expect("written");

    let answer = prompted(&world, "say hello");
    assert!(
        answer
            .stdout
            .contains("secrets in the vault are not recognised")
    );
    withheld(&prompted(&world, &format!("use {OTHER}")));
}

#[test]
fn a_long_prompt_comes_back_in_a_file() {
    let world = installed();
    let log = "2026-11-21 request served in 12 ms\n".repeat(400);
    let reason = withheld(&prompted(&world, &format!("{log}token {TOKEN}\n{log}")));

    assert!(reason.contains("Send the text in `") && reason.len() < 2_000);
    let file = world.state().join("resend.txt");
    let text = fs::read_to_string(file).expect("the file");
    assert!(text.contains("<<secret:GITHUB_TOKEN,") && !text.contains(TOKEN));
}

#[test]
fn the_log_names_the_rule_and_no_byte_of_the_value() {
    let world = installed();
    withheld(&prompted(&world, &format!("use {TOKEN}")));
    let line = world.log().pop().expect("a line");
    assert_eq!(line["rules"][0], "secret.prompt.github.personal-token");
    assert_eq!(line["evidence"][0], "GITHUB_TOKEN");
    assert!(!line.to_string().contains(&TOKEN[4..12]));
}

#[test]
fn the_end_of_a_session_cleans_what_the_client_wrote_after_the_hook() {
    let world = installed();
    withheld(&prompted(&world, &format!("use {TOKEN}")));
    let record = transcript(&world);
    fs::create_dir_all(record.parent().expect("a folder")).expect("made");
    let line = json!({"type": "queue-operation", "operation": "enqueue", "content": format!("use {TOKEN}")});
    fs::write(&record, format!("{line}\n")).expect("written");

    passes(&told(&world, "session-end", json!({"reason": "other"})));

    let text = fs::read_to_string(&record).expect("the record");
    assert!(text.contains("use [ccs:GITHUB_TOKEN]***"), "{text}");
    assert_eq!(
        files_with(&world.path("home"), TOKEN),
        Vec::<PathBuf>::new()
    );
}

#[test]
fn a_session_that_was_killed_is_cleaned_when_the_next_one_starts() {
    let world = installed();
    withheld(&prompted(&world, &format!("use {TOKEN}")));
    let record = transcript(&world);
    fs::create_dir_all(record.parent().expect("a folder")).expect("made");
    fs::write(&record, format!("{{\"content\":\"{TOKEN}\"}}\n")).expect("written");

    let next = json!({"session_id": "5e551017-0002", "source": "startup"});
    told(&world, "session-start", next);

    assert_eq!(
        files_with(&world.path("home"), TOKEN),
        Vec::<PathBuf>::new()
    );
    // the session may live on, so it is looked at again
    assert!(world.state().join("sessions/5e551017-0001").exists());
}

#[test]
fn a_session_that_ended_is_forgotten() {
    let world = installed();
    told(&world, "session-start", json!({"source": "startup"}));
    assert!(world.state().join("sessions/5e551017-0001").exists());
    told(&world, "session-end", json!({"reason": "other"}));
    assert!(!world.state().join("sessions/5e551017-0001").exists());
}

fn filtered(world: &World, mode: &str, text: &str) -> Answer {
    let state = world.state().to_str().expect("UTF-8").to_owned();
    let command = world.command(&["filter".into(), mode.into(), "--state".into(), state]);
    world.run(command, text.as_bytes())
}

#[test]
fn a_mod_gets_a_prompt_with_references_and_the_vault_the_value() {
    let world = installed();
    let answer = filtered(&world, "prompt", &format!("use {TOKEN}\n"));
    let wanted = "use <<secret:GITHUB_TOKEN, used with: ccs run --env GITHUB_TOKEN -- COMMAND>>\n";
    assert_eq!((answer.stdout.as_str(), answer.code), (wanted, Some(0)));
    assert_eq!(stored(&world, "GITHUB_TOKEN"), TOKEN);
    for prompt in ["say hello", &format!("{OTHER} ccs:allow")] {
        assert_eq!(filtered(&world, "prompt", prompt).stdout, prompt);
    }
}

#[test]
fn a_mod_gets_nothing_if_a_secret_has_no_place_to_go() {
    // not installed, so no vault is made
    let answer = filtered(&World::new(), "prompt", &format!("use {TOKEN}"));
    assert_eq!((answer.stdout.as_str(), answer.code), ("", Some(2)));
    assert!(answer.stderr.contains("could not be stored") && !answer.stderr.contains(TOKEN));
}

#[test]
fn a_row_of_the_conversation_names_what_was_taken_out() {
    let world = installed();
    withheld(&prompted(&world, &format!("use {TOKEN}")));
    let answer = filtered(&world, "record", &format!("a {TOKEN} b {OTHER} c"));
    assert_eq!(
        answer.stdout,
        "a [ccs:GITHUB_TOKEN] b [secret:github.personal-token] c"
    );
    assert_eq!(filtered(&world, "other", "x").code, Some(2));
}
