//! `threat_spec_fence` files: what somebody's stack is made of, and which words concern it.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Deserialize;

use super::{Component, Ecosystem};
use crate::exit::{Code, Stop};

/// The longest such file, in bytes.
const MAX_FILE: u64 = 4 << 20;
/// The name such a file usually has.
pub(crate) const NAME: &str = "threat_spec_fence.json";

/// A spec as it is written. Other keys, such as `name` and `description`, are for people.
#[derive(Debug, Deserialize)]
struct Written {
    #[serde(default)]
    stack: BTreeMap<String, Vec<Entry>>,
    #[serde(default)]
    cve_keywords: Vec<String>,
    #[serde(default)]
    exclude_keywords: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Entry {
    /// The name of a package, perhaps with its version: `requests`, `requests==2.31.0`, `ws@8.1.0`.
    Package(String),
    Product {
        #[serde(default)]
        vendor: Option<String>,
        product: String,
        #[serde(default)]
        version: Option<String>,
        #[serde(default)]
        priority: Option<String>,
    },
}

/// What a spec says.
#[derive(Debug, Default)]
pub(crate) struct Spec {
    pub(crate) components: Vec<Component>,
    /// In lower case.
    pub(crate) keywords: Vec<String>,
    /// Words that take back what a keyword found.
    pub(crate) excluded: Vec<String>,
}

impl Spec {
    pub(crate) fn read(path: &Path) -> anyhow::Result<Self> {
        let name = path.display().to_string();
        let length = std::fs::metadata(path)
            .map_err(|error| unread(&name, &error))?
            .len();
        if length > MAX_FILE {
            return Err(refused(&name, "it is too long"));
        }
        let text = std::fs::read(path).map_err(|error| unread(&name, &error))?;
        Self::parse(&text, &name).map_err(|why| refused(&name, &why))
    }

    fn parse(text: &[u8], name: &str) -> Result<Self, String> {
        let written: Written = serde_json::from_slice(text).map_err(|error| error.to_string())?;
        let lower = |words: &[String]| words.iter().map(|word| word.to_lowercase()).collect();
        let mut spec = Self {
            keywords: lower(&written.cve_keywords),
            excluded: lower(&written.exclude_keywords),
            ..Self::default()
        };
        for (kind, entries) in written.stack {
            let ecosystem = ecosystem(&kind);
            for entry in entries {
                spec.components
                    .push(component(entry, ecosystem, &kind, name)?);
            }
        }
        if spec.components.is_empty() && spec.keywords.is_empty() {
            return Err("it has neither a `stack` nor `cve_keywords`".into());
        }
        Ok(spec)
    }

    pub(crate) fn extend(&mut self, other: Self) {
        self.components.extend(other.components);
        self.keywords.extend(other.keywords);
        self.excluded.extend(other.excluded);
    }
}

fn unread(name: &str, error: &std::io::Error) -> anyhow::Error {
    Stop::new(Code::File, format!("cannot read `{name}`: {error}")).into()
}

fn refused(name: &str, why: &str) -> anyhow::Error {
    let stop = Stop::new(Code::Refused, format!("`{name}` is no threat spec: {why}"));
    stop.next("docs/THREATS.md shows one").into()
}

/// `python_packages` and the like hold packages of one registry; other lists hold products.
fn ecosystem(kind: &str) -> Option<Ecosystem> {
    Ecosystem::named(kind.strip_suffix("_packages")?)
}

fn component(
    entry: Entry,
    ecosystem: Option<Ecosystem>,
    kind: &str,
    from: &str,
) -> Result<Component, String> {
    let (name, version, vendor, priority) = match entry {
        Entry::Product {
            vendor,
            product,
            version,
            priority,
        } => (product, version, vendor, priority),
        Entry::Package(text) => {
            let cut = text.find("==").map(|at| (at, 2));
            let cut = cut.or_else(|| text.rfind('@').filter(|&at| at > 0).map(|at| (at, 1)));
            let (name, version) = match cut {
                Some((at, skip)) => (&text[..at], Some(text[at + skip..].trim().to_owned())),
                None => (text.as_str(), None),
            };
            (name.trim().to_owned(), version, None, None)
        }
    };
    if name.is_empty() {
        return Err(format!("an entry of `{kind}` has no name"));
    }
    Ok(Component {
        name,
        version,
        ecosystem,
        vendor,
        priority,
        from: from.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn products_packages_and_words_are_read() {
        let text = br#"{"name":"Shop","version":"1.0.0","stack":{
            "databases":[{"vendor":"postgresql","product":"postgresql","version":"16.2","priority":"critical"}],
            "python_packages":["requests==2.31.0","httpx"],"node_packages":["@scope/ws@8.1.0"]},
            "cve_keywords":["Redis"],"exclude_keywords":["windows"]}"#;
        let spec = Spec::parse(text, "f").expect("a spec");
        let seen: Vec<_> = spec
            .components
            .iter()
            .map(|one| (one.name.as_str(), one.version.as_deref(), one.ecosystem))
            .collect();
        assert_eq!(
            seen,
            [
                ("postgresql", Some("16.2"), None),
                ("@scope/ws", Some("8.1.0"), Some(Ecosystem::Npm)),
                ("requests", Some("2.31.0"), Some(Ecosystem::PyPi)),
                ("httpx", None, Some(Ecosystem::PyPi)),
            ]
        );
        assert_eq!(
            (spec.keywords, spec.excluded),
            (vec!["redis".into()], vec!["windows".into()])
        );
    }

    #[test]
    fn what_is_no_spec_is_refused() {
        for (text, why) in [
            ("", "EOF"),
            ("{}", "neither"),
            ("{\"stack\":{\"x\":[{\"vendor\":\"a\"}]}}", "did not match"),
            ("{\"stack\":{\"x\":[\"\"]}}", "no name"),
        ] {
            let refused = Spec::parse(text.as_bytes(), "f").expect_err(text);
            assert!(refused.contains(why), "{refused}");
        }
    }
}
