//! Any text through the secret scanner.

use ccs_gate::secret::{Confidence, Finding, Personal, Scanner, quick};

/// A token that nothing before it may hide; put together here, so that no scanner takes this file
/// for a leak.
const TOKEN: [&str; 2] = ["glpat-", "x7Kq2Rm9Tz4Wc8Vb5Np3"];

/// Findings are places in the text, the same twice, and replaced without a trace; a token on a
/// line of its own is found whatever stands before it.
///
/// # Panics
///
/// If a promise is broken.
pub fn gate_secret(bytes: &[u8]) {
    let text = crate::text(bytes);
    let scanner = Scanner::builtin();
    let found = scanner.scan(&text);
    are_places(&text, &found);
    assert_eq!(found, scanner.scan(&text), "the same twice");
    is_replaced(&text, &scanner, &found);
    marks_only_hide(&text, &found);
    quick_is_one_of_them(&text, &found);
    a_token_is_not_hidden(&text, &scanner);

    let curious = Personal::ALL
        .into_iter()
        .fold(Scanner::builtin(), Scanner::personal);
    let more = curious.scan(&text);
    are_places(&text, &more);
    assert!(
        found.iter().all(|one| more.contains(one)),
        "personal data only adds"
    );
    is_replaced(&text, &curious, &more);
}

/// In order, apart, not empty, and between characters.
fn are_places(text: &str, found: &[Finding]) {
    let mut last = 0;
    for one in found {
        assert!(
            last <= one.start && one.start < one.end,
            "{one:?} after {last}"
        );
        assert!(text.get(one.start..one.end).is_some(), "{one:?}");
        last = one.end;
    }
}

/// What is no finding stays as it is, and of a finding nothing does.
fn is_replaced(text: &str, scanner: &Scanner, found: &[Finding]) {
    let (clean, same) = scanner.redact(text);
    assert_eq!(found, same);
    let (mut rest, mut at) = (clean.as_str(), 0);
    for one in found {
        let kept = &text[at..one.start];
        let mark = scanner.mark(one);
        rest = rest
            .strip_prefix(kept)
            .expect("what stands between is kept");
        rest = rest
            .strip_prefix(mark.as_ref())
            .expect("the mark stands for the secret");
        at = one.end;
    }
    assert_eq!(rest, &text[at..]);
}

fn marks_only_hide(text: &str, found: &[Finding]) {
    let heeding = Scanner::builtin().heed_marks().scan(text);
    assert!(heeding.iter().all(|one| found.contains(one)));
}

fn quick_is_one_of_them(text: &str, found: &[Finding]) {
    if let Some(one) = quick(text) {
        assert!(found.contains(&one) && one.confidence >= Confidence::Medium);
    }
}

/// Something is found where the token stands, alone or as part of something longer.
fn a_token_is_not_hidden(text: &str, scanner: &Scanner) {
    let before = format!("{text}\n\n\n");
    let longer = format!("{before}{}\n", TOKEN.concat());
    let covered = scanner
        .scan(&longer)
        .iter()
        .any(|one| one.end > before.len());
    assert!(covered, "the token is not found");
}
