//! What a project is made of, by its lock files and manifests.

mod node;

use std::fs;
use std::path::Path;

use ignore::WalkBuilder;
use serde_json::Value;

use super::{Component, Ecosystem};
use crate::exit::{Code, Stop};

/// The longest file that is read, in bytes.
const MAX_FILE: u64 = 64 << 20;
/// How deep below the project's root files are looked for.
const DEEPEST: usize = 6;
/// Folders that hold other people's projects.
const FOREIGN: [&str; 5] = ["node_modules", "target", "vendor", ".git", ".venv"];

/// A package and its version, if it is said.
type Package = (String, Option<String>);
/// A way to read a file; the error says what is wrong.
type Reader = fn(&str) -> Result<Vec<Package>, String>;

/// What was found, and which files could not be read.
#[derive(Debug, Default)]
pub(crate) struct Stack {
    pub(crate) components: Vec<Component>,
    pub(crate) unreadable: Vec<String>,
}

/// Looks through a project.
pub(crate) fn of(project: &Path) -> anyhow::Result<Stack> {
    if !project.is_dir() {
        let what = format!("`{}` is no folder", project.display());
        return Err(Stop::new(Code::File, what).into());
    }
    let mut stack = Stack::default();
    let walk = WalkBuilder::new(project)
        .max_depth(Some(DEEPEST))
        .hidden(false)
        .require_git(false)
        .filter_entry(|entry| !FOREIGN.iter().any(|name| entry.file_name() == *name))
        .sort_by_file_path(Path::cmp)
        .build();
    for entry in walk.flatten() {
        let name = entry.file_name().to_string_lossy();
        if let Some((ecosystem, reader)) = reader(&name) {
            let path = entry.path();
            let from = path
                .strip_prefix(project)
                .unwrap_or(path)
                .display()
                .to_string();
            stack.add(path, from, ecosystem, reader);
        }
    }
    stack.components.sort();
    stack.components.dedup();
    Ok(stack)
}

impl Stack {
    fn add(&mut self, path: &Path, from: String, ecosystem: Ecosystem, reader: Reader) {
        match text(path).and_then(|text| reader(&text)) {
            Err(why) => self.unreadable.push(format!("{from}: {why}")),
            Ok(packages) => self
                .components
                .extend(packages.into_iter().map(|(name, version)| Component {
                    name,
                    version,
                    ecosystem: Some(ecosystem),
                    vendor: None,
                    priority: None,
                    from: from.clone(),
                })),
        }
    }
}

fn text(path: &Path) -> Result<String, String> {
    let meta = fs::symlink_metadata(path).map_err(|error| error.to_string())?;
    if !meta.is_file() {
        return Err("not a regular file".into());
    }
    if meta.len() > MAX_FILE {
        return Err(format!("longer than {MAX_FILE} bytes"));
    }
    let bytes = fs::read(path).map_err(|error| error.to_string())?;
    String::from_utf8(bytes).map_err(|_| "not UTF-8".into())
}

fn reader(name: &str) -> Option<(Ecosystem, Reader)> {
    Some(match name {
        "Cargo.lock" => (Ecosystem::Cargo, cargo),
        "package-lock.json" | "npm-shrinkwrap.json" => (Ecosystem::Npm, npm),
        "pnpm-lock.yaml" => (Ecosystem::Npm, node::pnpm),
        "yarn.lock" => (Ecosystem::Npm, node::yarn),
        "poetry.lock" | "uv.lock" | "pdm.lock" => (Ecosystem::PyPi, python),
        "Pipfile.lock" => (Ecosystem::PyPi, pipfile),
        "go.mod" => (Ecosystem::Go, go),
        "Gemfile.lock" => (Ecosystem::RubyGems, gems),
        "composer.lock" => (Ecosystem::Packagist, composer),
        "gradle.lockfile" => (Ecosystem::Maven, gradle),
        "pom.xml" => (Ecosystem::Maven, maven),
        _ if name.starts_with("requirements") && name.ends_with(".txt") => {
            (Ecosystem::PyPi, requirements)
        }
        _ => return None,
    })
}

