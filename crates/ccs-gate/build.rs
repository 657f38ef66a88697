//! Turns what is shipped as data into tables: one line per kind of data.

#[path = "build/effects.rs"]
mod effects;
#[path = "build/paths.rs"]
mod paths;
#[path = "build/rules.rs"]
mod rules;
#[path = "build/script.rs"]
mod script;
#[path = "build/source.rs"]
mod source;
#[allow(dead_code, unreachable_pub)]
#[path = "src/verdict.rs"]
mod verdict;

use std::path::{Path, PathBuf};

fn main() {
    effects::generate();
    paths::generate();
    rules::generate();
    let out = PathBuf::from(std::env::var("OUT_DIR").expect("cargo sets OUT_DIR"));
    if let Err(error) = script::compile(Path::new("rules/script"), &out.join("script.rs")) {
        panic!("rules/script: {error}");
    }
}
