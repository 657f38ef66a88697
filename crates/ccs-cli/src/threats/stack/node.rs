//! The lock files of pnpm and yarn.

use serde::Deserialize;
use serde_yaml::Value;

use super::Package;

/// `pnpm-lock.yaml`, versions 5 to 9. Packages of the workspace itself are not under `packages`.
pub(super) fn pnpm(lock: &str) -> Result<Vec<Package>, String> {
    let mut packages = Vec::new();
    for document in documents(lock)? {
        let listed = document.get("packages").and_then(Value::as_mapping);
        for (key, one) in listed.into_iter().flatten() {
            packages.extend(key.as_str().and_then(|key| of_pnpm(key, one)));
        }
    }
    Ok(packages)
}

/// What comes from elsewhere than a registry says its name and version itself.
fn of_pnpm(key: &str, one: &Value) -> Option<Package> {
    let said = |field: &str| one.get(field).and_then(Value::as_str).map(str::to_owned);
    if let Some(name) = said("name") {
        return Some((name, said("version")));
    }
    let key = key.strip_prefix('/').unwrap_or(key);
    let key = key.split('(').next().unwrap_or(key);
    let (name, version) = named(key)?;
    let version = said("version").unwrap_or_else(|| version.to_owned());
    // `/a/1.0.0_react@17`: what the older form appends
    let version = version.split('_').next().unwrap_or_default();
    let is_version = version.starts_with(|c: char| c.is_ascii_digit());
    Some((name.to_owned(), is_version.then(|| version.to_owned())))
}

/// `NAME@VERSION` or `NAME/VERSION`, the name perhaps with its scope.
fn named(key: &str) -> Option<(&str, &str)> {
    let scope = match key.starts_with('@') {
        true => key.find('/')? + 1,
        false => 0,
    };
    let at = scope + key[scope..].find(['@', '/'])?;
    Some((&key[..at], &key[at + 1..]))
}

/// `yarn.lock`, of yarn 1 and of those after it.
pub(super) fn yarn(lock: &str) -> Result<Vec<Package>, String> {
    if lock.contains("__metadata:") {
        return berry(lock);
    }
    if lock.contains("<<<<<<<") {
        return Err("it holds a conflict".into());
    }
    Ok(classic(lock))
}

/// YAML; what belongs to the workspace is linked softly.
fn berry(lock: &str) -> Result<Vec<Package>, String> {
    let mut packages = Vec::new();
    for document in documents(lock)? {
        for (_, one) in document.as_mapping().into_iter().flatten() {
            let text = |field: &str| one.get(field).and_then(Value::as_str);
            let Some((name, _)) = text("resolution").and_then(descriptor) else {
                continue;
            };
            if text("linkType") != Some("soft") {
                packages.push((name.to_owned(), text("version").map(str::to_owned)));
            }
        }
    }
    Ok(packages)
}

/// Blocks of lines: what was asked for, without indentation, and below it what was taken.
fn classic(lock: &str) -> Vec<Package> {
    let (mut packages, mut name) = (Vec::new(), None);
    for line in lock.lines() {
        match line.strip_prefix("  ") {
            None => name = line.strip_suffix(':').and_then(asked_for),
            Some(field) => {
                if let Some(version) = field.strip_prefix("version ")
                    && let Some(name) = name.take()
                {
                    packages.push((name, Some(version.trim_matches('"').to_owned())));
                }
            }
        }
    }
    packages
}

/// The package of `"a@^1", a@1.x`: behind an alias its own name, and none for what lies here.
fn asked_for(line: &str) -> Option<String> {
    let first = line.split(", ").next()?.trim_matches('"');
    let (name, range) = descriptor(first)?;
    if let Some(real) = range.strip_prefix("npm:")
        && let Some((name, _)) = descriptor(real)
    {
        return Some(name.to_owned());
    }
    let is_here = ["file:", "link:", "portal:", "workspace:"]
        .iter()
        .any(|start| range.starts_with(start));
    (!is_here).then(|| name.to_owned())
}

