//! Taking secrets over: from texts with a dry run, and from plaintext files that are then wiped.

mod common;

use ccs_vault::import::{Existing, Outcome, Wanted, Why, from_dotenv, from_shell};
use ccs_vault::{Category, Error, Shell, Take};
use common::{Place, entry, get, name, put, refused, text};

const RC: &str = "\
export OPENAI_API_KEY='one'
export GH_TOKEN=two # a comment
export NEW_TOKEN=\"$(op read x)\"
export EDITOR=vi
MY_SECRET=three
";

fn outcomes(outcomes: &[(ccs_vault::Name, Outcome)]) -> Vec<(&str, Outcome)> {
    outcomes
        .iter()
        .map(|(name, outcome)| (name.as_str(), *outcome))
        .collect()
}

#[test]
fn a_dry_run_says_what_an_import_then_does() {
    let place = Place::new();
    let mut vault = place.create();
    put(&mut vault, "GH_TOKEN", "two");
    put(&mut vault, "MY_SECRET", "other");
    let plan = from_shell(RC, Wanted::Likely);
    let left: Vec<_> = plan
        .left
        .iter()
        .map(|left| (left.name.as_deref(), left.line, left.why))
        .collect();
    assert_eq!(left, [(Some("NEW_TOKEN"), 3, Why::Command)]);

    let preview = vault
        .preview(&plan.found, Existing::Keep)
        .expect("a preview");
    assert_eq!(
        outcomes(&preview),
        [
            ("GH_TOKEN", Outcome::Unchanged),
            ("MY_SECRET", Outcome::Kept),
            ("OPENAI_API_KEY", Outcome::Added),
        ]
    );
    assert_eq!(vault.generation(), 3, "nothing was written");
    assert_eq!(
        vault
            .import(plan.found, Existing::Keep, None, 9)
            .expect("imported"),
        preview
    );
    assert_eq!(
        (get(&vault, "OPENAI_API_KEY"), get(&vault, "MY_SECRET")),
        ("one".into(), "other".into())
    );
    assert_eq!(
        vault
            .meta(&name("OPENAI_API_KEY"))
            .expect("an entry")
            .category
            .as_str(),
        "llm"
    );
}

#[test]
fn an_import_that_replaces_keeps_the_value_before() {
    let place = Place::new();
    let mut vault = place.create();
    put(&mut vault, "A", "old");
    let plan = from_dotenv("A=new\nB=\"two\nlines\"\n", Wanted::All);
    let category = Category::new("app").expect("a category");
    let done = vault
        .import(plan.found, Existing::Replace, Some(&category), 9)
        .expect("imported");
    assert_eq!(
        outcomes(&done),
        [("A", Outcome::Replaced), ("B", Outcome::Added)]
    );
    let vault = place.opened();
    assert_eq!(
        (get(&vault, "A"), get(&vault, "B")),
        ("new".into(), "two\nlines".into())
    );
    assert_eq!(
        text(&vault.older(&name("A")).expect("older")[0].value),
        "old"
    );
    assert!(vault.list().all(|meta| meta.category == category));
}

#[test]
fn an_import_of_nothing_new_writes_nothing() {
    let place = Place::new();
    let mut vault = place.create();
    put(&mut vault, "A", "1");
    let plan = from_dotenv("A=1\n", Wanted::All);
    vault
        .import(plan.found, Existing::Replace, None, 9)
        .expect("imported");
    assert_eq!(vault.generation(), 2);
}

#[test]
fn an_export_can_be_imported_again() {
    let (from, to) = (Place::new(), Place::new());
    let mut vault = from.create();
    put(&mut vault, "OPENAI_API_KEY", "it's\n\"so\" $x");
    put(&mut vault, "AWS_SECRET", "two");
    put(&mut vault, "Z", "three");
    let export = text(&vault.export(Shell::Sh, None, 0).expect("an export").text);
    assert_eq!(
        export,
        "# secrets of the ccs vault\n\
         \n# --- cloud ---\nexport AWS_SECRET='two'\n\
         \n# --- llm ---\nexport OPENAI_API_KEY='it'\\''s\n\"so\" $x'\n\
         \n# --- other ---\nexport Z='three'\n"
    );
    let mut copy = to.create();
    copy.import(
        from_shell(&export, Wanted::All).found,
        Existing::Keep,
        None,
        0,
    )
    .expect("imported");
    assert_eq!(get(&copy, "OPENAI_API_KEY"), "it's\n\"so\" $x");
    assert_eq!(copy.list().len(), 3);
}

