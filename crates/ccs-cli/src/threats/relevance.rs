//! Whether a weakness concerns a stack, and why.

use serde::Serialize;

use super::spec::Spec;
use super::{Advisory, Affected, Component, Ecosystem};

/// Why a weakness concerns the stack, the surest first.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(tag = "by", rename_all = "lowercase")]
pub(crate) enum Reason {
    /// A package or product of the stack, in a version that has it.
    Version {
        name: String,
        version: String,
        affected: String,
        from: String,
    },
    /// One whose version is not known, or whose affected versions are not.
    Name {
        name: String,
        affected: String,
        from: String,
    },
    /// A word in its description.
    Keyword { word: String },
}

/// Every reason why the weakness concerns the stack; none if it does not.
pub(crate) fn reasons(advisory: &Advisory, spec: &Spec) -> Vec<Reason> {
    let mut reasons = Vec::new();
    for component in &spec.components {
        let found = advisory
            .affected
            .iter()
            .filter_map(|one| concerns(one, component));
        reasons.extend(found.min());
    }
    reasons.sort();
    reasons.dedup();
    if reasons.is_empty() {
        reasons.extend(keyword(&advisory.text, spec));
    }
    reasons
}

/// The first keyword in a description that has none of the words that take it back.
fn keyword(text: &str, spec: &Spec) -> Option<Reason> {
    let text = text.to_lowercase();
    let word = spec.keywords.iter().find(|word| has_word(&text, word))?;
    let excluded = spec.excluded.iter().any(|word| has_word(&text, word));
    (!excluded).then(|| Reason::Keyword { word: word.clone() })
}

/// Whether the word stands by itself: `java` is not in `javascript`.
fn has_word(text: &str, word: &str) -> bool {
    let edge = |letter: Option<char>| letter.is_none_or(|letter| !letter.is_alphanumeric());
    !word.is_empty()
        && text.match_indices(word).any(|(at, _)| {
            edge(text[..at].chars().next_back()) && edge(text[at + word.len()..].chars().next())
        })
}

fn concerns(affected: &Affected, component: &Component) -> Option<Reason> {
    if !is_named(affected, component) {
        return None;
    }
    let (name, from) = (component.name.clone(), component.from.clone());
    let of = component.ecosystem.or(affected.ecosystem);
    let Some(version) = &component.version else {
        let affected = said(affected);
        return Some(Reason::Name {
            name,
            affected,
            from,
        });
    };
    if affected.ranges.is_empty() && affected.versions.is_empty() && affected.all_but.is_none() {
        let affected = said(affected);
        return Some(Reason::Name {
            name,
            affected,
            from,
        });
    }
    let range = affected
        .ranges
        .iter()
        .find(|range| range.holds(version, of));
    let single = || {
        let mut all = affected.versions.iter();
        all.any(|one| super::version::compare(one, version, of).is_eq())
    };
    let rest = || {
        let but = affected.all_but.as_ref()?;
        (!but.iter().any(|range| range.holds(version, of))).then(|| said(affected))
    };
    let affected = match range {
        Some(range) => range.to_string(),
        None if single() => version.clone(),
        None => rest()?,
    };
    let version = version.clone();
    Some(Reason::Version {
        name,
        version,
        affected,
        from,
    })
}

/// The versions that have it, in words.
fn said(affected: &Affected) -> String {
    if let Some(but) = &affected.all_but
        && affected.ranges.is_empty()
    {
        let but: Vec<String> = but.iter().map(ToString::to_string).collect();
        return format!("all but {}", but.join("; "));
    }
    let ranges = affected.ranges.iter().map(ToString::to_string);
    let all: Vec<String> = ranges.chain(affected.versions.iter().cloned()).collect();
    match all.len() {
        0 => "versions not said".to_owned(),
        1..=6 => all.join("; "),
        more => format!("{}; and {} more", all[..6].join("; "), more - 6),
    }
}

fn is_named(affected: &Affected, component: &Component) -> bool {
    match (component.ecosystem, affected.ecosystem) {
        (Some(ours), Some(theirs)) => {
            ours == theirs && package(&component.name, ours) == package(&affected.product, ours)
        }
        // A product by its name alone: the registry is not said, so the last part must be the same.
        (Some(ours), None) => {
            let last = component.name.rsplit(['/', ':']).next().unwrap_or_default();
            last.len() > 2 && package(last, ours) == package(&affected.product, ours)
        }
        (None, _) => {
            plain(&component.name) == plain(&affected.product)
                && is_vendor(component.vendor.as_deref(), affected)
        }
    }
}

