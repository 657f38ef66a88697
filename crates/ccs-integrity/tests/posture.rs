//! The examples of each check are its tests.
#![cfg(all(feature = "posture", unix))]

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use ccs_integrity::posture::{Base, Facts, Report, Scanners, Severity, Target, audit, catalog};
use serde::Deserialize;
use serde_yaml::Value;

#[derive(Deserialize)]
struct Group {
    checks: Vec<Check>,
}

#[derive(Deserialize)]
struct Check {
    id: String,
    #[serde(default)]
    given: bool,
    #[serde(default)]
    hits: Vec<Case>,
    #[serde(default)]
    misses: Vec<Case>,
}

/// Files by their path: `path 0644` with a mode, `path ->` a link, `path/` a folder, `path !` a
/// list of files as git keeps it.
type Case = BTreeMap<String, Value>;

fn checks() -> Vec<Check> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("checks");
    let mut paths: Vec<_> = fs::read_dir(folder)
        .expect("checks")
        .map(|entry| entry.expect("an entry").path())
        .collect();
    paths.sort();
    let groups = paths.iter().map(|path| {
        let text = fs::read_to_string(path).expect("a file of checks");
        serde_yaml::from_str::<Group>(&text).expect("checks")
    });
    groups.flat_map(|group| group.checks).collect()
}

fn mode(path: &Path, bits: u32) {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(path, fs::Permissions::from_mode(bits)).expect("a mode");
}

/// Something that looks like a key; put together here, so that no file of ours does.
fn key() -> String {
    format!("sk-{}-api03-{}", "ant", "q8Zr3vT1xY7bN2mK9sD4fG6hJ0pL5wE")
}

fn content(value: &Value) -> String {
    let text = match value {
        Value::String(text) => text.clone(),
        value => serde_json::to_string_pretty(value).expect("JSON"),
    };
    // Where the files were before somebody copied them here.
    text.replace("{{key}}", &key())
        .replace("{{HOME}}", "/srv/copy/home")
        .replace("{{PROJECT}}", "/srv/copy/project")
}

fn put(root: &Path, name: &str, value: &Value) {
    let is_how = |how: &str| matches!(how, "->" | "!") || u32::from_str_radix(how, 8).is_ok();
    let parts = name.rsplit_once(' ').filter(|(_, how)| is_how(how));
    let (name, how) = parts.unwrap_or((name, ""));
    let path = root.join(name);
    let text = content(value);
    match how {
        "->" => {
            fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
            std::os::unix::fs::symlink(text, &path).expect("a link");
        }
        "!" => {
            fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
            let length = u8::try_from(text.len()).expect("a short name");
            fs::write(&path, [&[0, length], text.as_bytes(), b"\0"].concat()).expect("a file");
        }
        _ if name.ends_with('/') => fs::create_dir_all(&path).expect("a folder"),
        _ => {
            fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
            fs::write(&path, text).expect("a file");
        }
    }
    let bits = u32::from_str_radix(how, 8);
    if let Ok(bits) = bits {
        mode(&path, bits);
    }
}

fn audited(case: &Case) -> Report {
    let root = tempfile::tempdir().expect("a folder");
    for name in ["home/", "project/"] {
        put(root.path(), name, &Value::Null);
        mode(&root.path().join(name), 0o755);
    }
    for (name, value) in case.iter().rev() {
        put(root.path(), name, value);
    }
    let target = Target {
        home: root.path().join("home"),
        project: Some(root.path().join("project")),
        managed: Some(root.path().join("managed")).filter(|path| path.exists()),
        ..Target::default()
    };
    audit(&target, &Scanners::default(), &Facts::default())
}

fn ids(report: &Report) -> Vec<&'static str> {
    report.findings.iter().map(|finding| finding.id).collect()
}

