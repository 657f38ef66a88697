//! Syslog (RFC 5424) over TCP with octet counting (RFC 6587).
//!
//! Syslog has no answer: what the receiver's machine has taken in counts as taken. Entries that a
//! receiver loses in a crash after that are lost there; use another way where that matters.

use std::io::Write;
use std::net::{TcpStream, ToSocketAddrs};
use std::time::Duration;

use super::{Refused, Sink};
use crate::alert;
use crate::export;
use crate::read::Stored;

/// Facility 13 of RFC 5424: log audit.
const FACILITY: u8 = 13;
/// The enterprise number that RFC 5612 sets aside for examples; we have none of our own.
const ENTERPRISE: u32 = 32_473;
const TIMEOUT: Duration = Duration::from_secs(10);

/// A receiver of syslog.
pub struct Syslog {
    address: String,
    stream: Option<TcpStream>,
}

impl Syslog {
    /// Will connect to `HOST:PORT` when there is something to send.
    #[must_use]
    pub fn new(address: &str) -> Self {
        let address = address.to_owned();
        Self {
            address,
            stream: None,
        }
    }

    fn connect(&self) -> std::io::Result<TcpStream> {
        let mut last = std::io::Error::other("the name has no address");
        for address in self.address.to_socket_addrs()? {
            match TcpStream::connect_timeout(&address, TIMEOUT) {
                Ok(stream) => {
                    stream.set_write_timeout(Some(TIMEOUT))?;
                    return Ok(stream);
                }
                Err(error) => last = error,
            }
        }
        Err(last)
    }

    fn write(&mut self, bytes: &[u8]) -> std::io::Result<()> {
        let mut stream = match self.stream.take() {
            Some(stream) => stream,
            None => self.connect()?,
        };
        stream.write_all(bytes)?;
        self.stream = Some(stream); // one that failed is not used again
        Ok(())
    }
}

impl Sink for Syslog {
    fn send(&mut self, batch: &[Stored]) -> Result<(), Refused> {
        let mut bytes = Vec::new();
        for stored in batch {
            let message = syslog(stored);
            bytes.extend_from_slice(format!("{} {message}", message.len()).as_bytes());
        }
        self.write(&bytes)
            .map_err(|error| Refused::later(format!("{}: {error}", self.address)))
    }
}

/// One message: the entry's number, session, tool, decision and rules as structured data, and the
/// entry as JSON as its text.
#[must_use]
pub fn syslog(stored: &Stored) -> String {
    let record = &stored.record;
    let severity = match (record.event.as_str(), record.decision.as_str()) {
        (alert::EVENT, _) => 1,
        (_, "deny") => 4,
        (_, "ask") => 5,
        _ => 6,
    };
    let (priority, time) = (FACILITY * 8 + severity, record.time);
    let (host, event) = (header(&record.host, 255), header(&record.event, 32));
    let named = [
        ("seq", &record.seq.to_string()),
        ("session", &record.session),
        ("tool", &record.tool),
        ("decision", &record.decision),
        ("rules", &record.rules.join(" ")),
    ];
    let said = named.iter().filter(|(_, value)| !value.is_empty());
    let data: String = said
        .map(|(name, value)| format!(" {name}=\"{}\"", escaped(value)))
        .collect();
    let text = export::json(stored);
    // the mark before the text says that it is UTF-8
    format!("<{priority}>1 {time} {host} ccs - {event} [ccs@{ENTERPRISE}{data}] \u{feff}{text}")
}

/// A field of the header: printable ASCII, `-` for nothing.
fn header(text: &str, limit: usize) -> String {
    let plain = text.chars().take(limit);
    let plain: String = plain
        .map(|c| if c.is_ascii_graphic() { c } else { '_' })
        .collect();
    if plain.is_empty() {
        "-".to_owned()
    } else {
        plain
    }
}

/// The value of a parameter (RFC 5424 section 6.3.3), without control characters.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '"' | '\\' | ']' => escaped.extend(['\\', c]),
            c if c.is_control() => escaped.push(' '),
            c => escaped.push(c),
        }
    }
    escaped
}