/// `NAME@RANGE`; a scope begins with `@` as well.
fn descriptor(text: &str) -> Option<(&str, &str)> {
    let at = 1 + text.get(1..)?.find('@')?;
    Some((&text[..at], &text[at + 1..]))
}

fn documents(text: &str) -> Result<Vec<Value>, String> {
    let documents = serde_yaml::Deserializer::from_str(text);
    documents
        .map(|document| Value::deserialize(document).map_err(|error| error.to_string()))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(packages: Vec<Package>) -> Vec<String> {
        let one = |(name, version): Package| format!("{name} {}", version.unwrap_or_default());
        packages.into_iter().map(one).collect()
    }

    #[test]
    fn each_version_of_pnpms_file_names_its_packages() {
        let expected = ["@s/b 2.0.0", "left-pad 1.3.0"];
        for lock in [
            "lockfileVersion: '9.0'\npackages:\n  '@s/b@2.0.0':\n    resolution: {integrity: x}\n  left-pad@1.3.0:\n    resolution: {integrity: y}\nsnapshots:\n  '@s/b@2.0.0(left-pad@1.3.0)': {}\n",
            "lockfileVersion: '6.0'\npackages:\n\n  /@s/b@2.0.0(react@17.0.2):\n    dev: true\n  /left-pad@1.3.0:\n    dev: false\n",
            "lockfileVersion: 5.4\npackages:\n  /@s/b/2.0.0_react@17.0.2:\n    dev: true\n  /left-pad/1.3.0:\n    dev: false\n",
        ] {
            assert_eq!(shown(pnpm(lock).expect("read")), expected, "{lock}");
        }
        let elsewhere = "packages:\n  github.com/a/b/0123abcd:\n    name: b\n    version: 3.1.0\n  c@https://a.site/c.tgz:\n    resolution: {tarball: x}\n";
        assert_eq!(shown(pnpm(elsewhere).expect("read")), ["b 3.1.0", "c "]);
    }

    #[test]
    fn the_file_of_yarn_1_names_its_packages() {
        let lock = "# yarn lockfile v1\n\n\n\"@s/b@^2.0.0\", \"@s/b@2\":\n  version \"2.0.0\"\n  resolved \"https://r/b.tgz\"\n  dependencies:\n    left-pad \"^1.0.0\"\n\nleft-pad@^1.0.0, left-pad@^1.3.0:\n  version \"1.3.0\"\n\n\"own@file:./own\":\n  version \"0.0.0\"\n\n\"other@npm:real@^4.0.0\":\n  version \"4.1.0\"\n";
        assert_eq!(
            shown(yarn(lock).expect("read")),
            ["@s/b 2.0.0", "left-pad 1.3.0", "real 4.1.0"]
        );
    }

    #[test]
    fn the_file_of_later_yarns_names_its_packages_and_not_the_workspace() {
        let lock = "__metadata:\n  version: 8\n\n\"@s/b@npm:^2.0.0, @s/b@npm:2\":\n  version: 2.0.0\n  resolution: \"@s/b@npm:2.0.0\"\n  languageName: node\n  linkType: hard\n\n\"shop@workspace:.\":\n  version: 0.0.0-use.local\n  resolution: \"shop@workspace:.\"\n  languageName: unknown\n  linkType: soft\n\n\"typescript@patch:typescript@^5.0.0\":\n  version: 5.0.4\n  resolution: \"typescript@patch:typescript@npm%3A5.0.4#builtin\"\n  linkType: hard\n";
        assert_eq!(
            shown(yarn(lock).expect("read")),
            ["@s/b 2.0.0", "typescript 5.0.4"]
        );
    }

    #[test]
    fn a_file_that_is_none_is_told() {
        assert!(pnpm("packages: [").is_err());
        assert!(yarn("__metadata:\n  version: [").is_err());
        assert!(yarn("<<<<<<< HEAD\na@1:\n  version \"1.0.0\"\n").is_err());
    }
}
