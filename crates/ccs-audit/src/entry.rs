//! One entry as data, and its canonical bytes: the only form in which an entry is hashed.
//!
//! ```text
//! "ccs-audit/entry" 0x01                                   domain and version, 16 bytes
//! u64 seq · u64 epoch · i64 time · u64 uptime · i64 step   big-endian, 40 bytes
//! u8 0 | u8 1 + 32 bytes                                   SHA-256 of the input
//! u8 0 | u8 1 + field | u8 2 + field                       details: none, plain, sealed
//! field × 8: session, user, agent, event, tool, decision, target, host
//! u32 n · field × n                                        rules
//! ```
//!
//! A field is a u32 length and that many bytes; text is UTF-8. Nothing may follow.

use crate::bytes::{Reader, Writer};
use crate::hash::Hash;
use crate::time::Time;

const DOMAIN: &[u8; 16] = b"ccs-audit/entry\x01";
/// Bytes up to the first field that is not a number.
const HEAD: usize = DOMAIN.len() + 40;
/// The longest canonical entry, in bytes.
pub(crate) const MAX_BYTES: usize = 64 << 10;
const MAX_NAME: usize = 128;
const MAX_TARGET: usize = 4 << 10;
const MAX_RULES: usize = 32;

/// What is to be remembered. Empty text means that the field has nothing to say.
///
/// Longer text than a field holds is cut and ends in `…`: names at 128 bytes, `target` at 4 KiB,
/// `details` at [`Options::details_limit`](crate::Options::details_limit), 32 rules.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Entry {
    /// When it happened; `None` for now. Only entries of now take part in clock checks.
    pub time: Option<Time>,
    /// The session, by which entries are found and erased together.
    pub session: String,
    /// The person or account.
    pub user: String,
    /// The agent or subagent that acted.
    pub agent: String,
    /// What happened: `pre-tool-use`, `session-start`. Names that start with `audit.` are ours.
    pub event: String,
    /// The tool that was called.
    pub tool: String,
    /// `allow`, `ask`, `deny` or another word of the caller's.
    pub decision: String,
    /// Identifiers of the rules that led to the decision.
    pub rules: Vec<String>,
    /// What it was done to: a path, a host, a command's first word. Not encrypted.
    pub target: String,
    /// SHA-256 of the input as it came, kept instead of the input.
    pub input: Option<Hash>,
    /// Everything else. Encrypted under the session's own key if the log has a
    /// [`DetailsKey`](crate::DetailsKey).
    pub details: String,
    /// The machine; empty for [`Options::host`](crate::Options::host).
    pub host: String,
}

impl Entry {
    /// An entry about `event` that says nothing else yet.
    #[must_use]
    pub fn new(event: &str) -> Self {
        Self {
            event: event.to_owned(),
            ..Self::default()
        }
    }
}

/// An entry as it stands in the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// Its place, counted from 0 over the whole life of the log.
    pub seq: u64,
    /// The epoch whose key sealed it.
    pub epoch: u64,
    /// When it happened.
    pub time: Time,
    /// Microseconds since the machine started; 0 if not known.
    pub uptime_us: u64,
    /// How far the clock was set forward (or back, if negative) since the entry before,
    /// in microseconds; 0 if it was not.
    pub clock_step_us: i64,
    /// As in [`Entry::session`].
    pub session: String,
    /// As in [`Entry::user`].
    pub user: String,
    /// As in [`Entry::agent`].
    pub agent: String,
    /// As in [`Entry::event`].
    pub event: String,
    /// As in [`Entry::tool`].
    pub tool: String,
    /// As in [`Entry::decision`].
    pub decision: String,
    /// As in [`Entry::rules`].
    pub rules: Vec<String>,
    /// As in [`Entry::target`].
    pub target: String,
    /// As in [`Entry::input`].
    pub input: Option<Hash>,
    /// As in [`Entry::details`].
    pub details: Details,
    /// As in [`Entry::host`].
    pub host: String,
}

/// The details of an entry, as far as they can be read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Details {
    /// There are none.
    #[default]
    None,
    /// Readable text.
    Text(String),
    /// Encrypted, and not opened.
    Sealed(Vec<u8>),
    /// Encrypted, and the session's key has been destroyed.
    Erased,
}

/// Bytes that are not a canonical entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a canonical audit entry")]
pub struct Malformed;

/// Reads canonical bytes. Any input returns; what is accepted is exactly what
/// [`Record::to_bytes`] gives back.
///
/// # Errors
///
/// [`Malformed`] if the bytes are not the canonical form of an entry.
pub fn decode(bytes: &[u8]) -> Result<Record, Malformed> {
    View::read(bytes)
        .map(|view| view.to_record())
        .ok_or(Malformed)
}

