//! Records of the Open Source Vulnerability format.

use serde_json::Value;

use super::{at, list};
use crate::threats::severity::Severity;
use crate::threats::version::{Bound, Range};
use crate::threats::{Advisory, Affected, Ecosystem};

pub(super) fn read(record: &Value) -> Option<Advisory> {
    if record
        .get("withdrawn")
        .is_some_and(|since| !since.is_null())
    {
        return None;
    }
    let aliases = list(record, "/aliases").iter().filter_map(Value::as_str);
    let text = at(record, "/summary")
        .into_iter()
        .chain(at(record, "/details"));
    Some(Advisory {
        id: at(record, "/id")?.to_owned(),
        aliases: aliases.map(str::to_owned).collect(),
        severity: severity(record),
        exploited: false,
        text: text.collect::<Vec<_>>().join(" "),
        affected: list(record, "/affected")
            .iter()
            .filter_map(package)
            .collect(),
    })
}

fn severity(record: &Value) -> Option<Severity> {
    let affected = list(record, "/affected");
    let word = at(record, "/database_specific/severity").or_else(|| {
        let mut all = affected.iter();
        all.find_map(|one| at(one, "/database_specific/severity"))
    });
    let own = list(record, "/severity").iter();
    let vectors = own.chain(affected.iter().flat_map(|one| list(one, "/severity")));
    let vectors = vectors.filter_map(|one| at(one, "/score"));
    let of_vectors = vectors.filter_map(Severity::of_vector).max();
    word.and_then(Severity::named).or(of_vectors)
}

fn package(of: &Value) -> Option<Affected> {
    let registry = at(of, "/package/ecosystem")?;
    let mut one = Affected {
        // Where it is no registry, such as `Debian:12`, it says who makes the package.
        vendor: registry.split(':').next().unwrap_or_default().to_owned(),
        product: at(of, "/package/name")?.to_owned(),
        ecosystem: Ecosystem::named(registry),
        ..Affected::default()
    };
    if one.ecosystem.is_some() {
        one.vendor.clear();
    }
    let versions = list(of, "/versions").iter().filter_map(Value::as_str);
    one.versions = versions.map(str::to_owned).collect();
    for range in list(of, "/ranges") {
        if at(range, "/type") != Some("GIT") {
            events(list(range, "/events"), &mut one.ranges);
        }
    }
    Some(one)
}

/// Introduced, and then fixed or last affected; several times over.
fn events(events: &[Value], ranges: &mut Vec<Range>) {
    let mut open: Option<Option<Bound>> = None;
    for event in events {
        if let Some(version) = at(event, "/introduced") {
            open = Some((version != "0").then(|| Bound::new(version, true)));
        }
        let fixed = at(event, "/fixed").map(|version| Bound::new(version, false));
        let last = at(event, "/last_affected").map(|version| Bound::new(version, true));
        if let (Some(from), Some(to)) = (open.clone(), fixed.or(last)) {
            ranges.push(Range { from, to: Some(to) });
            open = None;
        }
    }
    if let Some(from) = open {
        ranges.push(Range { from, to: None });
    }
}
