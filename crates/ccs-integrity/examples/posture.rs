//! Audits an installation and prints what it finds as JSON.
//!
//! `posture posture --home HOME [--project FOLDER] [--managed FOLDER] [--deep] --json`

use std::path::PathBuf;
use std::process::ExitCode;

use ccs_integrity::posture::{Facts, Scanners, Target, audit};

#[allow(clippy::print_stdout, clippy::print_stderr)]
fn main() -> ExitCode {
    let mut target = Target::default();
    let mut args = std::env::args().skip(1);
    while let Some(arg) = args.next() {
        let mut folder = || args.next().map(PathBuf::from);
        match arg.as_str() {
            "--home" => target.home = folder().unwrap_or_default(),
            "--project" => target.project = folder(),
            "--managed" => target.managed = folder(),
            "--deep" => target.deep = true,
            _ => {}
        }
    }
    let report = audit(&target, &Scanners::default(), &Facts::default());
    match serde_json::to_string_pretty(&report) {
        Ok(text) => println!("{text}"),
        Err(error) => {
            eprintln!("posture: {error}");
            return ExitCode::from(2);
        }
    }
    match report.is_complete() {
        true => ExitCode::SUCCESS,
        false => ExitCode::from(3),
    }
}
