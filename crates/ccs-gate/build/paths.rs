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
    for (file, rules) in source::files::<Vec<Rule>>("path") {
        for rule in rules {
            code.push_str(&rust(&rule, &file));
            rule.globs.iter().for_each(|glob| index.add(glob, count));
            count += 1;
        }
    }
    code.push_str("];\n");
    code.push_str(&index.rust());
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

/// Finds the rules that may match a path by one of its literal elements.
#[derive(Default)]
struct Index {
    /// Literal elements, the last one of a path or not.
    elements: BTreeMap<String, Vec<u16>>,
    /// Ends of names, from the last dot.
    ends: BTreeMap<String, Vec<u16>>,
    /// Rules that must always be tried.
    rest: Vec<u16>,
}

impl Index {
    fn add(&mut self, glob: &str, rule: u16) {
        let glob = glob.to_lowercase();
        let literal = |piece: &&str| !piece.is_empty() && !piece.contains(['*', '?', '[', '~']);
        let pieces: Vec<&str> = glob.split('/').collect();
        let last = pieces.last().copied().unwrap_or("");
        if let Some(piece) = pieces.iter().rev().find(|piece| literal(piece)) {
            push(&mut self.elements, piece, rule);
        } else if let Some(end) = last.rfind('.').map(|at| &last[at..]).filter(literal) {
            push(&mut self.ends, end, rule);
        } else if !self.rest.contains(&rule) {
            self.rest.push(rule);
        }
    }

    fn rust(&self) -> String {
        let mut code = String::new();
        for (name, map) in [("BY_ELEMENT", &self.elements), ("BY_END", &self.ends)] {
            let _ = writeln!(code, "pub(crate) static {name}: &[(&str, &[u16])] = &[");
            for (key, rules) in map {
                let _ = writeln!(code, "({key:?}, &{rules:?}),");
            }
            code.push_str("];\n");
        }
        let _ = writeln!(code, "pub(crate) static ALWAYS: &[u16] = &{:?};", self.rest);
        code
    }
}

fn push(map: &mut BTreeMap<String, Vec<u16>>, key: &str, rule: u16) {
    let rules = map.entry(key.to_owned()).or_default();
    if !rules.contains(&rule) {
        rules.push(rule);
    }
}