/// `[[package]]` with `name` and `version`, without those that `skip` names.
fn tables(text: &str, skip: fn(&toml::Value) -> bool) -> Result<Vec<Package>, String> {
    let value: toml::Value = toml::from_str(text).map_err(|error| error.message().to_owned())?;
    let all = value.get("package").and_then(toml::Value::as_array);
    let packages = all.into_iter().flatten().filter(|one| !skip(one));
    let text = |one: &toml::Value, key| one.get(key)?.as_str().map(str::to_owned);
    Ok(packages
        .filter_map(|one| Some((text(one, "name")?, text(one, "version"))))
        .collect())
}

/// Packages of the workspace itself have no source.
fn cargo(lock: &str) -> Result<Vec<Package>, String> {
    tables(lock, |one| one.get("source").is_none())
}

fn python(lock: &str) -> Result<Vec<Package>, String> {
    tables(lock, |one| {
        let source = one.get("source");
        ["virtual", "editable"]
            .iter()
            .any(|key| source.is_some_and(|source| source.get(key).is_some()))
    })
}

fn json(text: &str) -> Result<Value, String> {
    serde_json::from_str(text).map_err(|error| error.to_string())
}

fn npm(lock: &str) -> Result<Vec<Package>, String> {
    let value = json(lock)?;
    let version = |one: &Value| {
        one.get("version")
            .and_then(Value::as_str)
            .map(str::to_owned)
    };
    let mut packages = Vec::new();
    if let Some(all) = value.get("packages").and_then(Value::as_object) {
        for (place, one) in all {
            let linked = one.get("link").and_then(Value::as_bool) == Some(true);
            if let Some((_, name)) = place.rsplit_once("node_modules/")
                && !linked
            {
                let real = one.get("name").and_then(Value::as_str).unwrap_or(name);
                packages.push((real.to_owned(), version(one)));
            }
        }
        return Ok(packages);
    }
    // the form of npm 6
    let mut open = vec![&value];
    while let Some(one) = open.pop() {
        for (name, one) in one
            .get("dependencies")
            .and_then(Value::as_object)
            .into_iter()
            .flatten()
        {
            packages.push((name.clone(), version(one)));
            open.push(one);
        }
    }
    Ok(packages)
}

fn pipfile(lock: &str) -> Result<Vec<Package>, String> {
    let value = json(lock)?;
    let lists = ["default", "develop"].map(|key| value.get(key).and_then(Value::as_object));
    let all = lists.into_iter().flatten().flatten();
    Ok(all
        .map(|(name, one)| {
            let version = one.get("version").and_then(Value::as_str);
            (
                name.clone(),
                version.map(|text| text.trim_start_matches('=').to_owned()),
            )
        })
        .collect())
}

fn composer(lock: &str) -> Result<Vec<Package>, String> {
    let value = json(lock)?;
    let lists = ["packages", "packages-dev"].map(|key| value.get(key).and_then(Value::as_array));
    let text = |one: &Value, key| one.get(key)?.as_str().map(str::to_owned);
    let all = lists.into_iter().flatten().flatten();
    Ok(all
        .filter_map(|one| Some((text(one, "name")?, text(one, "version"))))
        .collect())
}

/// `name[extra]==1.2 ; marker # comment`; options and addresses are no packages.
fn requirements(text: &str) -> Result<Vec<Package>, String> {
    let mut packages = Vec::new();
    for line in text.lines() {
        let line = line.split(" #").next().unwrap_or(line);
        let line = line.split([';', '\\']).next().unwrap_or(line).trim();
        let end = line.find(|c: char| !(c.is_ascii_alphanumeric() || "-_.".contains(c)));
        let (name, rest) = line.split_at(end.unwrap_or(line.len()));
        if !name.starts_with(|c: char| c.is_ascii_alphanumeric())
            || rest.trim_start().starts_with([':', '/'])
        {
            continue;
        }
        let pinned = rest
            .split_once("==")
            .map(|(_, version)| version.trim_start_matches('='));
        let version = pinned.and_then(|text| text.split([',', ' ']).next());
        let version = version.filter(|version| !version.contains('*') && !version.is_empty());
        packages.push((name.to_owned(), version.map(str::to_owned)));
    }
    Ok(packages)
}

