//! What a hook runs by the name of a script or a target: `npm run x`, `make x`, `just x`.

use std::path::Path;
use std::rc::Rc;

use crate::posture::Context;
use crate::posture::json::{Doc, Val};
use crate::posture::shell::{Stage, Word, parse};
use crate::posture::source::{Scope, Source};

/// A script or the recipe of a target, and where it stands.
pub(super) struct Recipe {
    pub(super) source: Rc<Source>,
    pub(super) offset: usize,
    pub(super) text: String,
}

/// The recipes that a command line runs in the project.
pub(super) fn recipes(context: &Context<'_>, command: &str) -> Vec<Recipe> {
    let Some(project) = &context.model.places.project else {
        return Vec::new();
    };
    let script = parse(command);
    let found = script
        .stages()
        .filter_map(|stage| of(context, project, stage));
    found.collect()
}

fn of(context: &Context<'_>, project: &Path, stage: &Stage) -> Option<Recipe> {
    let words = || {
        stage
            .args()
            .iter()
            .map(plain)
            .filter(|word| !word.starts_with('-'))
    };
    let read = |name: &str| context.reader.read(&project.join(name), Scope::Project);
    match stage.name() {
        "npm" | "pnpm" | "yarn" | "bun" => {
            let name = words().find(|word| !matches!(*word, "run" | "run-script"))?;
            package(&read("package.json")?, name)
        }
        "make" | "gmake" => target(
            read("Makefile").or_else(|| read("makefile"))?,
            words().next(),
        ),
        "just" => target(
            read("justfile").or_else(|| read("Justfile"))?,
            words().next(),
        ),
        _ => None,
    }
}

fn plain(word: &Word) -> &str {
    &word.text
}

fn package(source: &Rc<Source>, name: &str) -> Option<Recipe> {
    let doc = Doc::lenient(source)?;
    let script = doc.root().at(&["scripts", name])?;
    Some(Recipe {
        source: Rc::clone(source),
        offset: script.offset(),
        text: Val::text(script)?.to_owned(),
    })
}

/// The indented lines below a target, which is the first one if none is named.
fn target(source: Rc<Source>, name: Option<&str>) -> Option<Recipe> {
    let mut offset = 0;
    let mut found: Option<(usize, String)> = None;
    for line in source.text.split_inclusive('\n') {
        let indented = line.starts_with([' ', '\t']);
        match &mut found {
            Some((_, text)) if indented => text.push_str(line.trim_start().trim_start_matches('@')),
            Some(_) if line.trim().is_empty() => {}
            Some(_) => break,
            None if !indented && is_head(line, name) => found = Some((offset, String::new())),
            None => {}
        }
        offset += line.len();
    }
    let (offset, text) = found?;
    Some(Recipe {
        source,
        offset,
        text,
    })
}

/// Whether a line begins the target, which arguments and conditions may follow.
fn is_head(line: &str, name: Option<&str>) -> bool {
    let Some((head, rest)) = line.split_once(':') else {
        return false;
    };
    let mut words = head.split_whitespace();
    let named = |name: &str| words.any(|word| word.trim_start_matches('@') == name);
    !rest.starts_with('=') && !line.starts_with(['#', '.']) && name.is_none_or(named)
}
