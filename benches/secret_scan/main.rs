//! What looking for secrets costs in CPU time: the prefilter alone, source code, a megabyte of a
//! tool's output, a prompt of 200 bytes.
#![allow(clippy::print_stdout, reason = "a benchmark prints what it measured")]

use std::hint::black_box;
use std::process::ExitCode;
use std::time::Duration;

use ccs_benches::cpu;
use ccs_gate::secret::{self, Scanner};

const MB: usize = 1_000_000;
/// Megabytes of source a second, at least: the prefilter alone.
const PREFILTER: f64 = 800.0;
/// A megabyte of output, at most.
const OUTPUT: Duration = Duration::from_millis(10);
/// A prompt of 200 bytes, at most: a fraction of what a process costs.
const PROMPT: Duration = Duration::from_micros(100);

fn main() -> ExitCode {
    let source = long(concat!(
        include_str!("main.rs"),
        include_str!("../gate_check/commands.rs"),
        include_str!("../src/process.rs")
    ));
    let scanner = Scanner::builtin();
    let filtered = cpu::least(20, || {
        black_box(secret::keywords(black_box(&source)));
    });
    let scanned = cpu::least(20, || {
        black_box(scanner.scan(black_box(&source)));
    });
    let mut good = rate("prefilter alone", filtered) >= PREFILTER;
    rate("source, all views", scanned);
    for (what, text) in outputs() {
        let text = long(&text);
        let took = cpu::least(10, || {
            black_box(scanner.scan(black_box(&text)));
        });
        println!("1 MB of {what}: {took:?}");
        good &= took <= OUTPUT;
    }
    let prompt: String = source.chars().take(200).collect();
    let took = cpu::least(200, || {
        black_box(scanner.scan(black_box(&prompt)));
    });
    println!("a prompt of 200 bytes: {took:?}");
    good &= took <= PROMPT;
    if good {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

fn rate(what: &str, took: Duration) -> f64 {
    let rate = 1.0 / took.as_secs_f64();
    println!("{what}: {rate:.0} MB a CPU second");
    rate
}

/// A megabyte of it.
fn long(text: &str) -> String {
    let mut long = text.repeat(MB / text.len() + 1);
    long.truncate(MB);
    long
}

fn outputs() -> [(&'static str, String); 4] {
    let log = |n: usize| {
        format!(
            "2026-11-{:02}T10:{:02}:07Z INFO api request id={:08x} user={n} took={}ms status=200\n",
            n % 28 + 1,
            n % 60,
            n * 2_654_435_761,
            n % 400
        )
    };
    let listing = |n: usize| {
        format!(
            "-rw-r--r-- 1 dev dev {:>8} Nov {:>2} 10:{:02} src/module_{n}/file_{n}.rs\n",
            n * 37,
            n % 28 + 1,
            n % 60
        )
    };
    let json = |n: usize| {
        format!(
            "{{\"id\":{n},\"name\":\"item {n}\",\"sha256\":\"{:064x}\",\"tags\":[\"a\",\"b\"]}}\n",
            n * 2_654_435_761
        )
    };
    let lock = |n: usize| {
        format!(
            "\"node_modules/pkg-{n}\": {{\n  \"version\": \"1.{n}.0\",\n  \"integrity\": \"sha512-{:086x}==\"\n}},\n",
            n * 2_654_435_761
        )
    };
    let many = |line: &dyn Fn(usize) -> String| (1..2000).map(line).collect::<String>();
    [
        ("log lines", many(&log)),
        ("a listing", many(&listing)),
        ("JSON lines", many(&json)),
        ("a lock file", many(&lock)),
    ]
}
