//! `rules/effect/*.yaml`: what may not be done where.

use std::fmt::Write;
use std::path::Path;

use crate::source::{self, Meta};

#[allow(unreachable_pub)]
mod names {
    include!("../src/effect/names.rs");
}
use names::{Kinds, Places, Tags};

#[derive(serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
struct Rule {
    #[serde(flatten)]
    meta: Meta,
    effect: Words,
    #[serde(default)]
    place: Words,
    #[serde(default)]
    not_place: Words,
    #[serde(default)]
    tags: Words,
    #[serde(default)]
    any_tag: Words,
    #[serde(default)]
    not_tags: Words,
    #[serde(default)]
    mode: Option<String>,
}

/// One word, or a list of words.
#[derive(serde::Deserialize)]
#[serde(untagged)]
enum Words {
    One(String),
    Many(Vec<String>),
}

impl Default for Words {
    fn default() -> Self {
        Self::Many(Vec::new())
    }
}

impl Words {
    /// The bits of the words.
    fn bits<T>(
        &self,
        file: &Path,
        named: impl Fn(&str) -> Option<T>,
        bits: impl Fn(T) -> u64,
    ) -> u64 {
        let words = match self {
            Self::One(word) => std::slice::from_ref(word),
            Self::Many(words) => words,
        };
        words
            .iter()
            .map(|word| {
                bits(
                    named(word)
                        .unwrap_or_else(|| panic!("{}: no such word: {word}", file.display())),
                )
            })
            .fold(0, |all, one| all | one)
    }
}

pub(crate) fn generate() {
    let mut code = String::from("pub(crate) static EFFECT_RULES: &[EffectRule] = &[\n");
    let files = source::files::<Vec<Rule>>("effect");
    for (file, rules) in &files {
        for rule in rules {
            code.push_str(&rust(rule, file));
        }
    }
    code.push_str("];\n");
    code.push_str(&source::texts(
        "SOURCES",
        files.iter().map(|(file, _)| file),
    ));
    source::write("effects.rs", &code);
}

fn rust(rule: &Rule, file: &Path) -> String {
    let place = |words: &Words| words.bits(file, Places::named, |set| set.0);
    let tags = |words: &Words| words.bits(file, Tags::named, |set| set.0);
    let mode = match rule.mode.as_deref() {
        None | Some("standard") => "Standard",
        Some("strict") => "Strict",
        Some("readonly") => "Readonly",
        Some(other) => panic!("{}: no such mode: {other}", file.display()),
    };
    let mut code = String::new();
    let _ = writeln!(
        code,
        "EffectRule {{ meta: {}, kinds: Kinds({}), places: Places({}), not_places: Places({}), tags: Tags({}), any_tag: Tags({}), not_tags: Tags({}), mode: Mode::{mode} }},",
        rule.meta.rust(file),
        rule.effect.bits(file, Kinds::named, |set| set.0),
        place(&rule.place),
        place(&rule.not_place),
        tags(&rule.tags),
        tags(&rule.any_tag),
        tags(&rule.not_tags),
    );
    code
}
