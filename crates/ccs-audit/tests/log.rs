//! What a log promises its users.

mod common;

use std::time::Duration;

use ccs_audit::proof::{Proof, Trust};
use ccs_audit::{
    Details, DetailsKey, Entry, Error, Fate, Filter, Founding, Kept, Log, Options, Reader, Rotate,
    Time, merkle,
};
use common::{Home, append, call, copy_folder, fill};

#[test]
fn entries_come_back_in_their_order_whoever_wrote_them() {
    let home = Home::new();
    for number in 0..20 {
        append(&mut home.log(), call(number)); // a writer of its own each time
    }
    let mut reader = home.reader();
    let all = reader.after(None, 100).expect("readable");
    let targets: Vec<&str> = all
        .iter()
        .skip(1)
        .map(|one| one.record.target.as_str())
        .collect();
    assert_eq!(
        targets,
        (0..20).map(|n| format!("target {n}")).collect::<Vec<_>>()
    );
    assert_eq!(all[0].record.event, "audit.segment");
    assert_eq!(
        reader.after(Some(15), 2).expect("readable")[1].record.seq,
        17
    );
    let report = home.verify();
    assert!(report.is_intact(), "{:?}", report.faults);
    assert_eq!((report.entries, report.span), (21, Some((0, 20))));
}

#[test]
fn a_log_that_was_never_founded_is_missing() {
    let home = Home::new();
    let missing = Log::open(&home.path(), Options::default());
    assert!(matches!(missing.err(), Some(Error::Missing { .. })));
    assert!(matches!(
        Reader::open(&home.path(), None).err(),
        Some(Error::Missing { .. })
    ));
}

#[test]
fn a_root_key_that_nobody_took_stays_until_it_is_forgotten() {
    let home = Home::new();
    let found = Some(Founding::default());
    let mut log = Log::open(
        &home.path(),
        Options {
            found,
            ..Options::default()
        },
    )
    .expect("a log");
    append(&mut log, call(1));
    let root = log.root().expect("readable").expect("kept");
    log.forget_root().expect("gone");
    assert!(log.root().expect("readable").is_none());
    let expect = ccs_audit::verify::Expect {
        root: Some(&root),
        ..Default::default()
    };
    let report = ccs_audit::verify::verify(&home.reader(), &expect).expect("readable");
    assert!(report.is_intact(), "{:?}", report.faults);
}

#[test]
fn every_epoch_ends_in_a_checkpoint_that_public_keys_verify() {
    let home = Home::new();
    let mut log = home.log();
    fill(&mut log, 50);
    log.checkpoint().expect("signed");
    let again = log.checkpoint().expect("the same");
    let report = home.verify_publicly();
    assert!(report.is_intact(), "{:?}", report.faults);
    assert_eq!((report.checkpoints, report.epoch), (7, 7));
    let trust = Trust {
        log: home.identity().log,
        witnesses: vec![],
        quorum: 0,
    };
    let checkpoint = trust.check(&again).expect("ours");
    assert_eq!((checkpoint.size, Some(checkpoint.root)), (51, report.root));
}

#[test]
fn an_epoch_ends_when_it_is_old() {
    let home = Home::new();
    let mut log = home.log();
    let later = Time::now().plus_seconds(3_600);
    append(&mut log, call(1));
    append(
        &mut log,
        Entry {
            time: Some(later),
            ..call(2)
        },
    );
    assert_eq!(home.verify().checkpoints, 1);
}