impl Record {
    /// The canonical bytes. Erased details have none, so that such a record gives back the bytes
    /// of one without details.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let rules: Vec<&str> = self.rules.iter().map(String::as_str).collect();
        let head = Head {
            seq: self.seq,
            epoch: self.epoch,
            time: self.time,
            uptime: self.uptime_us,
            step: self.clock_step_us,
        };
        let details = match &self.details {
            Details::None | Details::Erased => (0, &[][..]),
            Details::Text(text) => (1, text.as_bytes()),
            Details::Sealed(bytes) => (2, &bytes[..]),
        };
        let names = [
            &self.session,
            &self.user,
            &self.agent,
            &self.event,
            &self.tool,
            &self.decision,
            &self.target,
            &self.host,
        ];
        encode(head, self.input, details, names.map(String::as_str), &rules)
    }
}

fn encode(
    head: Head,
    input: Option<Hash>,
    (kind, details): (u8, &[u8]),
    names: [&str; 8],
    rules: &[&str],
) -> Vec<u8> {
    let mut writer = Writer::default().raw(&head.bytes());
    writer = match input {
        None => writer.u8(0),
        Some(hash) => writer.u8(1).raw(hash.as_bytes()),
    };
    writer = writer.u8(kind);
    if kind != 0 {
        writer = writer.field(details);
    }
    for name in names {
        writer = writer.field(name.as_bytes());
    }
    writer = writer.u32(u32::try_from(rules.len()).expect("rules are capped"));
    for rule in rules {
        writer = writer.field(rule.as_bytes());
    }
    writer.done()
}

/// The numbers at the front, which are only known once the log is locked for writing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Head {
    pub(crate) seq: u64,
    pub(crate) epoch: u64,
    pub(crate) time: Time,
    pub(crate) uptime: u64,
    pub(crate) step: i64,
}

impl Head {
    pub(crate) fn read(bytes: &[u8]) -> Option<Self> {
        Self::take(&mut Reader::new(bytes))
    }

    fn take(reader: &mut Reader<'_>) -> Option<Self> {
        (reader.take(DOMAIN.len())? == DOMAIN).then_some(())?;
        Some(Self {
            seq: reader.u64()?,
            epoch: reader.u64()?,
            time: Time(reader.i64()?),
            uptime: reader.u64()?,
            step: reader.i64()?,
        })
    }

    fn bytes(self) -> Vec<u8> {
        Writer::default()
            .raw(DOMAIN)
            .u64(self.seq)
            .u64(self.epoch)
            .i64(self.time.0)
            .u64(self.uptime)
            .i64(self.step)
            .done()
    }

    /// Puts this head in the place of the one `entry` has.
    pub(crate) fn replace(self, entry: &mut [u8]) {
        entry[..HEAD].copy_from_slice(&self.bytes());
    }

    /// How far the clock was set since `before`, beyond what an ordinary drift explains.
    ///
    /// Time and uptime advance together; after a restart uptime is smaller and nothing is said.
    pub(crate) fn step_since(self, before: Self) -> i64 {
        const DRIFT: i64 = 2_000_000;
        if self.uptime == 0 || before.uptime == 0 || self.uptime < before.uptime {
            return 0;
        }
        let awake = i64::try_from(self.uptime - before.uptime).unwrap_or(i64::MAX);
        let step = self
            .time
            .0
            .saturating_sub(before.time.0)
            .saturating_sub(awake);
        if step.saturating_abs() > DRIFT {
            step
        } else {
            0
        }
    }
}

/// An entry ready to be chained: canonical bytes whose head is not final.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Draft(pub(crate) Vec<u8>);

impl Draft {
    /// Encodes an entry whose text is already redacted and whose details are already sealed.
    pub(crate) fn new(entry: &Entry, details: &Details, time: Time, uptime: u64) -> Self {
        let rules: Vec<String> = entry
            .rules
            .iter()
            .take(MAX_RULES)
            .map(|rule| clip(rule, MAX_NAME))
            .collect();
        let [session, user, agent, event, tool, decision] = [
            &entry.session,
            &entry.user,
            &entry.agent,
            &entry.event,
            &entry.tool,
            &entry.decision,
        ]
        .map(|name| clip(name, MAX_NAME));
        let record = Record {
            seq: 0,
            epoch: 0,
            time,
            uptime_us: uptime,
            clock_step_us: 0,
            session,
            user,
            agent,
            event,
            tool,
            decision,
            rules,
            target: clip(&entry.target, MAX_TARGET),
            input: entry.input,
            details: details.clone(),
            host: clip(&entry.host, 255),
        };
        Self(record.to_bytes())
    }

    /// Bytes that came back from the spool.
    pub(crate) fn from_bytes(bytes: Vec<u8>) -> Option<Self> {
        View::read(&bytes)?;
        Some(Self(bytes))
    }
}

