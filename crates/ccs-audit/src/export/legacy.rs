//! The forms of earlier programs: the original's chain, and the six fields of its ancestor.

use serde_json::{Value, json};

use super::details_text;
use crate::hash::Hash;
use crate::read::Stored;

/// The original's entry: `id`, `timestamp`, `event_type`, `actor`, `action`, `target`, `details`,
/// `prev_hash`, `entry_hash`. Ids count from 1, and the hashes are this log's tags: `before` is
/// that of the entry before.
#[must_use]
pub fn legacy(stored: &Stored, before: Option<Hash>) -> Value {
    let record = &stored.record;
    let actor = [&record.agent, &record.user, &record.session]
        .into_iter()
        .find(|who| !who.is_empty());
    let action = match (record.tool.as_str(), record.decision.as_str()) {
        ("", decision) => decision.to_owned(),
        (tool, "") => tool.to_owned(),
        (tool, decision) => format!("{tool}:{decision}"),
    };
    json!({
        "id": record.seq + 1,
        "timestamp": record.time.to_string(),
        "event_type": record.event,
        "actor": actor.map_or("", String::as_str),
        "action": action,
        "target": record.target,
        "details": details_text(record),
        "prev_hash": before.unwrap_or_default().to_string(),
        "entry_hash": stored.mac.to_string(),
    })
}

/// The six fields `timestamp`, `user`, `action`, `resource`, `result`, `metadata`.
#[must_use]
pub fn record_of_six(stored: &Stored) -> Value {
    let record = &stored.record;
    json!({
        "timestamp": record.time.to_string(),
        "user": record.user,
        "action": if record.tool.is_empty() { &record.event } else { &record.tool },
        "resource": record.target,
        "result": record.decision,
        "metadata": super::json(stored),
    })
}