#[test]
fn every_entry_is_proved_offline_and_no_other_is() {
    let home = Home::new();
    let mut log = home.log();
    fill(&mut log, 40);
    log.checkpoint().expect("signed");
    let (mut reader, trust) = (
        home.reader(),
        Trust {
            log: home.identity().log,
            witnesses: vec![],
            quorum: 0,
        },
    );
    for seq in 0..=40 {
        let text = reader.prove(seq).expect("proved").to_string();
        let proof = Proof::parse(&text).expect("a proof");
        let entry = reader.entry(seq).expect("there").record.to_bytes();
        assert_eq!(
            proof
                .verify(&entry, &trust)
                .map(|checkpoint| checkpoint.size),
            Ok(41)
        );
        let other = reader
            .entry((seq + 1) % 41)
            .expect("there")
            .record
            .to_bytes();
        assert!(proof.verify(&other, &trust).is_err());
    }
    assert!(matches!(reader.prove(41), Err(Error::NoEntry { .. })));
    append(&mut log, call(41));
    assert!(matches!(
        reader.prove(41),
        Err(Error::NotCheckpointed { seq: 41 })
    ));
}

#[test]
fn every_earlier_checkpoint_is_consistent_with_every_later_one() {
    let home = Home::new();
    let mut log = home.log();
    let mut checkpoints = Vec::new();
    for number in 0..12 {
        fill(&mut log, number % 4 + 1);
        let note = log.checkpoint().expect("signed");
        checkpoints.push(ccs_audit::Checkpoint::parse(&note.text).expect("a checkpoint"));
    }
    let reader = home.reader();
    for (place, new) in checkpoints.iter().enumerate() {
        for old in &checkpoints[..place] {
            let proof = reader.consistency(old.size, new.size).expect("proved");
            let (old, new) = ((old.size, old.root), (new.size, new.root));
            assert!(merkle::verify_consistency(old, new, &proof));
        }
    }
}

#[test]
fn details_are_only_readable_with_the_key_and_gone_when_the_session_is_erased() {
    let home = Home::new();
    let key = || DetailsKey::new([5; 32]);
    let options = Options {
        details_key: Some(key()),
        ..home.options()
    };
    let mut log = Log::open(&home.path(), options).expect("a log");
    for session in ["one", "two"] {
        let details = "hunter2 in the details".to_owned();
        append(
            &mut log,
            Entry {
                session: session.into(),
                details,
                ..Entry::new("e")
            },
        );
    }
    let details = |reader: &mut Reader, seq| reader.entry(seq).expect("there").record.details;
    for file in std::fs::read_dir(home.path()).expect("a folder") {
        let bytes = std::fs::read(file.expect("a file").path()).unwrap_or_default();
        assert!(!bytes.windows(7).any(|window| window == b"hunter2"));
    }
    assert!(matches!(details(&mut home.reader(), 1), Details::Sealed(_)));

    assert!(log.erase("one").expect("erased"));
    assert!(!log.erase("never seen").expect("nothing there"));
    let mut reader = Reader::open(&home.path(), Some(&key())).expect("a log");
    assert_eq!(details(&mut reader, 1), Details::Erased);
    assert_eq!(
        details(&mut reader, 2),
        Details::Text("hunter2 in the details".into())
    );
    assert!(home.verify().is_intact());
    let said = reader.query(&Filter {
        event: "audit.erase".into(),
        ..Filter::default()
    });
    assert_eq!(said.expect("readable")[0].record.session, "one");
}

#[test]
fn what_is_redacted_never_reaches_the_disk() {
    let home = Home::new();
    let redact = Box::new(|text: &str| text.replace("hunter2", "[masked]"));
    let options = Options {
        redact: Some(redact),
        ..home.options()
    };
    let mut log = Log::open(&home.path(), options).expect("a log");
    let (target, details) = ("cat hunter2".to_owned(), "a hunter2 b".to_owned());
    append(
        &mut log,
        Entry {
            target,
            details,
            ..Entry::new("e")
        },
    );
    let record = home.reader().entry(1).expect("there").record;
    assert_eq!(record.target, "cat [masked]");
    assert_eq!(record.details, Details::Text("a [masked] b".into()));
}