/// At most `limit` bytes of `text`; what was cut ends in `…`.
pub(crate) fn clip(text: &str, limit: usize) -> String {
    if text.len() <= limit {
        return text.to_owned();
    }
    let end = (0..=limit.saturating_sub('…'.len_utf8()))
        .rev()
        .find(|&i| text.is_char_boundary(i));
    format!("{}…", &text[..end.unwrap_or(0)])
}

/// An entry read in place, without copying.
#[derive(Clone, Copy)]
pub(crate) struct View<'a> {
    pub(crate) head: Head,
    pub(crate) input: Option<Hash>,
    details: (u8, &'a [u8]),
    /// session, user, agent, event, tool, decision, target, host
    names: [&'a str; 8],
    rules: (u32, Fields<'a>),
}

impl<'a> View<'a> {
    pub(crate) fn read(bytes: &'a [u8]) -> Option<Self> {
        if bytes.len() > MAX_BYTES {
            return None;
        }
        let reader = &mut Reader::new(bytes);
        let head = Head::take(reader)?;
        let input = match reader.u8()? {
            0 => None,
            1 => Some(Hash::new(reader.array()?)),
            _ => return None,
        };
        let details = read_details(reader)?;
        let mut fields = Fields::new(reader.rest());
        let mut names = [""; 8];
        for name in &mut names {
            *name = fields.text()?;
        }
        let rules = (fields.u32()?, fields);
        for _ in 0..rules.0 {
            fields.text()?;
        }
        let view = Self {
            head,
            input,
            details,
            names,
            rules,
        };
        fields.is_done().then_some(view)
    }

    pub(crate) fn session(&self) -> &'a str {
        self.names[0]
    }

    pub(crate) fn user(&self) -> &'a str {
        self.names[1]
    }

    pub(crate) fn agent(&self) -> &'a str {
        self.names[2]
    }

    pub(crate) fn event(&self) -> &'a str {
        self.names[3]
    }

    pub(crate) fn tool(&self) -> &'a str {
        self.names[4]
    }

    pub(crate) fn decision(&self) -> &'a str {
        self.names[5]
    }

    pub(crate) fn target(&self) -> &'a str {
        self.names[6]
    }

    pub(crate) fn host(&self) -> &'a str {
        self.names[7]
    }

    pub(crate) fn rules(&self) -> impl Iterator<Item = &'a str> {
        let (count, mut fields) = self.rules;
        (0..count).map_while(move |_| fields.text())
    }

    pub(crate) fn to_record(self) -> Record {
        let details = match self.details {
            (1, text) => Details::Text(String::from_utf8_lossy(text).into_owned()),
            (2, bytes) => Details::Sealed(bytes.to_vec()),
            _ => Details::None,
        };
        Record {
            seq: self.head.seq,
            epoch: self.head.epoch,
            time: self.head.time,
            uptime_us: self.head.uptime,
            clock_step_us: self.head.step,
            session: self.session().to_owned(),
            user: self.user().to_owned(),
            agent: self.agent().to_owned(),
            event: self.event().to_owned(),
            tool: self.tool().to_owned(),
            decision: self.decision().to_owned(),
            rules: self.rules().map(str::to_owned).collect(),
            target: self.target().to_owned(),
            input: self.input,
            details,
            host: self.host().to_owned(),
        }
    }
}

/// Fields of text, one after the other.
#[derive(Clone, Copy)]
enum Fields<'a> {
    /// Shorter than 128 bytes, a field's length is text as well: then all is looked at once.
    Text(&'a str),
    Bytes(Reader<'a>),
}

impl<'a> Fields<'a> {
    fn new(bytes: &'a [u8]) -> Self {
        std::str::from_utf8(bytes).map_or_else(|_| Self::Bytes(Reader::new(bytes)), Self::Text)
    }

    fn u32(&mut self) -> Option<u32> {
        match self {
            Self::Text(rest) => {
                let (number, after) = rest.as_bytes().split_first_chunk()?;
                *rest = rest.get(rest.len() - after.len()..)?;
                Some(u32::from_be_bytes(*number))
            }
            Self::Bytes(reader) => reader.u32(),
        }
    }

    fn text(&mut self) -> Option<&'a str> {
        if let Self::Bytes(reader) = self {
            return reader.text();
        }
        let length = self.u32()?;
        let Self::Text(rest) = self else { return None };
        let (field, after) = rest.split_at_checked(usize::try_from(length).ok()?)?;
        *rest = after;
        Some(field)
    }

    fn is_done(self) -> bool {
        match self {
            Self::Text(rest) => rest.is_empty(),
            Self::Bytes(reader) => reader.is_done(),
        }
    }
}

fn read_details<'a>(reader: &mut Reader<'a>) -> Option<(u8, &'a [u8])> {
    match reader.u8()? {
        0 => Some((0, &[])),
        1 => Some((1, reader.text()?.as_bytes())),
        2 => Some((2, reader.field()?)),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
