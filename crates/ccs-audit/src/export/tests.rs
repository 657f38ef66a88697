use super::*;
use crate::hash::Hash;
use crate::time::Time;

fn stored() -> Stored {
    let record = Record {
        seq: 6,
        epoch: 1,
        time: Time::parse("2026-11-21T12:00:00.5Z").expect("a moment"),
        uptime_us: 1,
        clock_step_us: 0,
        session: "s1".into(),
        user: "dev".into(),
        agent: String::new(),
        event: "pre-tool-use".into(),
        tool: "Bash".into(),
        decision: "deny".into(),
        rules: vec!["fs.remove".into()],
        target: "rm".into(),
        input: Some(Hash::of(b"x")),
        details: Details::Text(r#"{"first_word":"rm"}"#.into()),
        host: "h".into(),
    };
    Stored {
        record,
        leaf: Hash::of(b"leaf"),
        mac: Hash::of(b"mac"),
    }
}

fn with(change: impl FnOnce(&mut Record)) -> Stored {
    let mut stored = stored();
    change(&mut stored.record);
    stored
}

#[test]
fn json_keeps_structure_and_leaves_out_what_says_nothing() {
    let value = json(&stored());
    assert_eq!(value["time"], "2026-11-21T12:00:00.500000Z");
    assert_eq!(value["details"]["first_word"], "rm");
    assert_eq!(value["seq"], 6);
    assert!(value.get("agent").is_none() && value.get("clock_step_us").is_none());
    let sealed = json(&with(|record| record.details = Details::Sealed(vec![1, 2])));
    assert_eq!(sealed["details"]["sealed"], "0102");
    let erased = json(&with(|record| record.details = Details::Erased));
    assert_eq!(erased["details"]["erased"], true);
}

#[test]
fn no_cell_of_a_spreadsheet_is_a_formula() {
    for evil in [
        "=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "|cmd", "＝1",
    ] {
        let line = csv(&with(|record| record.target = evil.into()));
        let cell = format!("\"'{evil}\"");
        assert!(line.contains(&cell), "{line}");
    }
    let line = csv(&with(|record| record.target = "a,\"b\"\nc".into()));
    assert!(line.contains("\"a,\"\"b\"\"\nc\""), "{line}");
    assert!(line.ends_with("\r\n"));
    assert_eq!(csv_header().split(',').count(), 16);
}

#[test]
fn the_originals_fields_are_all_there() {
    let value = legacy(&stored(), Some(Hash::of(b"before")));
    assert_eq!(value["id"], 7);
    assert_eq!(value["event_type"], "pre-tool-use");
    assert_eq!(value["actor"], "dev");
    assert_eq!(value["action"], "Bash:deny");
    assert_eq!(value["prev_hash"], Hash::of(b"before").to_string());
    assert_eq!(value["entry_hash"], Hash::of(b"mac").to_string());
    assert_eq!(legacy(&stored(), None)["prev_hash"], "0".repeat(64));
    assert_eq!(value.as_object().map(serde_json::Map::len), Some(9));

    let six = record_of_six(&stored());
    for (field, expected) in [
        ("user", "dev"),
        ("action", "Bash"),
        ("resource", "rm"),
        ("result", "deny"),
    ] {
        assert_eq!(six[field], expected);
    }
    assert!(six["timestamp"].is_string() && six["metadata"].is_object());
}

#[test]
fn what_was_stopped_is_a_finding_what_ran_a_process_and_what_changed_a_file() {
    let class = |stored: &Stored| ocsf(stored)["class_uid"].as_u64();
    assert_eq!(class(&stored()), Some(2_004));
    let ran = with(|record| {
        record.rules.clear();
        record.decision = "allow".into();
    });
    assert_eq!(class(&ran), Some(1_007));
    let read = with(|record| {
        (record.tool, record.decision) = ("Read".into(), String::new());
        record.rules.clear();
    });
    assert_eq!(class(&read), Some(0));
    let written = with(|record| {
        (record.event, record.decision) = ("file-change".into(), String::new());
        record.details = Details::Text(r#"{"change":"deleted"}"#.into());
        record.rules.clear();
    });
    assert_eq!(class(&written), Some(1_001));
    assert_eq!(ocsf(&written)["activity_id"], 4);
    for stored in [stored(), ran, read, written] {
        let event = ocsf(&stored);
        let (class, activity) = (event["class_uid"].as_u64(), event["activity_id"].as_u64());
        let kind = class.and_then(|class| Some(class * 100 + activity?));
        assert_eq!(event["type_uid"].as_u64(), kind);
        assert_eq!(event["metadata"]["sequence"], 6);
        assert_eq!(event["time"], stored.record.time.0 / 1_000);
    }
}