#[test]
fn searches_find_what_is_there_in_full_blocks_and_after_them() {
    let home = Home::new();
    let mut log = home.log();
    fill(&mut log, 700); // two full blocks and a part
    let mut reader = home.reader();
    let mut count = |filter: Filter| {
        let found = reader.query(&filter).expect("readable");
        let whole = reader
            .count(&Filter { limit: 0, ..filter })
            .expect("readable");
        (found.len(), whole, found.first().map(|one| one.record.seq))
    };
    let none = Filter::default;
    assert_eq!(
        count(Filter {
            session: "session-1".into(),
            ..none()
        }),
        (233, 233, Some(698))
    );
    assert_eq!(
        count(Filter {
            tool: "Bash".into(),
            limit: 5,
            ..none()
        }),
        (5, 350, Some(699))
    );
    let both = Filter {
        tool: "Bash".into(),
        rule: "fs.remove".into(),
        oldest_first: true,
        ..none()
    };
    assert_eq!(count(both), (70, 70, Some(1)));
    assert_eq!(
        count(Filter {
            after: Some(690),
            ..none()
        }),
        (10, 10, Some(700))
    );
    assert_eq!(
        count(Filter {
            text: "TARGET 69".into(),
            ..none()
        }),
        (11, 11, Some(700))
    );
    assert_eq!(
        count(Filter {
            text: "details 123".into(),
            ..none()
        }),
        (1, 1, Some(124))
    );
    assert_eq!(
        count(Filter {
            session: "nobody".into(),
            ..none()
        }),
        (0, 0, None)
    );
    assert_eq!(count(none()), (701, 701, Some(700)));
}

#[test]
fn searches_by_time_leave_out_what_is_earlier_or_later() {
    let home = Home::new();
    let mut log = home.log();
    let begin = Time::parse("2026-01-01").expect("a date");
    for number in 0..600 {
        append(
            &mut log,
            Entry {
                time: Some(begin.plus_seconds(number)),
                ..Entry::new("e")
            },
        );
    }
    let since = Some(begin.plus_seconds(100));
    let until = Some(begin.plus_seconds(400));
    let filter = Filter {
        since,
        until,
        event: "e".into(),
        oldest_first: true,
        ..Filter::default()
    };
    let mut reader = home.reader();
    let found = reader.query(&filter).expect("readable");
    assert_eq!(
        (found.len(), found[0].record.seq, found[299].record.seq),
        (300, 101, 400)
    );
    assert_eq!(reader.count(&filter).expect("readable"), 300);
}

#[test]
fn statistics_count_every_entry_once() {
    let home = Home::new();
    fill(&mut home.log(), 600);
    let stats = home.reader().stats().expect("readable");
    assert_eq!((stats.entries, stats.segments), (601, 1));
    assert_eq!(stats.tools.values().sum::<u64>(), 600);
    assert_eq!(stats.decisions["deny"], 120);
    assert_eq!(stats.rules["fs.remove"], 120);
    assert_eq!(stats.sessions.len(), 3);
}

#[test]
fn a_full_segment_is_followed_by_another_and_all_is_proved_and_found_across_the_seam() {
    let home = Home::new();
    let rotate = Rotate {
        entries: 100,
        ..Rotate::default()
    };
    let mut log = Log::open(
        &home.path(),
        Options {
            rotate,
            ..home.options()
        },
    )
    .expect("a log");
    fill(&mut log, 450);
    log.checkpoint().expect("signed");
    let report = home.verify();
    assert!(report.is_intact(), "{:?}", report.faults);
    assert_eq!(report.segments, 5);
    let mut reader = home.reader();
    let trust = Trust {
        log: home.identity().log,
        witnesses: vec![],
        quorum: 0,
    };
    for seq in 0..=reader.last().expect("readable").expect("entries") {
        let entry = reader.entry(seq).expect("there").record.to_bytes();
        assert!(
            reader
                .prove(seq)
                .expect("proved")
                .verify(&entry, &trust)
                .is_ok(),
            "{seq}"
        );
    }
    let size = report.size;
    for old in 1..size {
        assert!(reader.consistency(old, size).is_ok(), "{old}");
    }
    let filter = Filter {
        session: "session-2".into(),
        ..Filter::default()
    };
    assert_eq!(reader.count(&filter).expect("readable"), 150);
    assert_eq!(reader.query(&filter).expect("readable").len(), 150);
}

