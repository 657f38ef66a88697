//! Entries in the forms that other programs read.

use serde_json::{Value, json};

use crate::entry::{Details, Record};
use crate::hash::hex;
use crate::read::Stored;

mod csv;
mod legacy;
mod ocsf;
mod write;

pub use csv::{csv, csv_header};
pub use legacy::{legacy, record_of_six};
pub use ocsf::ocsf;
pub use write::{Format, write};

/// One JSON object with every field, without a newline. Fields that say nothing are left out.
#[must_use]
pub fn json(stored: &Stored) -> Value {
    let record = &stored.record;
    let mut fields = json!({
        "seq": record.seq,
        "time": record.time.to_string(),
        "event": record.event,
        "epoch": record.epoch,
        "leaf": stored.leaf.to_string(),
        "mac": stored.mac.to_string(),
    });
    let mut put = |name: &str, value: Value| {
        let empty = value.as_str() == Some("") || value.as_array().is_some_and(Vec::is_empty);
        if !empty && !value.is_null() {
            fields[name] = value;
        }
    };
    put("session", json!(record.session));
    put("user", json!(record.user));
    put("agent", json!(record.agent));
    put("tool", json!(record.tool));
    put("decision", json!(record.decision));
    put("rules", json!(record.rules));
    put("target", json!(record.target));
    put("host", json!(record.host));
    put(
        "input_sha256",
        json!(record.input.map(|hash| hash.to_string())),
    );
    put("details", details_json(&record.details));
    if record.clock_step_us != 0 {
        put("clock_step_us", json!(record.clock_step_us));
    }
    fields
}

/// Details that are JSON stay JSON; sealed ones are said to be.
fn details_json(details: &Details) -> Value {
    match details {
        Details::None => Value::Null,
        Details::Text(text) => match serde_json::from_str(text) {
            Ok(value @ (Value::Object(_) | Value::Array(_))) => value,
            _ => json!(text),
        },
        Details::Sealed(bytes) => json!({ "sealed": hex(bytes) }),
        Details::Erased => json!({ "erased": true }),
    }
}

fn details_text(record: &Record) -> &str {
    match &record.details {
        Details::None => "",
        Details::Text(text) => text,
        Details::Sealed(_) => "(sealed)",
        Details::Erased => "(erased)",
    }
}

#[cfg(test)]
mod tests;
