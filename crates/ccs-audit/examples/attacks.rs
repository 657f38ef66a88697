//! Carries out every attack of the tests on logs of its own and prints what each check found, as a
//! table in Markdown.

#![allow(clippy::print_stdout)]

#[path = "../tests/common/mod.rs"]
mod common;

use common::attack::{Outcome, scripted, staged};

fn main() {
    println!("| attack | done | checked with | found |\n|---|---|---|---|");
    for outcome in scripted().iter().chain(&staged()) {
        println!("{}", row(outcome));
    }
}

fn row(outcome: &Outcome) -> String {
    let Outcome {
        name,
        what,
        by,
        expected,
        found,
    } = outcome;
    let found = match (outcome.is_named(), found.as_slice()) {
        (false, _) => format!("**{}, not {expected}**", found.join(", ")),
        (true, []) => expected.clone(),
        (true, all) => all.join(", "),
    };
    format!("| {name} | {what} | {by} | {found} |")
}
