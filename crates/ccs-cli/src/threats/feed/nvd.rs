//! Records of NVD's API 2.0.

use serde_json::Value;

use super::{at, description, list};
use crate::threats::severity::Severity;
use crate::threats::version::{Bound, Range};
use crate::threats::{Advisory, Affected, Ecosystem};

pub(super) fn read(cve: &Value) -> Option<Advisory> {
    if at(cve, "/vulnStatus") == Some("Rejected") {
        return None;
    }
    let configurations = list(cve, "/configurations").iter();
    let nodes = configurations.flat_map(|one| list(one, "/nodes"));
    let matches = nodes.flat_map(|node| list(node, "/cpeMatch"));
    let affected =
        matches.filter(|one| one.get("vulnerable").and_then(Value::as_bool) != Some(false));
    Some(Advisory {
        id: at(cve, "/id")?.to_owned(),
        severity: severity(cve),
        exploited: at(cve, "/cisaExploitAdd").is_some(),
        text: description(list(cve, "/descriptions")),
        affected: affected.filter_map(product).collect(),
        ..Advisory::default()
    })
}

/// The highest of the newest kind of score.
fn severity(cve: &Value) -> Option<Severity> {
    let kinds = [
        "cvssMetricV40",
        "cvssMetricV31",
        "cvssMetricV30",
        "cvssMetricV2",
    ];
    kinds.into_iter().find_map(|kind| {
        let metrics = list(cve, &format!("/metrics/{kind}")).iter();
        let of = metrics.filter_map(|one| {
            let word = at(one, "/cvssData/baseSeverity").or(at(one, "/baseSeverity"));
            word.and_then(Severity::named)
        });
        of.max()
    })
}

/// A CPE 2.3 name with the range beside it.
fn product(of: &Value) -> Option<Affected> {
    let (parts, mut affected) = name(at(of, "/criteria")?)?;
    let bound = |name, included| at(of, name).map(|version| Bound::new(version, included));
    let range = Range {
        from: bound("/versionStartIncluding", true).or(bound("/versionStartExcluding", false)),
        to: bound("/versionEndIncluding", true).or(bound("/versionEndExcluding", false)),
    };
    if range != Range::default() {
        affected.ranges.push(range);
    } else if let Some(version) = version(&parts) {
        affected.versions.push(version);
    }
    Some(affected)
}

/// The parts of a CPE name, and who makes what. A part may hold an escaped colon.
fn name(cpe: &str) -> Option<(Vec<String>, Affected)> {
    let (mut parts, mut part, mut escaped) = (Vec::new(), String::new(), false);
    for letter in cpe.strip_prefix("cpe:2.3:")?.chars() {
        match letter {
            _ if escaped => {
                part.push(letter);
                escaped = false;
            }
            '\\' => escaped = true,
            ':' => parts.push(std::mem::take(&mut part)),
            _ => part.push(letter),
        }
    }
    parts.push(part);
    let affected = Affected {
        vendor: parts.get(1)?.clone(),
        product: parts.get(2)?.clone(),
        ecosystem: parts.get(8).and_then(|target| Ecosystem::named(target)),
        ..Affected::default()
    };
    Some((parts, affected))
}

/// Its version and update, if it has one.
fn version(parts: &[String]) -> Option<String> {
    let part = |at: usize| {
        parts
            .get(at)
            .filter(|text| !matches!(text.as_str(), "*" | "-" | ""))
    };
    let version = part(3)?;
    Some(part(4).map_or_else(|| version.clone(), |update| format!("{version}-{update}")))
}

/// What a CVE record says in a list of CPE names.
pub(super) fn of_cpe(cpe: &str) -> Option<Affected> {
    name(cpe).map(|(_, affected)| affected)
}
