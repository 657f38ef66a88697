//! Turns what is shipped as data into tables: one line per kind of data.

#[path = "build/rules.rs"]
mod rules;
#[allow(dead_code, unreachable_pub)]
#[path = "src/verdict.rs"]
mod verdict;

fn main() {
    rules::generate();
}