#[test]
fn what_was_archived_may_be_gone_and_the_rest_verifies_over_the_seam() {
    let home = Home::new();
    let rotate = Rotate {
        entries: 100,
        ..Rotate::default()
    };
    let options = || Options {
        rotate,
        ..home.options()
    };
    let mut log = Log::open(&home.path(), options()).expect("a log");
    fill(&mut log, 350);
    let later = Time::now().plus_seconds(60);
    let archive = home.beside("archive");
    let gone = log
        .archive(later, &Fate::Move(archive.clone()))
        .expect("moved");
    assert_eq!(gone.len(), 3);
    fill(&mut log, 30);
    log.checkpoint().expect("signed");

    let report = home.verify();
    assert!(report.is_intact(), "{:?}", report.faults);
    assert_eq!(report.segments, 1);
    assert!(
        report
            .unchecked
            .contains(&ccs_audit::verify::Unchecked::Archived { before: 4 })
    );
    assert!(home.reader().prove(report.span.expect("entries").1).is_ok());
    assert!(matches!(
        home.reader().prove(5),
        Err(Error::Elsewhere { seq: 5 })
    ));

    let whole = Reader::with_archives(&home.path(), None, &[archive]).expect("a log");
    let expect = ccs_audit::verify::Expect {
        root: Some(&home.root),
        ..Default::default()
    };
    let report = ccs_audit::verify::verify(&whole, &expect).expect("readable");
    assert!(report.is_intact(), "{:?}", report.faults);
    assert_eq!(report.segments, 4);
    assert!(whole.prove(5).is_ok());

    drop(log);
    std::fs::remove_file(home.segment(4)).expect("removed");
    fill(&mut Log::open(&home.path(), options()).expect("a log"), 1);
    assert!(
        !home.verify().is_intact(),
        "a segment that nobody archived is missed"
    );
}

#[test]
fn a_clock_that_was_set_back_is_recorded_and_the_order_stays() {
    // time and uptime come from the system; entries with a time of their own are not checked
    let home = Home::new();
    let mut log = home.log();
    append(
        &mut log,
        Entry {
            time: Some(Time(5)),
            ..Entry::new("old")
        },
    );
    append(
        &mut log,
        Entry {
            time: Some(Time(1)),
            ..Entry::new("older")
        },
    );
    let all = home.reader().after(None, 10).expect("readable");
    assert_eq!(
        all.iter().map(|one| one.record.time.0).collect::<Vec<_>>()[1..],
        [5, 1]
    );
    assert!(home.verify().clock_steps.is_empty());
}

/// Another program writes to the log, and does not end.
fn lock(home: &Home) -> rusqlite::Connection {
    let lock = rusqlite::Connection::open(home.segment(1)).expect("opened");
    lock.execute_batch("BEGIN IMMEDIATE").expect("locked");
    lock
}

/// The log, for a program that hardly waits for others.
fn impatient(home: &Home) -> Log {
    let options = Options {
        busy: Duration::from_millis(20),
        ..home.options()
    };
    Log::open(&home.path(), options).expect("a log")
}

#[test]
fn a_locked_database_spools_and_the_next_writer_chains_in_order() {
    let home = Home::new();
    fill(&mut home.log(), 3);
    let lock = lock(&home);
    let mut log = impatient(&home);
    for number in 100..103 {
        let receipt = append(&mut log, call(number));
        let Kept::Spooled { why, .. } = receipt.kept else {
            panic!("not locked")
        };
        assert!(matches!(why, Error::Locked { .. }));
    }
    lock.execute_batch("ROLLBACK").expect("unlocked");
    assert_eq!(append(&mut log, call(103)).seq(), Some(7));
    let mut reader = home.reader();
    let found = reader.query(&Filter {
        text: "target 10".into(),
        oldest_first: true,
        ..Filter::default()
    });
    let targets: Vec<String> = found
        .expect("readable")
        .into_iter()
        .map(|one| one.record.target)
        .collect();
    assert_eq!(
        targets,
        ["target 100", "target 101", "target 102", "target 103"]
    );
    assert!(home.verify().is_intact());
}

