//! The log of earlier versions, `decisions.jsonl`: it stays where it is, and the audit trail binds
//! it in by its hash, so that what it says cannot be changed any more without a trace.

use std::path::Path;

use ccs_audit::{Entry, Hash, Log};
use serde_json::json;

use crate::files::{self, Links};
use crate::trail::event;

/// The file and the one before it, which is older.
pub(crate) const FILES: [&str; 2] = ["decisions.jsonl.1", "decisions.jsonl"];
/// Twice what the file could grow to.
const MAX_LOG: u64 = 32 << 20;

/// Appends an entry for each file there is. One that cannot be read is named all the same.
pub(crate) fn bind(state: &Path, log: &mut Log) {
    for path in FILES.map(|name| state.join(name)) {
        let (input, details) = match files::read(&path, MAX_LOG, Links::Refuse) {
            Ok(None) => continue,
            Ok(Some(bytes)) => {
                let lines = bytes.split(|&byte| byte == b'\n');
                let lines = lines.filter(|line| !line.is_empty()).count();
                (Some(Hash::of(&bytes)), json!({"lines": lines}))
            }
            Err(error) => (None, json!({"unreadable": error.to_string()})),
        };
        let entry = Entry {
            target: path.display().to_string(),
            input,
            details: details.to_string(),
            ..Entry::new(event::IMPORT)
        };
        // the first entries of a log: whatever keeps them out keeps everything else out as well,
        // and that is told
        let _ = log.append(entry);
    }
}
