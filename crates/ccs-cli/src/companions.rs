//! The slash commands and the skill that go with the vault: small texts in the client's own folder.
//!
//! A file of the same name that somebody else wrote is left alone, and so is one of ours that was
//! changed so much that its first lines no longer say whose it is.

use std::path::PathBuf;

use ccs_integrity::file;

use crate::args::Scope;
use crate::layout::Layout;
use crate::places::Places;
use crate::plan::{Change, Kind};

/// Where each belongs below the client's folder, and its text.
const TEXTS: [(&str, &str); 5] = [
    (
        "commands/key.md",
        include_str!("../companions/commands/key.md"),
    ),
    (
        "commands/key-add.md",
        include_str!("../companions/commands/key-add.md"),
    ),
    (
        "commands/key-list.md",
        include_str!("../companions/commands/key-list.md"),
    ),
    (
        "commands/key-rm.md",
        include_str!("../companions/commands/key-rm.md"),
    ),
    (
        "skills/ccs-secrets/SKILL.md",
        include_str!("../companions/skills/ccs-secrets/SKILL.md"),
    ),
];
/// What a text of ours says about itself.
const MARK: &str = "<!-- Installed by `ccs setup`, removed by `ccs uninstall`. -->";

/// The texts where they belong, if the prompts of this user are looked at.
pub(crate) fn wanted(layout: &Layout<'_>) -> anyhow::Result<Vec<Change>> {
    use ccs_hooks::protocol::name::Name;
    let is_user = |target: &crate::layout::Target| target.scope == Scope::User;
    let guards = layout.events.contains(&Name::UserPromptSubmit);
    if !(guards && layout.targets.iter().any(is_user)) {
        return Ok(Vec::new());
    }
    changes(layout.places, |text| Some(text.as_bytes().to_vec()))
}

/// The texts gone.
pub(crate) fn gone(places: &Places) -> anyhow::Result<Vec<Change>> {
    let mut changes = changes(places, |_| None)?;
    changes.retain(|change| change.before.is_some());
    Ok(changes)
}

fn changes(
    places: &Places,
    after: impl Fn(&str) -> Option<Vec<u8>>,
) -> anyhow::Result<Vec<Change>> {
    let mut changes = Vec::new();
    for (name, text) in TEXTS {
        let path: PathBuf = places.claude.join(name);
        let before = file::read(&path)?;
        if before.as_deref().is_none_or(is_ours) {
            changes.push(Change {
                path,
                before,
                after: after(text),
                kind: Kind::Own,
            });
        }
    }
    Ok(changes)
}

fn is_ours(bytes: &[u8]) -> bool {
    String::from_utf8_lossy(bytes).contains(MARK)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_text_says_whose_it_is_and_is_no_secrets_way_to_the_model() {
        for (name, text) in TEXTS {
            assert!(text.starts_with("---\n") && text.contains(MARK), "{name}");
            // arguments are what the user typed: only a name may be among them
            assert_eq!(text.contains("$ARGUMENTS"), name.ends_with("key-rm.md"));
        }
    }
}
