//! Loki's push format: `POST /loki/api/v1/push`.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::export;
use crate::read::Stored;

/// The body of a push: one stream for each host, event and decision, which have few values; all
/// else is in the line, which is the entry as JSON.
///
/// Lines carry `seq`, so that two entries of one moment stay two, and Loki itself drops a line it
/// has already.
#[must_use]
pub fn loki(batch: &[Stored]) -> Value {
    let mut streams: BTreeMap<[&str; 3], Vec<Value>> = BTreeMap::new();
    for stored in batch {
        let record = &stored.record;
        let labels = [&record.host, &record.event, &record.decision].map(String::as_str);
        let nanos = i128::from(record.time.0) * 1_000;
        let line = export::json(stored).to_string();
        let value = json!([nanos.to_string(), line]);
        streams.entry(labels).or_default().push(value);
    }
    let streams: Vec<Value> = streams
        .into_iter()
        .map(|(labels, values)| json!({ "stream": named(labels), "values": values }))
        .collect();
    json!({ "streams": streams })
}

/// Loki takes an empty label for none.
fn named([host, event, decision]: [&str; 3]) -> Value {
    json!({ "job": "ccs", "host": host, "event": event, "decision": decision })
}