fn go(text: &str) -> Result<Vec<Package>, String> {
    let mut block = false;
    let mut packages = Vec::new();
    for line in text
        .lines()
        .map(|line| line.split("//").next().unwrap_or(line).trim())
    {
        let entry = match line.strip_prefix("require ") {
            Some(rest) if rest.trim() == "(" => {
                block = true;
                continue;
            }
            Some(rest) => rest,
            None if line == ")" => {
                block = false;
                continue;
            }
            None if block => line,
            None => continue,
        };
        if let Some((name, version)) = entry.split_once(' ') {
            packages.push((name.to_owned(), Some(version.trim().to_owned())));
        }
    }
    Ok(packages)
}

/// `    name (1.2.3)` below `specs:`; deeper lines are what that one needs.
fn gems(text: &str) -> Result<Vec<Package>, String> {
    let specs = text.lines().filter_map(|line| {
        let entry = line
            .strip_prefix("    ")
            .filter(|rest| !rest.starts_with(' '))?;
        let (name, rest) = entry.split_once(" (")?;
        let version = rest.strip_suffix(')')?;
        // The platform of a build stands behind the version.
        let version = version.split('-').next().unwrap_or(version);
        version
            .starts_with(|c: char| c.is_ascii_digit())
            .then(|| (name.to_owned(), Some(version.to_owned())))
    });
    Ok(specs.collect())
}

fn gradle(text: &str) -> Result<Vec<Package>, String> {
    let entries = text.lines().filter_map(|line| {
        let (coordinates, _) = line.split_once('=')?;
        let (name, version) = coordinates.rsplit_once(':')?;
        name.contains(':')
            .then(|| (name.to_owned(), Some(version.to_owned())))
    });
    Ok(entries.collect())
}

