//! Turns what is shipped as data into tables: one line per kind of data.

#[path = "build/effects.rs"]
mod effects;
#[path = "build/paths.rs"]
mod paths;
#[path = "build/rules.rs"]
mod rules;
#[path = "build/source.rs"]
mod source;
#[allow(dead_code, unreachable_pub)]
#[path = "src/verdict.rs"]
mod verdict;

fn main() {
    effects::generate();
    paths::generate();
    rules::generate();
}
