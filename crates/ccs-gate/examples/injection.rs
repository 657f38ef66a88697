//! Scans texts for instructions to a model: JSON lines `{"id": …, "text": …, "tool": …}` in,
//! `{"id": …, "verdict": …, "score": …, "signals": […]}` out.
#![allow(clippy::disallowed_methods)] // reads its own input

use std::error::Error;
use std::io::{BufRead, Write};

use ccs_gate::injection::{Scanner, Source};

fn main() -> Result<(), Box<dyn Error>> {
    let scanner = Scanner::builtin();
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    for line in std::io::stdin().lock().lines() {
        let item: serde_json::Value = serde_json::from_str(&line?)?;
        let source = Source::of_tool(item["tool"].as_str().unwrap_or_default());
        let report = scanner.scan(item["text"].as_str().unwrap_or_default(), source);
        let signals: Vec<_> = report
            .signals
            .iter()
            .map(|found| serde_json::json!({"rule": found.rule, "view": found.view, "score": found.score, "start": found.start, "end": found.end}))
            .collect();
        let answer = serde_json::json!({"id": item["id"], "verdict": report.verdict.name(),
            "score": report.score, "signals": signals});
        writeln!(out, "{answer}")?;
    }
    Ok(())
}