/// `<dependency>` elements; a version that is a property is not known.
fn maven(text: &str) -> Result<Vec<Package>, String> {
    let tag = |part: &str, name: &str| {
        let (_, rest) = part.split_once(&format!("<{name}>"))?;
        let (value, _) = rest.split_once(&format!("</{name}>"))?;
        Some(value.trim().to_owned())
    };
    let parts = text.split("<dependency>").skip(1);
    let bodies = parts.filter_map(|part| part.split_once("</dependency>"));
    Ok(bodies
        .filter_map(|(part, _)| {
            let name = format!("{}:{}", tag(part, "groupId")?, tag(part, "artifactId")?);
            Some((
                name,
                tag(part, "version").filter(|text| !text.contains(['$', '[', '('])),
            ))
        })
        .collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(name: &str, text: &str) -> Vec<(String, String)> {
        let (_, reader) = reader(name).expect("known");
        let packages = reader(text).expect("read");
        let shown = |(name, version): Package| (name, version.unwrap_or_else(|| "?".into()));
        packages.into_iter().map(shown).collect()
    }

    fn pair(name: &str, version: &str) -> (String, String) {
        (name.into(), version.into())
    }

    #[test]
    fn each_lock_file_names_its_packages_and_versions() {
        for (name, text, expected) in [
            (
                "Cargo.lock",
                "[[package]]\nname=\"own\"\nversion=\"0.1.0\"\n[[package]]\nname=\"time\"\nversion=\"0.1.4\"\nsource=\"registry+x\"\n",
                vec![pair("time", "0.1.4")],
            ),
            (
                "package-lock.json",
                r#"{"packages":{"":{"version":"1"},"node_modules/ws":{"version":"8.1.0"},"node_modules/a/node_modules/@s/b":{"version":"2.0.0"},"node_modules/l":{"link":true}}}"#,
                vec![pair("@s/b", "2.0.0"), pair("ws", "8.1.0")],
            ),
            (
                "package-lock.json",
                r#"{"dependencies":{"a":{"version":"1.0.0","dependencies":{"b":{"version":"2.0.0"}}}}}"#,
                vec![pair("a", "1.0.0"), pair("b", "2.0.0")],
            ),
            (
                "uv.lock",
                "[[package]]\nname=\"own\"\nversion=\"1\"\nsource={virtual=\".\"}\n[[package]]\nname=\"httpx\"\nversion=\"0.27.0\"\n",
                vec![pair("httpx", "0.27.0")],
            ),
            (
                "Pipfile.lock",
                r#"{"default":{"requests":{"version":"==2.31.0"}},"develop":{"x":{}}}"#,
                vec![pair("requests", "2.31.0"), pair("x", "?")],
            ),
            (
                "requirements-dev.txt",
                "# all\n-r other.txt\nrequests[socks]==2.31.0 ; python_version > '3' # x\nflask>=2\nhttps://a/b.whl\n\nDjango===4.2,<5\nx==1.*\n",
                vec![
                    pair("requests", "2.31.0"),
                    pair("flask", "?"),
                    pair("Django", "4.2"),
                    pair("x", "?"),
                ],
            ),
            (
                "go.mod",
                "module x\nrequire golang.org/x/net v0.1.0 // indirect\nrequire (\n\tgithub.com/a/b v1.2.3\n)\nreplace a => b v1.0.0\n",
                vec![
                    pair("golang.org/x/net", "v0.1.0"),
                    pair("github.com/a/b", "v1.2.3"),
                ],
            ),
            (
                "Gemfile.lock",
                "GEM\n  specs:\n    nokogiri (1.15.0-x86_64-linux)\n      racc (~> 1.4)\n    rack (2.2.3)\n\nPLATFORMS\n  ruby\n",
                vec![pair("nokogiri", "1.15.0"), pair("rack", "2.2.3")],
            ),
            (
                "composer.lock",
                r#"{"packages":[{"name":"a/b","version":"v1.0.0"}],"packages-dev":[{"name":"c/d"}]}"#,
                vec![pair("a/b", "v1.0.0"), pair("c/d", "?")],
            ),
            (
                "gradle.lockfile",
                "# locks\norg.a:b:1.2=compileClasspath\nempty=\n",
                vec![pair("org.a:b", "1.2")],
            ),
            (
                "pom.xml",
                "<dependencies><dependency><groupId>org.a</groupId><artifactId>b</artifactId><version>1.2</version></dependency>\
                 <dependency><groupId>c</groupId><artifactId>d</artifactId><version>${d}</version></dependency></dependencies>",
                vec![pair("org.a:b", "1.2"), pair("c:d", "?")],
            ),
        ] {
            let mut seen = read(name, text);
            let mut expected = expected;
            seen.sort();
            expected.sort();
            assert_eq!(seen, expected, "{name}");
        }
    }

    #[test]
    fn a_project_is_searched_and_a_broken_file_is_named() {
        let folder = tempfile::tempdir().expect("a folder");
        let write = |name: &str, text: &str| {
            let path = folder.path().join(name);
            fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
            fs::write(path, text).expect("written");
        };
        write("go.mod", "require a.com/b v1.0.0\n");
        write("web/package-lock.json", "{");
        write("node_modules/x/go.mod", "require evil.com/b v1.0.0\n");
        let stack = of(folder.path()).expect("a stack");
        let names: Vec<_> = stack
            .components
            .iter()
            .map(|one| one.name.as_str())
            .collect();
        assert_eq!(names, ["a.com/b"]);
        assert!(stack.unreadable[0].starts_with("web/package-lock.json: EOF"));
    }
}
