use proptest::prelude::*;

use super::*;

fn record() -> Record {
    Record {
        seq: 7,
        epoch: 2,
        time: Time(1_700_000_000_000_001),
        uptime_us: 5,
        clock_step_us: -3,
        session: "s".into(),
        user: "dev".into(),
        agent: String::new(),
        event: "pre-tool-use".into(),
        tool: "Bash".into(),
        decision: "deny".into(),
        rules: vec!["fs.remove".into(), "é".into()],
        target: "rm".into(),
        input: Some(Hash::of(b"x")),
        details: Details::Text("d".into()),
        host: "h".into(),
    }
}

#[test]
fn canonical_bytes_read_back_as_the_same_record() {
    let sealed = Record {
        details: Details::Sealed(vec![0, 255]),
        input: None,
        ..record()
    };
    for record in [record(), sealed] {
        assert_eq!(decode(&record.to_bytes()), Ok(record));
    }
}

#[test]
fn one_byte_more_or_less_is_not_an_entry() {
    let bytes = record().to_bytes();
    for end in 0..bytes.len() {
        assert_eq!(decode(&bytes[..end]), Err(Malformed), "{end}");
    }
    let longer = [&bytes[..], &[0]].concat();
    assert_eq!(decode(&longer), Err(Malformed));
}

#[test]
fn a_byte_moved_into_the_next_field_changes_the_bytes() {
    let moved = Record {
        tool: "Bas".into(),
        decision: "hdeny".into(),
        ..record()
    };
    assert_ne!(moved.to_bytes(), record().to_bytes());
}

#[test]
fn an_entry_of_another_version_is_refused() {
    let mut bytes = record().to_bytes();
    bytes[15] = 2;
    assert_eq!(decode(&bytes), Err(Malformed));
}

#[test]
fn a_field_that_is_too_long_is_cut_between_letters() {
    let cut = clip(&"é".repeat(100), 12);
    assert_eq!(cut, "éééé…");
    assert_eq!(clip("short", 12), "short");
    let entry = Entry {
        session: "é".repeat(5_000),
        target: "x".repeat(100_000),
        rules: vec!["r".repeat(1_000); 1_000],
        host: "h".repeat(1_000),
        ..Entry::new("e")
    };
    let draft = Draft::new(&entry, &Details::None, Time(0), 0);
    assert!(draft.0.len() < 12_000, "{}", draft.0.len());
    assert!(View::read(&draft.0).is_some());
}

#[test]
fn only_a_clock_that_was_set_counts_as_a_step() {
    let at = |time, uptime| Head {
        time: Time(time),
        uptime,
        ..Head::default()
    };
    let before = at(1_000_000_000, 500_000_000);
    for (now, step) in [
        (at(1_060_000_000, 560_000_000), 0),
        (at(1_061_000_000, 560_000_000), 0),             // drift
        (at(4_660_000_000, 560_000_000), 3_600_000_000), // set forward
        (at(960_000_000, 560_000_000), -100_000_000),    // set back
        (at(9_000_000_000, 1_000_000), 0),               // restarted
        (at(9_000_000_000, 0), 0),                       // not known
    ] {
        assert_eq!(now.step_since(before), step, "{now:?}");
    }
}

proptest! {
    #[test]
    fn what_decodes_encodes_to_the_same_bytes(change in 0usize..300, byte: u8, cut in 0usize..300) {
        let mut bytes = record().to_bytes();
        let length = bytes.len();
        bytes[change % length] = byte;
        bytes.truncate(length - cut % 3);
        if let Ok(record) = decode(&bytes) {
            prop_assert_eq!(record.to_bytes(), bytes);
        }
    }

    #[test]
    fn any_bytes_return(bytes: Vec<u8>) {
        let _ = decode(&bytes);
        let mut framed = DOMAIN.to_vec();
        framed.extend(&bytes);
        let _ = decode(&framed);
    }
}
