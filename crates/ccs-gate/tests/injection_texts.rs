//! Texts that no rule was made from: attacks in many styles and languages, and what people write
//! that comes near them. One on each line; `#` begins a heading.
#![allow(clippy::disallowed_methods, reason = "reads the texts beside it")]

use ccs_gate::injection::{Scanner, Source, Verdict};

/// What share of the attacks is seen at least, in hundredths. Some are a bare request that only the
/// gate can stop.
const SEEN: usize = 90;

/// The texts of a file, with `\n` and `\x1b` in place of what they stand for.
fn texts(name: &str) -> Vec<String> {
    let path = format!("{}/tests/injection/{name}.txt", env!("CARGO_MANIFEST_DIR"));
    let file = std::fs::read_to_string(path).expect("the texts are there");
    let lines = file.lines().filter(|line| !is_heading(line));
    lines
        .map(|line| line.replace("\\n", "\n").replace("\\x1b", "\u{1b}"))
        .collect()
}

fn is_heading(line: &str) -> bool {
    line.is_empty() || line.starts_with("# ")
}

fn judged(text: &str) -> Verdict {
    Scanner::builtin().scan(text, Source::File).verdict
}

#[test]
fn attacks_in_other_words_are_seen_in_the_middle_of_a_page() {
    let attacks = texts("attacks");
    let hidden: Vec<_> = attacks
        .iter()
        .filter(|text| {
            let page = format!("The shop opens at nine.\n\n{text}\n\nThe garden is small.");
            judged(&page) == Verdict::Allow
        })
        .collect();
    let seen = attacks.len() - hidden.len();
    assert!(attacks.len() >= 300, "only {} attacks", attacks.len());
    assert!(seen * 100 >= attacks.len() * SEEN, "{hidden:#?}");
}

#[test]
fn what_people_write_every_day_is_let_through() {
    let ordinary = texts("ordinary");
    assert!(ordinary.len() >= 300, "only {} texts", ordinary.len());
    let stopped: Vec<_> = ordinary
        .iter()
        .filter(|text| judged(text) != Verdict::Allow)
        .collect();
    assert!(stopped.is_empty(), "{stopped:#?}");
}
