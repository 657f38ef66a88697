//! What `ccs scan` costs on a tree of source files, the whole process with walk and reading, and
//! what reading the same files alone costs in the same run.
//!
//! `cargo bench -p ccs-benches --bench scan_tree -- TREE`; without a tree, the sources of crates
//! that cargo has fetched.
#![allow(clippy::print_stdout, reason = "a benchmark prints what it measured")]

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::time::Duration;

use ccs_benches::process;

/// Megabytes a CPU second, at least.
const BOUND: f64 = 180.0;
const ROUNDS: usize = 5;

fn main() -> ExitCode {
    let named = env::args().skip(1).find(|arg| !arg.starts_with('-'));
    let Some(tree) = named.map(PathBuf::from).or_else(sources) else {
        println!("name a folder with source files");
        return ExitCode::from(2);
    };
    let (ccs, home) = (
        process::release("ccs"),
        tempfile::tempdir().expect("a folder"),
    );
    let list = home.path().join("files");
    let size = files(&tree, &list);
    let empty = home.path().join("empty");
    fs::write(&empty, "").expect("written");
    let (mut scanned, mut read) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        let mut scan = Command::new(&ccs);
        scan.args(["scan", "--no-ignore"])
            .arg(&tree)
            .env("HOME", home.path());
        scanned.push(process::cost(&mut scan, &empty, &[0, 1]).cpu);
        let mut cat = Command::new("xargs");
        cat.args(["-0", "cat"]);
        read.push(process::cost(&mut cat, &list, &[0]).cpu);
    }
    let rate = |times: Vec<Duration>| size as f64 / 1e6 / process::median(times).as_secs_f64();
    let (scanned, read) = (rate(scanned), rate(read));
    println!(
        "{:.0} MB: ccs scan {scanned:.0}, cat to nowhere {read:.0} MB a CPU second",
        size as f64 / 1e6
    );
    if scanned >= BOUND {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

/// The sources of crates, as cargo keeps them.
fn sources() -> Option<PathBuf> {
    let home = env::var_os("CARGO_HOME").map(PathBuf::from);
    let home = home.or_else(|| Some(PathBuf::from(env::var_os("HOME")?).join(".cargo")))?;
    let sources = home.join("registry/src");
    sources.is_dir().then_some(sources)
}

/// Writes the names of all files below, each with a zero after it; returns their bytes.
fn files(tree: &Path, list: &Path) -> u64 {
    let (mut folders, mut names, mut size) = (vec![tree.to_owned()], Vec::new(), 0);
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).expect("a folder").flatten() {
            let kind = entry.file_type().expect("a kind");
            if kind.is_dir() {
                folders.push(entry.path());
            } else if kind.is_file() {
                size += entry.metadata().expect("a file").len();
                names.extend(entry.path().as_os_str().as_encoded_bytes());
                names.push(0);
            }
        }
    }
    fs::write(list, names).expect("written");
    size
}
