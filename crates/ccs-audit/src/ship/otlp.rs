//! OpenTelemetry logs over HTTP in JSON: `POST /v1/logs`.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::export;
use crate::read::Stored;

/// The body of an export request: one resource for each host, one log record for each entry.
///
/// The body of a record is the entry as JSON; what people filter by is in attributes as well.
#[must_use]
pub fn otlp(batch: &[Stored]) -> Value {
    let mut hosts: BTreeMap<&str, Vec<Value>> = BTreeMap::new();
    for stored in batch {
        let records = hosts.entry(&stored.record.host).or_default();
        records.push(record(stored));
    }
    let scope = json!({ "name": "ccs-audit", "version": env!("CARGO_PKG_VERSION") });
    let resources: Vec<Value> = hosts
        .into_iter()
        .map(|(host, records)| {
            json!({
                "resource": { "attributes": [text("service.name", "ccs"), text("host.name", host)] },
                "scopeLogs": [{ "scope": scope, "logRecords": records }],
            })
        })
        .collect();
    json!({ "resourceLogs": resources })
}

fn record(stored: &Stored) -> Value {
    let record = &stored.record;
    let (number, severity) = match record.decision.as_str() {
        "deny" => (13, "WARN"),
        "ask" => (10, "INFO2"),
        _ => (9, "INFO"),
    };
    let nanos = (i128::from(record.time.0) * 1_000).max(0).to_string();
    let mut attributes = vec![json!({
        "key": "ccs.seq",
        "value": { "intValue": record.seq.to_string() },
    })];
    let named = [
        ("session.id", &record.session),
        ("user.name", &record.user),
        ("ccs.agent", &record.agent),
        ("ccs.tool", &record.tool),
        ("ccs.decision", &record.decision),
        ("ccs.target", &record.target),
    ];
    let said = named.into_iter().filter(|(_, value)| !value.is_empty());
    attributes.extend(said.map(|(name, value)| text(name, value)));
    if !record.rules.is_empty() {
        let rules = record
            .rules
            .iter()
            .map(|rule| json!({ "stringValue": rule }));
        let values: Vec<Value> = rules.collect();
        attributes
            .push(json!({ "key": "ccs.rules", "value": { "arrayValue": { "values": values } } }));
    }
    json!({
        "timeUnixNano": nanos,
        "observedTimeUnixNano": nanos,
        "severityNumber": number,
        "severityText": severity,
        "eventName": record.event,
        "body": { "stringValue": export::json(stored).to_string() },
        "attributes": attributes,
    })
}

fn text(key: &str, value: &str) -> Value {
    json!({ "key": key, "value": { "stringValue": value } })
}
