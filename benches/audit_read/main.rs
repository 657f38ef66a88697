//! How fast is a long log checked, searched and proved? `cargo bench --bench audit_read -- 100000`
//! for a log of so many entries instead of a million; with a folder behind it the log is written
//! there once, and taken from there the next time.

#![expect(clippy::print_stdout, reason = "a bench speaks to who started it")]

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use ccs_audit::verify::{Expect, verify};
use ccs_audit::{Filter, Log, Reader, Time};
use ccs_benches::audit::{details_key, entry, options, root};
use ccs_benches::cpu;

fn main() {
    let entries = std::env::args().filter_map(|word| word.parse().ok()).next();
    let entries: u64 = entries.unwrap_or(1_000_000);
    let kept = std::env::args().skip(1).find(|word| word.starts_with('/'));
    let home = tempfile::tempdir().expect("a folder");
    let folder = kept
        .map_or(home.path().to_owned(), PathBuf::from)
        .join("log");
    if !folder.exists() {
        write(&folder, entries);
    }
    check(&folder);
    search(&folder, entries);
    prove(&folder, entries);
}

fn write(folder: &Path, entries: u64) {
    let before = cpu::own();
    let mut log = Log::open(folder, options()).expect("a log");
    for number in 0..entries {
        log.append(entry(number)).expect("kept");
    }
    log.checkpoint().expect("signed");
    rate("append, one transaction each", entries, cpu::own() - before);
}

fn check(folder: &Path) {
    let reader = Reader::open(folder, None).expect("a log");
    let root = root();
    let seals = Expect {
        root: Some(&root),
        ..Expect::default()
    };
    for (name, expect) in [
        ("verify, every seal", seals),
        ("verify, public keys", Expect::default()),
    ] {
        let mut entries = 0;
        let least = cpu::least(3, || {
            let report = verify(&reader, &expect).expect("readable");
            assert!(report.is_intact(), "{:?}", report.faults);
            entries = report.entries;
        });
        rate(name, entries, least);
    }
}

fn search(folder: &Path, entries: u64) {
    let middle = entries / 2;
    let mut reader = Reader::open(folder, Some(&details_key())).expect("a log");
    let at = |reader: &mut Reader, seq| reader.entry(seq).expect("there").record;
    let one = at(&mut reader, middle);
    let until = Some(Time(at(&mut reader, middle + 100).time.0));
    let filters = [
        (
            "session",
            Filter {
                session: one.session.clone(),
                ..Filter::default()
            },
        ),
        (
            "rule",
            Filter {
                rule: "fs.remove-outside".into(),
                ..Filter::default()
            },
        ),
        (
            "tool",
            Filter {
                tool: "WebFetch".into(),
                ..Filter::default()
            },
        ),
        (
            "time",
            Filter {
                since: Some(one.time),
                until,
                ..Filter::default()
            },
        ),
        (
            "all four",
            Filter {
                session: one.session.clone(),
                tool: "Bash".into(),
                decision: "allow".into(),
                since: Some(one.time),
                until,
                ..Filter::default()
            },
        ),
    ];
    for (name, filter) in filters {
        // a process of its own each time, as `ccs audit query` is
        let first_hundred = Filter {
            limit: 100,
            ..filter.clone()
        };
        let (found, wall) = median(5, || {
            let mut reader = Reader::open(folder, Some(&details_key())).expect("a log");
            reader.query(&first_hundred).expect("readable").len()
        });
        println!(
            "{:<32} {wall:>10.2?} for {found} entries",
            format!("query by {name}")
        );
    }
    let all = Filter {
        rule: "fs.remove-outside".into(),
        ..Filter::default()
    };
    let (found, wall) = median(5, || reader.count(&all).expect("readable"));
    println!("{:<32} {wall:>10.2?} for {found} entries", "count by rule");
    let (_, wall) = median(3, || reader.stats().expect("readable").entries);
    println!("{:<32} {wall:>10.2?}", "statistics");
}

fn prove(folder: &Path, entries: u64) {
    let reader = Reader::open(folder, None).expect("a log");
    let (_, wall) = median(50, || reader.prove(entries / 3).expect("proved").path.len());
    println!("{:<32} {wall:>10.2?}", "inclusion proof");
    let (_, wall) = median(50, || {
        reader
            .consistency(entries / 3, entries)
            .expect("proved")
            .len()
    });
    println!("{:<32} {wall:>10.2?}", "consistency proof");
}

/// The median of so many goes, by the clock.
fn median<T>(rounds: u32, mut work: impl FnMut() -> T) -> (T, Duration) {
    let mut times = Vec::new();
    let mut result = work();
    for _ in 0..rounds {
        let since = Instant::now();
        result = work();
        times.push(since.elapsed());
    }
    times.sort();
    (result, times[times.len() / 2])
}

fn rate(name: &str, entries: u64, time: Duration) {
    let rate = entries as f64 / time.as_secs_f64();
    println!("{name:<32} {rate:>10.0} entries per CPU-second");
}
