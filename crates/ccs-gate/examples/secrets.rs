//! Scans texts for secrets: JSON lines `{"id": …, "text": …}` in, `{"id": …, "findings": […]}` out;
//! or, with names of files as arguments, one line for each finding and the speed.
#![allow(clippy::disallowed_methods)] // reads the files it is given, measures its own time

use std::error::Error;
use std::io::{BufRead, Write};
use std::time::{Duration, Instant};

use ccs_gate::secret::Scanner;

fn main() -> Result<(), Box<dyn Error>> {
    let files: Vec<String> = std::env::args().skip(1).collect();
    let out = std::io::BufWriter::new(std::io::stdout().lock());
    if files.is_empty() {
        lines(out)
    } else {
        tree(&files, out)
    }
}

fn lines(mut out: impl Write) -> Result<(), Box<dyn Error>> {
    let scanner = Scanner::builtin();
    for line in std::io::stdin().lock().lines() {
        let item: serde_json::Value = serde_json::from_str(&line?)?;
        let findings = scanner.scan(item["text"].as_str().unwrap_or_default());
        let answer = serde_json::json!({"id": item["id"], "findings": findings});
        writeln!(out, "{answer}")?;
    }
    Ok(())
}

fn tree(files: &[String], mut out: impl Write) -> Result<(), Box<dyn Error>> {
    let scanner = Scanner::builtin();
    let (mut bytes, mut flagged, mut time) = (0, 0, Duration::ZERO);
    for file in files {
        let Ok(text) = std::fs::read_to_string(file) else {
            continue;
        };
        let start = Instant::now();
        let found = scanner.scan_file(file, &text);
        time += start.elapsed();
        bytes += text.len();
        flagged += usize::from(!found.is_empty());
        for one in found {
            writeln!(out, "{file}:{}..{}: {}", one.start, one.end, one.rule)?;
        }
    }
    let speed = bytes as f64 / 1e6 / time.as_secs_f64();
    writeln!(out, "{flagged} of {} files, {speed:.0} MB/s", files.len())?;
    Ok(())
}
