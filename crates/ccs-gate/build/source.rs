//! Reading rule files and writing Rust.

use std::fs;
use std::path::{Path, PathBuf};

use serde::de::DeserializeOwned;

/// What every rule says about itself.
#[derive(serde::Deserialize)]
pub(crate) struct Meta {
    pub(crate) id: String,
    pub(crate) title: String,
    pub(crate) severity: String,
    pub(crate) decision: String,
    pub(crate) why: String,
    pub(crate) instead: Option<String>,
    pub(crate) hits: Vec<String>,
    pub(crate) misses: Vec<String>,
}

impl Meta {
    /// The rule as a Rust expression of type `Meta`.
    pub(crate) fn rust(&self, file: &Path) -> String {
        if self.hits.len() < 2 || self.misses.is_empty() {
            panic!(
                "{}: {}: a rule needs two hits and a miss",
                file.display(),
                self.id
            );
        }
        let severity = variant(
            &self.severity,
            &["info", "low", "medium", "high", "critical"],
            file,
        );
        let decision = variant(&self.decision, &["allow", "ask", "deny"], file);
        let instead = match &self.instead {
            Some(text) => format!("Some(Cow::Borrowed({text:?}))"),
            None => "None".to_owned(),
        };
        format!(
            "Meta {{ id: Cow::Borrowed({:?}), title: Cow::Borrowed({:?}), severity: Severity::{severity}, decision: Decision::{decision}, why: Cow::Borrowed({:?}), instead: {instead} }}",
            self.id,
            self.title,
            self.why.trim()
        )
    }
}

fn variant(name: &str, known: &[&str], file: &Path) -> String {
    if !known.contains(&name) {
        panic!("{}: `{name}` is none of {known:?}", file.display());
    }
    let (first, rest) = name.split_at(1);
    format!("{}{rest}", first.to_uppercase())
}

/// Every rule file in `rules/<folder>`, sorted by name, read as `T`.
pub(crate) fn files<T: DeserializeOwned>(folder: &str) -> Vec<(PathBuf, T)> {
    let folder = Path::new("rules").join(folder);
    println!("cargo::rerun-if-changed={}", folder.display());
    let mut paths: Vec<PathBuf> = fs::read_dir(&folder)
        .unwrap_or_else(|error| panic!("{}: {error}", folder.display()))
        .filter_map(|entry| entry.ok().map(|entry| entry.path()))
        .filter(|path| path.extension().is_some_and(|end| end == "yaml"))
        .collect();
    paths.sort();
    paths
        .into_iter()
        .map(|path| {
            println!("cargo::rerun-if-changed={}", path.display());
            let text =
                fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
            let value =
                serde_yaml::from_str(&text).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
            (path, value)
        })
        .collect()
}

/// A table of the names and texts of the files, for trying their examples.
pub(crate) fn texts<'p>(table: &str, paths: impl Iterator<Item = &'p PathBuf>) -> String {
    let files: Vec<String> = paths
        .map(|path| {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
            format!("({name:?}, include_str!({path:?}))")
        })
        .collect();
    format!(
        "#[cfg(feature = \"compile\")]\npub(crate) static {table}: &[(&str, &str)] = &[{}];\n",
        files.join(", ")
    )
}

/// Writes generated code where `include!` finds it.
pub(crate) fn write(name: &str, code: &str) {
    let folder = std::env::var("OUT_DIR").expect("cargo sets OUT_DIR");
    fs::write(Path::new(&folder).join(name), code).expect("OUT_DIR is writable");
}
