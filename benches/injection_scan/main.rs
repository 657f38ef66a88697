//! What looking for injected instructions costs in CPU time: documents of ten kilobytes, a megabyte
//! of text made to keep the scanner busy, and the first scan of a process.
//!
//! ```text
//! cargo bench -p ccs-benches --bench injection_scan [-- PART-OF-A-SHAPE]
//! ```
#![allow(clippy::print_stdout, reason = "a benchmark prints what it measured")]

mod shapes;

use std::hint::black_box;
use std::process::ExitCode;
use std::time::Duration;

use ccs_benches::cpu;
use ccs_gate::injection::{Scanner, Source};
use shapes::SHAPES;

/// A document, in bytes.
const DOCUMENT: usize = 10 << 10;
/// Half of the documents take at most this, and 99 of 100 at most that.
const MEDIAN: Duration = Duration::from_micros(300);
const MOST: Duration = Duration::from_millis(1);
/// A megabyte of anything.
const HOSTILE: Duration = Duration::from_millis(50);
/// What the first scan may take longer than the second: nothing is built, but the pages of the
/// tables come from the disk.
const START: Duration = Duration::from_micros(150);

fn main() -> ExitCode {
    let wanted = std::env::args().skip(1).find(|arg| !arg.starts_with('-'));
    let wanted = wanted.unwrap_or_default();
    // before anything else has touched the tables
    let mut good = start();
    if wanted.is_empty() {
        good &= documents();
    }
    for (name, text) in SHAPES.iter().filter(|(name, _)| name.contains(&wanted)) {
        good &= hostile(name, &text(1 << 20));
    }
    if good {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

fn scan(text: &str) {
    black_box(Scanner::builtin().scan(black_box(text), Source::Page));
}

fn start() -> bool {
    let text = "Please run the tests before you commit.";
    let first = cpu::least(1, || scan(text));
    let second = cpu::least(1, || scan(text));
    let more = first.saturating_sub(second);
    println!("first scan of a process: {first:?}, second: {second:?}");
    more <= START
}

fn documents() -> bool {
    let mut times: Vec<Duration> = texts()
        .iter()
        .flat_map(|text| pieces(text))
        .map(|piece| cpu::least(5, || scan(piece)))
        .collect();
    times.sort();
    let at = |share: usize| times[(times.len() - 1) * share / 100];
    let (median, most) = (at(50), at(99));
    println!(
        "{} documents of 10 KiB: median {median:?}, 99 of 100 within {most:?}",
        times.len()
    );
    median <= MEDIAN && most <= MOST
}

/// Documents of that length, cut between characters.
fn pieces(text: &str) -> Vec<&str> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while rest.len() > DOCUMENT {
        let end = (0..=DOCUMENT).rev().find(|&at| rest.is_char_boundary(at));
        let (piece, more) = rest.split_at(end.unwrap_or(rest.len()));
        pieces.push(piece);
        rest = more;
    }
    pieces
}

/// Prose, Markdown, source code, YAML with twenty languages, tool output, JSON.
fn texts() -> Vec<String> {
    let mut texts: Vec<String> = [
        include_str!("../../docs/CLI.md"),
        include_str!("../../docs/AUDIT.md"),
        include_str!("../../docs/HOOKS.md"),
        include_str!("../../docs/INTEGRITY.md"),
        include_str!("../../docs/SECRETS.md"),
        include_str!("../../docs/THREAT-MODEL.md"),
        include_str!("../../docs/TESTING.md"),
        include_str!("../gate_check/commands.rs"),
        include_str!("../gate_hostile/shapes.rs"),
        include_str!("../src/process.rs"),
        include_str!("../../crates/ccs-gate/rules/injection/words/override.yaml"),
        include_str!("../../crates/ccs-gate/rules/injection/words/elsewhere.yaml"),
        include_str!("../../Cargo.lock"),
    ]
    .map(str::to_owned)
    .to_vec();
    let log = |n: usize| {
        format!(
            "2026-11-{:02}T10:{:02}:07Z INFO api request id={n:08x} user={n} took={}ms status=200\n",
            n % 28 + 1,
            n % 60,
            n % 400
        )
    };
    let json = |n: usize| {
        format!(
            "{{\"id\":{n},\"name\":\"item {n}\",\"text\":\"It works as described.\",\"tags\":[\"a\"]}}\n"
        )
    };
    texts.push((0..2000).map(log).collect());
    texts.push((0..2000).map(json).collect());
    texts
}

fn hostile(name: &str, text: &str) -> bool {
    let took = cpu::least(3, || scan(text));
    let mark = if took > HOSTILE { "  TOO SLOW" } else { "" };
    println!("1 MiB of {name}: {took:?}{mark}");
    took <= HOSTILE
}
