//! CVE records, version 5.

use serde_json::Value;

use super::{at, description, list, nvd};
use crate::threats::severity::Severity;
use crate::threats::version::{Bound, Range};
use crate::threats::{Advisory, Affected, Ecosystem};

pub(super) fn read(record: &Value) -> Option<Advisory> {
    if at(record, "/cveMetadata/state") == Some("REJECTED") {
        return None;
    }
    let numbering = record.pointer("/containers/cna").into_iter();
    let containers: Vec<&Value> = numbering.chain(list(record, "/containers/adp")).collect();
    let affected = containers.iter().flat_map(|one| list(one, "/affected"));
    let metrics = || containers.iter().flat_map(|one| list(one, "/metrics"));
    let texts = containers.first().map(|one| list(one, "/descriptions"));
    Some(Advisory {
        id: at(record, "/cveMetadata/cveId")?.to_owned(),
        severity: metrics().filter_map(severity).max(),
        exploited: metrics().any(|one| at(one, "/other/type") == Some("kev")),
        text: description(texts.unwrap_or_default()),
        affected: affected.flat_map(products).collect(),
        ..Advisory::default()
    })
}

fn severity(metric: &Value) -> Option<Severity> {
    let kinds = ["cvssV4_0", "cvssV3_1", "cvssV3_0"];
    let word = |kind| at(metric, &format!("/{kind}/baseSeverity"));
    kinds.into_iter().find_map(word).and_then(Severity::named)
}

/// The package under the name of its registry and of its maker, and under its CPE names.
fn products(of: &Value) -> Vec<Affected> {
    let text = |name| at(of, name).unwrap_or_default().to_owned();
    let registry = at(of, "/collectionURL").and_then(Ecosystem::at);
    let purl = at(of, "/packageURL").and_then(|url| url.strip_prefix("pkg:"));
    let registry = registry.or_else(|| Ecosystem::named(purl?.split('/').next()?));
    let mut one = Affected {
        vendor: text("/vendor"),
        product: text("/product"),
        ..Affected::default()
    };
    versions(of, &mut one);
    let mut all = Vec::new();
    if let Some(name) = at(of, "/packageName") {
        all.push(Affected {
            product: name.to_owned(),
            ecosystem: registry,
            ..one.clone()
        });
    } else {
        one.ecosystem = registry;
    }
    for cpe in list(of, "/cpes").iter().filter_map(Value::as_str) {
        let named = nvd::of_cpe(cpe).map(|named| Affected {
            vendor: named.vendor,
            product: named.product,
            ..one.clone()
        });
        all.extend(named);
    }
    all.push(one);
    all
}

fn versions(of: &Value, one: &mut Affected) {
    let mut unaffected = Vec::new();
    for entry in list(of, "/versions") {
        // A commit is no version that anything else could be compared with.
        if at(entry, "/versionType") == Some("git") {
            continue;
        }
        let Some(version) = at(entry, "/version") else {
            continue;
        };
        let bound = |name, included| {
            let to = at(entry, name)?;
            Some((to != "*").then(|| Bound::new(to, included)))
        };
        let to = bound("/lessThan", false).or(bound("/lessThanOrEqual", true));
        let open = matches!(version, "0" | "*" | "unspecified" | "n/a" | "-");
        let from = (!open).then(|| Bound::new(version, true));
        let is_affected = at(entry, "/status") == Some("affected");
        match to {
            Some(to) if is_affected => one.ranges.push(Range { from, to }),
            Some(to) => unaffected.push(Range { from, to }),
            None if open && is_affected => one.ranges.push(Range::default()),
            None if open => {}
            None if is_affected => one.versions.push(version.to_owned()),
            None => unaffected.push(Range {
                to: from.clone(),
                from,
            }),
        }
    }
    if at(of, "/defaultStatus") == Some("affected") {
        one.all_but = Some(unaffected);
    }
}
