//! `data/*` to tables.

use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::{env, fs};

use serde::Deserialize;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Advisories {
    client: Vec<Advisory>,
    packages: Vec<Advisory>,
    malicious: Vec<Malicious>,
    known: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Advisory {
    #[serde(default)]
    package: String,
    id: String,
    #[serde(default)]
    from: String,
    fixed: String,
    #[serde(default = "high")]
    severity: String,
    about: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Malicious {
    package: String,
    #[serde(default)]
    from: String,
    source: String,
}

fn high() -> String {
    "high".to_owned()
}

pub(crate) fn generate() {
    let folder = PathBuf::from(env::var("CARGO_MANIFEST_DIR").expect("cargo sets it")).join("data");
    println!("cargo::rerun-if-changed={}", folder.display());
    let tables = settings(&folder) + &advisories(&folder);
    let out = PathBuf::from(env::var("OUT_DIR").expect("cargo sets it")).join("data.rs");
    fs::write(out, tables).expect("the output folder is ours");
}

fn read(folder: &Path, name: &str) -> String {
    let path = folder.join(name);
    fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

fn settings(folder: &Path) -> String {
    let text = read(folder, "settings.tsv");
    let mut table = String::from("pub(in crate::posture) static SETTINGS: &[Setting] = &[\n");
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        let fields: Vec<&str> = line.split('\t').collect();
        let [path, kind, files] = fields[..] else {
            panic!("settings.tsv: {line}");
        };
        writeln!(
            table,
            "Setting {{ path: {path:?}, kind: {kind:?}, files: {files:?} }},"
        )
        .expect("a string");
    }
    table + "];\n"
}

fn advisories(folder: &Path) -> String {
    let text = read(folder, "advisories.yaml");
    let data: Advisories =
        serde_yaml::from_str(&text).unwrap_or_else(|e| panic!("advisories.yaml: {e}"));
    let mut table = String::new();
    for (name, list) in [("CLIENT", &data.client), ("PACKAGES", &data.packages)] {
        writeln!(
            table,
            "pub(in crate::posture) static {name}: &[Advisory] = &["
        )
        .expect("a string");
        for a in list {
            let (package, id, from, fixed, about) =
                (&a.package, &a.id, &a.from, &a.fixed, &a.about);
            let severity = format!("{}{}", a.severity[..1].to_uppercase(), &a.severity[1..]);
            writeln!(
                table,
                "Advisory {{ package: {package:?}, id: {id:?}, from: {from:?}, fixed: {fixed:?}, \
                 severity: Severity::{severity}, about: {about:?} }},"
            )
            .expect("a string");
        }
        table.push_str("];\n");
    }
    table.push_str("pub(in crate::posture) static MALICIOUS: &[Malicious] = &[\n");
    for m in &data.malicious {
        let (package, from, source) = (&m.package, &m.from, &m.source);
        writeln!(
            table,
            "Malicious {{ package: {package:?}, from: {from:?}, source: {source:?} }},"
        )
        .expect("a string");
    }
    writeln!(
        table,
        "];\npub(in crate::posture) static KNOWN: &[&str] = &{:?};",
        data.known
    )
    .expect("a string");
    table
}
