//! `rules/path/*.yaml`: files that are not to be read, written or deleted.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;

use crate::source::{self, Meta};

#[derive(serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
struct Rule {
    #[serde(flatten)]
    meta: Meta,
    /// Any of read, write, delete.
    on: Vec<String>,
    globs: Vec<String>,
    #[serde(default)]
    except: Vec<String>,
    /// What is read there must not leave the machine.
    #[serde(default)]
    secret: bool,
}

pub(crate) fn generate() {
    let mut code = String::from("pub(crate) static PATH_RULES: &[PathRule] = &[\n");
    let mut index = Index::default();
    let mut count = 0_u16;
    let files = source::files::<Vec<Rule>>("path");
    for (file, rules) in &files {
        for rule in rules {
            code.push_str(&rust(rule, file));
            for (glob, at) in rule.globs.iter().zip(0..) {
                index.add(glob, (count, at));
            }
            count += 1;
        }
    }
    code.push_str("];\n");
    code.push_str(&index.rust());
    code.push_str(&source::texts(
        "SOURCES",
        files.iter().map(|(file, _)| file),
    ));
    source::write("paths.rs", &code);
}

fn rust(rule: &Rule, file: &Path) -> String {
    let on = |access: &str| rule.on.iter().any(|word| word == access);
    let samples: Vec<String> = rule
        .meta
        .hits
        .iter()
        .map(|hit| hit.to_lowercase())
        .collect();
    format!(
        "PathRule {{ meta: {}, read: {}, write: {}, delete: {}, secret: {}, globs: {}, except: {}, samples: &{samples:?} }},\n",
        rule.meta.rust(file),
        on("read"),
        on("write"),
        on("delete"),
        rule.secret,
        borrowed(&rule.globs),
        borrowed(&rule.except),
    )
}

/// A list of patterns, in lower case, as a borrowed `Cow` of borrowed `Cow`s.
fn borrowed(globs: &[String]) -> String {
    let each = globs
        .iter()
        .map(|glob| format!("Cow::Borrowed({:?})", glob.to_lowercase()));
    format!("Cow::Borrowed(&[{}])", each.collect::<Vec<_>>().join(", "))
}

/// A pattern: the number of its rule, and its own within the rule.
type Place = (u16, u16);

/// Finds the patterns that may match a path by one of its literal elements.
#[derive(Default)]
struct Index {
    /// Literal elements, the last one of a path or not.
    elements: BTreeMap<String, Vec<Place>>,
    /// Ends of names, from the last dot.
    ends: BTreeMap<String, Vec<Place>>,
    /// Patterns that must always be tried.
    rest: Vec<Place>,
}

impl Index {
    fn add(&mut self, glob: &str, place: Place) {
        let glob = glob.to_lowercase();
        let literal = |piece: &&str| !piece.is_empty() && !piece.contains(['*', '?', '[', '~']);
        let pieces: Vec<&str> = glob.split('/').collect();
        let last = pieces.last().copied().unwrap_or("");
        if let Some(piece) = pieces.iter().rev().find(|piece| literal(piece)) {
            self.elements
                .entry((*piece).to_owned())
                .or_default()
                .push(place);
        } else if let Some(end) = last.rfind('.').map(|at| &last[at..]).filter(literal) {
            self.ends.entry(end.to_owned()).or_default().push(place);
        } else {
            self.rest.push(place);
        }
    }

    fn rust(&self) -> String {
        let mut code = String::new();
        for (name, map) in [("BY_ELEMENT", &self.elements), ("BY_END", &self.ends)] {
            let _ = writeln!(
                code,
                "pub(crate) static {name}: &[(&str, &[(u16, u16)])] = &["
            );
            for (key, places) in map {
                let _ = writeln!(code, "({key:?}, &{places:?}),");
            }
            code.push_str("];\n");
        }
        let _ = writeln!(
            code,
            "pub(crate) static ALWAYS: &[(u16, u16)] = &{:?};",
            self.rest
        );
        code
    }
}