#[test]
fn an_export_of_a_category_or_of_nothing_says_so() {
    let place = Place::new();
    let mut vault = place.create();
    let export = |vault: &ccs_vault::Vault, category: &str| {
        let category = Category::new(category).expect("a category");
        text(
            &vault
                .export(Shell::Fish, Some(&category), 0)
                .expect("an export")
                .text,
        )
    };
    assert_eq!(export(&vault, "llm"), "# secrets of the ccs vault\n");
    put(&mut vault, "OPENAI_API_KEY", "one");
    put(&mut vault, "AWS_SECRET", "two");
    let expected = "# secrets of the ccs vault\n\n# --- llm ---\nset -gx OPENAI_API_KEY 'one'\n";
    assert_eq!(export(&vault, "llm"), expected);
}

#[test]
fn a_plaintext_key_is_stored_and_only_then_wiped_and_removed() {
    let place = Place::new();
    let mut vault = place.create();
    let plain = place.file("old.key");
    let every: Vec<u8> = (0..=255).collect();
    std::fs::write(&plain, &every).expect("a file");
    vault
        .migrate(&plain, name("signing"), Take::Bytes, 5)
        .expect("migrated");
    assert!(!plain.exists());
    assert_eq!(
        place
            .opened()
            .get(&name("signing"))
            .expect("a value")
            .expose(),
        every
    );

    std::fs::write(&plain, "a token\n").expect("a file");
    vault
        .migrate(&plain, name("token"), Take::Line, 5)
        .expect("migrated");
    assert_eq!(get(&place.opened(), "token"), "a token");
}

#[test]
fn a_migration_that_was_cut_off_is_completed_by_another() {
    let place = Place::new();
    let mut vault = place.create();
    let plain = place.file("old.key");
    std::fs::write(&plain, "key").expect("a file");
    put(&mut vault, "signing", "key");
    vault
        .migrate(&plain, name("signing"), Take::Bytes, 5)
        .expect("completed");
    assert!(!plain.exists());
    assert_eq!(get(&place.opened(), "signing"), "key");
}

#[test]
fn what_has_expired_is_not_exported() {
    let place = Place::new();
    let mut vault = place.create();
    put(&mut vault, "GOOD", "one");
    vault.put(entry("OLD", "two").expires(50), 0).expect("put");
    let export = vault.export(Shell::Sh, None, 50).expect("an export");
    assert!(!text(&export.text).contains("OLD"));
    assert_eq!(export.left, [(name("OLD"), "it has expired")]);
}

#[test]
fn a_plaintext_file_that_cannot_be_taken_stays_as_it_was() {
    let place = Place::new();
    let mut vault = place.create();
    put(&mut vault, "A", "taken");
    let plain = place.file("old.key");
    std::fs::write(&plain, "key").expect("a file");
    let error = refused(vault.migrate(&plain, name("A"), Take::Bytes, 0));
    assert!(matches!(error, Error::NameTaken { .. }));
    assert_eq!(std::fs::read(&plain).expect("a file"), b"key");

    std::fs::write(&plain, "").expect("a file");
    let error = refused(vault.migrate(&plain, name("B"), Take::Bytes, 0));
    assert!(matches!(error, Error::Invalid { .. }));
    assert!(plain.exists());
    let gone = refused(vault.migrate(&place.file("no"), name("B"), Take::Bytes, 0));
    assert!(matches!(gone, Error::File { .. }));
}

#[cfg(unix)]
#[test]
fn a_plaintext_file_behind_a_link_or_with_a_second_name_is_refused() {
    let place = Place::new();
    let mut vault = place.create();
    let (plain, link, hard) = (place.file("plain"), place.file("link"), place.file("hard"));
    std::fs::write(&plain, "key").expect("a file");
    std::os::unix::fs::symlink(&plain, &link).expect("a link");
    let error = refused(vault.migrate(&link, name("A"), Take::Bytes, 0));
    assert!(matches!(error, Error::Insecure { .. }));
    std::fs::hard_link(&plain, &hard).expect("a link");
    let error = refused(vault.migrate(&plain, name("A"), Take::Bytes, 0));
    assert!(matches!(error, Error::Insecure { .. }));
    assert_eq!(std::fs::read(&plain).expect("a file"), b"key");
    assert_eq!(vault.list().len(), 0);
}
