//! Turns the rule files into tables that the library embeds.

#[path = "build/effects.rs"]
mod effects;
#[path = "build/paths.rs"]
mod paths;
#[path = "build/secrets.rs"]
mod secrets;
#[path = "build/source.rs"]
mod source;

fn main() {
    effects::generate();
    paths::generate();
    secrets::generate();
}
