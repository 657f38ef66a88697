//! What can be done to a log, and that it is found and named.

mod common;

use common::attack::{Outcome, scripted, staged};

fn check(outcomes: Vec<Outcome>) {
    let wrong: Vec<String> = outcomes
        .iter()
        .filter(|outcome| !outcome.is_named())
        .map(|o| format!("{} ({}): {:?}, not {}", o.name, o.by, o.found, o.expected))
        .collect();
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn every_change_without_a_key_is_found_and_named() {
    check(scripted());
}

#[test]
fn a_change_without_a_key_is_not_blamed_on_a_thief_nor_on_many_other_entries() {
    for outcome in scripted() {
        let (name, found) = (&outcome.name, &outcome.found);
        assert!(
            !found.iter().any(|one| one.starts_with("resealed")),
            "{name}"
        );
        let checkpoints = found.iter().filter(|one| one.starts_with("checkpoint"));
        assert!(found.len() - checkpoints.count() <= 3, "{name}: {found:?}");
    }
}

#[test]
fn every_attack_with_an_earlier_state_a_stolen_key_or_a_second_history_is_found() {
    check(staged());
}
