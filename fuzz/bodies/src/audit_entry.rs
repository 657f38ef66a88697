//! Any bytes as an entry of the audit log, and any entry as bytes.

use ccs_audit::entry::decode;
use ccs_audit::{Details, Hash, Record, Time};

/// The bytes are read as a canonical entry, and their text as the fields of one.
///
/// # Panics
///
/// If a promise is broken.
pub fn audit_entry(bytes: &[u8]) {
    if let Ok(record) = decode(bytes) {
        assert_eq!(record.to_bytes(), bytes, "one form and no other");
        reads_back(&record);
        no_neighbour_reads(bytes, &record);
    }
    reads_back(&made_of(bytes));
}

fn reads_back(record: &Record) {
    let bytes = record.to_bytes();
    if bytes.len() <= 64 << 10 {
        assert_eq!(decode(&bytes).as_ref(), Ok(record));
    }
}

/// Neither a part nor a continuation of an entry is one.
fn no_neighbour_reads(bytes: &[u8], record: &Record) {
    let longer = [bytes, &[0]].concat();
    assert!(decode(&longer).is_err() && decode(&bytes[..bytes.len() - 1]).is_err());
    let moved = Record {
        tool: format!("{}{}", record.event, record.tool),
        event: String::new(),
        ..record.clone()
    };
    assert!(record.event.is_empty() || moved.to_bytes() != bytes);
}

/// An entry whose fields are the lines of the text and whose numbers are its first bytes.
fn made_of(bytes: &[u8]) -> Record {
    let text = crate::text(bytes);
    let mut lines = text.lines().map(str::to_owned);
    let mut line = || lines.next().unwrap_or_default();
    let number = |from: usize| {
        let mut eight = [0; 8];
        for (to, from) in eight.iter_mut().zip(bytes.iter().skip(from)) {
            *to = *from;
        }
        u64::from_be_bytes(eight)
    };
    let details = match bytes.first().map_or(0, |byte| byte % 3) {
        0 => Details::None,
        1 => Details::Text(line()),
        _ => Details::Sealed(bytes.iter().copied().take(100).collect()),
    };
    Record {
        seq: number(0),
        epoch: number(1),
        time: Time(number(2).cast_signed()),
        uptime_us: number(3),
        clock_step_us: number(4).cast_signed(),
        session: line(),
        user: line(),
        agent: line(),
        event: line(),
        tool: line(),
        decision: line(),
        target: line(),
        host: line(),
        input: bytes
            .get(1)
            .filter(|byte| **byte > 127)
            .map(|_| Hash::of(bytes)),
        details,
        rules: lines.collect(),
    }
}