/// Whether the maker is the same, or not said.
fn is_vendor(ours: Option<&str>, affected: &Affected) -> bool {
    let unsaid = ["", "na", "unknown", "unspecified"];
    let theirs = plain(&affected.vendor);
    let ours = plain(ours.unwrap_or_default());
    ours.is_empty()
        || unsaid.contains(&theirs.as_str())
        || theirs.contains(&ours)
        || ours.contains(&theirs)
}

fn package(name: &str, of: Ecosystem) -> String {
    let lower = name.to_lowercase();
    match of {
        Ecosystem::PyPi => lower.replace(['_', '.'], "-"),
        Ecosystem::Cargo => lower.replace('_', "-"),
        _ => lower,
    }
}

/// Letters and digits: `Node.js` is `nodejs`, `linux_kernel` is `Linux Kernel`.
fn plain(name: &str) -> String {
    name.chars()
        .filter(|letter| letter.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::threats::version::{Bound, Range};

    fn package(name: &str, version: Option<&str>) -> Component {
        Component {
            name: name.into(),
            version: version.map(Into::into),
            ecosystem: Some(Ecosystem::PyPi),
            vendor: None,
            priority: None,
            from: "uv.lock".into(),
        }
    }

    fn affected(product: &str, ecosystem: Option<Ecosystem>) -> Affected {
        Affected {
            vendor: "acme".into(),
            product: product.into(),
            ecosystem,
            ranges: vec![Range {
                from: None,
                to: Some(Bound::new("2.0", false)),
            }],
            ..Affected::default()
        }
    }

    fn by(component: &Component, affected: &Affected) -> Option<&'static str> {
        concerns(affected, component).map(|reason| match reason {
            Reason::Version { .. } => "version",
            Reason::Name { .. } => "name",
            Reason::Keyword { .. } => "keyword",
        })
    }

    #[test]
    fn a_version_decides_and_an_unknown_one_is_told_as_such() {
        let of_pypi = affected("Typing_Extensions", Some(Ecosystem::PyPi));
        let ours = |version| package("typing-extensions", version);
        assert_eq!(by(&ours(Some("1.9")), &of_pypi), Some("version"));
        assert_eq!(by(&ours(Some("2.0")), &of_pypi), None);
        assert_eq!(by(&ours(None), &of_pypi), Some("name"));
        let unsaid = Affected {
            ranges: Vec::new(),
            ..of_pypi
        };
        assert_eq!(by(&ours(Some("9")), &unsaid), Some("name"));
    }

    #[test]
    fn a_package_of_another_registry_is_another_package() {
        let ours = package("next", Some("1.0"));
        assert_eq!(by(&ours, &affected("next", Some(Ecosystem::Npm))), None);
        assert_eq!(by(&ours, &affected("next", None)), Some("version"));
        assert_eq!(by(&ours, &affected("next-auth", None)), None);
    }

    #[test]
    fn a_product_is_known_by_its_maker_as_well() {
        let ours = |vendor: &str| Component {
            ecosystem: None,
            vendor: Some(vendor.into()),
            ..package("node.js", None)
        };
        let theirs = Affected {
            vendor: "nodejs".into(),
            ..affected("Node.js", None)
        };
        assert_eq!(by(&ours("nodejs"), &theirs), Some("name"));
        assert_eq!(by(&ours("acme"), &theirs), None);
    }

    #[test]
    fn all_but_the_fixed_ones_are_affected_where_that_is_said() {
        let theirs = Affected {
            ranges: Vec::new(),
            all_but: Some(vec![Range {
                from: Some(Bound::new("3.0", true)),
                to: None,
            }]),
            ..affected("kernel", Some(Ecosystem::PyPi))
        };
        assert_eq!(
            by(&package("kernel", Some("2.9")), &theirs),
            Some("version")
        );
        assert_eq!(by(&package("kernel", Some("3.1")), &theirs), None);
    }

    #[test]
    fn a_keyword_counts_as_a_word_and_unless_another_takes_it_back() {
        let spec = Spec {
            keywords: vec!["java".into(), "redis".into()],
            excluded: vec!["windows".into()],
            ..Spec::default()
        };
        let found = |text: &str| keyword(text, &spec).is_some();
        assert!(found("A flaw in Redis."));
        assert!(!found("A flaw in JavaScript and redisson"));
        assert!(!found("A flaw in Redis for Windows"));
    }
}
