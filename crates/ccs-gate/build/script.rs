//! `rules/script/*.yaml` to `script.rs`: what the callables of each language do.
//!
//! `common.yaml` is merged into every language; a language's own entry for a name wins. The
//! examples beside the entries become a second table that only the tests see.

use std::collections::BTreeMap;
use std::error::Error;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use serde::Deserialize;

/// The languages, by file name and table name.
const LANGUAGES: [(&str, &str); 11] = [
    ("python", "Python"),
    ("javascript", "JavaScript"),
    ("perl", "Perl"),
    ("ruby", "Ruby"),
    ("php", "Php"),
    ("awk", "Awk"),
    ("lua", "Lua"),
    ("powershell", "PowerShell"),
    ("tcl", "Tcl"),
    ("r", "R"),
    ("java", "Java"),
];

/// One rule file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    /// Other names of a module or function.
    #[serde(default)]
    aliases: BTreeMap<String, String>,
    /// What the callables do.
    calls: Vec<Entry>,
}

/// One group of callables that do the same.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    names: Vec<String>,
    act: String,
    /// Which argument is meant, from 0; `self` for the receiver.
    #[serde(default)]
    at: Option<Position>,
    /// The other argument of acts that have two: text, target, mode, body.
    #[serde(default)]
    to: Option<Position>,
    /// Names of the main argument where arguments have names.
    #[serde(default)]
    keys: Vec<String>,
    /// What kind of object comes back.
    #[serde(default)]
    gives: Option<String>,
    /// Expected act to text.
    #[serde(default)]
    hits: BTreeMap<String, String>,
    /// Texts that must not show any act of the kinds in `hits`.
    #[serde(default)]
    misses: Vec<String>,
    /// The language of the examples, in `common.yaml`.
    #[serde(default, rename = "in")]
    language: Option<String>,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(untagged)]
enum Position {
    Argument(u8),
    Receiver(Receiver),
}

#[derive(Clone, Copy, Deserialize)]
enum Receiver {
    #[serde(rename = "self")]
    Itself,
}

/// Reads the folder `from` and writes the tables to the file `to`.
pub(crate) fn compile(from: &Path, to: &Path) -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed={}", from.display());
    let common = read(from, "common")?;
    let mut tables = String::new();
    let mut examples = String::new();
    write_examples(&mut examples, "common", None, &common)?;
    for (file, language) in LANGUAGES {
        let own = read(from, file)?;
        write_table(&mut tables, language, &common, &own)?;
        write_examples(&mut examples, file, Some(language), &own)?;
    }
    write!(
        tables,
        "#[cfg(test)]\npub(super) static EXAMPLES: &[Example] = &[\n{examples}];\n"
    )?;
    fs::write(to, tables)?;
    Ok(())
}

fn read(folder: &Path, name: &str) -> Result<File, Box<dyn Error>> {
    let path = folder.join(format!("{name}.yaml"));
    let text = fs::read_to_string(&path).map_err(|e| format!("{}: {e}", path.display()))?;
    let file: File = serde_yaml::from_str(&text).map_err(|e| format!("{}: {e}", path.display()))?;
    for entry in &file.calls {
        check(entry).map_err(|e| format!("{}: {:?}: {e}", path.display(), entry.names))?;
    }
    Ok(file)
}

fn check(entry: &Entry) -> Result<(), &'static str> {
    if entry.names.is_empty() {
        return Err("an entry needs a name");
    }
    if entry.hits.is_empty() {
        return Err("an entry needs a hit");
    }
    Ok(())
}

fn write_table(
    out: &mut String,
    language: &str,
    common: &File,
    own: &File,
) -> Result<(), Box<dyn Error>> {
    let mut calls = BTreeMap::new();
    for entry in &common.calls {
        calls.extend(entry.names.iter().map(|name| (name.as_str(), entry)));
    }
    let mut seen = BTreeMap::new();
    for entry in &own.calls {
        for name in &entry.names {
            if seen.insert(name.as_str(), entry).is_some() {
                return Err(format!("{language}: `{name}` has two entries").into());
            }
        }
    }
    calls.extend(seen);
    let mut aliases = common.aliases.clone();
    aliases.extend(own.aliases.clone());
    writeln!(
        out,
        "pub(super) static {}: Table = Table {{",
        language.to_uppercase()
    )?;
    writeln!(out, "aliases: &[")?;
    for (name, real) in &aliases {
        writeln!(out, "({name:?}, {real:?}),")?;
    }
    writeln!(out, "],\ncalls: &[")?;
    for (name, entry) in &calls {
        writeln!(out, "({name:?}, {}),", entry.source())?;
    }
    writeln!(out, "],\n}};")?;
    Ok(())
}

impl Entry {
    /// The entry as a Rust expression.
    fn source(&self) -> String {
        format!(
            "Entry {{ shape: Shape::{}, at: {}, to: {}, keys: &{:?}, gives: {:?} }}",
            camel(&self.act),
            position(self.at, 0),
            position(self.to, 1),
            self.keys,
            self.gives.as_deref().unwrap_or(""),
        )
    }
}

/// The receiver is -1 in the tables.
fn position(given: Option<Position>, default: i8) -> i8 {
    match given {
        None => default,
        Some(Position::Argument(n)) => i8::try_from(n).unwrap_or(default),
        Some(Position::Receiver(Receiver::Itself)) => -1,
    }
}

/// `delete-tree` as `DeleteTree`.
fn camel(name: &str) -> String {
    name.split('-')
        .map(|part| {
            let (first, rest) = part.split_at(part.len().min(1));
            first.to_uppercase() + rest
        })
        .collect()
}

fn write_examples(
    out: &mut String,
    file: &str,
    language: Option<&str>,
    rules: &File,
) -> Result<(), Box<dyn Error>> {
    for entry in &rules.calls {
        let named = entry.language.as_deref().and_then(|wanted| {
            LANGUAGES
                .iter()
                .find(|(file, _)| *file == wanted)
                .map(|(_, name)| *name)
        });
        let language = named
            .or(language)
            .ok_or_else(|| format!("{file}: {:?} does not say `in` which language", entry.names))?;
        writeln!(
            out,
            "Example {{ file: {file:?}, entry: {:?}, language: Language::{language}, \
             hits: &{:?}, misses: &{:?} }},",
            entry.names[0],
            entry.hits.iter().collect::<Vec<_>>(),
            entry.misses,
        )?;
    }
    Ok(())
}
