//! The slash commands and the skill that go with the vault: small texts in the client's own folder.
//!
//! A file of the same name that somebody else wrote is left alone, and so is one of ours that was
//! changed so much that its first lines no longer say whose it is.

use std::path::{Path, PathBuf};

use ccs_hooks::protocol::name::Name;
use ccs_integrity::file::{self, Writer};

use crate::args::Scope;
use crate::layout::{Layout, Target};
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
/// The folder of the mod among the skills; the client loads it from there by itself.
const MOD: &str = "skills/ccs-mod";
/// The files of the mod.
const MOD_TEXTS: [(&str, &str); 3] = [
    (
        ".claude-plugin/plugin.json",
        include_str!("../companions/mod/plugin.json"),
    ),
    (
        "hooks/hooks.json",
        include_str!("../companions/mod/hooks.json"),
    ),
    (
        "hooks/register.js",
        include_str!("../companions/mod/register.js"),
    ),
];
/// What a file of the mod says about itself.
const MOD_MARK: &str = "nstalled by `ccs mod install`";
/// What a text of ours says about itself.
const MARK: &str = "<!-- Installed by `ccs setup`, removed by `ccs uninstall`. -->";

/// The texts where they belong, if the prompts of this user are looked at. They go if prompts are
/// not: then nothing would take the value of `/key NAME=VALUE` before the model sees it.
pub(crate) fn wanted(layout: &Layout<'_>) -> anyhow::Result<Vec<Change>> {
    let is_user = |target: &Target| target.scope == Scope::User;
    if !layout.events.contains(&Name::UserPromptSubmit) {
        let mut changes = changes(layout.places, &|_| None)?;
        changes.retain(|change| change.before.is_some());
        return Ok(changes);
    }
    if !layout.targets.iter().any(is_user) {
        return Ok(Vec::new());
    }
    changes(layout.places, &|text| Some(text.as_bytes().to_vec()))
}

/// The texts and the mod gone; those that are not there are named as well, for the sake of the
/// folders they lay in.
pub(crate) fn gone(places: &Places) -> anyhow::Result<Vec<Change>> {
    let mut changes = changes(places, &|_| None)?;
    changes.extend(mod_changes(places, &|_| None)?);
    Ok(changes)
}

/// The mod where the client finds it, running this hook program.
pub(crate) fn mod_wanted(places: &Places, hook: &Path) -> anyhow::Result<Vec<Change>> {
    let text = |path: &Path| -> anyhow::Result<String> {
        let quoted = serde_json::to_string(&path.to_string_lossy())?;
        Ok(quoted[1..quoted.len() - 1].to_owned())
    };
    let (hook, state) = (text(hook)?, text(&places.state)?);
    mod_changes(places, &|text| {
        let text = text.replace("{HOOK}", &hook).replace("{STATE}", &state);
        Some(text.into_bytes())
    })
}

/// The mod gone.
pub(crate) fn mod_gone(places: &Places) -> anyhow::Result<Vec<Change>> {
    let mut changes = mod_changes(places, &|_| None)?;
    changes.retain(|change| change.before.is_some());
    Ok(changes)
}

/// Removes the folders of the mod that are empty once its files were taken away.
pub(crate) fn tidy_mod(places: &Places, changes: &[Change], writer: &Writer) -> anyhow::Result<()> {
    let folder = places.claude.join(MOD);
    if !changes
        .iter()
        .any(|change| change.after.is_none() && change.path.starts_with(&folder))
    {
        return Ok(());
    }
    for name in [".claude-plugin", "hooks", ""] {
        let folder = if name.is_empty() {
            folder.clone()
        } else {
            folder.join(name)
        };
        if folder.exists() {
            writer.remove_folder(&folder)?;
        }
    }
    Ok(())
}

fn mod_changes(
    places: &Places,
    after: &dyn Fn(&str) -> Option<Vec<u8>>,
) -> anyhow::Result<Vec<Change>> {
    let folder = places.claude.join(MOD);
    let texts = MOD_TEXTS
        .iter()
        .map(|(name, text)| (folder.join(name), *text));
    of(texts, MOD_MARK, after)
}

fn changes(
    places: &Places,
    after: &dyn Fn(&str) -> Option<Vec<u8>>,
) -> anyhow::Result<Vec<Change>> {
    let texts = TEXTS
        .iter()
        .map(|(name, text)| (places.claude.join(name), *text));
    of(texts, MARK, after)
}

/// A change for each text whose place is free or holds a text with this mark.
fn of(
    texts: impl Iterator<Item = (PathBuf, &'static str)>,
    mark: &str,
    after: &dyn Fn(&str) -> Option<Vec<u8>>,
) -> anyhow::Result<Vec<Change>> {
    let mut changes = Vec::new();
    for (path, text) in texts {
        let before = file::read(&path)?;
        let is_ours = |bytes: &[u8]| String::from_utf8_lossy(bytes).contains(mark);
        if before.as_deref().is_none_or(is_ours) {
            changes.push(Change {
                path,
                before,
                after: after(text),
                kind: Kind::Companion,
            });
        }
    }
    Ok(changes)
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
        for (name, text) in MOD_TEXTS {
            assert!(text.contains(MOD_MARK), "{name}");
        }
    }
}
