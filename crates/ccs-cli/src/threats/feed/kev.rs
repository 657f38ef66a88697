//! CISA's catalogue of what is known to be exploited.

use serde_json::Value;

use super::at;
use crate::threats::{Advisory, Affected};

pub(super) fn read(entry: &Value) -> Option<Advisory> {
    let text = |name| at(entry, name).unwrap_or_default();
    Some(Advisory {
        id: at(entry, "/cveID")?.to_owned(),
        exploited: true,
        text: format!(
            "{}: {}",
            text("/vulnerabilityName"),
            text("/shortDescription")
        ),
        affected: vec![Affected {
            vendor: text("/vendorProject").to_owned(),
            product: text("/product").to_owned(),
            ..Affected::default()
        }],
        ..Advisory::default()
    })
}
