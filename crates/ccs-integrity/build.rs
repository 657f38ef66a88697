//! Turns the checks, advisories and setting names into tables that the library embeds.

#[cfg(feature = "posture")]
#[path = "build/checks.rs"]
mod checks;
#[cfg(feature = "posture")]
#[path = "build/data.rs"]
mod data;

fn main() {
    #[cfg(feature = "posture")]
    {
        checks::generate();
        data::generate();
    }
}
