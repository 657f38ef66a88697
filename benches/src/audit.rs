//! Audit logs like those of a busy machine.

use ccs_audit::{DetailsKey, Entry, Founding, Hash, Options, RootKey};

/// The root key of the logs here.
#[must_use]
pub fn root() -> RootKey {
    RootKey::new([1; 32])
}

/// The key of their details.
#[must_use]
pub fn details_key() -> DetailsKey {
    DetailsKey::new([2; 32])
}

/// The options of a hook: details encrypted, the root key elsewhere.
#[must_use]
pub fn options() -> Options {
    let found = Founding {
        root: Some(root()),
        origin: Some("bench.example".into()),
    };
    Options {
        found: Some(found),
        details_key: Some(details_key()),
        host: "bench".into(),
        ..Options::default()
    }
}

/// An entry as long as those of a session's tool calls, of one of a thousand sessions.
#[must_use]
pub fn entry(number: u64) -> Entry {
    let tools = ["Bash", "Read", "Edit", "Write", "Grep", "WebFetch"];
    let rule = |rule: &str| vec![rule.to_owned()];
    Entry {
        session: format!("5c8a7f0e-4d5b-4c1e-9d7a-{:012x}", number / 1_000),
        user: "dev".into(),
        tool: tools[usize::try_from(number % 6).unwrap_or(0)].into(),
        decision: if number.is_multiple_of(50) {
            "deny"
        } else {
            "allow"
        }
        .into(),
        rules: if number.is_multiple_of(50) {
            rule("fs.remove-outside")
        } else {
            Vec::new()
        },
        target: format!("/home/dev/project/src/module_{}.rs", number % 97),
        input: Some(Hash::of(&number.to_be_bytes())),
        details: format!("{{\"first_word\":\"cargo\",\"duration_us\":{number}}}"),
        ..Entry::new("pre-tool-use")
    }
}