#[test]
fn every_check_finds_its_hits_and_passes_its_misses() {
    let mut wrong = Vec::new();
    for check in checks() {
        for hit in &check.hits {
            let found = ids(&audited(hit));
            if !found.contains(&check.id.as_str()) {
                wrong.push(format!("{} misses {hit:?}; found {found:?}", check.id));
            }
        }
        for miss in &check.misses {
            let report = audited(miss);
            let found = report
                .findings
                .iter()
                .find(|finding| finding.id == check.id);
            if let Some(found) = found {
                wrong.push(format!("{} finds {miss:?}: {}", check.id, found.evidence));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What a file of variants holds.
fn variants<T: serde::de::DeserializeOwned>(name: &str) -> T {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/variants")
        .join(name);
    let text = fs::read_to_string(path).expect("variants");
    serde_yaml::from_str(&text).expect("variants")
}

#[test]
fn other_spellings_places_and_scopes_are_found() {
    let groups = [
        "environment",
        "extension",
        "files",
        "hook",
        "machine",
        "mcp",
        "permission",
        "repository",
        "sandbox",
        "secret",
        "settings",
        "text",
    ];
    let wrong: Vec<String> = std::thread::scope(|scope| {
        let looked = groups.map(|group| scope.spawn(move || missed(group)));
        let all = looked.map(|thread| thread.join().expect("a group"));
        all.into_iter().flatten().collect()
    });
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The variants of a group that are not found.
fn missed(group: &str) -> Vec<String> {
    let mut wrong = Vec::new();
    let cases: BTreeMap<String, Vec<Case>> = variants(&format!("{group}.yaml"));
    for (id, hits) in cases {
        for hit in &hits {
            let found = ids(&audited(hit));
            if !found.contains(&id.as_str()) {
                wrong.push(format!("{id} misses {hit:?}; found {found:?}"));
            }
        }
    }
    wrong
}

#[test]
fn ordinary_rich_installations_hold_nothing_medium() {
    let cases: BTreeMap<String, Vec<Case>> = variants("clean.yaml");
    let mut wrong = Vec::new();
    for (number, case) in cases.values().flatten().enumerate() {
        let report = audited(case);
        let bad = report
            .findings
            .iter()
            .filter(|one| one.severity >= Severity::Medium);
        wrong.extend(bad.map(|one| {
            let place = &one.place;
            format!(
                "#{number} {} {}:{} {}",
                one.id, place.path, place.line, one.evidence
            )
        }));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// One finding, where it is and when it has an effect.
#[derive(Deserialize)]
struct Placed {
    id: String,
    /// `effect base/path:line`
    at: String,
    files: Case,
}

#[test]
fn a_finding_names_its_line_and_its_effect() {
    let mut wrong = Vec::new();
    for case in variants::<Vec<Placed>>("places.yaml") {
        let report = audited(&case.files);
        let found: Vec<String> = report
            .findings
            .iter()
            .filter(|one| one.id == case.id)
            .map(|one| {
                let base = match one.place.base {
                    Base::Home => "home",
                    Base::Project => "project",
                    Base::Managed => "managed",
                    Base::Root => "root",
                };
                let effect = format!("{:?}", one.effect).to_lowercase();
                format!("{effect} {base}/{}:{}", one.place.path, one.place.line)
            })
            .collect();
        if !found.contains(&case.at) {
            wrong.push(format!("{} is not at {}: {found:?}", case.id, case.at));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// These need another machine, owner or search path than a test can have.
const ELSEWHERE: &[&str] = &[
    "fs.owner_mismatch",
    "sandbox.unavailable",
    "env.secret_inherited",
    "shell.path_shadow",
    "trust.stale",
];

#[test]
fn every_check_has_examples() {
    for check in checks() {
        let bare = check.given || ELSEWHERE.contains(&check.id.as_str());
        assert!(
            bare || !check.hits.is_empty() && !check.misses.is_empty(),
            "{}",
            check.id
        );
    }
}

#[test]
fn every_check_is_in_the_catalogue_and_in_the_documentation() {
    let text =
        fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/POSTURE.md"))
            .expect("the documentation");
    let ids: Vec<String> = checks().into_iter().map(|check| check.id).collect();
    assert_eq!(ids.len(), catalog::all().len());
    for check in catalog::all() {
        assert!(ids.iter().any(|id| id == check.id), "{}", check.id);
        let severity = format!("{:?}", check.severity).to_lowercase();
        let row = format!("| `{}` | {severity} | {} |", check.id, check.title);
        assert!(text.contains(&row), "docs/POSTURE.md lacks {row}");
    }
    let rows = text.lines().filter(|line| line.starts_with("| `")).count();
    assert_eq!(
        rows,
        ids.len(),
        "docs/POSTURE.md lists a check that is none"
    );
}
