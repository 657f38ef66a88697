use ccs_audit::{Details, Filter};

use super::*;

fn state() -> tempfile::TempDir {
    tempfile::tempdir().expect("a folder")
}

#[test]
fn a_log_is_founded_where_there_never_was_one_and_only_there() {
    let state = state();
    assert!(matches!(open(state.path()).err(), Some(Error::Missing(_))));
    assert!(matches!(read(state.path()).err(), Some(Error::Missing(_))));
    drop(found(state.path()).expect("founded"));
    let first = identity(state.path()).expect("readable");
    drop(found(state.path()).expect("opened"));
    assert!(first.is_some() && first == identity(state.path()).expect("readable"));
    assert!(findings(state.path()).is_empty());

    std::fs::remove_dir_all(folder(state.path())).expect("removed");
    for refused in [found(state.path()), open(state.path())] {
        assert!(matches!(refused.err(), Some(Error::Gone(_))));
    }
    assert!(matches!(
        findings(state.path())[..],
        [Finding::Unusable(Error::Gone(_))]
    ));
}

#[test]
fn what_is_noted_is_redacted_encrypted_and_read_back() {
    let state = state();
    let token = ["AKIA6", "NYOTQ23WVBLYWN3"].concat();
    let entry = Entry {
        session: "s".into(),
        target: format!("of {token}"),
        details: format!("{{\"entry\":\"aws\",\"said\":\"use {token}\"}}"),
        ..Entry::new(event::VAULT)
    };
    note(state.path(), entry).expect("kept");

    let wanted = Filter {
        event: event::VAULT.into(),
        ..Filter::default()
    };
    let mut reader = read(state.path()).expect("a log");
    let record = reader.query(&wanted).expect("readable").remove(0).record;
    assert!(
        record.target.starts_with("of [secret:"),
        "{}",
        record.target
    );
    let Details::Text(details) = record.details else {
        panic!("the key is there");
    };
    assert!(
        details.contains("\"entry\":\"aws\"") && !details.contains(&token),
        "{details}"
    );
    let mut without_key = Reader::open(&folder(state.path()), None).expect("a log");
    let sealed = without_key
        .query(&wanted)
        .expect("readable")
        .remove(0)
        .record;
    assert!(matches!(sealed.details, Details::Sealed(_)));
}

#[test]
fn choices_that_are_not_understood_are_an_error_and_not_a_default() {
    let state = state();
    assert_eq!(
        Choices::read(state.path()).expect("none"),
        Choices::default()
    );
    let path = state.path().join(CHOICES);
    std::fs::write(&path, r#"{"durability":"full","when_lost":"warn"}"#).expect("written");
    let choices = Choices::read(state.path()).expect("choices");
    assert_eq!(choices.when_lost, WhenLost::Warn);
    for broken in ["", "[]", r#"{"durability":"some"}"#, r#"{"durable":true}"#] {
        std::fs::write(&path, broken).expect("written");
        assert!(
            matches!(Choices::read(state.path()), Err(Error::Damaged(_))),
            "{broken}"
        );
    }
}
