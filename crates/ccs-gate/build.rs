//! Turns what is shipped as data into tables: one line per kind of data.
#![allow(clippy::disallowed_methods)] // the crate may not read files, its build has to

#[path = "build/effects.rs"]
mod effects;
#[path = "build/injection.rs"]
mod injection;
#[path = "build/paths.rs"]
mod paths;
#[path = "build/quality.rs"]
mod quality;
#[path = "build/rules.rs"]
mod rules;
#[path = "build/script.rs"]
mod script;
#[path = "build/secrets.rs"]
mod secrets;
#[path = "build/source.rs"]
mod source;
#[allow(dead_code, unreachable_pub)]
#[path = "src/verdict.rs"]
mod verdict;

use std::path::{Path, PathBuf};

fn main() {
    effects::generate();
    injection::generate();
    paths::generate();
    quality::generate();
    rules::generate();
    secrets::generate();
    let out = PathBuf::from(std::env::var("OUT_DIR").expect("cargo sets OUT_DIR"));
    if let Err(error) = script::compile(Path::new("rules/script"), &out.join("script.rs")) {
        panic!("rules/script: {error}");
    }
}
