//! What the usual things cost in processor time: the least of several runs.
//! `cargo run --release --example measure`

use std::io::Write;
use std::time::Duration;

use ccs_vault::{Fingerprints, Key, Name, NewEntry, NewSlot, Redactor, Secret, Vault};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut out = std::io::stdout();
    for entries in [1, 200, 10_000] {
        let place = tempfile::tempdir()?;
        let folder = place.path().join("vault");
        let mut vault = Vault::create(&folder, NewSlot::File, 0)?;
        vault.put_all((0..entries).map(entry).collect::<Result<Vec<_>, _>>()?, 0)?;
        let name = Name::new("NAME0")?;
        let open = best(|| Vault::open(&folder, Key::File).and_then(|vault| vault.get(&name)));
        let put = best(|| vault.put(entry(0)?, 0));
        let read = best(|| Fingerprints::read(&folder));
        writeln!(
            out,
            "{entries} entries: open and get {open:?}, put {put:?}, fingerprints {read:?}"
        )?;

        let Some(prints) = Fingerprints::read(&folder)? else {
            continue;
        };
        for (what, text) in texts() {
            let scan = best(|| prints.find(&text));
            writeln!(out, "  1 MB of {what}: {scan:?}")?;
        }
        let secrets: Vec<_> = (0..entries.min(200))
            .map(|number| (name.clone(), value(number)))
            .collect();
        let mut redactor = Redactor::new(
            std::io::sink(),
            secrets.iter().map(|(name, value)| (name, value)),
        );
        let (_, text) = &texts()[0];
        let redact = best(|| {
            text.as_bytes()
                .chunks(8192)
                .try_for_each(|chunk| redactor.write_all(chunk))
        });
        writeln!(out, "  1 MB redacted as a stream: {redact:?}")?;
    }
    Ok(())
}

fn value(number: usize) -> Secret {
    Secret::new(format!(
        "sk-{:016x}kR8vX2mQ9z",
        (number as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15)
    ))
}

fn entry(number: usize) -> ccs_vault::Result<NewEntry> {
    NewEntry::value(Name::new(&format!("NAME{number}"))?, value(number))
}

fn texts() -> [(&'static str, String); 4] {
    let source = include_str!("measure.rs");
    [
        ("source", source.repeat(1_000_000 / source.len() + 1)),
        (
            "base64",
            letters(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"),
        ),
        ("hex", letters(b"0123456789abcdef")),
        ("escapes", letters(b"0123456789abcdef \\%n\"")),
    ]
}

/// A megabyte of these, in no order.
fn letters(letters: &[u8]) -> String {
    let mut state = 1_u64;
    let mut letter = |_| {
        state = state.wrapping_mul(0x5851_f42d_4c95_7f2d).wrapping_add(1);
        char::from(letters[(state >> 33) as usize % letters.len()])
    };
    (0..1_000_000).map(&mut letter).collect()
}

/// The least processor time of several runs.
fn best<T>(mut run: impl FnMut() -> T) -> Duration {
    let time = |_| {
        let begun = used();
        drop(run());
        used().saturating_sub(begun)
    };
    (0..25).map(time).min().unwrap_or_default()
}

#[cfg(unix)]
fn used() -> Duration {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
    Duration::new(
        time.tv_sec.unsigned_abs(),
        time.tv_nsec.unsigned_abs() as u32,
    )
}

/// Elsewhere the time on the wall has to do.
#[cfg(not(unix))]
fn used() -> Duration {
    static BEGUN: std::sync::LazyLock<std::time::Instant> =
        std::sync::LazyLock::new(std::time::Instant::now);
    BEGUN.elapsed()
}
