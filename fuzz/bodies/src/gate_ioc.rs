//! Any text through the reader of indicators.

use ccs_gate::ioc::{self, Indicator, Kind};

/// Indicators are places in the text, in order, the same twice; one read again as it is listed is
/// the same; an address that was made unclickable is found wherever it stands.
///
/// # Panics
///
/// If a promise is broken.
pub fn gate_ioc(bytes: &[u8]) {
    let text = crate::text(bytes);
    let found = ioc::extract(&text);
    assert_eq!(found, ioc::extract(&text), "the same twice");
    let mut last = 0;
    for one in &found {
        assert!(last <= one.start && one.start < one.end, "{one:?}");
        assert!(text.get(one.start..one.end).is_some(), "{one:?}");
        last = one.end;
        reads_again(one);
        if one.kind == Kind::Url {
            let _ = ioc::risks(&one.value);
        }
    }
    let longer = format!("{text}\n\nhxxps://cdn.evil[.]top/a\n");
    let seen = ioc::extract(&longer)
        .iter()
        .any(|one| one.value == "https://cdn.evil.top/a" && one.defanged);
    assert!(seen, "the address is not found");
}

/// What a list holds is what a text with it gives. A host that could be the name of a file is one
/// only where it is written so that nobody follows it, and signs before a word are no part of it;
/// nor is a host called `hxxp`.
fn reads_again(one: &Indicator) {
    let written = match one.kind {
        Kind::Domain => one.value.replace('.', "[.]"),
        _ => one.value.clone(),
    };
    let again = ioc::extract(&written);
    let same = again
        .iter()
        .any(|it| it.kind == one.kind && it.value == one.value);
    let odd = !one.value.starts_with(|c: char| c.is_ascii_alphanumeric());
    let scheme = ["hxxp", "fxp", "meow"]
        .iter()
        .any(|s| one.value.contains(s));
    assert!(same || odd || scheme, "{one:?} is read as {again:?}");
}
