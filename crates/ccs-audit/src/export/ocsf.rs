//! The Open Cybersecurity Schema Framework, version 1.5: what security data lakes take in.
//!
//! | entry | class | activity |
//! |---|---|---|
//! | has rules, or was denied or asked about | Detection Finding (2004) | 1 create |
//! | another call of `Bash` or `PowerShell` | Process Activity (1007) | 1 launch |
//! | a changed file | File System Activity (1001) | 1 create, 3 update, 4 delete |
//! | everything else | Base Event (0) | 99 other |
//!
//! Our own fields that the schema has no place for are in `unmapped`.

use serde_json::{Value, json};

use crate::entry::{Details, Record};
use crate::read::Stored;

const VERSION: &str = "1.5.0";

/// One OCSF event, without a newline.
#[must_use]
pub fn ocsf(stored: &Stored) -> Value {
    let record = &stored.record;
    let stopped = matches!(record.decision.as_str(), "deny" | "ask");
    let mut event = if stopped || !record.rules.is_empty() {
        finding(record)
    } else if record.event == crate::change::EVENT {
        file(record)
    } else if matches!(record.tool.as_str(), "Bash" | "PowerShell") {
        process(record)
    } else {
        classified(0, 0, 99)
    };
    event["time"] = json!(record.time.0.div_euclid(1_000)); // milliseconds
    event["message"] = json!(message(record));
    event["metadata"] = json!({
        "version": VERSION,
        "product": { "name": "ccs", "vendor_name": "ccs", "version": env!("CARGO_PKG_VERSION") },
        "uid": format!("{}-{}", record.seq, &stored.leaf.to_string()[..16]),
        "sequence": record.seq,
        "log_name": "ccs-audit",
        "logged_time": record.time.0.div_euclid(1_000),
    });
    event["actor"] = json!({
        "user": { "name": record.user },
        "session": { "uid": record.session },
        "app_name": if record.agent.is_empty() { "claude-code" } else { &record.agent },
    });
    event["device"] = json!({ "hostname": record.host, "type_id": 0 });
    let mut unmapped = super::json(stored);
    for mapped in ["time", "user", "session", "host", "seq"] {
        unmapped.as_object_mut().map(|fields| fields.remove(mapped));
    }
    event["unmapped"] = unmapped;
    event
}

fn classified(category: u32, class: u32, activity: u32) -> Value {
    json!({
        "category_uid": category,
        "class_uid": class,
        "activity_id": activity,
        "type_uid": class * 100 + activity,
        "severity_id": 1,
    })
}

fn finding(record: &Record) -> Value {
    let mut event = classified(2, 2_004, 1);
    let (action, disposition, severity) = match record.decision.as_str() {
        "deny" => (2, 2, 4),  // denied, blocked, high
        "ask" => (99, 99, 3), // other, medium
        _ => (1, 1, 2),       // allowed, low
    };
    event["severity_id"] = json!(severity);
    event["action_id"] = json!(action);
    event["disposition_id"] = json!(disposition);
    event["status_id"] = json!(1);
    event["is_alert"] = json!(record.event == crate::alert::EVENT);
    let title = record
        .rules
        .first()
        .map_or(record.event.as_str(), String::as_str);
    event["finding_info"] = json!({
        "uid": record.seq.to_string(),
        "title": title,
        "types": record.rules,
        "created_time": record.time.0.div_euclid(1_000),
        "analytic": { "name": title, "type_id": 1 },
    });
    event["resources"] = json!([{ "name": record.target, "type": record.tool }]);
    event
}

fn process(record: &Record) -> Value {
    let mut event = classified(1, 1_007, 1);
    event["process"] = json!({ "name": record.target, "cmd_line": record.target });
    event
}

fn file(record: &Record) -> Value {
    let details: Option<Value> = match &record.details {
        Details::Text(text) => serde_json::from_str(text).ok(),
        _ => None,
    };
    let kind = details
        .as_ref()
        .and_then(|details| details["change"].as_str());
    let activity = match kind {
        Some("created") => 1,
        Some("modified") => 3,
        Some("deleted") => 4,
        _ => 99,
    };
    let mut event = classified(1, 1_001, activity);
    let name = record.target.rsplit('/').next();
    event["file"] = json!({ "name": name, "path": record.target, "type_id": 1 });
    event
}

fn message(record: &Record) -> String {
    let parts = [
        &record.event,
        &record.tool,
        &record.decision,
        &record.target,
    ];
    let said: Vec<&str> = parts
        .into_iter()
        .map(String::as_str)
        .filter(|p| !p.is_empty())
        .collect();
    said.join(" ")
}
