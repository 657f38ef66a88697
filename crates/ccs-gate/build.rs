//! Turns the rule files into tables that the library embeds.

#[path = "build/effects.rs"]
mod effects;
#[path = "build/injection.rs"]
mod injection;
#[path = "build/paths.rs"]
mod paths;
#[path = "build/source.rs"]
mod source;

fn main() {
    effects::generate();
    injection::generate();
    paths::generate();
}