#[test]
fn a_spool_that_was_chained_but_not_emptied_is_not_chained_again() {
    let home = Home::new();
    fill(&mut home.log(), 3);
    let lock = lock(&home);
    let mut log = impatient(&home);
    append(&mut log, call(100));
    lock.execute_batch("ROLLBACK").expect("unlocked");
    let spool = home.path().join("spool.jsonl");
    let kept = std::fs::read(&spool).expect("there");
    append(&mut log, call(101));
    std::fs::write(&spool, kept).expect("as if the writer was killed before emptying it");
    append(&mut log, call(102));
    let filter = Filter {
        text: "target 100".into(),
        ..Filter::default()
    };
    assert_eq!(home.reader().query(&filter).expect("readable").len(), 1);
}

#[test]
fn a_newer_format_is_not_written_to_and_nothing_is_lost() {
    let home = Home::new();
    fill(&mut home.log(), 3);
    let version = |number: u32| {
        let db = rusqlite::Connection::open(home.segment(1)).expect("opened");
        db.execute_batch(&format!("PRAGMA user_version = {number}"))
            .expect("set");
    };
    version(2);
    let mut log = home.log();
    let Kept::Spooled { why, .. } = append(&mut log, call(9)).kept else {
        panic!("written")
    };
    assert!(
        matches!(
            why,
            Error::Newer {
                found: 2,
                known: 1,
                ..
            }
        ),
        "{why}"
    );
    version(1);
    assert_eq!(append(&mut log, call(10)).seq(), Some(5));
}

#[test]
fn a_damaged_segment_is_set_aside_and_writing_goes_on() {
    let home = Home::new();
    fill(&mut home.log(), 30);
    fold(&home, 1);
    let mut bytes = std::fs::read(home.segment(1)).expect("read");
    for byte in &mut bytes[..200] {
        *byte = 0xaa;
    }
    std::fs::write(home.segment(1), bytes).expect("damaged");
    let receipt = append(&mut home.log(), call(100));
    assert_eq!(receipt.seq(), Some(1_001), "numbers are never used twice");
    assert!(home.path().join("000001.damaged").exists());
    let report = home.verify();
    let names: Vec<&str> = report
        .faults
        .iter()
        .map(ccs_audit::verify::Fault::name)
        .collect();
    assert_eq!(names, ["restarted"], "{:?}", report.faults);
    append(&mut home.log(), call(101));
    assert_eq!(home.verify().entries, 3);
}

#[test]
fn segments_that_are_gone_are_not_silently_begun_again() {
    let home = Home::new();
    fill(&mut home.log(), 30);
    for file in ["000001.db", "000001.db-wal", "000001.db-shm"] {
        let _ = std::fs::remove_file(home.path().join(file));
    }
    append(&mut home.log(), call(100));
    let report = home.verify();
    let restarted = |fault: &ccs_audit::verify::Fault| fault.name() == "restarted";
    assert!(report.faults.iter().any(restarted), "{:?}", report.faults);
}

#[test]
fn missing_keys_spool_and_are_never_made_anew() {
    let home = Home::new();
    fill(&mut home.log(), 3);
    let key = home.path().join("epoch.key");
    let kept = std::fs::read(&key).expect("read");
    std::fs::remove_file(&key).expect("removed");
    let mut log = home.log();
    let Kept::Spooled { why, .. } = append(&mut log, call(9)).kept else {
        panic!("written")
    };
    assert!(matches!(why, Error::KeyMissing { .. }));
    assert!(!key.exists());
    std::fs::write(&key, kept).expect("put back");
    assert_eq!(append(&mut log, call(10)).seq(), Some(5));
    assert!(home.verify().is_intact());
}

