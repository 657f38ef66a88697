//! Turns the rule files under `rules/` into the tables the crate is compiled with.
//!
//! Each kind of rule has its module under `build/`; this file only calls them.

#[path = "build/script.rs"]
mod script;

use std::error::Error;
use std::path::PathBuf;

fn main() -> Result<(), Box<dyn Error>> {
    let rules = PathBuf::from(std::env::var("CARGO_MANIFEST_DIR")?).join("rules");
    let out = PathBuf::from(std::env::var("OUT_DIR")?);
    script::compile(&rules.join("script"), &out.join("script.rs"))?;
    Ok(())
}