#[test]
fn another_logs_key_is_refused() {
    let (home, other) = (Home::new(), Home::new());
    fill(&mut home.log(), 3);
    fill(&mut other.log(), 3);
    std::fs::copy(
        other.path().join("epoch.key"),
        home.path().join("epoch.key"),
    )
    .expect("copied");
    let Kept::Spooled { why, .. } = append(&mut home.log(), call(9)).kept else {
        panic!("written")
    };
    assert!(matches!(why, Error::WrongKey { .. }));
}

#[test]
fn a_folder_open_to_others_is_refused() {
    use std::os::unix::fs::PermissionsExt;
    let home = Home::new();
    fill(&mut home.log(), 1);
    std::fs::set_permissions(home.path(), std::fs::Permissions::from_mode(0o755)).expect("chmod");
    let refused = Log::open(&home.path(), home.options()).err();
    assert!(matches!(refused, Some(Error::Insecure { .. })));
}

#[test]
fn every_file_is_private() {
    use std::os::unix::fs::PermissionsExt;
    let home = Home::new();
    let options = Options {
        details_key: Some(DetailsKey::new([1; 32])),
        ..home.options()
    };
    let mut log = Log::open(&home.path(), options).expect("a log");
    fill(&mut log, 20);
    let mut folders = vec![home.path()];
    while let Some(folder) = folders.pop() {
        for file in std::fs::read_dir(folder).expect("a folder") {
            let path = file.expect("a file").path();
            let mode = std::fs::metadata(&path)
                .expect("there")
                .permissions()
                .mode();
            assert_eq!(mode & 0o077, 0, "{}", path.display());
            if path.is_dir() {
                folders.push(path);
            }
        }
    }
}

#[test]
fn a_copy_of_a_log_verifies_where_it_is() {
    let home = Home::new();
    fill(&mut home.log(), 20);
    let copy = home.beside("copy");
    copy_folder(&home.path(), &copy);
    let reader = Reader::open(&copy, None).expect("a log");
    let expect = ccs_audit::verify::Expect {
        root: Some(&home.root),
        ..Default::default()
    };
    assert!(
        ccs_audit::verify::verify(&reader, &expect)
            .expect("readable")
            .is_intact()
    );
}

/// Folds the write-ahead log into the file, so that the file holds everything.
fn fold(home: &Home, segment: u32) {
    let db = rusqlite::Connection::open(home.segment(segment)).expect("opened");
    db.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))
        .expect("folded");
}

#[test]
fn an_entry_left_for_later_is_chained_before_the_next() {
    let home = Home::new();
    append(&mut home.log(), call(1));
    for number in [2, 3] {
        let deferred = ccs_audit::defer(&home.path(), &home.options(), call(number));
        assert!(deferred.expect("kept").waiting > 0);
    }
    append(&mut home.log(), call(4));

    let all = home.reader().after(Some(0), 10).expect("readable");
    let targets: Vec<_> = all.iter().map(|one| one.record.target.as_str()).collect();
    assert_eq!(targets, ["target 1", "target 2", "target 3", "target 4"]);
    assert!(home.verify().is_intact());
}

#[test]
fn an_entry_is_left_in_the_other_folder_if_the_logs_own_is_gone() {
    let home = Home::new();
    append(&mut home.log(), call(1));
    let (moved, elsewhere) = (home.beside("moved"), home.beside("elsewhere"));
    std::fs::create_dir(home.path().join("empty")).expect("made");
    copy_folder(&home.path().join("empty"), &elsewhere); // private
    std::fs::rename(home.path(), &moved).expect("renamed");
    let options = || Options {
        spool: Some(elsewhere.clone()),
        ..home.options()
    };
    let deferred = ccs_audit::defer(&home.path(), &options(), call(2)).expect("kept");
    assert!(deferred.path.starts_with(&elsewhere));

    std::fs::rename(&moved, home.path()).expect("renamed");
    append(
        &mut Log::open(&home.path(), options()).expect("a log"),
        call(3),
    );
    let all = home.reader().after(Some(1), 10).expect("readable");
    let events: Vec<_> = all.iter().map(|one| one.record.event.as_str()).collect();
    assert_eq!(events, ["pre-tool-use", "audit.spool", "pre-tool-use"]);
}
